//! The vendor's rolling windows, kept exactly: never more than N requests in any window, wherever on its way a request is counted.
//!
//! A vendor counts a request when it arrives, which is some time between our sending and its answer. So a request holds its place in
//! the window from the moment it is sent until one whole window after it was answered. Leaky buckets and logs of sending times let
//! more than N arrive in some window; this cannot, whatever the network does. The price is one latency per window.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

/// The book of one peer.
#[derive(Debug)]
pub(crate) struct Pace {
    windows: Vec<Window>,
    flying: usize,
    /// Times of answers, oldest first, as far back as the longest window.
    answered: VecDeque<Timestamp>,
    paused_until: Option<Timestamp>,
}

#[derive(Debug)]
struct Window {
    most: usize,
    span: SignedDuration,
}

/// When the next request may be sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// Now; it has been counted.
    Taken,
    /// Not before this time.
    At(Timestamp),
    /// When one that is on its way has been answered.
    AfterAnswer,
}

impl Pace {
    pub(crate) fn new(windows: &[(u32, u64)]) -> Pace {
        let windows = windows
            .iter()
            .map(|&(count, ms)| Window {
                most: count.max(1) as usize,
                span: SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX)),
            })
            .collect();
        Pace { windows, flying: 0, answered: VecDeque::new(), paused_until: None }
    }

    /// Takes a slot, if there is one.
    pub(crate) fn take(&mut self, now: Timestamp) -> Slot {
        self.forget(now);
        if let Some(until) = self.paused_until.filter(|until| *until > now) {
            return Slot::At(until);
        }
        let mut earliest: Option<Timestamp> = None;
        for window in &self.windows {
            let recent = self.answered.iter().rev().take_while(|at| now.duration_since(**at) <= window.span).count();
            let over = (self.flying + recent + 1).saturating_sub(window.most);
            if over == 0 {
                continue;
            }
            if over > recent {
                return Slot::AfterAnswer;
            }
            // The window has room again when its `over` oldest answers have left it. Borders count as inside.
            let leaves =
                self.answered[self.answered.len() - recent + over - 1] + window.span + SignedDuration::from_millis(1);
            earliest = earliest.max(Some(leaves));
        }
        match earliest {
            Some(at) => Slot::At(at),
            None => {
                self.flying += 1;
                Slot::Taken
            }
        }
    }

    /// Notes that a request was answered, or failed.
    pub(crate) fn answered(&mut self, now: Timestamp) {
        self.flying = self.flying.saturating_sub(1);
        if !self.windows.is_empty() {
            // A clock that steps back must not make the book unordered.
            let at = self.answered.back().map_or(now, |last| now.max(*last));
            self.answered.push_back(at);
        }
    }

    /// Lets nobody through before this time: the vendor said so.
    pub(crate) fn pause(&mut self, until: Timestamp) {
        self.paused_until = self.paused_until.max(Some(until));
    }

    fn forget(&mut self, now: Timestamp) {
        let longest = self.windows.iter().map(|window| window.span).max().unwrap_or_default();
        while self.answered.front().is_some_and(|at| now.duration_since(*at) > longest) {
            self.answered.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + ms).expect("in range")
    }

    #[test]
    fn a_free_window_is_used_at_once_and_a_full_one_waits_for_its_oldest() {
        let mut pace = Pace::new(&[(2, 1_000)]);
        assert_eq!(pace.take(at(0)), Slot::Taken);
        assert_eq!(pace.take(at(0)), Slot::Taken);
        assert_eq!(pace.take(at(5)), Slot::AfterAnswer);
        pace.answered(at(10));
        assert_eq!(pace.take(at(20)), Slot::At(at(1_011)));
        pace.answered(at(30));
        assert_eq!(pace.take(at(1_011)), Slot::Taken);
    }

    #[test]
    fn a_peer_without_windows_is_never_slowed_and_keeps_no_book() {
        let mut pace = Pace::new(&[]);
        for _ in 0..10_000 {
            assert_eq!(pace.take(at(0)), Slot::Taken);
            pace.answered(at(0));
        }
        assert!(pace.answered.is_empty());
    }

    /// One simulated request: how long it flies, and when within its flight the vendor counts it (per mille).
    fn flights() -> impl Strategy<Value = Vec<(i64, i64)>> {
        proptest::collection::vec((0_i64..400, 0_i64..=1_000), 1..120)
    }

    proptest! {
        #[test]
        fn no_window_ever_holds_more_than_allowed(
            flights in flights(),
            windows in proptest::collection::vec((1_u32..12, 1_u64..2_000), 1..3),
            width in 1_usize..8,
        ) {
            let mut pace = Pace::new(&windows);
            let mut now = 0_i64;
            let mut flying: Vec<i64> = Vec::new(); // times of answers to come
            let mut counted: Vec<i64> = Vec::new(); // when the vendor counted
            for (flight, share) in flights {
                loop {
                    flying.sort_unstable();
                    while flying.first().is_some_and(|end| *end <= now) {
                        let end = flying.remove(0);
                        pace.answered(at(end));
                    }
                    let slot = if flying.len() < width { pace.take(at(now)) } else { Slot::AfterAnswer };
                    match slot {
                        Slot::Taken => break,
                        Slot::At(until) => {
                            let until = until.as_millisecond() - 1_700_000_000_000;
                            prop_assert!(until > now, "a wait that does not move time would hang");
                            // Answers on their way arrive first.
                            now = flying.first().map_or(until, |end| until.min(*end)).max(now);
                        }
                        Slot::AfterAnswer => now = *flying.first().expect("something is flying"),
                    }
                }
                flying.push(now + flight);
                counted.push(now + flight * share / 1_000);
            }
            counted.sort_unstable();
            for (most, span) in windows {
                for group in counted.windows(most as usize + 1) {
                    let spread = group[most as usize] - group[0];
                    prop_assert!(spread > span as i64, "{} requests within {spread} ms, allowed {most} in {span}", most + 1);
                }
            }
        }
    }
}
