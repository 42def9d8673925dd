//! CEL rules compiled once against known fields and answered in three values.
//!
//! A rule such as `company.numberofemployees >= 50 && contact.country in ["US", "CA"]` is parsed by the `cel` crate and then
//! checked and answered by ours, because CEL itself knows no "not known yet": here a missing field makes only the part of the
//! rule that needs it unknown (Kleene logic), so `unknown && false` is no and `unknown || true` is yes.
//!
//! What differs from plain CEL, on purpose: numbers are decimals (`7 / 2` is 3.5), addresses and host names are compared
//! without case, web addresses without scheme and `www.`, phone numbers by their digits, and an empty value is a missing one.

mod check;
mod known;
mod normal;
mod number;
mod place;
mod problem;
mod rule;
mod tree;
mod value;
mod words;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use known::Known;
pub use problem::RuleProblem;
pub use rule::{Facts, Rule, RuleAnswer};
pub use words::nearest;

/// A rule as it stands in the configuration: a CEL expression that is yes or no, such as `company.country == "US"`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Expression(pub String);

impl Expression {
    /// Compiles it; see [`Rule::compile`].
    ///
    /// # Errors
    /// As [`Rule::compile`].
    pub fn compile(&self, known: &Known) -> Result<Rule, RuleProblem> {
        Rule::compile(&self.0, known)
    }
}

impl From<&str> for Expression {
    fn from(source: &str) -> Self {
        Expression(source.to_owned())
    }
}

impl std::fmt::Display for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
