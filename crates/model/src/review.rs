//! The review board: what waits for a person.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::list::RowId;
use crate::record::{Reason, RecordId};
use crate::run::RunId;

/// Number of a review item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReviewId(pub i64);

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ReviewKind {
    /// Is this row or record the same as that record?
    Pair {
        /// The record in question.
        left: RecordId,
        /// The row, when the left side is a row that has just come in.
        row: Option<RowId>,
        /// The record it may be the same as.
        right: RecordId,
        /// Match probability, 0 to 1.
        score: f64,
        /// Why, comparison by comparison.
        why: Vec<String>,
    },
    /// May this value replace what a person typed, because our evidence is newer?
    Change {
        /// The record.
        record: RecordId,
        /// Internal property name.
        property: String,
        /// What the portal shows.
        current: Option<String>,
        /// What we would write.
        offered: String,
        /// One sentence: who typed it when, and what our evidence is.
        why: String,
    },
    /// May this record pass although verification held it?
    Record {
        /// The record.
        record: RecordId,
    },
}

/// What a person answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReviewAnswer {
    /// The record may go on.
    Approve,
    /// The record is refused.
    Reject,
    /// The pair is one person or company.
    Same,
    /// The pair is two.
    Different,
}

/// Where an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReviewState {
    /// Waits.
    Open,
    /// Answered.
    Closed,
}

/// One item of the board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// Number.
    pub id: ReviewId,
    /// The run that held it.
    pub run: Option<RunId>,
    /// What is asked.
    pub kind: ReviewKind,
    /// Why it was held.
    pub reason: Reason,
    /// Where it stands.
    pub state: ReviewState,
    /// What was answered, by whom.
    pub answer: Option<ReviewAnswer>,
    /// Who answered.
    pub by: Option<String>,
    /// When it was held.
    pub opened_at: Timestamp,
    /// When it was answered.
    pub closed_at: Option<Timestamp>,
}
