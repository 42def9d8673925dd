//! Chance that repeats: every "random" choice is a pure function of the seed and of what it is about.

/// A number in 0..2^64 that depends on the seed and the parts only.
pub(crate) fn draw(seed: u64, parts: &[&str]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    let mut first = [0u8; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(first)
}

/// A share in 0..1 that depends on the seed and the parts only.
pub(crate) fn share(seed: u64, parts: &[&str]) -> f64 {
    // 53 bits are what an f64 holds exactly.
    (draw(seed, parts) >> 11) as f64 / (1u64 << 53) as f64
}

/// A standard normal number, for latent traits that several vendors share.
pub(crate) fn normal(seed: u64, parts: &[&str]) -> f64 {
    let bits = draw(seed, parts);
    let high = f64::from((bits >> 32) as u32) / f64::from(u32::MAX);
    let low = f64::from(bits as u32) / f64::from(u32::MAX);
    (-2.0 * high.max(1e-12).ln()).sqrt() * (std::f64::consts::TAU * low).cos()
}

/// A cheap mixing of an id, for orders that must look arbitrary but repeat.
pub(crate) fn mix(seed: u64, id: u64) -> u64 {
    let mut z = seed.wrapping_add(id.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A stream of numbers for building worlds.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(1);
        mix(0x5851_F42D_4C95_7F2D, self.0)
    }

    /// A number in 0..limit; 0 when the limit is 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        if limit == 0 { 0 } else { (self.next() % limit as u64) as usize }
    }

    /// True in `percent` of a hundred throws.
    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}
