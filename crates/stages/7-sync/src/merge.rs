//! Duplicates inside the portal: which record stays, and what becomes of every field, so that a person can decide on a merge.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use evergreen_model::PortalRecord;
use jiff::Timestamp;

use crate::lifecycle;
use crate::planner::Planner;
use crate::same::{millis, same_optional};
use crate::settings::PrimaryRule;

/// A proposed merge of two records of the portal. HubSpot can not take a merge back, so only a person's word lets it happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeDraft {
    /// HubSpot id of the record that stays.
    pub primary: String,
    /// HubSpot id of the record that ends.
    pub other: String,
    /// One sentence: why this one stays.
    pub why: String,
    /// Every field in which they differ, by name.
    pub fields: Vec<MergedField>,
}

/// What a merge does to one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedField {
    /// Internal property name.
    pub property: String,
    /// The value of the record that stays.
    pub primary: Option<String>,
    /// The value of the record that ends.
    pub other: Option<String>,
    /// The value after the merge.
    pub survives: Option<String>,
    /// One sentence: why.
    pub why: String,
}

/// Proposes which of two records stays and tells field by field what the merge would do, after HubSpot's own rule: the value of the record
/// that stays wins, except where it is empty. The order of the two does not matter.
#[must_use]
pub fn propose_merge(planner: &Planner, left: &PortalRecord, right: &PortalRecord) -> MergeDraft {
    let rule = planner.settings.merge.primary;
    let rules = [rule, PrimaryRule::MostComplete, PrimaryRule::Oldest];
    let decided = rules.into_iter().find_map(|rule| match compare(planner, rule, left, right) {
        Ordering::Equal => None,
        order => Some((order, rule)),
    });
    let (order, why) = match decided {
        Some((order, rule)) => (order, because(rule)),
        // Ids are numbers of ascending length.
        None => {
            let (left, right) = ((left.id.len(), &left.id), (right.id.len(), &right.id));
            (right.cmp(&left), "it has the lower id, all else being equal")
        }
    };
    let (primary, other) = if order == Ordering::Less { (right, left) } else { (left, right) };
    MergeDraft {
        primary: primary.id.clone(),
        other: other.id.clone(),
        why: why.to_owned(),
        fields: fields(planner, primary, other),
    }
}

/// `Greater` when the left one should stay.
fn compare(planner: &Planner, rule: PrimaryRule, left: &PortalRecord, right: &PortalRecord) -> Ordering {
    match rule {
        PrimaryRule::CustomerFirst => stage(planner, left).cmp(&stage(planner, right)),
        PrimaryRule::Oldest => right.created_at.cmp(&left.created_at),
        PrimaryRule::Newest => left.created_at.cmp(&right.created_at),
        PrimaryRule::MostComplete => filled(planner, left).cmp(&filled(planner, right)),
        PrimaryRule::MostActive => last_activity(left).cmp(&last_activity(right)),
    }
}

const fn because(rule: PrimaryRule) -> &'static str {
    match rule {
        PrimaryRule::CustomerFirst => "it stands further in the lifecycle",
        PrimaryRule::Oldest => "it was created first",
        PrimaryRule::Newest => "it was created last",
        PrimaryRule::MostComplete => "it has more values",
        PrimaryRule::MostActive => "it was in contact last",
    }
}

/// Place in the portal's order of stages; a record without a stage stands before all.
fn stage(planner: &Planner, record: &PortalRecord) -> Option<usize> {
    let stage = record.properties.get(lifecycle::PROPERTY)?;
    planner.schema(record.entity).rank(lifecycle::PROPERTY, stage).map(|(rank, _)| rank)
}

fn filled(planner: &Planner, record: &PortalRecord) -> usize {
    mergeable(planner, record).count()
}

const ACTIVITY: [&str; 5] = [
    "notes_last_contacted",
    "hs_sales_email_last_replied",
    "hs_email_last_reply_date",
    "hs_email_last_click_date",
    "hs_email_last_open_date",
];

fn last_activity(record: &PortalRecord) -> Option<Timestamp> {
    let times = ACTIVITY.iter().filter_map(|name| record.properties.get(*name)).filter_map(|text| millis(text));
    times.max().and_then(|at| Timestamp::from_millisecond(at).ok())
}

/// The values that a merge is about: what the portal computes itself is computed anew.
fn mergeable<'a>(planner: &'a Planner, record: &'a PortalRecord) -> impl Iterator<Item = &'a str> {
    let schema = planner.schema(record.entity);
    record
        .properties
        .iter()
        .filter(|(name, value)| !value.is_empty() && schema.get(name).is_some_and(|property| !property.read_only))
        .map(|(name, _)| name.as_str())
}

fn fields(planner: &Planner, primary: &PortalRecord, other: &PortalRecord) -> Vec<MergedField> {
    let schema = planner.schema(primary.entity);
    let names: BTreeSet<&str> = mergeable(planner, primary).chain(mergeable(planner, other)).collect();
    let value =
        |record: &PortalRecord, name: &str| record.properties.get(name).filter(|value| !value.is_empty()).cloned();
    let mut fields = Vec::new();
    for name in names {
        let (mine, theirs) = (value(primary, name), value(other, name));
        if same_optional(schema.meaning(primary.entity, name), mine.as_deref(), theirs.as_deref()) {
            continue;
        }
        let why = match (&mine, &theirs) {
            (None, _) => "empty in the record that stays, so the other's value is taken over",
            (Some(_), None) => "only the record that stays has it",
            (Some(_), Some(_)) => match name {
                "email" => "the record that stays keeps its address; the other one becomes an additional address",
                "domain" => "the record that stays keeps its domain; the other one becomes an additional domain",
                "hubspot_owner_id" => "the record that stays keeps its owner; HubSpot may choose the one assigned last",
                _ => "both have one; that of the record that stays wins",
            },
        };
        let survives = mine.clone().or_else(|| theirs.clone());
        fields.push(MergedField {
            property: name.to_owned(),
            primary: mine,
            other: theirs,
            survives,
            why: why.to_owned(),
        });
    }
    fields
}
