//! Reads what a sandbox counted: calls by kind, refusals for haste, and how much of the allowance was used window by window.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};

use crate::meter::Step;

/// Length of the portal's window.
const WINDOW_S: f64 = 10.0;

/// Portal calls by kind.
pub fn calls(stats: &Value) -> BTreeMap<String, u64> {
    let counted = stats["calls"].as_object().into_iter().flatten();
    counted
        .filter(|(kind, _)| !kind.contains("__sandbox"))
        .map(|(kind, count)| (kind.clone(), count.as_u64().unwrap_or_default()))
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// Calls the portal refused because they came too fast.
pub fn refused(stats: &Value) -> u64 {
    stats["rate_limited"]["portal"].as_u64().unwrap_or_default()
}

/// What was counted after `before`; the windows begin again with a change of tier.
pub fn since(before: &Value, mut after: Value) -> Value {
    let earlier = calls(before);
    for (kind, count) in calls(&after) {
        after["calls"][&kind] = json!(count - earlier.get(&kind).copied().unwrap_or_default());
    }
    after["rate_limited"]["portal"] = json!(refused(&after).saturating_sub(refused(before)));
    after
}

/// How much of the allowance was used while the portal was what we waited for.
#[derive(Serialize, Default)]
pub struct Use {
    /// Windows of ten seconds that lie wholly within reading or writing.
    pub steady_windows: usize,
    /// Calls used of those allowed in them, in percent; absent when the job was too short for one.
    pub steady_percent: Option<f64>,
    /// Used per window, from the first call to the last.
    pub windows: Vec<(u64, u64)>,
}

impl Use {
    /// From the windows of the busiest app and the steps of the run, both counted from the first call.
    #[expect(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
    pub fn of(stats: &Value, steps: &[Step]) -> Use {
        let apps = stats["limits"]["ten_secondly"].as_object().into_iter().flatten().map(|(_, gauge)| gauge);
        let Some(gauge) = apps.max_by_key(|gauge| gauge["used"].as_u64()) else { return Use::default() };
        let number = |window: &Value, key: &str| window[key].as_u64().unwrap_or_default();
        // Windows without a call are not among them.
        let told = gauge["windows"].as_array().into_iter().flatten();
        let windows: Vec<(f64, (u64, u64))> = told
            .map(|window| (number(window, "from_s") as f64, (number(window, "used"), number(window, "allowed"))))
            .collect();
        let first = steps.iter().find(|step| talks(step)).map_or(0.0, |step| step.from_seconds);
        let spans = joined(steps, first);
        let steady: Vec<(u64, u64)> = windows
            .iter()
            .filter(|(from, _)| spans.iter().any(|(begin, end)| *begin <= from + 0.5 && from + WINDOW_S <= *end))
            .map(|(_, window)| *window)
            .collect();
        let (used, allowed) = steady.iter().fold((0, 0), |sum, window| (sum.0 + window.0, sum.1 + window.1));
        Use {
            steady_windows: steady.len(),
            steady_percent: (allowed > 0).then(|| used as f64 * 100.0 / allowed as f64),
            windows: windows.into_iter().map(|(_, window)| window).collect(),
        }
    }
}

/// Whether a step waits for the portal.
fn talks(step: &Step) -> bool {
    ["reading", "writing", "linking"].iter().any(|verb| step.stage.starts_with(verb))
}

/// Stretches of talking steps, in seconds since the first of them; what is shorter than a second between two does not part them.
fn joined(steps: &[Step], first: f64) -> Vec<(f64, f64)> {
    let mut spans: Vec<(f64, f64)> = Vec::new();
    for step in steps.iter().filter(|step| talks(step)) {
        let (from, to) = (step.from_seconds - first, step.from_seconds + step.seconds - first);
        match spans.last_mut() {
            Some(last) if from - last.1 < 1.0 => last.1 = to,
            _ => spans.push((from, to)),
        }
    }
    spans
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let windows: Vec<String> = self.windows.iter().map(|(used, _)| used.to_string()).collect();
        writeln!(f, "calls per window of 10 s: {}", windows.join(" "))?;
        match self.steady_percent {
            Some(percent) => {
                write!(f, "{percent:.1} % of the allowed calls used in {} windows of steady state", self.steady_windows)
            }
            None => write!(f, "too short for a window of steady state"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(stage: &str, from_seconds: f64, seconds: f64) -> Step {
        Step { stage: stage.to_owned(), rows: 0, from_seconds, seconds, rows_per_second: 0.0, peak_mib: None }
    }

    #[test]
    fn only_windows_wholly_within_talking_are_steady() {
        let windows: Vec<Value> = [190, 100, 5, 180, 20]
            .iter()
            .enumerate()
            .map(|(at, used)| json!({"from_s": at * 10, "used": used, "allowed": 190}))
            .collect();
        let stats = json!({"limits": {"ten_secondly": {"1/7": {"used": 495, "windows": windows}}}});
        let steps = [step("reading contacts from the portal", 3.0, 15.0), step("resolving", 18.0, 14.0)];
        let steps = [&steps[..], &[step("writing contacts", 32.0, 12.0)]].concat();
        let used = Use::of(&stats, &steps);
        assert_eq!(
            used.steady_windows, 2,
            "the second window ends in another step, the third lies in it, the last is cut off"
        );
        assert_eq!(used.steady_percent, Some(370.0 * 100.0 / 380.0));
    }
}
