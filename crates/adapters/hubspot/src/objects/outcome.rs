//! What became of a batch, in three parts that can not be ignored: done, failed, and unaccounted.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_ports::Difference;

use crate::error::Error;
use crate::record::Record;
use crate::wire::Refusal;

/// A row that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The record as HubSpot answered it.
    pub record: Record,
    /// True when the write made it.
    pub created: bool,
    /// Values kept otherwise than sent: normalised, or silently ignored.
    pub differs: Vec<Difference>,
}

/// What became of every row. Its content is only reachable together: see [`BatchOutcome::into_parts`].
#[derive(Clone, Debug)]
#[must_use = "an ignored outcome is a vanished row"]
pub struct BatchOutcome(pub(crate) Parts);

/// A batch taken apart, rows by trace.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// Written.
    pub done: BTreeMap<String, Written>,
    /// Refused, with HubSpot's reason.
    pub failed: BTreeMap<String, Refusal>,
    /// Neither in the results nor in the errors, nor found as written: must be looked at again.
    pub unaccounted: BTreeSet<String>,
    /// What ended the batch early, when something did; the rows behind it are unaccounted.
    pub stopped: Option<Error>,
}

impl BatchOutcome {
    /// All of it. Take it apart with a pattern that names every part, and the compiler helps not to forget one.
    #[must_use]
    pub fn into_parts(self) -> Parts {
        self.0
    }

    /// The written rows, if every row was written; else the outcome again.
    ///
    /// # Errors
    /// When a row failed or is unaccounted for.
    pub fn complete(self) -> Result<BTreeMap<String, Written>, BatchOutcome> {
        if self.0.failed.is_empty() && self.0.unaccounted.is_empty() && self.0.stopped.is_none() {
            Ok(self.0.done)
        } else {
            Err(self)
        }
    }
}

impl std::fmt::Display for BatchOutcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Parts { done, failed, unaccounted, stopped } = &self.0;
        write!(f, "{} done, {} failed, {} unaccounted", done.len(), failed.len(), unaccounted.len())?;
        match stopped {
            Some(error) => write!(f, "; stopped: {error}"),
            None => Ok(()),
        }
    }
}
