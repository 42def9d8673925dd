//! How a record looks in an answer: the asked-for values as strings or null, their history newest first, its associations.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::Portal;
use super::errors::PORTAL_ID;
use super::record::{Entry, Kind, PropId, Record, Source};
use crate::clock::iso;

/// Where a property's value comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Slot {
    Kept(PropId),
    Created,
    Modified,
    Id,
    EmailDomain,
    ContactCount,
    Origin,
    OriginId,
    AllOwners,
}

/// The properties an answer shows, looked up once per call.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub values: Vec<(String, Slot)>,
    pub history: Vec<(String, Slot)>,
    pub companies: bool,
    pub contacts: bool,
}

impl Portal {
    pub(crate) fn slot(&self, kind: Kind, name: &str) -> Option<Slot> {
        Some(match name {
            "createdate" => Slot::Created,
            "hs_object_id" => Slot::Id,
            "lastmodifieddate" if kind == Kind::Contact => Slot::Modified,
            "hs_lastmodifieddate" if kind == Kind::Company => Slot::Modified,
            "hs_email_domain" if kind == Kind::Contact => Slot::EmailDomain,
            "num_associated_contacts" if kind == Kind::Company => Slot::ContactCount,
            "hs_object_source" | "hs_object_source_label" => Slot::Origin,
            "hs_object_source_id" => Slot::OriginId,
            "hs_all_owner_ids" => Slot::AllOwners,
            _ => Slot::Kept(self.table(kind).schema.id(name)?),
        })
    }

    /// Works out what to show; unknown names are ignored, as HubSpot does.
    pub(crate) fn wanted<'a>(
        &self,
        kind: Kind,
        names: impl IntoIterator<Item = &'a str>,
        history: impl IntoIterator<Item = &'a str>,
    ) -> Wanted {
        let mut wanted = Wanted::default();
        let add = |list: &mut Vec<(String, Slot)>, name: &str| {
            if let Some(slot) = self.slot(kind, name)
                && !list.iter().any(|(known, _)| known == name)
            {
                list.push((name.to_owned(), slot));
            }
        };
        for name in history {
            add(&mut wanted.history, name);
        }
        let mut asked = false;
        for name in names {
            asked = true;
            add(&mut wanted.values, name);
        }
        if !asked {
            for name in kind.default_properties() {
                add(&mut wanted.values, name);
            }
        }
        for name in ["createdate", "hs_object_id", kind.modified_property()] {
            add(&mut wanted.values, name);
        }
        for at in 0..wanted.history.len() {
            let name = wanted.history[at].0.clone();
            add(&mut wanted.values, &name);
        }
        wanted
    }

    /// A value as text; none when empty.
    pub(crate) fn value<'a>(&self, kind: Kind, record: &'a Record, slot: Slot) -> Option<Cow<'a, str>> {
        let known = self.table(kind).schema.known;
        let text = match slot {
            Slot::Kept(prop) => return filled(record.get(prop)?),
            Slot::Created => iso(record.created),
            Slot::Modified => iso(record.updated),
            Slot::Id => record.id.to_string(),
            Slot::EmailDomain => return filled(record.get(known.email?)?.rsplit_once('@')?.1),
            Slot::ContactCount => self.links.contact_count(record.id).to_string(),
            Slot::Origin => return Some(Cow::Borrowed(record.origin.kind())),
            Slot::OriginId => record.origin.id(),
            Slot::AllOwners => return filled(record.get(known.owner?)?),
        };
        Some(Cow::Owned(text))
    }

    pub(crate) fn render(&self, kind: Kind, record: &Record, wanted: &Wanted) -> Map<String, Value> {
        let mut properties = Map::new();
        for (name, slot) in &wanted.values {
            let value = self.value(kind, record, *slot).map_or(Value::Null, |text| Value::String(text.into_owned()));
            properties.insert(name.clone(), value);
        }
        let mut body = Map::new();
        body.insert("id".to_owned(), Value::String(record.id.to_string()));
        body.insert("properties".to_owned(), Value::Object(properties));
        body.insert("createdAt".to_owned(), Value::String(iso(record.created)));
        body.insert("updatedAt".to_owned(), Value::String(iso(record.updated)));
        body.insert("archived".to_owned(), Value::Bool(record.archived.is_some()));
        if let Some(at) = record.archived {
            body.insert("archivedAt".to_owned(), Value::String(iso(at)));
        }
        body.insert(
            "url".to_owned(),
            Value::String(format!(
                "https://app.hubspot.com/contacts/{PORTAL_ID}/record/{}/{}",
                kind.type_id(),
                record.id
            )),
        );
        if !wanted.history.is_empty() {
            let history: Map<String, Value> =
                wanted.history.iter().map(|(name, slot)| (name.clone(), self.history(kind, record, *slot))).collect();
            body.insert("propertiesWithHistory".to_owned(), Value::Object(history));
        }
        let associations = self.associations_in(kind, record.id, wanted);
        if !associations.is_empty() {
            body.insert("associations".to_owned(), Value::Object(associations));
        }
        body
    }

    fn history(&self, kind: Kind, record: &Record, slot: Slot) -> Value {
        match slot {
            Slot::Kept(prop) => match record.cell(prop) {
                Some(cell) => std::iter::once(&cell.now).chain(cell.before.iter().rev()).map(entry).collect(),
                None => json!([]),
            },
            computed => match self.value(kind, record, computed) {
                Some(value) => json!([{
                    "value": value, "timestamp": iso(record.created),
                    "sourceType": "CALCULATED", "sourceId": "",
                }]),
                None => json!([]),
            },
        }
    }

    fn associations_in(&self, kind: Kind, id: u64, wanted: &Wanted) -> Map<String, Value> {
        let mut shown = Map::new();
        if kind == Kind::Contact && wanted.companies {
            // One element per label, so a primary company appears twice: clients must de-duplicate.
            let results: Vec<Value> = self
                .links
                .companies_of(id)
                .iter()
                .flat_map(|company| {
                    let primary = self.links.primary_of(id) == Some(*company);
                    let element = |label: &str| json!({"id": company.to_string(), "type": label});
                    primary
                        .then(|| element("contact_to_company"))
                        .into_iter()
                        .chain([element("contact_to_company_unlabeled")])
                })
                .collect();
            if !results.is_empty() {
                shown.insert("companies".to_owned(), json!({"results": results}));
            }
        }
        if kind == Kind::Company && wanted.contacts {
            let results: Vec<Value> = self
                .links
                .contacts_of(id)
                .map(|contact| json!({"id": contact.to_string(), "type": "company_to_contact_unlabeled"}))
                .collect();
            if !results.is_empty() {
                shown.insert("contacts".to_owned(), json!({"results": results}));
            }
        }
        shown
    }
}

fn filled(text: &str) -> Option<Cow<'_, str>> {
    (!text.is_empty()).then_some(Cow::Borrowed(text))
}

fn entry(entry: &Entry) -> Value {
    let mut body = json!({
        "value": entry.value, "timestamp": iso(entry.stamp.at),
        "sourceType": entry.stamp.source.kind(), "sourceId": entry.stamp.source.id(),
    });
    if let Source::User(user) = entry.stamp.source {
        body["updatedByUserId"] = json!(user);
    }
    body
}
