//! What happens inside the portal without our API: people edit, merge and delete, workflows and imports write, administrators change things.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Portal;
use super::changes::What;
use super::errors::Refusal;
use super::record::{Kind, Stamp};
use super::source::Source;
use super::write::{Claims, Manner};
use crate::clock::Millis;

/// An edit a person makes in the web UI.
pub(crate) struct HumanEdit<'a> {
    pub kind: Kind,
    pub id: Option<&'a str>,
    pub email: Option<&'a str>,
    pub properties: &'a Map<String, Value>,
    pub user: Option<&'a str>,
}

impl Portal {
    /// A stamp for any writer.
    pub(crate) fn stamp(&mut self, source: &Source, at: Millis) -> Stamp {
        Stamp { at, writer: self.writers.id(source) }
    }

    /// Any writer changes a record: a person, an import, another app, a workflow, a form, the enrichment agent.
    /// Apps meet the API's rules, everybody else may also write read-only properties.
    pub(crate) fn write_as(
        &mut self,
        kind: Kind,
        id: u64,
        properties: &Map<String, Value>,
        source: &Source,
        at: Millis,
    ) -> Result<u64, Refusal> {
        let target = self.standing(kind, id)?;
        self.write_inside(kind, Some(target), properties, source, at)
    }

    /// Any writer adds a record.
    pub(crate) fn create_as(
        &mut self,
        kind: Kind,
        properties: &Map<String, Value>,
        source: &Source,
        at: Millis,
    ) -> Result<u64, Refusal> {
        self.write_inside(kind, None, properties, source, at)
    }

    fn write_inside(
        &mut self,
        kind: Kind,
        target: Option<u64>,
        properties: &Map<String, Value>,
        source: &Source,
        at: Millis,
    ) -> Result<u64, Refusal> {
        let manner = if source.through_api() { Manner::api(true, at) } else { Manner::inside(at) };
        let draft = self.prepare(kind, target, properties, manner, &mut Claims::default())?;
        let stamp = self.stamp(source, at);
        Ok(self.commit(kind, target, &draft, stamp))
    }

    /// A record that is there, or the one it was merged into.
    fn standing(&self, kind: Kind, id: u64) -> Result<u64, Refusal> {
        let table = self.table(kind);
        let found = table.live(id).map(|record| record.id).or_else(|| table.survivor(id));
        found.filter(|id| table.live(*id).is_some()).ok_or_else(|| Refusal::gone(kind, vec![id.to_string()]))
    }

    /// A person merges two records; answers with the id of what remains.
    pub(crate) fn merge_as(
        &mut self,
        kind: Kind,
        primary: u64,
        other: u64,
        source: &Source,
        at: Millis,
    ) -> Result<u64, Refusal> {
        let stamp = self.stamp(source, at);
        self.merge(kind, primary, other, stamp)
    }

    /// A person deletes a record; it goes into the recycle bin. False when it was not there.
    pub(crate) fn archive_as(&mut self, kind: Kind, id: u64, source: &Source, at: Millis) -> bool {
        let stamp = self.stamp(source, at);
        self.archive(kind, id, stamp)
    }

    /// A person takes a record out of the recycle bin. Fails when somebody else has its address or unique value now.
    pub(crate) fn restore_as(&mut self, kind: Kind, id: u64, source: &Source, at: Millis) -> Result<(), Refusal> {
        let table = self.table(kind);
        let record = table
            .any(id)
            .filter(|record| record.archived.is_some())
            .ok_or_else(|| Refusal::gone(kind, vec![id.to_string()]))?;
        let known = table.schema.known;
        for (prop, value) in record.values().filter(|(_, value)| !value.is_empty()) {
            let address = Some(prop) == known.email || Some(prop) == known.more_emails;
            let owner = if address {
                value.split(';').find_map(|address| table.by_email(address))
            } else {
                table.by_unique(prop, value)
            };
            if let Some(owner) = owner {
                return Err(Refusal::email_taken(Some(owner)));
            }
        }
        let stamp = self.stamp(source, at);
        self.table_mut(kind).restore(id, at);
        self.note(kind, id, stamp, What::Restored);
        Ok(())
    }

    /// Removes a record for good and blocks its addresses. With an unknown address only the block remains.
    pub(crate) fn gdpr_delete(&mut self, kind: Kind, id: Option<u64>, email: Option<&str>, stamp: Stamp) -> bool {
        if let Some(email) = email.filter(|email| !email.trim().is_empty()) {
            self.blocked.insert(email.trim().to_lowercase().into());
        }
        let Some(id) = id.or_else(|| self.table(kind).by_email(email?)) else {
            return email.is_some();
        };
        for end in self.links.all((kind, id)) {
            self.dissociate((kind, id), end, stamp);
        }
        let known = self.table(kind).schema.known;
        let Some(record) = self.table_mut(kind).erase(id) else {
            return false;
        };
        for prop in [known.email, known.more_emails].into_iter().flatten().filter(|_| kind == Kind::Contact) {
            let addresses = record.get(prop).unwrap_or_default().split(';').filter(|address| !address.is_empty());
            self.blocked.extend(addresses.map(|address| address.to_lowercase().into()));
        }
        self.note(kind, id, stamp, What::Erased);
        true
    }

    /// An administrator deactivates a user; their records keep pointing at them. False when nobody has the id.
    pub(crate) fn deactivate_owner(&mut self, id: &str, at: Millis) -> bool {
        self.owners.set_archived(id, true, at)
    }

    /// A user comes back.
    pub(crate) fn reactivate_owner(&mut self, id: &str, at: Millis) -> bool {
        self.owners.set_archived(id, false, at)
    }

    /// An administrator replaces a property's options; values of records stay, even those no longer offered.
    pub(crate) fn change_options(
        &mut self,
        kind: Kind,
        property: &str,
        options: &Value,
        at: Millis,
    ) -> Result<(), Refusal> {
        let choices = super::properties::choices(options)?;
        let schema = &mut self.table_mut(kind).schema;
        let id = schema.id(property).ok_or_else(Refusal::not_found)?;
        let property = schema.get_mut(id);
        property.choices = choices;
        property.updated = at;
        Ok(())
    }

    /// An administrator renames a stage: its label changes, its value never does.
    pub(crate) fn rename_stage(&mut self, kind: Kind, value: &str, label: &str, at: Millis) -> Result<(), Refusal> {
        let schema = &mut self.table_mut(kind).schema;
        let id = schema.known.lifecycle.ok_or_else(Refusal::not_found)?;
        let property = schema.get_mut(id);
        let choice = property.choices.iter_mut().find(|one| one.value == value).ok_or_else(Refusal::not_found)?;
        label.clone_into(&mut choice.label);
        property.updated = at;
        Ok(())
    }

    /// An administrator puts the stages into another order (values, first to last); unnamed ones come after.
    pub(crate) fn order_stages(&mut self, kind: Kind, order: &[&str], at: Millis) -> Result<(), Refusal> {
        let schema = &mut self.table_mut(kind).schema;
        let id = schema.known.lifecycle.ok_or_else(Refusal::not_found)?;
        let property = schema.get_mut(id);
        let place: BTreeMap<&str, usize> = order.iter().enumerate().map(|(at, value)| (*value, at)).collect();
        property.choices.sort_by_key(|one| place.get(one.value.as_str()).copied().unwrap_or(order.len()));
        for (at, choice) in property.choices.iter_mut().enumerate() {
            choice.display_order = at as i64;
        }
        property.updated = at;
        Ok(())
    }

    /// An administrator deletes a property; its name answers as unknown from now on.
    pub(crate) fn delete_property(&mut self, kind: Kind, property: &str, at: Millis) -> Result<bool, Refusal> {
        self.archive_property(kind, property, at)
    }

    /// A person edits a record in the web UI; people may move stages back.
    pub(crate) fn human_edit(&mut self, edit: &HumanEdit<'_>, at: Millis) -> Result<u64, Refusal> {
        let table = self.table(edit.kind);
        let id = match (edit.id, edit.email) {
            (Some(id), _) => table.resolve_merged(id, None).ok().flatten(),
            (None, Some(email)) => table.by_email(email),
            (None, None) => None,
        }
        .ok_or_else(Refusal::not_found)?;
        let user = match edit.user {
            Some(user) => self.owners.user(user),
            None => {
                let owner = table.schema.known.owner.and_then(|prop| table.live(id)?.get(prop)).unwrap_or_default();
                self.owners.user(owner)
            }
        };
        self.write_as(edit.kind, id, edit.properties, &Source::user(user), at)
    }
}
