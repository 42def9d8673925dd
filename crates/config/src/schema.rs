//! The JSON Schema of evergreen.yaml, for editors and for our own check.

use serde_json::Value;

use crate::config::Config;

/// The JSON Schema of evergreen.yaml (draft 2020-12).
#[must_use]
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Config).to_value();
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".to_owned(), "evergreen.yaml".into());
    }
    schema
}

/// A part of the schema, with references followed and "or nothing" unwrapped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    /// The rules for the value.
    pub(crate) rules: &'a Value,
    /// The name of the type, where it has one: `Expression`, `Secret`.
    pub(crate) name: Option<&'a str>,
    /// Whether nothing is allowed too.
    pub(crate) optional: bool,
}

impl<'a> Part<'a> {
    pub(crate) fn of(root: &'a Value, rules: &'a Value) -> Part<'a> {
        let mut part = Part { rules, name: None, optional: false };
        // References are never nested deeper than this: field, newtype, type.
        for _ in 0..8 {
            if let Some(target) = part.rules.get("$ref").and_then(Value::as_str) {
                let name = target.rsplit('/').next().unwrap_or(target);
                let Some(rules) = root.get("$defs").and_then(|defs| defs.get(name)) else { break };
                part.rules = rules;
                part.name = part.name.or(Some(name));
                continue;
            }
            let Some(choices) = part.rules.get("anyOf").and_then(Value::as_array) else { break };
            let is_null = |choice: &&Value| choice.get("type").and_then(Value::as_str) == Some("null");
            part.optional |= choices.iter().any(|choice| is_null(&choice));
            let Some(choice) = choices.iter().find(|choice| !is_null(choice)) else { break };
            part.rules = choice;
        }
        let types = part.rules.get("type").and_then(Value::as_array);
        part.optional |= types.is_some_and(|types| types.iter().any(|kind| kind == "null"));
        part
    }

    /// `object`, `array`, `string`, `integer`, `number`, `boolean`; empty when it may be anything.
    pub(crate) fn kind(&self) -> &'a str {
        match self.rules.get("type") {
            Some(Value::String(kind)) => kind,
            Some(Value::Array(kinds)) => {
                kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default()
            }
            _ if self.words().is_some() => "string",
            _ => "",
        }
    }

    /// The words of a choice.
    pub(crate) fn words(&self) -> Option<Vec<&'a str>> {
        if let Some(words) = self.rules.get("enum").and_then(Value::as_array) {
            return Some(words.iter().filter_map(Value::as_str).collect());
        }
        let choices = self.rules.get("oneOf")?.as_array()?;
        let words = |choice: &'a Value| match (choice.get("const"), choice.get("enum").and_then(Value::as_array)) {
            (Some(word), _) => word.as_str().map(|word| vec![word]),
            (None, Some(words)) => Some(words.iter().filter_map(Value::as_str).collect()),
            (None, None) => None,
        };
        let words: Option<Vec<Vec<&str>>> = choices.iter().map(words).collect();
        words.map(|words| words.concat())
    }

    /// What it says of itself.
    pub(crate) fn description(&self) -> Option<&'a str> {
        self.rules.get("description").and_then(Value::as_str)
    }

    /// The keys of a section, in the order of the schema.
    pub(crate) fn properties(&self) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
        self.rules.get("properties").and_then(Value::as_object).into_iter().flatten()
    }

    /// What stands behind keys of the user's own choosing.
    pub(crate) fn additional(&self) -> Option<&'a Value> {
        self.rules.get("additionalProperties").filter(|additional| additional.is_object())
    }

    /// Keys that must be there.
    pub(crate) fn required(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.rules.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }
}
