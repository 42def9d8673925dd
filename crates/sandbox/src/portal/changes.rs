//! What just happened in the portal, for whoever must be told: the search index, webhooks, the journal page.

use super::Portal;
use super::links::Ref;
use super::record::{Kind, PropId, Stamp};
use super::source::Source;

/// One thing that happened to one record.
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
    Value {
        prop: PropId,
        value: Box<str>,
    },
    /// Only the modification date moved.
    Touched,
    Archived,
    Restored,
    /// `primary` and `other` are now `Change::id`, which may be a new id.
    Merged {
        primary: u64,
        other: u64,
        values_moved: usize,
    },
    /// Removed for good on a privacy request.
    Erased,
    Associated {
        to: Ref,
        primary: bool,
    },
    Dissociated {
        to: Ref,
    },
}

impl Portal {
    /// Starts or stops keeping changes until they are taken.
    pub(crate) fn listen(&mut self, on: bool) {
        if on != self.changes.is_some() {
            self.changes = on.then(Vec::new);
        }
    }

    /// The changes since the last call, oldest first; empty when nobody listens.
    pub(crate) fn take_changes(&mut self) -> Vec<Change> {
        self.changes.as_mut().map(std::mem::take).unwrap_or_default()
    }

    pub(super) fn note(&mut self, kind: Kind, id: u64, stamp: Stamp, what: What) {
        if let Some(changes) = &mut self.changes {
            changes.push(Change { kind, id, stamp, what });
        }
    }

    /// Who is behind a stamp.
    pub(crate) fn writer(&self, stamp: Stamp) -> &Source {
        self.writers.get(stamp.writer)
    }

    /// A property's name, for changes that carry its index.
    pub(crate) fn property_name(&self, kind: Kind, prop: PropId) -> &str {
        &self.table(kind).schema.get(prop).name
    }
}
