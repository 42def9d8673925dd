//! Why a row was quarantined, and the file in which a person finds it with its reason.

use std::io::Write;

use evergreen_model::Reason;

use crate::problem::ImportProblem;
use crate::row::Parsed;
use crate::source::Fault;

/// Why a row cannot be read; the codes are stable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    Fault(Fault),
    TooManyCells { found: usize, expected: usize },
    TooFewCells { found: usize, expected: usize },
    CellTooLong { column: String, limit: usize },
    ControlGarbage,
    RepeatedHeader,
    OnlyPlaceholders,
    FormulaError,
    LostCharacters { column: String },
    ShiftedColumns { column: String },
    EmailUnusable { value: String },
    NameWithoutCompany,
    CompanyWithoutPerson,
    NoIdentity { what: &'static str },
}

impl Trouble {
    pub(crate) fn reason(&self) -> Reason {
        match self {
            Trouble::Fault(Fault::BrokenQuote) => Reason::new(
                "broken-quote",
                "A quotation mark is opened and never closed, so the cells cannot be told apart.",
            ),
            Trouble::Fault(Fault::InvalidEncoding) => Reason::new(
                "invalid-encoding",
                "The row holds bytes that are no characters in the encoding of the file.",
            ),
            Trouble::Fault(Fault::LineTooLong) => {
                Reason::new("line-too-long", "The line is too long to be a row; only its beginning is kept here.")
            }
            Trouble::Fault(Fault::BadJson) => Reason::new("bad-json", "The line is not valid JSON."),
            Trouble::Fault(Fault::NotAnObject) => {
                Reason::new("json-not-object", "The line is JSON but not an object with named values.")
            }
            Trouble::TooManyCells { found, expected } => Reason::new(
                "too-many-cells",
                format!(
                    "The row has {found} cells and the header {expected}: perhaps a value holds the delimiter without quotes."
                ),
            ),
            Trouble::TooFewCells { found, expected } => Reason::new(
                "too-few-cells",
                format!(
                    "The row has {found} cells and the header {expected}: perhaps a value was broken over two lines."
                ),
            ),
            Trouble::CellTooLong { column, limit } => {
                Reason::new("cell-too-long", format!("The value of `{column}` is longer than {limit} bytes."))
            }
            Trouble::ControlGarbage => Reason::new(
                "control-garbage",
                "The row consists of control characters: the file is damaged here or is not text.",
            ),
            Trouble::RepeatedHeader => {
                Reason::new("repeated-header", "The row repeats the header: perhaps two exports were joined.")
            }
            Trouble::OnlyPlaceholders => {
                Reason::new("only-placeholders", "Every cell is empty or says that there is nothing.")
            }
            Trouble::FormulaError => {
                Reason::new("formula-error", "A failed spreadsheet formula stands where a name or address should be.")
            }
            Trouble::LostCharacters { column } => Reason::new(
                "lost-characters",
                format!("An earlier export replaced characters of `{column}` by \u{fffd}; they cannot be guessed."),
            ),
            Trouble::ShiftedColumns { column } => Reason::new(
                "shifted-columns",
                format!("An e-mail address stands under `{column}`: the values have moved to the wrong columns."),
            ),
            Trouble::EmailUnusable { value } => {
                let short: String = value.chars().take(60).collect();
                Reason::new(
                    "email-unusable",
                    format!("\"{short}\" is no e-mail address, and nothing else says who this is."),
                )
            }
            Trouble::NameWithoutCompany => Reason::new(
                "name-without-company",
                "There is a name but no e-mail address, LinkedIn profile or company to tell this person from others.",
            ),
            Trouble::CompanyWithoutPerson => Reason::new(
                "company-without-person",
                "There is a company but nobody in it: no name, e-mail address or LinkedIn profile.",
            ),
            Trouble::NoIdentity { what } => Reason::new("no-identity", format!("Nothing says who this is: {what}.")),
        }
    }
}

/// Writes the header of a quarantine file: the list's own columns, then line, code and reason.
///
/// # Errors
/// When `out` cannot be written.
pub fn quarantine_header(out: &mut dyn Write, header: &[String]) -> Result<(), ImportProblem> {
    let own = header.iter().map(String::as_str);
    write(out, [own.collect::<Vec<_>>(), vec!["line", "reason_code", "reason"]].concat())
}

/// Appends the quarantined among `rows`; returns how many. Cells beyond the header are joined to the last one, so that
/// the file can be corrected and imported again.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_quarantine<'a>(
    out: &mut dyn Write,
    header: &[String],
    rows: impl IntoIterator<Item = &'a Parsed>,
) -> Result<u64, ImportProblem> {
    let mut count = 0;
    for row in rows {
        let Err(reason) = &row.reading else { continue };
        let mut cells = row.cells.clone();
        if cells.len() > header.len() && !header.is_empty() {
            let surplus = cells.split_off(header.len()).join(" | ");
            if let Some(last) = cells.last_mut().filter(|_| !surplus.is_empty()) {
                last.push_str(" | ");
                last.push_str(&surplus);
            }
        }
        cells.resize(header.len(), String::new());
        cells.extend([row.line.to_string(), reason.code.clone(), reason.sentence.clone()]);
        write(out, cells)?;
        count += 1;
    }
    Ok(count)
}

fn write<T: AsRef<[u8]>>(out: &mut dyn Write, cells: Vec<T>) -> Result<(), ImportProblem> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let failed = |why: String| ImportProblem::QuarantineFile { why };
    writer.write_record(cells).map_err(|error| failed(error.to_string()))?;
    let line = writer.into_inner().map_err(|error| failed(error.to_string()))?;
    out.write_all(&line).map_err(|error| failed(error.to_string()))
}
