//! Records that were merged in the portal: ours are known by the surviving id from then on, and two of ours that ended at one id are one.

use std::collections::BTreeMap;

use evergreen_model::{Entity, PortalRecord, Problem, Record, Run, Stage};
use evergreen_ports::Transition;
use evergreen_resolve::Pair;

use crate::merge;
use crate::world::World;

/// Where the portal names the ids that a record took in, `;` between them.
pub(crate) const TAKEN_IN: &str = "hs_merged_object_ids";

/// The record lives on in the portal under `id`: it comes back known by that, or went into the one we had of it; then both are in the
/// transition.
pub(crate) async fn lives_on(
    world: &World,
    run: &Run,
    mut record: Record,
    id: &str,
    transition: &mut Transition,
) -> Result<Option<Record>, Problem> {
    let holder = world.store.by_portal_ids(record.entity, &[id.to_owned()]).await?.into_iter().next();
    // Another one of the same batch may have changed the holder already.
    let holder =
        holder.map(|holder| transition.records.iter().find(|known| known.id == holder.id).cloned().unwrap_or(holder));
    let in_batch = || {
        let same = |known: &&Record| known.entity == record.entity && known.portal_id.as_deref() == Some(id);
        transition.records.iter().find(same).cloned()
    };
    let holder = holder.or_else(in_batch).filter(|holder| holder.id != record.id && holder.stage != Stage::Merged);
    let Some(holder) = holder else {
        record.portal_id = Some(id.to_owned());
        record.portal_changed_at = None;
        // Whose the merged record's values are, only its history tells.
        record.written.clear();
        return Ok(Some(record));
    };
    transition.records.retain(|known| known.id != holder.id);
    record.portal_id = None;
    let pair = Pair {
        left: holder.id.0 as u64,
        right: record.id.0 as u64,
        score: 1.0,
        why: vec!["one record in the portal".to_owned()],
    };
    let (survivor, absorbed) = merge::merge(world, run, holder, record, &pair, transition).await?;
    transition.records.extend([survivor, absorbed]);
    Ok(None)
}

/// Follows the merges that a listing tells of.
pub(crate) async fn follow_listing(
    world: &World,
    run: &Run,
    entity: Entity,
    seen: &[PortalRecord],
) -> Result<(), Problem> {
    let mut survivor_of: BTreeMap<String, &str> = BTreeMap::new();
    for record in seen {
        let taken_in = record.properties.get(TAKEN_IN).map_or("", String::as_str);
        let ids = taken_in.split(';').map(str::trim).filter(|id| !id.is_empty() && *id != record.id);
        survivor_of.extend(ids.map(|id| (id.to_owned(), record.id.as_str())));
    }
    if survivor_of.is_empty() {
        return Ok(());
    }
    let ended: Vec<String> = survivor_of.keys().cloned().collect();
    for record in world.store.by_portal_ids(entity, &ended).await? {
        let now = record.portal_id.as_ref().and_then(|id| survivor_of.get(id));
        if let Some(id) = now.map(|id| (*id).to_owned()) {
            one(world, run, record, &id).await?;
        }
    }
    Ok(())
}

/// Follows the merges that a reading of these records told of; returns the records that still stand where they stood.
pub(crate) async fn follow_reading(
    world: &World,
    run: &Run,
    batch: Vec<Record>,
    views: &BTreeMap<String, PortalRecord>,
) -> Result<Vec<Record>, Problem> {
    let now = |record: &Record| {
        let asked = record.portal_id.as_ref()?;
        views.get(asked).filter(|view| view.id != *asked).map(|view| view.id.clone())
    };
    if !batch.iter().any(|record| now(record).is_some()) {
        return Ok(batch);
    }
    let ids: Vec<_> = batch.iter().map(|record| record.id).collect();
    let stages: BTreeMap<_, Stage> = batch.iter().map(|record| (record.id, record.stage)).collect();
    for record in batch {
        if let Some(id) = now(&record) {
            one(world, run, record, &id).await?;
        }
    }
    let mut going = world.store.records(&ids).await?;
    going.retain(|record| stages.get(&record.id) == Some(&record.stage));
    Ok(going)
}

async fn one(world: &World, run: &Run, record: Record, id: &str) -> Result<(), Problem> {
    let mut transition = Transition::default();
    if let Some(record) = lives_on(world, run, record, id, &mut transition).await? {
        transition.records.push(record);
    }
    world.store.commit(transition).await?;
    Ok(())
}
