//! It cannot hurt: thousands of small worlds with people, workflows, storms and crashes between any two calls; nothing typed is lost,
//! nothing is made twice, nothing is written outside the plan, and undo restores what it claims.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod book;
mod checks;
mod dice;
mod fate;
mod machine;
mod others;
mod people;
mod program;
mod store;
mod story;
mod town;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use crate::fate::Diary;
use crate::story::Told;

/// Seeds per run of the tests.
const SEEDS: u64 = 2_000;
/// One seed instead of all, with its diary.
const ONE: &str = "EVERGREEN_SEED";
/// Another number of seeds.
const MANY: &str = "EVERGREEN_SEEDS";
/// Failures told before the rest is only counted.
const TOLD: usize = 20;

fn play(seed: u64, aloud: bool) -> (Result<Told, String>, Arc<Diary>) {
    let diary = Arc::new(Diary::new(aloud));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let told = catch_unwind(AssertUnwindSafe(|| runtime.block_on(story::play(seed, Arc::clone(&diary)))));
    let told = told.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        Err(format!(
            "panic: {}",
            text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
        ))
    });
    (told, diary)
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn nothing_that_people_typed_is_lost_whatever_comes() {
    if let Some(seed) = number(ONE) {
        let (told, diary) = play(seed, true);
        println!("{}", diary.text());
        if let Err(hurt) = told {
            panic!("seed {seed}: {hurt}");
        }
        return;
    }
    let seeds = number(MANY).unwrap_or(SEEDS);
    let (next, began) = (AtomicU64::new(0), Instant::now());
    let failures: Mutex<BTreeMap<u64, String>> = Mutex::default();
    let sums: Mutex<BTreeMap<&'static str, u64>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds {
                        return;
                    }
                    match play(seed, false).0 {
                        Ok(told) => {
                            let mut sums = sums.lock().unwrap();
                            for (name, times) in told.mishaps {
                                *sums.entry(name).or_default() += times;
                            }
                            for (name, times) in
                                [("calls", told.calls), ("crashes", told.crashes), ("undone runs", told.undone)]
                            {
                                *sums.entry(name).or_default() += times;
                            }
                        }
                        Err(hurt) => {
                            failures.lock().unwrap().insert(seed, hurt);
                        }
                    }
                }
            });
        }
    });
    let took = began.elapsed();
    println!(
        "{seeds} seeds in {:.1} s ({:.1} ms each)",
        took.as_secs_f64(),
        took.as_secs_f64() * 1_000.0 / seeds as f64
    );
    for (name, times) in sums.lock().unwrap().iter() {
        println!("  {times:>7} {name}");
    }
    let failures = failures.into_inner().unwrap();
    for (seed, hurt) in failures.iter().take(TOLD) {
        println!("seed {seed}: {hurt}");
        println!("EVERGREEN_SEED={seed} cargo test -p evergreen --test cannot_hurt -- --nocapture");
    }
    assert!(failures.is_empty(), "{} of {seeds} seeds hurt somebody", failures.len());
}
