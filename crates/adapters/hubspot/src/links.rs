//! Links between contacts and companies, a thousand pairs at a time.

use std::collections::BTreeSet;

use evergreen_ports::{PortalError, WriteOutcome, WriteResult};
use serde_json::{Value, json};

use crate::call::{Ask, Line, Reply};
use crate::versions::{self, LINKS_MAX};
use crate::wire::{Refusal, str_of};

/// Links contacts to companies with the default, unlabelled association; doing it twice is harmless.
pub(crate) async fn associate(line: &Line, pairs: &[(String, String)]) -> Result<WriteOutcome, PortalError> {
    each(
        line,
        &versions::link_contacts_to_companies(),
        pairs,
        |contact, company| json!({"from": {"id": contact}, "to": {"id": company}}),
    )
    .await
}

/// Takes all links between these contacts and companies away; doing it twice is harmless.
pub(crate) async fn dissociate(line: &Line, pairs: &[(String, String)]) -> Result<WriteOutcome, PortalError> {
    each(
        line,
        &versions::unlink_contacts_from_companies(),
        pairs,
        |contact, company| json!({"from": {"id": contact}, "to": [{"id": company}]}),
    )
    .await
}

async fn each(
    line: &Line,
    path: &str,
    pairs: &[(String, String)],
    input: impl Fn(&str, &str) -> Value,
) -> Result<WriteOutcome, PortalError> {
    let before = line.calls.load(std::sync::atomic::Ordering::Relaxed);
    let mut outcome = WriteOutcome::default();
    let mut waiting: Vec<Vec<(String, String)>> = pairs.chunks(LINKS_MAX).map(<[_]>::to_vec).rev().collect();
    while let Some(batch) = waiting.pop() {
        let inputs: Vec<Value> = batch.iter().map(|(contact, company)| input(contact, company)).collect();
        match line.ask(&Ask::post(path, json!({"inputs": inputs}))).await {
            Ok(Reply::Ok(Value::Null)) => {
                let done = |pair: &(String, String)| WriteResult::Done {
                    id: pair.0.clone(),
                    created: false,
                    differs: Vec::new(),
                };
                outcome.results.extend(batch.iter().map(|pair| (trace(pair), done(pair))));
            }
            Ok(Reply::Ok(body)) => outcome.results.extend(read_answer(&batch, &body)),
            Ok(Reply::Refused(_, refusal)) if batch.len() == 1 => {
                outcome.results.extend(batch.iter().map(|pair| (trace(pair), failed(&refusal))));
            }
            Ok(Reply::Refused(..)) => {
                let (left, right) = batch.split_at(batch.len() / 2);
                waiting.extend([right.to_vec(), left.to_vec()]);
            }
            Err(error) if outcome.results.is_empty() => return Err(error),
            Err(error) => {
                tracing::warn!("the portal failed while linking: {}", error.problem());
                let rest = batch.iter().chain(waiting.iter().rev().flatten());
                outcome.results.extend(rest.map(|pair| (trace(pair), WriteResult::Unaccounted)));
                break;
            }
        }
    }
    outcome.calls = line.calls.load(std::sync::atomic::Ordering::Relaxed).saturating_sub(before);
    Ok(outcome)
}

fn read_answer(batch: &[(String, String)], body: &Value) -> Vec<(String, WriteResult)> {
    let mut linked: BTreeSet<(String, String)> = BTreeSet::new();
    for result in body["results"].as_array().into_iter().flatten() {
        if let (Some(from), Some(to)) = (str_of(&result["from"]["id"]), str_of(&result["to"]["id"])) {
            linked.insert((from, to));
        }
    }
    let refusals: Vec<Refusal> = body["errors"].as_array().into_iter().flatten().map(Refusal::read).collect();
    let result = |pair: &(String, String)| {
        // A refusal names the id that is missing, not the pair; it counts before a result, because contact and company ids may coincide.
        if let Some(refusal) =
            refusals.iter().find(|refusal| refusal.ids.contains(&pair.0) || refusal.ids.contains(&pair.1))
        {
            return failed(refusal);
        }
        if linked.contains(pair) {
            WriteResult::Done { id: pair.0.clone(), created: false, differs: Vec::new() }
        } else {
            WriteResult::Unaccounted
        }
    };
    batch.iter().map(|pair| (trace(pair), result(pair))).collect()
}

fn trace((contact, company): &(String, String)) -> String {
    format!("{contact}:{company}")
}

fn failed(refusal: &Refusal) -> WriteResult {
    WriteResult::Failed {
        code: refusal.code.clone(),
        message: refusal.message.clone(),
        properties: refusal.properties.clone(),
        existing: None,
    }
}
