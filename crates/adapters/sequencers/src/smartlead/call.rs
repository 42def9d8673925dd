//! One call to Smartlead: the key as a secret query parameter, and its many shapes of failure.

use std::sync::Arc;

use evergreen_ports::{HttpRequest, Outbound, OutboundError, SequencerError};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{problem, wire};

/// Adding 400 leads takes Smartlead some seconds.
const TIMEOUT_MS: u64 = 60_000;

/// Sends calls to one account. Pace and retry belong to the way out, under the peer name `smartlead`.
pub(super) struct Line {
    pub outbound: Arc<dyn Outbound>,
    pub base_url: String,
    pub key: SecretString,
}

/// An answer that is not a failure of Smartlead as a whole.
pub(super) enum Reply {
    /// 2xx with its body; `null` when there is none.
    Ok(Value),
    /// 4xx about what was asked: status and Smartlead's sentence.
    Refused(u16, String),
}

/// What became of a call that may not be repeated blindly.
pub(super) enum Sent {
    /// It was answered.
    Answered(Reply),
    /// The answer was lost; the work may have been done.
    Lost(OutboundError),
}

impl Line {
    pub(super) async fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Reply, SequencerError> {
        match self.outbound.send(self.request("GET", path, query, None)).await {
            Ok(response) => judge(response.status, &response.body),
            Err(error) => Err(problem::no_answer(&error)),
        }
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Sent, SequencerError> {
        match self.outbound.send(self.request("POST", path, &[], Some(body))).await {
            Ok(response) if matches!(response.status, 502..=504) => {
                Ok(Sent::Lost(OutboundError::Broken(format!("status {}", response.status))))
            }
            Ok(response) => judge(response.status, &response.body).map(Sent::Answered),
            Err(error @ (OutboundError::Timeout(_) | OutboundError::Broken(_))) => Ok(Sent::Lost(error)),
            Err(error) => Err(problem::no_answer(&error)),
        }
    }

    fn request(&self, method: &str, path: &str, query: &[(&str, String)], body: Option<&Value>) -> HttpRequest {
        let mut parameters = vec![("api_key".to_owned(), self.key.expose_secret().to_owned())];
        parameters.extend(query.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let mut headers = vec![("accept".to_owned(), "application/json".to_owned())];
        if body.is_some() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        HttpRequest {
            peer: "smartlead".to_owned(),
            method: method.to_owned(),
            url: format!("{}{path}", self.base_url),
            query: parameters,
            secret_query: vec!["api_key".to_owned()],
            headers,
            body: body.map(|body| body.to_string().into_bytes()),
            timeout_ms: TIMEOUT_MS,
            repeatable: body.is_none(),
        }
    }
}

fn judge(status: u16, bytes: &[u8]) -> Result<Reply, SequencerError> {
    let body = serde_json::from_slice::<Value>(bytes);
    let message = body.as_ref().ok().and_then(wire::message).unwrap_or_else(|| excerpt(bytes));
    match (status, body) {
        (401, _) => Err(problem::wrong_key(&message)),
        (429, _) => Err(problem::too_fast(&message)),
        (500.., _) => Err(problem::outage(status, &message)),
        (400..=499, _) => Ok(Reply::Refused(status, message)),
        (_, Ok(body)) if body["ok"] == Value::Bool(false) => Ok(Reply::Refused(status, message)),
        (_, Ok(body)) => Ok(Reply::Ok(body)),
        (_, Err(_)) if bytes.iter().all(u8::is_ascii_whitespace) => Ok(Reply::Ok(Value::Null)),
        (_, Err(_)) => Err(problem::refused(status, &message, "a call")),
    }
}

fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let short: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect();
    if short.is_empty() { "nothing".to_owned() } else { short }
}
