//! The day's budget: how many calls the account has left until midnight where it lives, and who may still use them.

use std::sync::{Arc, Mutex, PoisonError};

use evergreen_ports::{Clock, PortalError};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::pace::Lane;
use crate::problem;

/// Background work stops when less than this of the day's calls is left, in percent.
const RESERVE_PERCENT: u64 = 15;
/// When the portal's midnight is not known, a used-up day is asked about again after this.
const BLIND_WAIT: SignedDuration = SignedDuration::from_mins(15);
/// HubSpot's counters do not jump at the stroke of midnight.
const AFTER_MIDNIGHT: SignedDuration = SignedDuration::from_secs(30);

/// What is known about today's calls.
pub(crate) struct Day {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    zone: Option<TimeZone>,
    /// Calls a day, and how many of them were left when last told.
    limit: Option<u64>,
    left: Option<u64>,
    /// When what is known stops being true.
    known_until: Option<Timestamp>,
    /// Nobody calls before this: the portal said the day is used up.
    used_up_until: Option<Timestamp>,
}

impl Day {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Day {
        Day { clock, state: Mutex::default() }
    }

    /// May this lane still call today?
    pub(crate) fn allow(&self, lane: Lane) -> Result<(), PortalError> {
        let now = self.clock.now();
        let mut state = self.lock();
        if state.used_up_until.is_some_and(|until| until > now) {
            return Err(problem::day_still_used_up(state.used_up_until));
        }
        if state.known_until.is_some_and(|until| until <= now) {
            (state.left, state.known_until, state.used_up_until) = (None, None, None);
        }
        let (Some(limit), Some(left)) = (state.limit, state.left) else { return Ok(()) };
        if lane.is_background() && left.saturating_mul(100) < limit.saturating_mul(RESERVE_PERCENT) {
            return Err(problem::day_reserved(left, limit));
        }
        // Between two headers the count goes on here, so that a burst does not run far past the mark.
        state.left = Some(left.saturating_sub(1));
        Ok(())
    }

    /// The portal told its daily limit and what is left of it.
    pub(crate) fn learn(&self, limit: Option<u64>, left: Option<u64>) {
        let (Some(limit), Some(left)) = (limit.filter(|limit| *limit > 0), left) else { return };
        let now = self.clock.now();
        let mut state = self.lock();
        state.limit = Some(limit);
        state.left = Some(left);
        state.known_until = state.midnight_after(now).or(Some(now + BLIND_WAIT));
    }

    /// The portal said that the day is used up; tells until when nobody calls.
    pub(crate) fn used_up(&self) -> Timestamp {
        let now = self.clock.now();
        let mut state = self.lock();
        let until = state.midnight_after(now).map_or(now + BLIND_WAIT, |midnight| midnight + AFTER_MIDNIGHT);
        state.used_up_until = Some(until);
        until
    }

    /// Where the account lives: its midnight starts a new day. A name nobody knows is ignored.
    pub(crate) fn lives_in(&self, zone: &str) {
        if let Ok(zone) = TimeZone::get(zone) {
            self.lock().zone = Some(zone);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn midnight_after(&self, now: Timestamp) -> Option<Timestamp> {
        let local = now.to_zoned_datetime(self.zone.clone()?);
        let tomorrow = local.checked_add(1.day()).ok()?.start_of_day().ok()?;
        Some(tomorrow.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pace::window::tests::StillClock;

    fn at(time: &str) -> (Day, Arc<StillClock>) {
        let clock = Arc::new(StillClock::at(time));
        (Day::new(Arc::clone(&clock) as Arc<dyn Clock>), clock)
    }

    #[test]
    fn background_work_leaves_the_last_fifteen_percent_to_handoffs_and_syncs() {
        let (day, _) = at("2026-11-25T09:00:00Z");
        day.learn(Some(1_000), Some(151));
        assert!(day.allow(Lane::Backfill).is_ok() && day.allow(Lane::Refresh).is_ok());
        assert_eq!(day.allow(Lane::Refresh).unwrap_err().problem().code, "EG-PORTAL-011");
        assert!(day.allow(Lane::Handoff).is_ok() && day.allow(Lane::Sync).is_ok());
    }

    #[test]
    fn a_day_that_is_used_up_ends_at_midnight_where_the_account_lives() {
        let (day, clock) = at("2026-11-25T20:00:00Z");
        day.lives_in("US/Eastern");
        let until = day.used_up();
        assert_eq!(until, "2026-11-26T05:00:30Z".parse::<Timestamp>().unwrap());
        assert_eq!(day.allow(Lane::Handoff).unwrap_err().problem().code, "EG-PORTAL-004");
        clock.set("2026-11-26T05:00:31Z");
        assert!(day.allow(Lane::Handoff).is_ok());
    }

    #[test]
    fn a_new_day_forgets_what_was_left_of_the_old_one() {
        let (day, clock) = at("2026-11-25T20:00:00Z");
        day.lives_in("Europe/Berlin");
        day.learn(Some(1_000), Some(3));
        assert!(day.allow(Lane::Backfill).is_err());
        clock.set("2026-11-25T23:00:01Z");
        assert!(day.allow(Lane::Backfill).is_ok());
    }

    #[test]
    fn without_a_known_time_zone_a_used_up_day_is_asked_about_again_after_a_while() {
        let (day, clock) = at("2026-11-25T20:00:00Z");
        day.lives_in("Middle/Earth");
        day.used_up();
        assert!(day.allow(Lane::Sync).is_err());
        clock.set("2026-11-25T20:15:01Z");
        assert!(day.allow(Lane::Sync).is_ok());
    }
}
