//! Answers "why": for a record, a field, a match, a route, a refusal and a cost, from what the store holds.

use std::collections::BTreeMap;

use evergreen_model::call::Call;
use evergreen_model::{Evidence, GoldenValue, Kept, LedgerEntry, Problem, Record, Remedy, Row, Step};
use evergreen_ports::{CallQuery, LedgerQuery, StepQuery};
use serde::Serialize;

use crate::world::World;

/// Everything known about one record.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// The record as it stands.
    pub record: Record,
    /// Its company, for contacts.
    pub company: Option<Record>,
    /// Per field: the value that won and those that lost.
    pub fields: BTreeMap<String, FieldStory>,
    /// Rows it came from.
    pub rows: Vec<Row>,
    /// Paid questions about it.
    pub calls: Vec<Call>,
    /// What the newest plan does to it.
    pub steps: Vec<Step>,
    /// Everything decided about it, in order.
    pub history: Vec<LedgerEntry>,
}

/// Why a field has its value.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FieldStory {
    /// The value that won.
    pub golden: Option<GoldenValue>,
    /// Everything that was said, newest last.
    pub said: Vec<Said>,
    /// Why it is not written to the portal, if it is not.
    pub kept: Option<Kept>,
}

/// One source's word on a field.
#[derive(Clone, Debug, Serialize)]
pub struct Said {
    /// The value.
    pub value: String,
    /// The evidence.
    pub evidence: Evidence,
    /// Proven wrong since.
    pub refuted: bool,
}

/// Explains the one record that `who` means.
///
/// # Errors
/// `EG-EXPLAIN-001` when nobody is meant, `EG-EXPLAIN-002` when several are, naming them.
pub async fn who(world: &World, who: &str) -> Result<Explanation, Problem> {
    let mut found = world.store.find(who).await?;
    match found.len() {
        0 => Err(Problem::new(
            "EG-EXPLAIN-001",
            Remedy::FixInput,
            format!("nobody here is \"{who}\""),
            "looked for number, evergreen id, HubSpot id, address, LinkedIn URL, domain and part of a name",
            "try the address, or `evergreen status` to see whether the list was imported",
        )),
        1 => about(world, found.remove(0)).await,
        count => {
            let names: Vec<String> = found
                .iter()
                .take(8)
                .map(|record| format!("{} ({} {})", record.title(), record.entity.as_str(), record.id))
                .collect();
            Err(Problem::new(
                "EG-EXPLAIN-002",
                Remedy::FixInput,
                format!("\"{who}\" may be {count} records"),
                names.join(", "),
                "use the number in brackets",
            ))
        }
    }
}

async fn about(world: &World, record: Record) -> Result<Explanation, Problem> {
    let evidence = world.store.evidence(&[record.id]).await?;
    let mut fields: BTreeMap<String, FieldStory> = BTreeMap::new();
    for piece in &evidence {
        for (field, value) in &piece.fields {
            let story = fields.entry(field.clone()).or_default();
            story.said.push(Said {
                value: value.clone(),
                evidence: piece.clone(),
                refuted: record.refuted.contains(value),
            });
        }
    }
    for (field, golden) in &record.values {
        fields.entry(field.clone()).or_default().golden = Some(golden.clone());
    }
    let steps = match world.store.latest_plan(record.run).await? {
        Some(plan) => {
            let query = StepQuery {
                plan: plan.id,
                states: Vec::new(),
                entity: None,
                action: None,
                record: Some(record.id),
                after: None,
                limit: 10,
            };
            world.store.steps(query).await?
        }
        None => Vec::new(),
    };
    for kept in steps.iter().flat_map(|step| &step.kept) {
        fields.entry(kept.property.clone()).or_default().kept = Some(kept.clone());
    }
    let company = match record.company {
        Some(id) => world.store.records(&[id]).await?.into_iter().next(),
        None => None,
    };
    Ok(Explanation {
        company,
        fields,
        rows: world.store.rows_of(record.id).await?,
        calls: world.store.calls(CallQuery { record: Some(record.id), ..CallQuery::default() }).await?,
        steps,
        history: world.store.ledger(LedgerQuery { record: Some(record.id), ..LedgerQuery::default() }).await?,
        record,
    })
}
