//! Rows as they stand in the file, whatever its format: cells, or what is wrong with them.

use std::io;

/// What is wrong with a row before anybody looks at its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    BrokenQuote,
    InvalidEncoding,
    LineTooLong,
    BadJson,
    NotAnObject,
}

/// A row as it stands in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RawRow {
    /// Line it begins on.
    pub line: u64,
    /// Its cells in the order of the header.
    pub cells: Vec<String>,
    /// Values under names the header does not have (JSON).
    pub surplus: Vec<(String, String)>,
    /// What is wrong with it.
    pub fault: Option<Fault>,
}

/// Gives the rows of a list below its header.
pub(crate) trait Rows: Send {
    /// The next row; none at the end.
    fn next(&mut self) -> io::Result<Option<RawRow>>;
}
