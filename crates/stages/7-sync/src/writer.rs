//! Who wrote a property last, read from the portal's own history, and whether its rule lets us write it.

use std::collections::BTreeSet;

use evergreen_model::{HistoryEntry, PortalRecord, Protection};
use jiff::Timestamp;

use crate::same::{Meaning, same};

/// Under which `sourceId`s our own writes appear in the portal's history, former ones included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ours {
    /// HubSpot app ids; empty until learnt, and then nothing counts as ours.
    pub source_ids: Vec<String>,
}

/// Who wrote a property last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer<'a> {
    /// It was never set.
    Nobody,
    /// We did, and it still holds what we wrote.
    Us(&'a HistoryEntry),
    /// A machine whose values the settings let us replace.
    Trusted(&'a HistoryEntry),
    /// Anybody else, or we can not tell: treated as a person.
    Person(Option<&'a HistoryEntry>),
}

/// What is known of a property when its writer is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub property: &'a str,
    pub meaning: Meaning,
    /// What we last wrote there, by our own store.
    pub written: Option<&'a str>,
    pub ours: &'a Ours,
    pub trusted: &'a BTreeSet<String>,
}

/// Who wrote a property of a portal record last.
pub(crate) fn last_writer<'a>(portal: &'a PortalRecord, asked: &Asked<'_>) -> Writer<'a> {
    let current = portal.properties.get(asked.property).map_or("", String::as_str);
    let written = asked.written.unwrap_or_default();
    let Some(newest) = portal.newest(asked.property) else {
        // A value without history, or one of ours that is gone without history: the writer is unknown.
        let untouched = current.is_empty() && written.is_empty();
        return if untouched { Writer::Nobody } else { Writer::Person(None) };
    };
    if !same(asked.meaning, &newest.value, current) {
        return Writer::Person(Some(newest));
    }
    let our_app = newest.source_type == "INTEGRATION"
        && newest.source_id.as_ref().is_some_and(|id| asked.ours.source_ids.contains(id));
    if our_app && same(asked.meaning, &newest.value, written) {
        Writer::Us(newest)
    } else if asked.trusted.contains(&newest.source_type) {
        Writer::Trusted(newest)
    } else {
        Writer::Person(Some(newest))
    }
}

/// Why a property may not be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub code: &'static str,
    pub why: String,
}

/// Whether the rule of a property lets us write it; `Ok` says in a word why it may.
pub(crate) fn permit(
    rule: Protection,
    is_empty: bool,
    writer: &Writer<'_>,
    now: Option<Timestamp>,
) -> Result<&'static str, Refused> {
    let protected = |why: String| Refused { code: "protected", why };
    match rule {
        Protection::Never => Err(protected("its rule is never".to_owned())),
        Protection::Always => Ok("always"),
        Protection::FillEmpty | Protection::Ours | Protection::Newer if is_empty => match writer {
            Writer::Nobody | Writer::Us(_) | Writer::Trusted(_) => Ok("empty"),
            Writer::Person(entry) => Err(Refused {
                code: "cleared-by-person",
                why: entry.map_or_else(
                    || "emptied after we wrote it, by whom is not known".to_owned(),
                    |entry| format!("emptied by {} {}", who(entry), when(entry.at, now)),
                ),
            }),
        },
        // The age of the evidence is not known here; without it `newer` is as strict as `ours`.
        Protection::Ours | Protection::Newer => match writer {
            Writer::Us(_) => Ok("ours"),
            Writer::Trusted(_) => Ok("set by a machine"),
            Writer::Nobody | Writer::Person(_) => Err(protected(told(writer, now))),
        },
        Protection::FillEmpty => Err(protected(told(writer, now))),
    }
}

/// One clause on the last writer: `typed by a person 3 days ago`.
pub(crate) fn told(writer: &Writer<'_>, now: Option<Timestamp>) -> String {
    match writer {
        Writer::Nobody => "never set".to_owned(),
        Writer::Us(entry) => format!("written by Evergreen {}", when(entry.at, now)),
        Writer::Trusted(entry) | Writer::Person(Some(entry)) => {
            let verb = if is_person(entry) { "typed" } else { "set" };
            format!("{verb} by {} {}", who(entry), when(entry.at, now))
        }
        Writer::Person(None) => "set by somebody the portal does not name".to_owned(),
    }
}

fn is_person(entry: &HistoryEntry) -> bool {
    entry.user_id.is_some() || entry.source_type.starts_with("CRM_UI") || entry.source_type.starts_with("MOBILE")
}

fn who(entry: &HistoryEntry) -> String {
    match entry.source_type.as_str() {
        "IMPORT" => "a file import".to_owned(),
        "INTEGRATION" | "API" => "an app".to_owned(),
        "AUTOMATION_PLATFORM" | "WORKFLOWS" => "a workflow".to_owned(),
        "FORM" => "a form".to_owned(),
        _ if is_person(entry) => "a person".to_owned(),
        other => format!("{} (HubSpot)", other.to_lowercase().replace('_', " ")),
    }
}

fn when(at: Timestamp, now: Option<Timestamp>) -> String {
    let Some(now) = now else { return format!("at {}", at.strftime("%-d %b %Y %H:%M UTC")) };
    let minutes = (now.as_second() - at.as_second()).max(0) / 60;
    let (count, unit) = match minutes {
        0..60 => (minutes, "minute"),
        60..1_440 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    match count {
        0 => "just now".to_owned(),
        1 => format!("1 {unit} ago"),
        _ => format!("{count} {unit}s ago"),
    }
}
