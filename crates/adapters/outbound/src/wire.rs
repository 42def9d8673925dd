//! One try over the wire: builds the request, sends it, reads the answer up to its size limit, and says what went wrong without secrets.

use std::error::Error;
use std::sync::{Arc, Once};
use std::time::Duration;

use evergreen_model::{Problem, Remedy};
use evergreen_ports::{Clock, HttpRequest, HttpResponse, OutboundError};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use url::Url;

use crate::guard::{self, PrivateAddress, PublicOnly};
use crate::options::Options;

pub(crate) struct Wire {
    client: Client,
    clock: Arc<dyn Clock>,
    allow_private: bool,
    body_max_bytes: usize,
}

/// A request that was checked and can be sent any number of times.
pub(crate) struct Ready {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
    timeout: Duration,
    shown: String,
}

impl Ready {
    /// Method, host and path: never the query, because keys and people's names stand there.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }
}

impl Wire {
    pub(crate) fn new(options: &Options, clock: Arc<dyn Clock>) -> Result<Wire, Problem> {
        install_tls();
        let client = Client::builder()
            .user_agent(&options.user_agent)
            .redirect(Policy::none()) // a redirect could lead inside, and would carry our key along
            .no_proxy()
            .dns_resolver(Arc::new(PublicOnly { allow_private: options.allow_private }))
            .connect_timeout(Duration::from_millis(options.connect_timeout_ms))
            .build()
            .map_err(|error| {
                Problem::new(
                    "EG-OUTBOUND-001",
                    Remedy::FixSettings,
                    "the HTTP client cannot start",
                    causes(&error),
                    "install the system's root certificates (package ca-certificates) and start again",
                )
            })?;
        Ok(Wire { client, clock, allow_private: options.allow_private, body_max_bytes: options.body_max_bytes })
    }

    /// Checks address, method and headers.
    pub(crate) fn prepare(&self, request: &HttpRequest) -> Result<Ready, OutboundError> {
        let bad = |what: &str| OutboundError::Forbidden(format!("{}: {what}", request.peer));
        let mut url = Url::parse(&request.url).map_err(|error| bad(&format!("the address is not usable: {error}")))?;
        let shown = format!("{} {}", request.method, bare(&url));
        guard::check(&url, self.allow_private)
            .map_err(|error| OutboundError::Forbidden(format!("{shown}: {error}")))?;
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| bad("the method is not usable"))?;
        let mut headers = HeaderMap::new();
        for (name, value) in &request.headers {
            let key =
                HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad(&format!("header {name} is not usable")))?;
            let mut value =
                HeaderValue::from_str(value).map_err(|_| bad(&format!("the value of header {name} is not usable")))?;
            value.set_sensitive(is_secret(name));
            headers.append(key, value);
        }
        Ok(Ready {
            method,
            url,
            headers,
            body: request.body.clone(),
            timeout: Duration::from_millis(request.timeout_ms.max(1)),
            shown,
        })
    }

    /// Sends once.
    pub(crate) async fn send(&self, ready: &Ready) -> Result<HttpResponse, OutboundError> {
        let began = self.clock.now();
        let mut request = self
            .client
            .request(ready.method.clone(), ready.url.clone())
            .headers(ready.headers.clone())
            .timeout(ready.timeout);
        if let Some(body) = &ready.body {
            request = request.body(body.clone());
        }
        let mut answer = request.send().await.map_err(|error| explain(&ready.shown, error))?;
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| explain(&ready.shown, error))? {
            if body.len() + chunk.len() > self.body_max_bytes {
                return Err(OutboundError::Broken(format!(
                    "{}: the answer is larger than {} bytes",
                    ready.shown, self.body_max_bytes
                )));
            }
            body.extend_from_slice(&chunk);
        }
        let took = self.clock.now().duration_since(began).as_millis();
        Ok(HttpResponse { status, headers, body, latency_ms: u64::try_from(took).unwrap_or(0), tries: 1 })
    }
}

/// The TLS library's cryptography, chosen once per process.
fn install_tls() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Refused only where somebody chose before us, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// Headers whose values are never shown.
fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    name == "authorization"
        || name == "cookie"
        || ["key", "token", "secret", "password"].iter().any(|word| name.contains(word))
}

/// Scheme, host and path of an address; no user, no password, no query.
fn bare(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}

fn explain(shown: &str, error: reqwest::Error) -> OutboundError {
    let error = error.without_url();
    let text = format!("{shown}: {}", causes(&error));
    if has_cause::<PrivateAddress>(&error) {
        OutboundError::Forbidden(text)
    } else if error.is_connect() {
        // Also when connecting took too long: nothing was sent.
        OutboundError::Unreachable(text)
    } else if error.is_timeout() {
        OutboundError::Timeout(format!("{shown}: no answer in time"))
    } else if error.is_builder() {
        OutboundError::Forbidden(text)
    } else {
        OutboundError::Broken(text)
    }
}

fn causes(error: &(dyn Error + 'static)) -> String {
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !texts.iter().any(|seen| seen.contains(&text)) {
            texts.push(text);
        }
        cause = inner.source();
    }
    texts.join(": ")
}

fn has_cause<E: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(inner) = cause {
        if inner.is::<E>() {
            return true;
        }
        cause = inner.source();
    }
    false
}
