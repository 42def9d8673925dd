//! The sandbox's own clock: starts where it is told and runs on in real time, never backwards.

use std::time::Instant;

/// Milliseconds since 1970 as HubSpot's timestamps count them.
pub(crate) type Millis = i64;

#[derive(Debug)]
pub(crate) struct Clock {
    base: Millis,
    begun: Instant,
}

impl Clock {
    /// Starts at `start`, or just after the last replayed write if that is later.
    pub(crate) fn new(start: jiff::Timestamp, last_replayed: Option<Millis>) -> Clock {
        let start = start.as_millisecond();
        Clock { base: last_replayed.map_or(start, |last| start.max(last + 1)), begun: Instant::now() }
    }

    pub(crate) fn now(&self) -> Millis {
        self.base + i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(i64::MAX / 2)
    }
}

/// `2026-11-23T07:31:00.000Z`, the form HubSpot answers with.
pub(crate) fn iso(at: Millis) -> String {
    match jiff::Timestamp::from_millisecond(at) {
        Ok(stamp) => stamp.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        Err(_) => String::new(),
    }
}

/// `2026-11-23`.
pub(crate) fn day(at: Millis) -> String {
    match jiff::Timestamp::from_millisecond(at) {
        Ok(stamp) => stamp.strftime("%Y-%m-%d").to_string(),
        Err(_) => String::new(),
    }
}

pub(crate) const DAY_MS: Millis = 86_400_000;
