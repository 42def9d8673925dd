//! The recycle bin: many records at once, each id answered for.

use evergreen_ports::WriteResult;
use serde_json::{Value, json};

use crate::call::{Ask, Reply};
use crate::error::Error;
use crate::objects::Objects;
use crate::versions::{self, BATCH_MAX};
use crate::wire::Refusal;

/// What became of each id, once each, in the order asked.
#[derive(Clone, Debug, Default)]
#[must_use = "an ignored outcome is a vanished row"]
pub struct Archived {
    /// Id to result.
    pub results: Vec<(String, WriteResult)>,
    /// What ended it early, when something did; the ids behind it are unaccounted.
    pub stopped: Option<Error>,
}

impl Objects {
    /// Moves records to the recycle bin, 100 at a time. Those already there, or that never were, count as done: HubSpot does not
    /// tell them apart.
    pub async fn archive_all(&self, ids: &[String]) -> Archived {
        let mut unique: Vec<&String> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        unique.extend(ids.iter().filter(|id| seen.insert(id.as_str())));
        let mut outcome = Archived::default();
        let mut waiting: Vec<Vec<&String>> = unique.chunks(BATCH_MAX).map(<[_]>::to_vec).rev().collect();
        while let Some(batch) = waiting.pop() {
            let inputs: Vec<Value> = batch.iter().map(|id| json!({"id": id})).collect();
            let ask = Ask::post(versions::batch(self.kind.name(), "archive"), json!({"inputs": inputs}));
            match self.client.ask(&ask).await {
                Ok(Reply::Ok(_)) => outcome.results.extend(batch.into_iter().map(|id| (id.clone(), done(id)))),
                Ok(Reply::Refused(_, refusal)) if batch.len() == 1 => {
                    outcome.results.extend(batch.into_iter().map(|id| (id.clone(), failed(&refusal))));
                }
                Ok(Reply::Refused(..)) => {
                    let (left, right) = batch.split_at(batch.len() / 2);
                    waiting.extend([right.to_vec(), left.to_vec()]);
                }
                Err(error) => {
                    outcome.stopped = Some(error);
                    let rest = batch.into_iter().chain(waiting.into_iter().rev().flatten());
                    outcome.results.extend(rest.map(|id| (id.clone(), WriteResult::Unaccounted)));
                    break;
                }
            }
        }
        outcome
    }
}

fn done(id: &str) -> WriteResult {
    WriteResult::Done { id: id.to_owned(), created: false, differs: Vec::new() }
}

fn failed(refusal: &Refusal) -> WriteResult {
    WriteResult::Failed {
        code: refusal.code.clone(),
        message: refusal.message.clone(),
        properties: refusal.properties.clone(),
        existing: None,
    }
}
