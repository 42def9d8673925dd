//! The write itself: what must be emptied first, then everything; a value the portal refuses is left out and the rest sent once more.

use std::collections::BTreeMap;

use evergreen_model::{Action, Entity, Fields, Problem, Record, Step};
use evergreen_ports::{PortalError, Write, WriteKey, WriteResult};

use crate::world::World;

/// Names a step in the portal's answer.
pub(super) fn trace(step: &Step) -> String {
    format!("s{}", step.id.0)
}

/// The write of a step.
pub(super) fn write_of(step: &Step, record: &Record, properties: Fields) -> Write {
    let key = match &record.portal_id {
        Some(id) if step.action != Action::Create => WriteKey::Id(id.clone()),
        _ => WriteKey::EvergreenId(record.evergreen_id.clone()),
    };
    Write { trace: trace(step), key, properties }
}

/// Sends the writes and returns what became of each, by trace.
pub(super) async fn send(
    world: &World,
    entity: Entity,
    writes: Vec<Write>,
) -> Result<BTreeMap<String, WriteResult>, Problem> {
    let outcome = world.portal.write(entity, &writes).await.map_err(PortalError::into_problem)?;
    let mut results: BTreeMap<String, WriteResult> = outcome.results.into_iter().collect();
    let again: Vec<Write> = writes
        .into_iter()
        .filter_map(|mut write| match results.get(&write.trace) {
            Some(WriteResult::Failed { properties, existing: None, .. }) if !properties.is_empty() => {
                let before = write.properties.len();
                write.properties.retain(|name, _| !properties.contains(name));
                (!write.properties.is_empty() && write.properties.len() < before).then_some(write)
            }
            _ => None,
        })
        .collect();
    if !again.is_empty() {
        let outcome = world.portal.write(entity, &again).await.map_err(PortalError::into_problem)?;
        results.extend(outcome.results);
    }
    Ok(results)
}

/// Empties properties in a request of their own, because HubSpot ignores a stage that moves backward.
pub(super) async fn clear_first(world: &World, entity: Entity, writes: Vec<Write>) -> Result<(), Problem> {
    if writes.is_empty() {
        return Ok(());
    }
    let outcome = world.portal.write(entity, &writes).await.map_err(PortalError::into_problem)?;
    for (trace, result) in outcome.results {
        if let WriteResult::Failed { code, message, .. } = result {
            tracing::warn!("{trace} could not be emptied first ({code}): {message}");
        }
    }
    Ok(())
}
