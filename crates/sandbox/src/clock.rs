//! The sandbox's own clock: starts where it is told, runs on in real time or with a caller's, and can be set, moved and stopped.

use std::time::{Duration, Instant};

/// Milliseconds since 1970 as HubSpot's timestamps count them.
pub(crate) type Millis = i64;

/// Nanoseconds since 1970, so that windows are judged finer than timestamps are written.
type Nanos = i128;

const NANOS_PER_MILLI: Nanos = 1_000_000;

/// One reading of the clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// What is written into records and answers.
    pub at: Millis,
    /// The same moment as the limiter counts it; it moves with the sandbox's clock, not with the machine's.
    pub arrived: Instant,
}

/// Turns raw time (the machine's, or what an in-process caller says) into sandbox time.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    zero: Instant,
    zero_at: Nanos,
    shift: Nanos,
    frozen: Option<Nanos>,
}

impl Clock {
    /// Starts at `start`, or just after the last replayed write if that is later.
    pub(crate) fn new(start: jiff::Timestamp, last_replayed: Option<Millis>) -> Clock {
        let start = start.as_millisecond();
        let base = last_replayed.map_or(start, |last| start.max(last + 1));
        Clock { zero: Instant::now(), zero_at: Nanos::from(base) * NANOS_PER_MILLI, shift: 0, frozen: None }
    }

    /// Raw time for a sandbox that runs by itself.
    pub(crate) fn raw(&self) -> Raw {
        Raw(self.zero_at + Nanos::try_from(self.zero.elapsed().as_nanos()).unwrap_or(0))
    }

    /// Sandbox time for a raw time.
    pub(crate) fn read(&self, raw: Raw) -> Moment {
        let now = self.nanos(raw);
        // Nobody arrives before the sandbox began.
        let since = u64::try_from((now - self.zero_at).max(0)).unwrap_or(u64::MAX);
        let arrived = self.zero.checked_add(Duration::from_nanos(since)).unwrap_or(self.zero);
        Moment { at: Millis::try_from(now.div_euclid(NANOS_PER_MILLI)).unwrap_or(Millis::MAX), arrived }
    }

    pub(crate) fn is_frozen(&self) -> bool {
        self.frozen.is_some()
    }

    fn nanos(&self, raw: Raw) -> Nanos {
        self.frozen.unwrap_or(raw.0 + self.shift)
    }

    /// Moves the clock to a moment; it goes forward only, because records keep what it once said.
    pub(crate) fn set(&mut self, raw: Raw, at: Millis) -> Result<(), String> {
        let (now, wanted) = (self.nanos(raw), Nanos::from(at) * NANOS_PER_MILLI);
        if wanted.div_euclid(NANOS_PER_MILLI) < now.div_euclid(NANOS_PER_MILLI) {
            let now = iso(Millis::try_from(now / NANOS_PER_MILLI).unwrap_or_default());
            return Err(format!("the clock says {now} and goes forward only; {} is earlier", iso(at)));
        }
        self.forward(wanted - now);
        Ok(())
    }

    /// Moves the clock on.
    pub(crate) fn advance(&mut self, by: Millis) {
        self.forward(Nanos::from(by.max(0)) * NANOS_PER_MILLI);
    }

    fn forward(&mut self, by: Nanos) {
        match &mut self.frozen {
            Some(frozen) => *frozen += by.max(0),
            None => self.shift += by.max(0),
        }
    }

    /// Stops the clock where it is, or lets it run on from there.
    pub(crate) fn freeze(&mut self, raw: Raw, stop: bool) {
        match (stop, self.frozen) {
            (true, None) => self.frozen = Some(self.nanos(raw)),
            (false, Some(frozen)) => {
                self.shift = frozen - raw.0;
                self.frozen = None;
            }
            _ => {}
        }
    }
}

/// Time before the sandbox's clock was set, moved or stopped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raw(Nanos);

impl From<jiff::Timestamp> for Raw {
    fn from(at: jiff::Timestamp) -> Raw {
        Raw(at.as_nanosecond())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> jiff::Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_stopped_clock_moves_only_when_moved_and_runs_on_from_there() {
        let start = at("2026-11-23T08:00:00Z");
        let mut clock = Clock::new(start, None);
        let later = Raw::from(at("2026-11-23T08:00:10Z"));
        clock.freeze(Raw::from(start), true);
        assert_eq!(iso(clock.read(later).at), "2026-11-23T08:00:00.000Z");
        clock.advance(60_000);
        assert_eq!(iso(clock.read(later).at), "2026-11-23T08:01:00.000Z");
        clock.freeze(later, false);
        assert_eq!(iso(clock.read(Raw::from(at("2026-11-23T08:00:11Z"))).at), "2026-11-23T08:01:01.000Z");
    }

    #[test]
    fn the_clock_goes_forward_only() {
        let start = at("2026-11-23T08:00:00Z");
        let mut clock = Clock::new(start, None);
        let raw = Raw::from(start);
        let refusal = clock.set(raw, start.as_millisecond() - 1).unwrap_err();
        assert!(refusal.contains("goes forward only"), "{refusal}");
        clock.set(raw, start.as_millisecond() + 5).unwrap();
        assert_eq!(clock.read(raw).at, start.as_millisecond() + 5);
    }

    #[test]
    fn arrivals_move_with_the_sandbox_clock() {
        let start = at("2026-11-23T08:00:00Z");
        let mut clock = Clock::new(start, None);
        let raw = Raw::from(start);
        let before = clock.read(raw).arrived;
        clock.advance(10_000);
        assert_eq!(clock.read(raw).arrived - before, Duration::from_secs(10));
    }
}
