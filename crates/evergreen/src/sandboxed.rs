//! A sandbox for the command line: starts it, gives it the orders that its flags mean, and says which variables lead to it.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use evergreen_cli::{Sandbox, SandboxRequest, SandboxTier};
use evergreen_model::{Problem, Remedy};
use evergreen_sandbox::{SandboxOptions, Tier};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The token of the sandbox's portal.
const TOKEN: &str = "pat-sandbox-7f3a";
/// A million contacts take less than a minute; a busy machine may need more.
const LOAD_MAX: Duration = Duration::from_secs(600);

/// A running sandbox and what was done before it was handed over.
struct Running {
    sandbox: evergreen_sandbox::Sandbox,
    notes: Vec<String>,
}

/// Starts a sandbox and prepares it as asked; it is stopped again when it refuses.
pub(crate) async fn start(request: SandboxRequest) -> Result<Box<dyn Sandbox>, Problem> {
    let journal = request.journal.clone();
    if let Some(folder) = journal.as_ref().and_then(|journal| journal.parent()) {
        let _ = std::fs::create_dir_all(folder); // a folder that cannot be made is told by the journal itself
    }
    // What an earlier run loaded comes back with the journal.
    let resumed = journal.is_some_and(|file| file.metadata().is_ok_and(|about| about.len() > 0));
    let options = SandboxOptions {
        seed: request.seed,
        port: request.port,
        dns_port: request.dns_port,
        world: evergreen_sandbox::World::pilot(),
        tier: match request.tier {
            SandboxTier::Starter => Tier::Starter,
            SandboxTier::Professional => Tier::Professional,
            SandboxTier::Enterprise => Tier::Enterprise,
            SandboxTier::Unlimited => Tier::Unlimited,
        },
        journal: request.journal.clone(),
        start: request.start,
        token: TOKEN.to_owned(),
    };
    let sandbox = evergreen_sandbox::Sandbox::start(options).await.map_err(|error| {
        Problem::new(
            "EG-SANDBOX-001",
            Remedy::FixSettings,
            "the sandbox cannot start",
            error.to_string(),
            "choose other ports with --port and --dns-port, or a journal file that belongs to this sandbox",
        )
    })?;
    match prepare(&sandbox.base_url(), &request, resumed).await {
        Ok(notes) => Ok(Box::new(Running { sandbox, notes })),
        Err(problem) => {
            sandbox.stop().await;
            Err(problem)
        }
    }
}

async fn prepare(base: &str, request: &SandboxRequest, resumed: bool) -> Result<Vec<String>, Problem> {
    let mut notes = Vec::new();
    if let Some(lag_ms) = request.lag_ms {
        order(base, "index", &json!({"lag_ms": lag_ms})).await?;
        notes.push(format!("search sees a change {lag_ms} ms late"));
    }
    if let Some(contacts) = request.contacts {
        let companies = request.companies.unwrap_or(contacts.div_ceil(10));
        if resumed {
            notes.push("nothing was loaded: the journal already holds a portal".to_owned());
        } else {
            let body = json!({"contacts": contacts, "companies": companies, "seed": request.seed});
            order(base, "load", &body).await?;
            notes.push(format!("{contacts} contacts and {companies} companies were loaded"));
        }
    }
    Ok(notes)
}

/// An admin call that must succeed.
async fn order(base: &str, call: &str, body: &Value) -> Result<(), Problem> {
    let refused = |why: String| {
        Problem::new(
            "EG-SANDBOX-002",
            Remedy::FixSettings,
            format!("the sandbox did not carry out the order \"{call}\""),
            why,
            "leave the flag out (--lag, --contacts) or give it another number",
        )
    };
    match tokio::time::timeout(LOAD_MAX, post(base, &format!("/__sandbox/{call}"), body)).await {
        Ok(Ok((200..=299, _))) => Ok(()),
        Ok(Ok((404, _))) => Err(refused("this sandbox does not know the call".to_owned())),
        Ok(Ok((status, text))) => {
            let said: Value = serde_json::from_str(&text).unwrap_or_default();
            let said = said["message"].as_str().map_or(text, str::to_owned);
            Err(refused(format!("it answered {status}: {said}")))
        }
        Ok(Err(error)) => Err(refused(error.to_string())),
        Err(_) => Err(refused("it did not answer within ten minutes".to_owned())),
    }
}

/// One HTTP call on loopback; answers with status and body.
async fn post(base: &str, path: &str, body: &Value) -> std::io::Result<(u16, String)> {
    let address = base.trim_start_matches("http://");
    let body = body.to_string();
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let broken = || std::io::Error::from(std::io::ErrorKind::InvalidData);
    let (head, text) = answer.split_once("\r\n\r\n").ok_or_else(broken)?;
    let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok()).ok_or_else(broken)?;
    Ok((status, text.to_owned()))
}

#[async_trait]
impl Sandbox for Running {
    fn environment(&self) -> BTreeMap<String, String> {
        let base = self.sandbox.base_url();
        let pairs = [
            ("HUBSPOT_BASE_URL", base.clone()),
            ("HUBSPOT_TOKEN", TOKEN.to_owned()),
            ("HUNTER_BASE_URL", format!("{base}/hunter/v2")),
            ("HUNTER_API_KEY", "sandbox".to_owned()),
            ("APOLLO_BASE_URL", format!("{base}/apollo/api/v1")),
            ("APOLLO_API_KEY", "sandbox".to_owned()),
            ("PDL_BASE_URL", format!("{base}/pdl/v5")),
            ("PDL_API_KEY", "sandbox".to_owned()),
            ("SMARTLEAD_BASE_URL", format!("{base}/smartlead/api/v1")),
            ("SMARTLEAD_API_KEY", "sandbox".to_owned()),
            ("EVERGREEN_ALLOW_PRIVATE_ADDRESSES", "true".to_owned()),
            ("EVERGREEN_DNS", self.sandbox.dns_addr().to_string()),
        ];
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    async fn stop(self: Box<Self>) {
        self.sandbox.stop().await;
    }
}
