//! The look before a write: what the portal shows now, with history wherever something changed since it was last read.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::{Action, Entity, PortalRecord, Problem, Record, RecordId, Step, StepState};
use evergreen_ports::PortalError;
use evergreen_sync::{Planner, archive_view, watched};

use super::Performing;
use crate::plan::view_properties;
use crate::world::World;

/// What the portal shows of a batch right before it is written.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// The view of each record that the portal has, with history.
    pub views: BTreeMap<RecordId, PortalRecord>,
    /// Records that were merged in the portal: where they live on.
    pub moved: BTreeMap<RecordId, String>,
    /// Views that were read anew, to be kept.
    pub fresh: Vec<PortalRecord>,
}

/// Looks at the records of these steps.
pub(super) async fn look(
    performing: Performing<'_>,
    planner: &Planner,
    entity: Entity,
    steps: &[Step],
    records: &BTreeMap<RecordId, Record>,
) -> Result<Look, Problem> {
    let mut look = Look::default();
    let mut by_id: BTreeMap<String, RecordId> = BTreeMap::new();
    let mut by_key: Vec<&Record> = Vec::new();
    let mut certainly_changed: BTreeSet<String> = BTreeSet::new();
    let mut archives = false;
    for step in steps {
        let Some(record) = records.get(&step.record) else { continue };
        match (&step.action, &record.portal_id) {
            // Nothing is written, so nothing needs to be looked at.
            (Action::Nothing, _) => {}
            (Action::Create, portal_id) => {
                // A crash may have come between its creation and our note of it. Taken up again after an undo, it is a new record.
                let maybe_there = step.state == StepState::Sending || portal_id.is_some();
                by_key.extend(maybe_there.then_some(record));
            }
            (action, Some(id)) => {
                archives |= *action == Action::Archive;
                if step.state == StepState::Sending || *action == Action::Archive {
                    certainly_changed.insert(id.clone());
                }
                by_id.insert(id.clone(), record.id);
            }
            (_, None) => {}
        }
    }
    let world = performing.world;
    by_record_id(world, planner, entity, archives, by_id, &certainly_changed, &mut look).await?;
    by_own_key(world, entity, &by_key, &mut look).await?;
    Ok(look)
}

/// Reads values first, a hundred at a time; history only of what changed since we last read it.
async fn by_record_id(
    world: &World,
    planner: &Planner,
    entity: Entity,
    archives: bool,
    by_id: BTreeMap<String, RecordId>,
    certainly_changed: &BTreeSet<String>,
    look: &mut Look,
) -> Result<(), Problem> {
    if by_id.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = by_id.keys().cloned().collect();
    let mut known: BTreeMap<String, PortalRecord> =
        world.store.views(entity, &ids).await?.into_iter().map(|view| (view.id.clone(), view)).collect();
    let mut changed: Vec<String> = certainly_changed.iter().cloned().collect();
    let unsure: Vec<String> = ids.into_iter().filter(|id| !certainly_changed.contains(id)).collect();
    if !unsure.is_empty() {
        let light = ["hs_email_optout".to_owned()];
        let reading = world.portal.read(entity, None, &unsure, &light, &[]).await.map_err(PortalError::into_problem)?;
        for (asked, now) in reading.moved {
            look.moved.extend(by_id.get(&asked).map(|record| (*record, now)));
        }
        for seen in reading.records {
            let Some(record) = by_id.get(&seen.id) else { continue };
            match known.remove(&seen.id) {
                Some(view) if view.updated_at == seen.updated_at && !seen.archived => {
                    look.views.insert(*record, view);
                }
                _ => changed.push(seen.id),
            }
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    let history = if archives { archive_view(planner, entity) } else { watched(&world.config.sync, entity) };
    let properties = view_properties(entity, &history);
    let reading =
        world.portal.read(entity, None, &changed, &properties, &history).await.map_err(PortalError::into_problem)?;
    for (asked, now) in reading.moved {
        look.moved.extend(by_id.get(&asked).map(|record| (*record, now)));
    }
    for view in reading.records {
        if let Some(record) = by_id.get(&view.id) {
            look.views.insert(*record, view.clone());
            if !archives {
                look.fresh.push(view);
            }
        }
    }
    Ok(())
}

/// Finds records by our own key, where a crash may have left them.
async fn by_own_key(world: &World, entity: Entity, records: &[&Record], look: &mut Look) -> Result<(), Problem> {
    if records.is_empty() {
        return Ok(());
    }
    let keys: Vec<String> = records.iter().map(|record| record.evergreen_id.clone()).collect();
    let names = watched(&world.config.sync, entity);
    let reading = world
        .portal
        .read(entity, Some("evergreen_id"), &keys, &names, &names)
        .await
        .map_err(PortalError::into_problem)?;
    for view in reading.records {
        let own = view.properties.get("evergreen_id");
        if let Some(record) = records.iter().find(|record| own == Some(&record.evergreen_id)) {
            look.views.insert(record.id, view);
        }
    }
    Ok(())
}
