//! Who wrote a property last, read from the portal's own history, and whether its rule lets us write it.

use std::collections::BTreeSet;

use evergreen_model::{HistoryEntry, PortalRecord, Protection};
use jiff::Timestamp;

use crate::roster::{Roster, user_id};
use crate::same::{Meaning, same};
use crate::settings::{Groups, Newer};

/// Under which `sourceId`s our own writes appear in the portal's history, former ones included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ours {
    /// HubSpot app ids; empty until learnt, and then nothing counts as ours.
    pub source_ids: Vec<String>,
}

impl Ours {
    /// Whether an entry of the portal's history was written by us.
    #[must_use]
    pub fn wrote(&self, entry: &HistoryEntry) -> bool {
        entry.source_type == "INTEGRATION" && entry.source_id.as_ref().is_some_and(|id| self.source_ids.contains(id))
    }
}

/// Who wrote a property last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer<'a> {
    /// It was never set.
    Nobody,
    /// We did, and it still holds what we wrote.
    Us(&'a HistoryEntry),
    /// A machine, or a person outside the protected groups, whose values the settings let us replace.
    Trusted(&'a HistoryEntry),
    /// Anybody else, or we can not tell: treated as a person.
    Person(Option<&'a HistoryEntry>),
}

/// What is known of a property when its writer is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub property: &'a str,
    pub meaning: Meaning,
    /// What we last wrote there, by our own store; absent when the store knows of no write that still stands.
    pub written: Option<&'a str>,
    pub ours: &'a Ours,
    pub trusted: &'a BTreeSet<String>,
    pub roster: &'a Roster,
    /// Whose edits are protected.
    pub whose: &'a Groups,
}

/// Who wrote a property of a portal record last.
pub(crate) fn last_writer<'a>(portal: &'a PortalRecord, asked: &Asked<'_>) -> Writer<'a> {
    let current = portal.properties.get(asked.property).map_or("", String::as_str);
    let Some(newest) = portal.newest(asked.property) else {
        // A value without history, or one of ours that is gone without history: the writer is unknown.
        let untouched = current.is_empty() && asked.written.unwrap_or_default().is_empty();
        return if untouched { Writer::Nobody } else { Writer::Person(None) };
    };
    if !same(asked.meaning, &newest.value, current) {
        return Writer::Person(Some(newest));
    }
    // An entry under our name that the store does not know of is not ours: another install wrote it, or it gave a person's value back.
    if asked.ours.wrote(newest) && asked.written.is_some_and(|written| same(asked.meaning, &newest.value, written)) {
        Writer::Us(newest)
    } else if asked.trusted.contains(&newest.source_type) || !asked.roster.protects(asked.whose, newest) {
        Writer::Trusted(newest)
    } else {
        Writer::Person(Some(newest))
    }
}

/// What is known of our evidence when a person's value stands against it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fresh<'a> {
    pub rule: &'a Newer,
    /// When the source of our value said it.
    pub said: Option<Timestamp>,
    /// Whether a person agreed to this very value.
    pub approved: bool,
}

impl Fresh<'_> {
    /// `Ok` when the evidence is newer than the person's edit by the days of the rule.
    fn beats(&self, entry: Option<&HistoryEntry>, now: Option<Timestamp>) -> Result<(), String> {
        let typed = told(&entry.map_or(Writer::Person(None), |entry| Writer::Person(Some(entry))), now);
        let (Some(entry), Some(said)) = (entry, self.said) else { return Err(typed) };
        let needed = i64::from(self.rule.days) * 86_400;
        if said.as_second() - entry.at.as_second() >= needed.max(1) {
            return Ok(());
        }
        let day = said.strftime("%-d %b %Y");
        Err(format!("{typed}, and our evidence of {day} is not newer by {} days", self.rule.days))
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
    fresh: Option<Fresh<'_>>,
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
        Protection::Ours | Protection::Newer => match (writer, fresh) {
            (Writer::Us(_), _) => Ok("ours"),
            (Writer::Trusted(_), _) => Ok("set by a machine"),
            (Writer::Person(entry), Some(fresh)) if rule == Protection::Newer => match fresh.beats(*entry, now) {
                Err(why) => Err(protected(why)),
                Ok(()) if fresh.approved => Ok("newer, approved"),
                Ok(()) if !fresh.rule.hold => Ok("newer"),
                Ok(()) => Err(Refused {
                    code: "needs-approval",
                    why: format!("{}; our evidence is newer, a person decides on the review board", told(writer, now)),
                }),
            },
            (Writer::Nobody | Writer::Person(_), _) => Err(protected(told(writer, now))),
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
    user_id(entry).is_some() || entry.source_type.starts_with("CRM_UI") || entry.source_type.starts_with("MOBILE")
}

pub(crate) fn who(entry: &HistoryEntry) -> String {
    match entry.source_type.as_str() {
        "IMPORT" => "a file import".to_owned(),
        "INTEGRATION" | "API" => "an app".to_owned(),
        "AUTOMATION_PLATFORM" | "WORKFLOWS" => "a workflow".to_owned(),
        "FORM" => "a form".to_owned(),
        source if source.starts_with("MERGE") => "a merge of two records".to_owned(),
        _ if is_person(entry) => "a person".to_owned(),
        other => format!("{} (HubSpot)", other.to_lowercase().replace('_', " ")),
    }
}

fn when(at: Timestamp, now: Option<Timestamp>) -> String {
    let Some(now) = now else { return format!("on {}", at.strftime("%-d %b %Y %H:%M UTC")) };
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
