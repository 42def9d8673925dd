//! A list at its first row: what it is, how its columns are read, and its rows batch by batch.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use evergreen_model::Entity;

use crate::format::{Format, Kind};
use crate::mapping::{FULL_NAME, Mapping};
use crate::problem::ImportProblem;
use crate::row::{Parsed, RowReader};
use crate::source::Rows;

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
    bytes: Bytes,
}

/// How far a file has been read.
pub(crate) struct Bytes {
    pub(crate) read: Arc<AtomicU64>,
    pub(crate) all: u64,
}

impl std::fmt::Debug for List {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("List")
            .field("file", &self.file)
            .field("format", &self.format)
            .field("mapping", &self.mapping)
            .finish_non_exhaustive()
    }
}

impl List {
    pub(crate) fn new(
        file: &str,
        format: Format,
        mapping: Mapping,
        rows: Box<dyn Rows>,
        fewest: usize,
        cell_bytes_max: usize,
        bytes: Bytes,
    ) -> List {
        let reader = RowReader::new(&mapping, fewest, cell_bytes_max);
        List {
            format,
            entity: mapping.entity,
            mapping,
            counts: Counts::default(),
            file: file.to_owned(),
            rows,
            reader,
            fewest,
            cell_bytes_max,
            after_line: 0,
            last_line: 0,
            bytes,
        }
    }

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
            Kind::Xlsx => (self.bytes.all, self.bytes.all),
            _ => (self.bytes.read.load(Ordering::Relaxed).min(self.bytes.all), self.bytes.all),
        }
    }

    /// Refuses a mapping under which no row could ever say who it is about.
    fn require_identity(&self) -> Result<(), ImportProblem> {
        let has = |name: &str| self.mapping.has(name);
        let (enough, needed) = match self.entity {
            Entity::Contact => {
                let named = has("firstname") || has("lastname") || has(FULL_NAME);
                let placed = has("company") || has("domain") || has("website");
                (
                    has("email") || has("hs_linkedin_url") || (named && placed),
                    "an e-mail address, a LinkedIn URL, or a name together with a company",
                )
            }
            Entity::Company => (has("name") || has("domain") || has("website"), "a company name, domain or website"),
        };
        if enough {
            return Ok(());
        }
        Err(ImportProblem::NoIdentity {
            file: self.file.clone(),
            line: self.format.header_line,
            headers: self.header(),
            needed,
        })
    }
}
