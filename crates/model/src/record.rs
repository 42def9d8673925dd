//! A record: one contact or one company as Evergreen sees it, and where it stands.

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::{Fields, Golden};
use crate::run::RunId;
use crate::verdict::{Truth, Verdicts};

/// A record's number in the store; ascending in the order records were first seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordId(pub i64);

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Entity {
    /// A person.
    Contact,
    /// A firm.
    Company,
}

impl Entity {
    /// The word in tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Entity::Contact => "contact",
            Entity::Company => "company",
        }
    }

    /// HubSpot's plural object name in paths.
    #[must_use]
    pub const fn object(self) -> &'static str {
        match self {
            Entity::Contact => "contacts",
            Entity::Company => "companies",
        }
    }
}

/// How a record came to us first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A row of a list.
    List,
    /// The portal had it.
    Portal,
    /// A company named by a contact.
    Derived,
}

/// What happens to a record next: the queue it stands in. Order is the order of the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Suppression and ICP are asked next.
    Qualify,
    /// Missing fields are bought next.
    Enrich,
    /// Address, domain and phone are proven next.
    Verify,
    /// An owner is chosen next.
    Route,
    /// The change to the portal is planned next.
    Plan,
    /// A planned change waits to be applied.
    Apply,
    /// The sequencer's gate is next.
    Handoff,
    /// Nothing to do until `due`, when it is refreshed.
    Settled,
    /// Waits for a person on the review board.
    Held,
    /// Refused with a reason; tried again when `due`.
    Rejected,
    /// Must not be touched.
    Suppressed,
    /// Was found to be another record and lives on there.
    Merged,
}

impl Stage {
    /// Every stage in pipeline order.
    pub const ALL: [Stage; 12] = [
        Stage::Qualify,
        Stage::Enrich,
        Stage::Verify,
        Stage::Route,
        Stage::Plan,
        Stage::Apply,
        Stage::Handoff,
        Stage::Settled,
        Stage::Held,
        Stage::Rejected,
        Stage::Suppressed,
        Stage::Merged,
    ];

    /// The word in tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Stage::Qualify => "qualify",
            Stage::Enrich => "enrich",
            Stage::Verify => "verify",
            Stage::Route => "route",
            Stage::Plan => "plan",
            Stage::Apply => "apply",
            Stage::Handoff => "handoff",
            Stage::Settled => "settled",
            Stage::Held => "held",
            Stage::Rejected => "rejected",
            Stage::Suppressed => "suppressed",
            Stage::Merged => "merged",
        }
    }

    /// The stage of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Stage> {
        Stage::ALL.into_iter().find(|stage| stage.as_str() == word)
    }
}

/// The one bucket a row or record ends a run in (promise 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Written to the portal in this run.
    Synced,
    /// Already right in the portal.
    Unchanged,
    /// Waits for a person.
    Held,
    /// Refused with a reason and a retry date.
    Rejected,
    /// Must not be touched.
    Suppressed,
    /// The same person as another row or record of this run.
    Merged,
    /// On its way: the run has not finished with it.
    Waiting,
    /// The row could not be read.
    Quarantined,
}

impl Outcome {
    /// Every outcome, in report order.
    pub const ALL: [Outcome; 8] = [
        Outcome::Synced,
        Outcome::Unchanged,
        Outcome::Held,
        Outcome::Rejected,
        Outcome::Suppressed,
        Outcome::Merged,
        Outcome::Waiting,
        Outcome::Quarantined,
    ];

    /// The word in tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::Synced => "synced",
            Outcome::Unchanged => "unchanged",
            Outcome::Held => "held",
            Outcome::Rejected => "rejected",
            Outcome::Suppressed => "suppressed",
            Outcome::Merged => "merged",
            Outcome::Waiting => "waiting",
            Outcome::Quarantined => "quarantined",
        }
    }

    /// The outcome of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }
}

/// Why a record is where it is: a stable code for search and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable, lower-case, hyphenated: `email-domain-dead`.
    pub code: String,
    /// One sentence a sales person understands.
    pub sentence: String,
}

impl Reason {
    /// A reason from its code and sentence.
    pub fn new(code: impl Into<String>, sentence: impl Into<String>) -> Self {
        Reason { code: code.into(), sentence: sentence.into() }
    }
}

/// The answer of the ICP for a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fit {
    /// Yes, no, or not known yet.
    pub answer: Truth,
    /// The rule that decided, by its name in the configuration.
    pub rule: Option<String>,
    /// Fields that were missing when the answer is unknown.
    pub missing: Vec<String>,
}

/// The owner a record was given and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerChoice {
    /// HubSpot's owner id, not the user id.
    pub owner_id: String,
    /// The owner's address, for people.
    pub owner_email: String,
    /// A sentence that names the matrix line, the account owner or the fallback.
    pub why: String,
    /// The matrix line that won, counted as in the file (header is line 1).
    pub line: Option<u32>,
}

/// One contact or company.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Number in the store.
    pub id: RecordId,
    /// Contact or company.
    pub entity: Entity,
    /// Our own unique key in the portal; stable across crashes because it is derived from the first sighting.
    pub evergreen_id: String,
    /// How it came to us first.
    pub origin: Origin,
    /// The run that last took it in.
    pub run: Option<RunId>,
    /// The queue it stands in.
    pub stage: Stage,
    /// When that stage may work on it.
    pub due: Timestamp,
    /// HubSpot record id, once known.
    pub portal_id: Option<String>,
    /// When the portal last changed the record, as of our last reading; tells whether what we know of its history is still true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portal_changed_at: Option<Timestamp>,
    /// The company of a contact.
    pub company: Option<RecordId>,
    /// The record this one was merged into.
    pub merged_into: Option<RecordId>,
    /// Golden values, a cache of the survivorship of its evidence.
    pub values: Golden,
    /// Portal property to the value we last wrote there; with the portal's history it tells whether a value is still ours.
    pub written: Fields,
    /// Portal property to a value that a person allowed us to write over what was typed (rule `newer` with hold).
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub approved: Fields,
    /// Portal property to a value of ours that a person took back with `undo` or refused on the review board: the same value is not offered there again.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub undone: Fields,
    /// Values proven wrong (an address that cannot receive mail); survivorship passes over them.
    pub refuted: Vec<String>,
    /// What verification said, once asked.
    pub verdicts: Option<Verdicts>,
    /// What the ICP said, once asked.
    pub fit: Option<Fit>,
    /// Who owns it, once routed.
    pub owner: Option<OwnerChoice>,
    /// The bucket of the current or last run.
    pub outcome: Option<Outcome>,
    /// Why it is held, rejected, suppressed or waiting.
    pub reason: Option<Reason>,
    /// When it was first seen.
    pub created_at: Timestamp,
    /// When it last finished a run; the base of its refresh date.
    pub settled_at: Option<Timestamp>,
}

impl Record {
    /// The golden value of a field, if any.
    #[must_use]
    pub fn value(&self, field: &str) -> Option<&str> {
        self.values.get(field).map(|golden| golden.value.as_str())
    }

    /// How people would name this record in one line.
    #[must_use]
    pub fn title(&self) -> String {
        match self.entity {
            Entity::Contact => {
                let name = [self.value("firstname"), self.value("lastname")]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(" ");
                match (name.is_empty(), self.value("email")) {
                    (false, _) => name,
                    (true, Some(email)) => email.to_owned(),
                    (true, None) => format!("contact {}", self.id),
                }
            }
            Entity::Company => self
                .value("name")
                .or_else(|| self.value("domain"))
                .map_or_else(|| format!("company {}", self.id), str::to_owned),
        }
    }
}
