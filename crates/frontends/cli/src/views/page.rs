//! The report page: one file with everything in it, made to be forwarded, read on a phone and printed.

mod money;
mod people;
mod portal;
mod records;

use evergreen_model::RunReport;
use jiff::Timestamp;

use super::html::escape;
use super::numbers::{count, money as dollars, of, share, time};
use super::{headline, next};

/// What the page shows beside the numbers of the report. Values may come from raw lists; the page escapes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The project's name.
    pub project: String,
    /// When the page is made.
    pub made_at: Timestamp,
    /// Values that Evergreen knew and did not write.
    pub protected: Vec<Protected>,
    /// Examples of what was written.
    pub changed: Vec<Changed>,
    /// Examples of refused records.
    pub refused: Vec<Refused>,
    /// Examples of held records.
    pub held: Vec<Held>,
}

/// A value that Evergreen knew and did not write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protected {
    /// How people name the record.
    pub title: String,
    /// Internal property name.
    pub property: String,
    /// What HubSpot shows; empty when it shows nothing.
    pub current: String,
    /// What Evergreen knew.
    pub offered: String,
    /// Why it was not written, in one sentence.
    pub why: String,
}

/// A value that was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// How people name the record.
    pub title: String,
    /// Internal property name.
    pub property: String,
    /// What HubSpot showed before; absent when empty.
    pub before: Option<String>,
    /// What was written.
    pub after: String,
    /// Where it comes from and why it was written, in one sentence.
    pub reason: String,
}

/// A refused record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// How people name the record.
    pub title: String,
    /// Why, in one sentence.
    pub sentence: String,
    /// When it is tried again, if ever.
    pub retry_at: Option<Timestamp>,
}

/// A record that waits for a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// How people name the record.
    pub title: String,
    /// Why, in one sentence.
    pub sentence: String,
}

/// The page as one HTML file: style inside, charts as inline SVG, no script, no request to anywhere.
#[must_use]
pub fn page(report: &RunReport, shown: &Shown) -> String {
    let sections = [
        records::outcome(report),
        records::funnel(report),
        records::fill(report),
        people::verdicts(report),
        people::duplicates(report),
        money::spend(report),
        portal::written(report),
        people::owners(report),
        portal::protected(report, shown),
        portal::changed(shown),
        records::stopped(report, shown),
        steps(report),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<style>\n{css}</style>\n</head>\n<body>\n{header}<main>\n{body}</main>\n{footer}</body>\n</html>\n",
        title = escape(&format!("Run {} of {}: Evergreen report", report.run, shown.project)),
        css = include_str!("page.css"),
        header = kept_together(&header(report, shown)),
        body = kept_together(&sections.concat()),
        footer = kept_together(&footer(report, shown)),
    )
}

/// A percent sign never starts a line.
fn kept_together(html: &str) -> String {
    html.replace(" %", "\u{a0}%")
}

fn header(report: &RunReport, shown: &Shown) -> String {
    let right = headline::right(report);
    let valid = report.verdicts.get("valid").copied().unwrap_or_default();
    let asked: u64 = report.verdicts.values().sum();
    let per_qualified = match report.cost.per_qualified {
        Some(each) => format!("{} per record right in HubSpot", dollars(each)),
        None => "no record right in HubSpot yet".to_owned(),
    };
    let of = |part: u64, whole: u64, what: &str| {
        let share = if whole == 0 { String::new() } else { format!(" ({})", share(part, whole)) };
        format!("of {} {what}{share}", count(whole))
    };
    let of_imported = |part: u64| of(part, report.imported, "taken in");
    let tiles = [
        ("Right in HubSpot", count(right), of_imported(right)),
        ("Valid addresses", count(valid), of(valid, asked, "contacts checked")),
        ("Spent", dollars(report.cost.total), per_qualified),
        ("Waiting for a person", count(report.outcome.held), of_imported(report.outcome.held)),
    ];
    let tiles: String = tiles
        .iter()
        .map(|(name, number, note)| format!("<li><span class=\"name\">{name}</span> <strong>{number}</strong> <span class=\"note\">{note}</span></li>\n"))
        .collect();
    format!(
        "<header>\n<p class=\"eyebrow\"><b>Evergreen</b> <span>{project}</span> <span>Run {run}</span> <span>{made}</span></p>\n\
         <h1>{sentence}</h1>\n<p class=\"summary\">{details}</p>\n<ul class=\"tiles\">\n{tiles}</ul>\n</header>\n",
        project = escape(&shown.project),
        run = report.run,
        made = time(shown.made_at),
        sentence = escape(&headline::sentence(report)),
        details = headline::details(report),
    )
}

/// Numbers in a list: what, how many, of what.
fn facts(facts: &[(&str, String, String)]) -> String {
    let items: String = facts
        .iter()
        .map(|(what, number, note)| {
            format!(
                "<li><strong>{}</strong> <b>{}</b> <span class=\"note\">{}</span></li>\n",
                escape(number),
                escape(what),
                escape(note)
            )
        })
        .collect();
    format!("<ul class=\"facts\">\n{items}</ul>\n")
}

fn steps(report: &RunReport) -> String {
    let items: String = next::steps(report)
        .into_iter()
        .map(|step| {
            let command = step.command.map(|command| format!("<code>{}</code> ", escape(command))).unwrap_or_default();
            format!("<li>{command}<span>{}</span></li>\n", escape(&step.why))
        })
        .collect();
    super::html::section(
        "next",
        "What to do next",
        "Most urgent first.",
        &format!("<ul class=\"steps\">\n{items}</ul>\n"),
    )
}

fn footer(report: &RunReport, shown: &Shown) -> String {
    format!(
        "<footer>\n<p>Every number is counted from the run's own rows, calls and writes: {} ended in HubSpot. The same numbers as data: \
         <code>evergreen report {} --json</code>.</p>\n<p>Made {}. Amounts in US dollars. This page may name people: forward it only to those who may see them.</p>\n</footer>\n",
        of(headline::right(report), report.imported),
        report.run,
        time(shown.made_at),
    )
}

#[cfg(test)]
mod tests;
