//! How the services reach the records: writing values and imported rows, old versions of a record, and what changed.

use serde_json::{Map, Value};

use super::super::Portal;
use super::super::changes::What;
use super::super::errors::Refusal;
use super::super::links::Ref;
use super::super::record::{Kind, PropId, Record, Stamp};
use super::super::source::Source;
use super::super::write::{Claims, Manner};
use crate::clock::Millis;

/// One change, in words that need no table.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub kind: Kind,
    pub id: u64,
    pub at: Millis,
    pub source: String,
    pub source_id: String,
    pub what: Happened,
}

#[derive(Debug, Clone)]
pub(crate) enum Happened {
    Created,
    Value {
        name: String,
        value: String,
    },
    Archived,
    Restored,
    Merged {
        primary: u64,
        other: u64,
        moved: usize,
    },
    /// Deleted for good because the person asked.
    Erased,
    Associated {
        to_kind: Kind,
        to: u64,
        removed: bool,
        primary: bool,
    },
}

impl Portal {
    /// The app behind the call being answered.
    pub(super) fn caller_app(&self) -> u64 {
        self.writers.get(self.caller).id.parse().unwrap_or_default()
    }

    /// The stamp of the call being answered.
    pub(super) fn calling(&self, at: Millis) -> Stamp {
        self.by_caller(at)
    }

    pub(super) fn write_value(&mut self, kind: Kind, id: u64, prop: PropId, value: &str, stamp: Stamp) {
        self.put(kind, id, prop, value, stamp);
    }

    /// One row of a file import: a new record, or a change of one. Histories name the import.
    pub(super) fn import_row(
        &mut self,
        kind: Kind,
        target: Option<u64>,
        properties: &Map<String, Value>,
        import: u64,
        at: Millis,
    ) -> Result<u64, Refusal> {
        let draft = self.prepare(kind, target, properties, Manner::api(true, at), &mut Claims::default())?;
        let stamp = self.stamp(&Source::import(&import.to_string()), at);
        Ok(self.commit(kind, target, &draft, stamp))
    }

    pub(super) fn company_by_domain(&self, domain: &str) -> Option<u64> {
        let table = self.table(Kind::Company);
        let prop = table.schema.id("domain")?;
        table
            .from(0)
            .find(|one| one.archived.is_none() && one.get(prop).is_some_and(|own| own.eq_ignore_ascii_case(domain)))
            .map(|one| one.id)
    }

    /// The changes since the last time, oldest first; empty when nobody listens.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        for change in self.take_changes() {
            let source = self.writer(change.stamp).clone();
            let mut tell = |kind: Kind, id: u64, what: Happened| {
                let (source, source_id) = (source.kind.to_string(), source.id.to_string());
                events.push(Event { kind, id, at: change.stamp.at, source, source_id, what });
            };
            let (kind, id) = (change.kind, change.id);
            // Both ends of a pair are told.
            let mut pair = |to: Ref, removed: bool, primary: bool| {
                tell(kind, id, Happened::Associated { to_kind: to.0, to: to.1, removed, primary });
                tell(to.0, to.1, Happened::Associated { to_kind: kind, to: id, removed, primary });
            };
            match change.what {
                What::Associated { to, primary } => pair(to, false, primary),
                What::Dissociated { to } => pair(to, true, false),
                What::Created => tell(kind, id, Happened::Created),
                What::Archived => tell(kind, id, Happened::Archived),
                What::Restored => tell(kind, id, Happened::Restored),
                What::Erased => tell(kind, id, Happened::Erased),
                What::Merged { primary, other, values_moved } => {
                    tell(kind, id, Happened::Merged { primary, other, moved: values_moved });
                }
                What::Value { prop, value } => {
                    let name = self.property_name(kind, prop).to_owned();
                    tell(kind, id, Happened::Value { name, value: value.into_string() });
                }
                What::Touched => {}
            }
        }
        events
    }
}

/// The moments at which a record changed after `since`, oldest first.
pub(super) fn moments(record: &Record, since: Millis) -> Vec<Millis> {
    let values = record.values().flat_map(|(prop, _)| record.history(prop));
    let mut all: Vec<Millis> = values
        .map(|entry| entry.stamp.at)
        .chain([record.created])
        .chain(record.archived)
        .filter(|at| *at > since)
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A record as it was right after a moment; none before it was created.
pub(super) fn rewound(record: &Record, to: Millis) -> Option<Record> {
    if record.created > to {
        return None;
    }
    let mut old = Record::new(record.id, Stamp { at: record.created, writer: record.origin });
    for (prop, _) in record.values() {
        let past: Vec<_> = record.history(prop).filter(|entry| entry.stamp.at <= to).collect();
        for entry in past.iter().rev() {
            old.set(prop, entry.value, entry.stamp, past.len());
        }
    }
    old.archived = record.archived.filter(|at| *at <= to);
    Some(old)
}
