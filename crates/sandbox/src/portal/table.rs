//! One object's records with the indices that make look-ups immediate: by id, by every e-mail address, by unique property.

use std::collections::{BTreeMap, HashMap};

use super::record::{Kind, PropId, Record, Stamp};
use super::schema::Schema;
use crate::clock::Millis;

#[derive(Debug)]
pub(crate) struct Table {
    pub kind: Kind,
    pub schema: Schema,
    records: BTreeMap<u64, Record>,
    emails: HashMap<Box<str>, u64>,
    unique: HashMap<PropId, HashMap<Box<str>, u64>>,
}

impl Table {
    pub(crate) fn new(kind: Kind, at: Millis) -> Table {
        Table {
            kind,
            schema: Schema::seeded(kind, at),
            records: BTreeMap::new(),
            emails: HashMap::new(),
            unique: HashMap::new(),
        }
    }

    /// A record that is not archived.
    pub(crate) fn live(&self, id: u64) -> Option<&Record> {
        self.records.get(&id).filter(|r| r.archived.is_none())
    }

    /// A record, archived or not.
    pub(crate) fn any(&self, id: u64) -> Option<&Record> {
        self.records.get(&id)
    }

    /// Records with an id above `after`, oldest first.
    pub(crate) fn from(&self, after: u64) -> impl Iterator<Item = &Record> {
        self.records.range(after.saturating_add(1)..).map(|(_, r)| r)
    }

    pub(crate) fn insert(&mut self, record: Record) {
        self.records.insert(record.id, record);
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// The contact that owns an address, as primary or additional one.
    pub(crate) fn by_email(&self, address: &str) -> Option<u64> {
        self.emails.get(address.trim().to_lowercase().as_str()).copied()
    }

    /// The record that has this value of a unique property.
    pub(crate) fn by_unique(&self, prop: PropId, value: &str) -> Option<u64> {
        self.unique.get(&prop)?.get(value).copied()
    }

    /// Resolves what a client calls a record by. `Err` says the property identifies nothing.
    pub(crate) fn resolve(&self, id: &str, property: Option<&str>) -> Result<Option<u64>, ()> {
        match property {
            None | Some("hs_object_id" | "") => Ok(id.parse().ok().filter(|id| self.live(*id).is_some())),
            Some("email") if self.kind == Kind::Contact => Ok(self.by_email(id)),
            Some(name) => {
                let prop = self.schema.id(name).ok_or(())?;
                if self.schema.get(prop).unique { Ok(self.by_unique(prop, id)) } else { Err(()) }
            }
        }
    }

    /// Writes a value and keeps the indices true.
    pub(crate) fn set(&mut self, id: u64, prop: PropId, value: &str, stamp: Stamp) -> bool {
        let Some(record) = self.records.get_mut(&id) else {
            return false;
        };
        let before = record.get(prop).unwrap_or_default().to_owned();
        if !record.set(prop, value, stamp) {
            return false;
        }
        let known = self.schema.known;
        if self.kind == Kind::Contact && (Some(prop) == known.email || Some(prop) == known.more_emails) {
            for address in before.split(';').filter(|a| !a.is_empty()) {
                self.emails.remove(address);
            }
            // The other property may hold the same address: index everything the record has now.
            self.index_emails(id);
        } else if self.schema.get(prop).unique {
            let index = self.unique.entry(prop).or_default();
            if !before.is_empty() {
                index.remove(before.as_str());
            }
            if !value.is_empty() {
                index.insert(value.into(), id);
            }
        }
        true
    }

    fn index_emails(&mut self, id: u64) {
        let known = self.schema.known;
        let Some(record) = self.records.get(&id) else {
            return;
        };
        let addresses: Vec<Box<str>> = [known.email, known.more_emails]
            .into_iter()
            .flatten()
            .filter_map(|prop| record.get(prop))
            .flat_map(|text| text.split(';'))
            .filter(|address| !address.is_empty())
            .map(|address| address.to_lowercase().into())
            .collect();
        for address in addresses {
            self.emails.insert(address, id);
        }
    }

    /// Moves a record to the recycle bin and frees what identified it.
    pub(crate) fn archive(&mut self, id: u64, at: Millis) -> bool {
        let Some(record) = self.records.get_mut(&id) else {
            return false;
        };
        if record.archived.is_some() {
            return false;
        }
        record.archived = Some(at);
        record.updated = record.updated.max(at);
        let known = self.schema.known;
        for cell in record.cells() {
            if Some(cell.prop) == known.email || Some(cell.prop) == known.more_emails {
                for address in cell.now.value.split(';') {
                    self.emails.remove(address);
                }
            } else if let Some(index) = self.unique.get_mut(&cell.prop) {
                index.remove(&cell.now.value);
            }
        }
        true
    }
}
