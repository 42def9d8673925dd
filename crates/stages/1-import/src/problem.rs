//! What can end an import: the list as a whole cannot be read, or its mapping makes no sense.

use evergreen_model::{Problem, Remedy};

/// Why a list as a whole cannot be read. A single bad row is never one of these: it is quarantined.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportProblem {
    /// Reading the file failed.
    #[error("{file} cannot be read{}", at(*line))]
    Unreadable {
        /// File name.
        file: String,
        /// Last line that was read, if any.
        line: Option<u64>,
        /// What the system said.
        why: String,
    },
    /// There is nothing in it.
    #[error("{file} is empty")]
    Empty {
        /// File name.
        file: String,
    },
    /// It is some other kind of file.
    #[error("{file} is {what}, not a list")]
    NotAList {
        /// File name.
        file: String,
        /// What it is: `a PDF`.
        what: &'static str,
        /// What to do.
        fix: &'static str,
    },
    /// The workbook is damaged or holds no table.
    #[error("the workbook {file} cannot be read")]
    Workbook {
        /// File name.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// The workbook is absurdly large.
    #[error("the workbook {file} is too large")]
    TooLarge {
        /// File name.
        file: String,
        /// What is over which limit.
        why: String,
    },
    /// No columns say who a row is about.
    #[error("{file}{}: no columns say who a row is about", at(*line))]
    NoIdentity {
        /// File name.
        file: String,
        /// Line of the header, if there is one.
        line: Option<u64>,
        /// The headers as they stand in the file.
        headers: Vec<String>,
        /// What would be needed.
        needed: &'static str,
    },
    /// A mapping by hand names a field that does not exist.
    #[error("there is no field `{field}`")]
    UnknownField {
        /// The name.
        field: String,
        /// The nearest field that exists.
        nearest: Option<String>,
    },
    /// A mapping by hand names a column that the list does not have.
    #[error("the list has no column `{header}`")]
    UnknownColumn {
        /// The name.
        header: String,
        /// The columns it has.
        columns: Vec<String>,
    },
    /// The quarantine file cannot be written.
    #[error("the quarantine file cannot be written")]
    QuarantineFile {
        /// What the system said.
        why: String,
    },
}

impl ImportProblem {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            ImportProblem::Unreadable { .. } => "EG-IMPORT-001",
            ImportProblem::Empty { .. } => "EG-IMPORT-002",
            ImportProblem::NotAList { .. } => "EG-IMPORT-003",
            ImportProblem::Workbook { .. } => "EG-IMPORT-004",
            ImportProblem::TooLarge { .. } => "EG-IMPORT-005",
            ImportProblem::NoIdentity { .. } => "EG-IMPORT-006",
            ImportProblem::UnknownField { .. } => "EG-IMPORT-007",
            ImportProblem::UnknownColumn { .. } => "EG-IMPORT-008",
            ImportProblem::QuarantineFile { .. } => "EG-IMPORT-009",
        }
    }

    fn why_and_fix(&self) -> (String, String) {
        match self {
            ImportProblem::Unreadable { why, .. } => {
                (why.clone(), "check that the file is there, is a file and may be read; then import it again: it goes on where it stopped".into())
            }
            ImportProblem::Empty { .. } => ("the file has no rows".into(), "export the list again".into()),
            ImportProblem::NotAList { fix, .. } => ("its first bytes say so".into(), (*fix).into()),
            ImportProblem::Workbook { why, .. } => {
                (why.clone(), "open it in a spreadsheet program and save the sheet as CSV or as a new .xlsx without password".into())
            }
            ImportProblem::TooLarge { why, .. } => (
                why.clone(),
                "save the sheet as CSV, which may be of any size, or raise `import.workbook_cells_max` or `import.workbook_bytes_max`".into(),
            ),
            ImportProblem::NoIdentity { headers, needed, .. } => (
                format!("needed: {needed}; the columns are: {}", shown(headers)),
                "map the columns by hand (`--map \"HEADER=FIELD\"`) or add their headers under `import.synonyms`".into(),
            ),
            ImportProblem::UnknownField { nearest, .. } => (
                "a column can only be mapped to a field of a contact or company".into(),
                nearest.as_ref().map_or_else(
                    || "see the list of fields in docs/reference/config.md".into(),
                    |nearest| format!("did you mean `{nearest}`?"),
                ),
            ),
            ImportProblem::UnknownColumn { header, columns } => {
                let nearest = columns
                    .iter()
                    .map(|column| (strsim::jaro_winkler(&column.to_lowercase(), &header.to_lowercase()), column))
                    .filter(|(likeness, _)| *likeness > 0.75)
                    .max_by(|left, right| left.0.total_cmp(&right.0));
                let fix = match nearest {
                    Some((_, column)) => format!("did you mean `{column}`?"),
                    None => "write the header as it stands in the file".to_owned(),
                };
                (format!("the columns are: {}", shown(columns)), fix)
            }
            ImportProblem::QuarantineFile { why } => (why.clone(), "free space or choose a folder that may be written to".into()),
        }
    }
}

impl From<ImportProblem> for Problem {
    fn from(problem: ImportProblem) -> Problem {
        let remedy = match &problem {
            ImportProblem::UnknownField { .. } | ImportProblem::UnknownColumn { .. } => Remedy::FixSettings,
            ImportProblem::QuarantineFile { .. } => Remedy::RetryLater,
            _ => Remedy::FixInput,
        };
        let (why, fix) = problem.why_and_fix();
        Problem::new(problem.code(), remedy, problem.to_string(), why, fix)
    }
}

fn at(line: Option<u64>) -> String {
    line.map(|line| format!(", line {line}")).unwrap_or_default()
}

/// The first dozen headers: enough to recognise the file by.
fn shown(headers: &[String]) -> String {
    let mut text = headers.iter().take(12).map(|header| format!("`{header}`")).collect::<Vec<_>>().join(", ");
    if headers.len() > 12 {
        text.push_str(&format!(" and {} more", headers.len() - 12));
    }
    text
}
