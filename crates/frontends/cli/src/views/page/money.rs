//! What was spent: per provider, and the four costs with the number each is divided by.

use evergreen_model::RunReport;

use super::super::headline;
use super::super::html::{Column, nothing, section, table};
use super::super::numbers::{count, credits, exact_money, money, share};

pub fn spend(report: &RunReport) -> String {
    let cost = &report.cost;
    let lead = format!("{} in total. Nothing is paid twice: answers bought before are reused.", money(cost.total));
    let hits: u64 = report.spend.values().map(|spend| spend.hits).sum();
    let valid = report.verdicts.get("valid").copied().unwrap_or_default();
    let costs = [
        ("per raw row", cost.per_raw_row, report.imported, "taken in"),
        ("per found answer", cost.per_found, hits, "provider hits"),
        ("per verified contact", cost.per_verified, valid, "valid addresses"),
        ("per qualified contact", cost.per_qualified, headline::right(report), "right in HubSpot"),
    ];
    let mut facts: Vec<(&str, String, String)> = costs
        .into_iter()
        .map(|(name, each, number, what)| {
            (
                name,
                each.map_or_else(|| "–".to_owned(), money),
                format!("{} ÷ {} {what}", money(cost.total), count(number)),
            )
        })
        .collect();
    let on_rejected = if cost.total > 0.0 {
        format!("{:.1} % of {}", cost.on_rejected * 100.0 / cost.total, money(cost.total))
    } else {
        "of nothing spent".to_owned()
    };
    facts.push(("on records that were then refused", money(cost.on_rejected), on_rejected));
    let body = if report.spend.is_empty() {
        nothing("No provider was asked in this run.")
    } else {
        format!("{}{}", super::facts(&facts), providers(report))
    };
    section("spend", "What it cost", &lead, &body)
}

fn providers(report: &RunReport) -> String {
    let columns = [
        Column::Words("Provider"),
        Column::Number("Calls"),
        Column::Number("Hits"),
        Column::Number("Misses"),
        Column::Number("Other"),
        Column::Number("Hit rate (of calls)"),
        Column::Number("Reused"),
        Column::Number("Uncertain"),
        Column::Number("Credits"),
        Column::Number("Money"),
    ];
    let mut rows: Vec<Vec<String>> = report
        .spend
        .iter()
        .map(|(name, spend)| {
            vec![
                name.clone(),
                count(spend.calls),
                count(spend.hits),
                count(spend.misses),
                count(spend.other),
                share(spend.hits, spend.calls),
                count(spend.cached),
                count(spend.uncertain),
                credits(spend.credits),
                exact_money(spend.money),
            ]
        })
        .collect();
    let sum = |of: fn(&evergreen_model::report::ProviderSpend) -> u64| report.spend.values().map(of).sum::<u64>();
    let (calls, hits) = (sum(|spend| spend.calls), sum(|spend| spend.hits));
    rows.push(vec![
        "All providers".to_owned(),
        count(calls),
        count(hits),
        count(sum(|spend| spend.misses)),
        count(sum(|spend| spend.other)),
        share(hits, calls),
        count(sum(|spend| spend.cached)),
        count(sum(|spend| spend.uncertain)),
        "own units".to_owned(),
        exact_money(report.spend.values().map(|spend| spend.money).sum()),
    ]);
    let note = "<p class=\"note\">Other: refused, failed or ambiguous answers. Reused: answered from what was bought before, free of charge. Uncertain: the charge is not \
                known after a crash; it is counted as spent.</p>\n";
    format!("{}{note}", table("Spend per provider", &columns, &rows))
}
