//! The plan as text for people: what would be written, from where, and what is left alone and why.

use std::fmt::Write as _;

use evergreen_model::{Action, Change, Kept, Plan, Step, StepState};

/// A page of a plan as text, in the order apply performs it. The head comes with the first page only: pass no steps to get it alone.
#[must_use]
pub fn explain(plan: Option<&Plan>, steps: &[Step]) -> String {
    let mut text = String::new();
    if let Some(plan) = plan {
        head(&mut text, plan);
    }
    for step in steps {
        line(&mut text, step);
    }
    text
}

/// The values that were held back for a reason: every line but the one that stands for what is right already (`unchanged`).
/// Count these, not `kept` itself.
pub fn left_alone(kept: &[Kept]) -> impl Iterator<Item = &Kept> {
    kept.iter().filter(|kept| kept.code != "unchanged")
}

// Writing into a String can not fail, so the results of writeln! are dropped.

fn head(text: &mut String, plan: &Plan) {
    let made = plan.created_at.strftime("%-d %b %Y %H:%M UTC");
    let _ = writeln!(text, "plan {} of run {}, made {made}, {}", plan.id.0, plan.run.0, plan.state.as_str());
    for finding in plan.guards.iter().filter(|finding| finding.exceeded || finding.blocks) {
        let waits = if finding.blocks { "" } else { " (a warning)" };
        let _ = writeln!(text, "! {}: {}{waits}", finding.guard, finding.sentence);
    }
    if let Some(person) = &plan.approved_by {
        let _ = writeln!(text, "  approved by {person}");
    }
}

fn line(text: &mut String, step: &Step) {
    let who = format!("{} {}", step.entity.as_str(), step.title);
    match &step.action {
        Action::Create => {
            let _ = writeln!(text, "+ {who}{}", state(step));
            for change in &step.changes {
                let _ = writeln!(text, "    {}: \"{}\"  ({})", change.property, change.after, change.reason);
            }
        }
        Action::Update => {
            for change in &step.changes {
                let _ = writeln!(text, "~ {who}  {}{}", changed(change), state(step));
            }
        }
        Action::Associate { company } => {
            let _ = writeln!(text, "& {who}  linked to company record {company}{}", state(step));
        }
        Action::Enroll { campaign } => {
            let _ = writeln!(text, "> {who}  into campaign {campaign}{}", state(step));
        }
        Action::Merge { other_portal_id, .. } => {
            let _ = writeln!(text, "= {who}  takes in record {other_portal_id}, for good{}", state(step));
        }
        Action::Unlink { company } => {
            let _ = writeln!(text, "& {who}  no longer linked to company record {company}{}", state(step));
        }
        Action::Archive => {
            let _ = writeln!(text, "- {who}  to the recycle bin{}", state(step));
        }
        Action::Nothing => {}
    }
    for kept in left_alone(&step.kept) {
        let _ = writeln!(text, "! {who}  {}", kept_line(kept));
    }
}

fn changed(change: &Change) -> String {
    let before = change.before.as_deref().map_or_else(|| "empty".to_owned(), |value| format!("\"{value}\""));
    let after = if change.after.is_empty() { "empty".to_owned() } else { format!("\"{}\"", change.after) };
    let way = if change.clear_first { " → empty" } else { "" };
    format!("{}: {before}{way} → {after}  ({})", change.property, change.reason)
}

fn kept_line(kept: &Kept) -> String {
    format!("{} kept: {} (rule {}; ours would be \"{}\")", kept.property, kept.why, kept.rule.as_str(), kept.offered)
}

/// Once a step has been tried, its line says how it went.
fn state(step: &Step) -> String {
    match (step.state, &step.note) {
        (StepState::Planned, _) => String::new(),
        (state, Some(note)) => format!("  [{}: {note}]", state.as_str()),
        (state, None) => format!("  [{}]", state.as_str()),
    }
}
