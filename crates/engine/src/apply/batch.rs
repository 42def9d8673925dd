//! One batch from the look before to the note after. Read this for what happens to a record when a plan is applied.

use std::collections::BTreeMap;

use evergreen_model::{Action, Entity, PortalRecord, Problem, Record, RecordId, Step, StepState};
use evergreen_ports::{PortalError, Transition, Write, WriteResult};
use evergreen_sync::{Planner, Recheck, recheck, recheck_undo};

use super::after;
use super::send::{Sent, clear_first, send, trace, write_of};
use super::{Performing, before, conclude, learn, stop, taken_back};
use crate::leave;
use crate::world::World;

/// Performs one batch; true when the portal has just told under which name our writes appear.
pub(super) async fn perform(
    performing: Performing<'_>,
    planner: &Planner,
    entity: Entity,
    steps: Vec<Step>,
) -> Result<bool, Problem> {
    let Performing { world, run, plan } = performing;
    let made_good = after::make_good(performing, planner, entity, &steps).await?;
    let steps = stop::suppressed_since(performing, steps).await?;
    if steps.is_empty() {
        return Ok(false);
    }
    let ids: Vec<RecordId> = steps.iter().map(|step| step.record).collect();
    let mut records: BTreeMap<RecordId, Record> =
        world.store.records(&ids).await?.into_iter().map(|record| (record.id, record)).collect();
    let look = before::look(performing, planner, entity, &steps, &records).await?;
    let mut steps = stop::unsubscribed_since(performing, entity, steps, &mut records, &look.views).await?;
    for (id, view) in &look.views {
        // One that was created right before a crash is found by our own key, and known by its id from now on.
        if let Some(record) = records.get_mut(id).filter(|record| record.portal_id.is_none()) {
            record.portal_id = Some(view.id.clone());
        }
    }
    let check = |step: &Step, record: &Record| {
        let view = look.views.get(&step.record);
        match performing.undoes() {
            true => recheck_undo(planner, step, view),
            false if step.action == Action::Nothing => Recheck::default(),
            false => recheck(planner, step, view, &record.written, plan.created_at),
        }
    };
    let checks: BTreeMap<RecordId, Recheck> = steps
        .iter()
        .filter(|step| !look.moved.contains_key(&step.record))
        .filter_map(|step| Some((step.record, check(step, records.get(&step.record)?))))
        .collect();

    let (Sent { results, mut refused }, archived) =
        write(performing, entity, &mut steps, &records, &checks, &look.views).await?;
    let mut look_back = after::look_back(performing, planner, entity, &steps, &look, &checks, &results).await?;
    look_back.add(made_good);

    let mut transition = Transition { views: look.fresh, ..Transition::default() };
    let mut written_ids = Vec::new();
    for mut step in steps {
        let Some(record) = records.remove(&step.record) else { continue };
        let overwritten = look_back.overwritten.remove(&step.record).unwrap_or_default();
        let mut check = checks.get(&step.record).cloned().unwrap_or_default();
        check.stale.retain(|(property, _)| !overwritten.iter().any(|edit| edit.property == *property));
        let end = conclude::End {
            check,
            result: results.get(&trace(&step)).cloned(),
            moved_to: look.moved.get(&step.record).cloned(),
            refused: refused.remove(&trace(&step)).unwrap_or_default(),
            overwritten,
            not_given_back: look_back.not_given_back.get(&step.record).cloned(),
            archived: archived.contains(&step.record),
        };
        if let Some(WriteResult::Done { id, .. }) = &end.result {
            written_ids.push(id.clone());
        }
        if performing.undoes() {
            taken_back::conclude(performing, &mut step, record, end, &mut transition);
        } else {
            conclude::conclude(performing, &mut step, record, end, &mut transition).await?;
        }
        transition.steps.push(step);
    }
    transition.views.extend(look_back.views);
    let learnt = learn::source_id(world, entity, &written_ids, &mut transition).await?;
    leave::open_reviews(world, run, &mut transition).await?;
    world.store.commit(transition).await?;
    Ok(learnt)
}

/// Sends what the checks allow: what must be emptied first, the values, and what goes to the recycle bin. The store is told before the
/// portal hears of it: after a crash these are looked at again, and repeating them is safe.
async fn write(
    performing: Performing<'_>,
    entity: Entity,
    steps: &mut [Step],
    records: &BTreeMap<RecordId, Record>,
    checks: &BTreeMap<RecordId, Recheck>,
    views: &BTreeMap<RecordId, PortalRecord>,
) -> Result<(Sent, Vec<RecordId>), Problem> {
    let world = performing.world;
    let (mut emptied, mut writes, mut archived): (Vec<Write>, Vec<Write>, Vec<RecordId>) = Default::default();
    let mut archived_ids = Vec::new();
    for step in steps.iter_mut() {
        let (Some(check), Some(record)) = (checks.get(&step.record), records.get(&step.record)) else { continue };
        if !check.clear.is_empty() {
            let empty = check.clear.iter().map(|property| (property.clone(), String::new())).collect();
            emptied.push(write_of(step, record, empty));
        }
        if !check.write.is_empty() {
            writes.push(write_of(step, record, check.write.clone()));
            step.state = StepState::Sending;
        }
        if let (true, Some(id)) = (check.archive, &record.portal_id) {
            archived.push(record.id);
            archived_ids.push(id.clone());
            step.state = StepState::Sending;
        }
    }
    if writes.is_empty() && archived.is_empty() {
        return Ok((Sent::default(), archived));
    }
    world.store.commit(Transition { steps: steps.to_vec(), ..Transition::default() }).await?;
    clear_first(world, entity, emptied).await?;
    let sent = send(world, entity, writes).await?;
    let archived_ids = still_as_seen(world, entity, archived_ids, views).await?;
    if archived_ids.is_empty() {
        archived.clear();
    } else {
        let outcome = world.portal.archive(entity, &archived_ids).await.map_err(PortalError::into_problem)?;
        let gone =
            |id: &String| archived.iter().copied().find(|record| views.get(record).is_some_and(|view| view.id == *id));
        let done = outcome.results.iter().filter(|(_, result)| matches!(result, WriteResult::Done { .. }));
        let done: Vec<String> = done.map(|(id, _)| id.clone()).collect();
        // HubSpot answers "done" whatever the ids were: one that was merged this very moment lives on in another record.
        let now = world.portal.read(entity, None, &done, &[], &[]).await.map_err(PortalError::into_problem)?;
        let lives = |id: &String| now.moved.contains_key(id) || now.records.iter().any(|record| record.id == *id);
        archived = done.iter().filter(|id| !lives(id)).filter_map(gone).collect();
    }
    Ok((sent, archived))
}

/// HubSpot has no conditional archive: what changed since our look is found by one more, right before, and left alone.
async fn still_as_seen(
    world: &World,
    entity: Entity,
    ids: Vec<String>,
    views: &BTreeMap<RecordId, PortalRecord>,
) -> Result<Vec<String>, Problem> {
    if ids.is_empty() {
        return Ok(ids);
    }
    let seen: BTreeMap<&str, &PortalRecord> = views.values().map(|view| (view.id.as_str(), view)).collect();
    let now = world.portal.read(entity, None, &ids, &[], &[]).await.map_err(PortalError::into_problem)?;
    let same =
        |record: &PortalRecord| seen.get(record.id.as_str()).is_some_and(|view| view.updated_at == record.updated_at);
    Ok(now.records.into_iter().filter(same).map(|record| record.id).collect())
}
