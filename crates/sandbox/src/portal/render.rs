//! How a record looks in an answer: the asked-for values as strings or null, their history newest first, its associations.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::Portal;
use super::errors::PORTAL_ID;
use super::link_types::{self, Label};
use super::record::{Entry, Kind, PropId, Record};
use crate::clock::iso;

const PARENT_TO_CHILD: u16 = 13;
const CHILD_TO_PARENT: u16 = 14;

/// Where a property's value comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Slot {
    Kept(PropId),
    Created,
    Modified,
    Id,
    EmailDomain,
    ContactCount,
    ChildCount,
    Parent,
    Origin,
    OriginId,
    OriginUser,
    AllOwners,
}

/// The properties an answer shows, looked up once per call.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub values: Vec<(String, Slot)>,
    pub history: Vec<(String, Slot)>,
    pub associations: Vec<Kind>,
}

impl Portal {
    pub(crate) fn slot(&self, kind: Kind, name: &str) -> Option<Slot> {
        Some(match name {
            "hs_object_id" => Slot::Id,
            name if name == kind.created_property() => Slot::Created,
            name if name == kind.modified_property() => Slot::Modified,
            "hs_email_domain" if kind == Kind::Contact => Slot::EmailDomain,
            "num_associated_contacts" if kind == Kind::Company => Slot::ContactCount,
            "hs_num_child_companies" if kind == Kind::Company => Slot::ChildCount,
            "hs_parent_company_id" if kind == Kind::Company => Slot::Parent,
            "hs_object_source" | "hs_object_source_label" => Slot::Origin,
            "hs_object_source_id" => Slot::OriginId,
            "hs_created_by_user_id" => Slot::OriginUser,
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
        for name in [kind.created_property(), "hs_object_id", kind.modified_property()] {
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
            Slot::ContactCount => self.links.count((kind, record.id), Kind::Contact).to_string(),
            Slot::ChildCount => self.relatives(record.id, PARENT_TO_CHILD).count().to_string(),
            Slot::Parent => self.relatives(record.id, CHILD_TO_PARENT).next()?.to_string(),
            Slot::Origin => self.writers.get(record.origin).kind.to_string(),
            Slot::OriginId => self.writers.get(record.origin).id.to_string(),
            Slot::OriginUser => self.writers.get(record.origin).user?.to_string(),
            Slot::AllOwners => return filled(record.get(known.owner?)?),
        };
        Some(Cow::Owned(text))
    }

    fn relatives(&self, company: u64, label: u16) -> impl Iterator<Item = u64> {
        let from = (Kind::Company, company);
        let label = Label::own(label);
        self.links.of(from, Kind::Company).filter(move |id| {
            self.links.labels(from, (Kind::Company, *id)).is_some_and(|labels| labels.contains(&label))
        })
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
        let associations = self.associations_in(kind, record.id, &wanted.associations);
        if !associations.is_empty() {
            body.insert("associations".to_owned(), Value::Object(associations));
        }
        body
    }

    fn history(&self, kind: Kind, record: &Record, slot: Slot) -> Value {
        match slot {
            Slot::Kept(prop) => record.history(prop).map(|entry| self.entry(entry)).collect(),
            computed => match self.value(kind, record, computed) {
                Some(value) => json!([{
                    "value": value, "timestamp": iso(record.created),
                    "sourceType": "CALCULATED", "sourceId": "",
                }]),
                None => json!([]),
            },
        }
    }

    /// One element per label and one unlabelled, so a primary company appears twice: clients must de-duplicate.
    fn associations_in(&self, kind: Kind, id: u64, wanted: &[Kind]) -> Map<String, Value> {
        let mut shown = Map::new();
        for to in wanted {
            let name = format!("{}_to_{}", kind.singular(), to.singular());
            let plain =
                if link_types::primary(kind, *to).is_some() { format!("{name}_unlabeled") } else { name.clone() };
            let element = |id: u64, label: String| json!({"id": id.to_string(), "type": label});
            let results: Vec<Value> = self
                .links
                .of((kind, id), *to)
                .flat_map(|other| {
                    let labels = self.links.labels((kind, id), (*to, other)).unwrap_or_default();
                    let mut all: Vec<Value> = labels
                        .iter()
                        .map(|label| {
                            let primary = !label.custom && Some(label.id) == link_types::primary(kind, *to);
                            let text = self.label_text(kind, *to, *label).unwrap_or_default();
                            let word = text.to_lowercase().replace(' ', "_");
                            element(other, if primary { name.clone() } else { format!("{name}_{word}") })
                        })
                        .collect();
                    all.push(element(other, plain.clone()));
                    all
                })
                .collect();
            if !results.is_empty() {
                shown.insert(to.plural().to_owned(), json!({"results": results}));
            }
        }
        shown
    }

    fn entry(&self, entry: Entry<'_>) -> Value {
        let source = self.writer(entry.stamp);
        let mut body = json!({
            "value": entry.value, "timestamp": iso(entry.stamp.at),
            "sourceType": source.kind, "sourceId": source.id,
        });
        if let Some(label) = &source.label {
            body["sourceLabel"] = json!(label);
        }
        if let Some(user) = source.user {
            body["updatedByUserId"] = json!(user);
        }
        body
    }
}

fn filled(text: &str) -> Option<Cow<'_, str>> {
    (!text.is_empty()).then_some(Cow::Borrowed(text))
}
