//! What an answer costs: the vendor's own meter, a price per answer, per so many items, or per token.

use evergreen_model::AnswerOutcome;
use schemars::JsonSchema;
use serde::Deserialize;

use super::rule::{OutcomeWord, outcome_words};
use crate::expression::Path;

/// What an answer costs, when.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChargeRule {
    /// Outcomes for which it holds; unset: any.
    #[serde(default, deserialize_with = "outcome_words")]
    #[schemars(with = "Vec<OutcomeWord>")]
    pub outcomes: Vec<AnswerOutcome>,
    /// A JMESPath test over the JSON body.
    #[serde(default)]
    pub when: Option<Path>,
    /// The vendor's own meter. Where the answer does not carry it, the rule does not match.
    #[serde(default)]
    pub meter: Option<Meter>,
    /// Credits, where there is no meter.
    #[serde(default)]
    pub credits: Option<f64>,
    /// Credits for each so many items of a list, instead of once.
    #[serde(default)]
    pub per: Option<Per>,
    /// What is added on top, each when its test holds.
    #[serde(default)]
    pub plus: Vec<Term>,
    /// Tokens read and written, each at its price.
    #[serde(default)]
    pub tokens: Option<Tokens>,
    /// True where the amount is only what was set aside, because the answer does not say what it cost.
    #[serde(default)]
    pub estimate: bool,
    /// Another pool than the operation's.
    #[serde(default)]
    pub pool: Option<String>,
}

/// Where the vendor says what an answer cost.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Meter {
    /// A response header.
    Header(String),
    /// A place in the JSON body.
    Body(Path),
}

/// A price per so many items, begun ones counted whole.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Per {
    /// The list that is counted.
    pub count: Path,
    /// How many items one price covers; default 1.
    #[serde(default = "one_item")]
    pub every: u32,
}

fn one_item() -> u32 {
    1
}

/// An addition to a charge.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// When it is added.
    pub when: Path,
    /// How many credits.
    pub credits: f64,
}

/// Tokens at their price; one credit is one unit of the project's currency.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    /// Where the tokens read are counted.
    pub input: Path,
    /// Where the tokens written are counted.
    pub output: Path,
    /// Credits for a million tokens read.
    pub input_per_million: f64,
    /// Credits for a million tokens written.
    pub output_per_million: f64,
}
