//! The look after a write: a person's edit that slipped in between our look and our write is found in the history and given back.

use std::collections::BTreeMap;

use evergreen_model::{Action, Entity, Fields, PortalRecord, Problem, RecordId, Step, StepState};
use evergreen_ports::{PortalError, Write, WriteKey, WriteResult};
use evergreen_sync::{EVERGREEN_ID, Overwritten, Planner, Recheck, overwritten, watched};

use super::Performing;
use super::before::Look;
use super::send::{clear_first, trace};
use crate::plan::view_properties;
use crate::world::World;

/// The one property that HubSpot moves forward only.
const LIFECYCLE: &str = "lifecyclestage";
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

impl LookBack {
    /// Adds what was made good after a crash; its views are older and not taken over.
    pub(super) fn add(&mut self, earlier: LookBack) {
        for (record, edits) in earlier.overwritten {
            let known = self.overwritten.entry(record).or_default();
            let news = edits.into_iter().filter(|edit| !known.iter().any(|newer| newer.property == edit.property));
            let news: Vec<Overwritten> = news.collect();
            known.extend(news);
        }
        for (record, why) in earlier.not_given_back {
            self.not_given_back.entry(record).or_insert(why);
        }
    }
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
    let mut updated: BTreeMap<String, Written<'_>> = BTreeMap::new();
    for step in steps.iter().filter(|step| step.action != Action::Archive) {
        let Some(WriteResult::Done { id, created: false, .. }) = results.get(&trace(step)) else { continue };
        let wrote = checks.get(&step.record).map(|check| check.write.clone()).unwrap_or_default();
        updated.insert(id.clone(), Written { step, wrote, before: look.views.get(&step.record) });
    }
    uncover(performing.world, planner, entity, updated).await
}

/// Makes good what a crash left between a write and the look after it, or in the middle of giving an edit back; before anything else is
/// decided about these records, because whoever unsubscribes since gets the edit back too.
pub(super) async fn make_good(
    performing: Performing<'_>,
    planner: &Planner,
    entity: Entity,
    steps: &[Step],
) -> Result<LookBack, Problem> {
    let sends = |step: &&Step| matches!(step.action, Action::Create | Action::Update);
    let sent: Vec<&Step> = steps.iter().filter(|step| step.state == StepState::Sending).filter(sends).collect();
    if sent.is_empty() {
        return Ok(LookBack::default());
    }
    let world = performing.world;
    let ids: Vec<RecordId> = sent.iter().map(|step| step.record).collect();
    let records = world.store.records(&ids).await?;
    let mut portal_ids: BTreeMap<RecordId, String> =
        records.iter().filter_map(|record| Some((record.id, record.portal_id.clone()?))).collect();
    // A creation whose answer was lost may have been sent twice, the second time over an edit.
    let keys: Vec<String> =
        records.iter().filter(|record| record.portal_id.is_none()).map(|record| record.evergreen_id.clone()).collect();
    if !keys.is_empty() {
        let own = [EVERGREEN_ID.to_owned()];
        let reading =
            world.portal.read(entity, Some(EVERGREEN_ID), &keys, &own, &[]).await.map_err(PortalError::into_problem)?;
        for view in reading.records {
            let key = view.properties.get(EVERGREEN_ID);
            if let Some(record) = records.iter().find(|record| key == Some(&record.evergreen_id)) {
                portal_ids.insert(record.id, view.id);
            }
        }
    }
    let written = sent.into_iter().filter_map(|step| {
        let wrote = step.changes.iter().map(|change| (change.property.clone(), change.after.clone())).collect();
        // What was seen before the write is lost with the crash; what the plan saw decides.
        Some((portal_ids.get(&step.record)?.clone(), Written { step, wrote, before: None }))
    });
    uncover(world, planner, entity, written.collect()).await
}

/// What one step wrote, and what was seen right before.
struct Written<'a> {
    step: &'a Step,
    wrote: Fields,
    before: Option<&'a PortalRecord>,
}

/// Reads the history of what was written, by HubSpot id, and gives back what was covered.
async fn uncover(
    world: &World,
    planner: &Planner,
    entity: Entity,
    written: BTreeMap<String, Written<'_>>,
) -> Result<LookBack, Problem> {
    let mut found = LookBack::default();
    if written.is_empty() {
        return Ok(found);
    }
    let ids: Vec<String> = written.keys().cloned().collect();
    let history = watched(&world.config.sync, entity);
    let properties = view_properties(entity, &history);
    let reading =
        world.portal.read(entity, None, &ids, &properties, &history).await.map_err(PortalError::into_problem)?;
    let mut restores = Restores::new();
    for view in reading.records {
        let Some(Written { step, wrote, before }) = written.get(&view.id) else { continue };
        let covered = overwritten(planner, step, wrote, *before, &view);
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
        restores = give_back(world, planner, entity, restores, &mut found).await?;
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
    // A stage that a person had set may lie behind ours: HubSpot takes it only after an empty one.
    let stages = |write: &Write| {
        let set = write.properties.get(LIFECYCLE).is_some_and(|stage| !stage.is_empty());
        let empty = [(LIFECYCLE.to_owned(), String::new())].into();
        set.then(|| Write { properties: empty, ..write.clone() })
    };
    clear_first(world, entity, writes.iter().filter_map(stages).collect()).await?;
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
        if let Some((step, _)) = restores.values().find(|(step, _)| trace(step) == name) {
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
