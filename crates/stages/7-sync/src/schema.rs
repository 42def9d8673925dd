//! The portal's properties of one object: how their values compare, which can be written, and how our text becomes their value.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::portal::PropertyOption;
use evergreen_model::{Entity, PortalProperty, field};

use crate::same::{self, Meaning};

/// The longest text HubSpot takes.
const TEXT_MAX_CHARS: usize = 65_536;

/// What the portal says of its properties.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    properties: BTreeMap<String, PortalProperty>,
}

/// Why a value can not be written into a property: a stable code and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// `missing-property`, `read-only`, `invalid-option` or `invalid-value`.
    pub code: &'static str,
    /// One sentence.
    pub why: String,
}

impl Schema {
    /// A schema from the portal's own list.
    #[must_use]
    pub fn new(properties: Vec<PortalProperty>) -> Schema {
        Schema { properties: properties.into_iter().map(|property| (property.name.clone(), property)).collect() }
    }

    /// The property of that name.
    #[must_use]
    pub fn get(&self, property: &str) -> Option<&PortalProperty> {
        self.properties.get(property)
    }

    /// Every property that can be written.
    pub(crate) fn writable(&self) -> impl Iterator<Item = &str> {
        self.properties.values().filter(|property| !property.read_only).map(|property| property.name.as_str())
    }

    /// How values of a property are compared: by the portal's type where it says more than text, else by our field.
    #[must_use]
    pub fn meaning(&self, entity: Entity, property: &str) -> Meaning {
        let ours = field::find(entity, property).map_or(Meaning::Text, |field| Meaning::from(field.kind));
        let Some(theirs) = self.get(property) else { return ours };
        match theirs.value_type.as_str() {
            "number" => Meaning::Number,
            "bool" => Meaning::Flag,
            "datetime" => Meaning::Time,
            "date" => Meaning::Day,
            "phone_number" => Meaning::Phone,
            "enumeration" if theirs.field_type == "checkbox" => Meaning::Choices,
            "enumeration" if theirs.field_type == "booleancheckbox" => Meaning::Flag,
            // Some portals hold an option in another case than they list it; only where case makes a difference it counts.
            "enumeration" if case_matters(&theirs.options) => Meaning::Text,
            "enumeration" => Meaning::Choice,
            _ if theirs.field_type == "phonenumber" => Meaning::Phone,
            _ => ours,
        }
    }

    /// Our text as the portal's value.
    ///
    /// # Errors
    /// When the portal would refuse or ignore it.
    pub fn fit(&self, property: &str, text: &str) -> Result<String, Unfit> {
        self.fit_mapped(property, text, &BTreeMap::new())
    }

    /// Our text as the portal's value, by way of a mapping table (our text to the portal's value or label, without regard to case).
    /// A multi-select is mapped choice by choice.
    ///
    /// # Errors
    /// When the portal would refuse or ignore it.
    pub fn fit_mapped(&self, property: &str, text: &str, table: &BTreeMap<String, String>) -> Result<String, Unfit> {
        let Some(theirs) = self.get(property) else {
            return Err(Unfit { code: "missing-property", why: format!("the portal has no property \"{property}\"") });
        };
        if theirs.read_only {
            return Err(Unfit { code: "read-only", why: "the portal computes this property itself".to_owned() });
        }
        let several = theirs.field_type == "checkbox";
        let mapped = if several { mapped_each(table, text) } else { mapped(table, text.trim()).to_owned() };
        let text = mapped.trim();
        if text.is_empty() {
            return Ok(String::new());
        }
        let unreadable = |kind: &str| Unfit { code: "invalid-value", why: format!("\"{text}\" is no {kind}") };
        match theirs.value_type.as_str() {
            "number" => {
                let plain = same::without_thousands(text);
                same::number(&plain).map(|_| plain).ok_or_else(|| unreadable("number"))
            }
            "bool" => same::flag(text).map(|flag| flag.to_string()).ok_or_else(|| unreadable("yes or no")),
            "date" => same::iso_day(text).ok_or_else(|| unreadable("date")),
            "datetime" => same::millis(text).map(|_| text.to_owned()).ok_or_else(|| unreadable("time")),
            "enumeration" if !theirs.options.is_empty() => choose_all(theirs, text),
            _ => match text.chars().count() {
                count if count > TEXT_MAX_CHARS => Err(Unfit {
                    code: "invalid-value",
                    why: format!("the text has {count} characters, HubSpot takes {TEXT_MAX_CHARS}"),
                }),
                _ => Ok(text.to_owned()),
            },
        }
    }

    /// Where a stage stands in the portal's own order, and its internal value.
    pub(crate) fn rank(&self, property: &str, value_or_label: &str) -> Option<(usize, &str)> {
        let options = &self.get(property)?.options;
        let chosen = choose(options, value_or_label)?;
        let rank = options.iter().position(|option| option.value == chosen.value)?;
        Some((rank, &chosen.value))
    }
}

/// Two options that differ by case only.
fn case_matters(options: &[PropertyOption]) -> bool {
    let small: BTreeSet<String> = options.iter().map(|option| option.value.to_lowercase()).collect();
    small.len() < options.len()
}

fn mapped<'a>(table: &'a BTreeMap<String, String>, text: &'a str) -> &'a str {
    let found = table.get(text).or_else(|| {
        table.iter().find(|(ours, _)| ours.trim().to_lowercase() == text.to_lowercase()).map(|(_, theirs)| theirs)
    });
    found.map_or(text, String::as_str)
}

/// The whole text first, because a choice may contain a semicolon on our side.
fn mapped_each(table: &BTreeMap<String, String>, text: &str) -> String {
    let whole = mapped(table, text.trim());
    if whole != text.trim() {
        return whole.to_owned();
    }
    text.split(';').map(|part| mapped(table, part.trim())).collect::<Vec<_>>().join(";")
}

/// Multi-selects take several choices; every one of them must exist.
fn choose_all(property: &PortalProperty, text: &str) -> Result<String, Unfit> {
    let several = property.field_type == "checkbox";
    let parts: Vec<&str> =
        if several { text.split(';').map(str::trim).filter(|part| !part.is_empty()).collect() } else { vec![text] };
    let mut values = Vec::new();
    for part in parts {
        let Some(option) = choose(&property.options, part) else {
            return Err(Unfit {
                code: "invalid-option",
                why: format!("\"{part}\" is not a choice of \"{}\" in this portal", property.label),
            });
        };
        values.push(option.value.as_str());
    }
    Ok(values.join(";"))
}

/// By value, then by label, then by both without case and punctuation: `Computer Software` is `COMPUTER_SOFTWARE`.
fn choose<'a>(options: &'a [PropertyOption], text: &str) -> Option<&'a PropertyOption> {
    let plain =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let wanted = plain(text);
    options
        .iter()
        .find(|option| option.value == text)
        .or_else(|| options.iter().find(|option| option.label.eq_ignore_ascii_case(text)))
        .or_else(|| {
            options
                .iter()
                .find(|option| !wanted.is_empty() && (plain(&option.value) == wanted || plain(&option.label) == wanted))
        })
}
