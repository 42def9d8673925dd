//! Opens a list: what kind of file, encoding, delimiter, header and mapping.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::Encoding;

use crate::csv::Delimited;
use crate::format::{Format, Kind, Magic, recognise};
use crate::guess::{self, Columns};
use crate::jsonl::{self, JsonLines};
use crate::lines::{Lines, newline_of};
use crate::list::{Bytes, List};
use crate::mapping::Mapping;
use crate::problem::ImportProblem;
use crate::settings::Settings;
use crate::source::{RawRow, Rows};
use crate::values::{self, Cell};
use crate::{delimiter, encoding, header, sheet};

/// Bytes looked at to find delimiter, header and mapping.
const HEAD: u64 = 1 << 20;

/// Opens a list: finds out format, encoding, delimiter, header and mapping. Text lists are not held in memory.
///
/// `remembered` is the mapping of an earlier list; it is used when its `header_key` is this list's.
///
/// # Errors
/// When the file cannot be read, is empty, is no list, or is an absurdly large workbook.
pub fn open<R: Read + Seek + Send + 'static>(
    name: &str,
    mut input: R,
    settings: &Settings,
    remembered: Option<&Mapping>,
) -> Result<List, ImportProblem> {
    let unreadable =
        |error: io::Error| ImportProblem::Unreadable { file: name.to_owned(), line: None, why: error.to_string() };
    let size = input.seek(SeekFrom::End(0)).map_err(unreadable)?;
    input.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let mut head = Vec::new();
    input.by_ref().take(HEAD).read_to_end(&mut head).map_err(unreadable)?;
    input.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let magic = recognise(name, &head)?;
    let bytes_read = Arc::new(AtomicU64::new(0));
    let opened = match magic {
        Magic::Zip => open_workbook(name, input, settings)?,
        Magic::Text => {
            let encoding = encoding::detect(&mut input).map_err(unreadable)?;
            input.seek(SeekFrom::Start(0)).map_err(unreadable)?;
            let input = Box::new(Counted { input, count: Arc::clone(&bytes_read) });
            let text = Text { name, head: &head, whole: head.len() as u64 == size, encoding, settings };
            if text.is_json() { text.open_json(input) } else { text.open_delimited(input) }.map_err(unreadable)?
        }
    };
    if opened.names.is_empty() {
        return Err(ImportProblem::Empty { file: name.to_owned() });
    }
    let values = sample_values(&opened.names, &opened.sample);
    let columns = Columns {
        names: &opened.names,
        named: opened.format.header_line.is_some() || opened.format.kind == Kind::Jsonl,
        values: &values,
    };
    let (mut mapping, dialect) = guess::guess(&columns, settings);
    if let Some(earlier) = remembered {
        mapping.remember(earlier);
    }
    let mut format = opened.format;
    format.dialect = dialect.map(|dialect| dialect.name.to_owned());
    let bytes = Bytes { read: bytes_read, all: size };
    Ok(List::new(name, format, mapping, opened.rows, opened.fewest, settings.cell_bytes_max, bytes))
}

/// A list of which everything but the meaning of its columns is known.
struct Opened {
    format: Format,
    names: Vec<String>,
    rows: Box<dyn Rows>,
    sample: Vec<RawRow>,
    fewest: usize,
}

/// A text list whose encoding is known.
struct Text<'a> {
    name: &'a str,
    head: &'a [u8],
    whole: bool,
    encoding: &'static Encoding,
    settings: &'a Settings,
}

impl Text<'_> {
    fn is_json(&self) -> bool {
        let (text, _, _) = self.encoding.decode(&self.head[..self.head.len().min(4_096)]);
        let starts = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
        let lower = self.name.to_ascii_lowercase();
        starts || lower.ends_with(".jsonl") || lower.ends_with(".ndjson")
    }

    fn lines(&self, input: Box<dyn Read + Send>) -> Lines {
        Lines::new(input, self.encoding, newline_of(self.head), self.settings.cell_bytes_max * 16)
    }

    fn format(&self, kind: Kind) -> Format {
        Format {
            kind,
            delimiter: None,
            encoding: self.encoding.name().to_owned(),
            header_line: None,
            skipped: Vec::new(),
            dialect: None,
            sheet: None,
        }
    }

    fn open_json(&self, input: Box<dyn Read + Send>) -> io::Result<Opened> {
        let mut lines = self.lines(Box::new(io::Cursor::new(self.head.to_vec())));
        let (names, sample) = jsonl::sample(&mut lines, self.settings.sample_rows)?;
        let rows = Box::new(JsonLines::new(self.lines(input), names.clone()));
        Ok(Opened { format: self.format(Kind::Jsonl), names, rows, sample, fewest: 0 })
    }

    fn open_delimited(&self, input: Box<dyn Read + Send>) -> io::Result<Opened> {
        let most = self.settings.cell_bytes_max;
        let shape = delimiter::detect(
            self.head,
            self.whole,
            self.encoding,
            newline_of(self.head),
            self.settings.sample_rows,
            most,
        )?;
        let mut format = self.format(if shape.delimiter == '\t' { Kind::Tsv } else { Kind::Csv });
        format.delimiter = Some(shape.delimiter);
        let (names, sample) = find_header(&shape.rows, &mut format);
        let fewest = fewest_cells(&names, &sample, format.header_line.is_some());
        let mut rows = Delimited::new(self.lines(input), shape.delimiter, most);
        if let Some(line) = format.header_line {
            while rows.next()?.is_some_and(|row| row.line < line) {}
        }
        rows.expect(fewest, names.len());
        Ok(Opened { format, names, rows: Box::new(rows), sample, fewest })
    }
}

fn open_workbook<R: Read + Seek>(name: &str, input: R, settings: &Settings) -> Result<Opened, ImportProblem> {
    let mut sheet = sheet::load(name, input, settings)?;
    let mut format = Format {
        kind: Kind::Xlsx,
        delimiter: None,
        encoding: "UTF-8".to_owned(),
        header_line: None,
        skipped: Vec::new(),
        dialect: None,
        sheet: Some(sheet.name.clone()),
    };
    let (names, sample) = find_header(&sheet.head(settings.sample_rows), &mut format);
    if let Some(line) = format.header_line {
        let unreadable =
            |error: io::Error| ImportProblem::Unreadable { file: name.to_owned(), line: None, why: error.to_string() };
        while sheet.next().map_err(unreadable)?.is_some_and(|row| row.line < line) {}
    }
    // A sheet leaves empty cells out, so no row has too few.
    Ok(Opened { format, names, rows: Box::new(sheet), sample, fewest: 0 })
}

/// The columns' names and the sample below the header; notes what stands above it.
fn find_header(rows: &[RawRow], format: &mut Format) -> (Vec<String>, Vec<RawRow>) {
    match header::find(rows) {
        Some(index) => {
            format.header_line = Some(rows[index].line);
            for row in &rows[..index] {
                let text = values::clean(&row.cells.join(" "), false);
                if !text.is_empty() {
                    format.skipped.push(text.chars().take(200).collect());
                }
            }
            (header::names(&rows[index].cells), rows[index + 1..].to_vec())
        }
        None if rows.iter().all(header::is_blank) => (Vec::new(), Vec::new()),
        None => (header::names(&vec![String::new(); header::usual_width(rows)]), rows.to_vec()),
    }
}

/// Fewest cells of a sound row: up to the last column that has a name. Where most rows leave out their empty last cells,
/// short rows are no accident.
fn fewest_cells(names: &[String], sample: &[RawRow], named: bool) -> usize {
    let unnamed = |index: usize| names[index] == format!("column {}", index + 1);
    let strict = if named {
        (0..names.len()).rev().find(|index| !unnamed(*index)).map_or(0, |index| index + 1)
    } else {
        names.len()
    };
    let full: Vec<&RawRow> = sample.iter().filter(|row| row.fault.is_none() && !header::is_blank(row)).collect();
    let short = full.iter().filter(|row| row.cells.len() < strict).count();
    if short * 2 > full.len() && full.len() >= 5 { 1 } else { strict }
}

/// Some values of each column, to see what it holds.
fn sample_values(names: &[String], sample: &[RawRow]) -> Vec<Vec<String>> {
    (0..names.len())
        .map(|index| {
            let cells = sample.iter().filter(|row| row.fault.is_none()).filter_map(|row| row.cells.get(index));
            cells
                .filter_map(|cell| match values::read(cell.get(..200).unwrap_or(cell), false) {
                    Cell::Value(value) => Some(value),
                    _ => None,
                })
                .collect()
        })
        .collect()
}

/// Counts what is read, for the progress bar.
struct Counted<R> {
    input: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(target)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
