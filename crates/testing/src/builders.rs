//! Builders: plain, valid things with a number, to be changed by the test that needs them different.

use evergreen_model::call::{Answer, AnswerOutcome, Charge, Question};
use evergreen_model::evidence::{Evidence, EvidenceId, Fields, GoldenValue, Source};
use evergreen_model::ledger::{LedgerKind, NewLedgerEntry};
use evergreen_model::list::{FileId, ListFile, Row, RowId, RowState};
use evergreen_model::money::{Credits, Money};
use evergreen_model::plan::{Action, Plan, PlanId, PlanState, Step, StepId, StepState};
use evergreen_model::record::{Entity, Origin, Reason, Record, RecordId, Stage};
use evergreen_model::review::{Review, ReviewId, ReviewKind, ReviewState};
use evergreen_model::run::{Run, RunId, RunState};
use evergreen_model::suppression::{Suppression, SuppressionReason};
use jiff::{SignedDuration, Timestamp};

/// When tests begin: 2026-01-15 09:00 UTC.
#[must_use]
pub fn start() -> Timestamp {
    Timestamp::from_second(1_768_467_600).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// So many days after [`start`].
#[must_use]
pub fn day(days: i64) -> Timestamp {
    start() + SignedDuration::from_hours(24 * days)
}

/// Field names and values as the model holds them.
#[must_use]
pub fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A value chosen from a list.
#[must_use]
pub fn golden(value: &str) -> GoldenValue {
    GoldenValue {
        value: value.to_owned(),
        evidence: EvidenceId(1),
        source: Source::List("list.csv".into()),
        at: start(),
        why: "only value".into(),
    }
}

/// A record that has just come in from a list: without run, values or verdicts, due at once.
#[must_use]
pub fn record(id: i64, entity: Entity) -> Record {
    Record {
        id: RecordId(id),
        entity,
        evergreen_id: format!("test-{id}"),
        origin: Origin::List,
        run: None,
        stage: Stage::Qualify,
        due: start(),
        portal_id: None,
        company: None,
        merged_into: None,
        values: Default::default(),
        written: Default::default(),
        portal_changed_at: None,
        approved: Default::default(),
        undone: Default::default(),
        refuted: Default::default(),
        verdicts: None,
        fit: None,
        owner: None,
        outcome: None,
        reason: None,
        created_at: start(),
        settled_at: None,
    }
}

/// [`record`] with golden values.
#[must_use]
pub fn record_with(id: i64, entity: Entity, values: &[(&str, &str)]) -> Record {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), golden(value))).collect();
    Record { values, ..record(id, entity) }
}

/// What a list said about a record.
#[must_use]
pub fn evidence(id: i64, record: i64, said: &[(&str, &str)]) -> Evidence {
    Evidence {
        id: EvidenceId(id),
        record: RecordId(record),
        source: Source::List("list.csv".into()),
        run: None,
        at: start(),
        fields: fields(said),
        confidence: 100,
        call: None,
        row: None,
    }
}

/// An open run.
#[must_use]
pub fn run(id: i64) -> Run {
    Run {
        id: RunId(id),
        purpose: Default::default(),
        state: RunState::Open,
        started_at: start(),
        finished_at: None,
        pilot: None,
        config_hash: "config".into(),
        observed: false,
        portal_contacts: 0,
    }
}

/// A contact list that is still being staged.
#[must_use]
pub fn list_file(id: i64) -> ListFile {
    ListFile {
        id: FileId(id),
        name: format!("list-{id}.csv"),
        hash: format!("hash-{id}"),
        entity: Entity::Contact,
        imported_at: start(),
        rows: 0,
        quarantined: 0,
        complete: false,
    }
}

/// A staged row of file 1; its line is its number plus the header.
#[must_use]
pub fn row(id: i64) -> Row {
    Row {
        id: RowId(id),
        file: FileId(1),
        line: u64::try_from(id).unwrap_or_default() + 1,
        entity: Entity::Contact,
        state: RowState::Staged,
        run: None,
        record: None,
        fields: fields(&[("email", &format!("person{id}@example.com"))]),
        extra: Default::default(),
        reason: None,
    }
}

/// A question to a provider under a key.
#[must_use]
pub fn question(provider: &str, key: &str) -> Question {
    Question {
        provider: provider.to_owned(),
        operation: "email_finder".into(),
        entity: Entity::Contact,
        inputs: fields(&[("domain", "example.com"), ("lastname", key)]),
        key: key.to_owned(),
    }
}

/// A price of so many millionths; a credit costs a unit of money.
#[must_use]
pub fn charge(micros: i64) -> Charge {
    Charge { credits: Credits::from_micros(micros), money: Money::from_micros(micros) }
}

/// An answer that cost so many millionths.
#[must_use]
pub fn answer(outcome: AnswerOutcome, micros: i64) -> Answer {
    Answer {
        outcome,
        fields: fields(&[("email", "jane@example.com")]),
        charge: charge(micros),
        confidence: 90,
        note: "matched the first rule".into(),
        status: 200,
        latency_ms: 12,
    }
}

/// A ledger line.
#[must_use]
pub fn line(sentence: &str) -> NewLedgerEntry {
    NewLedgerEntry {
        at: start(),
        run: None,
        kind: LedgerKind::Resolved,
        record: None,
        sentence: sentence.to_owned(),
        details: serde_json::json!({ "why": ["same address"], "score": 0.123_456_789_012_345_67 }),
    }
}

/// A draft of a plan.
#[must_use]
pub fn plan(id: i64, run: i64) -> Plan {
    Plan {
        id: PlanId(id),
        run: RunId(run),
        created_at: start(),
        config_hash: "config".into(),
        portal_hash: String::new(),
        state: PlanState::Draft,
        guards: Vec::new(),
        approved_by: None,
    }
}

/// A step that updates a contact.
#[must_use]
pub fn step(id: i64, plan: i64, record: i64) -> Step {
    Step {
        id: StepId(id),
        plan: PlanId(plan),
        record: RecordId(record),
        entity: Entity::Contact,
        title: format!("contact {record}"),
        portal_id: Some(format!("9{record}")),
        action: Action::Update,
        changes: Vec::new(),
        kept: Vec::new(),
        state: StepState::Planned,
        note: None,
    }
}

/// An open question about a record.
#[must_use]
pub fn review(id: i64, record: i64) -> Review {
    Review {
        id: ReviewId(id),
        run: Some(RunId(1)),
        kind: ReviewKind::Record { record: RecordId(record) },
        reason: Reason::new("score-low", "The address could not be proven."),
        state: ReviewState::Open,
        answer: None,
        by: None,
        opened_at: start(),
        closed_at: None,
    }
}

/// Somebody who must not be touched.
#[must_use]
pub fn suppression(key: &str) -> Suppression {
    Suppression { key: key.to_owned(), reason: SuppressionReason::DoNotContact, by: "list".into(), at: start() }
}
