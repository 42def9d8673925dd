//! Undo: the step that takes a step back, and the last look that spares whatever was not ours any more.

use std::collections::BTreeSet;

use evergreen_model::{Action, Change, Entity, HistoryEntry, Kept, PortalRecord, Reason, Record, Step};

use crate::lifecycle;
use crate::own;
use crate::planner::Planner;
use crate::recheck::{Recheck, half_done, shown};
use crate::same::{same, same_optional};
use crate::writer::{Writer, told};

/// The step that takes a step back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inverse {
    /// What it does; nothing when it can not be taken back.
    pub action: Action,
    /// What it writes: `before` is what the step wrote, `after` what was there. For an archive, `before` keeps what the record held, so
    /// that taking the archive back makes it again.
    pub changes: Vec<Change>,
    /// What the step itself had left alone and therefore is not taken back.
    pub kept: Vec<Kept>,
    /// Why it can not be taken back, if so: `merge-is-final`, `enrolled`.
    pub reason: Option<Reason>,
}

/// The step that takes `step` back; pure, and twice applied it gives the step again. Whether it may really be done is asked right before,
/// by [`recheck_undo`].
#[must_use]
pub fn invert(step: &Step) -> Inverse {
    let backward = |change: &Change| Change {
        property: change.property.clone(),
        before: Some(change.after.clone()).filter(|value| !value.is_empty()),
        after: change.before.clone().unwrap_or_default(),
        rule: change.rule,
        reason: format!("takes back step {}", step.id.0),
        evidence: None,
        clear_first: moves_stage(change) && !change.clear_first,
    };
    let changes = || step.changes.iter().map(backward).collect();
    let inverse = |action: Action, changes: Vec<Change>| Inverse { action, changes, kept: Vec::new(), reason: None };
    let impossible = |code: &str, why: &str| Inverse {
        action: Action::Nothing,
        changes: Vec::new(),
        kept: Vec::new(),
        reason: Some(Reason::new(code, why)),
    };
    match &step.action {
        Action::Create => inverse(Action::Archive, changes()),
        Action::Archive => inverse(Action::Create, changes()),
        Action::Update => Inverse { kept: not_ours_to_take_back(step), ..inverse(Action::Update, changes()) },
        Action::Associate { company } => inverse(Action::Unlink { company: *company }, Vec::new()),
        Action::Unlink { company } => inverse(Action::Associate { company: *company }, Vec::new()),
        Action::Merge { other_portal_id, .. } => impossible(
            "merge-is-final",
            &format!("HubSpot can not part records again; record {other_portal_id} lives on in the merged one"),
        ),
        Action::Enroll { campaign } => impossible(
            "enrolled",
            &format!("mails of campaign {campaign} may have been sent; take the contact out at the sequencer"),
        ),
        Action::Nothing => inverse(Action::Nothing, Vec::new()),
    }
}

/// A stage that had a stage before it: one way or the other goes backward.
fn moves_stage(change: &Change) -> bool {
    change.property == lifecycle::PROPERTY && change.before.is_some() && !change.after.is_empty()
}

/// What the step did not write in the end: there is nothing of ours to take back.
fn not_ours_to_take_back(step: &Step) -> Vec<Kept> {
    step.kept.iter().filter(|kept| matches!(kept.code.as_str(), "stale" | "restored")).cloned().collect()
}

/// Notes on the record that a change of an undo was written, so that the value taken back is not offered again and the value given back is
/// not taken for ours; of an undo of an undo, that it is ours again.
pub fn remember_undo(record: &mut Record, change: &Change) {
    let property = change.property.clone();
    record.approved.remove(&property);
    if !change.after.is_empty() && record.undone.get(&property) == Some(&change.after) {
        record.undone.remove(&property);
        record.written.insert(property, change.after.clone());
        return;
    }
    if change.after.is_empty() {
        // We emptied it: another value than the one taken back may come again.
        record.written.insert(property.clone(), String::new());
    } else {
        record.written.remove(&property);
    }
    if let Some(taken_back) = &change.before {
        record.undone.insert(property, taken_back.clone());
    }
}

/// Compares a step of an undo plan with what the portal shows right before it: a value is taken back only where the newest entry of its
/// history is ours and still means what we wrote; a record we created is archived only where nobody else touched it and nothing was logged
/// or associated.
///
/// `portal` is the fresh view with history; for an archive of the properties of [`archive_view`], for anything else of the step's.
#[must_use]
pub fn recheck_undo(planner: &Planner, step: &Step, portal: Option<&PortalRecord>) -> Recheck {
    let mut result = Recheck::default();
    let Some(portal) = portal.filter(|portal| !portal.archived) else {
        match step.action {
            Action::Create => {
                let written = step.changes.iter().filter(|change| !change.after.is_empty());
                result.write = written.map(|change| (change.property.clone(), change.after.clone())).collect();
            }
            _ => result.gone = true,
        }
        return result;
    };
    if step.action == Action::Archive {
        result.stale = touched(planner, step, portal);
        result.archive = result.stale.is_empty();
        return result;
    }
    for change in &step.changes {
        let property = change.property.as_str();
        let meaning = planner.schema(step.entity).meaning(step.entity, property);
        let current = portal.properties.get(property).map(String::as_str);
        if same_optional(meaning, current, Some(&change.after)) {
            result.already.push(property.to_owned());
        } else if half_done(planner, portal, change, current) {
            result.write.insert(property.to_owned(), change.after.clone());
        } else if let Some(why) = no_longer_ours(planner, portal, change, current) {
            result.stale.push((property.to_owned(), why));
        } else {
            if change.clear_first && current.is_some() {
                result.clear.push(property.to_owned());
            }
            result.write.insert(property.to_owned(), change.after.clone());
        }
    }
    result
}

/// Why a value is not ours to take back, if so.
fn no_longer_ours(planner: &Planner, portal: &PortalRecord, change: &Change, current: Option<&str>) -> Option<String> {
    let meaning = planner.schema(portal.entity).meaning(portal.entity, &change.property);
    let Some(newest) = portal.newest(&change.property) else {
        return Some("the portal does not tell who wrote it last".to_owned());
    };
    if !planner.ours.wrote(newest) {
        return Some(format!("now {}, {}", shown(current), told(&Writer::Person(Some(newest)), None)));
    }
    let still = same_optional(meaning, current, change.before.as_deref())
        && same(meaning, &newest.value, current.unwrap_or_default());
    (!still).then(|| format!("now {}, written by Evergreen later", shown(current)))
}

/// Writers that are HubSpot itself at work, not somebody who cares for the record.
const SYSTEM: [&str; 7] = [
    "CALCULATED",
    "PROPERTY_DEFAULT_VALUE",
    "MIGRATION",
    "PORTAL_USER_ASSOCIATOR",
    "AUTO_ASSOCIATE_BY_DOMAIN",
    "DATA_ENRICHMENT",
    "COMPANY_INSIGHTS",
];

/// What HubSpot counts up when something is logged, sent or associated, and what that means in words.
const ROLLED_UP: [(&str, &str); 16] = [
    ("num_notes", "activities were logged"),
    ("num_contacted_notes", "somebody was in contact"),
    ("notes_last_contacted", "somebody was in contact"),
    ("notes_last_updated", "activities were logged"),
    ("notes_next_activity_date", "an activity is planned"),
    ("hs_last_sales_activity_timestamp", "sales worked on it"),
    ("hs_sales_email_last_replied", "a sales e-mail was answered"),
    ("hs_email_last_send_date", "a marketing e-mail was sent"),
    ("hs_email_last_open_date", "a marketing e-mail was opened"),
    ("hs_email_last_click_date", "a marketing e-mail was clicked"),
    ("hs_email_last_reply_date", "a marketing e-mail was answered"),
    ("recent_conversion_date", "a form was filled in"),
    ("num_associated_deals", "deals are associated"),
    ("num_associated_contacts", "contacts are associated"),
    ("hs_num_child_companies", "companies are associated"),
    ("hs_merged_object_ids", "another record was merged into it"),
];

/// The properties to read with history before a record is archived: whatever somebody could have touched, and what tells of activities.
#[must_use]
pub fn archive_view(planner: &Planner, entity: Entity) -> Vec<String> {
    let schema = planner.schema(entity);
    let mut names: BTreeSet<String> = schema.writable().map(str::to_owned).collect();
    names.extend(ROLLED_UP.iter().map(|(name, _)| *name).filter(|name| schema.get(name).is_some()).map(str::to_owned));
    names.extend(own::NAMES.iter().map(|name| (*name).to_owned()));
    names.into_iter().collect()
}

/// Every sign that the record is no longer only ours.
fn touched(planner: &Planner, step: &Step, portal: &PortalRecord) -> Vec<(String, String)> {
    let mut signs = Vec::new();
    for (property, told_as) in ROLLED_UP {
        let value = portal.properties.get(property).map_or("", |value| value.trim());
        if !matches!(value, "" | "0" | "0.0") {
            signs.push((property.to_owned(), format!("{told_as} ({property} is {value})")));
        }
    }
    for (property, entries) in &portal.history {
        if ROLLED_UP.iter().any(|(name, _)| name == property) {
            continue;
        }
        if let Some(entry) = entries.iter().find(|entry| !is_ours_or_system(planner, entry)) {
            signs.push((property.clone(), told(&Writer::Person(Some(entry)), None)));
        }
    }
    // A value of ours without history: who wrote it last is not known, so it is not taken for untouched.
    for change in &step.changes {
        let unknown = portal.properties.contains_key(&change.property) && portal.newest(&change.property).is_none();
        if unknown {
            signs.push((change.property.clone(), "the portal does not tell who wrote it last".to_owned()));
        }
    }
    signs
}

fn is_ours_or_system(planner: &Planner, entry: &HistoryEntry) -> bool {
    planner.ours.wrote(entry)
        || SYSTEM.contains(&entry.source_type.as_str())
        || planner.settings.trusted_writers.contains(&entry.source_type)
}
