//! The last look before a write: what changed in the portal since the plan was made is left alone, the rest goes on.

use evergreen_model::{Action, Change, Fields, PortalRecord, Protection, Step};
use jiff::Timestamp;

use crate::planner::Planner;
use crate::same::{same, same_optional};
use crate::writer::{Refused, Writer, permit, told};

/// What remains of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recheck {
    /// Properties to write.
    pub write: Fields,
    /// Properties to empty in a request of its own before `write` is sent (their new value is in `write`), never in the same batch. Note
    /// them as written empty at once: should the second request never come, the emptiness is ours and may be filled.
    pub clear: Vec<String>,
    /// Properties that are not written any more, each with a sentence.
    pub stale: Vec<(String, String)>,
    /// Properties that hold the planned value already, e.g. because a crash came after the write.
    pub already: Vec<String>,
    /// The record is no longer in the portal: nothing is written. For a step that archives, its work is done.
    pub gone: bool,
    /// Only for a step that archives: nobody but us has touched the record, it may go.
    pub archive: bool,
}

/// Compares a step with what the portal shows right before the write.
///
/// `portal` is the fresh view with history: by id for an update; for a create by `evergreen_id`, normally absent.
/// `written` is what our store says we last wrote to this record; `planned_at` is when the plan was made.
#[must_use]
pub fn recheck(
    planner: &Planner,
    step: &Step,
    portal: Option<&PortalRecord>,
    written: &Fields,
    planned_at: Timestamp,
) -> Recheck {
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
        if half_done(planner, portal, change, current) {
            result.write.insert(property.to_owned(), change.after.clone());
            continue;
        }
        let writer = planner.writer(portal, property, written.get(property).map(String::as_str));
        let why = if same_optional(meaning, current, change.before.as_deref()) {
            forbidden(change, current.is_none(), &writer, planned_at)
        } else {
            Some(format!("now {}, {}", shown(current), told(&writer, None)))
        };
        match why {
            Some(why) => result.stale.push((property.to_owned(), why)),
            None => {
                if change.clear_first && current.is_some() {
                    result.clear.push(property.to_owned());
                }
                result.write.insert(property.to_owned(), change.after.clone());
            }
        }
    }
    result
}

/// The text is as it was, but a person may have typed it again, or typed and emptied it.
fn forbidden(change: &Change, is_empty: bool, writer: &Writer<'_>, planned_at: Timestamp) -> Option<String> {
    match (change.rule, writer) {
        (Protection::Always, _) => None,
        // The plan has weighed our evidence against what this person typed; only an edit after the plan is news.
        (Protection::Newer, Writer::Person(Some(entry))) if !is_empty && entry.at <= planned_at => None,
        _ => match permit(change.rule, is_empty, writer, None, None) {
            Ok(_) => None,
            Err(Refused { why, .. }) => Some(why),
        },
    }
}

/// A crash came between emptying a property and setting it: it is empty, and it was us who emptied what the plan saw.
pub(crate) fn half_done(planner: &Planner, portal: &PortalRecord, change: &Change, current: Option<&str>) -> bool {
    let (true, None, Some(before)) = (change.clear_first, current, &change.before) else { return false };
    let meaning = planner.schema(portal.entity).meaning(portal.entity, &change.property);
    match portal.history.get(&change.property).map(Vec::as_slice) {
        Some([newest, below, ..]) => {
            newest.value.is_empty() && planner.ours.wrote(newest) && same(meaning, &below.value, before)
        }
        _ => false,
    }
}

pub(crate) fn shown(current: Option<&str>) -> String {
    current.map_or_else(|| "empty".to_owned(), |value| format!("\"{value}\""))
}
