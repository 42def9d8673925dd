//! Which character stands between two values? The one under which the rows agree and the header makes sense.

use std::io::{self, Read};

use encoding_rs::Encoding;

use crate::csv::Delimited;
use crate::header::{is_blank, known_headers, usual_width};
use crate::lines::Lines;
use crate::source::{RawRow, Rows};

const CANDIDATES: [char; 4] = [',', ';', '\t', '|'];

/// How the head of a text list reads.
pub(crate) struct Shape {
    pub delimiter: char,
    pub rows: Vec<RawRow>,
}

/// Reads the head of a list with each delimiter and keeps the best reading.
pub(crate) fn detect(
    head: &[u8],
    whole: bool,
    encoding: &'static Encoding,
    newline: u8,
    rows_max: usize,
    cell_bytes_max: usize,
) -> io::Result<Shape> {
    let lines = || {
        let input: Box<dyn Read + Send> = Box::new(io::Cursor::new(head.to_vec()));
        Lines::new(input, encoding, newline, cell_bytes_max * 16)
    };
    let read = |delimiter| -> io::Result<Shape> {
        let mut source = Delimited::new(lines(), delimiter, cell_bytes_max);
        let mut rows = Vec::new();
        while rows.len() < rows_max {
            let Some(row) = source.next()? else { break };
            rows.push(row);
        }
        if !whole && rows.len() < rows_max && rows.len() > 1 {
            // The last row may be cut off by the end of the head.
            rows.pop();
        }
        Ok(Shape { delimiter, rows })
    };
    if let Some(delimiter) = lines().next()?.and_then(|line| separator_line(&line.text)) {
        return read(delimiter);
    }
    let mut best = read(CANDIDATES[0])?;
    for delimiter in &CANDIDATES[1..] {
        let shape = read(*delimiter)?;
        if agreement(&shape.rows) > agreement(&best.rows) {
            best = shape;
        }
    }
    Ok(best)
}

/// How well a reading makes sense: rows of one width, many columns, known headers.
fn agreement(rows: &[RawRow]) -> f64 {
    let full = rows.iter().filter(|row| !is_blank(row)).count();
    let width = usual_width(rows);
    if full == 0 || width < 2 {
        return 0.0;
    }
    let agreeing = rows.iter().filter(|row| !is_blank(row) && row.cells.len() == width).count();
    let known = rows.iter().take(30).map(known_headers).max().unwrap_or(0);
    agreeing as f64 / full as f64 * (width.min(30) as f64).ln() + 0.5 * known.min(12) as f64
}

/// Excel's own hint in the first line: `sep=;`.
fn separator_line(text: &str) -> Option<char> {
    let text = text.trim_end();
    let rest = text.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).map(|_| &text[4..])?;
    let mut chars = rest.chars();
    let char = chars.next().unwrap_or('\t');
    (chars.next().is_none() && char.is_ascii_punctuation() || char == '\t').then_some(char)
}
