//! One call to HubSpot: paced, signed, sent, repeated where that is harmless.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use evergreen_ports::{Clock, HttpRequest, Outbound, PortalError};
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::auth::Auth;
use crate::error::Error;
use crate::judge::{self, Next};
use crate::pace::{Class, Lane, Pace};
use crate::problem;
use crate::wire::Refusal;

/// Longest wait for one answer; HubSpot itself gives up after 100 seconds.
const TIMEOUT_MS: u64 = 110_000;
/// Tries per call, the first included. With the waits between them a call is given up after about a minute.
const TRIES: u32 = 7;
/// Tells our own way out not to wait out a 429 itself: only here is the pace of the whole portal known. Never sent.
pub(crate) const RETRY_429: (&str, &str) = ("x-evergreen-retry-429", "no");

/// What all clones of a client share.
pub(crate) struct Line {
    pub outbound: Arc<dyn Outbound>,
    pub base_url: String,
    pub auth: Auth,
    pub pace: Pace,
    pub clock: Arc<dyn Clock>,
    pub calls: AtomicU64,
}

/// An answer that is not a failure of the portal as a whole.
pub(crate) enum Reply {
    /// 2xx with its body; `null` when there is none.
    Ok(Value),
    /// 4xx about what was asked: status and reason.
    Refused(u16, Refusal),
}

/// What is asked.
pub(crate) struct Ask {
    pub method: &'static str,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub body: Option<Value>,
    pub class: Class,
    /// Whether doing it twice is the same as doing it once. False only for creations without an upsert key.
    pub harmless: bool,
}

impl Ask {
    pub(crate) fn new(method: &'static str, path: String) -> Ask {
        Ask { method, path, query: Vec::new(), body: None, class: Class::General, harmless: true }
    }

    pub(crate) fn get(path: String) -> Ask {
        Ask::new("GET", path)
    }

    pub(crate) fn post(path: String, body: Value) -> Ask {
        Ask { body: Some(body), ..Ask::new("POST", path) }
    }

    /// A creation that HubSpot would carry out twice.
    pub(crate) fn creation(path: String, body: Value) -> Ask {
        Ask { harmless: false, ..Ask::post(path, body) }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Ask {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// Several values in one parameter, as HubSpot takes them; nothing when there are none.
    pub(crate) fn with_all(self, name: &str, values: &[String]) -> Ask {
        if values.is_empty() { self } else { self.with(name, values.join(",")) }
    }

    pub(crate) fn with_some(self, name: &str, value: Option<&str>) -> Ask {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(crate) fn in_class(self, class: Class) -> Ask {
        Ask { class, ..self }
    }

    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

impl Line {
    /// Asks, and expects an answer of the kind 2xx.
    pub(crate) async fn expect(&self, lane: Lane, ask: &Ask) -> Result<Value, Error> {
        match self.ask(lane, ask).await? {
            Reply::Ok(body) => Ok(body),
            Reply::Refused(status, refusal) => {
                Err(Error::Refused { status, refusal: Box::new(refusal), call: ask.name() })
            }
        }
    }

    /// Asks; a refusal is an answer.
    pub(crate) async fn ask(&self, lane: Lane, ask: &Ask) -> Result<Reply, Error> {
        let mut renewed = false;
        for attempt in 1.. {
            let bearer = self.auth.bearer(self).await?;
            let leave = self.pace.leave(lane, ask.class).await?;
            self.calls.fetch_add(1, Ordering::Relaxed);
            leave.sent();
            let answer = self.outbound.send(self.request(ask, bearer.expose_secret())).await;
            leave.answered();
            if let Ok(response) = &answer {
                self.pace.learn(leave.class(), response);
            }
            drop(leave);
            match judge::judge(ask, answer, attempt, &self.base_url) {
                Next::Answer(reply) => return Ok(reply),
                Next::Fail(error) => return Err(error),
                Next::Denied(refusal) => {
                    // Once: a 401 is not a sign that a token is merely old, but a revoked one may have a successor.
                    if renewed || !self.auth.renew_after(self, &bearer).await? {
                        return Err(Error::Portal(problem::wrong_token(&refusal)));
                    }
                    renewed = true;
                }
                Next::DayUsedUp(refusal) => {
                    let until = self.pace.day.used_up();
                    return Err(Error::Portal(problem::day_used_up(&refusal, until)));
                }
                Next::Again { or, .. } if attempt >= TRIES => return Err(or),
                Next::Again { wait, hold, or } => {
                    tracing::debug!(
                        attempt,
                        wait_ms = wait.as_millis() as i64,
                        "{} is repeated: {}",
                        ask.name(),
                        PortalError::from(or).problem().what
                    );
                    match hold {
                        Some(policy) => self.pace.hold_for(policy.as_deref(), ask.class, wait),
                        None => self.clock.sleep(wait).await,
                    }
                }
            }
        }
        Err(Error::Portal(problem::odd(&ask.name(), "no try was made")))
    }

    fn request(&self, ask: &Ask, bearer: &str) -> HttpRequest {
        let mut headers = vec![
            ("authorization".to_owned(), format!("Bearer {bearer}")),
            ("accept".to_owned(), "application/json".to_owned()),
            (RETRY_429.0.to_owned(), RETRY_429.1.to_owned()),
        ];
        if ask.body.is_some() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        HttpRequest {
            peer: "hubspot".to_owned(),
            method: ask.method.to_owned(),
            url: format!("{}{}", self.base_url, ask.path),
            query: ask.query.clone(),
            secret_query: Vec::new(),
            headers,
            body: ask.body.as_ref().map(|body| body.to_string().into_bytes()),
            timeout_ms: TIMEOUT_MS,
            // Every repetition must pass the pace, so it is done here and not behind the door.
            repeatable: false,
        }
    }
}
