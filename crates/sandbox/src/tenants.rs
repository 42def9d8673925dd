//! Several portals in one sandbox: adding them and their tokens, apps and settings by admin calls.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};

use crate::Tier;
use crate::access::Who;
use crate::access::keys::{Scopes, Token};
use crate::access::oauth::App;
use crate::access::words;
use crate::clock::Millis;
use crate::limiter::Overrides;
use crate::portal::Portal;
use crate::portal::errors::PORTAL_ID;
use crate::portal::services::lag::Lag;
use crate::state::State;
use crate::wire::{Call, Payload, Reply};

impl State {
    pub(crate) fn has_portal(&self, id: u64) -> bool {
        id == PORTAL_ID || self.portals.contains_key(&id)
    }

    pub(crate) fn portal_mut(&mut self, id: u64) -> Option<&mut Portal> {
        if id == PORTAL_ID { Some(&mut self.portal) } else { self.portals.get_mut(&id) }
    }

    /// The admin calls about portals, tokens, apps, index, limits, faults and webhooks. None: somebody else's.
    pub(crate) fn service_admin(&mut self, call: &Call, rest: &[&str], at: Millis) -> Option<Reply> {
        let body = &call.body;
        let done = match (call.method.clone(), rest) {
            (Method::POST, ["portals"]) => self.add_portal(body),
            (Method::GET, ["portals"]) => Ok(self.list_portals()),
            (Method::POST, ["tokens"]) => self.add_token(body, at),
            (Method::DELETE, ["tokens", token]) => Ok(json!({"removed": self.keys.remove(token)})),
            (Method::POST, ["apps"]) => App::read(body).map(|app| {
                let shown = app.json();
                self.oauth.apps.insert(app.id, app);
                shown
            }),
            (Method::GET, ["apps"]) => {
                Ok(json!({"results": self.oauth.apps.values().map(App::json).collect::<Vec<_>>()}))
            }
            (Method::POST, ["index"]) => self.set_index(body),
            (Method::POST, ["limits"]) => self.set_limits(body, at),
            (Method::DELETE, ["faults"]) => {
                self.faults.clear();
                Ok(json!({"ok": true}))
            }
            (Method::POST, ["webhooks"]) => self.webhooks.configure(body, at),
            (Method::GET, ["webhooks"]) => Ok(self.webhooks.report()),
            (Method::POST, ["portal-settings"]) => self.set_portal(body),
            _ => return None,
        };
        Some(match done {
            Ok(body) if call.method == Method::GET => Reply::json(200, body),
            Ok(body) => Reply::json(200, body).changed(),
            Err(problem) => Reply::json(400, json!({"ok": false, "message": problem})),
        })
    }

    fn named(&self, body: &Value) -> Result<u64, String> {
        let id = match &body["portal"] {
            Value::Null => PORTAL_ID,
            given => number(given).ok_or("portal must be a number")?,
        };
        if self.has_portal(id) { Ok(id) } else { Err(format!("there is no portal {id}; add it with POST portals")) }
    }

    fn add_portal(&mut self, body: &Value) -> Result<Value, String> {
        let next = self.portals.keys().next_back().map_or(PORTAL_ID + 1, |last| last + 1);
        let id = number(&body["portal"]).unwrap_or(next);
        if self.has_portal(id) {
            return Err(format!("there is a portal {id} already"));
        }
        let owners = self.owners.clone();
        let mut portal = Portal::new(self.seed ^ id, self.start, owners, Vec::new(), Vec::new())
            .map_err(|problem| problem.to_string())?;
        portal.services.account.id = id;
        portal.services.account.name = format!("Sandbox portal {id}");
        portal.services.account.configure(body)?;
        let tier = match &body["tier"] {
            Value::Null => self.tier,
            given => tier_of(given)?,
        };
        self.limiter.open(id, tier, portal.services.account.zone());
        self.portals.insert(id, portal);
        Ok(json!({"ok": true, "portal": id}))
    }

    fn set_portal(&mut self, body: &Value) -> Result<Value, String> {
        let id = self.named(body)?;
        let portal = self.portal_mut(id).ok_or("there is no such portal")?;
        portal.services.account.configure(body)?;
        let zone = portal.services.account.zone();
        self.limiter.set_zone(id, zone);
        Ok(json!({"ok": true, "portal": id}))
    }

    fn list_portals(&self) -> Value {
        let all: Vec<Value> = std::iter::once(&self.portal)
            .chain(self.portals.values())
            .map(|portal| {
                let (contacts, companies) = portal.counts();
                let account = &portal.services.account;
                json!({
                    "portal": account.id, "name": account.name, "time_zone": account.time_zone,
                    "account_type": account.account_type, "contacts": contacts, "companies": companies,
                })
            })
            .collect();
        json!({"results": all})
    }

    fn add_token(&mut self, body: &Value, at: Millis) -> Result<Value, String> {
        let token = body["token"].as_str().filter(|token| !token.is_empty()).ok_or("token is missing")?.to_owned();
        let portal = self.named(body)?;
        let app = match &body["app_id"] {
            Value::Null => crate::portal::APP_ID as u32,
            given => number(given).and_then(|id| u32::try_from(id).ok()).ok_or("app_id must be a number")?,
        };
        let scopes = match &body["scopes"] {
            Value::Null => Scopes::All,
            Value::String(all) if all == "all" => Scopes::All,
            given => Scopes::Only(words(given).into_iter().collect::<BTreeSet<_>>()),
        };
        self.keys.add(
            token,
            Token {
                who: Who { portal, app },
                scopes,
                user: number(&body["user_id"]).and_then(|id| u32::try_from(id).ok()).unwrap_or(1),
                marketplace: body["marketplace"].as_bool().unwrap_or(false),
                expires: number(&body["expires_in_s"]).map(|s| at + Millis::try_from(s).unwrap_or(0) * 1000),
            },
        );
        Ok(json!({"ok": true, "portal": portal, "app_id": app}))
    }

    fn set_index(&mut self, body: &Value) -> Result<Value, String> {
        let id = self.named(body)?;
        let lag = Lag::read(body)?;
        let portal = self.portal_mut(id).ok_or("there is no such portal")?;
        portal.services.lag = lag;
        Ok(json!({"ok": true, "portal": id}))
    }

    fn set_limits(&mut self, body: &Value, at: Millis) -> Result<Value, String> {
        let id = self.named(body)?;
        let everywhere = body["portal"].is_null();
        if !body["tier"].is_null() {
            let tier = tier_of(&body["tier"])?;
            if everywhere {
                self.tier = tier;
                self.limiter.set_tier(tier);
            } else {
                self.limiter.set_portal_tier(id, tier);
            }
        }
        let count = |name: &str| number(&body[name]).and_then(|n| usize::try_from(n).ok());
        let set = Overrides {
            burst: count("burst"),
            search: count("search"),
            associations: count("associations"),
            daily: number(&body["daily"]),
        };
        let names = ["tier", "burst", "search", "associations", "daily", "daily_used"];
        if names.iter().all(|name| body[*name].is_null()) {
            return Err("tier must be starter, professional, enterprise or unlimited; or set burst, search, associations, daily or daily_used".to_owned());
        }
        if set.any() {
            self.limiter.set_overrides(id, set);
        }
        if let Some(used) = number(&body["daily_used"]) {
            self.limiter.set_used_today(id, used, at);
        }
        Ok(json!({"ok": true}))
    }
}

fn tier_of(value: &Value) -> Result<Tier, String> {
    match value.as_str().unwrap_or_default().to_ascii_lowercase().as_str() {
        "professional" => Ok(Tier::Professional),
        "enterprise" => Ok(Tier::Enterprise),
        "starter" => Ok(Tier::Starter),
        "unlimited" => Ok(Tier::Unlimited),
        _ => Err("tier must be starter, professional, enterprise or unlimited".to_owned()),
    }
}

/// A whole number that came as one or as text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Puts another portal's id where the first portal's stands in an answer.
pub(crate) fn rename(reply: &mut Reply, portal: u64) {
    if let Payload::Json(body) = &mut reply.payload {
        replace(body, &PORTAL_ID.to_string(), &portal.to_string());
    }
}

fn replace(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(text) if text.contains(from) => *text = text.replace(from, to),
        Value::Array(list) => list.iter_mut().for_each(|one| replace(one, from, to)),
        Value::Object(map) => map.values_mut().for_each(|one| replace(one, from, to)),
        _ => {}
    }
}
