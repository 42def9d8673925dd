//! What the sandbox of a finished demo holds: it is started once more from its journal and asked.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use evergreen_sandbox::{Sandbox, SandboxOptions, Tier, World};
use serde_json::Value;

/// The seed that `evergreen demo` uses when none is given.
const DEMO_SEED: u64 = 7;

/// Everything of portal and sequencer without times and ids, and what the vendors charged.
pub struct Books {
    /// Contacts, companies, custom properties, enrolments.
    pub state: Value,
    /// Charges per question and vendor.
    pub stats: Value,
}

/// Starts a sandbox from the journal of a project folder and reads its books.
pub fn books(folder: &Path) -> Books {
    let options = SandboxOptions {
        seed: DEMO_SEED,
        port: 0,
        dns_port: 0,
        world: World::pilot(),
        tier: Tier::Unlimited,
        journal: Some(folder.join("sandbox").join("journal.jsonl")),
        start: jiff::Timestamp::UNIX_EPOCH,
        token: "unused".to_owned(),
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let sandbox = runtime.block_on(Sandbox::start(options)).expect("the sandbox starts from its journal");
    let address = sandbox.base_url().trim_start_matches("http://").to_owned();
    let state = get(&address, "/__sandbox/state?times=false&ids=false");
    let stats = get(&address, "/__sandbox/stats");
    runtime.block_on(sandbox.stop());
    Books { state, stats }
}

fn get(address: &str, path: &str) -> Value {
    let mut line = TcpStream::connect(address).expect("the sandbox listens");
    write!(line, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").expect("the request is sent");
    let mut answer = String::new();
    line.read_to_string(&mut answer).expect("the sandbox answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    serde_json::from_str(body).expect("JSON")
}
