//! The sandbox without sockets: a call goes in and an answer comes out in the same process, at the time the caller says.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;

use crate::clock::Raw;
use crate::faults::Fault;
use crate::house::{Carried, House, written};
use crate::wire::{Call, Reply};
use crate::{SandboxOptions, SandboxProblem};

/// A sandbox for simulations: no sockets, no tasks, no clock of its own. The same calls at the same times
/// give the same answers. Ports in the options are not used; a journal is, when one is named.
#[derive(Debug)]
pub struct Offline {
    house: House,
}

/// What an offline call gave back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfflineAnswer {
    /// HTTP status.
    pub status: u16,
    /// Headers with lower-case names.
    pub headers: Vec<(String, String)>,
    /// The body as it would go over the wire.
    pub body: Vec<u8>,
    /// When set, the answer above never reached the caller, who saw this instead.
    pub fault: Option<OfflineFault>,
}

/// What a caller sees instead of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfflineFault {
    /// The connection was cut.
    Reset {
        /// The work was done all the same.
        committed: bool,
    },
    /// No answer came before any patience ended.
    NeverAnswered {
        /// The work was done all the same.
        committed: bool,
    },
}

impl OfflineFault {
    /// The call changed the sandbox although no answer came.
    #[must_use]
    pub fn committed(self) -> bool {
        match self {
            OfflineFault::Reset { committed } | OfflineFault::NeverAnswered { committed } => committed,
        }
    }

    fn of(fault: Fault) -> Option<OfflineFault> {
        let committed = fault.commits();
        match fault {
            Fault::Reset | Fault::ResetAfterCommit => Some(OfflineFault::Reset { committed }),
            Fault::Timeout | Fault::TimeoutAfterCommit => Some(OfflineFault::NeverAnswered { committed }),
            _ => None,
        }
    }
}

impl Offline {
    /// Builds the portal, the vendors and the sequencer of `options`.
    ///
    /// # Errors
    /// When the journal is unreadable, or the world contradicts itself.
    pub fn new(options: SandboxOptions) -> Result<Offline, SandboxProblem> {
        Ok(Offline { house: House::open(options)? })
    }

    /// Carries out one call at `at`. Limits, index lag and history all run on that time.
    pub fn call(
        &self,
        at: Timestamp,
        method: &str,
        path_and_query: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> OfflineAnswer {
        let Ok(method) = Method::from_bytes(method.as_bytes()) else {
            return answer(Carried { reply: Reply::text(400, "Bad Request"), met: None });
        };
        let (path, query) = match path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path_and_query, None),
        };
        let headers: HeaderMap = headers
            .iter()
            .filter_map(|(name, value)| {
                Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?))
            })
            .collect();
        let call = Call::read(method, path.to_owned(), query, &headers, body);
        answer(self.house.answer(call, Some(Raw::from(at))))
    }
}

fn answer(carried: Carried) -> OfflineAnswer {
    let (status, headers, body) = written(carried.reply);
    OfflineAnswer {
        status,
        headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        body,
        fault: carried.met.and_then(|met| OfflineFault::of(met.fault)),
    }
}
