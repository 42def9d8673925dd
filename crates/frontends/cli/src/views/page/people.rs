//! What was found out about people: verdicts on addresses, duplicates, and who owns whom.

use evergreen_model::RunReport;

use super::super::charts::{self, Part};
use super::super::html::{escape, nothing, section};
use super::super::numbers::{count, share};
use super::super::{headline, words};

pub fn verdicts(report: &RunReport) -> String {
    let asked: u64 = report.verdicts.values().sum();
    let lead = format!("The verdict on the email of {} contacts, before anyone mails them.", count(asked));
    if asked == 0 {
        return section(
            "half",
            "Email verdicts",
            "What verification says before anyone mails.",
            &nothing("No contact was checked in this run."),
        );
    }
    let known = words::VERDICTS.iter().filter_map(|code| report.verdicts.get(*code).map(|number| (*code, *number)));
    let rare = report
        .verdicts
        .iter()
        .filter(|(code, _)| !words::VERDICTS.contains(&code.as_str()))
        .map(|(code, number)| (code.as_str(), *number));
    let all: Vec<(&str, u64)> = known.chain(rare).filter(|(_, number)| *number > 0).collect();
    let class = |code: &str| if words::VERDICTS.contains(&code) { format!("v-{code}") } else { "v-unknown".to_owned() };
    let classes: Vec<String> = all.iter().map(|(code, _)| class(code)).collect();
    let parts: Vec<Part<'_>> =
        all.iter().zip(&classes).map(|((_, count), class)| Part { class, count: *count, word: "contacts:" }).collect();
    let legend: String = all
        .iter()
        .zip(&classes)
        .map(|((code, number), class)| {
            let (word, meaning) = words::verdict(code);
            format!(
                "<li><i class=\"{class}\"></i><b>{}</b> <span class=\"number\">{}</span> <span class=\"share\">{}</span> <span class=\"note\">{meaning}</span></li>\n",
                escape(&word),
                count(*number),
                share(*number, asked),
            )
        })
        .collect();
    section(
        "half",
        "Email verdicts",
        &lead,
        &format!("{}<ul class=\"legend\">\n{legend}</ul>\n", charts::stacked(&parts, asked, 28)),
    )
}

pub fn duplicates(report: &RunReport) -> String {
    let found = &report.duplicates;
    let rate = format!("{:.2} %", found.rate_after * 100.0);
    let of_imported = |part: u64| match report.imported {
        0 => "of 0 taken in".to_owned(),
        all => format!("{} of {} taken in", share(part, all), count(all)),
    };
    let facts = [
        ("the same as another row of the list", count(found.in_list), of_imported(found.in_list)),
        ("already in HubSpot, so matched, not created", count(found.with_portal), of_imported(found.with_portal)),
        ("pairs that may be one person: a person decides", count(found.held), "waiting on the review board".to_owned()),
        (
            "share an address or profile with another record afterwards",
            rate,
            format!("of {} records right in HubSpot", count(headline::right(report))),
        ),
    ];
    section("half", "Duplicates", "Found before anything was bought or written.", &super::facts(&facts))
}

pub fn owners(report: &RunReport) -> String {
    let all: u64 = report.owners.values().sum();
    let lead = format!("{} contacts right in HubSpot have an owner.", count(all));
    let mut owners: Vec<_> = report.owners.iter().collect();
    owners.sort_by_key(|(who, number)| (std::cmp::Reverse(**number), (*who).clone()));
    let most = owners.first().map_or(0, |(_, number)| **number);
    let rows: String = owners
        .iter()
        .map(|(who, number)| {
            format!(
                "<li>\n<p class=\"name\"><b>{}</b></p>\n<p class=\"value\"><b>{}</b> <span>{}</span></p>\n{}</li>\n",
                escape(who),
                count(**number),
                share(**number, all),
                charts::bar("after", **number, most, 10),
            )
        })
        .collect();
    let body = if rows.is_empty() {
        nothing("No contact was given an owner.")
    } else {
        format!("<ul class=\"rows\">\n{rows}</ul>\n")
    };
    section("half", "Owners", if all == 0 { "Who the contacts belong to." } else { &lead }, &body)
}
