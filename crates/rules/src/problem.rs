//! What is wrong with a rule, where, and what was probably meant.

use std::fmt;
use std::ops::Range;

/// A rule that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct RuleProblem {
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where, as bytes of the rule's text; may be empty at its end.
    pub at: Range<usize>,
    /// What to write there instead, when we can guess it.
    pub suggestion: Option<String>,
}

impl RuleProblem {
    /// A problem without a guess.
    pub fn new(message: impl Into<String>, at: Range<usize>) -> Self {
        RuleProblem { message: message.into(), at, suggestion: None }
    }

    /// Adds what to write instead.
    #[must_use]
    pub fn suggest(mut self, suggestion: Option<String>) -> Self {
        self.suggestion = suggestion;
        self
    }
}

impl fmt::Display for RuleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, " (did you mean `{suggestion}`?)"),
            None => Ok(()),
        }
    }
}
