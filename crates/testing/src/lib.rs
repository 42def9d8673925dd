//! Fakes, behaviour suites and the simulated world; never shipped.

pub mod builders;
mod chance;
mod clock;
pub mod store_suite;

pub use chance::SeededChance;
pub use clock::{FixedClock, SteppingClock};
