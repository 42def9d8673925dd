//! How many calls are answered: HubSpot's rolling 10 seconds, its search second and its day, judged by arrival; and a per-second cap for the vendors.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::Tier;
use crate::access::Who;
use crate::clock::{DAY_MS, Millis};
use crate::gauge::Gauge;
use crate::stats::Service;

const WINDOW: Duration = Duration::from_secs(10);
const SECOND: Duration = Duration::from_secs(1);
/// 5 a second per account, shared by all apps and object types.
const SEARCHES_PER_SECOND: usize = 5;
/// Far above what the vendors allow, so that a demo of a thousand rows is not spent waiting.
const VENDOR_CALLS_PER_SECOND: usize = 200;
/// A marketplace app's own allowance in each portal that installed it.
const MARKETPLACE_BURST: usize = 110;
/// What the headers say when nothing is limited.
const UNLIMITED_MAX: usize = 1_000_000;

/// Which allowance a call uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    General,
    Search,
    /// Counts as a general call and has an allowance of its own besides.
    Associations,
}

impl Class {
    pub(crate) fn of(path: &str) -> Class {
        let path = path.trim_end_matches('/');
        if path.ends_with("/search") && path.contains("/objects/") {
            Class::Search
        } else if path.contains("/associations/") {
            Class::Associations
        } else {
            Class::General
        }
    }
}

/// What is known about a call before it is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visit {
    pub who: Who,
    pub class: Class,
    /// A marketplace app's token.
    pub marketplace: bool,
    pub arrived: Instant,
    pub at: Millis,
}

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Full {
    pub policy: &'static str,
    pub group: String,
}

/// Numbers a test may set instead of the plan's.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Overrides {
    pub burst: Option<usize>,
    pub search: Option<usize>,
    pub associations: Option<usize>,
    pub daily: Option<u64>,
}

impl Overrides {
    pub(crate) fn any(&self) -> bool {
        self.burst.is_some() || self.search.is_some() || self.associations.is_some() || self.daily.is_some()
    }
}

#[derive(Debug, Clone)]
struct Plan {
    tier: Tier,
    zone: TimeZone,
    set: Overrides,
}

impl Plan {
    fn unlimited(&self) -> bool {
        self.tier == Tier::Unlimited
    }

    fn burst(&self, marketplace: bool) -> usize {
        match self.tier {
            _ if self.set.burst.is_some() => self.set.burst.unwrap_or_default(),
            Tier::Unlimited => UNLIMITED_MAX,
            _ if marketplace => MARKETPLACE_BURST,
            Tier::Professional | Tier::Enterprise => 190,
            Tier::Starter => 100,
        }
    }

    fn search(&self) -> usize {
        self.set.search.unwrap_or(if self.unlimited() { UNLIMITED_MAX } else { SEARCHES_PER_SECOND })
    }

    fn associations(&self) -> usize {
        self.set.associations.unwrap_or(match self.tier {
            Tier::Unlimited => UNLIMITED_MAX,
            Tier::Professional | Tier::Enterprise => 150,
            Tier::Starter => 100,
        })
    }

    fn daily(&self) -> u64 {
        self.set.daily.unwrap_or(match self.tier {
            Tier::Professional => 625_000,
            Tier::Enterprise => 1_000_000,
            Tier::Starter => 250_000,
            Tier::Unlimited => UNLIMITED_MAX as u64,
        })
    }

    fn counts_days(&self) -> bool {
        !self.unlimited() || self.set.daily.is_some()
    }
}

/// The calls of one portal's private apps since its midnight.
#[derive(Debug, Clone, Default)]
struct Day {
    used: u64,
    ends: Millis,
}

#[derive(Debug, Clone)]
pub(crate) struct Limiter {
    tier: Tier,
    plans: BTreeMap<u64, Plan>,
    bursts: BTreeMap<(u64, u32), Gauge>,
    associations: BTreeMap<(u64, u32), Gauge>,
    searches: BTreeMap<u64, Gauge>,
    days: BTreeMap<u64, Day>,
    refusals: BTreeMap<&'static str, u64>,
    vendors: [Gauge; Service::COUNT],
}

impl Limiter {
    pub(crate) fn new(tier: Tier) -> Limiter {
        Limiter {
            tier,
            plans: BTreeMap::new(),
            bursts: BTreeMap::new(),
            associations: BTreeMap::new(),
            searches: BTreeMap::new(),
            days: BTreeMap::new(),
            refusals: BTreeMap::new(),
            vendors: std::array::from_fn(|_| Gauge::new(SECOND)),
        }
    }

    /// Makes a portal known: its plan, and where its midnight is.
    pub(crate) fn open(&mut self, portal: u64, tier: Tier, zone: TimeZone) {
        self.plans.insert(portal, Plan { tier, zone, set: Overrides::default() });
    }

    /// Changes the plan of every portal; windows and counts begin again.
    pub(crate) fn set_tier(&mut self, tier: Tier) {
        self.tier = tier;
        for plan in self.plans.values_mut() {
            plan.tier = tier;
        }
        self.begin_again();
    }

    pub(crate) fn set_portal_tier(&mut self, portal: u64, tier: Tier) {
        let zone = self.plan(portal).zone;
        self.open(portal, tier, zone);
        self.begin_again();
    }

    pub(crate) fn set_overrides(&mut self, portal: u64, set: Overrides) {
        let plan = Plan { set, ..self.plan(portal) };
        self.plans.insert(portal, plan);
        self.begin_again();
    }

    pub(crate) fn set_zone(&mut self, portal: u64, zone: TimeZone) {
        let plan = Plan { zone, ..self.plan(portal) };
        self.plans.insert(portal, plan);
        self.days.remove(&portal);
    }

    /// Empties all windows and counts, days excepted.
    pub(crate) fn begin_again(&mut self) {
        self.bursts.clear();
        self.associations.clear();
        self.searches.clear();
        self.refusals.clear();
    }

    /// Sets what a portal's day has used.
    pub(crate) fn set_used_today(&mut self, portal: u64, used: u64, at: Millis) {
        self.today(portal, at).used = used;
    }

    fn plan(&self, portal: u64) -> Plan {
        self.plans.get(&portal).cloned().unwrap_or(Plan {
            tier: self.tier,
            zone: TimeZone::UTC,
            set: Overrides::default(),
        })
    }

    fn today(&mut self, portal: u64, at: Millis) -> &mut Day {
        let zone = self.plan(portal).zone;
        let day = self.days.entry(portal).or_default();
        if at >= day.ends {
            *day = Day { used: 0, ends: next_midnight(at, &zone) };
        }
        day
    }

    /// Asks for one portal call.
    pub(crate) fn portal(&mut self, visit: &Visit) -> Result<(), Full> {
        let Visit { who, class, marketplace, arrived, at } = *visit;
        let plan = self.plan(who.portal);
        let prefix = if marketplace { "oauth" } else { "private_app" };
        let full = |policy: &'static str, what: &str| Full {
            policy,
            group: format!("publicapi:{prefix}-{what}:{}:{}", who.app, who.portal),
        };
        if !marketplace && plan.counts_days() && self.today(who.portal, at).used >= plan.daily() {
            *self.refusals.entry("DAILY").or_default() += 1;
            return Err(full("DAILY", "api-calls-daily"));
        }
        let key = (who.portal, who.app);
        if class == Class::Search {
            let gauge = self.searches.entry(who.portal).or_insert_with(|| Gauge::new(SECOND));
            if !gauge.has_room(arrived, plan.search()) {
                gauge.refuse(arrived);
                *self.refusals.entry("SECONDLY").or_default() += 1;
                return Err(full("SECONDLY", "crm-search-secondly"));
            }
            gauge.take(arrived);
        } else {
            let burst = self.bursts.entry(key).or_insert_with(|| Gauge::new(WINDOW));
            let mut room = burst.has_room(arrived, plan.burst(marketplace));
            if class == Class::Associations {
                let links = self.associations.entry(key).or_insert_with(|| Gauge::new(WINDOW));
                let more = links.has_room(arrived, plan.associations());
                if room && more {
                    links.take(arrived);
                } else if !more {
                    links.refuse(arrived);
                }
                room &= more;
            }
            if !room {
                burst.refuse(arrived);
                *self.refusals.entry("TEN_SECONDLY_ROLLING").or_default() += 1;
                return Err(full("TEN_SECONDLY_ROLLING", "api-calls-ten-secondly"));
            }
            burst.take(arrived);
        }
        if !marketplace {
            self.today(who.portal, at).used += 1;
        }
        Ok(())
    }

    /// Asks for one vendor call.
    pub(crate) fn vendor(&mut self, now: Instant, service: Service) -> bool {
        if self.tier == Tier::Unlimited {
            return true;
        }
        let gauge = &mut self.vendors[service as usize];
        let room = gauge.has_room(now, VENDOR_CALLS_PER_SECOND);
        if room {
            gauge.take(now);
        }
        room
    }

    /// The headers HubSpot sends with every answer except searches; marketplace apps see no daily pool.
    pub(crate) fn headers(&mut self, visit: &Visit) -> Vec<(&'static str, String)> {
        let plan = self.plan(visit.who.portal);
        let max = plan.burst(visit.marketplace);
        let (used, in_second) = self
            .bursts
            .get(&(visit.who.portal, visit.who.app))
            .map_or((0, 0), |gauge| (gauge.in_use(), gauge.since(SECOND)));
        let mut headers = Vec::new();
        if !visit.marketplace {
            let used = self.today(visit.who.portal, visit.at).used;
            headers.push(("x-hubspot-ratelimit-daily", plan.daily().to_string()));
            headers.push(("x-hubspot-ratelimit-daily-remaining", plan.daily().saturating_sub(used).to_string()));
        }
        headers.push(("x-hubspot-ratelimit-interval-milliseconds", WINDOW.as_millis().to_string()));
        headers.push(("x-hubspot-ratelimit-max", max.to_string()));
        headers.push(("x-hubspot-ratelimit-remaining", max.saturating_sub(used).to_string()));
        let secondly = max / 10;
        headers.push(("x-hubspot-ratelimit-secondly", secondly.to_string()));
        headers.push(("x-hubspot-ratelimit-secondly-remaining", secondly.saturating_sub(in_second).to_string()));
        headers
    }

    /// Used today, allowed a day, and when the day ends.
    pub(crate) fn usage(&mut self, portal: u64, at: Millis) -> (u64, u64, Millis) {
        let daily = self.plan(portal).daily();
        let day = self.today(portal, at);
        (day.used, daily, day.ends)
    }

    /// What every window saw.
    pub(crate) fn report(&self) -> Value {
        let of = |gauges: &BTreeMap<(u64, u32), Gauge>| -> Value {
            gauges.iter().map(|((portal, app), gauge)| (format!("{portal}/{app}"), gauge.report())).collect()
        };
        let searches: Value =
            self.searches.iter().map(|(portal, gauge)| (portal.to_string(), gauge.report())).collect();
        let days: Value = self
            .days
            .iter()
            .map(|(portal, day)| (portal.to_string(), json!({"used": day.used, "resets_at_ms": day.ends})))
            .collect();
        json!({
            "ten_secondly": of(&self.bursts), "associations": of(&self.associations), "search": searches,
            "daily": days, "refused_by_policy": self.refusals,
        })
    }
}

/// The next midnight of a time zone.
pub(crate) fn next_midnight(at: Millis, zone: &TimeZone) -> Millis {
    jiff::Timestamp::from_millisecond(at)
        .and_then(|stamp| stamp.to_zoned_datetime(zone.clone()).tomorrow())
        .and_then(|tomorrow| tomorrow.start_of_day())
        .map_or(at + DAY_MS, |midnight| midnight.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHO: Who = Who { portal: 1, app: 7 };

    fn visit(class: Class, arrived: Instant) -> Visit {
        Visit { who: WHO, class, marketplace: false, arrived, at: 0 }
    }

    fn policy(limiter: &mut Limiter, visit: Visit) -> Option<&'static str> {
        limiter.portal(&visit).err().map(|full| full.policy)
    }

    #[test]
    fn the_window_rolls() {
        let mut limiter = Limiter::new(Tier::Starter);
        let begin = Instant::now();
        for _ in 0..100 {
            assert_eq!(policy(&mut limiter, visit(Class::General, begin)), None);
        }
        let before_end = begin + Duration::from_micros(9_999_999);
        assert_eq!(policy(&mut limiter, visit(Class::General, before_end)), Some("TEN_SECONDLY_ROLLING"));
        assert_eq!(policy(&mut limiter, visit(Class::General, begin + WINDOW)), None);
        let report = limiter.report();
        let gauge = &report["ten_secondly"]["1/7"];
        assert_eq!(
            (&gauge["max_used_in_any_window"], &gauge["used"], &gauge["refused"]),
            (&json!(100), &json!(101), &json!(1))
        );
        assert_eq!(gauge["windows"][0], json!({"from_s": 0, "used": 100, "allowed": 100, "refused": 1}));
        assert_eq!(gauge["windows"][1]["used"], 1);
        assert_eq!(report["refused_by_policy"]["TEN_SECONDLY_ROLLING"], 1);
    }

    #[test]
    fn a_client_exactly_at_the_limit_is_never_refused() {
        let mut limiter = Limiter::new(Tier::Professional);
        let begin = Instant::now();
        // 190 in 10 s: one every 52,631,579 ns never has 191 in a window.
        for call in 0..2_000_u64 {
            let arrived = begin + Duration::from_nanos(call * 52_631_579);
            assert_eq!(policy(&mut limiter, visit(Class::General, arrived)), None, "call {call}");
        }
        assert_eq!(limiter.report()["ten_secondly"]["1/7"]["max_used_in_any_window"], 190);
    }

    #[test]
    fn searches_have_their_own_second() {
        let mut limiter = Limiter::new(Tier::Professional);
        let begin = Instant::now();
        for _ in 0..5 {
            assert_eq!(policy(&mut limiter, visit(Class::Search, begin)), None);
        }
        assert_eq!(policy(&mut limiter, visit(Class::Search, begin)), Some("SECONDLY"));
        assert_eq!(policy(&mut limiter, visit(Class::General, begin)), None);
    }

    #[test]
    fn searches_are_shared_by_all_apps_of_a_portal_and_bursts_are_not() {
        let mut limiter = Limiter::new(Tier::Starter);
        let begin = Instant::now();
        let of = |app: u32, class| Visit { who: Who { portal: 1, app }, ..visit(class, begin) };
        for app in 0..5 {
            assert_eq!(policy(&mut limiter, of(app, Class::Search)), None);
        }
        assert_eq!(policy(&mut limiter, of(9, Class::Search)), Some("SECONDLY"));
        for _ in 0..100 {
            assert_eq!(policy(&mut limiter, of(1, Class::General)), None);
        }
        assert_eq!(policy(&mut limiter, of(2, Class::General)), None);
    }

    #[test]
    fn associations_have_an_allowance_below_the_general_one() {
        let mut limiter = Limiter::new(Tier::Professional);
        let begin = Instant::now();
        for _ in 0..150 {
            assert_eq!(policy(&mut limiter, visit(Class::Associations, begin)), None);
        }
        assert_eq!(policy(&mut limiter, visit(Class::Associations, begin)), Some("TEN_SECONDLY_ROLLING"));
        assert_eq!(policy(&mut limiter, visit(Class::General, begin)), None);
    }

    #[test]
    fn the_day_ends_at_the_portals_midnight() {
        let zone = TimeZone::get("US/Eastern").unwrap();
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        // Five hours behind UTC in November.
        assert_eq!(next_midnight(at("2026-11-23T04:59:00Z"), &zone), at("2026-11-23T05:00:00Z"));
        let mut limiter = Limiter::new(Tier::Professional);
        limiter.open(1, Tier::Professional, zone);
        limiter.set_overrides(1, Overrides { daily: Some(2), ..Overrides::default() });
        let arrived = Instant::now();
        let mut on = |text: &str, marketplace| {
            policy(&mut limiter, Visit { at: at(text), marketplace, ..visit(Class::General, arrived) })
        };
        assert_eq!(on("2026-11-23T04:00:00Z", false), None);
        assert_eq!(on("2026-11-23T04:30:00Z", false), None);
        assert_eq!(on("2026-11-23T04:59:59Z", false), Some("DAILY"));
        assert_eq!(on("2026-11-23T04:59:59Z", true), None);
        assert_eq!(on("2026-11-23T05:00:00Z", false), None);
    }
}
