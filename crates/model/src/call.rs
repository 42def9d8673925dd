//! Questions to providers, their answers and what they cost.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::evidence::Fields;
use crate::money::{Credits, Money};
use crate::record::{Entity, RecordId};
use crate::run::RunId;

/// Number of a call in the spend ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub i64);

/// What a provider can do, as its manifest declares it. The waterfall looks here, never at the name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProviderCard {
    /// Short name, as in the configuration: `hunter`.
    pub name: String,
    /// The vendor's name for people: `Hunter.io`.
    pub title: String,
    /// What one credit costs.
    pub money_per_credit: Money,
    /// True where the vendor answers a repeated question without a second charge, so an answer lost in a crash may be asked again.
    pub repeats_free: bool,
    /// Its operations.
    pub operations: Vec<OperationCard>,
}

/// One thing a provider can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperationCard {
    /// Name within the manifest: `email_finder`.
    pub name: String,
    /// What it is about.
    pub entity: Entity,
    /// Sets of inputs of which one must be complete: `[[email], [firstname, lastname, domain]]`.
    pub needs: Vec<Vec<String>>,
    /// Further inputs that are sent when they are there.
    pub accepts: Vec<String>,
    /// Fields it can fill.
    pub gives: Vec<String>,
    /// The most one call can cost.
    pub price_max: Credits,
    /// How long an answer stays good, in days.
    pub fresh_days: u32,
}

/// One question, ready to be asked. Equal keys are the same question, whoever asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Provider by name.
    pub provider: String,
    /// Operation by name.
    pub operation: String,
    /// What it is about.
    pub entity: Entity,
    /// Normalised inputs.
    pub inputs: Fields,
    /// Hash over provider, operation and inputs.
    pub key: String,
}

/// How an answer reads, whatever the vendor's way of saying it (providers.md section 11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerOutcome {
    /// All wanted fields.
    Hit,
    /// Some wanted fields.
    Partial,
    /// Nothing known.
    Miss,
    /// Several candidates tie, or the answer is about somebody else.
    Ambiguous,
    /// Not ready yet; ask again later.
    Pending,
    /// The person or a law forbids it: stop the whole waterfall, suppress.
    Refused,
    /// The account is empty: stop this provider.
    NoCredits,
    /// Too fast: wait and repeat.
    RateLimited,
    /// The key is wrong: stop this provider.
    Auth,
    /// The subscription does not cover it: stop this provider.
    Plan,
    /// The vendor dislikes the inputs.
    InvalidInput,
    /// A passing failure: repeat.
    Transient,
    /// The answer breaks the vendor's own contract.
    Malformed,
}

impl AnswerOutcome {
    /// Every outcome.
    pub const ALL: [AnswerOutcome; 13] = [
        AnswerOutcome::Hit,
        AnswerOutcome::Partial,
        AnswerOutcome::Miss,
        AnswerOutcome::Ambiguous,
        AnswerOutcome::Pending,
        AnswerOutcome::Refused,
        AnswerOutcome::NoCredits,
        AnswerOutcome::RateLimited,
        AnswerOutcome::Auth,
        AnswerOutcome::Plan,
        AnswerOutcome::InvalidInput,
        AnswerOutcome::Transient,
        AnswerOutcome::Malformed,
    ];

    /// The word in tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            AnswerOutcome::Hit => "hit",
            AnswerOutcome::Partial => "partial",
            AnswerOutcome::Miss => "miss",
            AnswerOutcome::Ambiguous => "ambiguous",
            AnswerOutcome::Pending => "pending",
            AnswerOutcome::Refused => "refused",
            AnswerOutcome::NoCredits => "no_credits",
            AnswerOutcome::RateLimited => "rate_limited",
            AnswerOutcome::Auth => "auth",
            AnswerOutcome::Plan => "plan",
            AnswerOutcome::InvalidInput => "invalid_input",
            AnswerOutcome::Transient => "transient",
            AnswerOutcome::Malformed => "malformed",
        }
    }

    /// The outcome of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<AnswerOutcome> {
        AnswerOutcome::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }

    /// Whether the vendor said something about the record that stays true for a while, so it must not be asked again soon.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            AnswerOutcome::Hit
                | AnswerOutcome::Partial
                | AnswerOutcome::Miss
                | AnswerOutcome::Ambiguous
                | AnswerOutcome::Refused
                | AnswerOutcome::InvalidInput
        )
    }

    /// Whether asking this provider anything else is pointless for the rest of the run.
    #[must_use]
    pub const fn stops_provider(self) -> bool {
        matches!(self, AnswerOutcome::NoCredits | AnswerOutcome::Auth | AnswerOutcome::Plan)
    }
}

impl fmt::Display for AnswerOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an answer cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// In the vendor's currency.
    pub credits: Credits,
    /// In the project's currency.
    pub money: Money,
}

/// A provider's answer, read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// How it reads.
    pub outcome: AnswerOutcome,
    /// Fields it gave, normalised; placeholders, masks and booleans are already dropped.
    pub fields: Fields,
    /// What it cost.
    pub charge: Charge,
    /// How sure the vendor is, 0 to 100.
    pub confidence: u8,
    /// A short note for people: which rule matched, what was dropped.
    pub note: String,
    /// HTTP status, 0 when none came.
    pub status: u16,
    /// Milliseconds until the answer.
    pub latency_ms: u64,
}

/// Where a call stands in the spend ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallState {
    /// Money is set aside; the vendor may or may not have been asked.
    Reserved,
    /// Answered and paid.
    Settled,
    /// Known not to have been charged; the money is free again.
    Released,
    /// The answer was lost and the vendor bills repeats: counted as spent until a person settles it.
    Uncertain,
}

/// One line of the spend ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Number.
    pub id: CallId,
    /// The run that asked.
    pub run: RunId,
    /// The record it was asked for.
    pub record: RecordId,
    /// The question.
    pub question: Question,
    /// Where it stands.
    pub state: CallState,
    /// The most it could cost.
    pub reserved: Charge,
    /// The answer, once settled.
    pub answer: Option<Answer>,
    /// When it was reserved.
    pub at: Timestamp,
    /// When it was settled.
    pub settled_at: Option<Timestamp>,
}
