//! Values taken out of an answer: each field from the first usable place, and nothing that only looks like a value.

use std::collections::BTreeMap;

use evergreen_model::{Entity, Fields};
use serde_json::Value;

use crate::document::FieldRule;
use crate::expression::Body;
use crate::reading::Reading;
use crate::value::{self, Kind, NoValue};
use crate::view::View;
use crate::words;

/// What an answer holds.
#[derive(Default)]
pub(crate) struct Extracted {
    pub(crate) fields: Fields,
    pub(crate) facts: Fields,
    pub(crate) rows: Vec<Fields>,
    pub(crate) notes: Vec<String>,
}

/// Everything the manifest says where to find.
pub(crate) fn all(view: &View<'_>, json: &Body, wanted: &[String]) -> Extracted {
    let mut found = Extracted::default();
    let mut values = values(view.entity, view.fields, json, &mut found.notes);
    if let Some(columns) = view.columns {
        for (name, value) in columns_of(view, columns, json, wanted) {
            values.entry(name).or_insert(value);
        }
    }
    if view.inferred {
        let details: Vec<String> =
            values.keys().filter(|name| words::is_contact_detail(view.entity, name)).cloned().collect();
        for name in details {
            values.remove(&name);
            found.notes.push(format!("{name}: a model's word is no contact detail"));
        }
    }
    (found.fields, found.facts) = values.into_iter().partition(|(name, _)| words::is_field(view.entity, name));
    if let Some(rows) = view.rows {
        let mut ignored = Vec::new(); // a row's dropped values are its own affair
        found.rows = rows
            .from
            .list(json)
            .iter()
            .map(|row| values_of_row(view.entity, &rows.fields, row, &mut ignored))
            .collect();
        found.rows.retain(|row| !row.is_empty());
    }
    found
}

/// Only the named ones: what a rule keeps although nothing was found.
pub(crate) fn kept(view: &View<'_>, json: &Body, names: &[String]) -> Fields {
    let named = view.fields.iter().filter(|(name, _)| names.contains(name));
    named.filter_map(|(name, rule)| Some((name.clone(), one(view.entity, name, rule, json).ok()?))).collect()
}

fn values(entity: Entity, rules: &BTreeMap<String, FieldRule>, json: &Body, notes: &mut Vec<String>) -> Fields {
    let mut found = Fields::new();
    for (name, rule) in rules {
        if withheld(rule, json) {
            notes.push(format!("{name}: withheld"));
            continue;
        }
        match one(entity, name, rule, json) {
            Ok(value) => {
                found.insert(name.clone(), value);
            }
            Err(NoValue::Absent) => {}
            Err(reason) => notes.push(format!("{name}: {}", reason.as_str())),
        }
    }
    let lonely: Vec<String> = rules
        .iter()
        .filter_map(|(name, rule)| Some((name, rule.long()?.with.as_ref()?)))
        .filter(|(name, with)| found.contains_key(*name) && !found.contains_key(*with))
        .map(|(name, _)| name.clone())
        .collect();
    for name in lonely {
        found.remove(&name);
    }
    found
}

fn values_of_row(entity: Entity, rules: &BTreeMap<String, FieldRule>, row: &Body, notes: &mut Vec<String>) -> Fields {
    values(entity, rules, row, notes)
}

fn withheld(rule: &FieldRule, json: &Body) -> bool {
    rule.long().is_some_and(|long| {
        long.unless.as_ref().is_some_and(|unless| unless.holds(json))
            || long.when.as_ref().is_some_and(|when| !when.holds(json))
    })
}

/// The value of one field: the first usable one of its places.
pub(crate) fn one(entity: Entity, name: &str, rule: &FieldRule, json: &Body) -> Result<String, NoValue> {
    let mut why = NoValue::Absent;
    for place in rule.places() {
        match read(entity, name, rule, &place.find(json)) {
            Ok(value) => return Ok(value),
            Err(NoValue::Absent) => {}
            Err(reason) => why = reason,
        }
    }
    Err(why)
}

/// A value as the field reads it: the vendor's word in ours, then normalised.
pub(crate) fn read(entity: Entity, name: &str, rule: &FieldRule, value: &Value) -> Result<String, NoValue> {
    let long = rule.long();
    let kind = long.and_then(|long| long.kind).unwrap_or_else(|| words::usual_kind(entity, name));
    if let (Some(long), Value::String(text)) = (long, value)
        && let Some((_, ours)) = long.map.iter().find(|(word, _)| word.eq_ignore_ascii_case(text.trim()))
    {
        return match ours {
            Some(word) => value::read(&Value::String(word.clone()), kind),
            None => Err(NoValue::Absent),
        };
    }
    value::read(value, kind)
}

/// The columns a user invented: every wanted key of an object, or every key when nothing in particular is wanted.
fn columns_of(view: &View<'_>, place: &crate::expression::Path, json: &Body, wanted: &[String]) -> Fields {
    let Some(object) = place.made_of(json) else {
        return Fields::new();
    };
    let is_wanted = |key: &String| wanted.is_empty() || wanted.contains(key);
    // How sure the model is of itself is no column.
    let is_confidence = |key: &String| {
        view.confidence.is_some_and(|rule| format!("{:?}", rule.from).rsplit('.').next() == Some(key.as_str()))
    };
    let keys =
        object.keys().into_iter().filter(|key| is_wanted(key) && !view.fields.contains_key(key) && !is_confidence(key));
    keys.filter_map(|key| {
        let kind = match object.at(&key) {
            Value::Array(_) => Kind::List,
            _ if words::is_number(view.entity, &key) => Kind::Number,
            _ => words::usual_kind(view.entity, &key),
        };
        let value = value::read(&object.at(&key), kind).ok()?;
        Some((key, value))
    })
    .collect()
}

/// How sure the vendor is; 100 where it does not say.
pub(crate) fn confidence(view: &View<'_>, json: Option<&Body>, reading: &Reading) -> u8 {
    if reading.fields.is_empty() && reading.facts.is_empty() {
        return 100;
    }
    let (Some(rule), Some(json)) = (view.confidence, json) else {
        return 100;
    };
    let said = match rule.from.find(json) {
        Value::String(word) => rule
            .words
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(word.trim()))
            .map(|(_, worth)| *worth)
            .or_else(|| word.trim().parse::<f64>().ok().map(|number| percent(number * rule.times))),
        Value::Number(number) => number.as_f64().map(|number| percent(number * rule.times)),
        _ => None,
    };
    let missing = rule.most_without.iter().filter(|(name, _)| !reading.has(name)).map(|(_, most)| *most);
    missing.fold(said.unwrap_or(100), u8::min)
}

fn percent(number: f64) -> u8 {
    if number.is_finite() { number.round().clamp(0.0, 100.0) as u8 } else { 100 }
}
