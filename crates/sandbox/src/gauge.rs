//! A rolling window of answered calls, exact to the nanosecond, that remembers what it saw.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A rolling window of the moments of answered calls, and what it saw.
#[derive(Debug, Clone)]
pub(crate) struct Gauge {
    span: Duration,
    answered: VecDeque<Instant>,
    max: usize,
    busiest: usize,
    used: u64,
    refused: u64,
    began: Option<Instant>,
    newest: Option<Instant>,
    /// Answered and refused per whole span since the first call; empty ones are not kept.
    spans: BTreeMap<u64, (u64, u64)>,
}

impl Gauge {
    pub(crate) fn new(span: Duration) -> Gauge {
        Gauge {
            span,
            answered: VecDeque::new(),
            max: 0,
            busiest: 0,
            used: 0,
            refused: 0,
            began: None,
            newest: None,
            spans: BTreeMap::new(),
        }
    }

    /// Forgets what is older than the window. Calls judged out of order count as of the newest arrival.
    fn roll(&mut self, arrived: Instant, max: usize) -> Instant {
        let now = self.newest.map_or(arrived, |newest| newest.max(arrived));
        self.newest = Some(now);
        self.began.get_or_insert(now);
        self.max = max;
        while self.answered.front().is_some_and(|first| now.duration_since(*first) >= self.span) {
            self.answered.pop_front();
        }
        now
    }

    pub(crate) fn has_room(&mut self, arrived: Instant, max: usize) -> bool {
        self.roll(arrived, max);
        self.answered.len() < max
    }

    fn bucket(&mut self, now: Instant) -> &mut (u64, u64) {
        let began = self.began.unwrap_or(now);
        let at = now.duration_since(began).as_nanos() / self.span.as_nanos().max(1);
        self.spans.entry(u64::try_from(at).unwrap_or(u64::MAX)).or_default()
    }

    /// Calls in the window now.
    pub(crate) fn in_use(&self) -> usize {
        self.answered.len()
    }

    /// Calls in the newest part of the window.
    pub(crate) fn since(&self, part: Duration) -> usize {
        let Some(now) = self.newest else {
            return 0;
        };
        self.answered.iter().rev().take_while(|one| now.duration_since(**one) < part).count()
    }

    pub(crate) fn take(&mut self, arrived: Instant) {
        let now = self.newest.unwrap_or(arrived);
        self.answered.push_back(now);
        self.busiest = self.busiest.max(self.answered.len());
        self.used += 1;
        self.bucket(now).0 += 1;
    }

    pub(crate) fn refuse(&mut self, arrived: Instant) {
        let now = self.newest.unwrap_or(arrived);
        self.refused += 1;
        self.bucket(now).1 += 1;
    }

    pub(crate) fn report(&self) -> Value {
        let spans: Vec<Value> = self
            .spans
            .iter()
            .map(|(at, (used, refused))| {
                json!({"from_s": at * self.span.as_secs(), "used": used, "allowed": self.max, "refused": refused})
            })
            .collect();
        json!({
            "span_s": self.span.as_secs(), "allowed": self.max, "used": self.used, "refused": self.refused,
            "max_used_in_any_window": self.busiest, "windows": spans,
        })
    }
}
