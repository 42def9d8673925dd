//! Records and times for the tests of verify.

use evergreen_model::{Entity, EvidenceId, GoldenValue, Origin, Record, RecordId, Source, Stage};
use jiff::Timestamp;

/// The time at which the tests judge.
pub fn now() -> Timestamp {
    "2026-11-23T09:00:00Z".parse().expect("a time")
}

/// A record first seen the day before, with these values.
pub fn record(entity: Entity, values: &[(&str, &str)]) -> Record {
    let at: Timestamp = "2026-11-22T09:00:00Z".parse().expect("a time");
    let golden = |value: &str| GoldenValue {
        value: value.to_owned(),
        evidence: EvidenceId(1),
        source: Source::List("list.csv".to_owned()),
        at,
        why: "only value".to_owned(),
    };
    Record {
        id: RecordId(1),
        entity,
        evergreen_id: "eg-1".to_owned(),
        origin: Origin::List,
        run: None,
        stage: Stage::Verify,
        due: at,
        portal_id: None,
        company: None,
        merged_into: None,
        values: values.iter().map(|(name, value)| ((*name).to_owned(), golden(value))).collect(),
        written: Default::default(),
        portal_changed_at: None,
        approved: Default::default(),
        undone: Default::default(),
        refuted: Vec::new(),
        verdicts: None,
        fit: None,
        owner: None,
        outcome: None,
        reason: None,
        created_at: at,
        settled_at: None,
    }
}
