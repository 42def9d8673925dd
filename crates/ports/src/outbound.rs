//! The one way out over HTTP.

use async_trait::async_trait;

/// A request, free of any HTTP library.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// Who is asked, for pacing and logs: `hubspot`, `hunter`, `smartlead`.
    pub peer: String,
    /// `GET`, `POST`, `PATCH`, `PUT`, `DELETE`.
    pub method: String,
    /// Full address without secrets in logs: query parameters named in `secret_query` are redacted.
    pub url: String,
    /// Query parameters, appended encoded, in order.
    pub query: Vec<(String, String)>,
    /// Names of query parameters that must never be shown.
    pub secret_query: Vec<String>,
    /// Headers; `authorization` and anything with `key` or `token` in its name is never shown.
    pub headers: Vec<(String, String)>,
    /// Body, usually JSON.
    pub body: Option<Vec<u8>>,
    /// Longest wait for the whole answer, in milliseconds.
    pub timeout_ms: u64,
    /// Whether repeating it after a lost answer is harmless; then passing failures are retried.
    pub repeatable: bool,
}

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub struct HttpResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body, capped at 16 MiB.
    pub body: Vec<u8>,
    /// Milliseconds from first byte sent to last byte received, of the last try.
    pub latency_ms: u64,
    /// How often it was sent.
    pub tries: u32,
}

impl HttpResponse {
    /// The first header of that lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// No answer came. Texts never hold secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutboundError {
    /// Nothing listens, or the name does not resolve.
    Unreachable(String),
    /// The time was up; the other side may have acted.
    Timeout(String),
    /// The connection broke after the request was sent; the other side may have acted.
    Broken(String),
    /// The address is private and the settings do not allow it.
    Forbidden(String),
    /// The circuit breaker of the peer is open.
    Open(String),
}

impl std::fmt::Display for OutboundError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OutboundError::Unreachable(text)
            | OutboundError::Timeout(text)
            | OutboundError::Broken(text)
            | OutboundError::Forbidden(text)
            | OutboundError::Open(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for OutboundError {}

/// Sends requests: paced, retried where harmless, guarded against private addresses.
#[async_trait]
pub trait Outbound: Send + Sync {
    /// Sends one request. A 4xx or 5xx is an answer, not an error.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, OutboundError>;
}
