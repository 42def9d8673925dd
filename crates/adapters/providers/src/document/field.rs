//! Where a field's value stands in an answer and how it is read.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::expression::Path;
use crate::value::Kind;

/// Where a field's value stands: a JMESPath expression, or several of which the first usable value counts, and how to read it.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub enum FieldRule {
    /// The place alone; the value is read as the field's own kind.
    Short(Path),
    /// The place and how to read it.
    Long(Box<LongFieldRule>),
}

// By hand, because serde's untagged enums lose the message and the place of a mistake.
impl<'de> Deserialize<'de> for FieldRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrMap;
        impl<'de> Visitor<'de> for TextOrMap {
            type Value = FieldRule;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JMESPath expression, or a map with `from`")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<FieldRule, E> {
                Path::parse(text).map(FieldRule::Short).map_err(E::custom)
            }
            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<FieldRule, M::Error> {
                LongFieldRule::deserialize(MapAccessDeserializer::new(map)).map(|long| FieldRule::Long(Box::new(long)))
            }
        }
        deserializer.deserialize_any(TextOrMap)
    }
}

/// Where a field's value stands and how to read it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LongFieldRule {
    /// Where it stands; several places are tried in order.
    pub from: Places,
    /// How to read it. Unset: text, or for a fact the kind it always has.
    #[serde(default, rename = "as")]
    pub kind: Option<Kind>,
    /// The vendor's words and ours for them, whatever their case; `~` for a word that means there is no value.
    #[serde(default)]
    pub map: BTreeMap<String, Option<String>>,
    /// When the value may be used: a JMESPath test over the whole body.
    #[serde(default)]
    pub when: Option<Path>,
    /// When the value must not be used although it is there: a JMESPath test over the whole body.
    #[serde(default)]
    pub unless: Option<Path>,
    /// Only together with this field: the status of an address that is not given says nothing.
    #[serde(default)]
    pub with: Option<String>,
    /// False for what only supports other values, such as the source of a statement: alone it is nothing found.
    #[serde(default = "yes")]
    pub counts: bool,
}

fn yes() -> bool {
    true
}

/// One place or several.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub enum Places {
    /// One.
    One(Path),
    /// Several, the best first.
    Several(Vec<Path>),
}

impl<'de> Deserialize<'de> for Places {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrList;
        impl<'de> Visitor<'de> for TextOrList {
            type Value = Places;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JMESPath expression, or a list of them")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Places, E> {
                Path::parse(text).map(Places::One).map_err(E::custom)
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Places, S::Error> {
                let mut paths = Vec::new();
                while let Some(path) = list.next_element()? {
                    paths.push(path);
                }
                Ok(Places::Several(paths))
            }
        }
        deserializer.deserialize_any(TextOrList)
    }
}

impl Places {
    pub(crate) fn all(&self) -> &[Path] {
        match self {
            Places::One(path) => std::slice::from_ref(path),
            Places::Several(paths) => paths,
        }
    }
}

impl FieldRule {
    /// The places to look at, in order.
    pub(crate) fn places(&self) -> &[Path] {
        match self {
            FieldRule::Short(path) => std::slice::from_ref(path),
            FieldRule::Long(long) => long.from.all(),
        }
    }

    pub(crate) fn long(&self) -> Option<&LongFieldRule> {
        match self {
            FieldRule::Short(_) => None,
            FieldRule::Long(long) => Some(long),
        }
    }
}
