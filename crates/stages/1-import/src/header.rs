//! Headers: how two are compared, and which row of a list is the header.

use crate::headers::is_known;
use crate::sniff::looks_like_data;
use crate::source::RawRow;

/// Rows looked at for the header: exports put a handful of notes above it, never a page.
const ROWS_ABOVE_MAX: usize = 30;

/// A header without case, spaces, punctuation and accents: `E-Mail Adresse*` is `emailadresse`.
pub(crate) fn normalise(header: &str) -> String {
    let plain = if header.is_ascii() { header.to_owned() } else { deunicode::deunicode(header) };
    let mut text = plain.replace('#', " number ");
    // Counts such as `# Employees` are numbers; the rest of the punctuation says nothing.
    text.retain(|char| char.is_ascii_alphanumeric());
    text.make_ascii_lowercase();
    text
}

/// The columns' names as shown and stored: cleaned, never empty, never twice the same.
pub(crate) fn names(cells: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(cells.len());
    for (index, cell) in cells.iter().enumerate() {
        let mut base = crate::values::clean(cell, false);
        if base.is_empty() {
            base = format!("column {}", index + 1);
        }
        let mut name = base.clone();
        let mut count = 2;
        while names.contains(&name) {
            name = format!("{base} ({count})");
            count += 1;
        }
        names.push(name);
    }
    names
}

/// The index of the header among the first rows, or none when the list begins with data.
pub(crate) fn find(rows: &[RawRow]) -> Option<usize> {
    let usual = usual_width(rows);
    let candidates = rows.iter().take(ROWS_ABOVE_MAX).enumerate().filter(|(_, row)| !is_blank(row));
    let best = candidates
        .clone()
        .map(|(index, row)| (known_headers(row), index, row))
        .filter(|(known, _, row)| *known > 0 && !row.cells.iter().any(|cell| looks_like_data(cell)))
        // Of two equal ones the upper: the lower is a repetition.
        .max_by_key(|(known, index, row)| (*known * 2 + usize::from(row.cells.len() == usual), usize::MAX - index));
    if let Some((_, index, _)) = best {
        return Some(index);
    }
    // No word is known: the first full row is a header unless it holds an address or a number.
    let (index, first) = candidates.clone().find(|(_, row)| row.cells.len() == usual)?;
    (!first.cells.iter().any(|cell| looks_like_data(cell))).then_some(index)
}

/// How many cells of a row are headers we know.
pub(crate) fn known_headers(row: &RawRow) -> usize {
    row.cells.iter().filter(|cell| cell.len() < 80 && is_known(&normalise(cell))).count()
}

/// The number of cells most rows have.
pub(crate) fn usual_width(rows: &[RawRow]) -> usize {
    let mut counts = std::collections::BTreeMap::<usize, usize>::new();
    for row in rows.iter().filter(|row| !is_blank(row)) {
        *counts.entry(row.cells.len()).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(width, count)| (*count, *width)).map_or(1, |(width, _)| width)
}

pub(crate) fn is_blank(row: &RawRow) -> bool {
    row.fault.is_none() && row.surplus.is_empty() && row.cells.iter().all(|cell| cell.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_compare_without_case_spaces_punctuation_and_accents() {
        assert_eq!(normalise(" E-Mail Adresse * "), "emailadresse");
        assert_eq!(normalise("Prénom"), "prenom");
        assert_eq!(normalise("Straße"), "strasse");
        assert_eq!(normalise("# Employees"), "numberemployees");
    }

    #[test]
    fn every_column_has_its_own_name() {
        assert_eq!(names(&["a".into(), String::new(), "a".into(), "a".into()]), ["a", "column 2", "a (2)", "a (3)"]);
    }
}
