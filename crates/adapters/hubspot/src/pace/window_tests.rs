//! The window against a server that counts exactly, with jitter on the way: full use, no call too many, nobody starved.

use std::collections::VecDeque;

use async_trait::async_trait;
use proptest::prelude::*;

use super::*;

/// A clock that moves only when somebody sleeps.
pub(crate) struct StillClock(Mutex<Timestamp>);

impl StillClock {
    pub(crate) fn at(time: &str) -> StillClock {
        StillClock(Mutex::new(time.parse().unwrap()))
    }
    pub(crate) fn set(&self, time: &str) {
        *self.0.lock().unwrap() = time.parse().unwrap();
    }
}

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

/// Virtual time of the runtime: many tasks sleep at once, and time jumps when all of them do.
struct VirtualClock(tokio::time::Instant);

#[async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_790_000_000).unwrap() + SignedDuration::try_from(self.0.elapsed()).unwrap()
    }
    async fn sleep(&self, duration: SignedDuration) {
        tokio::time::sleep(duration.unsigned_abs()).await;
    }
}

/// A server with an exact rolling window over arrivals.
struct Exact {
    limit: usize,
    length: SignedDuration,
    arrivals: Mutex<VecDeque<Timestamp>>,
    refused: Mutex<usize>,
}

impl Exact {
    fn arrive(&self, now: Timestamp) {
        let mut arrivals = self.arrivals.lock().unwrap();
        while arrivals.front().is_some_and(|at| now.duration_since(*at) < self.length) && arrivals.len() >= self.limit {
            *self.refused.lock().unwrap() += 1;
            return;
        }
        arrivals.push_back(now);
        while arrivals.len() > self.limit {
            arrivals.pop_front();
        }
    }
}

struct Run {
    refused: usize,
    seconds: f64,
    /// Lane of each call in the order they left.
    order: Vec<Lane>,
}

/// Runs `tasks` callers against an exact server; each call is on its way for a jittered while, there and back.
fn simulate(limit: u32, share: u32, length_ms: i64, margin_ms: i64, lanes: &[(Lane, usize)], seed: u64, way_ms: u64) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let lanes = lanes.to_vec();
    runtime.block_on(async move {
        let start = tokio::time::Instant::now();
        let clock: Arc<dyn Clock> = Arc::new(VirtualClock(start));
        let length = SignedDuration::from_millis(length_ms);
        let window = Arc::new(Window::new(limit, share, length, SignedDuration::from_millis(margin_ms), &clock));
        let server = Arc::new(Exact { limit: limit as usize, length, arrivals: Mutex::default(), refused: Mutex::default() });
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for (lane, calls) in lanes {
            for worker in 0..40_u64 {
                let (window, server, clock, order) =
                    (Arc::clone(&window), Arc::clone(&server), Arc::clone(&clock), Arc::clone(&order));
                let share = calls / 40 + usize::from((worker as usize) < calls % 40);
                tasks.push(tokio::spawn(async move {
                    let mut chance = seed.wrapping_add(worker * 7919 + lane as u64 + 1);
                    let mut way = move || {
                        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                        std::time::Duration::from_millis((chance >> 33) % way_ms.max(1))
                    };
                    for _ in 0..share {
                        let slot = window.turn(lane).await;
                        order.lock().unwrap().push(lane);
                        slot.sent();
                        tokio::time::sleep(way()).await;
                        server.arrive(clock.now());
                        tokio::time::sleep(way()).await;
                        slot.answered();
                    }
                }));
            }
        }
        for task in tasks {
            task.await.unwrap();
        }
        let refused = *server.refused.lock().unwrap();
        let order = order.lock().unwrap().clone();
        Run { refused, seconds: start.elapsed().as_secs_f64(), order }
    })
}

#[test]
fn at_least_97_percent_of_190_calls_in_10_seconds_are_used_and_not_one_is_refused() {
    for (seed, way_ms) in [(1, 20), (2, 120), (3, 200)] {
        let run = simulate(190, 100, 10_000, 250, &[(Lane::Sync, 190 * 41)], seed, way_ms);
        assert_eq!(run.refused, 0, "with up to {way_ms} ms each way");
        // The first window is filled at once; the other forty need at least 400 seconds.
        let used = 400.0 / run.seconds;
        assert!(used >= 0.97, "{:.2} % used with up to {way_ms} ms each way", used * 100.0);
    }
}

#[test]
fn five_searches_a_second_are_never_six() {
    let run = simulate(5, 100, 1_000, 150, &[(Lane::Sync, 200)], 9, 100);
    assert_eq!(run.refused, 0);
    assert!(run.seconds < 48.0, "{} s", run.seconds);
}

#[test]
fn handoffs_pass_a_backfill_that_was_there_first_and_the_backfill_still_moves() {
    let run = simulate(100, 100, 10_000, 250, &[(Lane::Backfill, 1_000), (Lane::Handoff, 1_000)], 5, 50);
    assert_eq!(run.refused, 0);
    let early = &run.order[100..900];
    let handoffs = early.iter().filter(|lane| **lane == Lane::Handoff).count();
    assert!(handoffs >= early.len() * 9 / 10, "{handoffs} of {}", early.len());
    let backfills = early.len() - handoffs;
    assert!(backfills >= early.len() / 20 - 2, "a backfill waits at most {FAIR} turns, {backfills} went");
}

#[tokio::test]
async fn a_share_leaves_the_rest_of_the_limit_to_other_apps() {
    let run = std::thread::spawn(|| simulate(100, 50, 10_000, 250, &[(Lane::Sync, 101)], 1, 10)).join().unwrap();
    assert!(run.seconds >= 20.0, "{} s", run.seconds);
}

fn window(limit: u32) -> (Arc<Window>, Arc<StillClock>) {
    let clock = Arc::new(StillClock::at("2026-11-25T09:00:00Z"));
    let port = Arc::clone(&clock) as Arc<dyn Clock>;
    let window = Window::new(limit, 100, SignedDuration::from_secs(10), SignedDuration::from_millis(250), &port);
    (Arc::new(window), clock)
}

#[tokio::test]
async fn everybody_waits_when_the_portal_says_so_and_a_lower_limit_is_obeyed() {
    let (window, clock) = window(190);
    let start = clock.now();
    window.hold_for(SignedDuration::from_secs(3));
    window.learn(100, None);
    for _ in 0..100 {
        window.turn(Lane::Sync).await.sent();
    }
    let first = clock.now();
    assert!(first.duration_since(start) >= SignedDuration::from_secs(3));
    window.turn(Lane::Sync).await.sent();
    assert!(clock.now().duration_since(first) >= SignedDuration::from_secs(10));
}

#[tokio::test]
async fn calls_of_another_process_with_our_token_are_left_room_for() {
    let (window, clock) = window(100);
    let start = clock.now();
    window.turn(Lane::Sync).await.sent();
    // The portal counts 61 calls, one of them is ours.
    window.learn(100, Some(39));
    for _ in 0..39 {
        window.turn(Lane::Sync).await.sent();
    }
    assert_eq!(clock.now(), start);
    window.turn(Lane::Sync).await.sent();
    assert!(clock.now().duration_since(start) >= SignedDuration::from_secs(10));
}

#[tokio::test]
async fn a_call_that_never_left_gives_its_place_back_and_one_that_stopped_waiting_blocks_nobody() {
    let (window, clock) = window(1);
    let start = clock.now();
    drop(window.turn(Lane::Sync).await);
    let held = window.turn(Lane::Sync).await;
    let mut waiting = Box::pin(window.turn(Lane::Handoff));
    assert!(futures::poll!(&mut waiting).is_pending());
    drop(waiting);
    drop(held);
    window.turn(Lane::Backfill).await.sent();
    assert_eq!(clock.now(), start);
}

#[tokio::test]
async fn no_limit_means_no_waiting() {
    let (window, clock) = window(0);
    let start = clock.now();
    for _ in 0..1_000 {
        window.turn(Lane::Sync).await.sent();
    }
    assert_eq!(clock.now(), start);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn whatever_the_limit_the_share_and_the_jitter_no_call_is_refused(
        limit in 1_u32..250, share in 1_u32..=100, seed in any::<u64>(), way in 1_u64..240,
        calls in 1_usize..400, backfills in 0_usize..100,
    ) {
        let lanes = [(Lane::Sync, calls), (Lane::Backfill, backfills)];
        let run = simulate(limit, share, 10_000, 250, &lanes, seed, way);
        prop_assert_eq!(run.refused, 0);
        prop_assert_eq!(run.order.len(), calls + backfills);
    }
}
