//! State, journal and clock under one roof: carries out one call, whether it came over a socket or from the same process.

use std::sync::{Mutex, PoisonError};

use serde_json::json;

use crate::clock::{Clock, Raw};
use crate::faults::{self, Fault};
use crate::journal::Journal;
use crate::state::State;
use crate::stats::Service;
use crate::wire::{Call, Payload, Reply};
use crate::{SandboxOptions, SandboxProblem};

/// The state and the journal change together, under one lock.
#[derive(Debug)]
pub(crate) struct Core {
    pub state: State,
    pub journal: Option<Journal>,
}

#[derive(Debug)]
pub(crate) struct House {
    core: Mutex<Core>,
    clock: Mutex<Clock>,
}

/// An answer, and what the caller notices of it.
pub(crate) struct Carried {
    pub reply: Reply,
    pub fault: Option<Fault>,
}

impl House {
    /// Builds the state and replays the journal.
    pub(crate) fn open(options: SandboxOptions) -> Result<House, SandboxProblem> {
        let (start, journal_path) = (options.start, options.journal.clone());
        let mut state = State::new(options)?;
        let mut last_replayed = None;
        let journal = match journal_path {
            Some(path) => {
                let (journal, replayed) = Journal::open(&path)?;
                for change in replayed {
                    state.answer(&change.call, change.at);
                    last_replayed = Some(change.at);
                }
                Some(journal)
            }
            None => None,
        };
        let clock = Clock::new(start, last_replayed);
        Ok(House { core: Mutex::new(Core { state, journal }), clock: Mutex::new(clock) })
    }

    /// Raw time of the machine, for callers that bring no time of their own.
    pub(crate) fn raw(&self) -> Raw {
        self.clock().raw()
    }

    fn clock(&self) -> std::sync::MutexGuard<'_, Clock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries out one call under the lock; its change is in the journal before this returns.
    /// Without a `given` time the machine's is read once the lock is held, so that times follow the order of changes.
    pub(crate) fn answer(&self, mut call: Call, given: Option<Raw>) -> Carried {
        call.arrived = self.clock().read(given.unwrap_or_else(|| self.raw())).arrived;
        // A panic while answering leaves state that was consistent call by call: go on with it.
        let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        let call = &call;
        let service = Service::of(&call.path);
        let fault = service.and_then(|_| core.state.faults.meet(&call.path));
        if let Some(fault) = fault {
            core.state.stats.faulted(&format!("{fault:?}"));
            if !fault.commits() {
                let correlation = core.state.correlation();
                let reply = faults::reply(fault, service.unwrap_or(Service::Portal), &correlation);
                return Carried { fault: Some(fault), reply };
            }
        }
        let at = self.clock().read(given.unwrap_or_else(|| self.raw())).at;
        let mut reply = core.state.answer(call, at);
        if reply.changed
            && let Some(journal) = &mut core.journal
            && let Err(problem) = journal.append(call, at)
        {
            tracing::error!(%problem, "a change could not be journaled");
            reply = Reply::json(500, json!({"status": "error", "message": problem.to_string()}));
        }
        if let (Some(fault), Some(service)) = (fault, service) {
            reply = faults::reply(fault, service, "");
        }
        Carried { fault, reply }
    }
}

/// An answer as bytes with its headers; of two headers with one name the later wins.
pub(crate) fn written(reply: Reply) -> (u16, Vec<(&'static str, String)>, Vec<u8>) {
    let (kind, body) = match reply.payload {
        Payload::Empty => (None, Vec::new()),
        Payload::Text(text) => (Some("text/plain; charset=utf-8"), text.into_bytes()),
        Payload::Json(value) => (Some("application/json;charset=utf-8"), value.to_string().into_bytes()),
    };
    let mut headers: Vec<(&'static str, String)> =
        kind.map(|kind| ("content-type", kind.to_owned())).into_iter().collect();
    for (name, value) in reply.headers {
        match headers.iter_mut().find(|(known, _)| *known == name) {
            Some(known) => known.1 = value,
            None => headers.push((name, value)),
        }
    }
    (reply.status, headers, body)
}
