//! The portal's property definitions: what exists, of which type, with which options, and what clients may add.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Value, json};

use super::record::{Kind, PropId};
use crate::clock::{Millis, iso};

/// What a property holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Number,
    Bool,
    Enumeration,
    Date,
    DateTime,
    Phone,
}

impl Type {
    pub(crate) fn parse(text: &str) -> Option<Type> {
        Some(match text {
            "string" => Type::Text,
            "number" => Type::Number,
            "bool" => Type::Bool,
            "enumeration" => Type::Enumeration,
            "date" => Type::Date,
            "datetime" => Type::DateTime,
            "phone_number" => Type::Phone,
            _ => return None,
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Type::Text => "string",
            Type::Number => "number",
            Type::Bool => "bool",
            Type::Enumeration => "enumeration",
            Type::Date => "date",
            Type::DateTime => "datetime",
            Type::Phone => "phone_number",
        }
    }

    /// The form fields HubSpot allows for the type.
    pub(crate) fn allows(self, field_type: &str) -> bool {
        match self {
            Type::Text => {
                matches!(field_type, "text" | "textarea" | "html" | "file" | "phonenumber" | "calculation_equation")
            }
            Type::Number => matches!(field_type, "number" | "calculation_equation"),
            Type::Enumeration => {
                matches!(field_type, "select" | "radio" | "checkbox" | "booleancheckbox" | "calculation_equation")
            }
            Type::Bool => matches!(field_type, "booleancheckbox" | "calculation_equation"),
            Type::Date | Type::DateTime => field_type == "date",
            Type::Phone => field_type == "phonenumber",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub value: String,
    pub label: String,
    pub display_order: i64,
    pub hidden: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Property {
    pub name: String,
    pub label: String,
    pub description: String,
    pub kind: Type,
    pub field_type: String,
    pub group: String,
    pub choices: Vec<Choice>,
    /// The options live elsewhere (owners, teams): never checked against `choices`.
    pub external: bool,
    pub owner: bool,
    pub read_only: bool,
    pub unique: bool,
    pub built_in: bool,
    pub hidden: bool,
    pub form_field: bool,
    pub display_order: i64,
    pub created: Millis,
    pub updated: Millis,
    pub archived: Option<Millis>,
}

impl Property {
    pub(crate) fn json(&self) -> Value {
        let choices: Vec<Value> = self
            .choices
            .iter()
            .map(|choice| {
                json!({
                    "label": choice.label, "value": choice.value,
                    "displayOrder": choice.display_order, "hidden": choice.hidden,
                })
            })
            .collect();
        let mut body = json!({
            "name": self.name, "label": self.label, "type": self.kind.name(), "fieldType": self.field_type,
            "description": self.description, "groupName": self.group, "options": choices,
            "displayOrder": self.display_order, "calculated": false, "externalOptions": self.external || self.owner,
            "hasUniqueValue": self.unique, "hidden": self.hidden, "hubspotDefined": self.built_in,
            "formField": self.form_field, "archived": self.archived.is_some(), "dataSensitivity": "non_sensitive",
            "createdAt": iso(self.created), "updatedAt": iso(self.updated),
            "modificationMetadata": {
                "archivable": !self.built_in, "readOnlyDefinition": self.built_in, "readOnlyValue": self.read_only,
            },
        });
        if self.owner {
            body["referencedObjectType"] = json!("OWNER");
        }
        if let Some(at) = self.archived {
            body["archivedAt"] = json!(iso(at));
        }
        body
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub name: String,
    pub label: String,
    pub display_order: i64,
}

impl Group {
    pub(crate) fn json(&self) -> Value {
        json!({"name": self.name, "label": self.label, "displayOrder": self.display_order, "archived": false})
    }
}

/// The properties with behaviour of their own.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct WellKnown {
    pub email: Option<PropId>,
    pub more_emails: Option<PropId>,
    pub lifecycle: Option<PropId>,
    pub company: Option<PropId>,
    pub owner: Option<PropId>,
    pub owner_since: Option<PropId>,
    pub domain: Option<PropId>,
    pub more_domains: Option<PropId>,
}

#[derive(Debug, Clone)]
pub(crate) struct Schema {
    pub properties: Vec<Property>,
    pub groups: Vec<Group>,
    pub known: WellKnown,
    by_name: HashMap<String, PropId>,
}

#[derive(Deserialize)]
struct Seed {
    name: String,
    label: String,
    r#type: String,
    field_type: String,
    flags: String,
    options: String,
}

impl Schema {
    /// The definitions every portal has from its first day; the file behind them is read once.
    pub(crate) fn seeded(kind: Kind, at: Millis) -> Schema {
        const KINDS: usize = Kind::ALL.len();
        static READ: [OnceLock<Schema>; KINDS] = [const { OnceLock::new() }; KINDS];
        let mut schema = READ[kind.place()].get_or_init(|| Schema::read(kind, at)).clone();
        for property in &mut schema.properties {
            (property.created, property.updated) = (at, at);
        }
        schema
    }

    fn read(kind: Kind, at: Millis) -> Schema {
        let (text, group, label) = first_definitions(kind);
        let mut schema = Schema {
            properties: Vec::new(),
            groups: vec![Group { name: group.to_owned(), label: label.to_owned(), display_order: 0 }],
            known: WellKnown::default(),
            by_name: HashMap::new(),
        };
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
        for seed in reader.deserialize::<Seed>() {
            match seed {
                Ok(seed) => schema.add(seed.property(group, at)),
                Err(problem) => {
                    panic!("the built-in {} schema is broken: {problem}", kind.plural())
                }
            }
        }
        schema.known = WellKnown {
            email: schema.id("email"),
            more_emails: schema.id("hs_additional_emails"),
            lifecycle: schema.id("lifecyclestage"),
            company: schema.id("associatedcompanyid"),
            owner: schema.id("hubspot_owner_id"),
            owner_since: schema.id("hubspot_owner_assigneddate"),
            domain: schema.id("domain"),
            more_domains: schema.id("hs_additional_domains"),
        };
        schema
    }

    /// Index of a property that is not archived.
    pub(crate) fn id(&self, name: &str) -> Option<PropId> {
        self.by_name.get(name).copied().filter(|id| self.properties[usize::from(*id)].archived.is_none())
    }

    /// Index of a property, archived or not.
    pub(crate) fn any_id(&self, name: &str) -> Option<PropId> {
        self.by_name.get(name).copied()
    }

    pub(crate) fn get(&self, id: PropId) -> &Property {
        &self.properties[usize::from(id)]
    }

    pub(crate) fn get_mut(&mut self, id: PropId) -> &mut Property {
        &mut self.properties[usize::from(id)]
    }

    /// Whether look-ups by the property's value must be immediate.
    pub(crate) fn is_indexed(&self, id: PropId) -> bool {
        let known = self.known;
        [known.email, known.more_emails, known.domain, known.more_domains].contains(&Some(id)) || self.get(id).unique
    }

    /// Adds a definition, or brings an archived one of that name back with the new definition.
    pub(crate) fn add(&mut self, property: Property) {
        if let Some(id) = self.any_id(&property.name) {
            *self.get_mut(id) = property;
            return;
        }
        let id = PropId::try_from(self.properties.len()).unwrap_or(PropId::MAX);
        self.by_name.insert(property.name.clone(), id);
        self.properties.push(property);
    }

    /// Live definitions a client made.
    pub(crate) fn custom(&self) -> impl Iterator<Item = &Property> {
        self.properties.iter().filter(|property| !property.built_in && property.archived.is_none())
    }
}

/// The definitions file of a kind, and the group everything in it belongs to.
fn first_definitions(kind: Kind) -> (&'static str, &'static str, &'static str) {
    match kind {
        Kind::Contact => (include_str!("../../schema/contacts.csv"), "contactinformation", "Contact information"),
        Kind::Company => (include_str!("../../schema/companies.csv"), "companyinformation", "Company information"),
        Kind::Deal => (include_str!("../../schema/deals.csv"), "dealinformation", "Deal information"),
        Kind::Ticket => (include_str!("../../schema/tickets.csv"), "ticketinformation", "Ticket information"),
        Kind::Lead => (include_str!("../../schema/leads.csv"), "leadinformation", "Lead information"),
        Kind::Note => (include_str!("../../schema/notes.csv"), "note", "Note information"),
        Kind::Email => (include_str!("../../schema/emails.csv"), "email", "Email information"),
        Kind::Task => (include_str!("../../schema/tasks.csv"), "task", "Task information"),
        Kind::Call => (include_str!("../../schema/calls.csv"), "call", "Call information"),
        Kind::Meeting => (include_str!("../../schema/meetings.csv"), "meeting", "Meeting information"),
        Kind::Communication => {
            (include_str!("../../schema/communications.csv"), "communication", "Communication information")
        }
    }
}

impl Seed {
    fn property(self, group: &str, at: Millis) -> Property {
        let has = |flag: &str| self.flags.split(' ').any(|word| word == flag);
        Property {
            kind: Type::parse(&self.r#type).unwrap_or(Type::Text),
            field_type: self.field_type.clone(),
            group: group.to_owned(),
            description: String::new(),
            choices: self
                .options
                .split(';')
                .filter_map(|option| option.split_once('='))
                .enumerate()
                .map(|(order, (value, label))| Choice {
                    value: value.to_owned(),
                    label: label.to_owned(),
                    display_order: order as i64,
                    hidden: false,
                })
                .collect(),
            external: has("external"),
            owner: has("owner"),
            read_only: has("ro"),
            unique: self.name == "email",
            built_in: true,
            hidden: false,
            form_field: !has("ro"),
            display_order: -1,
            created: at,
            updated: at,
            archived: None,
            label: self.label,
            name: self.name,
        }
    }
}
