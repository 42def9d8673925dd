//! Listens to a run and keeps for each of its steps how many rows it did, how long it took and how much memory it held.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use evergreen_engine::Progress;
use serde::{Deserialize, Serialize};

use crate::memory;

/// One step of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Step {
    /// What it does, in the engine's words.
    pub stage: String,
    /// What the engine counted in it: rows, records, links.
    pub rows: u64,
    /// When it began, in seconds since the watch was started.
    pub from_seconds: f64,
    /// How long it took.
    pub seconds: f64,
    /// Rows per second.
    pub rows_per_second: f64,
    /// Most memory held while it ran, in MiB.
    pub peak_mib: Option<f64>,
}

/// What is between the steps: opening and closing the run, committing, reading for the report.
const BETWEEN: &str = "between the steps";

/// A stopwatch on every step.
pub struct Meter {
    laps: Mutex<Laps>,
}

struct Laps {
    start: Instant,
    /// Since the last step began or ended.
    since: Instant,
    running: Option<(String, u64)>,
    steps: Vec<Step>,
    between: Step,
}

impl Meter {
    /// Starts the watch.
    pub fn start() -> Meter {
        memory::forget_peak();
        let between = Step {
            stage: BETWEEN.to_owned(),
            rows: 0,
            from_seconds: 0.0,
            seconds: 0.0,
            rows_per_second: 0.0,
            peak_mib: None,
        };
        let now = Instant::now();
        Meter { laps: Mutex::new(Laps { start: now, since: now, running: None, steps: Vec::new(), between }) }
    }

    /// Every step in its order, and last what was between them.
    pub fn steps(&self) -> Vec<Step> {
        let mut laps = self.laps();
        laps.lap();
        let mut steps = laps.steps.clone();
        steps.push(laps.between.clone());
        steps
    }

    fn laps(&self) -> MutexGuard<'_, Laps> {
        self.laps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Laps {
    /// Books the time since the last lap to the running step, or to what is between.
    fn lap(&mut self) {
        let (seconds, peak) = (self.since.elapsed().as_secs_f64(), memory::peak_mib());
        let from_seconds = self.since.duration_since(self.start).as_secs_f64();
        memory::forget_peak();
        self.since = Instant::now();
        match self.running.take() {
            Some((stage, rows)) => {
                let rows_per_second = per_second(rows, seconds);
                self.steps.push(Step { stage, rows, from_seconds, seconds, rows_per_second, peak_mib: peak });
            }
            None => {
                self.between.seconds += seconds;
                self.between.peak_mib = most(self.between.peak_mib, peak);
            }
        }
    }
}

impl Progress for Meter {
    fn begin(&self, step: &str, _total: Option<u64>) {
        let mut laps = self.laps();
        laps.lap();
        laps.running = Some((step.to_owned(), 0));
    }

    fn advance(&self, count: u64) {
        if let Some((_, rows)) = &mut self.laps().running {
            *rows += count;
        }
    }

    fn end(&self, sentence: &str) {
        let mut laps = self.laps();
        laps.lap();
        if let Some(step) = laps.steps.last() {
            eprintln!("{:>8.1} s  {}: {sentence}", step.seconds, step.stage);
        }
    }

    fn note(&self, sentence: &str) {
        eprintln!("           note: {sentence}");
    }
}

/// The larger of two peaks.
pub fn most(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    }
}

/// A rate; 0 when nothing took no time.
#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]
pub fn per_second(rows: u64, seconds: f64) -> f64 {
    if seconds > 0.0 { rows as f64 / seconds } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_for_the_step_they_happened_in() {
        let meter = Meter::start();
        meter.begin("one", Some(3));
        meter.advance(2);
        meter.advance(1);
        meter.end("3 done");
        meter.advance(9); // between the steps nothing is counted
        meter.begin("two", None);
        meter.end("none done");
        let counted: Vec<(String, u64)> = meter.steps().into_iter().map(|step| (step.stage, step.rows)).collect();
        assert_eq!(counted, [("one".to_owned(), 3), ("two".to_owned(), 0), (BETWEEN.to_owned(), 0)]);
    }
}
