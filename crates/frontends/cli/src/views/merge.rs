//! Proposed merges as text: pair by pair, field by field, and the command that a person needs to perform them.

use evergreen_model::{Action, Plan, Step};

use super::numbers::{counted, plain};

/// Longest value shown, in characters.
const VALUE: usize = 60;

/// The merges of a plan, for people; ends with a newline.
#[must_use]
pub fn text(plan: &Plan, pairs: &[&Step]) -> String {
    if pairs.is_empty() {
        return "No duplicates found in the portal; what was not sure waits on the board: evergreen review\n"
            .to_owned();
    }
    let number = pairs.len() as u64;
    let mut text = format!("Plan {}: {} inside the portal\n", plan.id.0, counted(number, "duplicate", "duplicates"));
    for step in pairs {
        let Action::Merge { other_portal_id, .. } = &step.action else { continue };
        let stays = step.portal_id.as_deref().unwrap_or("?");
        text.push_str(&format!(
            "\n= {} {}: {stays} stays, {other_portal_id} is merged into it for good\n",
            step.entity.as_str(),
            plain(&step.title, VALUE)
        ));
        if let Some(note) = &step.note {
            text.push_str(&format!("  {}\n", plain(note, 240)));
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
    }
    text.push_str(&format!(
        "\nA merge can not be taken back. A named person performs it:\nevergreen apply {} --approve \"NAME: WHY\"\n",
        plan.id.0
    ));
    text
}

fn shown(value: Option<&str>) -> String {
    match value {
        None | Some("") => "(empty)".to_owned(),
        Some(value) => format!("\"{}\"", plain(value, VALUE)),
    }
}
