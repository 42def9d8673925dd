//! What an answer says beside its fields: how sure it is, whom it is about, and further records.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::field::{FieldRule, Places};
use crate::expression::Path;

/// How sure the vendor is, 0 to 100.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confidence {
    /// Where it stands.
    pub from: Path,
    /// What makes it a number out of a hundred: 10 for a scale of 1 to 10. Default 1.
    #[serde(default = "one")]
    pub times: f64,
    /// Words and what they are worth: `{high: 90}`.
    #[serde(default)]
    pub words: BTreeMap<String, u8>,
    /// The most it can be where one of these fields is missing: a statement without its source.
    #[serde(default)]
    pub most_without: BTreeMap<String, u8>,
}

fn one() -> f64 {
    1.0
}

/// Whether the answer is about the one we asked for.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// What is compared. Unset: a contact's operation compares people, a company's compares companies.
    #[serde(default)]
    pub compare: Option<IdentityKind>,
    /// Further names and domains of the company in the answer, which are as good as the first: aliases after an acquisition.
    #[serde(default)]
    pub also: Option<Places>,
    /// The least confidence that counts as the one we asked for, 0 to 100; below it the answer is a paid miss.
    #[serde(default)]
    pub least_confidence: Option<u8>,
}

/// What is compared to know whom an answer is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// Name, address, profile and company of a person.
    Person,
    /// Domain and name of a company.
    Company,
    /// Nothing: a verifier's answer is about the address in the question.
    Nothing,
}

/// Further records in an answer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    /// The list of them.
    pub from: Path,
    /// Field to where its value stands in one of them.
    pub fields: BTreeMap<String, FieldRule>,
}
