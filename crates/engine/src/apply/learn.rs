//! Learns from the first write under which name our own writes appear in the portal's history.

use evergreen_model::{Entity, Problem};
use evergreen_ports::{PortalError, Transition};

use crate::plan::SOURCE_IDS;
use crate::world::World;

/// Reads the history of one record just written; true when that told a new id. Former ids stay ours.
pub(super) async fn source_id(
    world: &World,
    entity: Entity,
    ids: &[String],
    transition: &mut Transition,
) -> Result<bool, Problem> {
    let Some(id) = ids.first() else { return Ok(false) };
    let checked = format!("portal:source-id-checked:{}", entity.as_str());
    let mut source_ids: Vec<String> = match world.store.remembered(SOURCE_IDS).await? {
        Some(text) => serde_json::from_str(&text).unwrap_or_default(),
        None => Vec::new(),
    };
    if !source_ids.is_empty() && world.store.remembered(&checked).await?.is_some() {
        return Ok(false);
    }
    let property = vec!["evergreen_id".to_owned()];
    let views = world
        .portal
        .read(entity, None, std::slice::from_ref(id), &property, &property)
        .await
        .map_err(PortalError::into_problem)?;
    let newest = views.records.first().and_then(|view| view.newest("evergreen_id"));
    let Some(source) = newest.and_then(|entry| entry.source_id.clone()) else { return Ok(false) };
    transition.remember.push((checked, "yes".to_owned()));
    if source_ids.contains(&source) {
        return Ok(false);
    }
    source_ids.push(source);
    transition.remember.push((SOURCE_IDS.to_owned(), serde_json::to_string(&source_ids).unwrap_or_default()));
    Ok(true)
}
