//! Our own properties in the portal: what they are called, how they are defined, and their value for a record.

use std::collections::BTreeSet;

use evergreen_model::portal::PropertyOption;
use evergreen_model::{EmailVerdict, Entity, Fields, Gate, Golden, Protection, Record, Source, field};
use evergreen_ports::PropertyDefinition;

use crate::settings::{PropertyRule, Settings};

/// Our unique key, on which creates are upserts.
pub const EVERGREEN_ID: &str = "evergreen_id";
/// Where the record stands with us.
pub const ENRICHMENT_STATUS: &str = "enrichment_status";
/// Verification score, 0 to 100.
pub const VERIFICATION_SCORE: &str = "verification_score";
/// Which sources our values come from.
pub const SOURCE_TAG: &str = "source_tag";
/// Why the record is held or refused, as a stable code.
pub const REJECTION_REASON: &str = "rejection_reason";
/// When the address was last proven.
pub const LAST_VERIFIED_AT: &str = "last_verified_at";

/// Our own properties, besides the backups that the settings name.
pub const NAMES: &[&str] =
    &[EVERGREEN_ID, ENRICHMENT_STATUS, VERIFICATION_SCORE, SOURCE_TAG, REJECTION_REASON, LAST_VERIFIED_AT];

/// What a record that did not pass its gate still shows in the portal.
pub(crate) const SHOWN_WHEN_REFUSED: &[&str] =
    &[ENRICHMENT_STATUS, VERIFICATION_SCORE, REJECTION_REASON, LAST_VERIFIED_AT];

const LIFECYCLE: &str = "lifecyclestage";
/// Read, never written: addresses that belong to the contact besides the primary one.
pub(crate) const MORE_EMAILS: &str = "hs_additional_emails";

/// The properties that must exist under our group before anything is written.
#[must_use]
pub fn definitions(settings: &Settings, entity: Entity) -> Vec<PropertyDefinition> {
    let mut definitions = vec![
        text(
            EVERGREEN_ID,
            "Evergreen id",
            "Evergreen's own key of this record. Do not edit: it keeps records from being created twice.",
            true,
        ),
        PropertyDefinition {
            name: ENRICHMENT_STATUS.to_owned(),
            label: "Enrichment status".to_owned(),
            value_type: "enumeration".to_owned(),
            field_type: "select".to_owned(),
            description: "Where this record stands with Evergreen.".to_owned(),
            options: ["verified", "held", "rejected", "pending"].into_iter().map(option).collect(),
            unique: false,
        },
        typed(
            VERIFICATION_SCORE,
            "Verification score",
            "number",
            "number",
            "How sure Evergreen is of the address, 0 to 100.",
        ),
        text(SOURCE_TAG, "Source tag", "Which lists and providers Evergreen's values come from.", false),
        text(
            REJECTION_REASON,
            "Rejection reason",
            "Why Evergreen holds or refuses this record; empty when it passed.",
            false,
        ),
        typed(LAST_VERIFIED_AT, "Last verified at", "datetime", "date", "When Evergreen last proved the address."),
    ];
    let backups: BTreeSet<(&str, &str)> = settings
        .rules(entity)
        .iter()
        .filter_map(|(property, rule)| Some((rule.backup.as_deref()?, property.as_str())))
        .collect();
    for (backup, property) in backups {
        if definitions.iter().any(|known| known.name == backup) {
            continue;
        }
        let label = field::find(entity, property).map_or(property, |field| field.label);
        definitions.push(text(
            backup,
            &format!("{label} (Evergreen)"),
            &format!("Evergreen's value for \"{label}\", kept beside what a person typed there."),
            false,
        ));
    }
    definitions
}

/// The properties to read with their history before a plan is made, and again right before it is applied.
#[must_use]
pub fn watched(settings: &Settings, entity: Entity) -> Vec<String> {
    let rules = settings.rules(entity);
    // What is never written and never offered need not be looked at.
    let told = |name: &str, rule: &PropertyRule| {
        rule.protect != Protection::Never || field::find(entity, rule.from.as_deref().unwrap_or(name)).is_some()
    };
    let mut names: BTreeSet<String> =
        rules.iter().filter(|(name, rule)| told(name, rule)).map(|(name, _)| name.clone()).collect();
    names.extend(rules.values().filter_map(|rule| rule.backup.clone()));
    names.extend(NAMES.iter().map(|name| (*name).to_owned()));
    names.insert(LIFECYCLE.to_owned());
    if entity == Entity::Contact {
        names.insert(MORE_EMAILS.to_owned());
    }
    names.into_iter().collect()
}

/// The values of our own properties for a record. An empty text means the property should be empty.
pub(crate) fn values(record: &Record, offered: &Golden) -> Fields {
    let mut values = Fields::new();
    values.insert(EVERGREEN_ID.to_owned(), record.evergreen_id.clone());
    values.insert(ENRICHMENT_STATUS.to_owned(), status(record).to_owned());
    values.insert(REJECTION_REASON.to_owned(), rejection_reason(record));
    if let Some(tag) = source_tag(offered) {
        values.insert(SOURCE_TAG.to_owned(), tag);
    }
    if let Some(verdicts) = &record.verdicts {
        values.insert(VERIFICATION_SCORE.to_owned(), verdicts.score.to_string());
        // Whole milliseconds, because that is what the portal keeps.
        let at = jiff::Timestamp::from_millisecond(verdicts.at.as_millisecond()).unwrap_or(verdicts.at);
        values.insert(LAST_VERIFIED_AT.to_owned(), format!("{at:.3}"));
    }
    values
}

/// Whether verification lets the record be written. A company need not have been asked.
pub(crate) fn passes(record: &Record) -> bool {
    match &record.verdicts {
        Some(verdicts) => verdicts.gate == Gate::Pass,
        None => record.entity == Entity::Company,
    }
}

fn status(record: &Record) -> &'static str {
    match record.verdicts.as_ref().map(|verdicts| &verdicts.gate) {
        Some(Gate::Pass) => "verified",
        Some(Gate::Hold) => "held",
        Some(Gate::Reject { .. }) => "rejected",
        None => "pending",
    }
}

fn rejection_reason(record: &Record) -> String {
    let Some(verdicts) = record.verdicts.as_ref().filter(|verdicts| verdicts.gate != Gate::Pass) else {
        return String::new();
    };
    match &record.reason {
        Some(reason) => reason.code.clone(),
        None if verdicts.email == EmailVerdict::Valid => format!("score-{}", verdicts.score),
        None => verdicts.email_reason.clone(),
    }
}

/// The sources of the offered values, lists first because people search by list; at most 250 characters.
fn source_tag(offered: &Golden) -> Option<String> {
    let sources: BTreeSet<&Source> =
        offered.values().map(|value| &value.source).filter(|source| **source != Source::Crm).collect();
    if sources.is_empty() {
        return None;
    }
    let names: Vec<String> = sources.into_iter().map(Source::to_string).collect();
    Some(names.join(", ").chars().take(250).collect())
}

fn text(name: &str, label: &str, description: &str, unique: bool) -> PropertyDefinition {
    PropertyDefinition { unique, ..typed(name, label, "string", "text", description) }
}

fn typed(name: &str, label: &str, value_type: &str, field_type: &str, description: &str) -> PropertyDefinition {
    PropertyDefinition {
        name: name.to_owned(),
        label: label.to_owned(),
        value_type: value_type.to_owned(),
        field_type: field_type.to_owned(),
        description: description.to_owned(),
        options: Vec::new(),
        unique: false,
    }
}

fn option(value: &str) -> PropertyOption {
    let mut label = value.to_owned();
    if let Some(first) = label.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    PropertyOption { value: value.to_owned(), label }
}
