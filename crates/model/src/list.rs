//! Lists and their rows: what came in, before it is known who it is about.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::evidence::Fields;
use crate::record::{Entity, Reason, RecordId};
use crate::run::RunId;

/// Number of an imported file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileId(pub i64);

/// Number of a row in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowId(pub i64);

/// One imported file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListFile {
    /// Number in the store.
    pub id: FileId,
    /// File name without folder.
    pub name: String,
    /// Hash of its bytes: the same file twice changes nothing.
    pub hash: String,
    /// What its rows are about.
    pub entity: Entity,
    /// When it was imported.
    pub imported_at: Timestamp,
    /// Rows staged, quarantined included.
    pub rows: u64,
    /// Rows that could not be read.
    pub quarantined: u64,
    /// Whether every row has been staged; false after a crash in the middle.
    pub complete: bool,
}

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowState {
    /// Read, not yet known who it is about.
    Staged,
    /// The first row of its record in its run: carries the record's outcome.
    Resolved,
    /// Another row of the same record, or a row of a record that this run already has.
    Merged,
    /// Waits for a person to say whether it is the same as another record.
    Held,
    /// Could not be read.
    Quarantined,
}

impl RowState {
    /// The word in tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            RowState::Staged => "staged",
            RowState::Resolved => "resolved",
            RowState::Merged => "merged",
            RowState::Held => "held",
            RowState::Quarantined => "quarantined",
        }
    }

    /// The state of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<RowState> {
        [RowState::Staged, RowState::Resolved, RowState::Merged, RowState::Held, RowState::Quarantined]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// One row of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Number in the store, ascending in file order.
    pub id: RowId,
    /// Its file.
    pub file: FileId,
    /// Line in the file, as an editor counts (header included).
    pub line: u64,
    /// What it is about.
    pub entity: Entity,
    /// Where it stands.
    pub state: RowState,
    /// The run that took it in.
    pub run: Option<RunId>,
    /// The record it was found to be about.
    pub record: Option<RecordId>,
    /// Mapped values under our field names.
    pub fields: Fields,
    /// Columns no field was found for, under their header.
    pub extra: Fields,
    /// Why it was quarantined, held or merged.
    pub reason: Option<Reason>,
}
