//! Suppression: who must not be enriched, written or mailed.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why somebody must not be touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SuppressionReason {
    /// On a do-not-contact list or flag.
    DoNotContact,
    /// Unsubscribed.
    Unsubscribed,
    /// Lead status says unqualified.
    Unqualified,
    /// Works for a competitor.
    Competitor,
    /// Works for a customer.
    Customer,
    /// A vendor said the person forbids processing (Hunter's 451).
    Refused,
    /// Bounced hard.
    Bounced,
    /// Erased on request; only a keyed hash is kept.
    Erased,
}

impl SuppressionReason {
    /// The word in tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            SuppressionReason::DoNotContact => "do-not-contact",
            SuppressionReason::Unsubscribed => "unsubscribed",
            SuppressionReason::Unqualified => "unqualified",
            SuppressionReason::Competitor => "competitor",
            SuppressionReason::Customer => "customer",
            SuppressionReason::Refused => "refused",
            SuppressionReason::Bounced => "bounced",
            SuppressionReason::Erased => "erased",
        }
    }

    /// The reason of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<SuppressionReason> {
        use SuppressionReason::{
            Bounced, Competitor, Customer, DoNotContact, Erased, Refused, Unqualified, Unsubscribed,
        };
        [DoNotContact, Unsubscribed, Unqualified, Competitor, Customer, Refused, Bounced, Erased]
            .into_iter()
            .find(|reason| reason.as_str() == word)
    }
}

/// One entry of the suppression list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// What it matches: `email:jane@acme.com`, `domain:acme.com`, or `hash:<keyed hash of an address>`.
    pub key: String,
    /// Why.
    pub reason: SuppressionReason,
    /// Who or what put it there.
    pub by: String,
    /// When.
    pub at: Timestamp,
}
