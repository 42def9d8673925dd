//! Faults on order: a test says which calls break, how, after how many and how often, or with which probability.

use std::time::Duration;

use axum::body::Body;
use axum::http::Response;
use serde_json::{Value, json};

use crate::chance::share;
use crate::socket::Cut;
use crate::stats::Service;
use crate::wire::{Call, Payload, Reply};

/// Longer than any client waits (HubSpot's own origin timeout is 100 s).
const SILENCE: Duration = Duration::from_secs(600);

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    RateLimited,
    /// The search second is used up, or the day.
    SecondLimited,
    DayLimited,
    /// 423: another write holds the record.
    Locked,
    /// 477: the portal moves between data centres.
    Migrating,
    ServerError,
    BadGateway,
    Unavailable,
    GatewayTimeout,
    /// The work is done, but the answer is a gateway error.
    BadGatewayAfterCommit,
    /// The work is done, but the origin took longer than the edge waits.
    OriginTimeoutAfterCommit,
    /// No answer ever comes, and nothing was done.
    Timeout,
    /// No answer ever comes, but the work is done.
    TimeoutAfterCommit,
    /// The connection is cut, and nothing was done.
    Reset,
    /// The connection is cut, but the work is done.
    ResetAfterCommit,
    /// The right answer, a few bytes at a time.
    SlowBody,
    /// The answer is JSON cut in the middle, and nothing was done.
    Malformed,
    /// The work is done, and the answer is JSON cut in the middle.
    MalformedAfterCommit,
    /// A web page where JSON should be.
    Html,
    /// Everything is closed.
    Maintenance,
}

const NAMES: &[(&str, Fault)] = &[
    ("429", Fault::RateLimited),
    ("429-secondly", Fault::SecondLimited),
    ("429-daily", Fault::DayLimited),
    ("423", Fault::Locked),
    ("477", Fault::Migrating),
    ("500", Fault::ServerError),
    ("502", Fault::BadGateway),
    ("503", Fault::Unavailable),
    ("504", Fault::GatewayTimeout),
    ("502-after-commit", Fault::BadGatewayAfterCommit),
    ("524-after-commit", Fault::OriginTimeoutAfterCommit),
    ("timeout", Fault::Timeout),
    ("timeout-after-commit", Fault::TimeoutAfterCommit),
    ("reset", Fault::Reset),
    ("reset-after-commit", Fault::ResetAfterCommit),
    ("slow-body", Fault::SlowBody),
    ("malformed", Fault::Malformed),
    ("malformed-after-commit", Fault::MalformedAfterCommit),
    ("html", Fault::Html),
    ("maintenance", Fault::Maintenance),
];

impl Fault {
    fn parse(kind: &str) -> Option<Fault> {
        NAMES.iter().find(|(name, _)| *name == kind).map(|(_, fault)| *fault)
    }

    /// The call is carried out although its answer is lost or late.
    pub(crate) fn commits(self) -> bool {
        matches!(
            self,
            Fault::BadGatewayAfterCommit
                | Fault::OriginTimeoutAfterCommit
                | Fault::TimeoutAfterCommit
                | Fault::ResetAfterCommit
                | Fault::MalformedAfterCommit
                | Fault::SlowBody
        )
    }
}

/// A fault that a call met, with its numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Met {
    pub fault: Fault,
    /// Before the answer, or all of the dripping of a slow body.
    delay: Duration,
    retry_after_s: u64,
}

#[derive(Debug, Clone)]
struct Armed {
    route_prefix: String,
    route_contains: Option<String>,
    method: Option<String>,
    met: Met,
    pass_first: u64,
    left: u64,
    /// How probable the fault is for each call that fits; decided by the seed and the position.
    probability: f64,
    seed: u64,
    seen: u64,
}

impl Armed {
    fn fits(&self, call: &Call) -> bool {
        call.path.starts_with(&self.route_prefix)
            && self.route_contains.as_ref().is_none_or(|part| call.path.contains(part.as_str()))
            && self.method.as_ref().is_none_or(|method| call.method.as_str().eq_ignore_ascii_case(method))
    }
}

/// The faults waiting for their call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults(Vec<Armed>);

impl Faults {
    /// Arms a fault from the admin call's body.
    pub(crate) fn arm(&mut self, order: &Value) -> Result<(), String> {
        let kind = order["kind"].as_str().unwrap_or_default();
        let known = || NAMES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let fault = Fault::parse(kind).ok_or_else(|| format!("unknown fault kind \"{kind}\"; known: {}", known()))?;
        // Maintenance closes all of the portal; everything else must say where.
        let route_prefix = match (order["route_prefix"].as_str(), fault) {
            (Some(prefix), _) => prefix.to_owned(),
            (None, Fault::Maintenance) => "/".to_owned(),
            (None, _) => return Err("route_prefix is missing".to_owned()),
        };
        let text = |name: &str| order[name].as_str().map(str::to_owned);
        let probability = match &order["probability"] {
            Value::Null => 1.0,
            given => given
                .as_f64()
                .filter(|share| (0.0..=1.0).contains(share))
                .ok_or("probability must be between 0 and 1")?,
        };
        let forever = fault == Fault::Maintenance || !order["probability"].is_null();
        self.0.push(Armed {
            route_prefix,
            route_contains: text("route_contains"),
            method: text("method"),
            met: Met {
                fault,
                delay: Duration::from_millis(order["delay_ms"].as_u64().unwrap_or(0)),
                retry_after_s: order["retry_after_s"].as_u64().unwrap_or(60),
            },
            pass_first: order["after"].as_u64().unwrap_or(0),
            left: order["count"].as_u64().unwrap_or(if forever { u64::MAX } else { 1 }),
            probability,
            seed: order["seed"].as_u64().unwrap_or(0),
            seen: 0,
        });
        Ok(())
    }

    /// Disarms everything.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault this call meets, if any; used-up ones leave the list.
    pub(crate) fn meet(&mut self, call: &Call) -> Option<Met> {
        for at in 0..self.0.len() {
            let armed = &mut self.0[at];
            if !armed.fits(call) {
                continue;
            }
            if armed.pass_first > 0 {
                armed.pass_first -= 1;
                return None;
            }
            armed.seen += 1;
            if armed.probability < 1.0 && share(armed.seed, &["fault", &armed.seen.to_string()]) >= armed.probability {
                continue;
            }
            let met = armed.met;
            armed.left = armed.left.saturating_sub(1);
            if armed.left == 0 {
                self.0.remove(at);
            }
            return Some(met);
        }
        None
    }
}

/// The body a fault answers with, in the words of the service it was asked of. `done` is the right answer.
pub(crate) fn reply(met: Met, service: Service, correlation: &str, done: Option<Reply>) -> Reply {
    let hubspot = |status: u16, category: &str, message: &str| {
        Reply::json(
            status,
            json!({"status": "error", "message": message, "correlationId": correlation, "category": category}),
        )
    };
    let gateway = |status: u16, words: &str| {
        Reply::text(status, &format!("<html><head><title>{status} {words}</title></head><body>{words}</body></html>"))
            .header("content-type", "text/html")
    };
    match met.fault {
        Fault::RateLimited => rate_limited(service, correlation),
        Fault::SecondLimited => crate::portal::errors::rate_limited("SECONDLY", correlation),
        Fault::DayLimited => crate::portal::errors::rate_limited("DAILY", correlation),
        Fault::Locked => hubspot(423, "LOCKED", "The record is locked by another update. Please try again."),
        Fault::Migrating => hubspot(
            477,
            "MIGRATION_IN_PROGRESS",
            "This account is being moved between data hosting locations. Please try again later.",
        )
        .header("retry-after", met.retry_after_s.to_string()),
        Fault::Maintenance => {
            hubspot(503, "SERVICE_UNAVAILABLE", "The service is temporarily unavailable for maintenance.")
        }
        Fault::BadGateway | Fault::BadGatewayAfterCommit => gateway(502, "Bad Gateway"),
        Fault::Unavailable => gateway(503, "Service Unavailable"),
        Fault::GatewayTimeout => gateway(504, "Gateway Timeout"),
        Fault::OriginTimeoutAfterCommit => gateway(524, "A timeout occurred"),
        Fault::Malformed | Fault::MalformedAfterCommit => Reply {
            status: 200,
            headers: vec![("content-type", "application/json".to_owned())],
            payload: Payload::Text("{\"results\": [{\"id\": \"1".to_owned()),
            changed: false,
        },
        Fault::Html => Reply::text(200, "<!DOCTYPE html><html><body>HubSpot is loading</body></html>")
            .header("content-type", "text/html; charset=utf-8"),
        Fault::SlowBody => done.unwrap_or_else(|| server_error(service, correlation)),
        Fault::ServerError | Fault::Timeout | Fault::TimeoutAfterCommit | Fault::Reset | Fault::ResetAfterCommit => {
            server_error(service, correlation)
        }
    }
}

/// Lets the connection feel the fault: silence, a cut, or an answer that drips.
pub(crate) async fn suffer(met: Option<Met>, response: Response<Body>, cut: &Cut) -> Response<Body> {
    let Some(met) = met else {
        return response;
    };
    match met.fault {
        Fault::Timeout | Fault::TimeoutAfterCommit => {
            tokio::time::sleep(SILENCE).await;
            cut.now();
        }
        Fault::Reset | Fault::ResetAfterCommit => cut.now(),
        Fault::SlowBody => return drip(response, met.delay).await,
        _ => tokio::time::sleep(met.delay).await,
    }
    response
}

/// The same answer in twenty pieces with equal waits between them.
async fn drip(response: Response<Body>, over: Duration) -> Response<Body> {
    const PIECES: usize = 20;
    let (parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let size = bytes.len().div_ceil(PIECES).max(1);
    let wait = over / PIECES as u32;
    let dripping = futures::stream::unfold(bytes, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(wait).await;
        let piece = rest.split_to(size.min(rest.len()));
        Some((Ok::<_, std::convert::Infallible>(piece), rest))
    });
    Response::from_parts(parts, Body::from_stream(dripping))
}

fn server_error(service: Service, correlation: &str) -> Reply {
    let body = match service {
        Service::Hunter => {
            json!({"errors": [{"id": "internal_error", "code": 500, "details": "Something went wrong on our side."}]})
        }
        Service::Pdl => {
            json!({"status": 500, "error": {"type": "api_error", "message": "The server encountered an unexpected condition which prevented it from fulfilling the request"}})
        }
        Service::Apollo => json!({"error": "Internal Server Error"}),
        Service::Smartlead => json!({"message": "Internal Server Error"}),
        Service::Portal => {
            json!({"status": "error", "message": "internal error", "correlationId": correlation, "category": "INTERNAL_ERROR"})
        }
    };
    Reply::json(500, body)
}

/// Each service's own way to say "slower".
pub(crate) fn rate_limited(service: Service, correlation: &str) -> Reply {
    match service {
        Service::Hunter => Reply::json(
            403,
            json!({"errors": [{"id": "too_many_requests", "code": 403, "details": "You have reached the rate limit for this endpoint."}]}),
        ),
        Service::Apollo => Reply::json(
            429,
            json!({"message": "The maximum number of api calls allowed for api/v1/people/match is 1000 times per minute. Please upgrade your plan."}),
        )
        .header("retry-after", "1"),
        Service::Pdl => Reply::json(
            429,
            json!({"status": 429, "error": {"type": "rate_limit_error", "message": "An error occurred due to requests hitting the API too quick"}}),
        ),
        Service::Smartlead => Reply::json(
            429,
            json!({"error": {"code": "RATE_LIMIT_EXCEEDED", "message": "Too many requests", "retry_after": 1}}),
        )
        .header("retry-after", "1"),
        Service::Portal => crate::portal::errors::rate_limited("TEN_SECONDLY_ROLLING", correlation),
    }
}
