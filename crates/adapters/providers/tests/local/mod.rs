//! A vendor on this machine and a plain way to it: real HTTP over loopback, answers as the test says.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use evergreen_model::Fields;
use evergreen_ports::{Clock, HttpRequest, HttpResponse, Outbound, OutboundError};
use evergreen_providers::{Connection, Manifest, ManifestProvider};
use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What came in.
#[derive(Clone, Debug)]
pub struct Heard {
    pub method: String,
    /// Path with query.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Heard {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// What goes out.
pub struct Reply {
    pub status: u16,
    pub body: String,
    /// Hang up in the middle of the body.
    pub cut: bool,
}

pub fn reply(status: u16, body: impl ToString) -> Reply {
    Reply { status, body: body.to_string(), cut: false }
}

pub struct Vendor {
    pub base_url: String,
    pub heard: Arc<Mutex<Vec<Heard>>>,
}

impl Vendor {
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

/// Starts a vendor that answers each request by `answer`, which also gets how many came before.
pub async fn vendor(answer: impl Fn(usize, &Heard) -> Reply + Send + Sync + 'static) -> Vendor {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (kept, answer) = (Arc::clone(&heard), Arc::new(answer));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
            tokio::spawn(async move {
                let (head, body) = read(&mut stream).await.unwrap();
                let mut lines = head.lines();
                let mut first = lines.next().unwrap().split(' ');
                let (method, path) = (first.next().unwrap().to_owned(), first.next().unwrap().to_owned());
                let request = Heard { method, path, headers: headers(lines), body: String::from_utf8(body).unwrap() };
                let before = {
                    let mut kept = kept.lock().unwrap();
                    kept.push(request.clone());
                    kept.len() - 1
                };
                let reply = answer(before, &request);
                let length = reply.body.len();
                let sent = if reply.cut { &reply.body[..length / 2] } else { &reply.body };
                let text = format!(
                    "HTTP/1.1 {} x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{sent}",
                    reply.status
                );
                stream.write_all(text.as_bytes()).await.unwrap();
            });
        }
    });
    Vendor { base_url, heard }
}

/// The way out: one request, one connection, and a broken answer is no answer.
pub struct Plain;

#[async_trait]
impl Outbound for Plain {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, OutboundError> {
        let url = url::Url::parse_with_params(&request.url, &request.query).unwrap();
        let address = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
        let mut stream =
            TcpStream::connect(address).await.map_err(|error| OutboundError::Unreachable(error.to_string()))?;
        let path = url
            .query()
            .filter(|query| !query.is_empty())
            .map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let body = request.body.unwrap_or_default();
        let mut head =
            format!("{} {path} HTTP/1.1\r\nhost: local\r\ncontent-length: {}\r\n", request.method, body.len());
        for (name, value) in &request.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).await.unwrap();
        stream.write_all(&body).await.unwrap();
        let (head, body) =
            read(&mut stream).await.ok_or_else(|| OutboundError::Broken("the answer broke off".into()))?;
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        Ok(HttpResponse { status, headers: headers(lines), body, latency_ms: 1, tries: 1 })
    }
}

/// Head and body, or nothing when the other side hung up before its announced end.
async fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length: usize = headers(head.lines().skip(1))
                .iter()
                .find(|(name, _)| name == "content-length")
                .map_or(0, |(_, value)| value.parse().unwrap());
            if bytes.len() >= end + 4 + length {
                return Some((head, bytes[end + 4..end + 4 + length].to_vec()));
            }
        }
        let mut part = [0; 4096];
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&part[..count]),
        }
    }
}

fn headers<'l>(lines: impl Iterator<Item = &'l str>) -> Vec<(String, String)> {
    lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect()
}

/// A clock that jumps instead of waiting, and remembers how long it should have waited.
pub struct Jumping {
    now: Mutex<Timestamp>,
    pub slept_ms: Mutex<Vec<i128>>,
}

impl Jumping {
    pub fn new() -> Arc<Jumping> {
        let now = "2026-11-23T08:00:00Z".parse().unwrap();
        Arc::new(Jumping { now: Mutex::new(now), slept_ms: Mutex::default() })
    }
}

#[async_trait]
impl Clock for Jumping {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    async fn sleep(&self, duration: SignedDuration) {
        self.slept_ms.lock().unwrap().push(duration.as_millis());
        let mut now = self.now.lock().unwrap();
        *now = now.checked_add(duration).unwrap();
    }
}

pub fn shipped(name: &str) -> Manifest {
    let (file, text) = evergreen_providers::shipped().iter().find(|(file, _)| *file == name).unwrap();
    Manifest::parse(file, text).unwrap()
}

pub fn provider(manifest: Manifest, at: &Vendor) -> ManifestProvider {
    let connection = Connection {
        base_url: Some(at.base_url.clone()),
        key: Some("id:hush".to_owned().into()),
        ..Connection::default()
    };
    ManifestProvider::new(manifest, connection, Arc::new(Plain))
}

pub fn fields(text: &str) -> Fields {
    text.split(';')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

pub fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
