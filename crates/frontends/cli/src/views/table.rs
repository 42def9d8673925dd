//! One way to draw a table in the terminal, used by every text view.

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use super::numbers::plain;

/// Widest a table grows before its cells wrap, in characters.
const WIDTH: u16 = 110;
/// Longest value shown in a cell, in characters.
const CELL: usize = 400;

/// A table without frame, numbers to the right; no newline at its end. Values may be raw: control characters are shown as `�`.
#[must_use]
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')));
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(WIDTH);
    table.set_header(header.to_vec());
    for row in rows {
        table.add_row(row.iter().map(|cell| plain(cell, CELL)).collect::<Vec<_>>());
    }
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 1));
        let mut cells = rows.iter().filter_map(|row| row.get(place)).peekable();
        if cells.peek().is_some() && cells.all(|cell| is_number(cell)) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn is_number(cell: &str) -> bool {
    let inner = cell.trim_start_matches(['+', '-', '$']).trim_end_matches(" %");
    cell.is_empty()
        || cell == "–"
        || (inner.starts_with(|first: char| first.is_ascii_digit())
            && inner.chars().all(|letter| "0123456789.,".contains(letter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_to_the_right_and_words_to_the_left() {
        let rows = [vec!["hunter".to_owned(), "1,412".to_owned()], vec!["apollo".to_owned(), "9".to_owned()]];
        assert_eq!(
            table(&["Provider", "Calls"], &rows),
            "Provider  Calls\n────────────────\nhunter    1,412\napollo        9"
        );
    }

    #[test]
    fn a_table_without_rows_is_its_header() {
        assert_eq!(table(&["Provider", "Calls"], &[]), "Provider  Calls\n────────────────");
    }

    #[test]
    fn a_long_sentence_wraps_in_its_cell() {
        let rows = [vec!["Jane Doe".to_owned(), "the domain takes mail for any name ".repeat(8)]];
        let text = table(&["Who", "Why"], &rows);
        assert!(text.lines().count() > 3);
        assert!(text.lines().all(|line| line.chars().count() <= usize::from(WIDTH)), "{text}");
    }
}
