//! What clients asked and what they were told: kept in order, without secrets, so that a test can prove what was never sent.

use std::collections::VecDeque;

use axum::http::Method;
use serde_json::{Map, Value, json};

use crate::clock::{Millis, iso};
use crate::house::Carried;
use crate::portal::instant;
use crate::wire::{Call, Payload, Reply};

/// How many requests are kept unless a test says otherwise.
const KEEP: usize = 5_000;
/// Texts beyond this many bytes push out the oldest requests, whatever their number.
const BYTES_MAX: usize = 32 * 1024 * 1024;
const PAGE: usize = 100;
const MASK: &str = "***";
/// Names of fields and parameters that carry a secret.
const SECRETS: &[&str] = &[
    "access_token",
    "refresh_token",
    "client_secret",
    "code",
    "code_verifier",
    "token",
    "tokenkey",
    "signed_access_token",
    "api_key",
    "hapikey",
    "password",
    "authorization",
];

#[derive(Debug)]
struct Kept {
    number: u64,
    at: Millis,
    method: String,
    path: String,
    query: String,
    body: String,
    status: u16,
    answer: String,
    who: Option<(u64, u32)>,
    fault: Option<String>,
}

impl Kept {
    fn bytes(&self) -> usize {
        self.path.len() + self.query.len() + self.body.len() + self.answer.len() + 128
    }

    fn json(&self) -> Value {
        // What was JSON is shown as JSON; everything else as the text it was.
        let shown = |text: &str| match text {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
        };
        json!({
            "number": self.number, "at": iso(self.at), "method": self.method, "path": self.path, "query": self.query,
            "body": shown(&self.body), "status": self.status, "answer": shown(&self.answer),
            "portal": self.who.map(|who| who.0), "app_id": self.who.map(|who| who.1), "fault": self.fault,
        })
    }
}

#[derive(Debug)]
pub(crate) struct Requests {
    kept: VecDeque<Kept>,
    keep: usize,
    bytes: usize,
    seen: u64,
}

impl Default for Requests {
    fn default() -> Requests {
        Requests { kept: VecDeque::new(), keep: KEEP, bytes: 0, seen: 0 }
    }
}

impl Requests {
    /// Remembers one call with its answer; the oldest leave when the room is used up.
    pub(crate) fn keep(&mut self, call: &Call, carried: &Carried, at: Millis) {
        self.seen += 1;
        if self.keep == 0 {
            return;
        }
        let query = call.query.iter().map(|(name, value)| {
            let value = if secret(name) { MASK } else { value.as_str() };
            format!("{name}={value}")
        });
        let kept = Kept {
            number: self.seen,
            at,
            method: call.method.to_string(),
            path: masked_path(&call.path),
            query: query.collect::<Vec<_>>().join("&"),
            body: text(&call.body),
            status: carried.reply.status,
            answer: match &carried.reply.payload {
                Payload::Empty => String::new(),
                Payload::Text(text) => text.clone(),
                Payload::Json(value) => text(value),
            },
            who: call.who.get().map(|who| (who.portal, who.app)),
            fault: carried.met.map(|met| format!("{:?}", met.fault)),
        };
        self.bytes += kept.bytes();
        self.kept.push_back(kept);
        self.shrink();
    }

    fn shrink(&mut self) {
        while self.kept.len() > self.keep || (self.bytes > BYTES_MAX && self.kept.len() > 1) {
            let Some(gone) = self.kept.pop_front() else { break };
            self.bytes -= gone.bytes();
        }
    }

    /// `GET` asks, `POST {"keep": n}` sets how many are kept, `DELETE` forgets.
    pub(crate) fn admin(&mut self, call: &Call) -> Reply {
        match call.method {
            Method::GET => self.find(call).unwrap_or_else(|problem| refused(&problem)),
            Method::DELETE => {
                self.kept.clear();
                self.bytes = 0;
                Reply::json(200, json!({"ok": true}))
            }
            Method::POST => match call.body["keep"].as_u64().and_then(|keep| usize::try_from(keep).ok()) {
                Some(keep) => {
                    self.keep = keep;
                    self.shrink();
                    Reply::json(200, json!({"ok": true, "keep": keep}))
                }
                None => refused("keep must be a whole number: how many requests to remember, 0 for none"),
            },
            _ => refused("known: GET requests, POST requests {\"keep\": n}, DELETE requests"),
        }
    }

    fn find(&self, call: &Call) -> Result<Reply, String> {
        const KNOWN: &[&str] =
            &["path", "method", "contains", "answer_contains", "status", "app_id", "since", "after", "limit"];
        if let Some((name, _)) = call.query.iter().find(|(name, _)| !KNOWN.contains(&name.as_str())) {
            return Err(format!("unknown parameter \"{name}\"; known: {}", KNOWN.join(", ")));
        }
        let number = |name: &str| match call.filled(name) {
            Some(text) => text.parse::<u64>().map(Some).map_err(|_| format!("{name} must be a whole number")),
            None => Ok(None),
        };
        let after = number("after")?.unwrap_or(0);
        let limit = number("limit")?.map_or(PAGE, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let (status, app) = (number("status")?, number("app_id")?);
        let since = match call.filled("since") {
            Some(text) => Some(instant(text).ok_or("since must be a time such as 2026-11-23T08:00:00Z")?),
            None => None,
        };
        let fits = |kept: &&Kept| {
            kept.number > after
                && call.filled("path").is_none_or(|part| kept.path.contains(part))
                && call.filled("method").is_none_or(|method| kept.method.eq_ignore_ascii_case(method))
                && call.filled("contains").is_none_or(|part| kept.body.contains(part) || kept.query.contains(part))
                && call.filled("answer_contains").is_none_or(|part| kept.answer.contains(part))
                && status.is_none_or(|status| u64::from(kept.status) == status)
                && app.is_none_or(|app| kept.who.is_some_and(|who| u64::from(who.1) == app))
                && since.is_none_or(|since| kept.at >= since)
        };
        let matched = self.kept.iter().filter(fits).count();
        let results: Vec<&Kept> = self.kept.iter().filter(fits).take(limit).collect();
        let next = results.last().filter(|_| results.len() < matched).map(|last| last.number);
        let forgotten = self.seen - self.kept.len() as u64;
        Ok(Reply::json(
            200,
            json!({
                "seen": self.seen, "kept": self.kept.len(), "forgotten": forgotten, "matched": matched,
                "results": results.iter().map(|kept| kept.json()).collect::<Vec<_>>(), "after": next,
            }),
        ))
    }
}

fn refused(problem: &str) -> Reply {
    Reply::json(400, json!({"ok": false, "message": problem}))
}

fn secret(name: &str) -> bool {
    SECRETS.iter().any(|secret| name.eq_ignore_ascii_case(secret))
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        value if holds_secret(value) => masked(value).to_string(),
        value => value.to_string(),
    }
}

/// A field named `code` or `token` is a secret only where its value is text.
fn holds_secret(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            map.iter().any(|(name, value)| (secret(name) && value.is_string()) || holds_secret(value))
        }
        Value::Array(list) => list.iter().any(holds_secret),
        _ => false,
    }
}

fn masked(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(name, value)| {
                    let value = if secret(name) && value.is_string() { json!(MASK) } else { masked(value) };
                    (name.clone(), value)
                })
                .collect::<Map<String, Value>>(),
        ),
        Value::Array(list) => Value::Array(list.iter().map(masked).collect()),
        other => other.clone(),
    }
}

/// Paths such as `/oauth/v1/access-tokens/{token}` end in a secret.
fn masked_path(path: &str) -> String {
    match path.split_once("-tokens/") {
        Some((before, _)) => format!("{before}-tokens/{MASK}"),
        None => path.to_owned(),
    }
}
