//! The calls that read and change property definitions and their groups.

use axum::http::Method;
use serde_json::{Value, json};

use super::errors::Refusal;
use super::record::Kind;
use super::schema::{Choice, Group, Property, Type};
use super::{Portal, action};
use crate::clock::Millis;
use crate::wire::{Call, Reply};

/// At most this many unique properties per object.
const UNIQUE_MAX: usize = 10;
const INPUTS_MAX: usize = 100;

impl Portal {
    pub(crate) fn properties(
        &mut self,
        method: &Method,
        kind: Kind,
        tail: &[&str],
        call: &Call,
        at: Millis,
    ) -> Result<Reply, Refusal> {
        match (method.as_str(), tail) {
            ("GET", []) => Ok(self.definitions(kind, call.flag("archived"))),
            ("POST", []) => {
                let property = self.draft_property(kind, &call.body, at)?;
                let body = property.json();
                self.table_mut(kind).schema.add(property);
                Ok(Reply::json(201, body).changed())
            }
            ("GET", ["groups"]) => Ok(self.groups(kind)),
            ("POST", ["groups"]) => self.add_group(kind, &call.body),
            ("GET", ["groups", name]) => self
                .table(kind)
                .schema
                .groups
                .iter()
                .find(|group| group.name == *name)
                .map(|group| Reply::json(200, group.json()))
                .ok_or_else(Refusal::not_found),
            ("PATCH", ["groups", name]) => {
                let groups = &mut self.table_mut(kind).schema.groups;
                let group = groups.iter_mut().find(|group| group.name == *name).ok_or_else(Refusal::not_found)?;
                if let Some(label) = call.body["label"].as_str() {
                    label.clone_into(&mut group.label);
                }
                if let Some(order) = call.body["displayOrder"].as_i64() {
                    group.display_order = order;
                }
                Ok(Reply::json(200, group.json()).changed())
            }
            ("DELETE", ["groups", name]) => {
                let schema = &mut self.table_mut(kind).schema;
                let live = |one: &Property| one.group == *name && one.archived.is_none();
                if schema.properties.iter().any(live) {
                    let mut refusal =
                        Refusal::invalid(format!("The group '{name}' has properties that are not archived"));
                    refusal.sub_category = Some("PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES");
                    return Err(refusal);
                }
                let before = schema.groups.len();
                schema.groups.retain(|group| group.name != *name);
                let reply = Reply::empty(204);
                Ok(if schema.groups.len() < before { reply.changed() } else { reply })
            }
            ("POST", ["batch", "create"]) => {
                let reply = self.create_all(kind, &call.body, at)?;
                // From 2026-09 on, properties made in a batch are told with 200; everywhere else creations are 201.
                let plain = reply.status == 201 && call.path.starts_with("/crm/properties/2026-09/");
                Ok(if plain { Reply { status: 200, ..reply } } else { reply })
            }
            ("POST", ["batch", "read"]) => self.read_all(kind, &call.body, at),
            ("POST", ["batch", "archive"]) => {
                let names: Vec<String> = names(&call.body)?;
                let mut changed = false;
                for name in &names {
                    // 204 whatever the names were.
                    changed |= self.archive_property(kind, name, at).unwrap_or(false);
                }
                let reply = Reply::empty(204);
                Ok(if changed { reply.changed() } else { reply })
            }
            ("GET", [name]) => self
                .table(kind)
                .schema
                .id(name)
                .map(|id| Reply::json(200, self.table(kind).schema.get(id).json()))
                .ok_or_else(Refusal::not_found),
            ("PATCH", [name]) => self.change_property(kind, name, &call.body, at),
            ("DELETE", [name]) => {
                let changed = self.archive_property(kind, name, at)?;
                let reply = Reply::empty(204);
                Ok(if changed { reply.changed() } else { reply })
            }
            _ => Err(Refusal::wrong_method()),
        }
    }

    fn definitions(&self, kind: Kind, archived: bool) -> Reply {
        let results: Vec<Value> = self
            .table(kind)
            .schema
            .properties
            .iter()
            .filter(|property| property.archived.is_some() == archived)
            .map(Property::json)
            .collect();
        Reply::json(200, json!({"results": results}))
    }

    fn groups(&self, kind: Kind) -> Reply {
        let results: Vec<Value> = self.table(kind).schema.groups.iter().map(Group::json).collect();
        Reply::json(200, json!({"results": results}))
    }

    fn add_group(&mut self, kind: Kind, body: &Value) -> Result<Reply, Refusal> {
        let name = required(body, "name")?;
        let label = required(body, "label")?;
        check_name(&name)?;
        let groups = &mut self.table_mut(kind).schema.groups;
        if groups.iter().any(|group| group.name == name) {
            let mut refusal =
                Refusal::new(409, "OBJECT_ALREADY_EXISTS", format!("A property group named '{name}' already exists."));
            refusal.sub_category = Some("PropertyGroups.PROPERTY_GROUP_WITH_NAME_EXISTS");
            return Err(refusal);
        }
        let group = Group { name, label, display_order: body["displayOrder"].as_i64().unwrap_or(-1) };
        let answer = group.json();
        groups.push(group);
        Ok(Reply::json(201, answer).changed())
    }

    fn create_all(&mut self, kind: Kind, body: &Value, at: Millis) -> Result<Reply, Refusal> {
        let inputs = body["inputs"].as_array().ok_or_else(|| Refusal::bad_json("inputs is missing or not a list"))?;
        if inputs.len() > INPUTS_MAX {
            return Err(Refusal::too_many(INPUTS_MAX));
        }
        let mut results = Vec::new();
        let mut errors = Vec::new();
        for input in inputs {
            match self.draft_property(kind, input, at) {
                Ok(property) => {
                    results.push(property.json());
                    self.table_mut(kind).schema.add(property);
                }
                Err(mut refusal) => {
                    let name = input["name"].as_str().unwrap_or_default();
                    refusal.context.push(("name", vec![name.to_owned()]));
                    errors.push(refusal.element(&[]));
                }
            }
        }
        let changed = !results.is_empty();
        let mut answer = action(at, results);
        let status = if errors.is_empty() {
            201
        } else {
            answer["numErrors"] = json!(errors.len());
            answer["errors"] = Value::Array(errors);
            207
        };
        let reply = Reply::json(status, answer);
        Ok(if changed { reply.changed() } else { reply })
    }

    fn read_all(&self, kind: Kind, body: &Value, at: Millis) -> Result<Reply, Refusal> {
        let schema = &self.table(kind).schema;
        let (found, missing): (Vec<_>, Vec<_>) = names(body)?.into_iter().partition(|name| schema.id(name).is_some());
        let results = found.iter().filter_map(|name| schema.id(name)).map(|id| schema.get(id).json()).collect();
        let mut answer = action(at, results);
        if missing.is_empty() {
            return Ok(Reply::json(200, answer));
        }
        let mut refusal = Refusal::new(404, "OBJECT_NOT_FOUND", "Some properties do not exist.");
        refusal.context.push(("name", missing));
        answer["numErrors"] = json!(1);
        answer["errors"] = json!([refusal.element(&[])]);
        Ok(Reply::json(207, answer))
    }

    /// Checks a new definition. A live property of that name is a conflict, an archived one comes back.
    fn draft_property(&self, kind: Kind, body: &Value, at: Millis) -> Result<Property, Refusal> {
        let schema = &self.table(kind).schema;
        let name = required(body, "name")?;
        let label = required(body, "label")?;
        let type_name = required(body, "type")?;
        let field_type = required(body, "fieldType")?;
        let group = required(body, "groupName")?;
        check_name(&name)?;
        if schema.id(&name).is_some() {
            let mut refusal =
                Refusal::new(409, "OBJECT_ALREADY_EXISTS", format!("A property named '{name}' already exists."));
            refusal.sub_category = Some("Properties.PROPERTY_WITH_NAME_EXISTS");
            return Err(refusal);
        }
        let value_type =
            Type::parse(&type_name).ok_or_else(|| Refusal::invalid(format!("Invalid property type: {type_name}")))?;
        if !value_type.allows(&field_type) {
            return Err(Refusal::invalid(format!("Invalid field type {field_type} for property type {type_name}")));
        }
        if !schema.groups.iter().any(|known| known.name == group) {
            return Err(Refusal::invalid(format!("The property group '{group}' does not exist.")));
        }
        let choices = choices(&body["options"])?;
        if value_type == Type::Bool && !["true", "false"].iter().all(|v| choices.iter().any(|c| c.value == *v)) {
            return Err(Refusal::invalid("Boolean properties must have exactly two options: true and false"));
        }
        let unique = body["hasUniqueValue"].as_bool().unwrap_or(false);
        if unique && schema.custom().filter(|property| property.unique).count() >= UNIQUE_MAX {
            return Err(Refusal::invalid(format!("An object can have at most {UNIQUE_MAX} unique properties")));
        }
        Ok(Property {
            name,
            label,
            description: body["description"].as_str().unwrap_or_default().to_owned(),
            kind: value_type,
            field_type,
            group,
            choices,
            external: body["externalOptions"].as_bool().unwrap_or(false),
            owner: body["referencedObjectType"].as_str() == Some("OWNER"),
            read_only: false,
            unique,
            built_in: false,
            hidden: body["hidden"].as_bool().unwrap_or(false),
            form_field: body["formField"].as_bool().unwrap_or(false),
            display_order: body["displayOrder"].as_i64().unwrap_or(-1),
            created: at,
            updated: at,
            archived: None,
        })
    }

    /// Partial, except that `options` replaces all options.
    fn change_property(&mut self, kind: Kind, name: &str, body: &Value, at: Millis) -> Result<Reply, Refusal> {
        let schema = &mut self.table_mut(kind).schema;
        let id = schema.id(name).ok_or_else(Refusal::not_found)?;
        let group = body["groupName"].as_str();
        if let Some(group) = group
            && !schema.groups.iter().any(|known| known.name == group)
        {
            return Err(Refusal::invalid(format!("The property group '{group}' does not exist.")));
        }
        let new_choices = if body["options"].is_array() { Some(choices(&body["options"])?) } else { None };
        let property = schema.get_mut(id);
        if let Some(choices) = new_choices {
            property.choices = choices;
        }
        for (field, key) in [
            (&mut property.label, "label"),
            (&mut property.description, "description"),
            (&mut property.group, "groupName"),
        ] {
            if let Some(text) = body[key].as_str() {
                text.clone_into(field);
            }
        }
        property.updated = at;
        Ok(Reply::json(200, property.json()).changed())
    }

    pub(super) fn archive_property(&mut self, kind: Kind, name: &str, at: Millis) -> Result<bool, Refusal> {
        let in_use = self.rules(kind).use_property(name);
        let schema = &mut self.table_mut(kind).schema;
        let id = schema.any_id(name).ok_or_else(Refusal::not_found)?;
        if in_use {
            let mut refusal = Refusal::invalid(format!("The property '{name}' is in use and cannot be deleted"));
            refusal.sub_category = Some("PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE");
            return Err(refusal);
        }
        let property = schema.get_mut(id);
        if property.built_in {
            return Err(Refusal::invalid(format!(
                "The property '{name}' is defined by HubSpot and cannot be archived"
            )));
        }
        let changed = property.archived.is_none();
        property.archived.get_or_insert(at);
        Ok(changed)
    }
}

fn required(body: &Value, key: &str) -> Result<String, Refusal> {
    body[key]
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
        .ok_or_else(|| Refusal::invalid(format!("Some required fields were not set: [{key}]")))
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let fits = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && name.starts_with(|c: char| c.is_ascii_lowercase());
    if fits {
        Ok(())
    } else {
        Err(Refusal::invalid(format!(
            "Property name {name} is invalid: it must start with a letter and have lower-case letters, digits and underscores only"
        )))
    }
}

pub(super) fn choices(options: &Value) -> Result<Vec<Choice>, Refusal> {
    options
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(order, option)| {
            Ok(Choice {
                value: required(option, "value")?,
                label: required(option, "label")?,
                display_order: option["displayOrder"].as_i64().unwrap_or(order as i64),
                hidden: option["hidden"].as_bool().unwrap_or(false),
            })
        })
        .collect()
}

fn names(body: &Value) -> Result<Vec<String>, Refusal> {
    body["inputs"]
        .as_array()
        .ok_or_else(|| Refusal::bad_json("inputs is missing or not a list"))?
        .iter()
        .map(|input| required(input, "name"))
        .collect()
}
