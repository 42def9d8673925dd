//! Reads a workbook: the first sheet that looks like a list, held in memory, refused when it is absurdly large.

use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx};

use crate::header::known_headers;
use crate::problem::ImportProblem;
use crate::settings::Settings;
use crate::source::{RawRow, Rows};

/// Rows read to see whether a sheet is a list.
const GLANCE: usize = 30;

/// The rows of one sheet: all text in one piece, so that a million rows cost little more than their characters.
#[derive(Default)]
pub(crate) struct Sheet {
    pub(crate) name: String,
    text: String,
    /// Where each cell ends in the text.
    ends: Vec<usize>,
    /// Line and first cell of each row.
    rows: Vec<(u64, usize)>,
    at: usize,
}

impl Sheet {
    /// The first rows, without moving on.
    pub(crate) fn head(&self, count: usize) -> Vec<RawRow> {
        (0..count.min(self.rows.len())).map(|index| self.row(index)).collect()
    }

    fn row(&self, index: usize) -> RawRow {
        let (line, first) = self.rows[index];
        let last = self.rows.get(index + 1).map_or(self.ends.len(), |(_, next)| *next);
        let cells = (first..last).map(|cell| {
            let start = if cell == 0 { 0 } else { self.ends[cell - 1] };
            self.text[start..self.ends[cell]].to_owned()
        });
        RawRow { line, cells: cells.collect(), ..RawRow::default() }
    }
}

impl Rows for Sheet {
    fn next(&mut self) -> io::Result<Option<RawRow>> {
        if self.at == self.rows.len() {
            return Ok(None);
        }
        self.at += 1;
        Ok(Some(self.row(self.at - 1)))
    }
}

/// Loads the list of a workbook.
pub(crate) fn load<R: Read + Seek>(file: &str, mut input: R, settings: &Settings) -> Result<Sheet, ImportProblem> {
    refuse_bombs(file, &mut input, settings.workbook_bytes_max)?;
    // A damaged workbook must not end the process, whatever the library makes of it.
    catch_unwind(AssertUnwindSafe(|| load_checked(file, input, settings))).unwrap_or_else(|_| {
        Err(ImportProblem::Workbook { file: file.to_owned(), why: "the workbook is damaged".to_owned() })
    })
}

fn load_checked<R: Read + Seek>(file: &str, input: R, settings: &Settings) -> Result<Sheet, ImportProblem> {
    let broken = |why: String| ImportProblem::Workbook { file: file.to_owned(), why };
    let mut book = Xlsx::new(input).map_err(|error| broken(error.to_string()))?;
    let sheets = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible);
    let names: Vec<String> = sheets.map(|sheet| sheet.name.clone()).collect();
    let mut with_data: Option<String> = None;
    let mut chosen = None;
    for name in names {
        let glance = read(file, &mut book, &name, GLANCE, settings)?;
        let known = glance.head(GLANCE).iter().map(known_headers).max();
        if known.is_some_and(|known| known >= 2) {
            chosen = Some(name);
            break;
        }
        if known.is_some() && with_data.is_none() {
            with_data = Some(name);
        }
    }
    match chosen.or(with_data) {
        Some(name) => read(file, &mut book, &name, usize::MAX, settings),
        None => Err(broken("no visible sheet holds any data".to_owned())),
    }
}

fn read<R: Read + Seek>(
    file: &str,
    book: &mut Xlsx<R>,
    name: &str,
    rows_max: usize,
    settings: &Settings,
) -> Result<Sheet, ImportProblem> {
    let broken = |error: calamine::XlsxError| ImportProblem::Workbook { file: file.to_owned(), why: error.to_string() };
    let mut cells = book.worksheet_cells_reader(name).map_err(broken)?;
    let mut sheet = Sheet { name: name.to_owned(), ..Sheet::default() };
    let mut next_column = 0_u32;
    while let Some(cell) = cells.next_cell().map_err(broken)? {
        let text = text_of(cell.get_value());
        if text.is_empty() {
            continue;
        }
        let (row, column) = cell.get_position();
        let line = u64::from(row) + 1;
        let last = sheet.rows.last().map_or(0, |(last, _)| *last);
        if line < last || (line == last && column < next_column) {
            // Going on would put values into foreign rows.
            return Err(ImportProblem::Workbook {
                file: file.to_owned(),
                why: format!("the cells of its sheet `{name}` are out of order at row {line}"),
            });
        }
        if line > last {
            if sheet.rows.len() == rows_max {
                break;
            }
            sheet.rows.push((line, sheet.ends.len()));
            next_column = 0;
        }
        while next_column < column {
            sheet.ends.push(sheet.text.len());
            next_column += 1;
        }
        sheet.text.push_str(&text);
        sheet.ends.push(sheet.text.len());
        next_column += 1;
        if sheet.ends.len() as u64 > settings.workbook_cells_max {
            let why = format!("its sheet `{name}` holds more than {} cells", settings.workbook_cells_max);
            return Err(ImportProblem::TooLarge { file: file.to_owned(), why });
        }
    }
    Ok(sheet)
}

fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        // Ids and phone numbers are stored as floats; they must not become `4.9E10`.
        DataRef::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            format!("{number:.0}")
        }
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(yes) => yes.to_string(),
        DataRef::DateTime(time) => {
            let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
            if (hour, minute, second) == (0, 0, 0) {
                format!("{year:04}-{month:02}-{day:02}")
            } else {
                format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
            }
        }
        DataRef::Error(error) => error.to_string(),
    }
}

/// Adds up what the archive's own directory promises to unpack to, before anything is unpacked.
fn refuse_bombs(file: &str, input: &mut (impl Read + Seek), bytes_max: u64) -> Result<(), ImportProblem> {
    let unreadable =
        |error: io::Error| ImportProblem::Unreadable { file: file.to_owned(), line: None, why: error.to_string() };
    let unpacked = unpacked_bytes(input).map_err(unreadable)?;
    input.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    match unpacked {
        Some(bytes) if bytes > bytes_max => Err(ImportProblem::TooLarge {
            file: file.to_owned(),
            why: format!("it unpacks to {} MiB, the limit is {} MiB", bytes >> 20, bytes_max >> 20),
        }),
        _ => Ok(()),
    }
}

/// Sum of the unpacked sizes in a zip directory; none when there is no directory, which the reader will say better.
fn unpacked_bytes(input: &mut (impl Read + Seek)) -> io::Result<Option<u64>> {
    let size = input.seek(SeekFrom::End(0))?;
    let tail_start = size.saturating_sub(66_000);
    input.seek(SeekFrom::Start(tail_start))?;
    let mut tail = Vec::new();
    input.take(66_000).read_to_end(&mut tail)?;
    let Some(end) = tail.windows(4).rposition(|window| window == b"PK\x05\x06") else {
        return Ok(None);
    };
    let word = |bytes: &[u8], at: usize| {
        bytes.get(at..at + 4).map(|four| u64::from(u32::from_le_bytes([four[0], four[1], four[2], four[3]])))
    };
    let short = |bytes: &[u8], at: usize| {
        bytes.get(at..at + 2).map_or(0, |two| usize::from(u16::from_le_bytes([two[0], two[1]])))
    };
    let (Some(length), Some(start)) = (word(&tail, end + 12), word(&tail, end + 16)) else {
        return Ok(None);
    };
    if start >= size {
        return Ok(None);
    }
    input.seek(SeekFrom::Start(start))?;
    let mut directory = Vec::new();
    input.take(length.min(16 << 20)).read_to_end(&mut directory)?;
    let (mut at, mut sum) = (0, 0_u64);
    while directory.get(at..at + 4) == Some(b"PK\x01\x02") {
        sum = sum.saturating_add(word(&directory, at + 24).unwrap_or(0));
        at += 46 + short(&directory, at + 28) + short(&directory, at + 30) + short(&directory, at + 32);
    }
    Ok(Some(sum))
}
