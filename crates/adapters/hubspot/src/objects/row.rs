//! The rows of a batch: which record, which values, which links; what can be told about a row without asking HubSpot.

use std::collections::BTreeMap;

use evergreen_model::Fields;
use serde_json::{Value, json};

use crate::object_type::ObjectType;
use crate::versions::VALUE_MAX;
use crate::wire::Refusal;

/// One row of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Names the row in the outcome; unique within the call. Sent as `objectWriteTraceId`.
    pub trace: String,
    /// Which record it is.
    pub key: RowKey,
    /// Properties to set; an empty text clears.
    pub properties: Fields,
    /// Links from the start; only for new records.
    pub links: Vec<Link>,
}

/// Which record a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowKey {
    /// A new one.
    New,
    /// By HubSpot's id.
    Id(String),
    /// By a unique property.
    Unique {
        /// Its name.
        property: String,
        /// The value.
        value: String,
    },
}

impl RowKey {
    pub(crate) fn text(&self) -> &str {
        match self {
            RowKey::New => "",
            RowKey::Id(text) | RowKey::Unique { value: text, .. } => text,
        }
    }
}

/// A link to an existing record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The kind of the other record.
    pub kind: ObjectType,
    /// Its id.
    pub to: String,
    /// What the link means; see [`LinkType`].
    pub types: Vec<LinkType>,
}

/// The meaning of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkType {
    /// `HUBSPOT_DEFINED`, `USER_DEFINED` or `INTEGRATOR_DEFINED`.
    pub category: String,
    /// HubSpot's number for it.
    pub id: u32,
}

impl LinkType {
    /// One of HubSpot's own.
    #[must_use]
    pub fn hubspot(id: u32) -> LinkType {
        LinkType { category: "HUBSPOT_DEFINED".to_owned(), id }
    }

    pub(crate) fn body(&self) -> Value {
        json!({"associationCategory": self.category, "associationTypeId": self.id})
    }
}

impl Link {
    pub(crate) fn body(&self) -> Value {
        json!({"to": {"id": self.to}, "types": self.types.iter().map(LinkType::body).collect::<Vec<_>>()})
    }
}

/// What HubSpot would certainly refuse, known without asking: such a row must not cost its batch a bisection.
pub(crate) fn hopeless(row: &Row) -> Option<Refusal> {
    let refusal = |code: &str, message: String, properties: Vec<String>| {
        Some(Refusal { code: code.to_owned(), message, properties, ..Refusal::default() })
    };
    if row.key != RowKey::New && row.key.text().is_empty() {
        return refusal("NO_KEY", "the row does not say which record it is about".to_owned(), Vec::new());
    }
    let too_long =
        row.properties.iter().find(|(_, value)| value.len() > VALUE_MAX && value.chars().count() > VALUE_MAX);
    too_long.and_then(|(name, value)| {
        let message = format!("{name} has {} characters; HubSpot keeps {VALUE_MAX} at most", value.chars().count());
        refusal("VALUE_TOO_LONG", message, vec![name.clone()])
    })
}

/// Rows in waves, no record twice in one.
pub(crate) fn waves<'a>(rows: impl Iterator<Item = &'a Row>) -> Vec<Vec<&'a Row>> {
    let mut waves: Vec<Vec<&Row>> = Vec::new();
    let mut times_seen: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows {
        let seen = match &row.key {
            RowKey::New => &mut 0,
            key => times_seen.entry(key.text().to_lowercase()).or_default(),
        };
        if waves.len() <= *seen {
            waves.push(Vec::new());
        }
        if let Some(wave) = waves.get_mut(*seen) {
            wave.push(row);
        }
        *seen += 1;
    }
    waves
}

pub(crate) fn is_about(refusal: &Refusal, row: &Row) -> bool {
    let key = row.key.text();
    refusal.traces.contains(&row.trace)
        || (refusal.traces.is_empty() && !key.is_empty() && refusal.ids.iter().any(|id| id == key))
}
