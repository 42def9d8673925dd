//! Where every record went: the outcome bar, the funnel, the fill of each field, and who was stopped and why.

use evergreen_model::report::Fill;
use evergreen_model::{Entity, RunReport};

use super::super::charts::{self, Part};
use super::super::funnel::{Loss, funnel as steps_of};
use super::super::html::{Column, escape, nothing, section, table};
use super::super::numbers::{count, of, share, time};
use super::super::{headline, words};
use super::Shown;

/// Reasons named at a step of the funnel before the others are summed up.
const REASONS: usize = 5;

pub fn outcome(report: &RunReport) -> String {
    let lead = "Each record taken in ends in exactly one place. Nothing vanishes.";
    let all = words::outcomes(&report.outcome);
    let parts: Vec<Part<'_>> = all
        .iter()
        .map(|(outcome, count)| Part { class: outcome.as_str(), count: *count, word: outcome.as_str() })
        .collect();
    let legend: String = all
        .iter()
        .filter(|(_, number)| *number > 0)
        .map(|(outcome, number)| {
            format!(
                "<li><i class=\"{word}\"></i><b>{word}</b> <span class=\"number\">{}</span> <span class=\"share\">{}</span> <span class=\"note\">{}</span></li>\n",
                count(*number),
                share(*number, report.imported),
                words::meaning(*outcome),
                word = outcome.as_str(),
            )
        })
        .collect();
    let alarm = if report.outcome.sum() == report.imported { "sum" } else { "sum alarm" };
    let body = if report.imported == 0 {
        nothing("Nothing was taken in, so there is nothing to count out.")
    } else {
        let whole = report.imported.max(report.outcome.sum());
        format!("{}<ul class=\"legend\">\n{legend}</ul>\n", charts::stacked(&parts, whole, 40))
    };
    let body = format!("{body}<p class=\"{alarm}\">{}</p>\n", headline::sum(report));
    section("outcome", "Where every record ended", lead, &body)
}

pub fn funnel(report: &RunReport) -> String {
    let lead =
        format!("From list to sequencer. Shares are of the {} taken in; each loss says why.", count(report.imported));
    if report.imported == 0 {
        return section("funnel", "The funnel", "From list to sequencer.", &nothing("No record entered the funnel."));
    }
    let steps: String = steps_of(report)
        .iter()
        .map(|step| {
            let lost: u64 = step.lost.iter().map(|loss| loss.count).sum();
            let parts = [Part { class: "kept", count: step.count, word: step.name }, Part { class: "lost", count: lost, word: "lost here" }];
            let losses = if lost > 0 { format!("<p class=\"losses\"><b>−{}</b> {}</p>\n", count(lost), losses(&step.lost)) } else { String::new() };
            format!(
                "<li>\n<p class=\"name\"><b>{}</b> <span class=\"note\">{}</span></p>\n<p class=\"value\"><b>{}</b> <span>{}</span></p>\n{}{losses}</li>\n",
                step.name,
                step.meaning,
                count(step.count),
                share(step.count, report.imported),
                charts::stacked(&parts, report.imported, 18),
            )
        })
        .collect();
    section("funnel", "The funnel", &lead, &format!("<ol class=\"rows\">\n{steps}</ol>\n"))
}

fn losses(lost: &[Loss]) -> String {
    let mut named: Vec<String> =
        lost.iter().take(REASONS).map(|loss| format!("{}:\u{a0}{}", escape(&loss.why), count(loss.count))).collect();
    let others: u64 = lost.iter().skip(REASONS).map(|loss| loss.count).sum();
    if others > 0 {
        named.push(format!("other reasons: {}", count(others)));
    }
    named.join(" · ")
}

pub fn fill(report: &RunReport) -> String {
    let lead = "How many records had a value when they came in (list and HubSpot), and how many have one now.";
    let key = "<ul class=\"legend inline\"><li><i class=\"before\"></i><b>before</b></li><li><i class=\"after\"></i><b>after</b></li></ul>\n";
    let body = format!(
        "{key}<div class=\"two\">\n{}{}</div>\n",
        fields(report, Entity::Contact, "Contacts"),
        fields(report, Entity::Company, "Companies")
    );
    section("fill", "Fields before and after", lead, &body)
}

fn fields(report: &RunReport, entity: Entity, title: &str) -> String {
    let mut fields: Vec<(String, Fill)> = report
        .fill
        .iter()
        .map(|(name, fill)| (words::fill_field(name), *fill))
        .filter(|((of, _), fill)| *of == entity && fill.of > 0)
        .map(|((_, label), fill)| (label, fill))
        .collect();
    fields.sort_by_key(|(_, fill)| std::cmp::Reverse(fill.after));
    if fields.is_empty() {
        return format!("<div>\n<h3>{title}</h3>\n{}</div>\n", nothing("No record of this kind in the run."));
    }
    let rows: String = fields
        .iter()
        .map(|(label, fill)| {
            format!(
                "<li>\n<p class=\"name\"><b>{}</b></p>\n<p class=\"value\">{} → <b>{}</b> of {} <span>{}</span></p>\n{}</li>\n",
                escape(label),
                count(fill.before),
                count(fill.after),
                count(fill.of),
                share(fill.after, fill.of),
                charts::pair(fill.before, fill.after, fill.of),
            )
        })
        .collect();
    format!("<div>\n<h3>{title}</h3>\n<ul class=\"rows\">\n{rows}</ul>\n</div>\n")
}

pub fn stopped(report: &RunReport, shown: &Shown) -> String {
    let lead = format!(
        "Refused: {}. Held for a person: {}. Refused records are tried again on their date.",
        of(report.outcome.rejected, report.imported),
        of(report.outcome.held, report.imported),
    );
    let mut reasons: Vec<_> = report.reasons.iter().filter(|(_, number)| **number > 0).collect();
    reasons.sort_by_key(|(code, number)| (std::cmp::Reverse(**number), (*code).clone()));
    let most = reasons.first().map_or(0, |(_, number)| **number);
    let rows: String = reasons
        .iter()
        .map(|(code, number)| {
            format!(
                "<li>\n<p class=\"name\"><b>{}</b> <code>{}</code></p>\n<p class=\"value\"><b>{}</b></p>\n{}</li>\n",
                escape(&words::reason(code)),
                escape(code),
                count(**number),
                charts::bar("rejected", **number, most, 8),
            )
        })
        .collect();
    let mut body = if rows.is_empty() {
        nothing("No record was stopped.")
    } else {
        format!("<h3>Reasons, with the number of contacts</h3>\n<ul class=\"rows columns\">\n{rows}</ul>\n")
    };
    if !shown.held.is_empty() {
        let rows: Vec<_> = shown.held.iter().map(|held| vec![held.title.clone(), held.sentence.clone()]).collect();
        let caption =
            format!("Held for a person: {} of {} shown", rows.len(), count(report.outcome.held.max(rows.len() as u64)));
        body.push_str(&table(&caption, &[Column::Words("Record"), Column::Words("Why")], &rows));
    }
    if !shown.refused.is_empty() {
        let when = |at: Option<jiff::Timestamp>| at.map_or_else(|| "not again".to_owned(), time);
        let rows: Vec<_> = shown
            .refused
            .iter()
            .map(|refused| vec![refused.title.clone(), refused.sentence.clone(), when(refused.retry_at)])
            .collect();
        let caption =
            format!("Refused: {} of {} shown", rows.len(), count(report.outcome.rejected.max(rows.len() as u64)));
        body.push_str(&table(
            &caption,
            &[Column::Words("Record"), Column::Words("Why"), Column::Words("Next try")],
            &rows,
        ));
    }
    section("stopped", "Refused and held", &lead, &body)
}
