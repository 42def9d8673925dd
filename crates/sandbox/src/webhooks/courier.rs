//! Carries due events to their targets over plain HTTP, signed, and reports what the other side said.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Parcel, signature};
use crate::clock::Millis;
use crate::state::State;

/// How often the outbox is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// A target that takes longer did not take the events.
const PATIENCE: Duration = Duration::from_secs(5);
/// The time a test's own target has to say its status.
const HEAD_MAX: usize = 16 * 1024;

/// Delivers until the task is ended. `reach` hands out the state for a moment.
pub(crate) async fn run<Reach>(reach: Reach)
where
    Reach: Fn(&mut dyn FnMut(&mut State, Millis)) + Send + Sync,
{
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let mut due: Vec<(Parcel, String)> = Vec::new();
        reach(&mut |state, at| {
            for parcel in state.webhooks.collect(at) {
                let secret = state.oauth.apps.get(&parcel.app).map(|app| app.client_secret.clone()).unwrap_or_default();
                due.push((parcel, secret));
            }
        });
        if due.is_empty() {
            continue;
        }
        let sent = futures::future::join_all(due.into_iter().map(|(parcel, secret)| async move {
            let outcome = tokio::time::timeout(PATIENCE, deliver(&parcel, &secret)).await;
            let status = match outcome {
                Ok(Ok(status)) => Ok(status),
                Ok(Err(problem)) => Err(problem.to_string()),
                Err(_) => Err("no answer within 5 seconds".to_owned()),
            };
            (parcel, status)
        }))
        .await;
        let mut sent = sent.into_iter();
        reach(&mut |state, at| {
            for (parcel, status) in sent.by_ref() {
                state.webhooks.settle(parcel, status, at);
            }
        });
    }
}

async fn deliver(parcel: &Parcel, secret: &str) -> std::io::Result<u16> {
    let wrong = |why: &str| std::io::Error::new(std::io::ErrorKind::InvalidInput, why.to_owned());
    let url = url::Url::parse(&parcel.url).map_err(|problem| wrong(&problem.to_string()))?;
    let host = url.host_str().ok_or_else(|| wrong("the target has no host"))?;
    let port = url.port_or_known_default().unwrap_or(80);
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let body = Value::Array(parcel.events.clone()).to_string();
    let timestamp = parcel.at.to_string();
    let (version, older) = if parcel.second {
        ("v2", signature::v2(secret, "POST", &parcel.url, &body))
    } else {
        ("v1", signature::v1(secret, &body))
    };
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nuser-agent: HubSpot Connect 2.0 (http://dev.hubspot.com/) - WebhooksExecutorDaemon-executor\r\n\
         x-hubspot-signature: {older}\r\nx-hubspot-signature-version: {version}\r\nx-hubspot-signature-v3: {}\r\n\
         x-hubspot-request-timestamp: {timestamp}\r\n\r\n",
        body.len(),
        signature::v3(secret, "POST", &parcel.url, &body, &timestamp),
    );
    let mut stream = TcpStream::connect((host, port)).await?;
    stream.write_all(request.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut head = Vec::new();
    let mut piece = [0u8; 1024];
    while !head.windows(2).any(|pair| pair == b"\r\n") && head.len() < HEAD_MAX {
        let read = stream.read(&mut piece).await?;
        if read == 0 {
            break;
        }
        head.extend_from_slice(&piece[..read]);
    }
    let line = String::from_utf8_lossy(&head).into_owned();
    line.split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| std::io::Error::new(std::io::ErrorKind::InvalidData, "the target did not answer with a status"))
}
