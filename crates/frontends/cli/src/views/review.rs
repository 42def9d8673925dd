//! The review board as text: a list, and one item with both sides beside each other.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use evergreen_engine::board::Item;
use evergreen_model::{Record, ReviewKind};

use super::table::table;

/// What is open, oldest first.
#[must_use]
pub fn list(items: &[Item]) -> String {
    if items.is_empty() {
        return "nothing waits for a person\n".to_owned();
    }
    let rows: Vec<Vec<String>> = items
        .iter()
        .map(|item| {
            let kind = match item.review.kind {
                ReviewKind::Pair { .. } => "pair",
                ReviewKind::Record { .. } => "record",
                ReviewKind::Change { .. } => "change",
            };
            let title = |record: &Option<Record>| record.as_ref().map(Record::title).unwrap_or_default();
            vec![item.review.id.0.to_string(), kind.to_owned(), title(&item.left), item.review.reason.sentence.clone()]
        })
        .collect();
    format!(
        "{}\n{} items; `evergreen review show ITEM` shows the evidence\n",
        table(&["item", "kind", "who", "why"], &rows),
        items.len()
    )
}

/// One item with everything that is known.
#[must_use]
pub fn item(item: &Item) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "item {}: {}", item.review.id.0, item.review.reason.sentence);
    if let ReviewKind::Change { property, current, offered, why, .. } = &item.review.kind {
        let shown = current.as_deref().unwrap_or("empty");
        let _ = writeln!(out, "  {property}: \"{shown}\" would become \"{offered}\"; {why}");
    }
    if let ReviewKind::Pair { score, why, .. } = &item.review.kind {
        let _ = writeln!(out, "match probability {score:.2}: {}", why.join("; "));
    }
    let empty = Default::default();
    let left = item.left.as_ref().map_or(&empty, |record| &record.values);
    let right = item.right.as_ref().map_or(&empty, |record| &record.values);
    let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    let value = |values: &evergreen_model::Golden, name: &str| {
        values.get(name).map(|golden| format!("{} ({})", golden.value, golden.source)).unwrap_or_default()
    };
    let rows: Vec<Vec<String>> = names
        .into_iter()
        .map(|name| {
            let (ours, theirs) = (value(left, name), value(right, name));
            let raw = |values: &evergreen_model::Golden| values.get(name).map(|golden| golden.value.to_lowercase());
            let differ = item.right.is_some() && raw(left).is_some() && raw(right).is_some() && raw(left) != raw(right);
            vec![name.clone(), ours, theirs, if differ { "differs".to_owned() } else { String::new() }]
        })
        .collect();
    let title =
        |record: &Option<Record>| record.as_ref().map(|record| format!("record {}", record.id)).unwrap_or_default();
    let (left, right) = (title(&item.left), title(&item.right));
    let _ = writeln!(out, "{}", table(&["field", &left, &right, ""], &rows));
    let answers = match item.review.kind {
        ReviewKind::Pair { .. } => "same or different",
        ReviewKind::Record { .. } | ReviewKind::Change { .. } => "approve or reject",
    };
    let _ = writeln!(out, "answer with: evergreen review {answers} {} --by \"your name\"", item.review.id.0);
    out
}
