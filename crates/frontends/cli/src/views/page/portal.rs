//! What was written to HubSpot, what was left alone although Evergreen knew a value, and who was handed to the sequencer.

use evergreen_model::RunReport;

use super::super::html::{Column, nothing, section, table};
use super::super::numbers::{count, counted, of};
use super::super::words;
use super::Shown;

pub fn written(report: &RunReport) -> String {
    let sync = &report.sync;
    let handoff = &report.handoff;
    let passed = handoff.enrolled + handoff.gated + handoff.refused;
    let companies: Vec<String> = words::outcomes(&report.companies)
        .into_iter()
        .filter(|(_, number)| *number > 0)
        .map(|(outcome, number)| format!("{} {}", count(number), outcome.as_str()))
        .collect();
    let companies = if companies.is_empty() { "none in this run".to_owned() } else { companies.join(", ") };
    let facts = [
        ("records created", count(sync.created), "contacts and companies".to_owned()),
        (
            "records updated",
            count(sync.updated),
            format!("{} written in all", counted(sync.properties, "property", "properties")),
        ),
        (
            "contacts linked to their company",
            count(sync.associated),
            "so that the account is found from the person".to_owned(),
        ),
        ("companies in the run", count(report.companies.sum()), companies),
        ("values left alone", count(sync.protected), "known to Evergreen, protected by a rule".to_owned()),
        ("records stale", count(sync.stale), "HubSpot changed since the plan; not overwritten".to_owned()),
        ("writes refused by HubSpot", count(sync.failed), "each has its reason".to_owned()),
        ("HubSpot calls", count(sync.calls), "reads before the write, writes and links, in batches".to_owned()),
        (
            "contacts enrolled",
            count(handoff.enrolled),
            format!(
                "of {}; {} kept out by a gate, {} refused",
                counted(passed, "contact", "contacts"),
                count(handoff.gated),
                count(handoff.refused)
            ),
        ),
    ];
    section("half", "HubSpot and sequencer", "What was written, and what was not.", &super::facts(&facts))
}

pub fn protected(report: &RunReport, shown: &Shown) -> String {
    let lead = format!(
        "{} that Evergreen knew and did not overwrite. What people typed stays.",
        counted(report.sync.protected, "value", "values")
    );
    let rows: Vec<_> = shown
        .protected
        .iter()
        .map(|kept| {
            vec![
                kept.title.clone(),
                kept.property.clone(),
                or_empty(&kept.current),
                or_empty(&kept.offered),
                kept.why.clone(),
            ]
        })
        .collect();
    let body = if rows.is_empty() {
        nothing("No protected value stood in the way of a better one.")
    } else {
        let columns = [
            Column::Words("Record"),
            Column::Words("Property"),
            Column::Words("In HubSpot"),
            Column::Words("Evergreen knew"),
            Column::Words("Why it was kept"),
        ];
        let shown = rows.len() as u64;
        table(&format!("Values left alone: {} shown", of(shown, report.sync.protected.max(shown))), &columns, &rows)
    };
    section("protected", "Protected values", &lead, &body)
}

pub fn changed(shown: &Shown) -> String {
    let rows: Vec<_> = shown
        .changed
        .iter()
        .map(|change| {
            let before = change.before.as_deref().unwrap_or_default();
            vec![
                change.title.clone(),
                change.property.clone(),
                or_empty(before),
                or_empty(&change.after),
                change.reason.clone(),
            ]
        })
        .collect();
    let body = if rows.is_empty() {
        nothing("No property was written.")
    } else {
        let columns = [
            Column::Words("Record"),
            Column::Words("Property"),
            Column::Words("Before"),
            Column::Words("After"),
            Column::Words("Where it comes from"),
        ];
        table(&format!("Examples of changes: {} shown", rows.len()), &columns, &rows)
    };
    section("changed", "Examples of changes", "Each value with what stood there before and where it comes from.", &body)
}

fn or_empty(value: &str) -> String {
    if value.trim().is_empty() { "(empty)".to_owned() } else { value.to_owned() }
}
