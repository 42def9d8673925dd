//! Snapshots: one file with everything that happened to a sandbox, from which it can be made again exactly.

use axum::http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::SandboxOptions;
use crate::clock::{Millis, iso};
use crate::journal::{self, Journal};
use crate::state::State;
use crate::wire::{Call, Reply};

pub(crate) const NO_JOURNAL: &str =
    "this sandbox keeps no journal, so there is nothing to take a snapshot of; start it with --journal FILE";
const NAME: &str = "evergreen-sandbox";
const VERSION: u32 = 1;

/// The first line of a snapshot; the journal's lines follow.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    snapshot: String,
    version: u32,
    seed: u64,
    start: Millis,
    /// Tells the world by its content: changes mean nothing in another one.
    world: String,
    taken: String,
}

/// A snapshot that was read and carried out, not yet in place.
pub(crate) struct Loaded {
    pub state: State,
    pub lines: Vec<u8>,
    pub changes: usize,
}

pub(crate) fn refused(problem: &str) -> Reply {
    Reply::json(400, json!({"ok": false, "message": problem}))
}

fn file(call: &Call) -> Result<&str, String> {
    match (&call.method, call.body["file"].as_str().filter(|file| !file.is_empty())) {
        (&Method::POST, Some(file)) => Ok(file),
        _ => Err("known: POST snapshot {\"file\": \"...\"}, POST restore {\"file\": \"...\"}".to_owned()),
    }
}

fn world_of(began: &SandboxOptions) -> String {
    blake3::hash(format!("{:?}", began.world).as_bytes()).to_hex().to_string()
}

fn head_of(bytes: &[u8]) -> Option<(Head, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
    (head.snapshot == NAME).then_some((head, &bytes[end + 1..]))
}

/// Writes the snapshot; a file that is something else is left alone.
pub(crate) fn save(call: &Call, began: &SandboxOptions, journal: &Journal, at: Millis) -> Result<Reply, String> {
    let file = file(call)?;
    if std::fs::read(file).is_ok_and(|there| head_of(&there).is_none()) {
        return Err(format!("{file} exists and is no snapshot; name another file"));
    }
    let head = Head {
        snapshot: NAME.to_owned(),
        version: VERSION,
        seed: began.seed,
        start: began.start.as_millisecond(),
        world: world_of(began),
        taken: iso(at),
    };
    let lines = journal.bytes().map_err(|problem| problem.to_string())?;
    let changes = lines.iter().filter(|byte| **byte == b'\n').count();
    let mut bytes = serde_json::to_vec(&head).map_err(|problem| problem.to_string())?;
    bytes.push(b'\n');
    bytes.extend(lines);
    std::fs::write(file, &bytes).map_err(|problem| format!("cannot write {file}: {problem}"))?;
    Ok(Reply::json(200, json!({"ok": true, "file": file, "changes": changes, "taken": head.taken})))
}

/// Reads a snapshot and carries its changes out on a fresh state.
pub(crate) fn load(call: &Call, began: &SandboxOptions) -> Result<Loaded, String> {
    let file = file(call)?;
    let bytes = std::fs::read(file).map_err(|problem| format!("cannot read {file}: {problem}"))?;
    let (head, lines) = head_of(&bytes).ok_or_else(|| format!("{file} is no snapshot of a sandbox"))?;
    if head.version != VERSION {
        return Err(format!("{file} has version {}; this sandbox reads version {VERSION}", head.version));
    }
    if (head.seed, head.start, head.world.as_str()) != (began.seed, began.start.as_millisecond(), &world_of(began)) {
        return Err(format!(
            "{file} is of a sandbox with seed {} that began at {}; start with the same seed, time and world",
            head.seed,
            iso(head.start)
        ));
    }
    let mut state = State::new(began.clone()).map_err(|problem| problem.to_string())?;
    let mut changes = 0;
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        let change = journal::parse(line, changes + 1).map_err(|problem| problem.to_string())?;
        state.answer(&change.call, change.at);
        changes += 1;
    }
    Ok(Loaded { state, lines: lines.to_vec(), changes })
}
