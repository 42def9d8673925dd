//! The report of a run in one terminal screen; ends with what to do next.

use evergreen_model::report::Fill;
use evergreen_model::{Entity, RunReport};

use super::funnel::funnel;
use super::numbers::{count, counted, credits, money, plain, share};
use super::table::table;
use super::{headline, next, words};

/// Reasons shown; the page has all.
const REASONS: usize = 8;

/// The report as text, for people; ends with a newline.
#[must_use]
pub fn text(report: &RunReport) -> String {
    let blocks = [head(report), fill(report), providers(report), stopped(report), numbers(report), next_steps(report)];
    let mut text = blocks.into_iter().filter(|block| !block.is_empty()).collect::<Vec<_>>().join("\n\n");
    text.push('\n');
    text
}

fn head(report: &RunReport) -> String {
    let sentence = headline::sentence(report);
    let mut text = format!("Run {}. {sentence}", report.run);
    if report.imported == 0 {
        return text;
    }
    text.push_str(&format!("\n\nOutcome   {}", headline::sum(report)));
    let steps: Vec<_> = funnel(report).into_iter().map(|step| format!("{} {}", count(step.count), step.name.replace("In ", "in ").replace("I", "i").to_owned())).collect();
    text.push_str(&format!("\nFunnel    {}", steps.join(" > ")));
    text
}

fn fill(report: &RunReport) -> String {
    let side = |entity: Entity| -> Vec<(String, Fill)> {
        let mut fields: Vec<_> = report
            .fill
            .iter()
            .map(|(name, fill)| (words::fill_field(name), *fill))
            .filter(|((of, _), fill)| *of == entity && fill.of > 0)
            .map(|((_, label), fill)| (label, fill))
            .collect();
        fields.sort_by_key(|(_, fill)| std::cmp::Reverse(fill.after));
        fields
    };
    let (contacts, companies) = (side(Entity::Contact), side(Entity::Company));
    let cells = |fields: &[(String, Fill)], line: usize| -> Vec<String> {
        fields.get(line).map_or_else(
            || vec![String::new(), String::new(), String::new()],
            |(label, fill)| vec![label.clone(), count(fill.before), format!("{} of {} ({})", count(fill.after), count(fill.of), share(fill.after, fill.of))],
        )
    };
    let lines = contacts.len().max(companies.len());
    let rows: Vec<Vec<String>> = (0..lines)
        .map(|line| [cells(&contacts, line), cells(&companies, line)].concat())
        .collect();
    match (contacts.is_empty(), companies.is_empty()) {
        (true, true) => String::new(),
        (false, true) => table(&["Contacts", "Before", "After"], &rows),
        _ => table(&["Contacts", "Before", "After", "Companies", "Before", "After"], &rows),
    }
}

fn providers(report: &RunReport) -> String {
    if report.spend.is_empty() {
        return "No provider was asked, nothing was spent.".to_owned();
    }
    let rows: Vec<Vec<String>> = report
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
                credits(spend.credits),
                money(spend.money),
            ]
        })
        .collect();
    let header = ["Provider", "Calls", "Hits", "Misses", "Other", "Hits/calls", "Reused", "Credits", "Money"];
    let each = |amount: Option<f64>| amount.map_or_else(|| "–".to_owned(), money);
    let hits: u64 = report.spend.values().map(|spend| spend.hits).sum();
    let valid = report.verdicts.get("valid").copied().unwrap_or_default();
    let cost = &report.cost;
    format!(
        "{}\nCost      {} in all; {} per raw row ({}), {} per found ({} hits), {} per verified ({} valid), {} per qualified ({});\n          {} went to records that were then refused",
        table(&header, &rows),
        money(cost.total),
        each(cost.per_raw_row),
        count(report.imported),
        each(cost.per_found),
        count(hits),
        each(cost.per_verified),
        count(valid),
        each(cost.per_qualified),
        count(headline::right(report)),
        money(cost.on_rejected),
    )
}

fn stopped(report: &RunReport) -> String {
    let mut reasons: Vec<_> = report.reasons.iter().filter(|(_, number)| **number > 0).collect();
    reasons.sort_by_key(|(code, number)| (std::cmp::Reverse(**number), (*code).clone()));
    if reasons.is_empty() {
        return String::new();
    }
    let more = reasons.len().saturating_sub(REASONS);
    let rest: u64 = reasons.iter().skip(REASONS).map(|(_, number)| **number).sum();
    let rows: Vec<Vec<String>> =
        reasons.into_iter().take(REASONS).map(|(code, number)| vec![count(*number), words::reason(code), code.clone()]).collect();
    let mut text = table(&["Stopped", "Why", "Code"], &rows);
    if more > 0 {
        text.push_str(&format!("\n{} more for {}", count(rest), counted(more as u64, "other reason", "other reasons")));
    }
    text
}

fn numbers(report: &RunReport) -> String {
    let mut lines = Vec::new();
    let asked: u64 = report.verdicts.values().sum();
    if asked > 0 {
        let known = words::VERDICTS.iter().copied().filter(|code| report.verdicts.contains_key(*code));
        let rare = report.verdicts.keys().map(String::as_str).filter(|code| !words::VERDICTS.contains(code));
        let parts: Vec<_> =
            known.chain(rare).map(|code| (words::verdict(code).0, report.verdicts[code])).filter(|(_, number)| *number > 0).map(|(word, number)| format!("{} {}", count(number), plain(&word, 40))).collect();
        lines.push(format!("Verdicts  {} = {} addresses", parts.join(" + "), count(asked)));
    }
    let found = &report.duplicates;
    lines.push(format!(
        "Doubles   {} in the list, {} already in HubSpot, {} held; {:.2} % of {} records share an address or profile afterwards",
        count(found.in_list),
        count(found.with_portal),
        counted(found.held, "pair", "pairs"),
        found.rate_after * 100.0,
        count(headline::right(report)),
    ));
    let sync = &report.sync;
    lines.push(format!(
        "HubSpot   {} created, {} updated, {} linked; {} left alone, {} stale, {} failed; {}",
        count(sync.created),
        count(sync.updated),
        count(sync.associated),
        counted(sync.protected, "protected value", "protected values"),
        count(sync.stale),
        count(sync.failed),
        counted(sync.calls, "call", "calls"),
    ));
    let handoff = &report.handoff;
    lines.push(format!("Handoff   {} enrolled, {} kept out by a gate, {} refused", count(handoff.enrolled), count(handoff.gated), count(handoff.refused)));
    if !report.owners.is_empty() {
        let mut owners: Vec<_> = report.owners.iter().collect();
        owners.sort_by_key(|(who, number)| (std::cmp::Reverse(**number), (*who).clone()));
        let named: Vec<_> = owners.iter().take(4).map(|(who, number)| format!("{} {}", plain(who, 60), count(**number))).collect();
        let more = owners.len().saturating_sub(4);
        let more = if more > 0 { format!(", {more} more") } else { String::new() };
        lines.push(format!("Owners    {}{more}", named.join(", ")));
    }
    lines.join("\n")
}

fn next_steps(report: &RunReport) -> String {
    let lines: Vec<_> = next::steps(report)
        .into_iter()
        .map(|step| match step.command {
            Some(command) => format!("  {command:<20}  {}", step.why),
            None => format!("  {}", step.why),
        })
        .collect();
    format!("Next\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn the_report_fits_one_screen_and_ends_with_what_to_do() {
        let text = text(&sample::report());
        insta::assert_snapshot!(text, @"");
        assert!(text.lines().count() <= 50, "{}", text.lines().count());
        assert!(text.lines().all(|line| line.chars().count() <= 160));
    }

    #[test]
    fn an_empty_run_is_a_few_lines() {
        insta::assert_snapshot!(text(&RunReport::default()), @"");
    }
}
