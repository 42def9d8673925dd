//! The administrator's rules: which properties a new record must have, which others a value demands, which forms values take.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Portal;
use super::errors::{BadValue, Refusal};
use super::record::Kind;
use super::validations::Validation;
use super::write::Draft;

/// One object's rules. Everything is empty in an ordinary portal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Rules {
    /// Required fields of the portal's *Create record* form.
    pub required_on_create: Vec<String>,
    pub conditional: Vec<Conditional>,
    /// By property name.
    pub validations: BTreeMap<String, Vec<Validation>>,
}

/// A property that must be filled once another has one of some values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Conditional {
    pub controller: String,
    /// Any value when empty.
    #[serde(default)]
    pub values: Vec<String>,
    pub property: String,
}

impl Rules {
    /// Whether a rule stands on the property, so that it cannot be deleted.
    pub(crate) fn use_property(&self, name: &str) -> bool {
        self.required_on_create.iter().any(|one| one == name)
            || self.conditional.iter().any(|one| one.controller == name || one.property == name)
    }
}

impl Portal {
    pub(crate) fn rules(&self, kind: Kind) -> &Rules {
        &self.rules[kind.place()]
    }

    /// Sets an object's rules; keys that are not named stay as they are.
    pub(crate) fn change_rules(&mut self, kind: Kind, changes: &Value) -> Result<(), String> {
        let rules = &mut self.rules[kind.place()];
        let mut all = serde_json::to_value(&*rules).map_err(|problem| problem.to_string())?;
        let (Some(fields), Some(changes)) = (all.as_object_mut(), changes.as_object()) else {
            return Err("rules must be an object".to_owned());
        };
        fields.extend(changes.iter().map(|(name, value)| (name.clone(), value.clone())));
        *rules = serde_json::from_value(all).map_err(|problem| problem.to_string())?;
        Ok(())
    }

    /// What 2026-09 enforces on writes through the API.
    pub(super) fn check_admin_rules(&self, kind: Kind, target: Option<u64>, draft: &Draft) -> Result<(), Refusal> {
        let rules = self.rules(kind);
        let schema = &self.table(kind).schema;
        let record = target.and_then(|id| self.table(kind).live(id));
        let after = |name: &str| -> &str {
            let Some(prop) = schema.id(name) else {
                return "";
            };
            let sent = draft.values.iter().find(|(id, _)| *id == prop).map(|(_, value)| value.as_str());
            sent.or_else(|| record?.get(prop)).unwrap_or_default()
        };
        let mut details = Vec::new();
        if target.is_none() {
            details.extend(
                rules.required_on_create.iter().filter(|name| after(name).is_empty()).map(|name| {
                    detail(name, "MISSING_REQUIRED_PROPERTY", format!("A value for {name} must be provided"))
                }),
            );
        }
        // A rule is met when the write touches the controller or empties the dependent property.
        let touched = |name: &str| {
            target.is_none() || schema.id(name).is_some_and(|prop| draft.values.iter().any(|(id, _)| *id == prop))
        };
        details.extend(
            rules
                .conditional
                .iter()
                .filter(|rule| touched(&rule.controller) || touched(&rule.property))
                .filter(|rule| {
                    let controls = after(&rule.controller);
                    let applies = if rule.values.is_empty() {
                        !controls.is_empty()
                    } else {
                        rule.values.iter().any(|value| value == controls)
                    };
                    applies && after(&rule.property).is_empty()
                })
                .map(|rule| {
                    let message = format!(
                        "{} is required because of a conditional property rule based on [{}]",
                        rule.property, rule.controller
                    );
                    detail(&rule.property, "MISSING_CONDITIONAL_REQUIRED_PROPERTY", message)
                }),
        );
        if details.is_empty() {
            return Ok(());
        }
        let mut refusal = Refusal::invalid("The property values provided are invalid");
        refusal.details = details;
        Err(refusal)
    }

    /// Rules on single values hold in every version.
    pub(super) fn check_validations(&self, kind: Kind, draft: &Draft, bad: &mut Vec<BadValue>) {
        let rules = self.rules(kind);
        if rules.validations.is_empty() {
            return;
        }
        let schema = &self.table(kind).schema;
        for (prop, value) in draft.values.iter().filter(|(_, value)| !value.is_empty()) {
            let name = &schema.get(*prop).name;
            for rule in rules.validations.get(name).into_iter().flatten() {
                if let Err(message) = rule.check(value) {
                    bad.push(BadValue { name: name.clone(), code: rule.code(), message });
                }
            }
        }
    }
}

fn detail(name: &str, code: &str, message: String) -> Value {
    json!({"message": message, "code": code, "context": {"propertyName": [name]}})
}
