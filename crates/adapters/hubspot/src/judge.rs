//! What follows from one answer: take it, fail, or try again after a wait that fits the kind of trouble.

use evergreen_ports::{HttpResponse, OutboundError, PortalError};
use jiff::SignedDuration;
use serde_json::Value;

use crate::call::{Ask, Reply};
use crate::error::Error;
use crate::problem;
use crate::wire::Refusal;

/// A longer wait is not waited out but told.
const PATIENCE: SignedDuration = SignedDuration::from_secs(60);
/// A locked record is locked for two seconds.
const LOCK: SignedDuration = SignedDuration::from_secs(2);

/// What follows from one try.
pub(crate) enum Next {
    Answer(Reply),
    Fail(Error),
    /// The token was not accepted.
    Denied(Refusal),
    DayUsedUp(Refusal),
    /// Try again after this wait; `hold` makes everybody wait, for the limit it names; `or` is the failure when tries are used up.
    Again {
        wait: SignedDuration,
        hold: Option<Option<String>>,
        or: Error,
    },
}

/// Judges one try.
pub(crate) fn judge(ask: &Ask, answer: Result<HttpResponse, OutboundError>, attempt: u32, base_url: &str) -> Next {
    let response = match answer {
        Ok(response) => response,
        Err(error) => return no_answer(ask, &error, attempt, base_url),
    };
    let status = response.status;
    if status == 204 || (status < 300 && response.body.is_empty()) {
        return Next::Answer(Reply::Ok(Value::Null));
    }
    let body = serde_json::from_slice::<Value>(&response.body);
    if status < 300 {
        return match body {
            Ok(body) => Next::Answer(Reply::Ok(body)),
            // JSON that breaks off is a broken connection; anything else is not HubSpot.
            Err(error) if error.is_eof() => {
                let or = problem::odd(&ask.name(), "the answer breaks off");
                if attempt < 3 { maybe_done(ask, backoff(attempt), or) } else { Next::Fail(lost(ask, or)) }
            }
            Err(_) => fail(problem::odd(&ask.name(), format!("status {status} with {}", excerpt(&response)))),
        };
    }
    let refusal = body
        .as_ref()
        .map(Refusal::read)
        .unwrap_or_else(|_| Refusal { message: excerpt(&response), ..Refusal::default() });
    let asked_wait = retry_after(&response);
    match status {
        401 => Next::Denied(refusal),
        403 => fail(problem::missing_scope(&refusal, &ask.name())),
        423 => again(LOCK, None, problem::outage(status, &refusal, &ask.name())),
        429 if refusal.policy.as_deref() == Some("DAILY") => Next::DayUsedUp(refusal),
        429 => {
            let attempt = i64::from(attempt);
            let usual = match refusal.policy.as_deref() {
                Some("SECONDLY") => attempt,
                _ => (2 * attempt).min(10),
            };
            let wait = asked_wait.unwrap_or(SignedDuration::from_secs(usual));
            patient(wait, Some(refusal.policy.clone()), problem::too_fast(&refusal))
        }
        // A move to another data centre may take a day; HubSpot says how long.
        477 => {
            let wait = asked_wait.unwrap_or(PATIENCE);
            patient(wait, Some(Some("MIGRATION".to_owned())), problem::moving_house(&refusal, wait))
        }
        500 | 502..=504 | 521..=526 => {
            let or = problem::outage(status, &refusal, &ask.name());
            let wait = asked_wait.unwrap_or(backoff(attempt));
            if wait > PATIENCE { Next::Fail(lost(ask, or)) } else { maybe_done(ask, wait, or) }
        }
        400..=499 if body.is_err() => {
            fail(problem::odd(&ask.name(), format!("status {status} with {}", excerpt(&response))))
        }
        400..=499 => Next::Answer(Reply::Refused(status, refusal)),
        _ => fail(problem::odd(&ask.name(), format!("status {status} with {}", excerpt(&response)))),
    }
}

fn no_answer(ask: &Ask, error: &OutboundError, attempt: u32, base_url: &str) -> Next {
    let or = problem::no_answer(error, base_url);
    match error {
        OutboundError::Forbidden(_) => fail(or),
        // The way out has tried an unreachable host several times already; asked once more, its breaker would hide why.
        OutboundError::Unreachable(_) if attempt >= 2 => fail(or),
        OutboundError::Unreachable(_) | OutboundError::Open(_) => again(backoff(attempt), None, or),
        OutboundError::Timeout(_) | OutboundError::Broken(_) => maybe_done(ask, backoff(attempt), or),
    }
}

/// The work may have been done: what is harmless is repeated, a creation is for the caller to look up.
fn maybe_done(ask: &Ask, wait: SignedDuration, or: PortalError) -> Next {
    if ask.harmless { again(wait, None, or) } else { Next::Fail(Error::Lost(or)) }
}

fn lost(ask: &Ask, error: PortalError) -> Error {
    if ask.harmless { Error::Portal(error) } else { Error::Lost(error) }
}

const fn fail(error: PortalError) -> Next {
    Next::Fail(Error::Portal(error))
}

const fn again(wait: SignedDuration, hold: Option<Option<String>>, or: PortalError) -> Next {
    Next::Again { wait, hold, or: Error::Portal(or) }
}

fn patient(wait: SignedDuration, hold: Option<Option<String>>, or: PortalError) -> Next {
    if wait > PATIENCE { fail(or) } else { again(wait, hold, or) }
}

/// Half a second, doubled each time, at most 16 seconds.
pub(crate) fn backoff(attempt: u32) -> SignedDuration {
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
