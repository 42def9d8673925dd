//! What to do after a run: one command per thing that waits, most urgent first.

use evergreen_model::RunReport;

use super::numbers::counted;

/// A command and the sentence that says why.
pub struct Next {
    /// What to type; absent when there is nothing to type.
    pub command: Option<&'static str>,
    /// Why, with its number.
    pub why: String,
}

/// What to do next; never empty.
pub fn steps(report: &RunReport) -> Vec<Next> {
    let mut steps = Vec::new();
    let mut add = |number: u64, command: &'static str, why: String| {
        if number > 0 {
            steps.push(Next { command: Some(command), why });
        }
    };
    let held = report.outcome.held + report.companies.held;
    let rejected = report.outcome.rejected;
    let waiting = report.outcome.waiting;
    let uncertain: u64 = report.spend.values().map(|spend| spend.uncertain).sum();
    let sync = &report.sync;
    add(held, "evergreen review", format!("decide {}", counted(held, "held record", "held records")));
    let stale =
        counted(sync.stale, "record changed in HubSpot since the plan", "records changed in HubSpot since the plan");
    add(sync.stale, "evergreen plan", format!("plan again: {stale}"));
    let failed = counted(sync.failed, "write", "writes");
    let unlisted = if rejected == 0 { sync.failed } else { 0 };
    add(unlisted, "evergreen rejects", format!("see why HubSpot refused {failed}"));
    add(
        waiting,
        "evergreen status",
        format!("see where {} on their way", counted(waiting, "record is", "records are")),
    );
    let listed = counted(rejected, "refused record", "refused records");
    add(rejected, "evergreen rejects", format!("read the reasons and retry dates of {listed}"));
    let unsure = counted(uncertain, "call whose charge is uncertain", "calls whose charge is uncertain");
    add(uncertain, "evergreen ledger", format!("check {unsure} against the vendor's bill"));
    if report.outcome.quarantined > 0 {
        let rows = counted(report.outcome.quarantined, "row", "rows");
        let why = format!(
            "correct {rows} in the project's quarantine folder (each has its reason) and import the file again"
        );
        steps.push(Next { command: None, why });
    }
    if steps.is_empty() {
        let why = if report.imported == 0 { "import a list" } else { "nothing waits; ask why a value is what it is" };
        let command = if report.imported == 0 { "evergreen import LIST.csv" } else { "evergreen explain WHO" };
        steps.push(Next { command: Some(command), why: why.to_owned() });
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_records_come_first_and_an_empty_run_asks_for_a_list() {
        let mut report = RunReport { imported: 3, ..RunReport::default() };
        report.outcome.held = 2;
        report.outcome.rejected = 1;
        let commands: Vec<_> = steps(&report).into_iter().map(|next| next.command).collect();
        assert_eq!(commands, [Some("evergreen review"), Some("evergreen rejects")]);
        assert_eq!(steps(&RunReport::default())[0].command, Some("evergreen import LIST.csv"));
    }
}
