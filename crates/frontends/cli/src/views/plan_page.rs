//! A plan as one page: counts, guards, price, and every change and every value left alone, to be filtered in a browser. No network.

use std::collections::BTreeSet;

use evergreen_engine::plans;
use evergreen_model::{Action, Plan, Step, StepState};

use super::html::{escape, escape_up_to, nothing, section};
use super::numbers::{count, time};
use super::plan::{PlanCounts, ending, kept_word, state};

/// Most lines of each table; a plan of a hundred thousand records is read as JSON.
const MOST: usize = 20_000;
/// Longest reason shown, in characters: the evidence of a merge is long, and its end says which record stays.
const REASON: usize = 600;

/// The page. `price` is the calls apply needs and what the run has spent so far.
#[must_use]
pub fn html(plan: &Plan, counts: &PlanCounts, steps: &[Step], price: &(String, String)) -> String {
    let style = [include_str!("page.css"), include_str!("plan_page.css")].concat();
    let body =
        [head(plan, counts, price), guards(plan), changes(steps), left_alone(steps), "</main>\n".to_owned()].concat();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<title>Evergreen: plan {}</title>\n<style>\n{style}</style>\n</head>\n\
         <body>\n{body}<script>\n{}</script>\n</body>\n</html>\n",
        plan.id.0,
        include_str!("plan_page.js")
    )
}

fn head(plan: &Plan, counts: &PlanCounts, (calls, spent): &(String, String)) -> String {
    let all = [
        ("To create", counts.creates, "records HubSpot does not have"),
        ("To update", counts.updates, "records HubSpot has"),
        ("To merge", counts.merges, "duplicates inside HubSpot, for good"),
        ("To delete", counts.archives, "records, to HubSpot's recycle bin"),
        ("To link", counts.associates, "contacts to their company"),
        ("To unlink", counts.unlinks, "contacts from their company"),
        ("To enroll", counts.enrolls, "contacts in the sequencer"),
        ("Not possible", counts.stuck, "each with its reason"),
        ("Left alone", counts.protected, "values known, but not written"),
        ("Already right", counts.nothing, "records without a change"),
    ];
    let tiles: String = all
        .iter()
        .filter(|(_, number, _)| *number > 0)
        .map(|(name, number, note)| {
            format!(
                "<li><span class=\"name\">{name}</span><strong>{}</strong><span class=\"note\">{note}</span></li>\n",
                count(*number)
            )
        })
        .collect();
    let tiles =
        if tiles.is_empty() { nothing("Nothing to do.") } else { format!("<ul class=\"tiles\">\n{tiles}</ul>\n") };
    let approved = plan.approved_by.as_deref().map(|person| format!(" Approved by {}.", escape(person)));
    format!(
        "<header>\n<p class=\"eyebrow\"><b>Evergreen</b> <span>made {}</span> <span>run {}</span></p>\n<h1>Plan {}: {}</h1>\n\
         <p class=\"summary\">Apply needs {}. Spent so far: {}.{}</p>\n<p class=\"next\">Next: <code>{}</code></p>\n\
         {tiles}</header>\n<main>\n",
        time(plan.created_at),
        plan.run.0,
        plan.id.0,
        escape(state(plan.state)),
        escape(calls),
        escape(spent),
        approved.unwrap_or_default(),
        escape(&ending(plan, counts)),
    )
}

fn guards(plan: &Plan) -> String {
    let rows: String = plan
        .guards
        .iter()
        .map(|found| {
            let (class, word) = match (found.blocks, found.exceeded) {
                (true, _) => ("stops", "stops"),
                (false, true) => ("warns", "warns"),
                (false, false) => ("note", "ok"),
            };
            format!(
                "<tr><th scope=\"row\">{}</th><td class=\"{class}\">{word}</td><td>{}</td></tr>\n",
                escape(&found.guard),
                escape(&found.sentence)
            )
        })
        .collect();
    let body = format!(
        "<table class=\"lines guards\"><thead><tr><th>guard</th><th>now</th><th>found</th></tr></thead><tbody>\n{rows}</tbody></table>\n"
    );
    let lead = "Above a limit that stops, the plan waits for a named person.";
    section("", "Guards", lead, if plan.guards.is_empty() { "" } else { &body })
}

fn changes(steps: &[Step]) -> String {
    let mut rows = Vec::new();
    for step in steps {
        let kind = kind_of(step);
        // What goes to the recycle bin goes as a whole: its values are kept to make it again, not written.
        let written = if step.action == Action::Archive { &[][..] } else { &step.changes[..] };
        for change in written {
            let way = if change.clear_first { " → (empty)" } else { "" };
            let evidence = change.evidence.map_or_else(String::new, |evidence| format!(" (evidence {})", evidence.0));
            rows.push(row(
                kind,
                step,
                &change.property,
                &format!("{}{way} → {}", before(change.before.as_deref()), after(&change.after)),
                &format!("{}{evidence}", change.reason),
                change.rule.as_str(),
            ));
        }
        let whole = match &step.action {
            Action::Associate { company } => Some(format!("linked to company record {company}")),
            Action::Unlink { company } => Some(format!("no longer linked to company record {company}")),
            Action::Enroll { campaign } => Some(format!("into campaign {campaign}")),
            Action::Merge { other_portal_id, .. } => Some(format!(
                "record {} takes in record {other_portal_id}, for good",
                step.portal_id.as_deref().unwrap_or("?")
            )),
            Action::Archive => Some("to the recycle bin".to_owned()),
            Action::Nothing if step.state == StepState::Stale => Some("not possible".to_owned()),
            _ => None,
        };
        let untold = if step.action == Action::Archive { "made by the run that is taken back" } else { "" };
        if let Some(what) = whole {
            rows.push(row(kind, step, "", &escape(&what), step.note.as_deref().unwrap_or(untold), ""));
        }
        if let Action::Merge { .. } = &step.action {
            for field in &step.kept {
                let values = format!("{} | {}", after(field.current.as_deref().unwrap_or("")), after(&field.offered));
                rows.push(row(kind, step, &field.property, &values, &field.why, ""));
            }
        }
    }
    let lead = "What apply would write, with the reason, the evidence and the rule that allows it.";
    lines(
        "changes",
        "Changes",
        lead,
        &["record", "property", "before → after", "reason", "rule"],
        &rows,
        &kinds(steps, |step| vec![kind_of(step)]),
    )
}

fn left_alone(steps: &[Step]) -> String {
    let mut rows = Vec::new();
    let forward = |step: &&Step| !matches!(step.action, Action::Merge { .. });
    for step in steps.iter().filter(forward) {
        for kept in &step.kept {
            let values = format!("{} | ours: {}", before(kept.current.as_deref()), after(&kept.offered));
            let values = if kept.code == "unchanged" { String::new() } else { values };
            let why = format!("{}: {}", kept_word(&kept.code), kept.why);
            rows.push(row(&kept.code, step, &kept.property, &values, &why, kept.rule.as_str()));
        }
    }
    let lead = "Values we know and do not write, and why; \"unchanged\" means that HubSpot holds the same already.";
    lines(
        "left",
        "Left alone",
        lead,
        &["record", "property", "HubSpot | ours", "why", "rule"],
        &rows,
        &kinds(steps, |step| {
            step.kept.iter().filter(|kept| kept.code != "merge").map(|kept| kept.code.as_str()).collect()
        }),
    )
}

/// What the filter calls a step.
fn kind_of(step: &Step) -> &'static str {
    match &step.action {
        Action::Nothing if step.state == StepState::Stale => "not possible",
        action => action.as_str(),
    }
}

fn kinds<'a>(steps: &'a [Step], of: impl Fn(&'a Step) -> Vec<&'a str>) -> BTreeSet<&'a str> {
    steps.iter().flat_map(of).filter(|kind| *kind != "nothing").collect()
}

/// `values` is HTML, everything else raw.
fn row(kind: &str, step: &Step, property: &str, values: &str, why: &str, rule: &str) -> String {
    let own = if plans::is_own(property) { " data-own" } else { "" };
    let rule = if rule.is_empty() {
        "<td></td>".to_owned()
    } else {
        format!("<td class=\"rule\" data-label=\"rule\">{}</td>", escape(rule))
    };
    format!(
        "<tr data-kind=\"{}\"{own}><th scope=\"row\">{} <span class=\"note\">{}</span></th><td class=\"property\">{}</td><td>{values}</td>\
         <td class=\"why\">{}</td>{rule}</tr>\n",
        escape(kind),
        escape(&step.title),
        step.entity.as_str(),
        escape(property),
        escape_up_to(why, REASON)
    )
}

fn lines(id: &str, title: &str, lead: &str, heads: &[&str], rows: &[String], kinds: &BTreeSet<&str>) -> String {
    if rows.is_empty() {
        return section("", title, lead, &nothing("Nothing."));
    }
    let options: String = kinds.iter().map(|kind| format!("<option>{}</option>", escape(kind))).collect();
    let heads: String = heads.iter().map(|head| format!("<th scope=\"col\">{}</th>", escape(head))).collect();
    let cut = match rows.len().checked_sub(MOST) {
        Some(more) if more > 0 => nothing(&format!("{more} more lines: evergreen plan --out plan.json")),
        _ => String::new(),
    };
    let own = if rows.iter().any(|row| row.contains(" data-own>")) {
        "<label><input type=\"checkbox\"> Evergreen's own properties too</label>"
    } else {
        ""
    };
    let shown = rows.get(..MOST.min(rows.len())).unwrap_or_default().concat();
    let body = format!(
        "<div class=\"filter\" data-of=\"{id}\"><input type=\"search\" placeholder=\"Filter: name, property, value, reason\" \
         aria-label=\"Filter {title}\"><select aria-label=\"Kind\"><option value=\"\">all kinds</option>{options}</select>\
         {own}<output></output></div>\n<table class=\"lines\" id=\"{id}\"><thead><tr>{heads}</tr></thead><tbody>\n{shown}</tbody></table>\n{cut}"
    );
    section("", title, lead, &body)
}

fn before(value: Option<&str>) -> String {
    match value {
        None | Some("") => "<span class=\"note\">(empty)</span>".to_owned(),
        Some(value) => format!("<del>{}</del>", escape(value)),
    }
}

fn after(value: &str) -> String {
    if value.is_empty() { "<ins>(empty)</ins>".to_owned() } else { format!("<ins>{}</ins>", escape(value)) }
}

#[cfg(test)]
mod tests {
    use evergreen_model::{Change, Entity, Kept, PlanId, PlanState, Protection, RecordId, RunId, StepId};

    use super::*;

    #[test]
    fn the_page_shows_every_change_and_every_value_left_alone_and_no_value_becomes_markup() {
        let plan = Plan {
            id: PlanId(3),
            run: RunId(7),
            created_at: super::super::sample::now(),
            config_hash: String::new(),
            portal_hash: String::new(),
            state: PlanState::Ready,
            guards: Vec::new(),
            approved_by: None,
        };
        let change = Change {
            property: "lifecyclestage".to_owned(),
            before: Some("customer".to_owned()),
            after: "lead".to_owned(),
            rule: Protection::Ours,
            reason: "criteria".to_owned(),
            evidence: None,
            clear_first: true,
        };
        let kept = Kept {
            property: "city".to_owned(),
            current: Some("<script>alert(1)</script>".to_owned()),
            offered: "Berlin".to_owned(),
            rule: Protection::FillEmpty,
            code: "needs-approval".to_owned(),
            why: "typed by a person".to_owned(),
        };
        let step = Step {
            id: StepId(1),
            plan: PlanId(3),
            record: RecordId(9),
            entity: Entity::Contact,
            title: "Jane Doe".to_owned(),
            portal_id: None,
            action: Action::Update,
            changes: vec![change],
            kept: vec![kept],
            state: StepState::Planned,
            note: None,
        };
        let kept = Kept { property: "email".to_owned(), code: "merge".to_owned(), ..step.kept[0].clone() };
        let merge = Step {
            action: Action::Merge { other: RecordId(10), other_portal_id: "502".to_owned() },
            portal_id: Some("501".to_owned()),
            changes: Vec::new(),
            kept: vec![kept],
            note: Some(format!("{} and 501 stays", "the same again, ".repeat(30))),
            ..step.clone()
        };
        let counts = PlanCounts { updates: 1, merges: 1, ..PlanCounts::default() };
        let page = html(&plan, &counts, &[step, merge], &("2 portal calls".to_owned(), "$0.00".to_owned()));
        assert!(page.contains("To merge") && !page.contains("Already right"), "{page}");
        assert!(page.contains("record 501 takes in record 502, for good") && page.contains("and 501 stays"), "{page}");
        assert_eq!(page.matches("<tr data-kind=\"merge\"").count(), 2, "the merge and its one field: {page}");
        assert!(page.contains("<del>customer</del> → (empty) → <ins>lead</ins>"));
        assert!(page.contains("waits for a person: typed by a person"));
        assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert"));
        assert!(!page.contains("http://") && !page.contains("https://"));
    }
}
