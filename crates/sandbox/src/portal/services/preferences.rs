//! Communication preferences: which e-mails each address wants, and whether it wants none at all.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value, json};

use super::super::errors::Refusal;
use super::super::objects::text;
use super::super::record::Kind;
use super::super::{Portal, action};
use super::texts;
use crate::clock::{Millis, iso};
use crate::wire::{Call, Reply};

const BATCH_MAX: usize = 100;

/// A kind of mailing.
#[derive(Debug, Clone)]
struct Definition {
    id: u64,
    name: &'static str,
    description: &'static str,
    purpose: &'static str,
    method: &'static str,
}

#[derive(Debug, Clone)]
struct Choice {
    status: &'static str,
    basis: Option<String>,
    explanation: Option<String>,
    at: Millis,
}

#[derive(Debug, Clone)]
pub(crate) struct Preferences {
    definitions: Vec<Definition>,
    choices: BTreeMap<(String, u64), Choice>,
    /// Addresses that want nothing at all, since when.
    opted_out: BTreeMap<String, Millis>,
    began: Millis,
}

impl Preferences {
    pub(crate) fn new(began: Millis) -> Preferences {
        let definition = |id, name, description, purpose, method| Definition { id, name, description, purpose, method };
        Preferences {
            definitions: vec![
                definition(301, "Marketing Information", "Marketing offers and updates.", "Marketing", "Email"),
                definition(302, "Customer Service Communication", "Feedback requests.", "Service", "Email"),
                definition(303, "One to One", "One to One emails", "Sales", "Email"),
            ],
            choices: BTreeMap::new(),
            opted_out: BTreeMap::new(),
            began,
        }
    }

    fn definition(&self, id: &Value) -> Result<&Definition, Refusal> {
        let shown = text(id).unwrap_or_default();
        self.definitions
            .iter()
            .find(|one| one.id.to_string() == shown)
            .ok_or_else(|| Refusal::invalid(format!("There is no subscription type with id {shown} in this account.")))
    }
}

impl Portal {
    /// Everything below `/communication-preferences/{version}`.
    pub(crate) fn preferences(&mut self, call: &Call, rest: &[&str], at: Millis) -> Result<Reply, Refusal> {
        let decoded: Vec<String> = rest.iter().map(|part| decode(part)).collect();
        let rest: Vec<&str> = decoded.iter().map(String::as_str).collect();
        let verb = |wanted: Method| if call.method == wanted { Ok(()) } else { Err(Refusal::wrong_method()) };
        match (call.method.as_str(), rest.as_slice()) {
            ("GET", ["definitions"]) => Ok(self.mailing_kinds(at)),
            ("GET", ["status", "email", email]) => Ok(self.older_statuses(email)),
            ("POST", [deed @ ("subscribe" | "unsubscribe" | "resubscribe")]) => self.older_change(deed, &call.body, at),
            ("POST", ["links", "generate"]) => links(&call.body),
            ("POST", ["statuses", "batch", tail @ ..]) => self.preferences_batch(call, tail, at),
            ("GET", ["statuses", email]) => {
                channel(call.param("channel"))?;
                let all = self.statuses_of(email);
                Ok(Reply::json(200, action(at, all)))
            }
            ("POST", ["statuses", email]) => {
                let status = self.choose(email, &call.body, at)?;
                Ok(Reply::json(200, action(at, vec![status])).changed())
            }
            ("GET", ["statuses", email, "unsubscribe-all"]) => {
                channel(call.param("channel"))?;
                Ok(Reply::json(200, action(at, vec![self.wide(email)])))
            }
            ("POST", ["statuses", email, "unsubscribe-all"]) => {
                channel(call.param("channel"))?;
                self.opt_out(email, at);
                let shown = if call.flag("verbose") { self.statuses_of(email) } else { Vec::new() };
                Ok(Reply::json(200, action(at, shown)).changed())
            }
            (_, ["definitions"] | ["status", "email", _]) => verb(Method::GET).and(Err(Refusal::not_found())),
            (_, ["statuses", ..] | ["subscribe" | "unsubscribe" | "resubscribe"]) => Err(Refusal::wrong_method()),
            _ => Err(Refusal::not_found()),
        }
    }

    fn preferences_batch(&mut self, call: &Call, tail: &[&str], at: Millis) -> Result<Reply, Refusal> {
        let inputs =
            call.body["inputs"].as_array().ok_or_else(|| Refusal::bad_json("inputs is missing or not a list"))?;
        if inputs.len() > BATCH_MAX {
            return Err(Refusal::too_many(BATCH_MAX));
        }
        let emails = texts(&call.body["inputs"]);
        match tail {
            ["read"] => {
                channel(call.param("channel"))?;
                let results = emails
                    .iter()
                    .map(|email| json!({"subscriberIdString": email, "statuses": self.statuses_of(email)}))
                    .collect();
                Ok(Reply::json(200, action(at, results)))
            }
            ["unsubscribe-all", "read"] => {
                channel(call.param("channel"))?;
                let results = emails
                    .iter()
                    .map(|email| json!({"subscriberIdString": email, "wideStatuses": [self.wide(email)]}))
                    .collect();
                Ok(Reply::json(200, action(at, results)))
            }
            ["unsubscribe-all"] => {
                channel(call.param("channel"))?;
                let mut results = Vec::new();
                for email in &emails {
                    self.opt_out(email, at);
                    let mut one = json!({"subscriberIdString": email});
                    if call.flag("verbose") {
                        one["statuses"] = Value::Array(self.statuses_of(email));
                    }
                    results.push(one);
                }
                Ok(Reply::json(200, action(at, results)).changed())
            }
            ["write"] => {
                let mut results = Vec::new();
                for input in inputs {
                    let email = input["subscriberIdString"].as_str().unwrap_or_default().to_owned();
                    results.push(self.choose(&email, input, at)?);
                }
                Ok(Reply::json(200, action(at, results)).changed())
            }
            _ => Err(Refusal::not_found()),
        }
    }

    fn mailing_kinds(&self, at: Millis) -> Reply {
        let preferences = &self.services.preferences;
        let shown = preferences
            .definitions
            .iter()
            .map(|one| {
                json!({
                    "id": one.id.to_string(), "name": one.name, "description": one.description,
                    "purpose": one.purpose, "communicationMethod": one.method, "isActive": true,
                    "isDefault": one.id == 301, "isInternal": false, "createdAt": iso(preferences.began),
                    "updatedAt": iso(preferences.began),
                })
            })
            .collect();
        Reply::json(200, action(at, shown))
    }

    /// Opted out here, or by the contact's own property.
    fn opted_out(&self, email: &str) -> Option<Millis> {
        let email = email.trim().to_lowercase();
        if let Some(since) = self.services.preferences.opted_out.get(&email) {
            return Some(*since);
        }
        let contacts = self.table(Kind::Contact);
        let record = contacts.live(contacts.by_email(&email)?)?;
        (record.get(contacts.schema.id("hs_email_optout")?)? == "true").then_some(record.updated)
    }

    /// Opts an address out of everything; its contact's `hs_email_optout` follows.
    pub(crate) fn opt_out(&mut self, email: &str, at: Millis) {
        let email = email.trim().to_lowercase();
        self.services.preferences.opted_out.entry(email.clone()).or_insert(at);
        let stamp = self.calling(at);
        let contacts = self.table(Kind::Contact);
        if let (Some(id), Some(prop)) = (contacts.by_email(&email), contacts.schema.id("hs_email_optout")) {
            self.write_value(Kind::Contact, id, prop, "true", stamp);
        }
    }

    fn statuses_of(&self, email: &str) -> Vec<Value> {
        let all = &self.services.preferences.definitions;
        all.iter().map(|one| self.status_of(email, one)).collect()
    }

    fn status_of(&self, email: &str, definition: &Definition) -> Value {
        let preferences = &self.services.preferences;
        let key = (email.trim().to_lowercase(), definition.id);
        let choice = preferences.choices.get(&key);
        let (status, source, at) = match (self.opted_out(email), choice) {
            (Some(since), _) => ("UNSUBSCRIBED", "Unsubscribed from all email", since),
            (None, Some(choice)) => (choice.status, "API", choice.at),
            (None, None) => ("NOT_SPECIFIED", "Not specified", preferences.began),
        };
        let mut shown = json!({
            "channel": "EMAIL", "subscriberIdString": email, "subscriptionId": definition.id,
            "subscriptionName": definition.name, "status": status, "source": source, "timestamp": iso(at),
        });
        if let Some(choice) = choice {
            if let Some(basis) = &choice.basis {
                shown["legalBasis"] = json!(basis);
            }
            if let Some(explanation) = &choice.explanation {
                shown["legalBasisExplanation"] = json!(explanation);
            }
        }
        shown
    }

    fn wide(&self, email: &str) -> Value {
        let out = self.opted_out(email);
        json!({
            "channel": "EMAIL", "subscriberIdString": email, "wideStatusType": "PORTAL_WIDE",
            "status": if out.is_some() { "UNSUBSCRIBED" } else { "NOT_SPECIFIED" },
            "timestamp": iso(out.unwrap_or(self.services.preferences.began)),
        })
    }

    /// Sets one status. Who opted out of everything stays out.
    fn choose(&mut self, email: &str, body: &Value, at: Millis) -> Result<Value, Refusal> {
        channel(body["channel"].as_str())?;
        let definition = self.services.preferences.definition(&body["subscriptionId"])?.clone();
        let status = match body["statusState"].as_str().unwrap_or_default() {
            "SUBSCRIBED" => "SUBSCRIBED",
            "UNSUBSCRIBED" => "UNSUBSCRIBED",
            "NOT_SPECIFIED" => "NOT_SPECIFIED",
            other => return Err(Refusal::invalid(format!("Invalid statusState: {other}"))),
        };
        if !email.contains('@') {
            return Err(Refusal::invalid(format!("Email address {email} is invalid")));
        }
        let before = self.status_of(email, &definition)["status"].clone();
        let reason = if self.opted_out(email).is_some() || before == status {
            "NO_STATUS_CHANGE"
        } else {
            self.keep_choice(email, definition.id, status, body, at);
            if before == "UNSUBSCRIBED" && status == "SUBSCRIBED" {
                "RESUBSCRIBE_OCCURRED"
            } else {
                "REQUESTED_CHANGE_OCCURRED"
            }
        };
        let mut shown = self.status_of(email, &definition);
        shown["setStatusSuccessReason"] = json!(reason);
        Ok(shown)
    }

    fn keep_choice(&mut self, email: &str, subscription: u64, status: &'static str, body: &Value, at: Millis) {
        let choice = Choice {
            status,
            basis: body["legalBasis"].as_str().map(str::to_owned),
            explanation: body["legalBasisExplanation"].as_str().map(str::to_owned),
            at,
        };
        self.services.preferences.choices.insert((email.trim().to_lowercase(), subscription), choice);
    }

    fn older(&self, email: &str, definition: &Definition) -> Value {
        let out = self.opted_out(email).is_some();
        let now = self.status_of(email, definition);
        let mut shown = json!({
            "id": definition.id.to_string(), "name": definition.name, "description": definition.description,
            "status": if now["status"] == "SUBSCRIBED" { "SUBSCRIBED" } else { "NOT_SUBSCRIBED" },
            "sourceOfStatus": if out { "PORTAL_WIDE_STATUS" } else { "SUBSCRIPTION_STATUS" },
        });
        for name in ["legalBasis", "legalBasisExplanation"] {
            if !now[name].is_null() {
                shown[name] = now[name].clone();
            }
        }
        shown
    }

    fn older_statuses(&self, email: &str) -> Reply {
        let all: Vec<Value> = self.services.preferences.definitions.iter().map(|one| self.older(email, one)).collect();
        Reply::json(200, json!({"recipient": email, "subscriptionStatuses": all}))
    }

    fn older_change(&mut self, deed: &str, body: &Value, at: Millis) -> Result<Reply, Refusal> {
        let email = body["emailAddress"]
            .as_str()
            .filter(|email| email.contains('@'))
            .ok_or_else(|| Refusal::invalid("emailAddress is missing or invalid"))?;
        let definition = self.services.preferences.definition(&body["subscriptionId"])?.clone();
        let before = self.status_of(email, &definition)["status"].clone();
        if deed == "subscribe" && before == "UNSUBSCRIBED" {
            return Err(Refusal::invalid(format!(
                "{email} cannot be updated because they have unsubscribed from this subscription type."
            )));
        }
        if deed == "resubscribe" && self.opted_out(email).is_some() {
            return Err(Refusal::invalid(format!("{email} has unsubscribed from all email.")));
        }
        let status = if deed == "unsubscribe" { "UNSUBSCRIBED" } else { "SUBSCRIBED" };
        self.keep_choice(email, definition.id, status, body, at);
        Ok(Reply::json(200, self.older(email, &definition)).changed())
    }
}

fn channel(given: Option<&str>) -> Result<(), Refusal> {
    match given {
        Some("EMAIL") => Ok(()),
        Some(other) => Err(Refusal::invalid(format!("Invalid channel: {other}. Valid values: [EMAIL]"))),
        None => Err(Refusal::invalid("channel is required")),
    }
}

fn links(body: &Value) -> Result<Reply, Refusal> {
    let email =
        body["subscriberIdString"].as_str().ok_or_else(|| Refusal::invalid("subscriberIdString is required"))?;
    let link = |what: &str| {
        let pairs = url::form_urlencoded::Serializer::new(String::new()).append_pair("email", email).finish();
        format!("https://hs-sandbox.example/{what}?{pairs}")
    };
    Ok(Reply::json(
        200,
        json!({
            "subscriberIdString": email, "managePreferencesUrl": link("manage"),
            "unsubscribeAllUrl": link("unsubscribe-all"),
        }),
    ))
}

/// Addresses in paths come percent-encoded.
pub(super) fn decode(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let raw = part.as_bytes();
    let mut at = 0;
    while at < raw.len() {
        let hex = (raw[at] == b'%').then(|| part.get(at + 1..at + 3)).flatten();
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                at += 3;
            }
            None => {
                bytes.push(raw[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
