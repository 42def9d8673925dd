//! The circuit breaker of one peer: after failures in a row it is left alone, then one request probes whether it is back.

use jiff::{SignedDuration, Timestamp};

#[derive(Debug)]
pub(crate) struct Breaker {
    failures_to_open: u32,
    open_for: SignedDuration,
    failures: u32,
    open_until: Option<Timestamp>,
    probing: bool,
}

impl Breaker {
    pub(crate) fn new(failures_to_open: u32, open_ms: u64) -> Breaker {
        let open_for = SignedDuration::from_millis(i64::try_from(open_ms).unwrap_or(i64::MAX));
        Breaker { failures_to_open: failures_to_open.max(1), open_for, failures: 0, open_until: None, probing: false }
    }

    /// Whether a request may go: yes, or when the next probe may.
    pub(crate) fn enter(&mut self, now: Timestamp) -> Result<(), Timestamp> {
        match self.open_until {
            None => Ok(()),
            Some(until) if now < until || self.probing => Err(until.max(now)),
            Some(_) => {
                self.probing = true;
                Ok(())
            }
        }
    }

    /// The peer answered sensibly.
    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
        self.open_until = None;
        self.probing = false;
    }

    /// The peer failed.
    pub(crate) fn failed(&mut self, now: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        if self.probing || self.failures >= self.failures_to_open {
            self.open_until = Some(now + self.open_for);
        }
        self.probing = false;
    }

    /// The request was given up before it was answered: nothing is known about the peer.
    pub(crate) fn abandoned(&mut self) {
        self.probing = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).expect("in range")
    }

    #[test]
    fn three_failures_in_a_row_open_it_and_one_probe_closes_it() {
        let mut breaker = Breaker::new(3, 1_000);
        for ms in 0..3 {
            assert!(breaker.enter(at(ms)).is_ok());
            breaker.failed(at(ms));
        }
        assert_eq!(breaker.enter(at(10)), Err(at(1_002)));
        assert!(breaker.enter(at(1_002)).is_ok(), "one probe");
        assert!(breaker.enter(at(1_003)).is_err(), "only one probe at a time");
        breaker.succeeded();
        assert!(breaker.enter(at(1_004)).is_ok());
    }

    #[test]
    fn a_failed_probe_opens_it_again_and_a_success_between_failures_resets_the_count() {
        let mut breaker = Breaker::new(2, 1_000);
        breaker.failed(at(0));
        breaker.succeeded();
        breaker.failed(at(1));
        assert!(breaker.enter(at(2)).is_ok());
        breaker.failed(at(2));
        assert!(breaker.enter(at(1_002)).is_ok());
        breaker.failed(at(1_002));
        assert_eq!(breaker.enter(at(1_003)), Err(at(2_002)));
    }

    #[test]
    fn an_abandoned_probe_lets_the_next_one_try() {
        let mut breaker = Breaker::new(1, 10);
        breaker.failed(at(0));
        assert!(breaker.enter(at(10)).is_ok());
        breaker.abandoned();
        assert!(breaker.enter(at(10)).is_ok());
    }
}
