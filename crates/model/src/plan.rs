//! A plan: the proposed changes of one run, each with before, after and reason.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::EvidenceId;
use crate::record::{Entity, RecordId};
use crate::run::RunId;

/// Number of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanId(pub i64);

/// Number of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(pub i64);

/// The rule of a property: when may Evergreen write it?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Protection {
    /// Not at all.
    Never,
    /// Only where the portal has no value and nobody cleared it on purpose.
    FillEmpty,
    /// Only where it is empty or we wrote last.
    Ours,
    /// Where `ours` allows it, and over a person where our evidence is newer than what the person typed by the days of the
    /// property's rule; a person may have to agree first.
    Newer,
    /// Whenever we know better, even over a person.
    Always,
}

impl Protection {
    /// The word in settings and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Protection::Never => "never",
            Protection::FillEmpty => "fill-empty",
            Protection::Ours => "ours",
            Protection::Newer => "newer",
            Protection::Always => "always",
        }
    }
}

/// One property that will be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Internal property name.
    pub property: String,
    /// What the portal showed when the plan was made; absent when empty.
    pub before: Option<String>,
    /// What will be written.
    pub after: String,
    /// The rule that allows it.
    pub rule: Protection,
    /// One sentence: where the value comes from and why it is written.
    pub reason: String,
    /// The evidence the value comes from; absent for values we compute.
    pub evidence: Option<EvidenceId>,
    /// The property is emptied in a request of its own first: HubSpot ignores a lifecycle stage that moves backward otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clear_first: bool,
}

/// One property a user might ask about that will not be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Internal property name.
    pub property: String,
    /// What the portal shows.
    pub current: Option<String>,
    /// What we would have written.
    pub offered: String,
    /// The rule that forbids it.
    pub rule: Protection,
    /// Stable code: `protected`, `cleared-by-person`, `stale`, `unchanged`, `undone`, `needs-approval`, `invalid-option`,
    /// `invalid-value`, `unverified`, `condition`, `backward`, `restored` (a person's edit that slipped in before our write).
    pub code: String,
    /// One sentence: `typed by a person 3 days ago`.
    pub why: String,
}

/// What a step does. `explain`, `apply` and `undo` match over this enum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub enum Action {
    /// Make a record that the portal does not have.
    Create,
    /// Change properties of a record that the portal has.
    Update,
    /// Link a contact to its company.
    Associate {
        /// The company's record.
        company: RecordId,
    },
    /// Put a contact into a campaign of the sequencer.
    Enroll {
        /// Campaign id at the sequencer.
        campaign: String,
    },
    /// Merge another record of the portal into this one; HubSpot can not take that back, so only a person's word lets it happen.
    Merge {
        /// The record that ends.
        other: RecordId,
        /// Its HubSpot id.
        other_portal_id: String,
    },
    /// Take a link between a contact and a company away again (undo of a link we made).
    Unlink {
        /// The company's record.
        company: RecordId,
    },
    /// Move a record we created to the portal's recycle bin (undo of a creation).
    Archive,
    /// Nothing to write; kept for the explanation.
    Nothing,
}

impl Action {
    /// The word in tables and JSON.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Action::Create => "create",
            Action::Update => "update",
            Action::Associate { .. } => "associate",
            Action::Enroll { .. } => "enroll",
            Action::Merge { .. } => "merge",
            Action::Unlink { .. } => "unlink",
            Action::Archive => "archive",
            Action::Nothing => "nothing",
        }
    }
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    /// Proposed.
    Planned,
    /// The request may be on its way; repeated after a crash, which is safe.
    Sending,
    /// Done.
    Done,
    /// The portal changed since the plan; nothing was written.
    Stale,
    /// The other side refused.
    Failed,
}

impl StepState {
    /// The word in tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            StepState::Planned => "planned",
            StepState::Sending => "sending",
            StepState::Done => "done",
            StepState::Stale => "stale",
            StepState::Failed => "failed",
        }
    }

    /// The state of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<StepState> {
        [StepState::Planned, StepState::Sending, StepState::Done, StepState::Stale, StepState::Failed]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// One line of a plan: what happens to one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Number, ascending in the order of apply.
    pub id: StepId,
    /// Its plan.
    pub plan: PlanId,
    /// The record.
    pub record: RecordId,
    /// Contact or company.
    pub entity: Entity,
    /// How people name the record.
    pub title: String,
    /// HubSpot record id, unless it is created.
    pub portal_id: Option<String>,
    /// What it does.
    pub action: Action,
    /// What is written.
    pub changes: Vec<Change>,
    /// What is not written although we know a value.
    pub kept: Vec<Kept>,
    /// Where it stands.
    pub state: StepState,
    /// What the other side said, or what went stale.
    pub note: Option<String>,
}

/// One finding of a guard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GuardFinding {
    /// Which guard: `creates`, `share-touched`, `owner-changes`, `lifecycle-moves`, `merges`, `deletions`, `spend`.
    pub guard: String,
    /// What was found.
    pub found: f64,
    /// The limit from the settings.
    pub limit: f64,
    /// True when the limit is exceeded.
    #[serde(default)]
    pub exceeded: bool,
    /// True when apply must wait for a named person: exceeded, and the guard's severity is `block`.
    pub blocks: bool,
    /// One sentence.
    pub sentence: String,
}

/// Where a plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlanState {
    /// Steps are still being written down; a crash restarts it.
    Draft,
    /// Can be applied.
    Ready,
    /// A guard stopped it; a named person must approve.
    Guarded,
    /// Being applied.
    Applying,
    /// Applied.
    Applied,
    /// A later plan took its place.
    Superseded,
}

impl PlanState {
    /// The word in tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            PlanState::Draft => "draft",
            PlanState::Ready => "ready",
            PlanState::Guarded => "guarded",
            PlanState::Applying => "applying",
            PlanState::Applied => "applied",
            PlanState::Superseded => "superseded",
        }
    }
}

/// The head of a plan; its steps are read in pages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Number.
    pub id: PlanId,
    /// The run it belongs to.
    pub run: RunId,
    /// When it was made.
    pub created_at: Timestamp,
    /// Hash of the configuration it was made with.
    pub config_hash: String,
    /// Hash of everything the portal showed of the plan's records when it was made; empty while it is a draft.
    #[serde(default)]
    pub portal_hash: String,
    /// Where it stands.
    pub state: PlanState,
    /// What the guards found.
    pub guards: Vec<GuardFinding>,
    /// Who approved a guarded plan, and why.
    pub approved_by: Option<String>,
}
