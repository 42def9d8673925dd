//! Proposed merges as text: pair by pair, field by field, and the command that a person needs to perform them.

use evergreen_model::{Action, Plan, Step, StepState};

use super::numbers::{count, counted, plain};

/// Longest value shown, in characters.
const VALUE: usize = 60;

/// The merges of a plan, for people, and how many pairs nobody is sure about; ends with a newline.
#[must_use]
pub fn text(plan: &Plan, pairs: &[&Step], unsure: u64) -> String {
    let board = match unsure {
        0 => String::new(),
        number => {
            format!("{} on the board for a person: evergreen review\n", counted(number, "pair waits", "pairs wait"))
        }
    };
    if pairs.is_empty() {
        return format!("No certain duplicates in the portal.\n{board}");
    }
    let number = pairs.len() as u64;
    let mut text = format!("Plan {}: {} inside the portal\n", plan.id.0, counted(number, "duplicate", "duplicates"));
    for step in pairs {
        text.push('\n');
        text.push_str(&pair(step));
    }
    text.push_str(&format!(
        "\n{board}A merge can not be taken back. A named person performs it:\nevergreen apply {} --approve \"NAME: WHY\"\n",
        plan.id.0
    ));
    text
}

/// One merge, field by field; empty for any other step.
pub(crate) fn pair(step: &Step) -> String {
    let Action::Merge { other_portal_id, .. } = &step.action else { return String::new() };
    let stays = step.portal_id.as_deref().unwrap_or("?");
    let mut text = format!(
        "< {} {}: {stays} stays, {other_portal_id} is merged into it for good\n",
        step.entity.as_str(),
        plain(&step.title, VALUE)
    );
    if let Some(note) = &step.note {
        text.push_str(&format!("    {}\n", plain(note, 600)));
    }
    for field in &step.kept {
        text.push_str(&format!(
            "    {}: {stays} {}, {other_portal_id} {}; {}\n",
            plain(&field.property, VALUE),
            shown(field.current.as_deref()),
            shown(Some(&field.offered)),
            plain(&field.why, 200)
        ));
    }
    text
}

/// What became of the merges of an applied plan; ends with a newline.
#[must_use]
pub fn done(plan: &Plan, steps: &[Step]) -> String {
    let made = steps.iter().filter(|step| step.state == StepState::Done).count() as u64;
    let by = plan.approved_by.as_deref().map(|person| format!(", approved by {}", plain(person, 120)));
    let merged = counted(made, "duplicate merged", "duplicates merged");
    let mut text = format!("Plan {}: {merged} of {}{}\n", plan.id.0, count(steps.len() as u64), by.unwrap_or_default());
    for step in steps {
        let sign = if step.state == StepState::Done { '<' } else { '!' };
        let note = step.note.as_deref().unwrap_or("not tried yet");
        text.push_str(&format!(
            "{sign} {} {}: {}\n",
            step.entity.as_str(),
            plain(&step.title, VALUE),
            plain(note, 240)
        ));
    }
    text
}

fn shown(value: Option<&str>) -> String {
    match value {
        None | Some("") => "(empty)".to_owned(),
        Some(value) => format!("\"{}\"", plain(value, VALUE)),
    }
}
