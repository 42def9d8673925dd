//! The OAuth side: the page where an admin agrees, codes and refresh tokens for access tokens, introspection and revocation.

use evergreen_ports::{Clock, HttpRequest, HttpResponse, Outbound, OutboundError, PortalError};
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::auth::Tokens;
use crate::call::RETRY_429;
use crate::judge::backoff;
use crate::problem;
use crate::versions::{self, part};
use crate::wire::{Refusal, str_of, strings};

/// Tries of a token call.
const TRIES: u32 = 4;

/// An OAuth app of HubSpot's project platform.
#[derive(Clone, Debug)]
pub struct OAuthApp {
    /// Public name of the app.
    pub client_id: String,
    /// Proves that it is the app.
    pub client_secret: SecretString,
    /// Where HubSpot sends the admin back with a code.
    pub redirect_uri: String,
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// The portal has withdrawn its consent: stop, tell the operator, never retry.
    Revoked(PortalError),
    /// The app's id, secret, address, code or scopes are wrong: alert, keep the connection.
    Config(PortalError),
    /// Limits, outage, network; tries are used up, later it may work.
    Transient(PortalError),
}

impl TokenError {
    /// As a failure of the portal.
    #[must_use]
    pub fn into_portal(self) -> PortalError {
        match self {
            TokenError::Revoked(error) | TokenError::Config(error) | TokenError::Transient(error) => error,
        }
    }
}

/// What HubSpot knows about a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Introspection {
    /// False for an expired, revoked or unknown token; then nothing else is told.
    pub active: bool,
    /// The portal.
    pub portal_id: Option<String>,
    /// The app, under whose id its writes appear in history.
    pub app_id: Option<String>,
    /// Who installed it.
    pub user: Option<String>,
    /// What may be done with it.
    pub scopes: Vec<String>,
    /// Seconds until it ends.
    pub expires_in: Option<i64>,
}

/// The page where an admin agrees to what the app wants. `host` is `https://app.hubspot.com`, or that of the portal's region.
#[must_use]
pub fn authorize_url(host: &str, app: &OAuthApp, scopes: &[&str], optional: &[&str], state: &str) -> String {
    let mut url = format!(
        "{}/oauth/authorize?client_id={}&redirect_uri={}&scope={}",
        host.trim_end_matches('/'),
        part(&app.client_id),
        part(&app.redirect_uri),
        part(&scopes.join(" "))
    );
    if !optional.is_empty() {
        url.push_str(&format!("&optional_scope={}", part(&optional.join(" "))));
    }
    if !state.is_empty() {
        url.push_str(&format!("&state={}", part(state)));
    }
    url
}

impl OAuthApp {
    /// Exchanges the code that HubSpot sent the admin back with; `verifier` when the page was opened with a challenge.
    ///
    /// # Errors
    /// A code works once and for a short time only.
    pub async fn exchange(
        &self,
        outbound: &dyn Outbound,
        base_url: &str,
        clock: &dyn Clock,
        code: &str,
        verifier: Option<&str>,
    ) -> Result<Tokens, TokenError> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
        ];
        form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        // A code can be used once: a repetition after a lost answer would only hide why it failed.
        let body = self.ask(outbound, base_url, clock, "", &form, 1).await?;
        tokens(&body, &SecretString::from(String::new()), clock)
    }

    /// Buys a new access token.
    ///
    /// # Errors
    /// [`TokenError::Revoked`] when the portal has uninstalled the app.
    pub async fn refresh_on(
        &self,
        outbound: &dyn Outbound,
        base_url: &str,
        clock: &dyn Clock,
        old: &Tokens,
    ) -> Result<Tokens, TokenError> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", old.refresh.expose_secret())];
        let body = self.ask(outbound, base_url, clock, "", &form, TRIES).await?;
        let mut new = tokens(&body, &old.refresh, clock)?;
        new.portal_id = new.portal_id.or_else(|| old.portal_id.clone());
        if new.scopes.is_empty() {
            new.scopes.clone_from(&old.scopes);
        }
        Ok(new)
    }

    /// What HubSpot knows about a token. `hint` is `access_token` or `refresh_token`.
    ///
    /// # Errors
    /// When HubSpot can not be asked; an unknown token is an answer.
    pub async fn introspect(
        &self,
        outbound: &dyn Outbound,
        base_url: &str,
        clock: &dyn Clock,
        token: &SecretString,
        hint: &str,
    ) -> Result<Introspection, TokenError> {
        let form = [("token", token.expose_secret()), ("token_type_hint", hint)];
        let body = self.ask(outbound, base_url, clock, "/introspect", &form, TRIES).await?;
        let user = str_of(&body["user"]).or_else(|| str_of(&body["user_id"]));
        Ok(Introspection {
            active: body["active"].as_bool().unwrap_or(false),
            portal_id: str_of(&body["hub_id"]),
            app_id: str_of(&body["app_id"]),
            user,
            scopes: strings(&body["scopes"]),
            expires_in: body["expires_in"].as_i64(),
        })
    }

    /// Makes a refresh token worthless. Access tokens already given out live on until they expire.
    ///
    /// # Errors
    /// When HubSpot can not be asked.
    pub async fn revoke(
        &self,
        outbound: &dyn Outbound,
        base_url: &str,
        clock: &dyn Clock,
        refresh: &SecretString,
    ) -> Result<(), TokenError> {
        let form = [("token", refresh.expose_secret()), ("token_type_hint", "refresh_token")];
        self.ask(outbound, base_url, clock, "/revoke", &form, TRIES).await.map(drop)
    }

    async fn ask(
        &self,
        outbound: &dyn Outbound,
        base_url: &str,
        clock: &dyn Clock,
        verb: &str,
        form: &[(&str, &str)],
        tries: u32,
    ) -> Result<Value, TokenError> {
        let path = versions::oauth_token(verb);
        let mut attempt = 1;
        loop {
            let answer = outbound.send(self.request(base_url, &path, form)).await;
            match judge(answer, base_url, &path) {
                Err(TokenError::Transient(_)) if attempt < tries => clock.sleep(backoff(attempt)).await,
                other => return other,
            }
            attempt += 1;
        }
    }

    fn request(&self, base_url: &str, path: &str, form: &[(&str, &str)]) -> HttpRequest {
        let secret = self.client_secret.expose_secret();
        let own = [("client_id", self.client_id.as_str()), ("client_secret", secret)];
        let body: Vec<String> =
            form.iter().chain(&own).map(|(name, value)| format!("{name}={}", part(value))).collect();
        HttpRequest {
            peer: "hubspot".to_owned(),
            method: "POST".to_owned(),
            url: format!("{}{path}", base_url.trim_end_matches('/')),
            query: Vec::new(),
            secret_query: Vec::new(),
            headers: vec![
                ("accept".to_owned(), "application/json".to_owned()),
                ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
                (RETRY_429.0.to_owned(), RETRY_429.1.to_owned()),
            ],
            body: Some(body.join("&").into_bytes()),
            timeout_ms: 30_000,
            repeatable: false,
        }
    }
}

fn tokens(body: &Value, old_refresh: &SecretString, clock: &dyn Clock) -> Result<Tokens, TokenError> {
    let Some(access) = str_of(&body["access_token"]) else {
        return Err(TokenError::Transient(problem::odd("the token endpoint", "the answer has no access_token")));
    };
    let seconds = body["expires_in"].as_i64().unwrap_or(1_800).clamp(1, 86_400);
    Ok(Tokens {
        access: access.into(),
        refresh: str_of(&body["refresh_token"]).map_or_else(|| old_refresh.clone(), Into::into),
        expires_at: clock.now() + SignedDuration::from_secs(seconds),
        portal_id: str_of(&body["hub_id"]),
        scopes: strings(&body["scopes"]),
    })
}

fn judge(answer: Result<HttpResponse, OutboundError>, base_url: &str, path: &str) -> Result<Value, TokenError> {
    let response = match answer {
        Ok(response) => response,
        Err(error @ OutboundError::Forbidden(_)) => {
            return Err(TokenError::Config(problem::no_answer(&error, base_url)));
        }
        Err(error) => return Err(TokenError::Transient(problem::no_answer(&error, base_url))),
    };
    let status = response.status;
    let body = serde_json::from_slice::<Value>(&response.body).unwrap_or(Value::Null);
    if status < 300 {
        return Ok(body);
    }
    let error = str_of(&body["error"]).unwrap_or_default();
    let word = str_of(&body["status"]).unwrap_or_default();
    let mut refusal = Refusal::read(&body);
    if let Some(text) = str_of(&body["error_description"]).filter(|_| refusal.message.is_empty()) {
        refusal.message = text;
    }
    match status {
        423 | 429 | 477 | 500.. => Err(TokenError::Transient(problem::outage(status, &refusal, path))),
        // A code that was used up is a wrong code, not a withdrawn consent.
        _ if error == "invalid_grant" && word != "BAD_AUTH_CODE" || word == "BAD_REFRESH_TOKEN" || word == "BAD_HUB" => {
            Err(TokenError::Revoked(problem::consent_withdrawn(&refusal)))
        }
        _ => Err(TokenError::Config(problem::app_refused(&refusal, &error))),
    }
}
