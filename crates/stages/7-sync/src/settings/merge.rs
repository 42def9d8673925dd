//! The settings of merges inside the portal: which of two duplicates stays.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which of two duplicates inside the portal stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Merge {
    /// The record whose values win and whose history goes on. Where both are equal by the rule, the more complete one stays, then the older.
    #[garde(skip)]
    pub primary: PrimaryRule,
}

/// How the surviving record is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PrimaryRule {
    /// The further lifecycle stage, because a customer's record is the one that sales works with.
    #[default]
    CustomerFirst,
    /// The one created first.
    Oldest,
    /// The one created last.
    Newest,
    /// The one with more values.
    MostComplete,
    /// The one that was contacted or answered last.
    MostActive,
}

impl PrimaryRule {
    /// The word in settings and reasons.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            PrimaryRule::CustomerFirst => "customer-first",
            PrimaryRule::Oldest => "oldest",
            PrimaryRule::Newest => "newest",
            PrimaryRule::MostComplete => "most-complete",
            PrimaryRule::MostActive => "most-active",
        }
    }
}
