//! Chance: from the operating system, or from a seed.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use evergreen_ports::Chance;

/// Chance of the operating system, through the standard library's hash seeds; for names, not for secrets.
#[derive(Default)]
pub struct OsChance {
    drawn: AtomicU64,
}

impl Chance for OsChance {
    fn draw(&self) -> u64 {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u64(self.drawn.fetch_add(1, Ordering::Relaxed));
        hasher.finish()
    }
}

/// The same numbers for the same seed (splitmix64).
pub struct SeededChance {
    state: AtomicU64,
}

impl SeededChance {
    /// Chance from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        SeededChance { state: AtomicU64::new(seed) }
    }
}

impl Chance for SeededChance {
    fn draw(&self) -> u64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut z = self.state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_and_the_machine_does_not() {
        let draw = |seed| {
            let chance = SeededChance::new(seed);
            [chance.draw(), chance.draw()]
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        let machine = OsChance::default();
        assert_ne!(machine.draw(), machine.draw());
    }
}
