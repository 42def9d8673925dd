//! One object's records with the indices that make look-ups immediate: by id, by every e-mail address, by unique property.

use std::collections::{BTreeMap, HashMap};

use super::record::{Kind, PropId, Record, Stamp};
use super::schema::Schema;
use crate::clock::Millis;

#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub kind: Kind,
    pub schema: Schema,
    records: BTreeMap<u64, Record>,
    emails: HashMap<Box<str>, u64>,
    unique: HashMap<PropId, HashMap<Box<str>, u64>>,
    domains: HashMap<Box<str>, Vec<u64>>,
    /// Where the record went that once had this id.
    merged: HashMap<u64, u64>,
}

impl Table {
    pub(crate) fn new(kind: Kind, at: Millis) -> Table {
        Table {
            kind,
            schema: Schema::seeded(kind, at),
            records: BTreeMap::new(),
            emails: HashMap::new(),
            unique: HashMap::new(),
            domains: HashMap::new(),
            merged: HashMap::new(),
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

    /// Adds a finished record and makes it findable.
    pub(crate) fn take_in(&mut self, record: Record) {
        let id = record.id;
        self.records.insert(id, record);
        for (prop, _) in self.each_indexed(id) {
            self.index(id, prop);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// The record an id was merged into, however often.
    pub(crate) fn survivor(&self, id: u64) -> Option<u64> {
        self.merged.get(&id).copied()
    }

    /// Whether the id belonged to a record that was merged away.
    pub(crate) fn merged_away(&self, id: u64) -> bool {
        self.merged.contains_key(&id)
    }

    /// The contact that owns an address, as primary or additional one.
    pub(crate) fn by_email(&self, address: &str) -> Option<u64> {
        self.emails.get(address.trim().to_lowercase().as_str()).copied()
    }

    /// The oldest company with this domain, as main or additional one.
    pub(crate) fn by_domain(&self, domain: &str) -> Option<u64> {
        self.domains.get(domain.trim().to_lowercase().as_str())?.iter().min().copied()
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

    /// Like [`Table::resolve`], and the id of a merged-away record means the survivor.
    pub(crate) fn resolve_merged(&self, id: &str, property: Option<&str>) -> Result<Option<u64>, ()> {
        let found = self.resolve(id, property)?;
        let by_id = matches!(property, None | Some("hs_object_id" | ""));
        Ok(found
            .or_else(|| by_id.then(|| self.survivor(id.parse().ok()?)).flatten().filter(|id| self.live(*id).is_some())))
    }

    /// Writes a value and keeps the indices true. `always` makes an entry even of an unchanged value.
    pub(crate) fn set(&mut self, id: u64, prop: PropId, value: &str, stamp: Stamp, depth: usize, always: bool) -> bool {
        let Some(record) = self.records.get_mut(&id) else {
            return false;
        };
        let indexed = self.schema.is_indexed(prop);
        let before = if indexed { record.get(prop).unwrap_or_default().to_owned() } else { String::new() };
        if always {
            record.push(prop, value, stamp, depth);
        } else if !record.set(prop, value, stamp, depth) {
            return false;
        }
        if indexed && record.archived.is_none() {
            self.unindex(id, prop, &before);
            self.index(id, prop);
        }
        true
    }

    /// The record moved without any of its values: an activity was logged, say.
    pub(crate) fn touch(&mut self, id: u64, at: Millis) {
        if let Some(record) = self.records.get_mut(&id) {
            record.updated = record.updated.max(at);
        }
    }

    fn unindex(&mut self, id: u64, prop: PropId, value: &str) {
        let known = self.schema.known;
        if Some(prop) == known.email || Some(prop) == known.more_emails {
            for address in value.split(';').filter(|a| !a.is_empty()) {
                if self.emails.get(address) == Some(&id) {
                    self.emails.remove(address);
                }
            }
            return;
        }
        if Some(prop) == known.domain || Some(prop) == known.more_domains {
            for domain in value.split(';').filter(|d| !d.is_empty()) {
                if let Some(ids) = self.domains.get_mut(domain.to_lowercase().as_str()) {
                    ids.retain(|one| *one != id);
                }
            }
        }
        if let Some(index) = self.unique.get_mut(&prop)
            && index.get(value) == Some(&id)
        {
            index.remove(value);
        }
    }

    fn index(&mut self, id: u64, prop: PropId) {
        let known = self.schema.known;
        let Some(record) = self.records.get(&id) else {
            return;
        };
        if Some(prop) == known.email || Some(prop) == known.more_emails {
            // The other property may hold an address that was just taken off this one.
            for text in [known.email, known.more_emails].into_iter().flatten().filter_map(|prop| record.get(prop)) {
                for address in text.split(';').filter(|address| !address.is_empty()) {
                    self.emails.insert(address.to_lowercase().into(), id);
                }
            }
            return;
        }
        let value = record.get(prop).unwrap_or_default();
        if value.is_empty() {
            return;
        }
        if Some(prop) == known.domain || Some(prop) == known.more_domains {
            for domain in value.split(';').filter(|d| !d.is_empty()) {
                let ids = self.domains.entry(domain.to_lowercase().into()).or_default();
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
        }
        if self.schema.get(prop).unique {
            self.unique.entry(prop).or_default().insert(value.into(), id);
        }
    }

    fn each_indexed(&self, id: u64) -> Vec<(PropId, String)> {
        let values = self.records.get(&id).map(Record::values).into_iter().flatten();
        values.filter(|(prop, _)| self.schema.is_indexed(*prop)).map(|(prop, text)| (prop, text.to_owned())).collect()
    }

    /// Moves a record to the recycle bin and frees what identified it.
    pub(crate) fn archive(&mut self, id: u64, at: Millis) -> bool {
        let Some(record) = self.records.get_mut(&id).filter(|record| record.archived.is_none()) else {
            return false;
        };
        record.archived = Some(at);
        record.updated = record.updated.max(at);
        for (prop, value) in self.each_indexed(id) {
            self.unindex(id, prop, &value);
        }
        true
    }

    /// Takes a record out of the recycle bin.
    pub(crate) fn restore(&mut self, id: u64, at: Millis) -> bool {
        let Some(record) = self.records.get_mut(&id).filter(|record| record.archived.is_some()) else {
            return false;
        };
        record.archived = None;
        record.updated = record.updated.max(at);
        for (prop, _) in self.each_indexed(id) {
            self.index(id, prop);
        }
        true
    }

    /// Removes a record for good, recycle bin included.
    pub(crate) fn erase(&mut self, id: u64) -> Option<Record> {
        for (prop, value) in self.each_indexed(id) {
            self.unindex(id, prop, &value);
        }
        self.records.remove(&id)
    }

    /// Remembers where a merged-away id leads; earlier redirects to it follow.
    pub(crate) fn redirect(&mut self, from: u64, to: u64) {
        if from == to {
            return;
        }
        for target in self.merged.values_mut().filter(|target| **target == from) {
            *target = to;
        }
        self.merged.insert(from, to);
    }
}
