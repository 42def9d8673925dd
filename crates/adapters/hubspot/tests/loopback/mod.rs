//! A started sandbox and the plainest way out over loopback: one connection per request, no retry.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use evergreen_hubspot::{HubSpot, Options};
use evergreen_ports::{Clock, HttpRequest, HttpResponse, Outbound, OutboundError};
use evergreen_sandbox::{Owner, PortalContact, Sandbox, SandboxOptions, Tier, World};
use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const TOKEN: &str = "pat-na1-test";
const SHORT: Duration = Duration::from_secs(2);

pub struct Plain {
    /// The sandbox's hanging faults must not hold a test up.
    pub timeout: Duration,
}

#[async_trait]
impl Outbound for Plain {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, OutboundError> {
        match tokio::time::timeout(self.timeout, exchange(&request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                Err(OutboundError::Unreachable(error.to_string()))
            }
            Ok(Err(error)) => Err(OutboundError::Broken(error.to_string())),
            Err(_) => Err(OutboundError::Timeout("no answer".to_owned())),
        }
    }
}

async fn exchange(request: &HttpRequest) -> std::io::Result<HttpResponse> {
    let rest = request.url.strip_prefix("http://").unwrap_or(&request.url);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let query: Vec<String> = request.query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    let mut text = format!(
        "{} /{path}{mark}{} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n",
        request.method,
        query.join("&")
    );
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let body = request.body.clone().unwrap_or_default();
    text.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    let mut stream = TcpStream::connect(host).await?;
    stream.write_all(text.as_bytes()).await?;
    stream.write_all(&body).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    parsed(&bytes).ok_or_else(|| std::io::Error::other("the answer is cut off"))
}

fn parsed(bytes: &[u8]) -> Option<HttpResponse> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next()?.split_whitespace().nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    Some(HttpResponse { status, headers, body: bytes[end + 4..].to_vec(), latency_ms: 0, tries: 1 })
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

/// Real time that begins at a fixed date; waits are cut to a tenth, except those for the rolling window.
pub struct TestClock {
    start: Instant,
    patience: Duration,
}

impl TestClock {
    pub fn new(patience: Duration) -> TestClock {
        TestClock { start: Instant::now(), patience }
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        start() + SignedDuration::try_from(self.start.elapsed()).unwrap_or_default()
    }
    async fn sleep(&self, duration: SignedDuration) {
        let asked = Duration::try_from(duration).unwrap_or_default();
        tokio::time::sleep(asked.min(self.patience)).await;
    }
}

pub fn start() -> Timestamp {
    "2026-11-25T09:00:00Z".parse().unwrap()
}

pub async fn sandbox(tier: Tier) -> Sandbox {
    let owner = |id: &str, archived| Owner {
        id: id.to_owned(),
        email: format!("rep{id}@us.example"),
        first_name: "Rep".to_owned(),
        last_name: id.to_owned(),
        user_id: format!("9{id}"),
        archived,
        team_id: "1".to_owned(),
        team_name: "East".to_owned(),
    };
    let contact = |id: &str, email: &str| PortalContact {
        id: id.to_owned(),
        properties: [("email", email), ("firstname", "Jane"), ("jobtitle", "CTO")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        human_edited: vec!["jobtitle".to_owned()],
        edited_by: "971".to_owned(),
        edited_at: String::new(),
    };
    let world = World {
        owners: vec![owner("71", false), owner("72", true)],
        portal_contacts: (0..130)
            .map(|number| contact(&format!("{}", 10_001 + number), &format!("jane{number}@acme.example")))
            .collect(),
        ..World::default()
    };
    let options = SandboxOptions {
        seed: 1,
        port: 0,
        dns_port: 0,
        world,
        tier,
        journal: None,
        start: start(),
        token: TOKEN.to_owned(),
    };
    Sandbox::start(options).await.unwrap()
}

pub fn client(sandbox: &Sandbox, token: &str, tier_limit: u32, patience: Duration) -> HubSpot {
    let clock = Arc::new(TestClock::new(patience));
    HubSpot::new(
        Arc::new(Plain { timeout: SHORT }),
        &sandbox.base_url(),
        token.into(),
        Options { tier_limit, share_percent: 100 },
        clock,
    )
}

/// An admin call of the sandbox.
pub async fn admin(sandbox: &Sandbox, path: &str, body: serde_json::Value) {
    let request = HttpRequest {
        peer: "admin".to_owned(),
        method: "POST".to_owned(),
        url: format!("{}/__sandbox/{path}", sandbox.base_url()),
        query: Vec::new(),
        secret_query: Vec::new(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: Some(body.to_string().into_bytes()),
        timeout_ms: 1_000,
        repeatable: false,
    };
    let answer = Plain { timeout: SHORT }.send(request).await.unwrap();
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
}
