//! One peer's turn-taking: who may send now, given its concurrency, its rolling windows and its health.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use evergreen_ports::{Clock, HttpResponse, OutboundError};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::breaker::Breaker;
use crate::options::{Options, PeerLimits};
use crate::pace::{Pace, Slot};

pub(crate) struct Peer {
    clock: Arc<dyn Clock>,
    seats: Arc<Semaphore>,
    /// Held while waiting for a slot, so that requests leave in the order they came.
    queue: tokio::sync::Mutex<()>,
    answered: Notify,
    state: Mutex<State>,
}

struct State {
    pace: Pace,
    breaker: Breaker,
}

/// The right to send one try; gives its place back when dropped.
pub(crate) struct Turn<'p> {
    peer: &'p Peer,
    judged: bool,
    _seat: OwnedSemaphorePermit,
}

impl Peer {
    pub(crate) fn new(limits: PeerLimits, options: &Options, clock: Arc<dyn Clock>) -> Peer {
        Peer {
            clock,
            seats: Arc::new(Semaphore::new(limits.concurrency.clamp(1, Semaphore::MAX_PERMITS))),
            queue: tokio::sync::Mutex::new(()),
            answered: Notify::new(),
            state: Mutex::new(State {
                pace: Pace::new(&limits.windows),
                breaker: Breaker::new(options.failures_to_open, options.open_ms),
            }),
        }
    }

    /// Waits for the right to send. Fails at once while the peer's breaker is open.
    pub(crate) async fn turn(&self) -> Result<Turn<'_>, OutboundError> {
        let closed = || OutboundError::Broken("the program is shutting down".to_owned());
        let seat = Arc::clone(&self.seats).acquire_owned().await.map_err(|_| closed())?;
        let _first_in_line = self.queue.lock().await;
        loop {
            let now = self.clock.now();
            let slot = {
                let mut state = self.state();
                // Asked last before sending: the peer may have died while we queued.
                match state.pace.take(now) {
                    Slot::Taken => match state.breaker.enter(now) {
                        Ok(()) => Slot::Taken,
                        Err(until) => {
                            state.pace.answered(now);
                            return Err(OutboundError::Open(format!(
                                "it failed too often and is left alone until {}",
                                until.strftime("%H:%M:%S UTC")
                            )));
                        }
                    },
                    wait => wait,
                }
            };
            match slot {
                Slot::Taken => {
                    return Ok(Turn { peer: self, judged: false, _seat: seat });
                }
                Slot::At(at) => self.clock.sleep(at.duration_since(now).max(SignedDuration::from_millis(1))).await,
                Slot::AfterAnswer => self.answered.notified().await,
            }
        }
    }

    /// Lets nobody through for a while: the vendor asked for it.
    pub(crate) fn pause_until(&self, now: Timestamp, after: SignedDuration) {
        self.state().pace.pause(now + after);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// Notes how the try ended.
    pub(crate) fn finish(mut self, result: &Result<HttpResponse, OutboundError>) {
        let healthy = match result {
            Ok(response) => !matches!(response.status, 500 | 502..=504),
            Err(error) => matches!(error, OutboundError::Forbidden(_)),
        };
        let now = self.peer.clock.now();
        let mut state = self.peer.state();
        if healthy {
            state.breaker.succeeded()
        } else {
            state.breaker.failed(now)
        }
        self.judged = true;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let now = self.peer.clock.now();
        let mut state = self.peer.state();
        state.pace.answered(now);
        if !self.judged {
            state.breaker.abandoned();
        }
        drop(state);
        // One waiter at most: the head of the queue.
        self.peer.answered.notify_one();
    }
}
