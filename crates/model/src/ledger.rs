//! The hash-chained ledger: every decision, call, write and refusal, in order, unalterable unseen.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::record::RecordId;
use crate::run::RunId;

/// What a ledger line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LedgerKind {
    /// Rows came in.
    Imported,
    /// Rows and records were found to be the same, or not.
    Resolved,
    /// Suppression and ICP answered.
    Qualified,
    /// Money was set aside for a question.
    Reserved,
    /// A question was answered and paid.
    Settled,
    /// Verification answered.
    Verified,
    /// An owner was chosen.
    Routed,
    /// A change was proposed or withheld.
    Planned,
    /// A change was made in the portal or refused by it.
    Written,
    /// A contact was handed to the sequencer or gated.
    HandedOff,
    /// A refresh date was set.
    Booked,
    /// A person decided.
    Decided,
    /// Something was suppressed or released.
    Suppressed,
    /// A run began, was planned or ended.
    Run,
}

impl LedgerKind {
    /// The word in tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            LedgerKind::Imported => "imported",
            LedgerKind::Resolved => "resolved",
            LedgerKind::Qualified => "qualified",
            LedgerKind::Reserved => "reserved",
            LedgerKind::Settled => "settled",
            LedgerKind::Verified => "verified",
            LedgerKind::Routed => "routed",
            LedgerKind::Planned => "planned",
            LedgerKind::Written => "written",
            LedgerKind::HandedOff => "handed-off",
            LedgerKind::Booked => "booked",
            LedgerKind::Decided => "decided",
            LedgerKind::Suppressed => "suppressed",
            LedgerKind::Run => "run",
        }
    }
}

/// A line to be appended; the store gives it number and hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewLedgerEntry {
    /// When.
    pub at: Timestamp,
    /// In which run.
    pub run: Option<RunId>,
    /// What about.
    pub kind: LedgerKind,
    /// Which record.
    pub record: Option<RecordId>,
    /// One sentence for people. Never a secret.
    pub sentence: String,
    /// Details for machines. Never a secret.
    pub details: serde_json::Value,
}

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Number from 1, without gaps.
    pub seq: i64,
    /// What was appended.
    #[serde(flatten)]
    pub entry: NewLedgerEntry,
    /// Hash of the line before, 64 hex digits; zeros for the first.
    pub previous: String,
    /// Hash over `previous`, the number and the content.
    pub hash: String,
}

/// The hash that chains a line to the one before: blake3 over previous hash, number and canonical JSON.
#[must_use]
pub fn chain_hash(previous: &str, seq: i64, entry: &NewLedgerEntry) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous.as_bytes());
    hasher.update(&seq.to_le_bytes());
    // serde_json keeps struct order and sorts map keys, so the bytes are stable.
    hasher.update(&serde_json::to_vec(entry).unwrap_or_default());
    hasher.finalize().to_hex().to_string()
}

/// The hash before the first line.
#[must_use]
pub fn genesis() -> String {
    "0".repeat(64)
}
