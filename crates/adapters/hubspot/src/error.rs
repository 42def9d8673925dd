//! What a call can end in besides an answer: refused, lost on the way, or a portal that can not be asked.

use evergreen_ports::PortalError;

use crate::problem;
use crate::wire::Refusal;

/// Why a call has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// HubSpot understood and said no: a record that is not there, a value that is not allowed, a name that is taken.
    Refused {
        /// HTTP status: 400, 404, 409, …
        status: u16,
        /// HubSpot's reason.
        refusal: Box<Refusal>,
        /// `POST /crm/…`
        call: String,
    },
    /// The answer was lost after the call had left, and the call must not be repeated blindly: it may have been carried out.
    Lost(PortalError),
    /// The portal can not be asked: denied, unavailable or odd. Harmless repetitions are used up.
    Portal(PortalError),
}

impl Error {
    /// The reason, when HubSpot said no.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Error::Refused { refusal, .. } => Some(refusal),
            Error::Lost(_) | Error::Portal(_) => None,
        }
    }

    /// Whether what was asked for is not there.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Error::Refused { status: 404, .. })
    }
}

impl From<PortalError> for Error {
    fn from(error: PortalError) -> Error {
        Error::Portal(error)
    }
}

impl From<Error> for PortalError {
    fn from(error: Error) -> PortalError {
        match error {
            Error::Refused { status, refusal, call } => problem::refused(status, &refusal, &call),
            Error::Lost(error) | Error::Portal(error) => error,
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", PortalError::from(self.clone()).problem())
    }
}

impl std::error::Error for Error {}
