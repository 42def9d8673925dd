//! The sandbox's own clock: starts where it is told, runs on in real time or with a caller's, and can be set, moved and stopped.

use std::time::{Duration, Instant};

use axum::http::Method;
use serde_json::{Value, json};

use crate::wire::{Call, Reply};

/// Milliseconds since 1970 as HubSpot's timestamps count them.
pub(crate) type Millis = i64;

/// Nanoseconds since 1970, so that windows are judged finer than timestamps are written.
type Nanos = i128;

const NANOS_PER_MILLI: Nanos = 1_000_000;
/// Ten years.
const ADVANCE_MAX_MS: Millis = 3_650 * DAY_MS;

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

    /// Sandbox time for the time a caller brings, or for the machine's.
    pub(crate) fn now(&self, given: Option<Raw>) -> Moment {
        let now = self.nanos(self.raw(given));
        // Nobody arrives before the sandbox began.
        let since = u64::try_from((now - self.zero_at).max(0)).unwrap_or(u64::MAX);
        let arrived = self.zero.checked_add(Duration::from_nanos(since)).unwrap_or(self.zero);
        Moment { at: Millis::try_from(now.div_euclid(NANOS_PER_MILLI)).unwrap_or(Millis::MAX), arrived }
    }

    fn raw(&self, given: Option<Raw>) -> Raw {
        given.unwrap_or_else(|| Raw(self.zero_at + Nanos::try_from(self.zero.elapsed().as_nanos()).unwrap_or(0)))
    }

    /// `GET` reads; `POST` takes `frozen`, then `set`, then `advance_ms`.
    pub(crate) fn admin(&mut self, call: &Call, given: Option<Raw>) -> Reply {
        let raw = self.raw(given);
        let done = match call.method {
            Method::GET => Ok(()),
            Method::POST => self.obey(&call.body, raw),
            _ => Err("known: GET clock, POST clock".to_owned()),
        };
        match done {
            Ok(()) => {
                Reply::json(200, json!({"ok": true, "now": iso(self.now(given).at), "frozen": self.frozen.is_some()}))
            }
            Err(problem) => Reply::json(400, json!({"ok": false, "message": problem})),
        }
    }

    fn obey(&mut self, body: &Value, raw: Raw) -> Result<(), String> {
        const KNOWN: &str = "clock takes frozen (true or false), set (a time) and advance_ms (a whole number)";
        let orders = body.as_object().filter(|orders| !orders.is_empty()).ok_or(KNOWN)?;
        if let Some(name) = orders.keys().find(|name| !matches!(name.as_str(), "frozen" | "set" | "advance_ms")) {
            return Err(format!("there is no \"{name}\"; {KNOWN}"));
        }
        let frozen = match &body["frozen"] {
            Value::Null => None,
            Value::Bool(frozen) => Some(*frozen),
            _ => return Err("frozen must be true or false".to_owned()),
        };
        let set = match &body["set"] {
            Value::Null => None,
            Value::String(text) => Some(
                text.parse::<jiff::Timestamp>()
                    .map_err(|e| format!("set must be a time such as 2026-11-23T08:00:00Z: {e}"))?
                    .as_millisecond(),
            ),
            _ => return Err("set must be a time such as 2026-11-23T08:00:00Z".to_owned()),
        };
        let advance = match &body["advance_ms"] {
            Value::Null => 0,
            given => given.as_i64().filter(|by| (0..=ADVANCE_MAX_MS).contains(by)).ok_or(
                "advance_ms must be a whole number of milliseconds, at most ten years; the clock goes forward only",
            )?,
        };
        // A refused order leaves the clock as it was.
        let before = self.clone();
        if let Some(frozen) = frozen {
            self.freeze(raw, frozen);
        }
        if let Some(at) = set
            && let Err(problem) = self.set(raw, at)
        {
            *self = before;
            return Err(problem);
        }
        self.advance(advance);
        Ok(())
    }

    fn nanos(&self, raw: Raw) -> Nanos {
        self.frozen.unwrap_or(raw.0 + self.shift)
    }

    /// Moves the clock to a moment; it goes forward only, because records keep what it once said.
    fn set(&mut self, raw: Raw, at: Millis) -> Result<(), String> {
        let (now, wanted) = (self.nanos(raw), Nanos::from(at) * NANOS_PER_MILLI);
        if wanted.div_euclid(NANOS_PER_MILLI) < now.div_euclid(NANOS_PER_MILLI) {
            let now = iso(Millis::try_from(now / NANOS_PER_MILLI).unwrap_or_default());
            return Err(format!("the clock says {now} and goes forward only; {} is earlier", iso(at)));
        }
        self.forward(wanted - now);
        Ok(())
    }

    /// Moves the clock on.
    fn advance(&mut self, by: Millis) {
        self.forward(Nanos::from(by.max(0)) * NANOS_PER_MILLI);
    }

    fn forward(&mut self, by: Nanos) {
        match &mut self.frozen {
            Some(frozen) => *frozen += by.max(0),
            None => self.shift += by.max(0),
        }
    }

    /// Stops the clock where it is, or lets it run on from there.
    fn freeze(&mut self, raw: Raw, stop: bool) {
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
        assert_eq!(iso(clock.now(Some(later)).at), "2026-11-23T08:00:00.000Z");
        clock.advance(60_000);
        assert_eq!(iso(clock.now(Some(later)).at), "2026-11-23T08:01:00.000Z");
        clock.freeze(later, false);
        assert_eq!(iso(clock.now(Some(Raw::from(at("2026-11-23T08:00:11Z")))).at), "2026-11-23T08:01:01.000Z");
    }

    #[test]
    fn the_clock_goes_forward_only() {
        let start = at("2026-11-23T08:00:00Z");
        let mut clock = Clock::new(start, None);
        let raw = Raw::from(start);
        let refusal = clock.set(raw, start.as_millisecond() - 1).unwrap_err();
        assert!(refusal.contains("goes forward only"), "{refusal}");
        clock.set(raw, start.as_millisecond() + 5).unwrap();
        assert_eq!(clock.now(Some(raw)).at, start.as_millisecond() + 5);
    }

    #[test]
    fn arrivals_move_with_the_sandbox_clock() {
        let start = at("2026-11-23T08:00:00Z");
        let mut clock = Clock::new(start, None);
        let raw = Raw::from(start);
        let before = clock.now(Some(raw)).arrived;
        clock.advance(10_000);
        assert_eq!(clock.now(Some(raw)).arrived - before, Duration::from_secs(10));
    }
}
