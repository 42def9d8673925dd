//! Writing a record in two steps: checking everything first, then changing it without fail.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::Portal;
use super::changes::What;
use super::errors::{BadValue, Refusal};
use super::link_types::Label;
use super::links::{Joining, Ref};
use super::record::{Kind, PropId, Record, Stamp};
use super::values::{check, email_looks_right};
use crate::clock::Millis;

/// A write that was checked and can only succeed.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub values: Vec<(PropId, String)>,
    pub warnings: Vec<Value>,
    /// Records the new one is associated with at once, and with which labels.
    pub links: Vec<(Ref, Vec<Label>)>,
}

/// What earlier rows of the same all-or-nothing batch already claim.
#[derive(Debug, Default)]
pub(crate) struct Claims(HashSet<(PropId, String)>);

/// Which rules a write meets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// The rules of 2026-09: odd dates are normalised, the administrator's rules hold.
    pub dated: bool,
    /// HubSpot's own machinery and its screens: read-only properties can be written, the API's rules do not hold.
    pub inside: bool,
    pub at: Millis,
}

impl Manner {
    /// A call through the API.
    pub(crate) fn api(dated: bool, at: Millis) -> Manner {
        Manner { dated, inside: false, at }
    }

    /// People and machinery inside HubSpot.
    pub(crate) fn inside(at: Millis) -> Manner {
        Manner { dated: true, inside: true, at }
    }
}

impl Portal {
    /// Checks one write against the portal as it is. `target` is the record to change, none to create.
    pub(crate) fn prepare(
        &self,
        kind: Kind,
        target: Option<u64>,
        properties: &Map<String, Value>,
        manner: Manner,
        claims: &mut Claims,
    ) -> Result<Draft, Refusal> {
        let schema = &self.table(kind).schema;
        let mut draft = Draft::default();
        let mut bad = Vec::new();
        for (name, raw) in properties {
            let visible = |prop: &PropId| {
                let property = schema.get(*prop);
                property.built_in || manner.inside || manner.at - property.created >= self.settings.property_delay_ms
            };
            let Some(prop) = schema.id(name).filter(visible) else {
                bad.push(BadValue {
                    name: name.clone(),
                    code: "PROPERTY_DOESNT_EXIST",
                    message: format!("Property \"{name}\" does not exist"),
                });
                continue;
            };
            let owners = (&self.owners, self.settings.archived_owners_accepted || manner.inside);
            match check(schema.get(prop), raw, owners, manner) {
                Ok(accepted) => {
                    draft.values.push((prop, accepted.value));
                    draft.warnings.extend(accepted.warning);
                }
                Err(problem) => bad.push(problem),
            }
        }
        self.append_choices(kind, target, &mut draft);
        self.check_more_emails(kind, &mut draft, &mut bad);
        self.check_primary_company(kind, &draft, &mut bad);
        self.check_unique(kind, target, &draft, claims, &mut bad);
        if !manner.inside {
            self.check_validations(kind, &draft, &mut bad);
        }
        if !bad.is_empty() {
            return Err(Refusal::values(bad));
        }
        if target.is_none() && !manner.inside {
            self.check_required(kind, &draft)?;
        }
        if manner.dated && !manner.inside {
            self.check_admin_rules(kind, target, &draft)?;
        }
        self.check_emails(kind, target, &draft, claims)?;
        Ok(draft)
    }

    fn check_required(&self, kind: Kind, draft: &Draft) -> Result<(), Refusal> {
        let schema = &self.table(kind).schema;
        let has = |name: &str| {
            schema.id(name).is_some_and(|prop| draft.values.iter().any(|(id, value)| *id == prop && !value.is_empty()))
        };
        let any_of = |names: &[&str], text: &str| {
            if names.iter().any(|name| has(name)) {
                return Ok(());
            }
            Err(Refusal::invalid(format!(
                "Some required properties for {} creates are missing: [One of [{text}]]",
                kind.upper()
            )))
        };
        match kind {
            Kind::Contact => any_of(&["email", "firstname", "lastname"], "firstname, email, lastname"),
            Kind::Company => any_of(&["name", "domain"], "name, domain"),
            _ => {
                let missing: Vec<BadValue> = super::activities::required(kind)
                    .iter()
                    .filter(|name| !has(name))
                    .map(|name| BadValue {
                        name: (*name).to_owned(),
                        code: "REQUIRED_PROPERTY",
                        message: format!("{name} is a required property"),
                    })
                    .collect();
                if missing.is_empty() { Ok(()) } else { Err(Refusal::values(missing)) }
            }
        }
    }

    /// A leading `;` appends to a list of choices.
    fn append_choices(&self, kind: Kind, target: Option<u64>, draft: &mut Draft) {
        let table = self.table(kind);
        for (prop, value) in &mut draft.values {
            if table.schema.get(*prop).field_type != "checkbox" || !value.starts_with(';') {
                continue;
            }
            let before = target.and_then(|id| table.live(id)).and_then(|record| record.get(*prop)).unwrap_or_default();
            let mut parts: Vec<&str> = before.split(';').filter(|p| !p.is_empty()).collect();
            for part in value.split(';').filter(|part| !part.is_empty()) {
                if !parts.contains(&part) {
                    parts.push(part);
                }
            }
            *value = parts.join(";");
        }
    }

    /// Additional addresses are addresses: lower-cased and checked.
    fn check_more_emails(&self, kind: Kind, draft: &mut Draft, bad: &mut Vec<BadValue>) {
        let table = self.table(kind);
        for (prop, value) in &mut draft.values {
            if kind != Kind::Contact || Some(*prop) != table.schema.known.more_emails {
                continue;
            }
            *value = value.to_lowercase();
            for address in value.split(';').filter(|a| !a.is_empty()) {
                if !email_looks_right(address) {
                    bad.push(BadValue {
                        name: table.schema.get(*prop).name.clone(),
                        code: "INVALID_EMAIL",
                        message: format!("Email address {address} is invalid"),
                    });
                }
            }
        }
    }

    fn check_primary_company(&self, kind: Kind, draft: &Draft, bad: &mut Vec<BadValue>) {
        let Some(prop) = self.table(kind).schema.known.company else {
            return;
        };
        for (_, value) in draft.values.iter().filter(|(id, v)| *id == prop && !v.is_empty()) {
            let exists = value.parse().is_ok_and(|id| self.table(Kind::Company).live(id).is_some());
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
        let table = self.table(kind);
        let known = table.schema.known;
        let Some(email) = known.email.filter(|_| kind == Kind::Contact) else {
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
            if self.blocked.contains(address) {
                return Err(Refusal::values(vec![BadValue {
                    name: "email".to_owned(),
                    code: "GDPR_BLACKLISTED_EMAIL",
                    message: format!("{address} was deleted on a privacy request and cannot be added again"),
                }]));
            }
            match table.by_email(address) {
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

    /// Writes one value, keeps the indices true and tells who listens. True when something changed.
    pub(super) fn put(&mut self, kind: Kind, id: u64, prop: PropId, value: &str, stamp: Stamp) -> bool {
        let never_filled = self.table(kind).any(id).is_some_and(|record| record.get(prop).is_none());
        // People who empty a field that never had a value mean it.
        let always = value.is_empty() && never_filled && self.writer(stamp).by_hand();
        self.put_entry(kind, id, prop, value, stamp, always)
    }

    /// Like [`Portal::put`]; `always` makes an entry even when the value stays.
    pub(super) fn put_entry(
        &mut self,
        kind: Kind,
        id: u64,
        prop: PropId,
        value: &str,
        stamp: Stamp,
        always: bool,
    ) -> bool {
        let depth = self.settings.history_depth;
        let changed = self.table_mut(kind).set(id, prop, value, stamp, depth, always);
        if changed && self.changes.is_some() {
            self.note(kind, id, stamp, What::Value { prop, value: value.into() });
        }
        changed
    }

    /// Makes an empty record and answers with its id.
    pub(super) fn make(&mut self, kind: Kind, stamp: Stamp) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.table_mut(kind).insert(Record::new(id, stamp));
        self.note(kind, id, stamp, What::Created);
        id
    }

    /// Carries out a checked write and answers with the record's id.
    pub(crate) fn commit(&mut self, kind: Kind, target: Option<u64>, draft: &Draft, stamp: Stamp) -> u64 {
        let id = target.unwrap_or_else(|| self.make(kind, stamp));
        let known = self.table(kind).schema.known;
        let mut address_changed = false;
        for (prop, value) in &draft.values {
            if Some(*prop) == known.lifecycle {
                self.write_stage(kind, id, value, stamp);
                continue;
            }
            if Some(*prop) == known.email && kind == Kind::Contact {
                self.promote_address(id, value, stamp);
            }
            if Some(*prop) == known.company && kind == Kind::Contact {
                self.write_primary_company(id, value, stamp);
                continue;
            }
            let changed = self.put(kind, id, *prop, value, stamp);
            address_changed |= changed && Some(*prop) == known.email;
            if changed
                && Some(*prop) == known.owner
                && let Some(since) = known.owner_since
            {
                let at = if value.is_empty() { String::new() } else { crate::clock::iso(stamp.at) };
                self.put(kind, id, since, &at, stamp);
            }
        }
        if target.is_none() {
            self.start_stage(kind, id, stamp);
        }
        for (to, labels) in &draft.links {
            self.associate((kind, id), *to, Joining::Add(labels), stamp);
        }
        if address_changed {
            self.expect_company(id, stamp.at);
        }
        self.activity_written(kind, id, stamp);
        id
    }

    /// When an additional address becomes the primary one, the old primary takes its place.
    fn promote_address(&mut self, id: u64, address: &str, stamp: Stamp) {
        let table = self.table(Kind::Contact);
        let known = table.schema.known;
        let (Some(email), Some(more), Some(record)) = (known.email, known.more_emails, table.live(id)) else {
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
        self.put(Kind::Contact, id, more, &swapped, stamp);
    }

    fn write_primary_company(&mut self, contact: u64, value: &str, stamp: Stamp) {
        let contact_ref = (Kind::Contact, contact);
        match value.parse() {
            Ok(company) => {
                let primary = [Label::own(1)];
                self.associate(contact_ref, (Kind::Company, company), Joining::Add(&primary), stamp);
            }
            Err(_) => {
                if let Some(company) = self.links.primary_of(contact) {
                    self.dissociate(contact_ref, (Kind::Company, company), stamp);
                }
            }
        }
    }

    /// Associates two records and keeps what follows from it true: the contact's company property, roll-ups.
    pub(crate) fn associate(&mut self, from: Ref, to: Ref, how: Joining<'_>, stamp: Stamp) -> bool {
        let changed = self.links.join(from, to, how);
        if changed {
            let primary =
                self.links.primary(from, to.0) == Some(to.1) || self.links.primary(to, from.0) == Some(from.1);
            self.note(from.0, from.1, stamp, What::Associated { to, primary });
            self.links_changed(from, to, stamp);
        }
        changed
    }

    /// Ends an association and keeps what follows from it true.
    pub(crate) fn dissociate(&mut self, from: Ref, to: Ref, stamp: Stamp) -> bool {
        let changed = self.links.part(from, to);
        if changed {
            self.note(from.0, from.1, stamp, What::Dissociated { to });
            self.links_changed(from, to, stamp);
        }
        changed
    }

    pub(super) fn links_changed(&mut self, from: Ref, to: Ref, stamp: Stamp) {
        for (one, other) in [(from, to), (to, from)] {
            if one.0 == Kind::Contact && other.0 == Kind::Company {
                self.sync_primary(one.1, stamp);
            }
            if other.0.is_activity() {
                self.roll_up(one, stamp.at);
            }
        }
    }

    fn sync_primary(&mut self, contact: u64, stamp: Stamp) {
        let Some(prop) = self.table(Kind::Contact).schema.known.company else {
            return;
        };
        let value = self.links.primary_of(contact).map_or_else(String::new, |id| id.to_string());
        if self.table(Kind::Contact).live(contact).is_some() {
            self.put(Kind::Contact, contact, prop, &value, stamp);
        }
    }

    /// Puts a record into the recycle bin and ends its associations. Logged e-mails have no bin.
    pub(crate) fn archive(&mut self, kind: Kind, id: u64, stamp: Stamp) -> bool {
        if self.table(kind).live(id).is_none() {
            return false;
        }
        for other in self.links.all((kind, id)) {
            self.dissociate((kind, id), other, stamp);
        }
        if kind == Kind::Email {
            self.table_mut(kind).erase(id);
        } else {
            self.table_mut(kind).archive(id, stamp.at);
        }
        self.note(kind, id, stamp, What::Archived);
        true
    }
}
