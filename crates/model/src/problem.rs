//! A problem as people meet it: what, why, what to do, and whether waiting helps.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// The same call may succeed later.
    RetryLater,
    /// The input file or answer is wrong.
    FixInput,
    /// The configuration, a key or a scope is wrong.
    FixSettings,
    /// A person must decide or approve.
    AskPerson,
    /// Evergreen is wrong.
    ReportBug,
}

/// A failure that ends a run or a verb; a single record's failure is data, not a problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Problem {
    /// Stable code with a page in `docs/problems`: `EG-SYNC-004`.
    pub code: String,
    /// What happened, to how many.
    pub what: String,
    /// Why it happened.
    pub why: String,
    /// What to do next.
    pub fix: String,
    /// What helps, for machines.
    pub remedy: Remedy,
}

impl Problem {
    /// A problem from its four parts.
    pub fn new(
        code: impl Into<String>,
        remedy: Remedy,
        what: impl Into<String>,
        why: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Problem { code: code.into(), what: what.into(), why: why.into(), fix: fix.into(), remedy }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: {}\n  why: {}\n  fix: {}", self.code, self.what, self.why, self.fix)
    }
}
