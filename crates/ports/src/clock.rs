//! The clock: the only place time comes from.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

/// Tells the time and waits.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Timestamp;

    /// Waits; a simulated clock moves instead.
    async fn sleep(&self, duration: SignedDuration);
}
