//! The calls by which an app's developer sets its webhooks: target and subscriptions.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Subscription, Target};
use crate::clock::{Millis, iso};
use crate::portal::errors::{Refusal, unauthenticated};
use crate::state::State;
use crate::wire::{Call, Reply};

impl Subscription {
    fn json(&self) -> Value {
        let mut body = json!({
            "id": self.id.to_string(), "eventType": self.event_type, "active": self.active,
            "createdAt": iso(self.created), "updatedAt": iso(self.updated),
        });
        if let Some(property) = &self.property {
            body["propertyName"] = json!(property);
        }
        if let Some(kind) = &self.object_type {
            body["objectTypeId"] = json!(kind);
        }
        body
    }
}

impl Target {
    fn json(&self) -> Value {
        json!({
            "targetUrl": self.url, "throttling": {"maxConcurrentRequests": self.max_concurrent},
            "createdAt": iso(self.created), "updatedAt": iso(self.updated),
        })
    }
}

impl State {
    /// `/app-webhooks/{version}/{appId}/…` and `/webhooks/v3/{appId}/…`.
    pub(crate) fn webhook_settings(&mut self, call: &Call, at: Millis, correlation: &str) -> Reply {
        let segments = call.segments();
        let [_, version, app, rest @ ..] = segments.as_slice() else {
            return Refusal::not_found().reply(correlation);
        };
        if !matches!(*version, "2026-09" | "2026-03" | "2027-03-beta" | "v3") {
            return Refusal::not_found().reply(correlation);
        }
        let Some(app) = app.parse::<u32>().ok().and_then(|id| self.oauth.apps.get(&id)).cloned() else {
            return Refusal::not_found().reply(correlation);
        };
        let by_key = call.param("hapikey") == Some(app.developer_key.as_str());
        let by_token = call
            .bearer
            .as_deref()
            .and_then(|bearer| self.keys.get(bearer))
            .is_some_and(|token| token.who.app == app.id && token.expires.is_none_or(|end| end > at));
        if !call.replayed && !by_key && !by_token {
            return unauthenticated(correlation);
        }
        self.set_webhooks(call, app.id, rest, at).unwrap_or_else(|refusal| refusal.reply(correlation))
    }

    fn set_webhooks(&mut self, call: &Call, app: u32, rest: &[&str], at: Millis) -> Result<Reply, Refusal> {
        let webhooks = &mut self.webhooks;
        let body = &call.body;
        match (call.method.clone(), rest) {
            (Method::GET, ["settings"]) => {
                let target = webhooks.targets.get(&app).ok_or_else(Refusal::not_found)?;
                Ok(Reply::json(200, target.json()))
            }
            (Method::PUT, ["settings"]) => {
                let url = body["targetUrl"].as_str().ok_or_else(|| Refusal::invalid("targetUrl is required"))?;
                let most = body["throttling"]["maxConcurrentRequests"].as_u64().unwrap_or(10);
                webhooks.set_target(app, url, most, at).map_err(Refusal::invalid)?;
                let target = webhooks.targets.get(&app).ok_or_else(Refusal::not_found)?;
                Ok(Reply::json(200, target.json()).changed())
            }
            (Method::DELETE, ["settings"]) => {
                webhooks.targets.remove(&app);
                Ok(Reply::empty(204).changed())
            }
            (Method::GET, ["subscriptions"]) => {
                let all = webhooks.subscriptions.get(&app);
                let list: Vec<Value> = all.into_iter().flat_map(|all| all.values()).map(Subscription::json).collect();
                Ok(Reply::json(200, json!({"results": list})))
            }
            (Method::POST, ["subscriptions"]) => {
                let made = webhooks.subscribe(app, body, at).map_err(Refusal::invalid)?;
                Ok(Reply::json(201, made.json()).changed())
            }
            (Method::POST, ["subscriptions", "batch", "update"]) => {
                let inputs = body["inputs"].as_array();
                let inputs = inputs.ok_or_else(|| Refusal::bad_json("inputs is missing or not a list"))?;
                let mut results = Vec::new();
                for input in inputs {
                    let id = crate::portal::text(&input["id"]).unwrap_or_default();
                    results.push(switch(webhooks.find(app, &id)?, input, at));
                }
                let body = json!({
                    "status": "COMPLETE", "startedAt": iso(at), "completedAt": iso(at), "results": results,
                });
                Ok(Reply::json(200, body).changed())
            }
            (Method::GET, ["subscriptions", id]) => Ok(Reply::json(200, webhooks.find(app, id)?.json())),
            (Method::PATCH, ["subscriptions", id]) => {
                let shown = switch(webhooks.find(app, id)?, body, at);
                Ok(Reply::json(200, shown).changed())
            }
            (Method::DELETE, ["subscriptions", id]) => {
                let id = webhooks.find(app, id)?.id;
                if let Some(all) = webhooks.subscriptions.get_mut(&app) {
                    all.remove(&id);
                }
                Ok(Reply::empty(204).changed())
            }
            (_, ["settings" | "subscriptions"] | ["subscriptions", _]) => Err(Refusal::wrong_method()),
            _ => Err(Refusal::not_found()),
        }
    }
}

impl super::Webhooks {
    fn find(&mut self, app: u32, id: &str) -> Result<&mut Subscription, Refusal> {
        let number = id.parse::<u64>().map_err(|_| Refusal::not_found())?;
        self.subscriptions.get_mut(&app).and_then(|all| all.get_mut(&number)).ok_or_else(Refusal::not_found)
    }
}

fn switch(subscription: &mut Subscription, body: &Value, at: Millis) -> Value {
    if let Some(active) = body["active"].as_bool() {
        subscription.active = active;
        subscription.updated = at;
    }
    subscription.json()
}
