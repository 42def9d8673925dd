//! Snapshots: a sandbox goes back to what it was, and stays there over a restart.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod common;

use std::path::Path;

use evergreen_sandbox::{Offline, SandboxOptions};
use jiff::Timestamp;
use serde_json::{Value, json};

fn open(journal: Option<&Path>, seed: u64) -> Offline {
    let options = common::options(common::world());
    Offline::new(SandboxOptions { journal: journal.map(Path::to_owned), seed, ..options }).unwrap()
}

fn ask(door: &Offline, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let at: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
    let headers = [("authorization".to_owned(), format!("Bearer {}", common::TOKEN))];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = door.call(at, method, path, &headers, body.as_bytes());
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
}

fn create(door: &Offline, email: &str) {
    let body = json!({"properties": {"email": email}});
    assert_eq!(ask(door, "POST", "/crm/objects/2026-09/contacts", &body).0, 201);
}

fn state(door: &Offline) -> Value {
    ask(door, "GET", "/__sandbox/state", &Value::Null).1
}

#[test]
fn a_restored_sandbox_is_what_it_was_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    let file = json!({"file": folder.path().join("kept.snapshot").to_str().unwrap()});
    let door = open(Some(&journal), 11);
    create(&door, "before@northquay.example");
    let before = state(&door);
    assert_eq!(ask(&door, "POST", "/__sandbox/snapshot", &file).0, 200);
    create(&door, "after@northquay.example");
    assert_ne!(state(&door), before);

    let (status, restored) = ask(&door, "POST", "/__sandbox/restore", &file);
    assert_eq!((status, &restored["changes"]), (200, &json!(1)));
    assert_eq!(state(&door), before);
    create(&door, "later@northquay.example");
    let later = state(&door);
    drop(door);
    assert_eq!(state(&open(Some(&journal), 11)), later);
}

#[test]
fn a_snapshot_that_does_not_fit_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let file = folder.path().join("kept.snapshot");
    let named = json!({"file": file.to_str().unwrap()});
    assert_eq!(ask(&open(Some(&one), 11), "POST", "/__sandbox/snapshot", &named).0, 200);

    let other = open(Some(&two), 12);
    create(&other, "mine@northquay.example");
    let before = state(&other);
    let (status, refusal) = ask(&other, "POST", "/__sandbox/restore", &named);
    assert_eq!(status, 400);
    assert!(refusal["message"].as_str().unwrap().contains("seed 11"), "{refusal}");

    let text = std::fs::read_to_string(&file).unwrap().replace("\"version\":1", "\"version\":99");
    std::fs::write(&file, text).unwrap();
    let (_, refusal) = ask(&other, "POST", "/__sandbox/restore", &named);
    assert!(refusal["message"].as_str().unwrap().contains("version 99"), "{refusal}");
    assert_eq!(state(&other), before);
}

#[test]
fn a_snapshot_never_replaces_a_file_of_another_kind_and_needs_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let letter = folder.path().join("letter.txt");
    std::fs::write(&letter, "dear reader\n").unwrap();
    let named = json!({"file": letter.to_str().unwrap()});
    assert_eq!(ask(&open(Some(&folder.path().join("j")), 11), "POST", "/__sandbox/snapshot", &named).0, 400);
    assert_eq!(std::fs::read_to_string(&letter).unwrap(), "dear reader\n");
    let (status, refusal) = ask(&open(None, 11), "POST", "/__sandbox/snapshot", &named);
    assert_eq!(status, 400);
    assert!(refusal["message"].as_str().unwrap().contains("--journal"), "{refusal}");
}
