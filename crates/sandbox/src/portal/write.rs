//! Writing a record in two steps: checking everything first, then changing it without fail.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::Portal;
use super::errors::{BadValue, Refusal};
use super::record::{Kind, PropId, Record, Source, Stamp};
use super::services::adapter::What;
use super::values::{check, email_looks_right};
use crate::clock::Millis;

/// A write that was checked and can only succeed.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub values: Vec<(PropId, String)>,
    pub warnings: Vec<Value>,
    pub companies: Vec<(u64, bool)>,
}

/// What earlier rows of the same all-or-nothing batch already claim.
#[derive(Debug, Default)]
pub(crate) struct Claims(HashSet<(PropId, String)>);

/// An edit a person makes in the web UI.
pub(crate) struct HumanEdit<'a> {
    pub kind: Kind,
    pub id: Option<&'a str>,
    pub email: Option<&'a str>,
    pub properties: &'a Map<String, Value>,
    pub user: Option<&'a str>,
}

impl Portal {
    /// Checks one write against the portal as it is. `target` is the record to change, none to create.
    pub(crate) fn prepare(
        &self,
        kind: Kind,
        target: Option<u64>,
        properties: &Map<String, Value>,
        lenient_dates: bool,
        claims: &mut Claims,
    ) -> Result<Draft, Refusal> {
        let schema = &self.table(kind).schema;
        let mut draft = Draft::default();
        let mut bad = Vec::new();
        for (name, raw) in properties {
            let Some(prop) = schema.id(name) else {
                bad.push(BadValue {
                    name: name.clone(),
                    code: "PROPERTY_DOESNT_EXIST",
                    message: format!("Property \"{name}\" does not exist"),
                });
                continue;
            };
            match check(schema.get(prop), raw, &self.owners, lenient_dates) {
                Ok(accepted) => {
                    draft.values.push((prop, accepted.value));
                    draft.warnings.extend(accepted.warning);
                }
                Err(problem) => bad.push(problem),
            }
        }
        self.check_more_emails(kind, target, &mut draft, &mut bad);
        self.check_primary_company(kind, &draft, &mut bad);
        self.check_unique(kind, target, &draft, claims, &mut bad);
        if !bad.is_empty() {
            return Err(Refusal::values(bad));
        }
        if target.is_none() {
            self.check_required(kind, &draft)?;
        }
        self.check_emails(kind, target, &draft, claims)?;
        Ok(draft)
    }

    fn check_required(&self, kind: Kind, draft: &Draft) -> Result<(), Refusal> {
        let schema = &self.table(kind).schema;
        let has = |name: &str| {
            schema.id(name).is_some_and(|prop| draft.values.iter().any(|(id, value)| *id == prop && !value.is_empty()))
        };
        match kind {
            Kind::Contact if !["email", "firstname", "lastname"].iter().any(|n| has(n)) => Err(Refusal::invalid(
                "Some required properties for CONTACT creates are missing: [One of [firstname, email, lastname]]",
            )),
            Kind::Company if !["name", "domain"].iter().any(|n| has(n)) => Err(Refusal::invalid(
                "Some required properties for COMPANY creates are missing: [One of [name, domain]]",
            )),
            _ => Ok(()),
        }
    }

    /// Additional addresses are addresses: lower-cased, checked, and a leading `;` appends.
    fn check_more_emails(&self, kind: Kind, target: Option<u64>, draft: &mut Draft, bad: &mut Vec<BadValue>) {
        let table = self.table(kind);
        for (prop, value) in &mut draft.values {
            let property = table.schema.get(*prop);
            if property.field_type == "checkbox" && value.starts_with(';') {
                let before =
                    target.and_then(|id| table.live(id)).and_then(|record| record.get(*prop)).unwrap_or_default();
                let mut parts: Vec<&str> = before.split(';').filter(|p| !p.is_empty()).collect();
                for part in value.split(';').filter(|part| !part.is_empty()) {
                    if !parts.contains(&part) {
                        parts.push(part);
                    }
                }
                *value = parts.join(";");
            }
            if kind == Kind::Contact && Some(*prop) == table.schema.known.more_emails {
                *value = value.to_lowercase();
                for address in value.split(';').filter(|a| !a.is_empty()) {
                    if !email_looks_right(address) {
                        bad.push(BadValue {
                            name: property.name.clone(),
                            code: "INVALID_EMAIL",
                            message: format!("Email address {address} is invalid"),
                        });
                    }
                }
            }
        }
    }

    fn check_primary_company(&self, kind: Kind, draft: &Draft, bad: &mut Vec<BadValue>) {
        let Some(prop) = self.table(kind).schema.known.company else {
            return;
        };
        for (_, value) in draft.values.iter().filter(|(id, v)| *id == prop && !v.is_empty()) {
            let exists = value.parse().is_ok_and(|id| self.companies.live(id).is_some());
            if !exists {
                bad.push(BadValue {
                    name: "associatedcompanyid".to_owned(),
                    code: "INVALID_COMPANY_ID",
                    message: format!("{value} is not the ID of a company"),
                });
            }
        }
    }

    fn check_unique(
        &self,
        kind: Kind,
        target: Option<u64>,
        draft: &Draft,
        claims: &mut Claims,
        bad: &mut Vec<BadValue>,
    ) {
        let table = self.table(kind);
        for (prop, value) in &draft.values {
            let property = table.schema.get(*prop);
            if value.is_empty() || !property.unique || Some(*prop) == table.schema.known.email {
                continue;
            }
            let owner = table.by_unique(*prop, value).filter(|id| Some(*id) != target);
            let claimed = !claims.0.insert((*prop, value.clone()));
            if owner.is_some() || claimed {
                let who = owner.map_or_else(|| "another row".to_owned(), |id| id.to_string());
                bad.push(BadValue {
                    name: property.name.clone(),
                    code: "CONFLICTING_UNIQUE_VALUE",
                    message: format!(
                        "Cannot set PropertyValueCoordinates{{portalId={}, objectTypeId={}, propertyName={}, value={value}}} on {}. {who} already has that value.",
                        super::errors::PORTAL_ID,
                        kind.type_id(),
                        property.name,
                        target.map_or_else(|| "a new record".to_owned(), |id| id.to_string()),
                    ),
                });
            }
        }
    }

    fn check_emails(&self, kind: Kind, target: Option<u64>, draft: &Draft, claims: &mut Claims) -> Result<(), Refusal> {
        if kind != Kind::Contact {
            return Ok(());
        }
        let known = self.contacts.schema.known;
        let Some(email) = known.email else {
            return Ok(());
        };
        let addresses: HashSet<&str> = draft
            .values
            .iter()
            .filter(|(prop, _)| Some(*prop) == known.email || Some(*prop) == known.more_emails)
            .flat_map(|(_, value)| value.split(';'))
            .filter(|address| !address.is_empty())
            .collect();
        for address in addresses {
            match self.contacts.by_email(address) {
                Some(owner) if Some(owner) != target => {
                    return Err(Refusal::email_taken(Some(owner)));
                }
                _ if !claims.0.insert((email, address.to_owned())) => {
                    return Err(Refusal::email_taken(None));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Carries out a checked write and answers with the record's id.
    pub(crate) fn commit(&mut self, kind: Kind, target: Option<u64>, draft: &Draft, stamp: Stamp) -> u64 {
        let id = target.unwrap_or_else(|| {
            let id = self.next_id;
            self.next_id += 1;
            self.table_mut(kind).insert(Record::new(id, stamp));
            self.note(kind, id, stamp, What::Created);
            id
        });
        let known = self.table(kind).schema.known;
        for (prop, value) in &draft.values {
            if Some(*prop) == known.lifecycle
                && matches!(stamp.source, Source::Integration(_))
                && self.moves_back(kind, id, *prop, value)
            {
                continue;
            }
            if Some(*prop) == known.email && kind == Kind::Contact {
                self.promote_address(id, value, stamp);
            }
            if Some(*prop) == known.company && kind == Kind::Contact {
                self.write_primary_company(id, value, stamp);
                continue;
            }
            let changed = self.table_mut(kind).set(id, *prop, value, stamp);
            if changed {
                self.note(kind, id, stamp, What::Value { prop: *prop, value: value.as_str().into() });
            }
            if changed
                && Some(*prop) == known.owner
                && let Some(since) = known.owner_since
            {
                let at = crate::clock::iso(stamp.at);
                self.table_mut(kind).set(id, since, &at, stamp);
            }
        }
        for (company, primary) in &draft.companies {
            self.associate(id, *company, *primary, stamp);
        }
        id
    }

    /// Lifecycle stages only move forward; an earlier stage is accepted and changes nothing.
    fn moves_back(&self, kind: Kind, id: u64, prop: PropId, value: &str) -> bool {
        let table = self.table(kind);
        let order = |stage: &str| {
            table
                .schema
                .get(prop)
                .choices
                .iter()
                .find(|choice| choice.value == stage)
                .map(|choice| choice.display_order)
        };
        let now = table.live(id).and_then(|record| record.get(prop));
        match (now.and_then(order), order(value)) {
            (Some(now), Some(next)) => next < now,
            _ => false,
        }
    }

    /// When an additional address becomes the primary one, the old primary takes its place.
    fn promote_address(&mut self, id: u64, address: &str, stamp: Stamp) {
        let known = self.contacts.schema.known;
        let (Some(email), Some(more)) = (known.email, known.more_emails) else {
            return;
        };
        let Some(record) = self.contacts.live(id) else {
            return;
        };
        let old = record.get(email).unwrap_or_default().to_owned();
        let additional = record.get(more).unwrap_or_default();
        if old == address || !additional.split(';').any(|known| known == address) {
            return;
        }
        let swapped: Vec<&str> = additional
            .split(';')
            .filter(|known| *known != address)
            .chain([old.as_str()])
            .filter(|known| !known.is_empty())
            .collect();
        let swapped = swapped.join(";");
        self.contacts.set(id, more, &swapped, stamp);
    }

    fn write_primary_company(&mut self, contact: u64, value: &str, stamp: Stamp) {
        match value.parse() {
            Ok(company) => {
                self.associate(contact, company, true, stamp);
            }
            Err(_) => {
                if let Some(company) = self.links.primary_of(contact) {
                    self.dissociate(contact, company, stamp);
                }
            }
        }
    }

    /// Associates a contact with a company and keeps `associatedcompanyid` true.
    pub(crate) fn associate(&mut self, contact: u64, company: u64, primary: bool, stamp: Stamp) -> bool {
        let changed = self.links.add(contact, company, primary);
        if changed {
            self.sync_primary(contact, stamp);
            self.note_pair(contact, company, false, primary, stamp);
        }
        changed
    }

    fn note_pair(&mut self, contact: u64, company: u64, removed: bool, primary: bool, stamp: Stamp) {
        let what = |to_kind, to| What::Associated { to_kind, to, removed, primary };
        self.note(Kind::Contact, contact, stamp, what(Kind::Company, company));
        self.note(Kind::Company, company, stamp, what(Kind::Contact, contact));
    }

    /// Ends an association and keeps `associatedcompanyid` true.
    pub(crate) fn dissociate(&mut self, contact: u64, company: u64, stamp: Stamp) -> bool {
        let primary = self.links.primary_of(contact) == Some(company);
        let changed = self.links.remove(contact, company);
        if changed {
            self.sync_primary(contact, stamp);
            self.note_pair(contact, company, true, primary, stamp);
        }
        changed
    }

    fn sync_primary(&mut self, contact: u64, stamp: Stamp) {
        let Some(prop) = self.contacts.schema.known.company else {
            return;
        };
        let value = self.links.primary_of(contact).map_or_else(String::new, |id| id.to_string());
        self.contacts.set(contact, prop, &value, stamp);
    }

    /// Puts a record into the recycle bin and ends its associations.
    pub(crate) fn archive(&mut self, kind: Kind, id: u64, at: Millis) -> bool {
        if !self.table_mut(kind).archive(id, at) {
            return false;
        }
        let stamp = Stamp { at, source: Source::Integration(self.caller) };
        self.note(kind, id, stamp, What::Archived);
        let pairs: Vec<(u64, u64)> = match kind {
            Kind::Contact => self.links.companies_of(id).iter().map(|c| (id, *c)).collect(),
            Kind::Company => self.links.contacts_of(id).map(|c| (c, id)).collect(),
        };
        for (contact, company) in pairs {
            self.dissociate(contact, company, stamp);
        }
        true
    }

    /// A person edits a record in the web UI; people may move stages back.
    pub(crate) fn human_edit(&mut self, edit: &HumanEdit<'_>, at: Millis) -> Result<u64, Refusal> {
        let table = self.table(edit.kind);
        let id = match (edit.id, edit.email) {
            (Some(id), _) => id.parse().ok().filter(|id| table.live(*id).is_some()),
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
        let draft = self.prepare(edit.kind, Some(id), edit.properties, true, &mut Claims::default())?;
        let stamp = Stamp { at, source: Source::User(user) };
        Ok(self.commit(edit.kind, Some(id), &draft, stamp))
    }
}
