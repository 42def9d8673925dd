//! A scripted way out and a clock that only moves when somebody sleeps, for the client's tests.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]
#![allow(dead_code, reason = "each test file uses its own part")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use evergreen_hubspot::{HubSpot, Options};
use evergreen_ports::{Clock, HttpRequest, HttpResponse, Outbound, OutboundError};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

pub type Answer = Result<HttpResponse, OutboundError>;
type Script = Box<dyn FnMut(&HttpRequest, Value) -> Answer + Send>;

/// Answers every request by a function and keeps what was asked.
pub struct Scripted {
    script: Mutex<Script>,
    asked: Mutex<Vec<HttpRequest>>,
}

#[async_trait]
impl Outbound for Scripted {
    async fn send(&self, request: HttpRequest) -> Answer {
        // Lets other tasks run meanwhile, as a real way out does.
        tokio::task::yield_now().await;
        let body = request.body.as_deref().map_or(Value::Null, |body| serde_json::from_slice(body).unwrap_or_default());
        let answer = (self.script.lock().unwrap())(&request, body);
        self.asked.lock().unwrap().push(request);
        answer
    }
}

impl Scripted {
    /// `POST /path` of every request so far.
    pub fn asked(&self) -> Vec<String> {
        let path = |url: &str| {
            url.split_once("://")
                .and_then(|(_, rest)| rest.split_once('/'))
                .map_or(String::new(), |(_, path)| format!("/{path}"))
        };
        self.asked.lock().unwrap().iter().map(|request| format!("{} {}", request.method, path(&request.url))).collect()
    }

    pub fn requests(&self) -> Vec<HttpRequest> {
        self.asked.lock().unwrap().clone()
    }
}

pub struct StillClock(Mutex<Timestamp>);

#[async_trait]
impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
    async fn sleep(&self, duration: SignedDuration) {
        let mut now = self.0.lock().unwrap();
        *now += duration;
    }
}

/// A scripted way out and a clock, for a client of one's own making.
pub fn parts(script: impl FnMut(&HttpRequest, Value) -> Answer + Send + 'static) -> (Arc<Scripted>, Arc<StillClock>) {
    let outbound = Arc::new(Scripted { script: Mutex::new(Box::new(script)), asked: Mutex::default() });
    (outbound, Arc::new(StillClock(Mutex::new("2026-11-25T09:00:00Z".parse().unwrap()))))
}

pub fn hubspot(
    script: impl FnMut(&HttpRequest, Value) -> Answer + Send + 'static,
) -> (HubSpot, Arc<Scripted>, Arc<StillClock>) {
    let (outbound, clock) = parts(script);
    let options = Options { tier_limit: 190, share_percent: 100 };
    let hubspot = HubSpot::new(
        Arc::clone(&outbound) as Arc<dyn Outbound>,
        "https://api.hubapi.example/",
        "pat-secret".into(),
        options,
        Arc::clone(&clock) as Arc<dyn Clock>,
    );
    (hubspot, outbound, clock)
}

pub fn answer(status: u16, body: &Value) -> Answer {
    with_headers(status, &[], body.to_string())
}

pub fn with_headers(status: u16, headers: &[(&str, &str)], body: String) -> Answer {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Ok(HttpResponse { status, headers, body: body.into_bytes(), latency_ms: 5, tries: 1 })
}
