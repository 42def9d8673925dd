//! A run: one pass of the pipeline over some records.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Number of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub i64);

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Going on, or interrupted and to be resumed.
    Open,
    /// Its plan waits for apply.
    Planned,
    /// Finished.
    Done,
}

impl RunState {
    /// The word in tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            RunState::Open => "open",
            RunState::Planned => "planned",
            RunState::Done => "done",
        }
    }
}

/// What a run is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "run", rename_all = "lowercase")]
pub enum Purpose {
    /// Records through the stages, to the portal.
    #[default]
    Pipeline,
    /// Takes that run back, where its values are still ours.
    Undo(RunId),
    /// Merges duplicates inside the portal, which a person approved.
    Dedupe,
}

/// One pass of the pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Number.
    pub id: RunId,
    /// What it is for.
    #[serde(default)]
    pub purpose: Purpose,
    /// Where it stands.
    pub state: RunState,
    /// When it began.
    pub started_at: Timestamp,
    /// When it finished.
    pub finished_at: Option<Timestamp>,
    /// Most rows it takes in; a pilot.
    pub pilot: Option<u64>,
    /// Hash of the configuration it began with.
    pub config_hash: String,
    /// Whether the portal has been read into the store in this run.
    pub observed: bool,
    /// Records of the portal already there before the run, for the duplicate rate: contacts.
    pub portal_contacts: u64,
}
