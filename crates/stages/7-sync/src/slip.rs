//! The look back after a write: HubSpot has no conditional write, so an edit that slipped in between our look and our write is found in
//! the history afterwards, and given back.

use evergreen_model::{Fields, HistoryEntry, PortalRecord, Protection, Record, Step};

use crate::planner::Planner;
use crate::same::same;
use crate::writer::{Writer, told};

/// An edit that our write covered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overwritten {
    /// Internal property name.
    pub property: String,
    /// The value to write back; empty when it had been cleared.
    pub restore: String,
    /// Who made it, in a few words: `typed by a person on 25 Nov 2026 09:10 UTC`.
    pub by: String,
}

/// The edits that slipped in between our last look and our write, and that our write covered.
///
/// `wrote` is what was sent, `read_before` the last look before it, `after` a fresh view with the history of what was sent. After a crash the
/// last look is lost: pass `None`, and what the plan saw decides. Where a later edit covered ours in turn, the person won anyway and
/// nothing is to be restored. A property whose rule is `always` may be written over a person, so nothing is restored there either.
#[must_use]
pub fn overwritten(
    planner: &Planner,
    step: &Step,
    wrote: &Fields,
    read_before: Option<&PortalRecord>,
    after: &PortalRecord,
) -> Vec<Overwritten> {
    let mut found = Vec::new();
    for (property, sent) in wrote {
        let Some(change) = step.changes.iter().find(|change| change.property == *property) else { continue };
        if change.rule == Protection::Always {
            continue;
        }
        let entries = after.history.get(property).map_or(&[][..], Vec::as_slice);
        let meaning = planner.schema(after.entity).meaning(after.entity, property);
        let means = |entry: &HistoryEntry, value: &str| same(meaning, &entry.value, value);
        let is_ours = |entry: &HistoryEntry| ours(planner, entry, |value| same(meaning, value, sent));
        let news: Vec<&HistoryEntry> = match read_before {
            Some(before) => unseen(entries, before.history.get(property).map_or(&[][..], Vec::as_slice)),
            None => since_the_plan(
                entries,
                |entry| is_ours(entry),
                |entry| change.rule == Protection::Newer && means(entry, change.before.as_deref().unwrap_or_default()),
            ),
        };
        let Some(mine) = news.iter().find(|entry| is_ours(entry)) else { continue };
        // Of those not ours the newest counts; a machine's value would be replaced by the rule anyway.
        let Some(theirs) = news.iter().find(|entry| !is_ours(entry)) else { continue };
        if !is_a_person(planner, after, property, theirs) {
            continue;
        }
        // Entries of the same millisecond come in no certain order: the value that stands tells who was last.
        let current = after.properties.get(property).map_or("", String::as_str);
        let ours_stands = same(meaning, current, &mine.value) || same(meaning, current, sent);
        if ours_stands && !same(meaning, current, &theirs.value) {
            found.push(Overwritten {
                property: property.clone(),
                restore: theirs.value.clone(),
                by: told(&Writer::Person(Some(theirs)), None),
            });
        }
    }
    found
}

/// Notes on the record that a person's value was given back: it is not ours, and what we had written is not offered again.
pub fn remember_restored(record: &mut Record, property: &str, offered: &str) {
    record.written.remove(property);
    record.approved.remove(property);
    record.undone.insert(property.to_owned(), offered.to_owned());
}

/// Before our id is learnt from the very first write, an app's entry with just our value is taken for ours.
fn ours(planner: &Planner, entry: &HistoryEntry, is_sent: impl Fn(&str) -> bool) -> bool {
    if planner.ours.source_ids.is_empty() {
        return entry.source_type == "INTEGRATION" && is_sent(&entry.value);
    }
    planner.ours.wrote(entry)
}

fn is_a_person(planner: &Planner, portal: &PortalRecord, property: &str, entry: &HistoryEntry) -> bool {
    let whose = planner.settings.protected_people(portal.entity, property);
    !planner.settings.trusted_writers.contains(&entry.source_type) && planner.roster.protects(whose, entry)
}

/// The entries that were not there at the last look, newest first. Compared whole, not by time: two clocks need not agree.
fn unseen<'a>(entries: &'a [HistoryEntry], seen: &[HistoryEntry]) -> Vec<&'a HistoryEntry> {
    let mut seen: Vec<&HistoryEntry> = seen.iter().collect();
    let mut news = Vec::new();
    // Oldest first, so that of two equal entries the older is the one that was seen.
    for entry in entries.iter().rev() {
        match seen.iter().position(|known| *known == entry) {
            Some(place) => {
                seen.swap_remove(place);
            }
            None => news.push(entry),
        }
    }
    news.reverse();
    news
}

/// Our newest entry and everything above and right below it. Nothing that a person wrote could stand there when the write was allowed,
/// except what the rule `newer` was allowed to cover.
fn since_the_plan(
    entries: &[HistoryEntry],
    is_ours: impl Fn(&HistoryEntry) -> bool,
    was_weighed: impl Fn(&HistoryEntry) -> bool,
) -> Vec<&HistoryEntry> {
    let Some(mine) = entries.iter().position(&is_ours) else { return Vec::new() };
    let below = entries.get(mine + 1).filter(|entry| !is_ours(entry) && !was_weighed(entry));
    entries.iter().take(mine + 1).chain(below).collect()
}
