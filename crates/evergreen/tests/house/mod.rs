//! A town for the scenario tests: a sandbox with a few people, a project folder pointed at it, and hands to edit and break things.
#![allow(dead_code, unused_imports, reason = "every scenario file uses its own part of the town")]
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod people;
mod wire;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use evergreen::Wiring;
use evergreen_cli::Place;
use evergreen_engine::{Progress, Request, World, apply_plan, pipeline, propose};
use evergreen_model::{Plan, PlanId, Problem, Record, Run, RunReport, Step};
use evergreen_ports::{CallQuery, StepQuery};
use evergreen_sandbox::{Sandbox, SandboxOptions, Tier};
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub use people::{Row, list, person, row, world};
pub use wire::{HurriedClock, Moment, Watch};

/// The day on which every scenario begins.
pub const START: &str = "2026-12-01T08:00:00Z";
/// The token of the town's portal; it must appear in no output.
pub const TOKEN: &str = "pat-secret-0b1e55ed";
/// The key of every vendor; it must appear in no output.
pub const KEY: &str = "key-secret-c0ffee";
/// Where the portal's objects live.
pub const OBJECTS: &str = "/crm/objects/2026-09";

/// A sandbox and a project folder that points at it.
pub struct Town {
    pub folder: TempDir,
    pub watch: Arc<Watch>,
    pub notes: Arc<Notes>,
    pub environment: BTreeMap<String, String>,
    pub base: String,
    sandbox: Sandbox,
}

impl Town {
    /// A town with these people, the pilot's project and nothing imported.
    pub async fn of(world: evergreen_sandbox::World) -> Town {
        Town::within(tempfile::tempdir().unwrap(), world).await
    }

    /// The same with its project in a given folder.
    pub async fn within(folder: TempDir, world: evergreen_sandbox::World) -> Town {
        let options = SandboxOptions {
            seed: 11,
            port: 0,
            dns_port: 0,
            world,
            tier: Tier::Unlimited,
            journal: None,
            start: START.parse().unwrap(),
            token: TOKEN.to_owned(),
        };
        let sandbox = Sandbox::start(options).await.unwrap();
        let base = sandbox.base_url();
        let pilot = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/pilot");
        for name in ["evergreen.yaml", "territories.csv", "suppressions.csv", "table.csv"] {
            std::fs::copy(pilot.join(name), folder.path().join(name)).unwrap();
        }
        let mut environment: BTreeMap<String, String> = [
            ("HUBSPOT_BASE_URL", base.clone()),
            ("HUBSPOT_TOKEN", TOKEN.to_owned()),
            ("HUNTER_BASE_URL", format!("{base}/hunter/v2")),
            ("APOLLO_BASE_URL", format!("{base}/apollo/api/v1")),
            ("PDL_BASE_URL", format!("{base}/pdl/v5")),
            ("SMARTLEAD_BASE_URL", format!("{base}/smartlead/api/v1")),
            ("EVERGREEN_ALLOW_PRIVATE_ADDRESSES", "true".to_owned()),
            ("EVERGREEN_DNS", sandbox.dns_addr().to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        for vendor in ["HUNTER", "APOLLO", "PDL", "SMARTLEAD"] {
            environment.insert(format!("{vendor}_API_KEY"), KEY.to_owned());
        }
        let town = Town { folder, watch: Arc::default(), notes: Arc::default(), environment, base, sandbox };
        town.config("  timeout_ms: 5000", "  timeout_ms: 1000");
        town.config("unknown_after_enrich: hold", "unknown_after_enrich: keep");
        town
    }

    /// The town of most scenarios: the small world of `people.rs`.
    pub async fn small() -> Town {
        Town::of(world()).await
    }

    /// Replaces a text of `evergreen.yaml`, which must be there.
    pub fn config(&self, from: &str, to: &str) {
        let path = self.folder.path().join("evergreen.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "evergreen.yaml has no \"{from}\"");
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
    }

    /// Sets a variable of the project.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.environment.insert(name.to_owned(), value.into());
    }

    /// Writes a file of the project; returns its path.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Opens the project as a newly started program would, on the first day.
    pub async fn open(&self) -> World {
        self.open_at(START).await
    }

    /// Opens the project on another day.
    pub async fn open_at(&self, now: &str) -> World {
        self.try_open(now).await.unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// Opens the project, which may fail.
    pub async fn try_open(&self, now: &str) -> Result<World, Problem> {
        let now: Timestamp = now.parse().unwrap();
        let place = Place {
            folder: self.folder.path().to_owned(),
            now: Some(now),
            seed: Some(7),
            environment: self.environment.clone(),
            progress: self.notes.clone(),
        };
        let watch = Arc::clone(&self.watch);
        Wiring.open_with(place, Arc::new(HurriedClock::new(now)), |outbound| watch.around(outbound)).await
    }

    /// Imports a list and runs everything, as a newly started program.
    pub async fn run(&self, rows: &[Row]) -> Result<RunReport, Problem> {
        self.run_at(START, rows).await
    }

    /// Imports a list and runs everything on another day; no rows is no list.
    pub async fn run_at(&self, now: &str, rows: &[Row]) -> Result<RunReport, Problem> {
        let lists = if rows.is_empty() { Vec::new() } else { vec![self.write("list.csv", list(rows))] };
        let request = Request { lists, pilot: None, approved_by: Some("a test".to_owned()) };
        let report = pipeline::run(&self.try_open(now).await?, &request).await?;
        assert_eq!(report.imported, report.outcome.sum(), "every row is counted out");
        Ok(report)
    }

    /// Imports a list and makes the plan.
    pub async fn plan(&self, world: &World, rows: &[Row]) -> (Run, Plan) {
        let lists = if rows.is_empty() { Vec::new() } else { vec![self.write("list.csv", list(rows))] };
        let (run, plan) = propose(world, &Request { lists, ..Request::default() }).await.unwrap();
        (run, plan.unwrap())
    }

    /// A person edits a contact in the portal.
    pub async fn edit(&self, email: &str, properties: Value) {
        let body = json!({ "object": "contacts", "email": email, "properties": properties });
        let (status, answer) = self.admin("POST", "/__sandbox/human-edit", Some(body)).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// Breaks calls below a path: how, how often, after how many that go well.
    pub async fn fault(&self, prefix: &str, kind: &str, count: u64, after: u64) {
        let body = json!({ "route_prefix": prefix, "kind": kind, "count": count, "after": after });
        let (status, answer) = self.admin("POST", "/__sandbox/fault", Some(body)).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// Everything the portal and the sequencer hold.
    pub async fn state(&self) -> Value {
        self.admin("GET", "/__sandbox/state", None).await.1
    }

    /// The same without ids and times, to compare two towns.
    pub async fn portrait(&self) -> Value {
        let mut state = self.admin("GET", "/__sandbox/state?times=false&ids=false", None).await.1;
        for object in ["contacts", "companies"] {
            for record in state[object].as_array_mut().unwrap() {
                if let Some(properties) = record["properties"].as_object_mut() {
                    properties.remove("last_verified_at");
                }
            }
        }
        state
    }

    /// What was asked of whom and charged.
    pub async fn stats(&self) -> Value {
        self.admin("GET", "/__sandbox/stats", None).await.1
    }

    /// The properties of the portal's contact with that address.
    pub async fn contact(&self, email: &str) -> Option<Value> {
        let state = self.state().await;
        let contacts = state["contacts"].as_object().unwrap();
        let found = contacts
            .values()
            .find(|contact| contact["archived"] != json!(true) && value(contact, "email").eq_ignore_ascii_case(email));
        found.map(|contact| contact["properties"].clone())
    }

    /// A person edits a contact at the very moment before a request leaves whose path and body hold these texts.
    pub fn edit_right_before(&self, before: &str, about: &str, email: &str, properties: Value) {
        let body = json!({ "object": "contacts", "email": email, "properties": properties });
        let call = (self.base.clone(), "POST".to_owned(), "/__sandbox/human-edit".to_owned(), body.to_string());
        self.watch.right_before(Moment { before: before.to_owned(), about: about.to_owned(), call });
    }

    /// Another app calls the portal's API at the very moment before a request leaves whose path and body hold these texts.
    pub fn api_right_before(&self, before: &str, about: &str, method: &str, path: &str, body: Option<Value>) {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let call = (self.base.clone(), method.to_owned(), path.to_owned(), body);
        self.watch.right_before(Moment { before: before.to_owned(), about: about.to_owned(), call });
    }

    /// Another app calls the portal's API.
    pub async fn api(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        call(&self.base, method, path, Some(TOKEN), &body).await
    }

    /// HubSpot id of the contact with that address.
    pub async fn id_of(&self, email: &str) -> String {
        let state = self.state().await;
        let contacts = state["contacts"].as_object().unwrap();
        let found = contacts.iter().find(|(_, contact)| {
            contact["archived"] != json!(true) && value(contact, "email").eq_ignore_ascii_case(email)
        });
        found.map(|(id, _)| id.clone()).unwrap_or_else(|| panic!("the portal has no {email}"))
    }

    async fn admin(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        call(&self.base, method, path, None, &body.map(|body| body.to_string()).unwrap_or_default()).await
    }

    /// Ends the sandbox; the project folder stays until the town is dropped.
    pub async fn stop(self) -> TempDir {
        self.sandbox.stop().await;
        self.folder
    }
}

/// One call over a connection of its own.
pub async fn call(base: &str, method: &str, path: &str, token: Option<&str>, body: &str) -> (u16, Value) {
    let address = base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let token = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\n{token}connection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let all = String::from_utf8_lossy(&bytes);
    let (head, text) = all.split_once("\r\n\r\n").unwrap();
    let answer = match text {
        "" => Value::Null,
        text => serde_json::from_str(text).unwrap_or_else(|_| panic!("not JSON: {text}")),
    };
    (head[9..12].parse().unwrap(), answer)
}

/// A property of a portal record in [`Town::state`]: its value, empty when there is none.
pub fn value<'a>(record: &'a Value, property: &str) -> &'a str {
    read(&record["properties"], property)
}

/// A property among the properties of [`Town::contact`].
pub fn read<'a>(properties: &'a Value, property: &str) -> &'a str {
    let cell = &properties[property];
    cell.as_str().or_else(|| cell["value"].as_str()).unwrap_or_default()
}

/// Every step of a plan.
pub async fn steps(world: &World, plan: PlanId) -> Vec<Step> {
    let query =
        StepQuery { plan, states: Vec::new(), entity: None, action: None, record: None, after: None, limit: 10_000 };
    world.store.steps(query).await.unwrap()
}

/// The create or update step of a plan for a person.
pub async fn step_of(world: &World, plan: PlanId, title: &str) -> Step {
    let all = steps(world, plan).await;
    let wanted = |step: &&Step| step.title == title && matches!(step.action.as_str(), "create" | "update" | "nothing");
    all.iter().find(wanted).cloned().unwrap_or_else(|| panic!("no step for {title}: {:?}", titles(&all)))
}

fn titles(steps: &[Step]) -> Vec<String> {
    steps.iter().map(|step| format!("{} {}", step.action.as_str(), step.title)).collect()
}

/// The one record that `who` means.
pub async fn record(world: &World, who: &str) -> Record {
    let mut found = world.store.find(who).await.unwrap();
    assert_eq!(found.len(), 1, "{who} is {} records", found.len());
    found.remove(0)
}

/// How many calls the store knows about.
pub async fn calls(world: &World) -> Vec<evergreen_model::call::Call> {
    world.store.calls(CallQuery { limit: 10_000, ..CallQuery::default() }).await.unwrap()
}

/// Applies a plan that may need a person's word.
pub async fn apply(world: &World, plan: &Plan) -> RunReport {
    let run = apply_plan(world, plan.id, Some("a test")).await.unwrap_or_else(|problem| panic!("{problem}"));
    evergreen_engine::report::of(world, run.id).await.unwrap_or_else(|problem| panic!("{problem}"))
}

/// A problem as people read it, without what differs from machine to machine.
pub fn told(town: &Town, problem: &Problem) -> String {
    let text = problem.to_string();
    assert_no_secret(&text);
    assert!(!problem.what.is_empty() && !problem.why.is_empty() && !problem.fix.is_empty(), "{text}");
    let text = text.replace(&town.base, "[sandbox]").replace(&town.folder.path().display().to_string(), "[project]");
    let mut redacted = String::new();
    for (at, piece) in text.split("127.0.0.1:").enumerate() {
        let rest = if at == 0 { piece } else { piece.trim_start_matches(|c: char| c.is_ascii_digit()) };
        redacted.push_str(if at == 0 { "" } else { "[address]" });
        redacted.push_str(rest);
    }
    match (redacted.find("(correlation "), redacted.find(')')) {
        (Some(from), Some(_)) => {
            let to = from + redacted[from..].find(')').unwrap();
            format!("{}(correlation [id]{}", &redacted[..from], &redacted[to..])
        }
        _ => redacted,
    }
}

/// An address on which nothing listens.
pub fn nowhere() -> String {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    format!("http://127.0.0.1:{port}")
}

/// Nothing secret stands in a text that people or logs see.
pub fn assert_no_secret(text: &str) {
    for secret in [TOKEN, KEY] {
        assert!(!text.contains(secret), "a secret is shown in: {text}");
    }
}

/// Remembers what a run said about itself.
#[derive(Default)]
pub struct Notes(pub Mutex<Vec<String>>);

impl Notes {
    /// Everything said so far, a sentence a line.
    pub fn text(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }
}

impl Progress for Notes {
    fn begin(&self, step: &str, _total: Option<u64>) {
        self.0.lock().unwrap().push(step.to_owned());
    }
    fn advance(&self, _count: u64) {}
    fn end(&self, sentence: &str) {
        self.0.lock().unwrap().push(sentence.to_owned());
    }
    fn note(&self, sentence: &str) {
        self.0.lock().unwrap().push(format!("note: {sentence}"));
    }
}
