//! Clocks for tests: one that stands still and one that moves when somebody waits.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use evergreen_ports::Clock;
use jiff::{SignedDuration, Timestamp};

/// A clock that stands still; waiting returns at once.
#[derive(Debug, Clone)]
pub struct FixedClock {
    now: Timestamp,
}

impl FixedClock {
    /// A clock that always shows this time.
    #[must_use]
    pub fn at(now: Timestamp) -> FixedClock {
        FixedClock { now }
    }
}

#[async_trait]
impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.now
    }

    async fn sleep(&self, _duration: SignedDuration) {
        tokio::task::yield_now().await;
    }
}

/// A clock that moves only when somebody waits or a test moves it: a year passes in no time.
#[derive(Debug)]
pub struct SteppingClock {
    now: Mutex<Timestamp>,
}

impl SteppingClock {
    /// A clock that begins at this time.
    #[must_use]
    pub fn starting_at(now: Timestamp) -> SteppingClock {
        SteppingClock { now: Mutex::new(now) }
    }

    /// Moves the clock; it stops at the end of the calendar.
    pub fn advance(&self, duration: SignedDuration) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.checked_add(duration).unwrap_or(Timestamp::MAX);
    }
}

#[async_trait]
impl Clock for SteppingClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sleep(&self, duration: SignedDuration) {
        self.advance(duration);
        tokio::task::yield_now().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_moves_the_stepping_clock_and_not_the_fixed_one() {
        let start = crate::builders::start();
        let day = SignedDuration::from_hours(24);
        let stepping = SteppingClock::starting_at(start);
        stepping.sleep(day).await;
        assert_eq!(stepping.now(), start + day);
        let fixed = FixedClock::at(start);
        fixed.sleep(day).await;
        assert_eq!(fixed.now(), start);
    }
}
