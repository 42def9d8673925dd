//! What became of a step: for the step itself, for its record and for the ledger.

use std::collections::BTreeMap;

use evergreen_model::{Entity, Kept, LedgerKind, Outcome, Problem, Reason, Record, Stage, Step, StepState};
use evergreen_ports::{Transition, WriteResult};
use evergreen_sync::{Overwritten, Recheck, remember_restored};
use serde_json::json;

use super::Performing;
use super::send::Refused;
use crate::leave::{self, settle};
use crate::ledger;
use crate::moved;
use crate::qualify::in_days;

/// Everything that is known of a step when its batch is over.
#[derive(Debug, Default)]
pub(super) struct End {
    /// What the look before allowed.
    pub check: Recheck,
    /// What the portal said.
    pub result: Option<WriteResult>,
    /// Where the record lives on, if it was merged in the portal.
    pub moved_to: Option<String>,
    /// Values that the portal refused while it took the rest: property, code for [`Kept`] and sentence.
    pub refused: Vec<Refused>,
    /// Edits of people that were given back.
    pub overwritten: Vec<Overwritten>,
    /// Why they could not be given back, if so.
    pub not_given_back: Option<String>,
    /// It went to the recycle bin.
    pub archived: bool,
}

impl End {
    /// A crash came between the write and our note of it: the portal holds already what this step was sending.
    pub fn was_written_before(&self, step: &Step) -> bool {
        self.result.is_none() && step.state == StepState::Sending && !self.check.already.is_empty()
    }
}

/// Concludes a step of a plan that goes forward.
pub(super) async fn conclude(
    performing: Performing<'_>,
    step: &mut Step,
    mut record: Record,
    end: End,
    transition: &mut Transition,
) -> Result<(), Problem> {
    let Performing { world, run, .. } = performing;
    let now = world.clock.now();
    let refused = record.stage == Stage::Rejected;
    if let Some(id) = &end.moved_to {
        return lives_on(performing, step, record, id.clone(), "it was merged into another record", transition).await;
    }
    if let Some(WriteResult::Failed { code, message, existing: Some(existing), .. }) = &end.result {
        // Somebody made the same record meanwhile: ours is that one, and the next plan looks at it.
        let why = format!("the portal has it already ({code}: {message})");
        return lives_on(performing, step, record, existing.clone(), &why, transition).await;
    }
    let mut written: Vec<String> = end.check.already.clone();
    let (state, outcome, mut sentence) = match &end.result {
        Some(WriteResult::Done { id, created, .. }) => {
            record.portal_id = Some(id.clone());
            step.portal_id = Some(id.clone());
            let refused = |property: &&String| end.refused.iter().any(|refused| refused.property == **property);
            let taken: Vec<String> = end.check.write.keys().filter(|property| !refused(property)).cloned().collect();
            let count = taken.len();
            written.extend(taken);
            let verb = if *created { "created" } else { "updated" };
            (StepState::Done, Outcome::Synced, format!("{verb} with {count} properties"))
        }
        Some(WriteResult::Failed { code, message, .. }) => {
            (StepState::Failed, Outcome::Rejected, format!("the portal refused it ({code}): {message}"))
        }
        Some(WriteResult::Unaccounted) => (
            StepState::Failed,
            Outcome::Waiting,
            "the portal did not say what became of it; looked at again by the next run".to_owned(),
        ),
        None if end.check.gone => {
            (StepState::Stale, Outcome::Held, "it was deleted in the portal since the plan".to_owned())
        }
        None if end.was_written_before(step) => {
            step.portal_id.clone_from(&record.portal_id);
            (StepState::Done, Outcome::Synced, "written before the program stopped".to_owned())
        }
        None if !end.check.stale.is_empty() => (
            StepState::Stale,
            Outcome::Unchanged,
            "everything changed in the portal since the plan; nothing was written".to_owned(),
        ),
        None => (StepState::Done, Outcome::Unchanged, "already right in the portal".to_owned()),
    };
    leave_out(step, &end.check.stale, "stale");
    leave_out_refused(step, &end.refused);
    note_differences(step, &mut record, &written, end.result.as_ref());
    give_back(step, &mut record, &end, &mut sentence);
    step.state = state;
    step.note.get_or_insert_with(|| sentence.clone());
    if !refused {
        move_on(performing, &mut record, outcome, &sentence);
    }
    let restored: Vec<&str> = end.overwritten.iter().map(|edit| edit.property.as_str()).collect();
    let details = json!({
        "plan": step.plan.0, "step": step.id.0, "properties": written, "stale": end.check.stale.len(),
        "restored": restored, "state": step.state,
    });
    transition.ledger.push(ledger::about(now, run.id, LedgerKind::Written, record.id, sentence, details));
    transition.records.push(record);
    Ok(())
}

/// Moves changes that were not made to what was left alone, each with its sentence.
pub(super) fn leave_out(step: &mut Step, left: &[(String, String)], code: &str) {
    for (property, why) in left {
        let Some(place) = step.changes.iter().position(|change| change.property == *property) else { continue };
        let change = step.changes.remove(place);
        step.kept.push(Kept {
            property: change.property,
            current: None,
            offered: change.after,
            rule: change.rule,
            code: code.to_owned(),
            why: why.clone(),
        });
    }
}

/// The record holds from now on what the portal keeps: normalised values as the portal has them, ignored ones not at all.
fn note_differences(step: &mut Step, record: &mut Record, written: &[String], result: Option<&WriteResult>) {
    let kept: BTreeMap<&str, &str> = match result {
        Some(WriteResult::Done { differs, .. }) => {
            differs.iter().map(|difference| (difference.property.as_str(), difference.kept.as_str())).collect()
        }
        _ => BTreeMap::new(),
    };
    let mut ignored = Vec::new();
    for change in step.changes.iter().filter(|change| written.contains(&change.property)) {
        let held = kept.get(change.property.as_str()).copied();
        // HubSpot answers "done" to a stage that moves backward and leaves it as it was.
        if change.property == "lifecyclestage"
            && held.is_some()
            && held == Some(change.before.as_deref().unwrap_or_default())
        {
            ignored.push((change.property.clone(), "HubSpot left the stage as it was".to_owned()));
            continue;
        }
        record.written.insert(change.property.clone(), held.unwrap_or(&change.after).to_owned());
    }
    leave_out(step, &ignored, "backward");
}

/// A person's edit that was covered and given back is not ours, and is told.
fn give_back(step: &mut Step, record: &mut Record, end: &End, sentence: &mut String) {
    for edit in &end.overwritten {
        let offered = step.changes.iter().find(|change| change.property == edit.property);
        let offered = offered.map(|change| change.after.clone()).unwrap_or_default();
        remember_restored(record, &edit.property, &offered);
        leave_out(step, &[(edit.property.clone(), given_back(edit, end, "write"))], "restored");
    }
    let edits = end.overwritten.len();
    match &end.not_given_back {
        Some(why) => sentence.push_str(&format!("; {edits} edits of people COULD NOT be given back: {why}")),
        None if edits > 0 => sentence.push_str(&format!("; {edits} edits of people given back")),
        None => {}
    }
}

/// One sentence on an edit that our write covered.
pub(super) fn given_back(edit: &Overwritten, end: &End, ours: &str) -> String {
    match &end.not_given_back {
        None => format!("{}, at the very moment of our {ours}; given back", edit.by),
        Some(why) => {
            format!("\"{}\" {}, at the very moment of our {ours}; write it back by hand: {why}", edit.restore, edit.by)
        }
    }
}

/// Values that the portal refused are told, each with what it said.
pub(super) fn leave_out_refused(step: &mut Step, refused: &[Refused]) {
    for one in refused {
        leave_out(step, &[(one.property.clone(), one.why.clone())], one.code);
    }
}

/// The record lives on in the portal under another id: ours is known by that id from now on, or is the record we have of it.
async fn lives_on(
    performing: Performing<'_>,
    step: &mut Step,
    record: Record,
    id: String,
    why: &str,
    transition: &mut Transition,
) -> Result<(), Problem> {
    let Performing { world, run, .. } = performing;
    let now = world.clock.now();
    let sentence = format!("{why}: {id}");
    step.state = StepState::Stale;
    step.note = Some(sentence.clone());
    let details = json!({ "plan": step.plan.0, "step": step.id.0, "lives-on": id, "state": step.state });
    transition.ledger.push(ledger::about(now, run.id, LedgerKind::Written, record.id, sentence.clone(), details));
    if let Some(mut record) = moved::lives_on(world, run, record, &id, transition).await? {
        record.stage = Stage::Plan;
        let why = Reason::new("portal-changed", format!("Waits: {sentence}."));
        transition.ledger.push(leave::wait(&mut record, run, LedgerKind::Written, why, now, now));
        transition.records.push(record);
    }
    Ok(())
}

/// Where a record goes after its write.
fn move_on(performing: Performing<'_>, record: &mut Record, outcome: Outcome, sentence: &str) {
    let Performing { world, run, .. } = performing;
    let now = world.clock.now();
    match outcome {
        Outcome::Synced | Outcome::Unchanged => {
            if record.entity == Entity::Contact {
                record.stage = Stage::Handoff;
                record.outcome = Some(outcome);
                record.reason = None;
            } else {
                settle(world, record, outcome);
            }
        }
        Outcome::Rejected => {
            let why = Reason::new("portal-refused", format!("Rejected: {sentence}."));
            let retry_at = in_days(now, world.config.refresh.reject_days);
            leave::reject(world, record, run, LedgerKind::Written, why, retry_at);
        }
        Outcome::Held => {
            let why = Reason::new("deleted-in-portal", format!("Held: {sentence}."));
            leave::hold(record, run, LedgerKind::Written, why, now);
        }
        _ => {
            record.stage = Stage::Plan;
            let why = Reason::new("portal-changed", format!("Waits: {sentence}."));
            leave::wait(record, run, LedgerKind::Written, why, now, now);
        }
    }
}
