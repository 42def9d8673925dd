//! Writing: batches of updates and upserts in which one bad row never blocks the others and no row goes unanswered.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use evergreen_model::{Entity, PortalRecord};
use evergreen_ports::{Difference, PortalError, Write, WriteKey, WriteOutcome, WriteResult};
use futures::stream::{self, StreamExt};
use serde_json::{Value, json};

use crate::call::{Ask, Line, Reply};
use crate::read::{self, ABREAST};
use crate::versions::{self, BATCH_MAX};
use crate::wire::{Refusal, str_of};

/// Our own unique property, on which creates are upserts: a lost answer may be repeated without making a second record.
pub(crate) const OWN_KEY: &str = "evergreen_id";

/// What became of each row so far, by trace.
type Results = BTreeMap<String, WriteResult>;

/// Writes everything, 100 rows at a time; every write gets a result.
pub(crate) async fn write(line: &Line, entity: Entity, writes: &[Write]) -> Result<WriteOutcome, PortalError> {
    let before = line.calls.load(std::sync::atomic::Ordering::Relaxed);
    let mut results = Results::new();
    let mut failure = None;
    // Two writes to one record must not share a batch and must keep their order, so the second waits for the next wave.
    for wave in waves(writes) {
        let mut batches = Vec::new();
        for (verb, rows) in &wave {
            for rows in rows.chunks(BATCH_MAX) {
                batches.push(write_batch(line, entity, verb, rows.to_vec()));
            }
        }
        let mut running = stream::iter(batches).buffered(ABREAST);
        while let Some((done, error)) = running.next().await {
            results.extend(done);
            failure = error;
            // The portal is down or denies us; the batches behind would only wait for the same end.
            if failure.is_some() {
                break;
            }
        }
        if failure.is_some() {
            break;
        }
    }
    if let Some(error) = failure {
        // What was written must not be forgotten because a later batch failed: the rest is unaccounted, and the next call says why.
        if !results.values().any(|result| matches!(result, WriteResult::Done { .. })) {
            return Err(error);
        }
        tracing::warn!("the portal failed in the middle of a write: {}", error.problem());
    } else {
        look_up_unaccounted(line, entity, writes, &mut results).await;
    }
    let calls = line.calls.load(std::sync::atomic::Ordering::Relaxed).saturating_sub(before);
    let results = writes
        .iter()
        .map(|write| (write.trace.clone(), results.remove(&write.trace).unwrap_or(WriteResult::Unaccounted)))
        .collect();
    Ok(WriteOutcome { results, calls })
}

/// Rows in waves; in each wave the updates by record id and the upserts by our own key, no record twice.
fn waves(writes: &[Write]) -> Vec<[(&'static str, Vec<&Write>); 2]> {
    let mut waves: Vec<[(&'static str, Vec<&Write>); 2]> = Vec::new();
    let mut times_seen: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for write in writes {
        let (slot, key) = match &write.key {
            WriteKey::Id(id) => (0, id.as_str()),
            WriteKey::EvergreenId(id) => (1, id.as_str()),
        };
        let seen = times_seen.entry((slot, key)).or_default();
        if waves.len() <= *seen {
            waves.push([("update", Vec::new()), ("upsert", Vec::new())]);
        }
        if let Some(wave) = waves.get_mut(*seen) {
            wave[slot].1.push(write);
        }
        *seen += 1;
    }
    waves
}

/// One batch. When HubSpot refuses it as a whole, the rows it names are taken out, or it is halved until the bad row stands alone.
async fn write_batch(
    line: &Line,
    entity: Entity,
    verb: &'static str,
    rows: Vec<&Write>,
) -> (Results, Option<PortalError>) {
    let mut results = Results::new();
    let mut waiting = VecDeque::from([rows]);
    while let Some(rows) = waiting.pop_front() {
        if rows.is_empty() {
            continue;
        }
        let path = versions::batch(entity, verb);
        let inputs: Vec<Value> = rows.iter().map(|row| input(row)).collect();
        match line.ask(&Ask::post(&path, json!({"inputs": inputs}))).await {
            Ok(Reply::Ok(body)) => read_answer(&rows, &body, &mut results),
            Ok(Reply::Refused(_, refusal)) => {
                if let [row] = rows.as_slice() {
                    results.insert(row.trace.clone(), failed(&refusal));
                    continue;
                }
                let (named, rest): (Vec<&Write>, Vec<&Write>) = rows.iter().partition(|row| is_about(&refusal, row));
                if named.is_empty() {
                    let (left, right) = rows.split_at(rows.len() / 2);
                    waiting.extend([left.to_vec(), right.to_vec()]);
                } else {
                    results.extend(named.iter().map(|row| (row.trace.clone(), failed(&refusal))));
                    waiting.push_back(rest);
                }
            }
            Err(error) => return (results, Some(error)),
        }
    }
    (results, None)
}

fn input(row: &Write) -> Value {
    match &row.key {
        WriteKey::Id(id) => json!({"id": id, "properties": row.properties, "objectWriteTraceId": row.trace}),
        WriteKey::EvergreenId(id) => {
            json!({"id": id, "idProperty": OWN_KEY, "properties": row.properties, "objectWriteTraceId": row.trace})
        }
    }
}

/// Matches results and errors with rows: order means nothing, so by trace, else by id.
fn read_answer(rows: &[&Write], body: &Value, results: &mut Results) {
    for value in body["results"].as_array().into_iter().flatten() {
        let Some(id) = str_of(&value["id"]) else { continue };
        let trace = str_of(&value["objectWriteTraceId"]);
        let own_key = str_of(&value["properties"][OWN_KEY]);
        let row = rows.iter().find(|row| match (&trace, &row.key) {
            (Some(trace), _) => row.trace == *trace,
            (None, WriteKey::Id(asked)) => *asked == id,
            (None, WriteKey::EvergreenId(asked)) => own_key.as_ref() == Some(asked),
        });
        if let Some(row) = row {
            let created = value["new"].as_bool().unwrap_or(false);
            results.insert(row.trace.clone(), WriteResult::Done { id, created, differs: differs(row, value) });
        }
    }
    for error in body["errors"].as_array().into_iter().flatten() {
        let refusal = Refusal::read(error);
        for row in rows.iter().filter(|row| is_about(&refusal, row)) {
            results.entry(row.trace.clone()).or_insert_with(|| failed(&refusal));
        }
    }
}

/// Values that HubSpot keeps otherwise than we sent them.
fn differs(row: &Write, value: &Value) -> Vec<Difference> {
    let held = &value["properties"];
    row.properties
        .iter()
        .filter_map(|(property, sent)| {
            let kept = held.get(property).map(|kept| str_of(kept).unwrap_or_default())?;
            (kept != *sent).then(|| Difference { property: property.clone(), sent: sent.clone(), kept })
        })
        .collect()
}

/// Merges one record into another.
pub(crate) async fn merge(line: &Line, entity: Entity, primary: &str, other: &str) -> Result<WriteResult, PortalError> {
    let path = versions::merge(entity);
    match line.ask(&Ask::post(&path, json!({"primaryObjectId": primary, "objectIdToMerge": other}))).await? {
        Reply::Ok(body) => match str_of(&body["id"]) {
            Some(id) => Ok(WriteResult::Done { id, created: false, differs: Vec::new() }),
            None => Ok(WriteResult::Unaccounted),
        },
        Reply::Refused(_, refusal) => Ok(failed(&refusal)),
    }
}

/// Moves records to the recycle bin.
pub(crate) async fn archive(line: &Line, entity: Entity, ids: &[String]) -> Result<WriteOutcome, PortalError> {
    let path = versions::batch(entity, "archive");
    let mut outcome = WriteOutcome::default();
    for ids in ids.chunks(BATCH_MAX) {
        let inputs: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
        line.expect(&Ask::post(&path, json!({"inputs": inputs}))).await?;
        outcome.calls += 1;
        let done = |id: &String| WriteResult::Done { id: id.clone(), created: false, differs: Vec::new() };
        outcome.results.extend(ids.iter().map(|id| (id.clone(), done(id))));
    }
    Ok(outcome)
}

fn is_about(refusal: &Refusal, row: &Write) -> bool {
    let key = match &row.key {
        WriteKey::Id(id) | WriteKey::EvergreenId(id) => id,
    };
    refusal.traces.contains(&row.trace) || (refusal.traces.is_empty() && refusal.ids.contains(key))
}

fn failed(refusal: &Refusal) -> WriteResult {
    WriteResult::Failed {
        code: refusal.code.clone(),
        message: refusal.message.clone(),
        properties: refusal.properties.clone(),
        existing: refusal.existing.clone(),
    }
}

/// HubSpot leaves rows out without a word (merged records, for one). They are read once: there and as written means done.
async fn look_up_unaccounted(line: &Line, entity: Entity, writes: &[Write], results: &mut Results) {
    let open: Vec<&Write> = writes.iter().filter(|write| !results.contains_key(&write.trace)).collect();
    if open.is_empty() {
        return;
    }
    let properties: BTreeSet<String> =
        open.iter().flat_map(|write| write.properties.keys().cloned()).chain([OWN_KEY.to_owned()]).collect();
    let properties: Vec<String> = properties.into_iter().collect();
    let (by_id, by_key): (Vec<&Write>, Vec<&Write>) =
        open.into_iter().partition(|write| matches!(write.key, WriteKey::Id(_)));
    for (id_property, rows) in [(None, by_id), (Some(OWN_KEY), by_key)] {
        for row in rows {
            let (WriteKey::Id(key) | WriteKey::EvergreenId(key)) = &row.key;
            // One by one, because an answer about a merged record does not say which id was asked.
            let Ok(found) = read::read(line, entity, id_property, std::slice::from_ref(key), &properties, &[]).await
            else {
                return;
            };
            if let Some(result) = found.first().and_then(|record| accounted(row, record)) {
                results.insert(row.trace.clone(), result);
            }
        }
    }
}

fn accounted(row: &Write, record: &PortalRecord) -> Option<WriteResult> {
    if let WriteKey::Id(asked) = &row.key
        && *asked != record.id
    {
        return Some(WriteResult::Failed {
            code: "MERGED".to_owned(),
            message: format!("record {asked} was merged into {}", record.id),
            properties: Vec::new(),
            existing: Some(record.id.clone()),
        });
    }
    let as_written = row
        .properties
        .iter()
        .all(|(name, value)| record.properties.get(name).map_or("", String::as_str) == value.as_str());
    as_written.then(|| WriteResult::Done { id: record.id.clone(), created: false, differs: Vec::new() })
}
