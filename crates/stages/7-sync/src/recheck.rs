//! The last look before a write: what changed in the portal since the plan was made is left alone, the rest goes on.

use evergreen_model::{Action, Fields, PortalRecord, Protection, Step};

use crate::planner::Planner;
use crate::same::same_optional;
use crate::writer::{Refused, permit, told};

/// What remains of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recheck {
    /// Properties to write.
    pub write: Fields,
    /// Properties that are not written any more, each with a sentence.
    pub stale: Vec<(String, String)>,
    /// Properties that hold the planned value already, e.g. because a crash came after the write.
    pub already: Vec<String>,
    /// The record is no longer in the portal: nothing is written.
    pub gone: bool,
}

/// Compares a step with what the portal shows right before the write.
///
/// `portal` is the fresh view with history: by id for an update; for a create by `evergreen_id`, normally absent.
/// `written` is what our store says we last wrote to this record.
#[must_use]
pub fn recheck(planner: &Planner, step: &Step, portal: Option<&PortalRecord>, written: &Fields) -> Recheck {
    let mut result = Recheck::default();
    let Some(portal) = portal else {
        match step.action {
            Action::Create => {
                result.write =
                    step.changes.iter().map(|change| (change.property.clone(), change.after.clone())).collect();
            }
            _ => result.gone = true,
        }
        return result;
    };
    if portal.archived {
        result.gone = true;
        return result;
    }
    for change in &step.changes {
        let property = change.property.as_str();
        let meaning = planner.schema(step.entity).meaning(step.entity, property);
        let current = portal.properties.get(property).map(String::as_str);
        if same_optional(meaning, current, Some(&change.after)) {
            result.already.push(property.to_owned());
            continue;
        }
        let writer = planner.writer(portal, property, written.get(property).map(String::as_str));
        let why = if !same_optional(meaning, current, change.before.as_deref()) {
            Some(format!("now {}, {}", shown(current), told(&writer, None)))
        } else if change.rule == Protection::Always {
            None
        } else {
            // The text is as it was, but a person may have typed it again, or typed and emptied it.
            match permit(change.rule, current.is_none(), &writer, None) {
                Ok(_) => None,
                Err(Refused { why, .. }) => Some(why),
            }
        };
        match why {
            Some(why) => result.stale.push((property.to_owned(), why)),
            None => {
                result.write.insert(property.to_owned(), change.after.clone());
            }
        }
    }
    result
}

fn shown(current: Option<&str>) -> String {
    current.map_or_else(|| "empty".to_owned(), |value| format!("\"{value}\""))
}
