//! How many calls are answered: HubSpot's rolling 10-second window and search second, and a per-second cap for the vendors.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::Tier;
use crate::stats::Service;

const WINDOW: Duration = Duration::from_secs(10);
const SECOND: Duration = Duration::from_secs(1);
/// 5 a second per account, shared by all apps and object types.
const SEARCHES_PER_SECOND: usize = 5;
/// Far above what the vendors allow, so that a demo of a thousand rows is not spent waiting.
const VENDOR_CALLS_PER_SECOND: usize = 200;
/// The daily pool of a Professional account; Starter has 250,000.
const DAILY_PROFESSIONAL: u64 = 625_000;
const DAILY_STARTER: u64 = 250_000;
/// What the headers say when nothing is limited.
const UNLIMITED_MAX: usize = 1_000_000;

/// A rolling window of the moments of answered calls.
#[derive(Debug, Default)]
struct Window(VecDeque<Instant>);

impl Window {
    /// Takes a place if one is free.
    fn take(&mut self, now: Instant, span: Duration, max: usize) -> bool {
        while self.0.front().is_some_and(|first| now.duration_since(*first) >= span) {
            self.0.pop_front();
        }
        if self.0.len() >= max {
            return false;
        }
        self.0.push_back(now);
        true
    }
}

/// What the limiter says about one portal call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    Go,
    /// The 10-second window is full.
    TenSecondly,
    /// The second's searches are used up.
    Secondly,
    /// The day's calls are used up.
    Daily,
}

#[derive(Debug)]
pub(crate) struct Limiter {
    tier: Tier,
    calls: Window,
    searches: Window,
    vendors: [Window; Service::COUNT],
    today: u64,
}

impl Limiter {
    pub(crate) fn new(tier: Tier) -> Limiter {
        Limiter { tier, calls: Window::default(), searches: Window::default(), vendors: Default::default(), today: 0 }
    }

    pub(crate) fn set_tier(&mut self, tier: Tier) {
        self.tier = tier;
        self.calls = Window::default();
        self.searches = Window::default();
    }

    fn max(&self) -> usize {
        match self.tier {
            Tier::Professional => 190,
            Tier::Starter => 100,
            Tier::Unlimited => UNLIMITED_MAX,
        }
    }

    fn daily(&self) -> u64 {
        match self.tier {
            Tier::Professional => DAILY_PROFESSIONAL,
            Tier::Starter => DAILY_STARTER,
            Tier::Unlimited => u64::MAX,
        }
    }

    /// Asks for one portal call.
    pub(crate) fn portal(&mut self, now: Instant, search: bool) -> Pace {
        if self.tier == Tier::Unlimited {
            return Pace::Go;
        }
        if self.today >= self.daily() {
            return Pace::Daily;
        }
        let max = self.max();
        if search {
            if !self.searches.take(now, SECOND, SEARCHES_PER_SECOND) {
                return Pace::Secondly;
            }
        } else if !self.calls.take(now, WINDOW, max) {
            return Pace::TenSecondly;
        }
        self.today += 1;
        Pace::Go
    }

    /// Asks for one vendor call.
    pub(crate) fn vendor(&mut self, now: Instant, service: Service) -> bool {
        self.tier == Tier::Unlimited || self.vendors[service as usize].take(now, SECOND, VENDOR_CALLS_PER_SECOND)
    }

    /// The headers HubSpot sends with every answer except searches.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let max = self.max();
        let daily = match self.tier {
            Tier::Unlimited => UNLIMITED_MAX as u64,
            _ => self.daily(),
        };
        vec![
            ("x-hubspot-ratelimit-daily", daily.to_string()),
            ("x-hubspot-ratelimit-daily-remaining", daily.saturating_sub(self.today).to_string()),
            ("x-hubspot-ratelimit-interval-milliseconds", "10000".to_owned()),
            ("x-hubspot-ratelimit-max", max.to_string()),
            ("x-hubspot-ratelimit-remaining", max.saturating_sub(self.calls.0.len()).to_string()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_rolls() {
        let mut limiter = Limiter::new(Tier::Starter);
        let begin = Instant::now();
        for _ in 0..100 {
            assert_eq!(limiter.portal(begin, false), Pace::Go);
        }
        let before_end = begin + Duration::from_millis(9_999);
        assert_eq!(limiter.portal(before_end, false), Pace::TenSecondly);
        assert_eq!(limiter.portal(begin + WINDOW, false), Pace::Go);
    }

    #[test]
    fn searches_have_their_own_second() {
        let mut limiter = Limiter::new(Tier::Professional);
        let begin = Instant::now();
        for _ in 0..5 {
            assert_eq!(limiter.portal(begin, true), Pace::Go);
        }
        assert_eq!(limiter.portal(begin, true), Pace::Secondly);
        assert_eq!(limiter.portal(begin, false), Pace::Go);
    }
}
