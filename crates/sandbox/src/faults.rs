//! Faults on order: a test says which route breaks, how, after how many calls and how often.

use serde_json::{Value, json};

use crate::stats::Service;
use crate::wire::{Payload, Reply};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    RateLimited,
    ServerError,
    /// The work is done, but the answer is a gateway error.
    BadGatewayAfterCommit,
    /// No answer ever comes, and nothing was done.
    Timeout,
    /// No answer ever comes, but the work is done.
    TimeoutAfterCommit,
    /// The connection is cut, and nothing was done.
    Reset,
    /// The answer is JSON cut in the middle, and nothing was done.
    Malformed,
}

impl Fault {
    fn parse(kind: &str) -> Option<Fault> {
        Some(match kind {
            "429" => Fault::RateLimited,
            "500" => Fault::ServerError,
            "502-after-commit" => Fault::BadGatewayAfterCommit,
            "timeout" => Fault::Timeout,
            "timeout-after-commit" => Fault::TimeoutAfterCommit,
            "reset" => Fault::Reset,
            "malformed" => Fault::Malformed,
            _ => return None,
        })
    }

    /// The kinds a test may name.
    pub(crate) const KINDS: &str = "429, 500, 502-after-commit, timeout, timeout-after-commit, reset, malformed";

    /// The call is carried out although its answer is lost.
    pub(crate) fn commits(self) -> bool {
        matches!(self, Fault::BadGatewayAfterCommit | Fault::TimeoutAfterCommit)
    }
}

#[derive(Debug)]
struct Armed {
    route_prefix: String,
    fault: Fault,
    pass_first: u64,
    left: u64,
}

/// The faults waiting for their call.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Armed>);

impl Faults {
    /// Arms a fault from the admin call's body.
    pub(crate) fn arm(&mut self, order: &Value) -> Result<(), String> {
        let kind = order["kind"].as_str().unwrap_or_default();
        let fault =
            Fault::parse(kind).ok_or_else(|| format!("unknown fault kind \"{kind}\"; known: {}", Fault::KINDS))?;
        let route_prefix = order["route_prefix"].as_str().ok_or("route_prefix is missing")?.to_owned();
        self.0.push(Armed {
            route_prefix,
            fault,
            pass_first: order["after"].as_u64().unwrap_or(0),
            left: order["count"].as_u64().unwrap_or(1),
        });
        Ok(())
    }

    /// The fault this call meets, if any; used-up ones leave the list.
    pub(crate) fn meet(&mut self, path: &str) -> Option<Fault> {
        let at = self.0.iter().position(|armed| path.starts_with(&armed.route_prefix))?;
        let armed = &mut self.0[at];
        if armed.pass_first > 0 {
            armed.pass_first -= 1;
            return None;
        }
        let fault = armed.fault;
        armed.left = armed.left.saturating_sub(1);
        if armed.left == 0 {
            self.0.remove(at);
        }
        Some(fault)
    }
}

/// The body a fault answers with, in the words of the service it was asked of.
pub(crate) fn reply(fault: Fault, service: Service, correlation: &str) -> Reply {
    match fault {
        Fault::RateLimited => rate_limited(service, correlation),
        Fault::Malformed => Reply {
            status: 200,
            headers: vec![("content-type", "application/json".to_owned())],
            payload: Payload::Text("{\"results\": [{\"id\": \"1".to_owned()),
            changed: false,
        },
        Fault::BadGatewayAfterCommit => {
            Reply::text(502, "<html>502 Bad Gateway</html>").header("content-type", "text/html")
        }
        _ => server_error(service, correlation),
    }
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
