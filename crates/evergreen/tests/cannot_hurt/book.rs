//! What an independent witness wrote down: every edit by others, every request of ours, and what must therefore stand at the end.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// `contacts` or `companies`, HubSpot id, property.
pub type Cell = (String, String, String);

/// One request of ours that changes something.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Number of the call.
    pub call: u64,
    pub object: String,
    /// `update`, `upsert`, `create`, `archive`, `merge`.
    pub deed: String,
    /// HubSpot id, or our own id for an upsert.
    pub key: String,
    pub properties: BTreeMap<String, String>,
    /// The last look before it.
    pub looked: u64,
}

/// A record that we made.
#[derive(Clone, Debug)]
pub struct Made {
    pub object: String,
    pub id: String,
    /// Who it is about, as the request said: name for a contact, domain or name for a company.
    pub who: String,
}

/// A merged record right before its merge: what it showed, at which call, and when others last wrote each value.
pub type Ended = (Value, u64, BTreeMap<String, u64>);

/// The witness's book. Nothing in it is asked of our own code.
#[derive(Default)]
pub struct Book {
    pub calls: u64,
    /// The last call that looked at records by batch: what others do after it, nobody can see before the archive that follows. HubSpot has no
    /// conditional archive, so that is the one moment in which an edit may go into the recycle bin with its record.
    pub looked: u64,
    pub sent: Vec<Sent>,
    pub made: Vec<Made>,
    /// What others wrote last, per cell.
    pub expected: BTreeMap<Cell, (String, u64)>,
    /// Everything others ever wrote, with the cell it was written to.
    pub foreign: BTreeSet<(Cell, String)>,
    /// Ended by a merge: id to the id it lives on as.
    pub merged: BTreeMap<(String, String), String>,
    /// What a record showed right before others merged it away, the call at which they did, and when others had last written what.
    pub ended: BTreeMap<(String, String), Ended>,
    /// Deleted by others.
    pub deleted: BTreeSet<(String, String)>,
    /// How often each kind of mishap happened.
    pub mishaps: BTreeMap<&'static str, u64>,
}

impl Book {
    /// Others wrote a cell.
    pub fn edited(&mut self, cell: Cell, value: &str) {
        self.foreign.insert((cell.clone(), value.to_owned()));
        self.expected.insert(cell, (value.to_owned(), self.calls));
    }

    /// Others deleted a record: what they had typed there is theirs to lose.
    pub fn deleted(&mut self, object: &str, id: &str) {
        self.deleted.insert((object.to_owned(), id.to_owned()));
        self.expected.retain(|(of, whose, _), _| !(of == object && whose == id));
    }

    /// Others merged two records: what they had typed stands where the survivor shows it.
    pub fn merged(&mut self, object: &str, from: &[&str], into: &str, shows: impl Fn(&str) -> String) {
        let moved: Vec<(Cell, (String, u64))> = self
            .expected
            .iter()
            .filter(|((of, whose, _), _)| of == object && (from.contains(&whose.as_str()) || whose == into))
            .map(|(cell, value)| (cell.clone(), value.clone()))
            .collect();
        for ((of, whose, property), (value, call)) in moved {
            self.expected.remove(&(of.clone(), whose, property.clone()));
            if shows(&property) == value {
                let cell = (of, into.to_owned(), property);
                self.foreign.insert((cell.clone(), value.clone()));
                self.expected.insert(cell, (value, call));
            }
        }
        for id in from.iter().filter(|id| **id != into) {
            self.merged.insert((object.to_owned(), (*id).to_owned()), into.to_owned());
        }
    }

    /// The id under which a record lives now.
    pub fn now(&self, object: &str, id: &str) -> String {
        let mut id = id.to_owned();
        while let Some(next) = self.merged.get(&(object.to_owned(), id.clone())) {
            id.clone_from(next);
        }
        id
    }

    pub fn count(&mut self, mishap: &'static str) {
        *self.mishaps.entry(mishap).or_default() += 1;
    }
}
