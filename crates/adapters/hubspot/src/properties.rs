//! Properties and their groups: read, created together, changed without losing what is there.

use std::collections::BTreeSet;

use evergreen_model::PortalProperty;
use evergreen_model::portal::PropertyOption;
use evergreen_ports::PropertyDefinition;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::call::{Ask, Reply};
use crate::client::Client;
use crate::error::Error;
use crate::object_type::ObjectType;
use crate::problem;
use crate::versions::{self, BATCH_MAX, part};
use crate::wire::{self, str_of};

/// New definitions can be read a quarter to three quarters of a second later; writes before that fail.
const LOOKS: u32 = 12;
const BETWEEN_LOOKS: SignedDuration = SignedDuration::from_millis(300);

/// Properties and groups of one kind of record.
#[derive(Clone)]
pub struct Properties {
    pub(crate) client: Client,
    pub(crate) kind: ObjectType,
}

/// A group, under which people find properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Internal name.
    pub name: String,
    /// What people see.
    pub label: String,
}

impl Properties {
    /// All properties that are not in the bin.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn all(&self) -> Result<Vec<PortalProperty>, Error> {
        let ask = Ask::get(self.path(""));
        let body = self.client.expect(&ask).await?;
        Ok(wire::results(&body, &ask.name())?.iter().filter_map(property).collect())
    }

    /// One property; `None` when there is none of that name.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn get(&self, name: &str) -> Result<Option<PortalProperty>, Error> {
        let ask = Ask::get(self.path(&format!("/{}", part(name))));
        match self.client.expect(&ask).await {
            Ok(body) => Ok(property(&body)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All groups.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn groups(&self) -> Result<Vec<Group>, Error> {
        let ask = Ask::get(self.path("/groups"));
        let body = self.client.expect(&ask).await?;
        let group = |value: &Value| {
            Some(Group { name: str_of(&value["name"])?, label: str_of(&value["label"]).unwrap_or_default() })
        };
        Ok(wire::results(&body, &ask.name())?.iter().filter_map(group).collect())
    }

    /// Creates a group; one that exists is fine.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn create_group(&self, name: &str, label: &str) -> Result<(), Error> {
        let body = json!({"name": name, "label": label, "displayOrder": -1});
        self.exists_is_fine(Ask::post(self.path("/groups"), body)).await
    }

    /// Creates what is missing, under a group, and waits until the portal shows it. What exists is left as it is.
    ///
    /// # Errors
    /// When HubSpot refuses, does not show the new properties within seconds, or can not be asked.
    pub async fn create_missing(&self, group: &str, definitions: &[PropertyDefinition]) -> Result<(), Error> {
        let missing = self.missing(definitions).await?;
        if missing.is_empty() {
            return Ok(());
        }
        self.create_group(group, &label(group)).await?;
        for some in missing.chunks(BATCH_MAX) {
            let inputs: Vec<Value> = some.iter().map(|definition| body(definition, group)).collect();
            match self.client.ask(&Ask::post(self.path("/batch/create"), json!({"inputs": inputs}))).await? {
                Reply::Ok(answer) if answer["errors"].as_array().is_none_or(Vec::is_empty) => {}
                // Somebody made one of them meanwhile, or one is refused: one by one, so that the others come into being.
                Reply::Ok(_) | Reply::Refused(..) => {
                    for definition in some {
                        self.exists_is_fine(Ask::post(self.path(""), body(definition, group))).await?;
                    }
                }
            }
        }
        for _ in 0..LOOKS {
            if self.missing(definitions).await?.is_empty() {
                return Ok(());
            }
            self.client.clock().sleep(BETWEEN_LOOKS).await;
        }
        Err(problem::odd(&self.path(""), "properties were created but the portal does not show them").into())
    }

    /// Adds choices to an enumeration, and relabels those whose value is there. HubSpot replaces the whole list on a change, so
    /// what people have added is read first and kept. True when something changed.
    ///
    /// # Errors
    /// When there is no such property, or HubSpot refuses or can not be asked.
    pub async fn add_options(&self, name: &str, options: &[PropertyOption]) -> Result<bool, Error> {
        let path = self.path(&format!("/{}", part(name)));
        let current = self.client.expect(&Ask::get(path.clone())).await?;
        let mut merged: Vec<Value> = current["options"].as_array().cloned().unwrap_or_default();
        let mut changed = false;
        for option in options {
            match merged.iter_mut().find(|known| str_of(&known["value"]).as_ref() == Some(&option.value)) {
                Some(known) if str_of(&known["label"]).as_ref() == Some(&option.label) => {}
                Some(known) => {
                    known["label"] = json!(option.label);
                    changed = true;
                }
                None => {
                    let order = merged.len();
                    merged.push(json!({"label": option.label, "value": option.value, "displayOrder": order, "hidden": false}));
                    changed = true;
                }
            }
        }
        if !changed {
            return Ok(false);
        }
        let options: Vec<Value> = merged.iter().enumerate().map(|(order, option)| kept_option(option, order)).collect();
        let ask = Ask { body: Some(json!({"options": options})), ..Ask::new("PATCH", path) };
        self.client.expect(&ask).await?;
        Ok(true)
    }

    /// Changes label, description or group of a property.
    ///
    /// # Errors
    /// When there is no such property, or HubSpot refuses or can not be asked.
    pub async fn relabel(&self, name: &str, label: &str, description: &str) -> Result<(), Error> {
        let body = json!({"label": label, "description": description});
        let ask = Ask { body: Some(body), ..Ask::new("PATCH", self.path(&format!("/{}", part(name)))) };
        self.client.expect(&ask).await.map(drop)
    }

    /// Moves properties to the bin; those already there are fine. Their values come back when they are created again.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn archive(&self, names: &[String]) -> Result<(), Error> {
        for names in names.chunks(BATCH_MAX) {
            let inputs: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
            self.client.expect(&Ask::post(self.path("/batch/archive"), json!({"inputs": inputs}))).await?;
        }
        Ok(())
    }

    async fn missing<'a>(&self, definitions: &'a [PropertyDefinition]) -> Result<Vec<&'a PropertyDefinition>, Error> {
        let known: BTreeSet<String> = self.all().await?.into_iter().map(|property| property.name).collect();
        Ok(definitions.iter().filter(|definition| !known.contains(&definition.name)).collect())
    }

    async fn exists_is_fine(&self, ask: Ask) -> Result<(), Error> {
        match self.client.ask(&ask).await? {
            Reply::Ok(_) | Reply::Refused(409, _) => Ok(()),
            Reply::Refused(status, refusal) => {
                Err(Error::Refused { status, refusal: Box::new(refusal), call: ask.name() })
            }
        }
    }

    fn path(&self, rest: &str) -> String {
        versions::properties(self.kind.name(), rest)
    }
}

/// Reads a property; `None` for one in the bin.
fn property(value: &Value) -> Option<PortalProperty> {
    if value["archived"].as_bool() == Some(true) {
        return None;
    }
    let text = |key: &str| str_of(&value[key]).unwrap_or_default();
    // Choices that live elsewhere (owners, teams) can not be checked against this list.
    let elsewhere = value["externalOptions"].as_bool() == Some(true);
    let mut options: Vec<&Value> = value["options"].as_array().into_iter().flatten().filter(|_| !elsewhere).collect();
    options.sort_by_key(|option| option["displayOrder"].as_i64().filter(|order| *order >= 0).unwrap_or(i64::MAX));
    let option = |option: &&Value| {
        let value = str_of(&option["value"])?;
        Some(PropertyOption { label: str_of(&option["label"]).unwrap_or_else(|| value.clone()), value })
    };
    Some(PortalProperty {
        name: str_of(&value["name"])?,
        label: text("label"),
        value_type: text("type"),
        field_type: text("fieldType"),
        group: text("groupName"),
        options: options.iter().filter_map(option).collect(),
        unique: value["hasUniqueValue"].as_bool().unwrap_or(false),
        read_only: value["modificationMetadata"]["readOnlyValue"].as_bool().unwrap_or(false)
            || value["calculated"].as_bool().unwrap_or(false),
        description: text("description"),
    })
}

fn body(definition: &PropertyDefinition, group: &str) -> Value {
    let option = |(order, option): (usize, &PropertyOption)| {
        json!({"label": option.label, "value": option.value, "displayOrder": order, "hidden": false})
    };
    json!({
        "name": definition.name, "label": definition.label, "type": definition.value_type, "fieldType": definition.field_type,
        "groupName": group, "description": definition.description,
        "options": definition.options.iter().enumerate().map(option).collect::<Vec<_>>(),
        "hasUniqueValue": definition.unique, "displayOrder": -1, "hidden": false, "formField": false,
    })
}

/// An option as HubSpot takes it back: only the fields it knows.
fn kept_option(option: &Value, order: usize) -> Value {
    let mut kept = json!({
        "label": option["label"], "value": option["value"], "hidden": option["hidden"].as_bool().unwrap_or(false),
        "displayOrder": option["displayOrder"].as_i64().unwrap_or(order as i64),
    });
    if let Some(description) = str_of(&option["description"]) {
        kept["description"] = json!(description);
    }
    kept
}

/// `evergreen_data` as people read it.
fn label(group: &str) -> String {
    let text = group.replace('_', " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
