//! One request and one answer in the sandbox's own words, so that a live call and a replayed one run the same code.

use std::sync::OnceLock;
use std::time::Instant;

use axum::http::{HeaderMap, Method};
use serde_json::{Map, Value};

use crate::access::Who;
use crate::multipart;

/// A request after its bytes were read.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub method: Method,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub body: Value,
    /// The body was not JSON; what the parser said.
    pub body_problem: Option<String>,
    pub idempotency_key: Option<String>,
    pub bearer: Option<String>,
    pub api_key: Option<String>,
    /// True while the journal is read back: nobody waits, nothing is limited or refused for its key.
    pub replayed: bool,
    /// When the request was here; the limiter judges by it.
    pub arrived: Instant,
    /// Whose call it is, once that was found out.
    pub who: OnceLock<Who>,
}

impl Call {
    pub(crate) fn read(method: Method, path: String, query: Option<&str>, headers: &HeaderMap, body: &[u8]) -> Call {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let kind = text("content-type").unwrap_or_default();
        let (body, body_problem) = if body.iter().all(u8::is_ascii_whitespace) {
            (Value::Null, None)
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            let fields: Map<String, Value> = pairs(&String::from_utf8_lossy(body))
                .into_iter()
                .map(|(name, value)| (name, Value::String(value)))
                .collect();
            (Value::Object(fields), None)
        } else if let Some(boundary) = multipart::boundary(&kind) {
            (multipart::read(&boundary, body), None)
        } else {
            match serde_json::from_slice(body) {
                Ok(value) => (value, None),
                Err(problem) => (Value::Null, Some(problem.to_string())),
            }
        };
        let query = pairs(query.unwrap_or_default());
        let api_key = text("x-api-key")
            .or_else(|| query.iter().find(|(name, _)| name == "api_key").map(|(_, value)| value.clone()));
        Call {
            method,
            path: decoded(&path),
            query,
            body,
            body_problem,
            idempotency_key: text("idempotency-key"),
            bearer: text("authorization").and_then(|value| {
                value
                    .strip_prefix("Bearer ")
                    .or_else(|| value.strip_prefix("bearer "))
                    .map(|token| token.trim().to_owned())
            }),
            api_key,
            replayed: false,
            arrived: Instant::now(),
            who: OnceLock::new(),
        }
    }

    /// The first query value of that name.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first query value of that name that says something.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.param(name).map(str::trim).filter(|v| !v.is_empty())
    }

    /// All values of a list parameter: repeated and comma-separated forms both work.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        self.query
            .iter()
            .filter(|(key, _)| key == name)
            .flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .collect()
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.param(name) == Some("true")
    }

    /// Path segments without the empty ones, so that trailing slashes do not matter.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|part| !part.is_empty()).collect()
    }
}

/// Undoes percent-encoding in a path; an encoded slash stays as it is, because it divides nothing.
fn decoded(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%').then(|| path.get(at + 1..at + 3)).flatten();
        let code = code.filter(|code| code.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|byte| *byte != b'/') {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| path.to_owned())
}

/// Decodes a query string.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// The body of an answer.
#[derive(Debug, Clone)]
pub(crate) enum Payload {
    Empty,
    Json(Value),
    Text(String),
}

/// An answer before its bytes are written.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub payload: Payload,
    /// Something that must survive a crash was changed: the call goes to the journal first.
    pub changed: bool,
}

impl Reply {
    pub(crate) fn json(status: u16, body: Value) -> Reply {
        Reply { status, headers: Vec::new(), payload: Payload::Json(body), changed: false }
    }

    pub(crate) fn text(status: u16, body: &str) -> Reply {
        Reply { status, headers: Vec::new(), payload: Payload::Text(body.to_owned()), changed: false }
    }

    pub(crate) fn empty(status: u16) -> Reply {
        Reply { status, headers: Vec::new(), payload: Payload::Empty, changed: false }
    }

    pub(crate) fn changed(mut self) -> Reply {
        self.changed = true;
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Reply {
        self.headers.push((name, value.into()));
        self
    }
}
