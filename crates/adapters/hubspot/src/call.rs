//! One call to HubSpot: paced, sent, repeated where that is harmless, and its failure told apart from a refusal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use evergreen_ports::{Clock, HttpRequest, HttpResponse, Outbound, OutboundError, PortalError};
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::pace::Pace;
use crate::problem;
use crate::wire::Refusal;

/// Longest wait for one answer; HubSpot itself gives up after 100 seconds.
const TIMEOUT_MS: u64 = 60_000;
/// Tries per call, the first included. With the waits below a call is given up after about a minute.
const TRIES: u32 = 7;
/// A longer wait is not waited out but told.
const PATIENCE: SignedDuration = SignedDuration::from_secs(60);
/// Tells our own way out not to wait out a 429 itself: only here is the pace of the whole portal known. Never sent.
const RETRY_429: (&str, &str) = ("x-evergreen-retry-429", "no");

/// Sends calls to one portal.
pub(crate) struct Line {
    pub outbound: Arc<dyn Outbound>,
    pub base_url: String,
    pub token: SecretString,
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
pub(crate) struct Ask<'a> {
    pub method: &'static str,
    pub path: &'a str,
    pub query: Vec<(String, String)>,
    pub body: Option<Value>,
}

impl<'a> Ask<'a> {
    pub(crate) fn get(path: &'a str, query: &[(&str, String)]) -> Ask<'a> {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Ask { method: "GET", path, query, body: None }
    }

    pub(crate) fn post(path: &'a str, body: Value) -> Ask<'a> {
        Ask { method: "POST", path, query: Vec::new(), body: Some(body) }
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// What follows from one try.
enum Next {
    Answer(Reply),
    Fail(PortalError),
    /// Try again after this wait; the second value is the failure if tries are used up.
    Again {
        wait: SignedDuration,
        everybody: bool,
        or: PortalError,
    },
}

impl Line {
    /// Asks, and expects an answer of the kind 2xx.
    pub(crate) async fn expect(&self, ask: &Ask<'_>) -> Result<Value, PortalError> {
        match self.ask(ask).await? {
            Reply::Ok(body) => Ok(body),
            Reply::Refused(status, refusal) => Err(problem::refused(status, &refusal, &ask.name())),
        }
    }

    /// Asks. Everything this client sends may be sent twice: reads, updates by id, upserts on a unique property, links, and
    /// definitions that answer "exists".
    pub(crate) async fn ask(&self, ask: &Ask<'_>) -> Result<Reply, PortalError> {
        for attempt in 1.. {
            self.pace.turn().await;
            self.calls.fetch_add(1, Ordering::Relaxed);
            let answer = self.outbound.send(self.request(ask)).await;
            match self.judge(ask, answer, attempt) {
                Next::Answer(reply) => return Ok(reply),
                Next::Fail(error) => return Err(error),
                Next::Again { or, .. } if attempt >= TRIES => return Err(or),
                Next::Again { wait, everybody, or } => {
                    tracing::debug!(
                        attempt,
                        wait_ms = wait.as_millis() as i64,
                        "{} is repeated: {}",
                        ask.name(),
                        or.problem().what
                    );
                    if everybody {
                        self.pace.hold_for(wait);
                    } else {
                        self.clock.sleep(wait).await;
                    }
                }
            }
        }
        Err(problem::odd(&ask.name(), "no try was made"))
    }

    fn request(&self, ask: &Ask<'_>) -> HttpRequest {
        let mut headers = vec![
            ("authorization".to_owned(), format!("Bearer {}", self.token.expose_secret())),
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

    fn judge(&self, ask: &Ask<'_>, answer: Result<HttpResponse, OutboundError>, attempt: u32) -> Next {
        let response = match answer {
            Ok(response) => response,
            Err(error @ OutboundError::Forbidden(_)) => return Next::Fail(problem::no_answer(&error, &self.base_url)),
            // The way out has tried an unreachable host several times already; asked once more, its breaker would hide why.
            Err(error @ OutboundError::Unreachable(_)) if attempt >= 2 => {
                return Next::Fail(problem::no_answer(&error, &self.base_url));
            }
            Err(error) => return again(backoff(attempt), false, problem::no_answer(&error, &self.base_url)),
        };
        if let Some(limit) = response.header("x-hubspot-ratelimit-max").and_then(|text| text.parse().ok()) {
            self.pace.learn(limit);
        }
        let status = response.status;
        if status == 204 || (status < 300 && response.body.is_empty()) {
            return Next::Answer(Reply::Ok(Value::Null));
        }
        let body = serde_json::from_slice::<Value>(&response.body);
        if status < 300 {
            return match body {
                Ok(body) => Next::Answer(Reply::Ok(body)),
                // JSON that breaks off is a broken connection; anything else is not HubSpot.
                Err(error) if error.is_eof() && attempt < 3 => {
                    again(backoff(attempt), false, problem::odd(&ask.name(), "the answer breaks off"))
                }
                Err(_) => Next::Fail(problem::odd(&ask.name(), format!("status {status} with {}", excerpt(&response)))),
            };
        }
        let refusal = body
            .as_ref()
            .map(Refusal::read)
            .unwrap_or_else(|_| Refusal { message: excerpt(&response), ..Refusal::default() });
        let asked_wait = retry_after(&response);
        match status {
            401 => Next::Fail(problem::wrong_token(&refusal)),
            403 => Next::Fail(problem::missing_scope(&refusal, &ask.name())),
            423 => again(SignedDuration::from_secs(2), false, problem::outage(status, &refusal, &ask.name())),
            429 if refusal.policy.as_deref() == Some("DAILY") => Next::Fail(problem::day_used_up(&refusal)),
            429 => {
                let per_second = refusal.policy.as_deref() == Some("SECONDLY");
                let usual = SignedDuration::from_secs(if per_second {
                    i64::from(attempt)
                } else {
                    (2 * i64::from(attempt)).min(10)
                });
                patient(asked_wait.unwrap_or(usual), true, problem::too_fast(&refusal))
            }
            // A move to another data centre may take a day; HubSpot says how long.
            477 => patient(asked_wait.unwrap_or(PATIENCE), true, problem::outage(status, &refusal, &ask.name())),
            500 | 502..=504 | 521..=526 => {
                patient(asked_wait.unwrap_or(backoff(attempt)), false, problem::outage(status, &refusal, &ask.name()))
            }
            400..=499 if body.is_err() => {
                Next::Fail(problem::odd(&ask.name(), format!("status {status} with {}", excerpt(&response))))
            }
            400..=499 => Next::Answer(Reply::Refused(status, refusal)),
            _ => Next::Fail(problem::odd(&ask.name(), format!("status {status} with {}", excerpt(&response)))),
        }
    }
}

const fn again(wait: SignedDuration, everybody: bool, or: PortalError) -> Next {
    Next::Again { wait, everybody, or }
}

fn patient(wait: SignedDuration, everybody: bool, or: PortalError) -> Next {
    if wait > PATIENCE { Next::Fail(or) } else { again(wait, everybody, or) }
}

/// Half a second, doubled each time, at most 16 seconds.
fn backoff(attempt: u32) -> SignedDuration {
    SignedDuration::from_millis(500 << attempt.saturating_sub(1).min(5))
}

fn retry_after(response: &HttpResponse) -> Option<SignedDuration> {
    let seconds: f64 = response.header("retry-after")?.trim().parse().ok()?;
    Some(SignedDuration::from_millis((seconds.clamp(0.0, 1e7) * 1_000.0).ceil() as i64))
}

fn excerpt(response: &HttpResponse) -> String {
    let text = String::from_utf8_lossy(&response.body);
    let short: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect();
    if short.is_empty() { "an empty body".to_owned() } else { format!("the text \"{short}\"") }
}
