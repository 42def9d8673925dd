//! The pace: how many calls may leave, in which order, and whether the day has any left. Shared by all clones of a client.

mod day;
mod window;

use std::sync::Arc;

use evergreen_ports::{Clock, HttpResponse, PortalError};
use jiff::SignedDuration;

pub(crate) use day::Day;
pub(crate) use window::{Slot, Window};

/// Who goes first when calls are scarce: a lead waiting for a rep before anything that can run tonight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Handing a lead to a rep or a sequencer: somebody waits.
    Handoff,
    /// Writing a plan and reading what it needs.
    #[default]
    Sync,
    /// Looking again at what may have grown stale. Background: stops when little of the day is left.
    Refresh,
    /// First loads and exports. Background: stops when little of the day is left.
    Backfill,
}

impl Lane {
    /// Whether this lane yields the rest of the day to the others.
    #[must_use]
    pub fn is_background(self) -> bool {
        matches!(self, Lane::Refresh | Lane::Backfill)
    }
}

/// HubSpot counts calls of these kinds separately.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Class {
    /// The rolling ten seconds of the app.
    #[default]
    General,
    /// Five a second for the whole account, besides.
    Search,
    /// The association endpoints have ten seconds of their own, besides.
    Associations,
}

/// Search calls in a second, of all apps of the account.
const SEARCHES: u32 = 5;

/// All limits of one portal.
pub(crate) struct Pace {
    general: Arc<Window>,
    search: Arc<Window>,
    associations: Arc<Window>,
    pub(crate) day: Day,
}

/// Leave for one call: what it occupies until the windows have moved on.
pub(crate) struct Leave {
    class: Class,
    slots: Vec<Slot>,
}

impl Pace {
    pub(crate) fn new(limit: u32, share_percent: u32, clock: &Arc<dyn Clock>) -> Pace {
        let ten = SignedDuration::from_secs(10);
        let window = |limit, length, margin| Arc::new(Window::new(limit, share_percent, length, margin, clock));
        // No limit at all is for a sandbox without one; then search and links have none either.
        let (searches, links) = match limit {
            0 => (0, 0),
            1..=100 => (SEARCHES, limit),
            101..=190 => (SEARCHES, 150),
            _ => (SEARCHES, 200),
        };
        Pace {
            general: window(limit, ten, SignedDuration::from_millis(250)),
            search: window(searches, SignedDuration::from_secs(1), SignedDuration::from_millis(150)),
            associations: window(links, ten, SignedDuration::from_millis(250)),
            day: Day::new(Arc::clone(clock)),
        }
    }

    /// Waits until the call may leave; fails when the day has no call left for this lane.
    pub(crate) async fn leave(&self, lane: Lane, class: Class) -> Result<Leave, PortalError> {
        self.day.allow(lane)?;
        let mut slots = Vec::with_capacity(2);
        match class {
            Class::General => {}
            Class::Search => slots.push(self.search.turn(lane).await),
            Class::Associations => slots.push(self.associations.turn(lane).await),
        }
        slots.push(self.general.turn(lane).await);
        Ok(Leave { class, slots })
    }

    /// The portal said a limit is used up: nobody calls in that class for a while.
    pub(crate) fn hold_for(&self, policy: Option<&str>, class: Class, wait: SignedDuration) {
        match (policy, class) {
            (Some("SECONDLY"), _) | (None, Class::Search) => self.search.hold_for(wait),
            (_, Class::Associations) => {
                self.associations.hold_for(wait);
                self.general.hold_for(wait);
            }
            _ => self.general.hold_for(wait),
        }
    }

    /// Learns from an answer's headers what the portal allows and how much of it is left.
    pub(crate) fn learn(&self, class: Class, response: &HttpResponse) {
        let number = |name: &str| response.header(name).and_then(|text| text.trim().parse::<u64>().ok());
        if let Some(max) = number("x-hubspot-ratelimit-max").and_then(|max| u32::try_from(max).ok()) {
            let window = match class {
                Class::Associations => &self.associations,
                Class::General | Class::Search => &self.general,
            };
            window.learn(max, number("x-hubspot-ratelimit-remaining"));
        }
        self.day.learn(number("x-hubspot-ratelimit-daily"), number("x-hubspot-ratelimit-daily-remaining"));
    }
}

impl Leave {
    /// The call leaves now.
    pub(crate) fn sent(&self) {
        self.slots.iter().for_each(Slot::sent);
    }

    /// Its answer is here, so it has certainly arrived.
    pub(crate) fn answered(&self) {
        self.slots.iter().for_each(Slot::answered);
    }

    pub(crate) fn class(&self) -> Class {
        self.class
    }
}
