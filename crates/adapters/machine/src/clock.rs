//! The machine's clock, or the same clock set to another day.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use evergreen_ports::Clock;
use jiff::{SignedDuration, Timestamp};

/// Ticks like the machine's clock from a given start; steps of the machine's own clock do not reach it.
pub struct MachineClock {
    start: Timestamp,
    since: Instant,
}

impl MachineClock {
    /// Begins now, or pretends that now is `start`.
    #[must_use]
    pub fn new(start: Option<Timestamp>) -> Self {
        MachineClock { start: start.unwrap_or_else(now), since: Instant::now() }
    }
}

/// The machine's time. The only place that reads it.
#[expect(clippy::disallowed_methods, reason = "this is the adapter behind the Clock port")]
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::now()
}

#[async_trait]
impl Clock for MachineClock {
    fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.since.elapsed()).unwrap_or(SignedDuration::MAX);
        // Microseconds are what the store keeps; finer ones would not survive a restart.
        let micros = i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX);
        let start = self.start.as_microsecond();
        Timestamp::from_microsecond(start.saturating_add(micros)).unwrap_or(Timestamp::MAX)
    }

    async fn sleep(&self, duration: SignedDuration) {
        tokio::time::sleep(Duration::try_from(duration).unwrap_or(Duration::ZERO)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_set_to_another_day_ticks_from_there() {
        let start: Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
        let clock = MachineClock::new(Some(start));
        assert!(clock.now() >= start && clock.now() < start + SignedDuration::from_secs(60));
    }
}
