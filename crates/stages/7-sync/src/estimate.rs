//! How many portal calls a plan needs and how long they take under the portal's limit.

/// Inputs per batch read with history.
const READ_BATCH: u64 = 50;
/// Inputs per batch write.
const WRITE_BATCH: u64 = 100;
/// Pairs per batch link.
const LINK_BATCH: u64 = 1_000;

/// What is to be done to the contacts or to the companies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Records to create.
    pub creates: u64,
    /// Records to update.
    pub updates: u64,
    /// Contact-company links to make.
    pub links: u64,
}

/// What it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Reads with history right before the writes.
    pub reads: u64,
    /// Batch writes.
    pub writes: u64,
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
        estimate.reads += (part.creates + part.updates).div_ceil(READ_BATCH);
        estimate.writes += part.creates.div_ceil(WRITE_BATCH) + part.updates.div_ceil(WRITE_BATCH);
        estimate.links += part.links.div_ceil(LINK_BATCH);
    }
    estimate.calls = estimate.reads + estimate.writes + estimate.links;
    let full_windows = estimate.calls.saturating_sub(1).checked_div(u64::from(calls_per_10_s)).unwrap_or(0);
    estimate.seconds = full_windows * 10;
    estimate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_contacts_need_some_thirty_calls() {
        let work = [Work { creates: 600, updates: 400, links: 600 }];
        let estimate = calls_needed(&work, 190);
        assert_eq!((estimate.reads, estimate.writes, estimate.links, estimate.calls), (20, 10, 1, 31));
        assert_eq!(estimate.seconds, 0);
        assert_eq!(calls_needed(&[Work { creates: 100_000, ..Work::default() }], 190).seconds, 150);
        assert_eq!(calls_needed(&[], 190), Estimate::default());
    }
}
