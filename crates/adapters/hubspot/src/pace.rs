//! The pace: never more calls in any 10 seconds than the portal allows us, spread over all tasks of this client.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use evergreen_ports::Clock;
use jiff::{SignedDuration, Timestamp};

/// HubSpot's window is rolling. A tenth of a second more covers calls that arrive a little later than they were sent.
const WINDOW: SignedDuration = SignedDuration::from_millis(10_100);

/// An exact rolling window: it remembers when each of the last calls goes out, so no window ever holds more than the limit.
/// (A leaky bucket of the same rate lets nearly twice the limit into one window.)
pub(crate) struct Pace {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

struct State {
    /// Calls per window; 0 is no limit.
    limit: usize,
    /// Share of the portal's limit that is ours, in percent.
    share_percent: u32,
    /// When the last `limit` calls go out, oldest first; the newest may lie in the future.
    turns: VecDeque<Timestamp>,
    /// Nobody sends before this.
    hold_until: Option<Timestamp>,
}

impl Pace {
    pub(crate) fn new(limit: u32, share_percent: u32, clock: Arc<dyn Clock>) -> Pace {
        let limit = share(limit, share_percent);
        Pace { clock, state: Mutex::new(State { limit, share_percent, turns: VecDeque::new(), hold_until: None }) }
    }

    /// Waits until it is this call's turn. First come, first served.
    pub(crate) async fn turn(&self) {
        let Some(turn) = self.book() else { return };
        self.wait_until(turn).await;
        // A 429 may have come in while this call slept.
        while let Some(hold) = self.hold().filter(|hold| *hold > self.clock.now()) {
            self.wait_until(hold).await;
        }
    }

    /// The portal said we are too fast: everybody waits.
    pub(crate) fn hold_for(&self, wait: SignedDuration) {
        let until = self.clock.now() + wait;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.hold_until = state.hold_until.max(Some(until));
    }

    /// The portal told its real limit in a header. A lower one than expected is obeyed, a higher one is left to the settings.
    pub(crate) fn learn(&self, portal_limit: u32) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let learnt = share(portal_limit, state.share_percent);
        if learnt > 0 && state.limit > learnt {
            tracing::warn!(
                limit = learnt,
                "the portal allows fewer calls than the settings say: {portal_limit} in 10 seconds"
            );
            state.limit = learnt;
        }
    }

    fn book(&self) -> Option<Timestamp> {
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.limit == 0 {
            return state.hold_until.filter(|hold| *hold > now);
        }
        let mut turn = state.hold_until.map_or(now, |hold| hold.max(now));
        if let Some(newest) = state.turns.back() {
            turn = turn.max(*newest);
        }
        let limit = state.limit;
        if let Some(oldest) = state.turns.len().checked_sub(limit).and_then(|index| state.turns.get(index)) {
            turn = turn.max(*oldest + WINDOW);
        }
        state.turns.push_back(turn);
        while state.turns.len() > limit {
            state.turns.pop_front();
        }
        Some(turn)
    }

    fn hold(&self) -> Option<Timestamp> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).hold_until
    }

    async fn wait_until(&self, until: Timestamp) {
        let wait = until.duration_since(self.clock.now());
        if wait.is_positive() {
            self.clock.sleep(wait).await;
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
mod tests {
    use async_trait::async_trait;

    use super::*;

    /// A clock that moves only when somebody sleeps.
    struct StillClock(Mutex<Timestamp>);

    #[async_trait]
    impl Clock for StillClock {
        fn now(&self) -> Timestamp {
            *self.0.lock().unwrap()
        }
        async fn sleep(&self, duration: SignedDuration) {
            let mut now = self.0.lock().unwrap();
            *now += duration;
        }
    }

    async fn send_times(pace: &Pace, clock: &StillClock, calls: usize) -> Vec<Timestamp> {
        let mut times = Vec::new();
        for _ in 0..calls {
            pace.turn().await;
            times.push(clock.now());
        }
        times
    }

    fn fixture(limit: u32, share: u32) -> (Pace, Arc<StillClock>) {
        let clock = Arc::new(StillClock(Mutex::new(Timestamp::from_second(1_790_000_000).unwrap())));
        (Pace::new(limit, share, Arc::clone(&clock) as Arc<dyn Clock>), clock)
    }

    #[tokio::test]
    async fn no_window_of_ten_seconds_holds_more_than_the_limit_and_little_is_left_unused() {
        let (pace, clock) = fixture(190, 100);
        let times = send_times(&pace, &clock, 1_900).await;
        for (index, sent) in times.iter().enumerate() {
            let in_window = times[..=index]
                .iter()
                .rev()
                .take_while(|at| sent.duration_since(**at) < SignedDuration::from_secs(10))
                .count();
            assert!(in_window <= 190, "{in_window} calls in the window that ends with call {index}");
        }
        let seconds = times[1_899].duration_since(times[0]).as_secs_f64();
        assert!(seconds <= 9.0 * 10.0 / 0.97, "took {seconds} s");
    }

    #[tokio::test]
    async fn a_share_leaves_the_rest_of_the_limit_to_other_apps() {
        let (pace, clock) = fixture(100, 50);
        let times = send_times(&pace, &clock, 51).await;
        assert_eq!(times[49], times[0]);
        assert!(times[50].duration_since(times[0]) >= SignedDuration::from_secs(10));
    }

    #[tokio::test]
    async fn everybody_waits_when_the_portal_says_so_and_a_lower_limit_is_obeyed() {
        let (pace, clock) = fixture(190, 100);
        let start = clock.now();
        pace.hold_for(SignedDuration::from_secs(3));
        pace.learn(100);
        let times = send_times(&pace, &clock, 101).await;
        assert!(times[0].duration_since(start) >= SignedDuration::from_secs(3));
        assert!(times[100].duration_since(times[0]) >= SignedDuration::from_secs(10));
    }

    #[tokio::test]
    async fn no_limit_means_no_waiting() {
        let (pace, clock) = fixture(0, 100);
        let times = send_times(&pace, &clock, 1_000).await;
        assert_eq!(times[999], times[0]);
    }
}
