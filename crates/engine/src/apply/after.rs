//! The look after a write: a person's edit that slipped in between our look and our write is found in the history and given back.

use std::collections::BTreeMap;

use evergreen_model::{Action, Entity, Fields, PortalRecord, Problem, RecordId, Step, StepState};
use evergreen_ports::{PortalError, Write, WriteKey, WriteResult};
use evergreen_sync::{Overwritten, Planner, Recheck, overwritten, watched};

use super::Performing;
use super::before::Look;
use super::send::trace;
use crate::plan::view_properties;
use crate::world::World;

/// How often an edit is given back before it is told that people are faster.
const ROUNDS: usize = 30;

/// What the look back found.
#[derive(Debug, Default)]
pub(super) struct LookBack {
    /// Edits that our write covered and that were given back.
    pub overwritten: BTreeMap<RecordId, Vec<Overwritten>>,
    /// Edits that could not be given back: why.
    pub not_given_back: BTreeMap<RecordId, String>,
    /// The records as they are after the write, with history, unless something was given back.
    pub views: Vec<PortalRecord>,
}

/// Reads the history of what was updated and gives back what was covered. A record we created is not read: nobody could edit what was
/// not there.
pub(super) async fn look_back(
    performing: Performing<'_>,
    planner: &Planner,
    entity: Entity,
    steps: &[Step],
    look: &Look,
    checks: &BTreeMap<RecordId, Recheck>,
    results: &BTreeMap<String, WriteResult>,
) -> Result<LookBack, Problem> {
    let mut found = LookBack::default();
    let world = performing.world;
    let mut updated: BTreeMap<String, &Step> = BTreeMap::new();
    for step in steps.iter().filter(|step| step.action != Action::Archive) {
        if let Some(WriteResult::Done { id, created: false, .. }) = results.get(&trace(step)) {
            updated.insert(id.clone(), step);
        } else if let (true, Some(view)) = (was_sent_before_a_crash(step, checks), look.views.get(&step.record)) {
            updated.insert(view.id.clone(), step);
        }
    }
    if updated.is_empty() {
        return Ok(found);
    }
    let ids: Vec<String> = updated.keys().cloned().collect();
    let history = watched(&world.config.sync, entity);
    let properties = view_properties(entity, &history);
    let reading =
        world.portal.read(entity, None, &ids, &properties, &history).await.map_err(PortalError::into_problem)?;
    let mut restores = Restores::new();
    for view in reading.records {
        let Some(step) = updated.get(&view.id) else { continue };
        let Some(check) = checks.get(&step.record) else { continue };
        let wrote = wrote(step, check);
        // What went out before a crash was looked at before that crash; that look is lost.
        let before = look.views.get(&step.record).filter(|_| !was_sent_before_a_crash(step, checks));
        let covered = overwritten(planner, step, &wrote, before, &view);
        if covered.is_empty() {
            found.views.push(view);
            continue;
        }
        found.overwritten.insert(step.record, covered.clone());
        restores.insert(view.id.clone(), (step, (view, covered)));
    }
    // A person may edit once more between this look and the giving back, so it is looked at again until nothing was covered.
    for _ in 0..ROUNDS {
        if restores.is_empty() {
            break;
        }
        restores = give_back(world, planner, entity, &updated, restores, &mut found).await?;
    }
    for (step, _) in restores.values() {
        found.not_given_back.insert(step.record, "people edited it again and again while it was given back".to_owned());
    }
    Ok(found)
}

/// By HubSpot id: the step, the look before the giving back, and what is given back.
type Restores<'a> = BTreeMap<String, (&'a Step, (PortalRecord, Vec<Overwritten>))>;

/// Gives edits back and looks once more; returns what was covered by the giving back itself.
async fn give_back<'a>(
    world: &World,
    planner: &Planner,
    entity: Entity,
    steps: &BTreeMap<String, &'a Step>,
    restores: Restores<'a>,
    found: &mut LookBack,
) -> Result<Restores<'a>, Problem> {
    let fields = |covered: &[Overwritten]| -> Fields {
        covered.iter().map(|edit| (edit.property.clone(), edit.restore.clone())).collect()
    };
    let write = |(id, (step, (_, covered))): (&String, &(&Step, (PortalRecord, Vec<Overwritten>)))| Write {
        trace: trace(step),
        key: WriteKey::Id(id.clone()),
        properties: fields(covered),
    };
    let writes: Vec<Write> = restores.iter().map(write).collect();
    let outcome = world.portal.write(entity, &writes).await.map_err(PortalError::into_problem)?;
    let mut given: Vec<String> = Vec::new();
    for (name, result) in outcome.results {
        let why = match result {
            WriteResult::Done { id, .. } => {
                given.push(id);
                continue;
            }
            WriteResult::Failed { code, message, .. } => format!("{code}: {message}"),
            WriteResult::Unaccounted => "the portal did not say what became of it".to_owned(),
        };
        tracing::error!("a person's edit could not be given back in step {name}: {why}");
        if let Some(step) = steps.values().find(|step| trace(step) == name) {
            found.not_given_back.insert(step.record, why);
        }
    }
    let history = watched(&world.config.sync, entity);
    let properties = view_properties(entity, &history);
    let reading =
        world.portal.read(entity, None, &given, &properties, &history).await.map_err(PortalError::into_problem)?;
    let mut again = Restores::new();
    for view in reading.records {
        let Some((step, (before, restored))) = restores.get(&view.id) else { continue };
        let covered = overwritten(planner, step, &fields(restored), Some(before), &view);
        if covered.is_empty() {
            found.views.push(view);
            continue;
        }
        let known = found.overwritten.entry(step.record).or_default();
        known.retain(|edit| !covered.iter().any(|newer| newer.property == edit.property));
        known.extend(covered.iter().cloned());
        again.insert(view.id.clone(), (step, (view, covered)));
    }
    Ok(again)
}

/// What a step wrote, in this process or in the one before it.
fn wrote(step: &Step, check: &Recheck) -> Fields {
    let mut wrote = check.write.clone();
    for property in &check.already {
        if let Some(change) = step.changes.iter().find(|change| change.property == *property) {
            wrote.insert(property.clone(), change.after.clone());
        }
    }
    wrote
}

fn was_sent_before_a_crash(step: &Step, checks: &BTreeMap<RecordId, Recheck>) -> bool {
    step.state == StepState::Sending && checks.get(&step.record).is_some_and(|check| !check.already.is_empty())
}
