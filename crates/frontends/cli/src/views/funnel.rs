//! The funnel of a run: how many records passed each stage, and what became of those that did not.
//!
//! The first two steps and the last two are counted by the run itself. The steps between are worked out backwards from the records
//! that arrived, adding what each stage held or refused by its reason code; so every loss is shown once and the steps always add up.

use evergreen_model::RunReport;

use super::words;

/// One step of the funnel.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// Its word.
    pub name: &'static str,
    /// What having passed it means.
    pub meaning: &'static str,
    /// How many passed it.
    pub count: u64,
    /// How many of the step before did not, and why; sums to the difference.
    pub lost: Vec<Loss>,
}

/// Records that did not pass a step, for one reason.
#[derive(Debug, PartialEq, Eq)]
pub struct Loss {
    /// How many.
    pub count: u64,
    /// Why, in words.
    pub why: String,
}

/// The step at which records with a reason code stop.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    Qualified,
    Verified,
    Owned,
    Written,
}

fn stop(code: &str) -> Stop {
    match code {
        "no-owner" => Stop::Owned,
        "portal-changed" | "portal-refused" | "deleted-in-portal" | "nameless" | "not-verified" => Stop::Written,
        "maybe-same" | "student-address" | "free-mail" | "refused-by-person" => Stop::Qualified,
        "do-not-contact" | "unsubscribed" | "unqualified" | "competitor" | "customer" | "refused" | "bounced"
        | "erased" => Stop::Qualified,
        _ if code.starts_with("icp-") => Stop::Qualified,
        _ => Stop::Verified,
    }
}

/// Codes of records that are on their way although they have a reason.
fn waits(code: &str) -> bool {
    matches!(code, "provider-unavailable" | "over-budget" | "portal-changed" | "sequencer-unavailable")
}

/// The funnel, from imported to enrolled.
pub fn funnel(report: &RunReport) -> Vec<Step> {
    let outcome = &report.outcome;
    let mut duplicates = Vec::new();
    push(&mut duplicates, outcome.merged, "duplicates of another row");
    push(&mut duplicates, outcome.quarantined, "rows that could not be read");
    let people = report.imported.saturating_sub(outcome.merged + outcome.quarantined);

    let arrived = outcome.synced + outcome.unchanged;
    let mut left = people.saturating_sub(arrived);
    let mut written = known(report, Stop::Written, &mut left);
    let mut owned = known(report, Stop::Owned, &mut left);
    let mut verified = known(report, Stop::Verified, &mut left);
    let mut qualified = known(report, Stop::Qualified, &mut left);

    // What has no reason of its own: pairs on the board, and records still on their way, before or after verification.
    let paired = outcome.held.min(report.duplicates.held);
    let paired = paired.saturating_sub(report.reasons.get("maybe-same").copied().unwrap_or_default()).min(left);
    push(&mut qualified, paired, &words::reason("maybe-same"));
    left -= paired;
    let excused: u64 = report.reasons.iter().filter(|(code, _)| waits(code)).map(|(_, count)| count).sum();
    let waiting = outcome.waiting.saturating_sub(excused).min(left);
    let asked: u64 = report.verdicts.values().sum();
    let late = waiting.min(asked.saturating_sub(arrived + total(&written) + total(&owned) + total(&verified)));
    push(&mut written, late, "planned, waiting to be written");
    push(&mut qualified, waiting - late, "on their way, not decided yet");
    left -= waiting;
    push(&mut qualified, left, "other reasons");

    for lost in [&mut written, &mut owned, &mut verified, &mut qualified] {
        *lost = gathered(std::mem::take(lost));
    }
    let owned_count = arrived + total(&written);
    let verified_count = owned_count + total(&owned);
    let qualified_count = verified_count + total(&verified);
    let handoff = &report.handoff;
    let mut enrolled = Vec::new();
    push(&mut enrolled, handoff.gated, "kept out by a handoff gate");
    push(&mut enrolled, handoff.refused, "refused by the sequencer");
    let step = |name, meaning, count, lost| Step { name, meaning, count, lost };
    vec![
        step("Imported", "rows of lists and records that were due", report.imported, Vec::new()),
        step("People", "distinct people that could be read", people, duplicates),
        step("Qualified", "not suppressed, and fit the profile", qualified_count, qualified),
        step("Verified", "address proven, gate passed", verified_count, verified),
        step("Owned", "have an owner in HubSpot", owned_count, owned),
        step("In HubSpot", "written, or already right", arrived, written),
        step("Enrolled", "handed to the sequencer", handoff.enrolled, enrolled),
    ]
}

/// The reasons that stop a record at this step; takes them out of what is left to explain.
fn known(report: &RunReport, at: Stop, left: &mut u64) -> Vec<Loss> {
    let mut lost = Vec::new();
    for (code, count) in report.reasons.iter().filter(|(code, _)| stop(code) == at) {
        let count = (*count).min(*left);
        push(&mut lost, count, &words::reason(code));
        *left -= count;
    }
    lost
}

fn push(lost: &mut Vec<Loss>, count: u64, why: &str) {
    if count > 0 {
        lost.push(Loss { count, why: why.to_owned() });
    }
}

/// The same words once, the largest first.
fn gathered(lost: Vec<Loss>) -> Vec<Loss> {
    let mut once: Vec<Loss> = Vec::new();
    for loss in lost {
        match once.iter_mut().find(|known| known.why == loss.why) {
            Some(known) => known.count += loss.count,
            None => once.push(loss),
        }
    }
    once.sort_by_key(|loss| std::cmp::Reverse(loss.count));
    once
}

/// All that were lost at a step.
pub fn total(lost: &[Loss]) -> u64 {
    lost.iter().map(|loss| loss.count).sum()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn adds_up(report: &RunReport) {
        let steps = funnel(report);
        for pair in steps[..6].windows(2) {
            assert_eq!(pair[0].count, pair[1].count + total(&pair[1].lost), "{pair:?}");
        }
    }

    #[test]
    fn every_step_is_the_one_before_less_its_losses() {
        adds_up(&sample::report());
        adds_up(&RunReport::default());
    }

    #[test]
    fn a_planned_run_has_its_records_waiting_behind_verification() {
        let mut report = RunReport { imported: 10, ..RunReport::default() };
        report.outcome.waiting = 10;
        report.verdicts.insert("valid".to_owned(), 8);
        adds_up(&report);
        let steps = funnel(&report);
        assert_eq!(steps[4].count, 8);
        assert_eq!(steps[5].lost, [Loss { count: 8, why: "planned, waiting to be written".to_owned() }]);
    }

    #[test]
    fn reasons_that_count_more_than_the_rows_never_break_the_sum() {
        let mut report = RunReport { imported: 5, ..RunReport::default() };
        report.outcome.rejected = 5;
        report.reasons.insert("icp-no-fit".to_owned(), 40);
        report.reasons.insert("null-mx".to_owned(), 3);
        adds_up(&report);
    }
}
