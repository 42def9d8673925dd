//! How many portal calls a plan needs and how long they take under the portal's limit.

/// Inputs per batch read of values, and per batch write, archive or link.
const BATCH: u64 = 100;
/// Inputs per batch read with history.
const HISTORY_BATCH: u64 = 50;

/// What is to be done to the contacts or to the companies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Records to create.
    pub creates: u64,
    /// Records to update.
    pub updates: u64,
    /// Of the updates, those that somebody changed since the plan was made; not known before apply, 0 is a fair guess right after the plan.
    pub moved: u64,
    /// Of the updates, those that empty a property in a request of its own first.
    pub cleared_first: u64,
    /// Contact-company links to make or to take away.
    pub links: u64,
    /// Records to move to the recycle bin.
    pub archives: u64,
    /// Duplicates to merge; HubSpot takes them one by one.
    pub merges: u64,
}

/// What it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Reads right before the writes: values and date of change, and the history of what moved since the plan.
    pub reads: u64,
    /// Batch writes, archives and merges.
    pub writes: u64,
    /// Reads of history after updates, which see an edit that slipped in.
    pub looks_back: u64,
    /// Batch links.
    pub links: u64,
    /// All calls.
    pub calls: u64,
    /// Seconds under the rolling limit; the first window's worth goes out at once.
    pub seconds: u64,
}

/// The calls that work needs; one [`Work`] per object, because a batch holds one object only.
/// `calls_per_10_s` is the portal's limit; 0 means no limit.
#[must_use]
pub fn calls_needed(work: &[Work], calls_per_10_s: u32) -> Estimate {
    let mut estimate = Estimate::default();
    for part in work {
        // What is archived or merged is read with history: every entry counts there.
        let with_history = part.moved + part.archives + 2 * part.merges;
        estimate.reads += part.updates.div_ceil(BATCH) + with_history.div_ceil(HISTORY_BATCH);
        estimate.writes += part.creates.div_ceil(BATCH) + part.updates.div_ceil(BATCH);
        estimate.writes += part.cleared_first.div_ceil(BATCH) + part.archives.div_ceil(BATCH) + part.merges;
        estimate.looks_back += part.updates.div_ceil(HISTORY_BATCH);
        estimate.links += part.links.div_ceil(BATCH);
    }
    estimate.calls = estimate.reads + estimate.writes + estimate.looks_back + estimate.links;
    let full_windows = estimate.calls.saturating_sub(1).checked_div(u64::from(calls_per_10_s)).unwrap_or(0);
    estimate.seconds = full_windows * 10;
    estimate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_contacts_half_of_them_new_stay_under_three_calls_a_hundred() {
        let work = [Work { creates: 500, updates: 500, ..Work::default() }];
        let estimate = calls_needed(&work, 190);
        assert_eq!((estimate.reads, estimate.writes, estimate.looks_back, estimate.calls), (5, 10, 10, 25));
        assert_eq!(estimate.seconds, 0);
        assert_eq!(calls_needed(&[Work { creates: 100_000, ..Work::default() }], 190).seconds, 50);
        assert_eq!(calls_needed(&[], 190), Estimate::default());
    }

    #[test]
    fn what_moved_since_the_plan_costs_its_history_and_a_merge_a_call_of_its_own() {
        let calm = calls_needed(&[Work { updates: 1_000, ..Work::default() }], 0).calls;
        assert_eq!(calls_needed(&[Work { updates: 1_000, moved: 100, ..Work::default() }], 0).calls, calm + 2);
        assert_eq!(calls_needed(&[Work { merges: 10, ..Work::default() }], 0).writes, 10);
    }
}
