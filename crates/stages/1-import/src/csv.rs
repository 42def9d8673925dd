//! Splits lines into cells and keeps a broken quote from swallowing the rows below it.

use std::io;

use crate::lines::{Line, Lines};
use crate::source::{Fault, RawRow, Rows};

/// A quoted cell over more lines than this is a quote that nobody closed.
const LINES_PER_ROW_MAX: usize = 1_000;

/// The rows of a delimited list.
pub(crate) struct Delimited {
    lines: Lines,
    delimiter: u8,
    cell_bytes_max: usize,
    /// Fewest and most cells of a sound row, once the header is known.
    expected: Option<(usize, usize)>,
}

impl Delimited {
    pub(crate) fn new(lines: Lines, delimiter: char, cell_bytes_max: usize) -> Delimited {
        // Only ASCII delimiters are ever detected.
        Delimited { lines, delimiter: u8::try_from(delimiter).unwrap_or(b','), cell_bytes_max, expected: None }
    }

    /// Says how many cells a sound row has, so that a broken quote is told from a cell over several lines.
    pub(crate) fn expect(&mut self, fewest: usize, most: usize) {
        self.expected = Some((fewest, most));
    }

    fn fits(&self, cells: &[String]) -> bool {
        self.expected.is_none_or(|(fewest, most)| {
            cells.len() >= fewest && (cells.len() <= most || cells[most..].iter().all(|cell| cell.trim().is_empty()))
        })
    }

    /// Whether a quote that closed by accident, far below, made one row of several sound ones. Prose within a cell may
    /// look like a row of few cells, so narrow lists need a second sign: the whole has the wrong number of cells.
    fn took_sound_rows(&self, cells: &[String], swallowed: &[Line]) -> bool {
        let Some((fewest, _)) = self.expected else {
            return false;
        };
        (fewest >= 5 || !self.fits(cells))
            && swallowed.iter().any(|line| self.fits(&split_alone(&line.text, self.delimiter)))
    }

    /// A row that begins with `first` and has quotes in it.
    fn quoted(&mut self, first: Line) -> io::Result<RawRow> {
        let mut splitter = Splitter { delimiter: self.delimiter, ..Splitter::default() };
        let mut fed = splitter.feed(&first.text);
        let mut swallowed: Vec<Line> = Vec::new();
        while fed == Fed::Open {
            if splitter.cell.len() > self.cell_bytes_max || swallowed.len() >= LINES_PER_ROW_MAX {
                fed = Fed::Broken;
                break;
            }
            match self.lines.next()? {
                Some(line) => {
                    fed = splitter.feed(&line.text);
                    swallowed.push(line);
                }
                None => fed = Fed::Broken,
            }
        }
        if fed == Fed::Broken || self.took_sound_rows(&splitter.cells, &swallowed) {
            self.lines.give_back(swallowed);
            return Ok(RawRow {
                line: first.number,
                cells: vec![first.text],
                fault: Some(Fault::BrokenQuote),
                ..RawRow::default()
            });
        }
        let mut row = RawRow { line: first.number, cells: splitter.cells, ..RawRow::default() };
        for line in std::iter::once(&first).chain(&swallowed) {
            row.fault = row.fault.or(fault_of(line));
        }
        Ok(row)
    }
}

impl Rows for Delimited {
    fn next(&mut self) -> io::Result<Option<RawRow>> {
        let Some(line) = self.lines.next()? else {
            return Ok(None);
        };
        if line.cut {
            return Ok(Some(RawRow {
                line: line.number,
                fault: Some(Fault::LineTooLong),
                cells: vec![line.text],
                ..RawRow::default()
            }));
        }
        if !line.text.contains('"') {
            let fault = fault_of(&line);
            let cells = line.text.split(char::from(self.delimiter)).map(str::to_owned).collect();
            return Ok(Some(RawRow { line: line.number, cells, fault, ..RawRow::default() }));
        }
        self.quoted(line).map(Some)
    }
}

fn fault_of(line: &Line) -> Option<Fault> {
    if line.cut {
        Some(Fault::LineTooLong)
    } else if line.damaged {
        Some(Fault::InvalidEncoding)
    } else {
        None
    }
}

/// The cells of a line read as a row of its own; none when its quotes do not pair up on it.
fn split_alone(line: &str, delimiter: u8) -> Vec<String> {
    if line.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
        return Vec::new();
    }
    let mut splitter = Splitter { delimiter, ..Splitter::default() };
    match splitter.feed(line) {
        Fed::Complete => splitter.cells,
        Fed::Open | Fed::Broken => Vec::new(),
    }
}

/// What a row is after a line was fed to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fed {
    /// All cells are closed.
    Complete,
    /// A quoted cell goes on in the next line.
    Open,
    /// A quote that began on an earlier line closes where no cell can end.
    Broken,
}

/// Builds the cells of one row from its lines.
#[derive(Default)]
struct Splitter {
    delimiter: u8,
    cells: Vec<String>,
    cell: String,
    quoted: bool,
}

impl Splitter {
    fn feed(&mut self, line: &str) -> Fed {
        let bytes = line.as_bytes();
        let spans_lines = self.quoted;
        let mut quote_is_old = spans_lines;
        if spans_lines {
            self.cell.push('\n');
        }
        let mut at = 0;
        loop {
            if self.quoted {
                let Some(quote) = find(bytes, b'"', at) else {
                    self.cell.push_str(&line[at..]);
                    return Fed::Open;
                };
                self.cell.push_str(&line[at..quote]);
                if bytes.get(quote + 1) == Some(&b'"') {
                    self.cell.push('"');
                    at = quote + 2;
                    continue;
                }
                let after = past_spaces(bytes, quote + 1);
                if after == bytes.len() {
                    self.finish();
                    return Fed::Complete;
                }
                if bytes[after] == self.delimiter {
                    self.finish();
                    at = after + 1;
                } else if quote_is_old {
                    return Fed::Broken;
                } else {
                    // `"The "Best" Inc"`: somebody forgot to double the inner quotes.
                    self.cell.push('"');
                    at = quote + 1;
                }
            } else {
                let start = past_spaces(bytes, at);
                if bytes.get(start) == Some(&b'"') {
                    self.quoted = true;
                    quote_is_old = false;
                    at = start + 1;
                    continue;
                }
                let end = find(bytes, self.delimiter, at);
                self.cell.push_str(&line[at..end.unwrap_or(bytes.len())]);
                self.finish();
                match end {
                    Some(end) => at = end + 1,
                    None => return Fed::Complete,
                }
            }
        }
    }

    fn finish(&mut self) {
        self.cells.push(std::mem::take(&mut self.cell));
        self.quoted = false;
    }
}

fn find(bytes: &[u8], wanted: u8, from: usize) -> Option<usize> {
    bytes[from..].iter().position(|byte| *byte == wanted).map(|offset| from + offset)
}

fn past_spaces(bytes: &[u8], from: usize) -> usize {
    from + bytes[from..].iter().take_while(|byte| **byte == b' ').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u64, Vec<String>, Option<Fault>)> {
        rows_of(text, 3)
    }

    fn rows_of(text: &str, width: usize) -> Vec<(u64, Vec<String>, Option<Fault>)> {
        let lines = Lines::new(Box::new(io::Cursor::new(text.to_owned())), encoding_rs::UTF_8, b'\n', 1 << 20);
        let mut rows = Delimited::new(lines, ',', 65_536);
        rows.expect(width, width);
        std::iter::from_fn(|| rows.next().unwrap()).map(|row| (row.line, row.cells, row.fault)).collect()
    }

    #[test]
    fn a_cell_may_hold_delimiters_quotes_and_newlines() {
        let read = rows("a,\"b, \"\"c\"\"\nd\",e\nf,\"\",h\n");
        assert_eq!(read[0].1, ["a", "b, \"c\"\nd", "e"]);
        assert_eq!(read[1], (3, vec!["f".into(), String::new(), "h".into()], None));
    }

    #[test]
    fn a_quote_that_never_closes_costs_only_its_own_row() {
        let read = rows("a,\"b,c\nd,e,f\ng,h,i\n");
        assert_eq!(read[0].2, Some(Fault::BrokenQuote));
        assert_eq!(read[1].1, ["d", "e", "f"]);
        assert_eq!(read.len(), 3);
    }

    #[test]
    fn a_quote_that_closes_by_accident_costs_only_its_own_row() {
        for text in ["a,\"b,c,x,y\nd,e,f,x,y\n\"g\",h,i,x,y\n", "a,b,c,x,\"y\nd,e,f,x,y\ng,h,i,x,\"\n"] {
            let read = rows_of(text, 5);
            assert_eq!(read[0].2, Some(Fault::BrokenQuote), "{text}");
            assert_eq!(read[1].1, ["d", "e", "f", "x", "y"]);
        }
    }

    #[test]
    fn the_end_of_a_cell_over_two_lines_is_no_row_of_its_own() {
        let read = rows("a,\"b\nc\",d,e\nf,g,h\n");
        assert_eq!(read[0].1, ["a", "b\nc", "d", "e"]);
        assert_eq!(read[1].0, 3);
    }

    #[test]
    fn inner_quotes_that_were_not_doubled_are_kept() {
        assert_eq!(rows("a,\"The \"Best\" Inc\",c\n")[0].1, ["a", "The \"Best\" Inc", "c"]);
        assert_eq!(rows("a,5\" pipe,c\n")[0].1, ["a", "5\" pipe", "c"]);
    }
}
