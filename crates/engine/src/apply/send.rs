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

/// A value that the portal refused while it took the rest of its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub property: String,
    /// As in [`evergreen_model::Kept`]: `invalid-option`, `invalid-value`.
    pub code: &'static str,
    pub why: String,
}

/// What became of the writes, by trace.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub results: BTreeMap<String, WriteResult>,
    pub refused: BTreeMap<String, Vec<Refused>>,
}

/// A portal that names one bad value at a time is asked this often.
const PATIENCE: usize = 4;

/// Sends the writes; a value that the portal names as bad is left out, and the rest of its record is sent again.
pub(super) async fn send(world: &World, entity: Entity, writes: Vec<Write>) -> Result<Sent, Problem> {
    let mut sent = Sent::default();
    let mut writes = writes;
    for _ in 0..PATIENCE {
        if writes.is_empty() {
            break;
        }
        let outcome = world.portal.write(entity, &writes).await.map_err(PortalError::into_problem)?;
        sent.results.extend(outcome.results);
        writes.retain_mut(|write| {
            let Some(WriteResult::Failed { code, message, properties, existing: None }) =
                sent.results.get(&write.trace)
            else {
                return false;
            };
            let bad: Vec<&String> = properties.iter().filter(|name| write.properties.contains_key(*name)).collect();
            if bad.is_empty() || bad.len() == write.properties.len() {
                return false;
            }
            let refused = sent.refused.entry(write.trace.clone()).or_default();
            for property in bad {
                write.properties.remove(property);
                let code = if code.contains("OPTION") { "invalid-option" } else { "invalid-value" };
                refused.push(Refused {
                    property: property.clone(),
                    code,
                    why: format!("the portal refused it: {message}"),
                });
            }
            true
        });
    }
    Ok(sent)
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
