//! How a record leaves the way: settled until its refresh, held for a person, rejected until a date, suppressed. Never without a reason.

use std::collections::BTreeSet;

use evergreen_model::{
    LedgerKind, NewLedgerEntry, Outcome, Problem, Reason, Record, RecordId, Review, ReviewId, ReviewKind, ReviewState,
    Run, Stage,
};
use evergreen_ports::Transition;
use evergreen_ports::store::IdKind;
use evergreen_refresh::Event;
use jiff::Timestamp;
use serde_json::json;

use crate::ledger;
use crate::world::World;

/// Refuses a record until `retry_at`.
pub(crate) fn reject(
    world: &World,
    record: &mut Record,
    run: &Run,
    kind: LedgerKind,
    why: Reason,
    retry_at: Timestamp,
) -> NewLedgerEntry {
    let now = world.clock.now();
    record.stage = Stage::Rejected;
    record.outcome = Some(Outcome::Rejected);
    // After the expiry of the settings it is no longer tried each week, only refreshed like the others.
    record.due =
        evergreen_refresh::due(record, Event::Rejected { retry_at: Some(retry_at) }, now, &world.config.refresh);
    let line = ledger::about(
        now,
        run.id,
        kind,
        record.id,
        why.sentence.clone(),
        json!({ "code": why.code, "retry_at": record.due }),
    );
    record.reason = Some(why);
    line
}

/// Takes a record off the way for good.
pub(crate) fn suppress(record: &mut Record, run: &Run, why: Reason, now: Timestamp) -> NewLedgerEntry {
    record.stage = Stage::Suppressed;
    record.outcome = Some(Outcome::Suppressed);
    record.due = now;
    let line = ledger::about(
        now,
        run.id,
        LedgerKind::Suppressed,
        record.id,
        why.sentence.clone(),
        json!({ "code": why.code }),
    );
    record.reason = Some(why);
    line
}

/// Puts a record on the review board; the items are numbered by [`open_reviews`].
pub(crate) fn hold(record: &mut Record, run: &Run, kind: LedgerKind, why: Reason, now: Timestamp) -> NewLedgerEntry {
    record.stage = Stage::Held;
    record.outcome = Some(Outcome::Held);
    record.due = now;
    let line =
        ledger::about(now, run.id, kind, record.id, why.sentence.clone(), json!({ "code": why.code, "held": true }));
    record.reason = Some(why);
    line
}

/// Leaves a record where it is until `due`: nobody's fault, tried again by the next run.
pub(crate) fn wait(
    record: &mut Record,
    run: &Run,
    kind: LedgerKind,
    why: Reason,
    due: Timestamp,
    now: Timestamp,
) -> NewLedgerEntry {
    record.outcome = Some(Outcome::Waiting);
    record.due = due;
    let line =
        ledger::about(now, run.id, kind, record.id, why.sentence.clone(), json!({ "code": why.code, "due": due }));
    record.reason = Some(why);
    line
}

/// Puts a record to rest until `due`, with the outcome it had.
pub(crate) fn settle(world: &World, record: &mut Record, outcome: Outcome) {
    let now = world.clock.now();
    record.stage = Stage::Settled;
    record.outcome = Some(outcome);
    record.settled_at = Some(now);
    record.due = evergreen_refresh::due(record, evergreen_refresh::Event::Settled, now, &world.config.refresh);
}

/// One board item for each record of the transition that is held without one.
pub(crate) async fn open_reviews(world: &World, run: &Run, transition: &mut Transition) -> Result<(), Problem> {
    let asked: BTreeSet<RecordId> = transition
        .reviews
        .iter()
        .filter_map(|review| match review.kind {
            ReviewKind::Pair { left, .. } => Some(left),
            ReviewKind::Record { record } => Some(record),
            // A change is asked about while its record goes on.
            ReviewKind::Change { .. } => None,
        })
        .collect();
    let held: Vec<(RecordId, Reason)> = transition
        .records
        .iter()
        .filter(|record| record.stage == Stage::Held && !asked.contains(&record.id))
        .filter_map(|record| record.reason.clone().map(|reason| (record.id, reason)))
        .collect();
    if held.is_empty() {
        return Ok(());
    }
    let mut id = world.store.allocate(IdKind::Review, held.len() as u64).await?;
    for (record, reason) in held {
        transition.reviews.push(Review {
            id: ReviewId(id),
            run: Some(run.id),
            kind: ReviewKind::Record { record },
            reason,
            state: ReviewState::Open,
            answer: None,
            by: None,
            opened_at: world.clock.now(),
            closed_at: None,
        });
        id += 1;
    }
    Ok(())
}
