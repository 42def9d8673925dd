//! Evidence: what one source said about one record at one time. Append-only.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::call::CallId;
use crate::list::RowId;
use crate::record::RecordId;
use crate::run::RunId;

/// Field name to value; values are text as on HubSpot's wire. An absent key is a missing value.
pub type Fields = BTreeMap<String, String>;

/// Field name to the value chosen from evidence.
pub type Golden = BTreeMap<String, GoldenValue>;

/// Number of a piece of evidence in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EvidenceId(pub i64);

/// Anything that gives evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "lowercase")]
pub enum Source {
    /// A list, by file name.
    List(String),
    /// The portal.
    Crm,
    /// A provider, by manifest name.
    Provider(String),
    /// A table of the user's own, by name.
    Table(String),
    /// A person at the review board.
    Person(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::List(name) => write!(f, "list {name}"),
            Source::Crm => write!(f, "CRM"),
            Source::Provider(name) => write!(f, "{name}"),
            Source::Table(name) => write!(f, "table {name}"),
            Source::Person(name) => write!(f, "{name} (by hand)"),
        }
    }
}

/// What one source said about one record at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Number in the store, ascending in time.
    pub id: EvidenceId,
    /// The record it is about.
    pub record: RecordId,
    /// Who said it.
    pub source: Source,
    /// The run that took it in.
    pub run: Option<RunId>,
    /// When the source said it (a file's date, a call's time).
    pub at: Timestamp,
    /// What it said, as normalised text.
    pub fields: Fields,
    /// How sure the source is, 0 to 100; 100 when it does not say.
    pub confidence: u8,
    /// The paid call it came from.
    pub call: Option<CallId>,
    /// The list row it came from.
    pub row: Option<RowId>,
}

/// The chosen value of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoldenValue {
    /// The value.
    pub value: String,
    /// The evidence it came from.
    pub evidence: EvidenceId,
    /// Its source.
    pub source: Source,
    /// When the source said it.
    pub at: Timestamp,
    /// Why it won, in a few words: `only value`, `portal wins`, `newest of 3`.
    pub why: String,
}
