//! A list, opened: what it is, how its columns are read, and its rows batch by batch.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::Encoding;
use evergreen_model::Entity;

use crate::csv::Delimited;
use crate::format::{Format, Kind, Magic, recognise};
use crate::jsonl::{self, JsonLines};
use crate::lines::{Lines, newline_of};
use crate::mapping::{Columns, FULL_NAME, Mapping};
use crate::problem::ImportProblem;
use crate::row::{Parsed, RowReader};
use crate::settings::Settings;
use crate::source::{RawRow, Rows};
use crate::values::{self, Cell};
use crate::{delimiter, encoding, header, mapping, sheet};

/// Bytes looked at to find delimiter, header and mapping.
const HEAD: u64 = 1 << 20;

/// How many rows ended where, so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows with anything in them: `readable + quarantined`.
    pub rows: u64,
    /// Rows that were read.
    pub readable: u64,
    /// Rows that could not be used, each with a reason.
    pub quarantined: u64,
    /// Rows with nothing in them; they are passed over.
    pub empty: u64,
}

/// A list, opened at its first row.
pub struct List {
    /// What kind of file it is and how it is written.
    pub format: Format,
    /// What its rows are about.
    pub entity: Entity,
    /// Which column means which field. Change it with [`List::use_mapping`].
    pub mapping: Mapping,
    /// How many rows ended where, so far; rows passed over by [`List::skip_to_line`] are not counted.
    pub counts: Counts,
    file: String,
    rows: Box<dyn Rows>,
    reader: RowReader,
    fewest: usize,
    cell_bytes_max: usize,
    after_line: u64,
    last_line: u64,
    bytes_read: Arc<AtomicU64>,
    bytes_all: u64,
}

impl std::fmt::Debug for List {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("List").field("file", &self.file).field("format", &self.format).field("mapping", &self.mapping).finish_non_exhaustive()
    }
}

/// Opens a list: finds out format, encoding, delimiter, header and mapping. Text lists are not held in memory.
///
/// `remembered` is the mapping of an earlier list; it is used when its `header_key` is this list's.
///
/// # Errors
/// When the file cannot be read, is empty, is no list, or is an absurdly large workbook.
pub fn open<R: Read + Seek + Send + 'static>(name: &str, mut input: R, settings: &Settings, remembered: Option<&Mapping>) -> Result<List, ImportProblem> {
    let unreadable = |error: io::Error| ImportProblem::Unreadable { file: name.to_owned(), line: None, why: error.to_string() };
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
    let columns = Columns { names: &opened.names, named: opened.format.header_line.is_some() || opened.format.kind == Kind::Jsonl, values: &values };
    let (mut mapping, dialect) = mapping::guess(&columns, settings);
    if let Some(earlier) = remembered {
        mapping.remember(earlier);
    }
    let mut format = opened.format;
    format.dialect = dialect.map(|dialect| dialect.name.to_owned());
    let reader = RowReader::new(&mapping, opened.fewest, settings.cell_bytes_max);
    Ok(List {
        format,
        entity: mapping.entity,
        mapping,
        counts: Counts::default(),
        file: name.to_owned(),
        rows: opened.rows,
        reader,
        fewest: opened.fewest,
        cell_bytes_max: settings.cell_bytes_max,
        after_line: 0,
        last_line: 0,
        bytes_read,
        bytes_all: size,
    })
}

impl List {
    /// The next rows, at most `most`, in file order; empty at the end of the list. Rows with nothing in them are passed over.
    ///
    /// # Errors
    /// When the mapping says nothing about who a row is about (on the first call), or reading fails.
    pub fn next_batch(&mut self, most: usize) -> Result<Vec<Parsed>, ImportProblem> {
        self.require_identity()?;
        let mut batch = Vec::new();
        while batch.len() < most {
            let raw = self.rows.next().map_err(|error| ImportProblem::Unreadable {
                file: self.file.clone(),
                line: Some(self.last_line),
                why: error.to_string(),
            })?;
            let Some(raw) = raw else { break };
            self.last_line = raw.line;
            if raw.line <= self.after_line {
                continue;
            }
            match self.reader.read(raw) {
                Some(parsed) => {
                    self.counts.rows += 1;
                    match parsed.reading {
                        Ok(_) => self.counts.readable += 1,
                        Err(_) => self.counts.quarantined += 1,
                    }
                    batch.push(parsed);
                }
                None => self.counts.empty += 1,
            }
        }
        Ok(batch)
    }

    /// Passes over all rows up to and including the one that begins on `line`: an import that crashed goes on after the
    /// last row it staged.
    pub fn skip_to_line(&mut self, line: u64) {
        self.after_line = line;
    }

    /// Reads the columns as `mapping` says: one that a person changed, or one remembered. False, and nothing changes,
    /// when it belongs to another header.
    pub fn use_mapping(&mut self, mapping: &Mapping) -> bool {
        if mapping.header_key != self.mapping.header_key || mapping.columns.len() != self.mapping.columns.len() {
            return false;
        }
        self.mapping = mapping.clone();
        self.entity = mapping.entity;
        self.reader = RowReader::new(&self.mapping, self.fewest, self.cell_bytes_max);
        true
    }

    /// The list's headers, for the quarantine file.
    #[must_use]
    pub fn header(&self) -> Vec<String> {
        self.mapping.columns.iter().map(|column| column.header.clone()).collect()
    }

    /// Bytes read and bytes of the whole file, for a progress bar. A workbook is read at once.
    #[must_use]
    pub fn progress(&self) -> (u64, u64) {
        match self.format.kind {
            Kind::Xlsx => (self.bytes_all, self.bytes_all),
            _ => (self.bytes_read.load(Ordering::Relaxed).min(self.bytes_all), self.bytes_all),
        }
    }

    /// Refuses a mapping under which no row could ever say who it is about.
    fn require_identity(&self) -> Result<(), ImportProblem> {
        let has = |name: &str| self.mapping.has(name);
        let (enough, needed) = match self.entity {
            Entity::Contact => {
                let named = has("firstname") || has("lastname") || has(FULL_NAME);
                let placed = has("company") || has("domain") || has("website");
                (has("email") || has("hs_linkedin_url") || (named && placed), "an e-mail address, a LinkedIn URL, or a name together with a company")
            }
            Entity::Company => (has("name") || has("domain") || has("website"), "a company name, domain or website"),
        };
        if enough {
            return Ok(());
        }
        Err(ImportProblem::NoIdentity { file: self.file.clone(), line: self.format.header_line, headers: self.header(), needed })
    }
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
        Format { kind, delimiter: None, encoding: self.encoding.name().to_owned(), header_line: None, skipped: Vec::new(), dialect: None, sheet: None }
    }

    fn open_json(&self, input: Box<dyn Read + Send>) -> io::Result<Opened> {
        let mut lines = self.lines(Box::new(io::Cursor::new(self.head.to_vec())));
        let (names, sample) = jsonl::sample(&mut lines, self.settings.sample_rows)?;
        let rows = Box::new(JsonLines::new(self.lines(input), names.clone()));
        Ok(Opened { format: self.format(Kind::Jsonl), names, rows, sample, fewest: 0 })
    }

    fn open_delimited(&self, input: Box<dyn Read + Send>) -> io::Result<Opened> {
        let most = self.settings.cell_bytes_max;
        let shape = delimiter::detect(self.head, self.whole, self.encoding, newline_of(self.head), self.settings.sample_rows, most)?;
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
        let unreadable = |error: io::Error| ImportProblem::Unreadable { file: name.to_owned(), line: None, why: error.to_string() };
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
        None if rows.is_empty() => (Vec::new(), Vec::new()),
        None => (header::names(&vec![String::new(); header::usual_width(rows)]), rows.to_vec()),
    }
}

/// Fewest cells of a sound row: up to the last column that has a name. Where most rows leave out their empty last cells,
/// short rows are no accident.
fn fewest_cells(names: &[String], sample: &[RawRow], named: bool) -> usize {
    let unnamed = |index: usize| names[index] == format!("column {}", index + 1);
    let strict = if named { (0..names.len()).rev().find(|index| !unnamed(*index)).map_or(0, |index| index + 1) } else { names.len() };
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
