//! The settings of people: groups of portal users by id, team or address, and lists of such groups.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A group of people; whoever fits any line belongs to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(default, deny_unknown_fields)]
pub struct People {
    /// HubSpot user ids (not owner ids).
    #[garde(skip)]
    pub users: BTreeSet<String>,
    /// Teams by name, as under Users & Teams in HubSpot.
    #[garde(skip)]
    pub teams: BTreeSet<String>,
    /// Addresses of users.
    #[garde(skip)]
    pub emails: BTreeSet<String>,
}

/// Names of groups; `!name` takes a group out. One name alone needs no brackets. Empty means everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Groups(pub Vec<String>);

impl Groups {
    /// The groups to take in.
    pub fn included(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str).filter(|name| !name.starts_with('!'))
    }

    /// The groups to take out.
    pub fn excluded(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|name| name.strip_prefix('!'))
    }

    /// Every group named, either way.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|name| name.strip_prefix('!').unwrap_or(name))
    }
}

impl<'de> Deserialize<'de> for Groups {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Groups;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a group, or a list of names")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Groups, E> {
                Ok(Groups(vec![name.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Groups, A::Error> {
                let mut groups = Groups::default();
                while let Some(name) = names.next_element()? {
                    groups.0.push(name);
                }
                Ok(groups)
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

impl JsonSchema for Groups {
    fn schema_name() -> Cow<'static, str> {
        "Groups".into()
    }

    fn json_schema(_generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Names of groups; `!name` takes a group out. One name alone needs no brackets. Empty means everybody.",
            "anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]
        })
    }
}
