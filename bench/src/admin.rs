//! Talks to a sandbox's admin routes: which tier it keeps to, and what it counted.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Failure;

/// One admin call; fails unless it is answered well.
pub async fn call(base_url: &str, method: &str, path: &str, body: Option<Value>) -> Result<Value, Failure> {
    let address = base_url.trim_start_matches("http://");
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let mut stream = TcpStream::connect(address).await?;
    let head = format!(
        "{method} /__sandbox/{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").ok_or("the sandbox answered no HTTP")?;
    if !head.starts_with("HTTP/1.1 200") {
        return Err(format!("the sandbox refused {method} {path}: {body}").into());
    }
    Ok(serde_json::from_str(body)?)
}
