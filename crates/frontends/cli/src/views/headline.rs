//! The run in one sentence and one paragraph, the same on the page and in the terminal.

use evergreen_model::RunReport;

use super::numbers::{count, counted, money};

/// Records that are right in HubSpot after the run.
pub fn right(report: &RunReport) -> u64 {
    report.outcome.synced + report.outcome.unchanged
}

/// What came in and what came of it, with the price.
pub fn sentence(report: &RunReport) -> String {
    let right = right(report);
    if report.imported == 0 {
        return "Nothing was taken in by this run.".to_owned();
    }
    let taken = counted(report.imported, "record", "records");
    if right == 0 {
        return format!("{taken} taken in; none is in HubSpot yet.");
    }
    let are = if right == 1 { "is" } else { "are" };
    let price = report.cost.per_qualified.map(|each| format!(" for {} each", money(each))).unwrap_or_default();
    format!("Of {taken} taken in, {} {are} right in HubSpot{price}.", count(right))
}

/// Where the others are, and what it cost.
pub fn details(report: &RunReport) -> String {
    let outcome = &report.outcome;
    if report.imported == 0 {
        return "No list had new rows and no record was due for a refresh.".to_owned();
    }
    let mut sentences = Vec::new();
    if right(report) > 0 {
        sentences.push(format!(
            "{} written to HubSpot and {} needed no change.",
            count(outcome.synced),
            count(outcome.unchanged)
        ));
    }
    let others = [
        (outcome.rejected, "refused with a reason and a retry date"),
        (outcome.held, "held for a person to decide"),
        (outcome.merged, "duplicates of another row"),
        (outcome.suppressed, "not to be touched"),
        (outcome.waiting, "still on their way"),
        (outcome.quarantined, "unreadable"),
    ];
    let others: Vec<_> = others
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{} {what}", count(*number)))
        .collect();
    if !others.is_empty() {
        sentences.push(format!("The rest: {}.", others.join(", ")));
    }
    sentences.push(if report.spend.is_empty() && report.cost.total == 0.0 {
        "No provider was asked, so nothing was spent.".to_owned()
    } else {
        format!(
            "Providers cost {}, of which {} went to records that were then refused.",
            money(report.cost.total),
            money(report.cost.on_rejected)
        )
    });
    sentences.join(" ")
}

/// The sum that must hold, written out: `538 synced + 74 unchanged … = 1,000 imported`.
pub fn sum(report: &RunReport) -> String {
    let parts: Vec<_> = super::words::outcomes(&report.outcome)
        .into_iter()
        .filter(|(_, number)| *number > 0)
        .map(|(outcome, number)| format!("{} {}", count(number), outcome.as_str()))
        .collect();
    let parts = if parts.is_empty() { "0".to_owned() } else { parts.join(" + ") };
    if report.outcome.sum() == report.imported {
        format!("{parts} = {} imported", count(report.imported))
    } else {
        format!(
            "{parts} = {}, but {} imported: this is a bug, please report it",
            count(report.outcome.sum()),
            count(report.imported)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn the_headline_says_how_many_and_at_what_price() {
        let report = sample::report();
        assert_eq!(sentence(&report), "Of 1,000 records taken in, 612 are right in HubSpot for $0.0347 each.");
        assert_eq!(
            sum(&report),
            "538 synced + 74 unchanged + 41 held + 181 rejected + 26 suppressed + 118 merged + 12 waiting + 10 quarantined = 1,000 imported"
        );
    }

    #[test]
    fn a_sum_that_does_not_hold_says_so() {
        let report = RunReport { imported: 3, ..RunReport::default() };
        assert_eq!(sum(&report), "0 = 0, but 3 imported: this is a bug, please report it");
    }

    #[test]
    fn an_empty_run_is_said_plainly() {
        assert_eq!(sentence(&RunReport::default()), "Nothing was taken in by this run.");
        assert_eq!(sum(&RunReport::default()), "0 = 0 imported");
    }
}
