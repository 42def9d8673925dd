//! Facts about queues: which records a stage is given.

use std::collections::BTreeMap;
use std::sync::Arc;

use evergreen_model::record::{Entity, Record, RecordId, Stage};
use evergreen_model::run::RunId;
use evergreen_ports::{Claim, Store, Transition};

use super::{commit, ok};
use crate::builders::{day, record};

fn claim(stage: Stage) -> Claim {
    Claim { stage, entity: None, run: None, due_by: day(0), after: None, limit: 100 }
}

fn numbers(records: &[Record]) -> Vec<i64> {
    records.iter().map(|record| record.id.0).collect()
}

/// Six records: odd ones contacts, even ones companies.
fn six() -> Vec<Record> {
    (1..=6).map(|id| record(id, if id % 2 == 1 { Entity::Contact } else { Entity::Company })).collect()
}

/// Unknown numbers are left out, repeated ones repeated.
pub async fn records_come_in_the_order_asked(store: Arc<dyn Store>) {
    commit(&*store, Transition { records: six(), ..Transition::default() }).await;
    let asked = [5, 99, 1, 3, 1].map(RecordId);
    assert_eq!(numbers(&ok(store.records(&asked).await)), [5, 1, 3, 1]);
    assert!(ok(store.records(&[]).await).is_empty());
}

/// Stage and due time decide.
pub async fn a_claim_takes_what_is_due_in_its_stage(store: Arc<dyn Store>) {
    let mut records = six();
    records[1].due = day(1);
    records[3].stage = Stage::Enrich;
    commit(&*store, Transition { records, ..Transition::default() }).await;
    assert_eq!(numbers(&ok(store.claim(claim(Stage::Qualify)).await)), [1, 3, 5, 6]);
    assert_eq!(numbers(&ok(store.claim(claim(Stage::Enrich)).await)), [4]);
    assert_eq!(numbers(&ok(store.claim(Claim { due_by: day(1), ..claim(Stage::Qualify) }).await)), [1, 2, 3, 5, 6]);
    assert!(ok(store.claim(claim(Stage::Verify)).await).is_empty());
}

/// To one entity, to one run, to so many.
pub async fn a_claim_can_be_narrowed(store: Arc<dyn Store>) {
    let mut records = six();
    records[0].run = Some(RunId(1));
    records[1].run = Some(RunId(1));
    records[2].run = Some(RunId(2));
    commit(&*store, Transition { records, ..Transition::default() }).await;
    let all = claim(Stage::Qualify);
    assert_eq!(numbers(&ok(store.claim(Claim { entity: Some(Entity::Company), ..all.clone() }).await)), [2, 4, 6]);
    assert_eq!(numbers(&ok(store.claim(Claim { run: Some(RunId(1)), ..all.clone() }).await)), [1, 2]);
    let both = Claim { run: Some(RunId(1)), entity: Some(Entity::Contact), ..all.clone() };
    assert_eq!(numbers(&ok(store.claim(both).await)), [1]);
    assert_eq!(numbers(&ok(store.claim(Claim { limit: 3, ..all }).await)), [1, 2, 3]);
}

/// Paging without changing the stage.
pub async fn a_claim_goes_on_after_a_number(store: Arc<dyn Store>) {
    commit(&*store, Transition { records: six(), ..Transition::default() }).await;
    let next = Claim { after: Some(RecordId(2)), limit: 3, ..claim(Stage::Qualify) };
    assert_eq!(numbers(&ok(store.claim(next).await)), [3, 4, 5]);
    let last = Claim { after: Some(RecordId(6)), ..claim(Stage::Qualify) };
    assert!(ok(store.claim(last).await).is_empty());
}

/// The transition is the acknowledgement.
pub async fn a_record_leaves_the_queue_with_its_stage(store: Arc<dyn Store>) {
    commit(&*store, Transition { records: six(), ..Transition::default() }).await;
    let mut done = ok(store.claim(Claim { limit: 4, ..claim(Stage::Qualify) }).await);
    for record in &mut done {
        record.stage = Stage::Enrich;
    }
    commit(&*store, Transition { records: done, ..Transition::default() }).await;
    assert_eq!(numbers(&ok(store.claim(claim(Stage::Qualify)).await)), [5, 6]);
    assert_eq!(numbers(&ok(store.claim(claim(Stage::Enrich)).await)), [1, 2, 3, 4]);
}

/// In order of number, of one run if asked.
pub async fn a_scan_sees_every_stage(store: Arc<dyn Store>) {
    let mut records = six();
    records[2].stage = Stage::Suppressed;
    records[2].run = Some(RunId(1));
    commit(&*store, Transition { records, ..Transition::default() }).await;
    assert_eq!(numbers(&ok(store.scan(Entity::Contact, None, None, 10).await)), [1, 3, 5]);
    assert_eq!(numbers(&ok(store.scan(Entity::Contact, None, Some(RecordId(1)), 1).await)), [3]);
    assert_eq!(numbers(&ok(store.scan(Entity::Company, None, None, 2).await)), [2, 4]);
    assert_eq!(numbers(&ok(store.scan(Entity::Contact, Some(RunId(1)), None, 10).await)), [3]);
    assert!(ok(store.scan(Entity::Company, Some(RunId(1)), None, 10).await).is_empty());
}

/// How many stand where.
pub async fn stages_are_counted(store: Arc<dyn Store>) {
    let mut records = six();
    records[0].stage = Stage::Held;
    commit(&*store, Transition { records, ..Transition::default() }).await;
    let expected = BTreeMap::from([
        ((Entity::Contact, Stage::Held), 1),
        ((Entity::Contact, Stage::Qualify), 2),
        ((Entity::Company, Stage::Qualify), 3),
    ]);
    assert_eq!(ok(store.tally_stages().await), expected);
}
