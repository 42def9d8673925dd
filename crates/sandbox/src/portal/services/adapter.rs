//! How the services reach the records: writing values and imported rows, old versions of a record, and what changed.

use serde_json::{Map, Value};

use super::super::Portal;
use super::super::errors::Refusal;
use super::super::record::{Kind, PropId, Record, Source, Stamp};
use super::super::write::Claims;
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
#[allow(dead_code, reason = "merges, restores and erasures are noted by the calls that do them")]
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

/// A note made while something happens.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub kind: Kind,
    pub id: u64,
    pub stamp: Stamp,
    pub what: What,
}

#[derive(Debug, Clone)]
pub(crate) enum What {
    Created,
    Value { prop: PropId, value: Box<str> },
    Archived,
    Associated { to_kind: Kind, to: u64, removed: bool, primary: bool },
}

impl Portal {
    /// Says whose token the next calls carry; histories of what they write name this app.
    pub(crate) fn called_by(&mut self, app: u64) {
        self.caller = u32::try_from(app).unwrap_or_default();
    }

    pub(super) fn caller_app(&self) -> u32 {
        self.caller
    }

    /// The stamp of the call being answered.
    pub(super) fn calling(&self, at: Millis) -> Stamp {
        Stamp { at, source: Source::Integration(self.caller) }
    }

    pub(super) fn write_value(&mut self, kind: Kind, id: u64, prop: PropId, value: &str, stamp: Stamp) {
        if self.table_mut(kind).set(id, prop, value, stamp) {
            self.note(kind, id, stamp, What::Value { prop, value: value.into() });
        }
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
        let draft = self.prepare(kind, target, properties, true, &mut Claims::default())?;
        let stamp = Stamp { at, source: Source::Import(import) };
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

    /// Starts or stops keeping changes until they are taken.
    pub(crate) fn listen(&mut self, on: bool) {
        if on != self.changes.is_some() {
            self.changes = on.then(Vec::new);
        }
    }

    pub(crate) fn note(&mut self, kind: Kind, id: u64, stamp: Stamp, what: What) {
        if let Some(changes) = &mut self.changes {
            changes.push(Change { kind, id, stamp, what });
        }
    }

    /// The changes since the last time, oldest first; empty when nobody listens.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        let changes = self.changes.as_mut().map(std::mem::take).unwrap_or_default();
        changes
            .into_iter()
            .map(|change| Event {
                kind: change.kind,
                id: change.id,
                at: change.stamp.at,
                source: change.stamp.source.kind().to_owned(),
                source_id: change.stamp.source.id(),
                what: match change.what {
                    What::Created => Happened::Created,
                    What::Archived => Happened::Archived,
                    What::Value { prop, value } => Happened::Value {
                        name: self.table(change.kind).schema.get(prop).name.clone(),
                        value: value.into_string(),
                    },
                    What::Associated { to_kind, to, removed, primary } => {
                        Happened::Associated { to_kind, to, removed, primary }
                    }
                },
            })
            .collect()
    }
}

/// The moments at which a record changed after `since`, oldest first.
pub(super) fn moments(record: &Record, since: Millis) -> Vec<Millis> {
    let values = record.cells().iter().flat_map(|cell| cell.before.iter().chain([&cell.now]));
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
    let mut old = Record::new(record.id, Stamp { at: record.created, source: record.origin });
    for cell in record.cells() {
        for entry in cell.before.iter().chain([&cell.now]).filter(|entry| entry.stamp.at <= to) {
            old.set(cell.prop, &entry.value, entry.stamp);
        }
    }
    old.archived = record.archived.filter(|at| *at <= to);
    Some(old)
}
