//! Fills the portal with what the world says it already holds, and shows it whole again for comparisons.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value, json};

use super::Portal;
use super::link_types::Label;
use super::links::{Joining, Links};
use super::owners::Owners;
use super::record::{Kind, Record};
use super::rules::Rules;
use super::schema::Type;
use super::settings::Settings;
use super::source::{Source, Writers};
use super::table::Table;
use crate::SandboxProblem;
use crate::chance::mix;
use crate::clock::{DAY_MS, Millis};
use crate::world::{Owner, PortalCompany, PortalContact};

/// New ids start this far above the highest seeded one.
const ID_GAP: u64 = 1_000;
const FIRST_ID_MIN: u64 = 100_000_001;

impl Portal {
    pub(crate) fn new(
        seed: u64,
        start: Millis,
        owners: Vec<Owner>,
        companies: Vec<PortalCompany>,
        contacts: Vec<PortalContact>,
    ) -> Result<Portal, SandboxProblem> {
        let began = start - 900 * DAY_MS;
        let mut writers = Writers::default();
        let mut portal = Portal {
            seed,
            tables: Kind::ALL.into_iter().map(|kind| Table::new(kind, began)).collect(),
            links: Links::default(),
            owners: Owners::new(owners, began),
            caller: writers.id(&Source::app(super::APP_ID)),
            writers,
            settings: Settings::default(),
            rules: vec![Rules::default(); Kind::ALL.len()],
            blocked: HashSet::new(),
            waiting: Vec::new(),
            changes: None,
            next_id: FIRST_ID_MIN,
            services: super::services::Services::new(began),
        };
        for company in companies {
            let owner = company.properties.get("hubspot_owner_id").cloned().unwrap_or_default();
            let edit = HumanEdits { names: &company.human_edited, by: &owner, at: "" };
            portal.seed_record(Kind::Company, &company.id, &company.properties, &edit, start)?;
        }
        for contact in contacts {
            let edit = HumanEdits { names: &contact.human_edited, by: &contact.edited_by, at: &contact.edited_at };
            portal.seed_record(Kind::Contact, &contact.id, &contact.properties, &edit, start)?;
        }
        Ok(portal)
    }

    fn seed_record(
        &mut self,
        kind: Kind,
        id: &str,
        properties: &BTreeMap<String, String>,
        edits: &HumanEdits<'_>,
        start: Millis,
    ) -> Result<(), SandboxProblem> {
        let broken = |reason: String| SandboxProblem::World {
            file: format!("portal_{}.csv", kind.plural()),
            reason: format!("record {id}: {reason}"),
        };
        let number: u64 = id.parse().map_err(|_| broken("the id is not a number".to_owned()))?;
        if self.table(kind).any(number).is_some() {
            return Err(broken("the id is there twice".to_owned()));
        }
        // Records are 60 to 700 days old; people edited them in the last two months unless told otherwise.
        let age = 60 + (mix(self.seed, number) % 640) as i64;
        let edited = match edits.at {
            "" => start - (1 + (mix(self.seed, number + 1) % 55) as i64) * DAY_MS,
            text => {
                super::instant(text).ok_or_else(|| broken(format!("edited_at \"{text}\" is not an RFC 3339 time")))?
            }
        };
        let user = self.owners.user(edits.by);
        let imported =
            self.stamp(&Source::import(&super::IMPORT_ID.to_string()), (start - age * DAY_MS).min(edited - DAY_MS));
        let by_hand = self.stamp(&Source::user(user), edited);
        self.table_mut(kind).insert(Record::new(number, imported));
        self.next_id = self.next_id.max(number + ID_GAP);
        for name in edits.names {
            if !properties.contains_key(name) {
                // A deliberate blank: a person emptied the field.
                let prop = self
                    .table(kind)
                    .schema
                    .id(name)
                    .ok_or_else(|| broken(format!("there is no property \"{name}\"")))?;
                self.put(kind, number, prop, "", by_hand);
            }
        }
        for (name, value) in properties {
            let prop =
                self.table(kind).schema.id(name).ok_or_else(|| broken(format!("there is no property \"{name}\"")))?;
            let stamp = if edits.names.contains(name) { by_hand } else { imported };
            let known = self.table(kind).schema.known;
            if kind == Kind::Contact && Some(prop) == known.company {
                let company = value
                    .parse()
                    .ok()
                    .filter(|id| self.table(Kind::Company).live(*id).is_some())
                    .ok_or_else(|| broken(format!("company {value} is not in the portal")))?;
                let primary = Joining::Add(&[Label::own(1)]);
                self.associate((kind, number), (Kind::Company, company), primary, stamp);
                continue;
            }
            let value = if Some(prop) == known.email { value.to_lowercase() } else { value.clone() };
            if kind == Kind::Contact
                && Some(prop) == known.email
                && let Some(owner) = self.table(Kind::Contact).by_email(&value)
            {
                return Err(broken(format!("{value} already belongs to record {owner}")));
            }
            self.put(kind, number, prop, &value, stamp);
        }
        Ok(())
    }

    /// How many contacts and companies the portal holds, archived ones included.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.table(Kind::Contact).len(), self.table(Kind::Company).len())
    }

    /// The whole portal as sorted JSON. Without `times` every date is left out; without `ids` records
    /// are told by their content, so that two runs that created them in another order compare equal.
    pub(crate) fn snapshot(&self, times: bool, ids: bool) -> Map<String, Value> {
        let mut state = Map::new();
        for kind in [Kind::Contact, Kind::Company] {
            let records: Vec<(String, Value)> = self
                .table(kind)
                .from(0)
                .map(|record| (record.id.to_string(), self.portrait(kind, record, times, ids)))
                .collect();
            let value = if ids {
                Value::Object(records.into_iter().collect())
            } else {
                let mut list: Vec<Value> = records.into_iter().map(|(_, one)| one).collect();
                list.sort_by_cached_key(Value::to_string);
                Value::Array(list)
            };
            state.insert(kind.plural().to_owned(), value);
            let custom: BTreeMap<&str, Value> = self
                .table(kind)
                .schema
                .custom()
                .map(|property| {
                    let mut body = property.json();
                    if !times && let Some(body) = body.as_object_mut() {
                        body.remove("createdAt");
                        body.remove("updatedAt");
                    }
                    (property.name.as_str(), body)
                })
                .collect();
            state.insert(format!("custom_{}_properties", kind.singular()), json!(custom));
        }
        state
    }

    fn portrait(&self, kind: Kind, record: &Record, times: bool, ids: bool) -> Value {
        let schema = &self.table(kind).schema;
        let mut properties: BTreeMap<&str, Value> = BTreeMap::new();
        for (prop, value) in record.values() {
            let property = schema.get(prop);
            let dated = matches!(property.kind, Type::Date | Type::DateTime);
            let points = Some(prop) == schema.known.company;
            if (dated && !times) || (points && !ids) || value.is_empty() {
                continue;
            }
            properties.insert(&property.name, json!(value));
        }
        let mut body = json!({"properties": properties, "archived": record.archived.is_some()});
        if times {
            body["createdAt"] = json!(crate::clock::iso(record.created));
            body["updatedAt"] = json!(crate::clock::iso(record.updated));
        }
        if kind == Kind::Contact {
            let primary = self.links.primary_of(record.id);
            let mut companies: Vec<Value> = self
                .links
                .companies_of(record.id)
                .iter()
                .map(|company| {
                    let called = if ids { company.to_string() } else { self.company_name(*company) };
                    json!({"company": called, "primary": primary == Some(*company)})
                })
                .collect();
            companies.sort_by_cached_key(Value::to_string);
            body["companies"] = Value::Array(companies);
        }
        body
    }

    fn company_name(&self, id: u64) -> String {
        let schema = &self.table(Kind::Company).schema;
        let value = |name: &str| {
            schema.id(name).and_then(|prop| self.table(Kind::Company).any(id)?.get(prop)).unwrap_or_default()
        };
        format!("{} <{}>", value("name"), value("domain"))
    }
}

struct HumanEdits<'a> {
    names: &'a [String],
    by: &'a str,
    at: &'a str,
}
