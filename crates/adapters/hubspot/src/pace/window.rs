//! One rolling window: never more calls in it than allowed, handed out by lane, as close to the limit as jitter permits.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use evergreen_ports::Clock;
use futures::channel::oneshot;
use futures::future::{self, FutureExt};
use jiff::{SignedDuration, Timestamp};

use crate::pace::Lane;

/// Every so many turns the one that waits longest goes, whatever its lane: nobody starves.
const FAIR: u64 = 20;
/// Clocks and counters are not exact at the edge.
const EDGE: SignedDuration = SignedDuration::from_millis(5);

/// An exact rolling window.
///
/// HubSpot counts arrivals, we know departures and answers. A call has arrived at the latest when its answer is here, and almost
/// certainly `margin` after it left; it occupies its place from then on for the length of the window.
/// (A leaky bucket of the same rate lets nearly twice the limit into one window.)
pub(crate) struct Window {
    clock: Arc<dyn Clock>,
    length: SignedDuration,
    margin: SignedDuration,
    state: Mutex<State>,
}

struct State {
    /// Calls of ours per window; 0 is no limit.
    ours: usize,
    /// Calls of everybody who uses this token.
    total: usize,
    share_percent: u32,
    /// Places taken, and when each is free again; not known before the call leaves.
    places: BTreeMap<u64, Option<Timestamp>>,
    /// Calls in the window that are not ours, by the portal's count, and until when that is believed.
    others: (usize, Option<Timestamp>),
    /// Nobody leaves before this.
    hold_until: Option<Timestamp>,
    /// Who waits: lane first, then order of arrival; each with a bell.
    waiting: BTreeMap<(Lane, u64), Option<oneshot::Sender<()>>>,
    next: u64,
    turns: u64,
}

enum Look {
    Go(u64),
    /// First in line, nothing free before this time.
    Until(Timestamp),
    /// Somebody goes first, or every place is taken by a call that has not left yet.
    Behind,
}

impl Window {
    pub(crate) fn new(
        limit: u32,
        share_percent: u32,
        length: SignedDuration,
        margin: SignedDuration,
        clock: &Arc<dyn Clock>,
    ) -> Window {
        let state = State {
            ours: share(limit, share_percent),
            total: limit as usize,
            share_percent,
            places: BTreeMap::new(),
            others: (0, None),
            hold_until: None,
            waiting: BTreeMap::new(),
            next: 0,
            turns: 0,
        };
        Window { clock: Arc::clone(clock), length, margin, state: Mutex::new(state) }
    }

    /// Waits for a place. Giving up the wait (dropping the future) leaves the line.
    pub(crate) async fn turn(self: &Arc<Self>, lane: Lane) -> Slot {
        let mut ticket = Ticket::draw(self, lane);
        loop {
            let (look, bell) = self.look(&mut ticket);
            match look {
                Look::Go(place) => return Slot { window: Arc::clone(self), place },
                Look::Behind => {
                    let _: Result<(), oneshot::Canceled> = bell.await;
                }
                Look::Until(until) => {
                    let wait = until.duration_since(self.clock.now()).max(SignedDuration::ZERO);
                    future::select(bell.boxed(), self.clock.sleep(wait)).await;
                }
            }
        }
    }

    fn look(&self, ticket: &mut Ticket) -> (Look, oneshot::Receiver<()>) {
        let now = self.clock.now();
        let (ring, bell) = oneshot::channel();
        let mut state = self.lock();
        let look = state.look(ticket.key, now);
        if matches!(look, Look::Go(_)) {
            ticket.gone = true;
            state.ring_first();
        } else {
            state.waiting.insert(ticket.key, Some(ring));
        }
        (look, bell)
    }

    /// The portal said we are too fast: everybody waits.
    pub(crate) fn hold_for(&self, wait: SignedDuration) {
        let until = self.clock.now() + wait;
        let mut state = self.lock();
        state.hold_until = state.hold_until.max(Some(until));
    }

    /// The portal told its limit, and how much of it is left. A lower limit than expected is obeyed, a higher one is left to the
    /// settings; calls in its count that are not ours (another process with this token) are left room for.
    pub(crate) fn learn(&self, limit: u32, left: Option<u64>) {
        let now = self.clock.now();
        let mut state = self.lock();
        let ours = share(limit, state.share_percent);
        if ours > 0 && state.ours > ours {
            tracing::warn!(limit = ours, "the portal allows fewer calls than the settings say: {limit} in 10 seconds");
            state.ours = ours;
            state.total = limit as usize;
        }
        if let Some(left) = left.and_then(|left| usize::try_from(left).ok()) {
            let counted = (limit as usize).saturating_sub(left);
            let others = counted.saturating_sub(state.places.len());
            if others > 0 || state.others.1.is_none_or(|until| until <= now) {
                state.others = (others, Some(now + self.length));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn look(&mut self, key: (Lane, u64), now: Timestamp) -> Look {
        if let Some(hold) = self.hold_until.filter(|hold| *hold > now) {
            return Look::Until(hold);
        }
        if self.ours == 0 {
            return Look::Go(self.take(key));
        }
        if self.first() != Some(key) {
            return Look::Behind;
        }
        self.places.retain(|_, free| free.is_none_or(|free| free > now));
        let (others, until) = self.others;
        let others = if until.is_some_and(|until| until > now) { others } else { 0 };
        let room = self.ours.min(self.total.saturating_sub(others).max(1));
        if self.places.len() < room {
            return Look::Go(self.take(key));
        }
        let soonest = self.places.values().flatten().min().copied();
        // With room made for others, their count running out may come before a place of ours.
        let soonest = if room < self.ours { soonest.into_iter().chain(until).min() } else { soonest };
        soonest.map_or(Look::Behind, Look::Until)
    }

    fn first(&self) -> Option<(Lane, u64)> {
        if self.turns % FAIR == FAIR - 1 {
            return self.waiting.keys().min_by_key(|(_, number)| *number).copied();
        }
        self.waiting.keys().next().copied()
    }

    fn take(&mut self, key: (Lane, u64)) -> u64 {
        self.waiting.remove(&key);
        self.turns += 1;
        if self.ours > 0 {
            self.places.insert(key.1, None);
        }
        key.1
    }

    fn ring_first(&mut self) {
        if let Some(key) = self.first()
            && let Some(ring) = self.waiting.get_mut(&key).and_then(Option::take)
        {
            // One who has stopped listening has left the line by itself.
            let _: Result<(), ()> = ring.send(());
        }
    }
}

/// A place in the line.
struct Ticket<'a> {
    window: &'a Window,
    key: (Lane, u64),
    gone: bool,
}

impl<'a> Ticket<'a> {
    fn draw(window: &'a Window, lane: Lane) -> Ticket<'a> {
        let mut state = window.lock();
        let key = (lane, state.next);
        state.next += 1;
        state.waiting.insert(key, None);
        Ticket { window, key, gone: false }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if !self.gone {
            let mut state = self.window.lock();
            state.waiting.remove(&self.key);
            state.ring_first();
        }
    }
}

/// A place in the window, held by one call.
pub(crate) struct Slot {
    window: Arc<Window>,
    place: u64,
}

impl Slot {
    pub(crate) fn sent(&self) {
        self.free_after(self.window.margin);
    }

    pub(crate) fn answered(&self) {
        self.free_after(SignedDuration::ZERO);
    }

    fn free_after(&self, more: SignedDuration) {
        let free = self.window.clock.now() + self.window.length + more + EDGE;
        let mut state = self.window.lock();
        if let Some(known) = state.places.get_mut(&self.place) {
            *known = Some(known.map_or(free, |known| known.min(free)));
            state.ring_first();
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.window.lock();
        // A call that never left occupies nothing.
        if state.places.get(&self.place) == Some(&None) {
            state.places.remove(&self.place);
            state.ring_first();
        }
    }
}

fn share(limit: u32, percent: u32) -> usize {
    if limit == 0 {
        return 0;
    }
    let ours = u64::from(limit) * u64::from(percent.clamp(1, 100)) / 100;
    usize::try_from(ours.max(1)).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[path = "window_tests.rs"]
pub(crate) mod tests;
