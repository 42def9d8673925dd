//! How a command ends, for scripts: stable exit codes.

use evergreen_model::{Problem, Remedy};

/// The exit codes of design.md section 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 1: failed.
    Failed,
    /// 2: bad usage or configuration.
    Usage,
    /// 3: needs a person: guard or approval.
    Person,
    /// 4: some records were refused by the other side; the rest is done.
    Partial,
}

impl Exit {
    /// The number the shell sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Person => 3,
            Exit::Partial => 4,
        }
    }

    /// How a problem ends a command.
    #[must_use]
    pub fn of(problem: &Problem) -> Exit {
        match problem.remedy {
            Remedy::FixSettings => Exit::Usage,
            Remedy::AskPerson => Exit::Person,
            Remedy::RetryLater | Remedy::FixInput | Remedy::ReportBug => Exit::Failed,
        }
    }
}
