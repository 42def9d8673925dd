//! The suppression list: own files are read in, people put on and taken off, refusals kept as keyed hashes.

use std::io::Read;
use std::path::Path;

use evergreen_model::{LedgerKind, Problem, Record, Remedy, Suppression, SuppressionReason};
use evergreen_ports::Transition;
use serde_json::json;

use crate::ledger;
use crate::world::World;

/// The keys under which a record may be on the list: address, domain and their hashes.
pub(crate) fn keys(world: &World, record: &Record) -> Vec<String> {
    let mut keys = world.decisions.qualifier.suppression_keys(record, None);
    keys.extend(hashed_keys(world, record));
    keys
}

/// The hashed keys of a record, which find a person who was refused or erased without keeping who it was.
pub(crate) fn hashed_keys(world: &World, record: &Record) -> Vec<String> {
    ["email", "hs_linkedin_url"]
        .into_iter()
        .filter_map(|field| record.value(field))
        .map(|value| hashed_key(world.store.instance(), value))
        .collect()
}

/// `hash:` and a keyed hash of an address or profile; the key is this store's own, so lists cannot be compared across firms.
pub(crate) fn hashed_key(instance: &str, value: &str) -> String {
    let key = blake3::derive_key("evergreen suppression 2026", instance.as_bytes());
    format!("hash:{}", &blake3::keyed_hash(&key, value.trim().to_lowercase().as_bytes()).to_hex().as_str()[..32])
}

/// The key of what a person typed: an address or a domain.
///
/// # Errors
/// `EG-SUPPRESS-001` when it is neither.
pub fn key_of(who: &str) -> Result<String, Problem> {
    let who = who.trim().to_lowercase();
    match who.split_once('@') {
        Some((local, domain)) if !local.is_empty() && domain.contains('.') => Ok(format!("email:{who}")),
        None if who.contains('.') && !who.contains(char::is_whitespace) => {
            Ok(format!("domain:{}", who.trim_start_matches("www.")))
        }
        _ => Err(Problem::new(
            "EG-SUPPRESS-001",
            Remedy::FixInput,
            format!("\"{who}\" is neither an address nor a domain"),
            "the suppression list holds addresses and domains",
            "write jane@acme.com or acme.com",
        )),
    }
}

/// Puts somebody on the list.
///
/// # Errors
/// As [`key_of`], and when the store cannot write.
pub async fn add(world: &World, who: &str, reason: SuppressionReason, by: &str) -> Result<Suppression, Problem> {
    let now = world.clock.now();
    let entry = Suppression { key: key_of(who)?, reason, by: by.to_owned(), at: now };
    let sentence = format!("{} put on the suppression list by {by}: {}", entry.key, reason.as_str());
    let line = ledger::general(now, None, LedgerKind::Suppressed, sentence, json!({ "key": entry.key }));
    world
        .store
        .commit(Transition { suppressions: vec![entry.clone()], ledger: vec![line], ..Transition::default() })
        .await?;
    Ok(entry)
}

/// Takes somebody off the list.
///
/// # Errors
/// As [`key_of`], and when the store cannot write.
pub async fn remove(world: &World, who: &str, by: &str) -> Result<(), Problem> {
    let key = key_of(who)?;
    let sentence = format!("{key} taken off the suppression list by {by}");
    let line = ledger::general(world.clock.now(), None, LedgerKind::Suppressed, sentence, json!({ "key": key }));
    world.store.commit(Transition { unsuppress: vec![key], ledger: vec![line], ..Transition::default() }).await?;
    Ok(())
}

/// Reads the project's own suppression files (`email,domain,reason`) into the list; the same file again changes nothing.
///
/// # Errors
/// `EG-SUPPRESS-002` naming the file and line that cannot be used.
pub async fn read_own_lists(world: &World) -> Result<u64, Problem> {
    let now = world.clock.now();
    let mut entries = Vec::new();
    for file in &world.config.suppressions {
        let path = world.folder.join(file);
        entries.extend(read_list(world, &path, now)?);
    }
    let keys: Vec<String> = entries.iter().map(|entry| entry.key.clone()).collect();
    let known: std::collections::BTreeSet<String> =
        world.store.suppressed(&keys).await?.into_iter().map(|entry| entry.key).collect();
    entries.retain(|entry| !known.contains(&entry.key));
    let count = entries.len() as u64;
    if count > 0 {
        let sentence = format!("{count} entries read from the project's own suppression files");
        let line = ledger::general(now, None, LedgerKind::Suppressed, sentence, json!({ "entries": count }));
        world.store.commit(Transition { suppressions: entries, ledger: vec![line], ..Transition::default() }).await?;
    }
    Ok(count)
}

fn read_list(world: &World, path: &Path, now: jiff::Timestamp) -> Result<Vec<Suppression>, Problem> {
    let failed = |line: usize, why: String| {
        Problem::new(
            "EG-SUPPRESS-002",
            Remedy::FixInput,
            format!("{} line {line} cannot be used as suppression", path.display()),
            why,
            "a line is email,domain,reason with one of email and domain filled; nothing is enriched until the list can be read",
        )
    };
    let mut text = String::new();
    world.files.open(path).and_then(|mut input| input.read_to_string(&mut text)).map_err(|error| {
        Problem::new(
            "EG-SUPPRESS-002",
            Remedy::FixSettings,
            format!("the suppression list {} cannot be read", path.display()),
            error.to_string(),
            "put the file there or take it out of `suppressions` in evergreen.yaml; nothing is enriched until the list can be read",
        )
    })?;
    let mut entries = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let cells: Vec<&str> = line.split(',').map(|cell| cell.trim().trim_matches('"')).collect();
        if index == 0 && cells.iter().any(|cell| cell.eq_ignore_ascii_case("email")) || line.trim().is_empty() {
            continue;
        }
        let who = cells.iter().take(2).find(|cell| !cell.is_empty()).copied().unwrap_or_default();
        let reason = cells.get(2).copied().unwrap_or_default();
        let reason = SuppressionReason::parse(reason).unwrap_or(SuppressionReason::DoNotContact);
        let key = key_of(who).map_err(|problem| failed(index + 1, problem.what))?;
        let by = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        entries.push(Suppression { key, reason, by, at: now });
    }
    Ok(entries)
}
