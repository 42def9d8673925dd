//! What became of a step of an undo plan: the record does not move through the pipeline, but remembers what was taken back.

use evergreen_model::{Action, LedgerKind, Outcome, Reason, Record, Stage, Step, StepState};
use evergreen_ports::{Transition, WriteResult};
use evergreen_sync::remember_undo;
use jiff::Timestamp;
use serde_json::json;

use super::Performing;
use super::conclude::{End, given_back, leave_out, leave_out_refused};
use crate::leave::settle;
use crate::ledger;

/// 1 January 9999: no run takes it up by itself.
const NEVER: i64 = 253_370_764_800;

/// Concludes a step of an undo plan.
pub(super) fn conclude(
    performing: Performing<'_>,
    step: &mut Step,
    mut record: Record,
    end: End,
    transition: &mut Transition,
) {
    let Performing { world, run, .. } = performing;
    let before_crash = end.was_written_before(step);
    let (state, sentence) = match (&step.action, &end.result) {
        (Action::Nothing, _) => {
            (StepState::Stale, step.note.clone().unwrap_or_else(|| "nothing to take back".to_owned()))
        }
        (_, _) if end.moved_to.is_some() => {
            (StepState::Stale, "it was merged with another record since, so it is not ours alone any more".to_owned())
        }
        (Action::Archive, _) if end.archived => (StepState::Done, "moved to the recycle bin".to_owned()),
        (Action::Archive, _) if end.check.gone => (StepState::Done, "it is in the recycle bin already".to_owned()),
        (Action::Archive, _) => {
            let left = match end.check.stale.first() {
                Some((property, why)) => {
                    format!("left in the portal: somebody else has touched it since ({property}: {why})")
                }
                None => "left in the portal: it changed at the very moment it was to go".to_owned(),
            };
            (StepState::Stale, left)
        }
        (_, Some(WriteResult::Done { id, created, .. })) => {
            record.portal_id = Some(id.clone());
            step.portal_id = Some(id.clone());
            let verb = if *created { "made again" } else { "taken back" };
            (StepState::Done, format!("{verb}: {} properties", end.check.write.len()))
        }
        (_, Some(WriteResult::Failed { code, message, .. })) => {
            (StepState::Failed, format!("the portal refused it ({code}): {message}"))
        }
        (_, Some(WriteResult::Unaccounted)) => {
            (StepState::Failed, "the portal did not say what became of it".to_owned())
        }
        (_, None) if end.check.gone => (StepState::Stale, "it is not in the portal any more".to_owned()),
        (_, None) if before_crash => (StepState::Done, "taken back before the program stopped".to_owned()),
        (_, None) if !end.check.stale.is_empty() => (StepState::Stale, "nothing of it is ours any more".to_owned()),
        (_, None) => (StepState::Done, "already as it was".to_owned()),
    };
    if step.action != Action::Archive {
        leave_out(step, &end.check.stale, "stale");
    }
    leave_out_refused(step, &end.refused);
    for edit in &end.overwritten {
        leave_out(step, &[(edit.property.clone(), given_back(edit, &end, "undo"))], "restored");
    }
    if state == StepState::Done {
        remember(performing, step, &mut record);
    }
    step.state = state;
    step.note = Some(sentence.clone());
    let properties: Vec<&str> = step.changes.iter().map(|change| change.property.as_str()).collect();
    let details = json!({
        "plan": step.plan.0, "step": step.id.0, "properties": properties, "stale": end.check.stale.len(), "state": step.state,
    });
    transition.ledger.push(ledger::about(world.clock.now(), run.id, LedgerKind::Written, record.id, sentence, details));
    transition.records.push(record);
}

fn remember(performing: Performing<'_>, step: &Step, record: &mut Record) {
    let world = performing.world;
    match step.action {
        Action::Archive => {
            // Known by its old id, it is found deleted and never made again by a run; only taking the undo back makes it again.
            record.written.clear();
            record.stage = Stage::Settled;
            record.outcome = Some(Outcome::Unchanged);
            record.due = Timestamp::from_second(NEVER).unwrap_or(Timestamp::MAX);
            record.reason = Some(Reason::new("undone", "Its creation was taken back."));
        }
        Action::Create => {
            for change in step.changes.iter().filter(|change| !change.after.is_empty()) {
                record.written.insert(change.property.clone(), change.after.clone());
            }
            record.reason = None;
            settle(world, record, Outcome::Synced);
        }
        _ => {
            for change in &step.changes {
                remember_undo(record, change);
            }
        }
    }
}
