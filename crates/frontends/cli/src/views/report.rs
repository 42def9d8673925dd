//! The report of a run in one terminal screen; ends with what to do next.

use evergreen_model::report::{Fill, HandoffCounts, SyncCounts};
use evergreen_model::{Entity, RunReport};

use super::funnel::funnel;
use super::numbers::{count, counted, credits, exact_money, money, plain, share};
use super::table::table;
use super::{headline, next, words};

/// Reasons shown; the page has all.
const REASONS: usize = 6;
/// Width of the labels in front of lines, in characters.
const LABEL: usize = 12;
/// Room for words behind a label, in characters.
const LINE: usize = 98;

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
    text.push_str(&format!("\n\n{}", labelled("Outcome", &headline::sum(report))));
    let steps: Vec<_> =
        funnel(report).into_iter().map(|step| format!("{} {}", count(step.count), lower(step.name))).collect();
    text.push_str(&format!("\n{}", labelled("Funnel", &steps.join(" > "))));
    text
}

/// `In HubSpot` in the middle of a line.
fn lower(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// A line with its label in front, wrapped under itself between its parts.
fn labelled(label: &str, words: &str) -> String {
    let mut lines = vec![format!("{label:<LABEL$}")];
    let mut room = LINE;
    // A part ends with its separator; a comma inside a number has no space after it.
    for part in words
        .split_inclusive(' ')
        .collect::<Vec<_>>()
        .split_inclusive(|word| word.trim_end().ends_with([',', ';', ':', '+', '>']))
    {
        let part = part.concat();
        let width = part.chars().count();
        if width > room + 1 && room < LINE {
            lines.push(" ".repeat(LABEL));
            room = LINE;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(&part);
        }
        room = room.saturating_sub(width);
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
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
            |(label, fill)| {
                vec![
                    label.clone(),
                    count(fill.before),
                    format!("{} of {} ({})", count(fill.after), count(fill.of), share(fill.after, fill.of)),
                ]
            },
        )
    };
    let lines = contacts.len().max(companies.len());
    let rows: Vec<Vec<String>> =
        (0..lines).map(|line| [cells(&contacts, line), cells(&companies, line)].concat()).collect();
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
                exact_money(spend.money),
            ]
        })
        .collect();
    let header = ["Provider", "Calls", "Hits", "Misses", "Other", "Hits/calls", "Reused", "Credits", "Money"];
    let each = |amount: Option<f64>| amount.map_or_else(|| "–".to_owned(), money);
    let hits: u64 = report.spend.values().map(|spend| spend.hits).sum();
    let valid = report.verdicts.get("valid").copied().unwrap_or_default();
    let cost = &report.cost;
    let costs = format!(
        "{} in all: {} per raw row ({} taken in), {} per found ({} hits), {} per verified ({} valid), {} per qualified ({} right in HubSpot); {} went to records that were then refused",
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
    );
    format!("{}\n{}", table(&header, &rows), labelled("Cost", &costs))
}

fn stopped(report: &RunReport) -> String {
    let mut reasons: Vec<_> = report.reasons.iter().filter(|(_, number)| **number > 0).collect();
    reasons.sort_by_key(|(code, number)| (std::cmp::Reverse(**number), (*code).clone()));
    if reasons.is_empty() {
        return String::new();
    }
    let more = reasons.len().saturating_sub(REASONS);
    let rest: u64 = reasons.iter().skip(REASONS).map(|(_, number)| **number).sum();
    let rows: Vec<Vec<String>> = reasons
        .into_iter()
        .take(REASONS)
        .map(|(code, number)| vec![count(*number), words::reason(code), code.clone()])
        .collect();
    let mut text = table(&["Stopped", "Why", "Code"], &rows);
    if more > 0 {
        text.push_str(&format!("\n{} more for {}", count(rest), counted(more as u64, "other reason", "other reasons")));
    }
    text
}

fn numbers(report: &RunReport) -> String {
    if report.imported == 0 && report.sync == SyncCounts::default() && report.handoff == HandoffCounts::default() {
        return String::new();
    }
    let mut lines = Vec::new();
    let asked: u64 = report.verdicts.values().sum();
    if asked > 0 {
        let known = words::VERDICTS.iter().copied().filter(|code| report.verdicts.contains_key(*code));
        let rare = report.verdicts.keys().map(String::as_str).filter(|code| !words::VERDICTS.contains(code));
        let parts: Vec<_> = known
            .chain(rare)
            .map(|code| (words::verdict(code).0, report.verdicts[code]))
            .filter(|(_, number)| *number > 0)
            .map(|(word, number)| format!("{} {}", count(number), plain(&word, 40)))
            .collect();
        lines.push(labelled("Verdicts", &format!("{} = {} contacts checked", parts.join(" + "), count(asked))));
    }
    let found = &report.duplicates;
    lines.push(labelled("Duplicates", &format!(
        "{} in the list, {} already in HubSpot, {} held; {:.2} % of {} records share an address or profile afterwards",
        count(found.in_list),
        count(found.with_portal),
        counted(found.held, "pair", "pairs"),
        found.rate_after * 100.0,
        count(headline::right(report)),
    )));
    let sync = &report.sync;
    lines.push(labelled(
        "HubSpot",
        &format!(
            "{} created, {} updated, {} linked; {} left alone, {} stale, {} failed; {}",
            count(sync.created),
            count(sync.updated),
            count(sync.associated),
            counted(sync.protected, "protected value", "protected values"),
            count(sync.stale),
            count(sync.failed),
            counted(sync.calls, "call", "calls"),
        ),
    ));
    let handoff = &report.handoff;
    lines.push(labelled(
        "Handoff",
        &format!(
            "{} enrolled, {} kept out by a gate, {} refused",
            count(handoff.enrolled),
            count(handoff.gated),
            count(handoff.refused)
        ),
    ));
    if !report.owners.is_empty() {
        let mut owners: Vec<_> = report.owners.iter().collect();
        owners.sort_by_key(|(who, number)| (std::cmp::Reverse(**number), (*who).clone()));
        let named: Vec<_> =
            owners.iter().take(4).map(|(who, number)| format!("{} {}", plain(who, 60), count(**number))).collect();
        let more = owners.len().saturating_sub(4);
        let more = if more > 0 { format!(", {more} more") } else { String::new() };
        lines.push(labelled("Owners", &format!("{}{more}", named.join(", "))));
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
        insta::assert_snapshot!(text, @r#"
        Run 7. Of 1,000 records taken in, 612 are right in HubSpot for $0.0347 each.

        Outcome     538 synced + 74 unchanged + 41 held + 181 rejected + 26 suppressed + 118 merged + 12 waiting +
                    10 quarantined = 1,000 imported
        Funnel      1,000 imported > 872 people > 754 qualified > 616 verified > 616 owned > 612 in HubSpot >
                    402 enrolled

        Contacts      Before  After                Companies            Before  After
        ────────────────────────────────────────────────────────────────────────────────────────────
        First name       851  868 of 872 (99.5 %)  Company domain name     280  322 of 322 (100 %)
        Last name        839  868 of 872 (99.5 %)  Industry                122  301 of 322 (93.5 %)
        Company name     801  846 of 872 (97.0 %)  Number of employees      80  298 of 322 (92.5 %)
        Email            702  818 of 872 (93.8 %)  Phone number              0  0 of 322 (0 %)
        Job title        412  743 of 872 (85.2 %)
        Country          344  690 of 872 (79.1 %)
        LinkedIn URL     230  655 of 872 (75.1 %)
        City             340  512 of 872 (58.7 %)
        Phone            388  391 of 872 (44.8 %)
        Mobile phone      61  204 of 872 (23.4 %)

        Provider  Calls  Hits  Misses  Other  Hits/calls  Reused  Credits     Money
        ────────────────────────────────────────────────────────────────────────────
        apollo      512   331     160     21      64.6 %      40      331   $8.2750
        hunter      214   116      96      2      54.2 %      12     42.8   $1.4552
        pdl          88    41      47      0      46.6 %       3       41  $11.4800
        Cost        $21.21 in all: $0.0212 per raw row (1,000 taken in), $0.0435 per found (488 hits),
                    $0.0331 per verified (640 valid), $0.0347 per qualified (612 right in HubSpot);
                    $1.93 went to records that were then refused

        Stopped  Why                                      Code
        ───────────────────────────────────────────────────────────────────
             62  does not fit the ideal customer profile  icp-no-fit
             38  email domain does not exist              domain-not-found
             32  no email address found                   no-email
             21  email domain takes no mail               null-mx
             18  function address such as info@           role-address
             18  verification score too low               score-too-low
        54 more for 8 other reasons

        Verdicts    640 valid + 24 catch-all + 6 unknown + 18 role + 9 free + 3 disposable + 71 invalid +
                    32 missing = 803 contacts checked
        Duplicates  118 in the list, 203 already in HubSpot, 17 pairs held;
                    0.16 % of 612 records share an address or profile afterwards
        HubSpot     371 created, 167 updated, 349 linked; 96 protected values left alone, 4 stale, 2 failed; 42 calls
        Handoff     402 enrolled, 207 kept out by a gate, 3 refused
        Owners      ana.ruiz@acme.example 214, bo.lind@acme.example 198, cy.okafor@acme.example 151,
                    fallback@acme.example 49

        Next
          evergreen review      decide 41 held records
          evergreen plan        plan again: 4 records changed in HubSpot since the plan
          evergreen status      see where 12 records are on their way
          evergreen rejects     read the reasons and retry dates of 181 refused records
          evergreen ledger      check 1 call whose charge is uncertain against the vendor's bill
          correct 10 rows in the project's quarantine folder (each has its reason) and import the file again
        "#);
        assert!(text.lines().count() <= 60, "{}", text.lines().count());
        assert!(text.lines().all(|line| line.chars().count() <= 112));
    }

    #[test]
    fn an_empty_run_is_a_few_lines() {
        insta::assert_snapshot!(text(&RunReport::default()), @r#"
        Run 0. Nothing was taken in by this run.

        No provider was asked, nothing was spent.

        Next
          evergreen import LIST.csv  import a list
        "#);
    }
}
