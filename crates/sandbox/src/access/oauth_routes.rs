//! The OAuth calls: authorise, exchange, refresh, revoke, introspect, with the token endpoint's own error bodies.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};

use super::Who;
use super::keys::{Scopes, Token};
use super::oauth::{ACCESS_MS, CODE_MS, Code, Grant, Refresh, challenge_of};
use crate::clock::Millis;
use crate::portal::errors::{self, Refusal};
use crate::state::State;
use crate::wire::{Call, Reply};

/// The person who installs apps in a sandbox.
const INSTALLER: u32 = 9001;

/// A failure in both vocabularies: RFC 6749's and HubSpot's older one.
fn failure(error: &str, status: &str, message: &str) -> Reply {
    Reply::json(400, json!({"error": error, "error_description": message, "status": status, "message": message}))
        .header("cache-control", "no-store")
}

fn page(status: u16, message: &str) -> Reply {
    Reply::text(status, &format!("<html><body><h1>Authorization failed</h1><p>{message}</p></body></html>"))
        .header("content-type", "text/html; charset=utf-8")
}

impl State {
    /// Everything below `/oauth`.
    pub(crate) fn oauth_call(&mut self, call: &Call, at: Millis, correlation: &str) -> Reply {
        let segments = call.segments();
        let tail: Vec<&str> = match segments.as_slice() {
            ["oauth", "v2", "private-apps", "get", "access-token-info"] => vec!["private-app-info"],
            ["oauth", "authorize"] | ["oauth", _, "authorize"] => vec!["authorize"],
            ["oauth", "2026-09" | "2026-03" | "2027-03-beta" | "v1" | "v3", tail @ ..] => tail.to_vec(),
            _ => return Refusal::not_found().reply(correlation),
        };
        match (call.method.clone(), tail.as_slice()) {
            (Method::GET, ["authorize"]) => self.authorize(call, at),
            (Method::POST, ["private-app-info"]) => self.private_app_info(call, at, correlation),
            (Method::POST, ["token"]) => self.token(call, at),
            (Method::POST, ["token", "introspect"]) => self.introspect(call, at),
            (Method::POST, ["token", "revoke"]) => {
                if let Some(refusal) = self.refuse_client(call) {
                    return refusal;
                }
                let token = field(call, "token").to_owned();
                self.revoke(&token);
                Reply::json(200, json!({})).changed()
            }
            (Method::GET, ["access-tokens", token]) => match self.access_info(token, at) {
                Some(info) => Reply::json(200, info),
                None => Refusal::new(404, "OBJECT_NOT_FOUND", "the token is unknown or expired").reply(correlation),
            },
            (Method::GET, ["refresh-tokens", token]) => match self.refresh_info(token) {
                Some(info) => Reply::json(200, info),
                None => Refusal::new(404, "OBJECT_NOT_FOUND", "the token is unknown or revoked").reply(correlation),
            },
            (Method::DELETE, ["refresh-tokens", token]) => {
                self.revoke(token);
                Reply::empty(204).changed()
            }
            (_, ["authorize" | "private-app-info" | "token"] | ["token", "introspect" | "revoke"]) => {
                Refusal::wrong_method().reply(correlation)
            }
            _ => Refusal::not_found().reply(correlation),
        }
    }

    /// The installing person agrees at once and is sent back with a code.
    fn authorize(&mut self, call: &Call, at: Millis) -> Reply {
        let param = |name: &str| call.filled(name).unwrap_or_default();
        let Some(app) = self.oauth.by_client(param("client_id")).cloned() else {
            return page(400, "The client_id is missing or unknown.");
        };
        let Some(mut back) = url::Url::parse(param("redirect_uri")).ok().filter(|uri| {
            app.redirect_uris.is_empty()
                || app.redirect_uris.iter().any(|one| one == param("redirect_uri")) && uri.has_host()
        }) else {
            return page(400, "The redirect_uri is missing or not one of the app's.");
        };
        let asked: BTreeSet<String> = param("scope").split_whitespace().map(str::to_owned).collect();
        if let Some(missing) = app.required_scopes.iter().find(|scope| !asked.contains(*scope)) {
            return page(
                400,
                &format!("The scope parameter must name every required scope of the app: {missing} is missing."),
            );
        }
        let portal = call.filled("portal").and_then(|text| text.parse().ok()).unwrap_or(errors::PORTAL_ID);
        if !self.has_portal(portal) {
            return page(400, "There is no such account.");
        }
        let optional = param("optional_scope").split_whitespace().map(str::to_owned);
        let grant = Grant {
            who: Who { portal, app: app.id },
            user: INSTALLER,
            scopes: asked.into_iter().chain(optional).collect::<BTreeSet<_>>().into_iter().collect(),
        };
        let code = self.oauth.secret("code");
        let challenge = call.filled("code_challenge").map(str::to_owned);
        self.oauth.codes.insert(
            code.clone(),
            Code {
                grant,
                redirect_uri: param("redirect_uri").to_owned(),
                expires: at + CODE_MS,
                hashed: call.param("code_challenge_method") == Some("S256"),
                challenge,
            },
        );
        back.query_pairs_mut().append_pair("code", &code);
        if let Some(state) = call.param("state") {
            back.query_pairs_mut().append_pair("state", state);
        }
        Reply::empty(302).header("location", back.to_string()).changed()
    }

    /// Checks who asks; none when all is well.
    fn refuse_client(&self, call: &Call) -> Option<Reply> {
        let Some(app) = self.oauth.by_client(field(call, "client_id")) else {
            return Some(failure("invalid_client", "BAD_CLIENT_ID", "missing or invalid client id"));
        };
        if app.client_secret != field(call, "client_secret") {
            return Some(failure("invalid_client", "BAD_CLIENT_SECRET", "missing or invalid client secret"));
        }
        None
    }

    fn token(&mut self, call: &Call, at: Millis) -> Reply {
        if !call.body.is_object() {
            return failure("invalid_request", "BAD_REQUEST", "the body must be application/x-www-form-urlencoded");
        }
        let grant_type = field(call, "grant_type");
        if !matches!(grant_type, "authorization_code" | "refresh_token" | "client_credentials") {
            return failure("unsupported_grant_type", "BAD_GRANT_TYPE", "missing or unknown grant type");
        }
        if let Some(refusal) = self.refuse_client(call) {
            return refusal;
        }
        let Some(app) = self.oauth.by_client(field(call, "client_id")).map(|app| app.id) else {
            return failure("invalid_client", "BAD_CLIENT_ID", "missing or invalid client id");
        };
        match grant_type {
            "authorization_code" => self.exchange(call, app, at),
            "refresh_token" => self.refresh(call, app, at),
            _ => self.for_the_app_itself(call, app, at),
        }
    }

    fn exchange(&mut self, call: &Call, app: u32, at: Millis) -> Reply {
        let bad_code = || failure("invalid_grant", "BAD_AUTH_CODE", "missing or invalid auth code");
        let Some(code) = self.oauth.codes.get(field(call, "code")).cloned() else {
            return bad_code();
        };
        if code.grant.who.app != app || code.expires <= at {
            return bad_code();
        }
        if code.redirect_uri != field(call, "redirect_uri") {
            return failure("invalid_grant", "BAD_REDIRECT_URI", "missing or invalid redirect uri");
        }
        if let Some(challenge) = &code.challenge {
            let verifier = field(call, "code_verifier");
            let answer = if code.hashed { challenge_of(verifier) } else { verifier.to_owned() };
            if &answer != challenge {
                return failure("invalid_grant", "BAD_CODE_VERIFIER", "missing or invalid code verifier");
            }
        }
        self.oauth.codes.remove(field(call, "code"));
        let refresh = self.oauth.secret("refresh");
        self.oauth.refreshes.insert(refresh.clone(), Refresh { grant: code.grant.clone(), revoked: false });
        self.issue(&code.grant, Some(refresh), at)
    }

    fn refresh(&mut self, call: &Call, app: u32, at: Millis) -> Reply {
        let token = field(call, "refresh_token").to_owned();
        let Some(refresh) = self.oauth.refreshes.get(&token).cloned() else {
            if self.oauth_uninstalled.contains(&token) {
                return failure("access_denied", "BAD_HUB", "missing or unknown hub id");
            }
            return bad_refresh();
        };
        if refresh.revoked || refresh.grant.who.app != app {
            return bad_refresh();
        }
        self.issue(&refresh.grant, Some(token), at)
    }

    fn for_the_app_itself(&mut self, call: &Call, app: u32, at: Millis) -> Reply {
        let scopes: Vec<String> = field(call, "scope").split_whitespace().map(str::to_owned).collect();
        if scopes.is_empty() {
            return failure("invalid_scope", "BAD_SCOPES", "missing or invalid scopes");
        }
        let grant = Grant { who: Who { portal: errors::PORTAL_ID, app }, user: 0, scopes };
        self.issue(&grant, None, at)
    }

    fn issue(&mut self, grant: &Grant, refresh: Option<String>, at: Millis) -> Reply {
        let access = self.oauth.secret("access");
        let marketplace = self.oauth.apps.get(&grant.who.app).is_none_or(|app| !app.private);
        self.keys.add(
            access.clone(),
            Token {
                who: grant.who,
                scopes: Scopes::Only(grant.scopes.iter().cloned().collect()),
                user: grant.user,
                marketplace,
                expires: Some(at + ACCESS_MS),
            },
        );
        let mut body = json!({
            "token_type": "bearer", "access_token": access, "expires_in": ACCESS_MS / 1000,
            "hub_id": grant.who.portal, "scopes": grant.scopes,
            "token_use": if refresh.is_some() { "access_token" } else { "client_credentials" },
        });
        if let Some(refresh) = refresh {
            body["refresh_token"] = json!(refresh);
            body["user_id"] = json!(grant.user);
        }
        Reply::json(200, body).header("cache-control", "no-store").changed()
    }

    /// Access tokens already issued stay good until they end.
    fn revoke(&mut self, token: &str) {
        if let Some(refresh) = self.oauth.refreshes.get_mut(token) {
            refresh.revoked = true;
        }
    }

    fn introspect(&self, call: &Call, at: Millis) -> Reply {
        if let Some(refusal) = self.refuse_client(call) {
            return refusal;
        }
        let token = field(call, "token");
        let client = field(call, "client_id");
        let mine = |info: &Value| info["client_id"] == client;
        let info = self.access_info(token, at).or_else(|| self.refresh_info(token)).filter(mine);
        Reply::json(200, info.unwrap_or_else(|| json!({"active": false})))
    }

    fn access_info(&self, token: &str, at: Millis) -> Option<Value> {
        let known = self.keys.get(token)?;
        let expires = known.expires.filter(|expires| *expires > at)?;
        let app = self.oauth.apps.get(&known.who.app)?;
        let scopes = known.scopes.list();
        Some(json!({
            "active": true, "token_use": "access_token", "token_type": "access", "token": token,
            "client_id": app.client_id, "app_id": app.id, "hub_id": known.who.portal,
            "hub_domain": format!("sandbox-{}.example", known.who.portal),
            "user": format!("user{}@ourfirm.example", known.user), "user_id": known.user,
            "scopes": scopes, "expires_in": (expires - at) / 1000, "is_private_distribution": app.private,
            "signed_access_token": {
                "appId": app.id, "appInstallId": format!("{}-{}", app.id, known.who.portal), "audience": "public",
                "expiresAt": expires, "hubId": known.who.portal, "hublet": "na1", "installingUserId": known.user,
                "isPrivateDistribution": app.private, "isServiceAccount": false, "isUserLevel": false,
                "newSignature": "", "scopeToScopeGroupPks": "", "scopes": scopes.join(" "), "signature": "",
                "trialScopeToScopeGroupPks": "", "trialScopes": "", "userId": known.user,
            },
        }))
    }

    fn refresh_info(&self, token: &str) -> Option<Value> {
        let refresh = self.oauth.refreshes.get(token).filter(|refresh| !refresh.revoked)?;
        let app = self.oauth.apps.get(&refresh.grant.who.app)?;
        Some(json!({
            "active": true, "token_use": "refresh_token", "token_type": "refresh", "token": token,
            "client_id": app.client_id, "app_id": app.id, "hub_id": refresh.grant.who.portal,
            "hub_domain": format!("sandbox-{}.example", refresh.grant.who.portal),
            "user": format!("user{}@ourfirm.example", refresh.grant.user), "user_id": refresh.grant.user,
            "scopes": refresh.grant.scopes,
        }))
    }

    /// What a private app's key is and may do.
    fn private_app_info(&self, call: &Call, at: Millis, correlation: &str) -> Reply {
        let asked = call.body["tokenKey"].as_str().or(call.bearer.as_deref()).unwrap_or_default();
        match self.keys.get(asked).filter(|token| token.expires.is_none_or(|end| end > at)) {
            Some(token) => Reply::json(
                200,
                json!({
                    "userId": token.user, "hubId": token.who.portal, "appId": token.who.app,
                    "scopes": token.scopes.list(),
                }),
            ),
            None => errors::unauthenticated(correlation),
        }
    }

    /// The portal's administrators removed the app.
    pub(crate) fn uninstall(&mut self, who: Who) -> Reply {
        let gone: Vec<String> = self
            .oauth
            .refreshes
            .iter()
            .filter(|(_, refresh)| refresh.grant.who == who)
            .map(|(token, _)| token.clone())
            .collect();
        self.oauth_uninstalled.extend(gone);
        self.oauth.uninstall(who);
        self.keys.uninstall(who);
        Reply::empty(204).changed()
    }
}

fn bad_refresh() -> Reply {
    failure("invalid_grant", "BAD_REFRESH_TOKEN", "refresh token is invalid, expired or revoked")
}

/// A form field; the older client library puts some of them into the query.
fn field<'a>(call: &'a Call, name: &str) -> &'a str {
    call.body[name].as_str().or_else(|| call.param(name)).unwrap_or_default()
}
