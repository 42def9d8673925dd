//! Chance: the only place random numbers come from.

/// Draws random numbers; seeded in demos and tests.
pub trait Chance: Send + Sync {
    /// A uniform number.
    fn draw(&self) -> u64;
}
