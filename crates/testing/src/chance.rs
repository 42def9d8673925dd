//! Chance that repeats: the same seed gives the same numbers.

use std::sync::atomic::{AtomicU64, Ordering};

use evergreen_ports::Chance;

/// The odd number by which splitmix64 steps, so that it visits all 2^64 states.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// Random numbers from a seed (splitmix64). Shared between threads they stay the same numbers, only who gets which differs.
#[derive(Debug)]
pub struct SeededChance {
    state: AtomicU64,
}

impl SeededChance {
    /// Numbers from a seed.
    #[must_use]
    pub fn new(seed: u64) -> SeededChance {
        SeededChance { state: AtomicU64::new(seed) }
    }

    /// A number in `0..limit`; 0 when the limit is 0.
    #[must_use]
    pub fn below(&self, limit: u64) -> u64 {
        self.draw().checked_rem(limit).unwrap_or_default()
    }

    /// True in `percent` of a hundred draws.
    #[must_use]
    pub fn percent(&self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of these. Panics on an empty list.
    #[must_use]
    pub fn pick<'a, T>(&self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }
}

impl Chance for SeededChance {
    fn draw(&self) -> u64 {
        let mut bits = self.state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let numbers = |seed| {
            let chance = SeededChance::new(seed);
            [chance.draw(), chance.draw()]
        };
        // The first two numbers of the published splitmix64 for seed 0.
        assert_eq!(numbers(0), [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4]);
        assert_ne!(numbers(0), numbers(1));
    }
}
