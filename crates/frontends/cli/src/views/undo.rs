//! What an undo took back, and what it left and why.

use evergreen_engine::undo::Undone;

use super::numbers::{count, counted, plain};
use super::table::table;

/// The undo as text, for people; ends with a newline.
#[must_use]
pub fn text(told: &Undone) -> String {
    let parts: Vec<String> = [
        (told.values, "value taken back", "values taken back"),
        (told.archived, "record to the recycle bin", "records to the recycle bin"),
        (told.made_again, "record made again", "records made again"),
        (told.links, "link changed back", "links changed back"),
    ]
    .into_iter()
    .filter(|(number, _, _)| *number > 0)
    .map(|(number, one, many)| counted(number, one, many))
    .collect();
    let done = if parts.is_empty() { "nothing taken back".to_owned() } else { parts.join(", ") };
    let mut text = format!("Run {} undone by plan {}: {done}\n", told.run, told.plan);
    if told.left.is_empty() {
        text.push_str("Nothing was left: the portal is as it was before the run.\n");
        return text;
    }
    let left = told.left.len() as u64;
    let is = if left == 1 {
        "1 thing was left as it is".to_owned()
    } else {
        format!("{} things were left as they are", count(left))
    };
    text.push_str(&format!("\n{is}\n"));
    let rows: Vec<Vec<String>> = told
        .left
        .iter()
        .map(|left| vec![plain(&left.title, 40), plain(&left.what, 40), plain(&left.why, 200)])
        .collect();
    text.push_str(&table(&["record", "what", "why"], &rows));
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use evergreen_engine::undo::Left;

    use super::*;

    #[test]
    fn what_was_left_is_told_with_its_reason() {
        let left = Left {
            title: "Jane Doe".to_owned(),
            what: "city".to_owned(),
            why: "now \"Bonn\", typed by a person".to_owned(),
        };
        let told = Undone { run: 7, plan: 9, values: 3, archived: 1, left: vec![left], ..Undone::default() };
        let text = text(&told);
        assert!(
            text.starts_with("Run 7 undone by plan 9: 3 values taken back, 1 record to the recycle bin\n"),
            "{text}"
        );
        assert!(text.contains("\n1 thing was left as it is\n") && text.ends_with('\n'), "{text}");
        assert!(text.contains("Jane Doe") && text.contains("typed by a person"), "{text}");
    }

    #[test]
    fn an_undo_that_left_nothing_says_so() {
        assert!(text(&Undone { run: 7, plan: 9, values: 1, ..Undone::default() }).contains("as it was before"));
    }
}
