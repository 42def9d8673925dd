//! Ledger lines as the engine writes them: one per decision, in the transaction of the decision.

use evergreen_model::{LedgerKind, NewLedgerEntry, RecordId, RunId};
use jiff::Timestamp;
use serde_json::Value;

/// A line about one record.
pub(crate) fn about(
    at: Timestamp,
    run: RunId,
    kind: LedgerKind,
    record: RecordId,
    sentence: impl Into<String>,
    details: Value,
) -> NewLedgerEntry {
    NewLedgerEntry { at, run: Some(run), kind, record: Some(record), sentence: sentence.into(), details }
}

/// A line about a run or a file as a whole.
pub(crate) fn general(
    at: Timestamp,
    run: Option<RunId>,
    kind: LedgerKind,
    sentence: impl Into<String>,
    details: Value,
) -> NewLedgerEntry {
    NewLedgerEntry { at, run, kind, record: None, sentence: sentence.into(), details }
}
