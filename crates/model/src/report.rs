//! The report of a run: the numbers that must add up, in the JSON form others rely on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Everything a run did, in numbers. The field names are a contract (`evergreen report --json`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// The run.
    pub run: i64,
    /// Rows and due records the run took in.
    pub imported: u64,
    /// Where each of them ended; sums to `imported`.
    pub outcome: OutcomeCounts,
    /// Per field: how many of the run's records had a value before and after.
    pub fill: BTreeMap<String, Fill>,
    /// Duplicates found.
    pub duplicates: Duplicates,
    /// How many addresses got which verdict.
    pub verdicts: BTreeMap<String, u64>,
    /// Why records were rejected, held or suppressed: reason code to count.
    pub reasons: BTreeMap<String, u64>,
    /// Per provider: what was asked, found and paid.
    pub spend: BTreeMap<String, ProviderSpend>,
    /// The four costs, each with its own denominator.
    pub cost: Costs,
    /// What was written to the portal.
    pub sync: SyncCounts,
    /// Who was handed to the sequencer.
    pub handoff: HandoffCounts,
    /// Records per owner address.
    pub owners: BTreeMap<String, u64>,
    /// Companies that the run created, changed or left.
    pub companies: OutcomeCounts,
}

/// One count per outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeCounts {
    /// Written in this run.
    pub synced: u64,
    /// Already right.
    pub unchanged: u64,
    /// Waits for a person.
    pub held: u64,
    /// Refused with a reason and a retry date.
    pub rejected: u64,
    /// Must not be touched.
    pub suppressed: u64,
    /// The same as another row or record.
    pub merged: u64,
    /// On its way.
    pub waiting: u64,
    /// Could not be read.
    pub quarantined: u64,
}

impl OutcomeCounts {
    /// The sum over all outcomes.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.synced
            + self.unchanged
            + self.held
            + self.rejected
            + self.suppressed
            + self.merged
            + self.waiting
            + self.quarantined
    }

    /// Adds to one outcome.
    pub fn add(&mut self, outcome: crate::Outcome, count: u64) {
        use crate::Outcome;
        let slot = match outcome {
            Outcome::Synced => &mut self.synced,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Held => &mut self.held,
            Outcome::Rejected => &mut self.rejected,
            Outcome::Suppressed => &mut self.suppressed,
            Outcome::Merged => &mut self.merged,
            Outcome::Waiting => &mut self.waiting,
            Outcome::Quarantined => &mut self.quarantined,
        };
        *slot += count;
    }
}

/// How full a field was and is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// Records with a value from list and CRM.
    pub before: u64,
    /// Records with a value at the end.
    pub after: u64,
    /// Records asked about: the denominator.
    pub of: u64,
}

/// Duplicates found by resolve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Duplicates {
    /// Rows that were another row of the list.
    pub in_list: u64,
    /// Rows that were already in the portal.
    pub with_portal: u64,
    /// Pairs that wait for a person.
    pub held: u64,
    /// Share of the run's written contacts that share an address or a LinkedIn URL with another, 0 to 1.
    pub rate_after: f64,
}

/// What one provider was asked, found and paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProviderSpend {
    /// Questions sent.
    pub calls: u64,
    /// Hits and partial hits.
    pub hits: u64,
    /// Misses.
    pub misses: u64,
    /// Everything else: refused, failed, ambiguous.
    pub other: u64,
    /// Questions answered from what was bought before.
    pub cached: u64,
    /// Calls whose charge is uncertain after a crash; counted as spent.
    pub uncertain: u64,
    /// Vendor credits.
    pub credits: f64,
    /// Money, in the project's currency.
    pub money: f64,
}

/// The four costs; each `null` when its denominator is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Costs {
    /// All money spent.
    pub total: f64,
    /// Per imported row.
    pub per_raw_row: Option<f64>,
    /// Per provider hit.
    pub per_found: Option<f64>,
    /// Per record with a valid address.
    pub per_verified: Option<f64>,
    /// Per record that passed all gates and was written or unchanged.
    pub per_qualified: Option<f64>,
    /// Money spent on records that were then rejected.
    pub on_rejected: f64,
}

/// What was written to the portal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncCounts {
    /// Records created.
    pub created: u64,
    /// Records updated.
    pub updated: u64,
    /// Properties not written because a rule protects them.
    pub protected: u64,
    /// Steps stopped because the portal changed since the plan.
    pub stale: u64,
    /// Steps the portal refused.
    pub failed: u64,
    /// Contact-company links made.
    pub associated: u64,
    /// Property writes made.
    pub properties: u64,
    /// Portal calls the plan needs: reads before the write, writes and links, each in batches.
    pub calls: u64,
}

/// Who was handed to the sequencer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoffCounts {
    /// Enrolled.
    pub enrolled: u64,
    /// Kept out by a gate.
    pub gated: u64,
    /// Refused by the sequencer.
    pub refused: u64,
}
