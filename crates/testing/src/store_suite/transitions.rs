//! Facts about writing: numbers, what commits together, what replaces what.

use std::collections::BTreeSet;
use std::sync::Arc;

use evergreen_model::evidence::Source;
use evergreen_model::ledger::NewLedgerEntry;
use evergreen_model::record::{Entity, Fit, Outcome, OwnerChoice, Reason, RecordId, Stage};
use evergreen_model::run::{RunId, RunState};
use evergreen_model::verdict::{DomainFacts, EmailVerdict, Gate, PhoneVerdict, Truth, Verdicts};
use evergreen_model::{CallId, PlanId, ReviewId, RowId, RowState};
use evergreen_ports::store::IdKind;
use evergreen_ports::{LedgerQuery, Settlement, StepQuery, Store, Transition};

use super::{commit, ok};
use crate::builders::{
    self, day, evidence, line, list_file, plan, record, record_with, review, row, run, start, step, suppression,
};

/// Whoever asks, and however many ask at once.
pub async fn numbers_are_never_handed_out_twice(store: Arc<dyn Store>) {
    let mut workers = Vec::new();
    for worker in 0..4u64 {
        let store = store.clone();
        workers.push(tokio::spawn(async move {
            let mut numbers = Vec::new();
            for round in 0..8 {
                let count = 1 + (worker + round) % 5;
                let first = ok(store.allocate(IdKind::Record, count).await);
                numbers.extend((0..count as i64).map(|offset| first + offset));
            }
            numbers
        }));
    }
    let mut seen = BTreeSet::new();
    for worker in workers {
        for number in worker.await.unwrap_or_default() {
            assert!(number > 0);
            assert!(seen.insert(number), "{number} was handed out twice");
        }
    }
    assert!(!seen.is_empty());
    let first_row = ok(store.allocate(IdKind::Row, 1).await);
    assert_eq!(first_row, 1, "each kind counts for itself");
}

/// Nothing to write is no failure.
pub async fn an_empty_transition_is_fine(store: Arc<dyn Store>) {
    commit(&*store, Transition::default()).await;
    assert!(ok(store.ledger(LedgerQuery::default()).await).is_empty());
}

/// Every field of everything survives the way to the disk and back.
pub async fn what_is_written_is_read_back(store: Arc<dyn Store>) {
    let mut full = record_with(7, Entity::Contact, &[("email", "jane@acme.com"), ("firstname", "Jané")]);
    full.run = Some(RunId(3));
    full.stage = Stage::Handoff;
    full.due = day(9);
    full.portal_id = Some("501".into());
    full.company = Some(RecordId(8));
    full.merged_into = Some(RecordId(9));
    full.written = builders::fields(&[("jobtitle", "CTO")]);
    full.refuted = vec!["old@acme.com".into()];
    full.verdicts = Some(Verdicts {
        email: EmailVerdict::AcceptAll,
        email_reason: "catch-all".into(),
        address: Some("jane@acme.com".into()),
        domain: Some(DomainFacts {
            domain: "acme.com".into(),
            spf: true,
            exists: Some(true),
            ..DomainFacts::default()
        }),
        phone: Some(PhoneVerdict {
            valid: true,
            e164: Some("+49301".into()),
            region: None,
            line_type: "fixed".into(),
            note: None,
        }),
        score: 71,
        gate: Gate::Reject { retry_at: day(7) },
        at: start(),
    });
    full.fit = Some(Fit { answer: Truth::Unknown, rule: Some("headcount".into()), missing: vec!["industry".into()] });
    full.owner = Some(OwnerChoice {
        owner_id: "1".into(),
        owner_email: "rep@us.com".into(),
        why: "line 4".into(),
        line: Some(4),
    });
    full.outcome = Some(Outcome::Waiting);
    full.reason = Some(Reason::new("budget", "The budget of this run is spent."));
    full.settled_at = Some(day(1));

    let mut odd_row = row(4);
    odd_row.state = RowState::Quarantined;
    odd_row.extra = builders::fields(&[("Favourite colour", "blue; \"dark\"")]);
    odd_row.reason = Some(Reason::new("no-key", "Neither address nor name."));
    odd_row.run = Some(RunId(3));
    odd_row.record = Some(RecordId(7));

    let mut piece = evidence(5, 7, &[("phone", "+49 30 1")]);
    piece.source = Source::Provider("hunter".into());
    piece.run = Some(RunId(3));
    piece.call = Some(CallId(2));
    piece.row = Some(RowId(4));
    piece.confidence = 63;

    let mut whole_run = run(3);
    whole_run.state = RunState::Planned;
    whole_run.pilot = Some(1_000);
    whole_run.finished_at = Some(day(1));
    let told = NewLedgerEntry { run: Some(RunId(3)), record: Some(RecordId(7)), ..line("Jané is \"Jane\"") };

    let written = Transition {
        runs: vec![whole_run.clone()],
        files: vec![list_file(1)],
        rows: vec![odd_row.clone()],
        records: vec![full.clone(), record(8, Entity::Company)],
        evidence: vec![piece.clone()],
        plans: vec![plan(1, 3)],
        steps: vec![step(1, 1, 7)],
        reviews: vec![review(1, 7)],
        suppressions: vec![suppression("email:jane@acme.com")],
        remember: vec![("mapping".into(), "E-Mail = email".into())],
        ledger: vec![told.clone()],
        ..Transition::default()
    };
    commit(&*store, written).await;

    assert_eq!(ok(store.run(RunId(3)).await), Some(whole_run.clone()));
    assert_eq!(ok(store.runs().await), [whole_run]);
    assert_eq!(ok(store.files().await), [list_file(1)]);
    assert_eq!(ok(store.rows_of(RecordId(7)).await), [odd_row]);
    assert_eq!(ok(store.records(&[RecordId(7), RecordId(8)]).await), [full, record(8, Entity::Company)]);
    assert_eq!(ok(store.evidence(&[RecordId(7)]).await), [piece]);
    assert_eq!(ok(store.plan(PlanId(1)).await), Some(plan(1, 3)));
    assert_eq!(ok(store.steps(all_steps()).await), [step(1, 1, 7)]);
    assert_eq!(ok(store.review(ReviewId(1)).await), Some(review(1, 7)));
    assert_eq!(ok(store.suppressions().await), [suppression("email:jane@acme.com")]);
    assert_eq!(ok(store.remembered("mapping").await).as_deref(), Some("E-Mail = email"));
    let lines = ok(store.ledger(LedgerQuery::default()).await);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].entry, told);
}

/// Existing numbers are replaced.
pub async fn a_second_version_replaces_the_first(store: Arc<dyn Store>) {
    let first = Transition {
        rows: vec![row(1)],
        records: vec![record(1, Entity::Contact)],
        plans: vec![plan(1, 1)],
        steps: vec![step(1, 1, 1)],
        ..Transition::default()
    };
    commit(&*store, first).await;
    let mut changed_row = row(1);
    changed_row.state = RowState::Resolved;
    changed_row.record = Some(RecordId(1));
    let mut changed = record(1, Entity::Contact);
    changed.stage = Stage::Settled;
    changed.portal_id = Some("77".into());
    let mut changed_step = step(1, 1, 1);
    changed_step.note = Some("refused".into());
    let second = Transition {
        rows: vec![changed_row.clone()],
        records: vec![changed.clone()],
        steps: vec![changed_step.clone()],
        ..Transition::default()
    };
    commit(&*store, second).await;
    assert_eq!(ok(store.rows_of(RecordId(1)).await), [changed_row]);
    assert_eq!(ok(store.records(&[RecordId(1)]).await), [changed]);
    assert_eq!(ok(store.steps(all_steps()).await), [changed_step]);
}

/// A batch may hold a record twice when two of its rows are about it.
pub async fn the_last_of_two_versions_in_one_transition_wins(store: Arc<dyn Store>) {
    let mut later = record(1, Entity::Contact);
    later.stage = Stage::Verify;
    let mut later_row = row(1);
    later_row.state = RowState::Merged;
    let both = Transition {
        records: vec![record(1, Entity::Contact), later.clone()],
        rows: vec![row(1), later_row.clone()],
        remember: vec![("k".into(), "1".into()), ("k".into(), "2".into())],
        ..Transition::default()
    };
    commit(&*store, both).await;
    assert_eq!(ok(store.records(&[RecordId(1)]).await), [later]);
    assert_eq!(ok(store.rows(None, RowState::Merged, None, 10).await), [later_row]);
    assert_eq!(ok(store.remembered("k").await).as_deref(), Some("2"));
}

/// Whatever part is refused, all parts are taken back.
pub async fn a_transition_with_one_bad_part_writes_nothing(store: Arc<dyn Store>) {
    commit(
        &*store,
        Transition { evidence: vec![evidence(1, 1, &[])], ledger: vec![line("before")], ..Transition::default() },
    )
    .await;
    let before = ok(store.ledger(LedgerQuery::default()).await);
    let good = Transition {
        runs: vec![run(1)],
        files: vec![list_file(1)],
        rows: vec![row(1)],
        records: vec![record(1, Entity::Contact)],
        keys: vec![(RecordId(1), Entity::Contact, vec!["email:a".into()])],
        plans: vec![plan(1, 1)],
        steps: vec![step(1, 1, 1)],
        reviews: vec![review(1, 1)],
        suppressions: vec![suppression("email:a")],
        remember: vec![("k".into(), "v".into())],
        ledger: vec![line("after")],
        ..Transition::default()
    };
    let unknown_call =
        Settlement { call: CallId(99), state: evergreen_model::call::CallState::Released, answer: None, at: start() };
    let bad_parts = [
        Transition { evidence: vec![evidence(1, 2, &[])], ..good.clone() },
        Transition { settlements: vec![unknown_call], ..good.clone() },
    ];
    for bad in bad_parts {
        let refused = store.commit(bad).await;
        assert!(refused.is_err());
        assert!(ok(store.runs().await).is_empty());
        assert!(ok(store.files().await).is_empty());
        assert!(ok(store.rows(None, RowState::Staged, None, 10).await).is_empty());
        assert!(ok(store.records(&[RecordId(1)]).await).is_empty());
        assert!(ok(store.candidates(Entity::Contact, &["email:a".into()], 5).await).is_empty());
        assert!(ok(store.plan(PlanId(1)).await).is_none());
        assert!(ok(store.steps(all_steps()).await).is_empty());
        assert!(ok(store.reviews(None).await).is_empty());
        assert!(ok(store.suppressions().await).is_empty());
        assert!(ok(store.remembered("k").await).is_none());
        assert_eq!(ok(store.ledger(LedgerQuery::default()).await), before);
    }
    // The failure leaves nothing behind that would stop the next one.
    commit(&*store, good).await;
    assert_eq!(ok(store.records(&[RecordId(1)]).await).len(), 1);
}

/// The portal's unique key is unique here too.
pub async fn two_records_cannot_share_an_evergreen_id(store: Arc<dyn Store>) {
    commit(&*store, Transition { records: vec![record(1, Entity::Contact)], ..Transition::default() }).await;
    let mut twin = record(2, Entity::Contact);
    twin.evergreen_id = record(1, Entity::Contact).evergreen_id;
    let refused = store.commit(Transition { records: vec![twin], ..Transition::default() }).await;
    assert!(refused.is_err_and(|error| error.0.code.starts_with("EG-STORE-")));
    assert!(ok(store.records(&[RecordId(2)]).await).is_empty());
}

/// Part of every `evergreen_id`, so it must be short and plain.
pub async fn a_store_has_a_name_of_eight_letters(store: Arc<dyn Store>) {
    let name = store.instance();
    assert_eq!(name.len(), 8);
    assert!(name.chars().all(|letter| letter.is_ascii_lowercase() || ('2'..='7').contains(&letter)), "{name}");
}

fn all_steps() -> StepQuery {
    StepQuery { plan: PlanId(1), states: Vec::new(), entity: None, action: None, record: None, after: None, limit: 100 }
}
