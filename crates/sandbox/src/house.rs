//! State, journal, clock and request log under one roof: carries out one call, whether it came over a socket or from the same process.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::json;

use crate::clock::{Clock, Millis, Raw};
use crate::faults::{self, Met};
use crate::journal::Journal;
use crate::requests::Requests;
use crate::snapshot;
use crate::state::State;
use crate::stats::Service;
use crate::wire::{Call, Payload, Reply};
use crate::{SandboxOptions, SandboxProblem};

/// The state and the journal change together, under one lock.
#[derive(Debug)]
struct Core {
    state: State,
    journal: Option<Journal>,
    requests: Requests,
    /// What the sandbox was started with, kept where a journal allows to build it again.
    began: Option<SandboxOptions>,
}

#[derive(Debug)]
pub(crate) struct House {
    core: Mutex<Core>,
    clock: Mutex<Clock>,
}

/// An answer, and what went wrong with it.
pub(crate) struct Carried {
    pub reply: Reply,
    pub met: Option<Met>,
}

impl House {
    /// Builds the state and replays the journal.
    pub(crate) fn open(options: SandboxOptions) -> Result<House, SandboxProblem> {
        let (start, journal_path) = (options.start, options.journal.clone());
        let began = journal_path.is_some().then(|| options.clone());
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
        let core = Core { state, journal, requests: Requests::default(), began };
        Ok(House { core: Mutex::new(core), clock: Mutex::new(Clock::new(start, last_replayed)) })
    }

    pub(crate) fn clock(&self) -> MutexGuard<'_, Clock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn core(&self) -> MutexGuard<'_, Core> {
        // A panic while answering leaves state that was consistent call by call: go on with it.
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets somebody inside the sandbox work on the state at the present moment.
    pub(crate) fn with(&self, work: &mut dyn FnMut(&mut State, Millis)) {
        let mut core = self.core();
        let at = self.clock().now(None).at;
        work(&mut core.state, at);
    }

    /// Carries out one call under the lock; its change is in the journal before this returns.
    /// Without a `given` time the machine's is read once the lock is held, so that times follow the order of changes.
    pub(crate) fn answer(&self, mut call: Call, given: Option<Raw>) -> Carried {
        call.arrived = self.clock().now(given).arrived;
        let mut core = self.core();
        let at = self.clock().now(given).at;
        let carried = match call.segments().as_slice() {
            ["__sandbox", "clock"] => Carried { reply: self.clock().admin(&call, given), met: None },
            ["__sandbox", "requests"] => Carried { reply: core.requests.admin(&call), met: None },
            ["__sandbox", "snapshot"] => Carried { reply: core.snapshot(&call, at), met: None },
            ["__sandbox", "restore"] => Carried { reply: core.restore(&call), met: None },
            _ => core.carry_out(&call, at),
        };
        if Service::of(&call.path).is_some() {
            core.requests.keep(&call, &carried, at);
        }
        carried
    }
}

impl Core {
    /// Writes everything that happened into one file.
    fn snapshot(&self, call: &Call, at: Millis) -> Reply {
        let (Some(began), Some(journal)) = (&self.began, &self.journal) else {
            return snapshot::refused(snapshot::NO_JOURNAL);
        };
        match snapshot::save(call, began, journal, at) {
            Ok(reply) => reply,
            Err(problem) => snapshot::refused(&problem),
        }
    }

    /// Makes the sandbox what it was when a snapshot was taken. Nothing changes when the file does not fit.
    fn restore(&mut self, call: &Call) -> Reply {
        let (Some(began), Some(journal)) = (&self.began, &mut self.journal) else {
            return snapshot::refused(snapshot::NO_JOURNAL);
        };
        let loaded = match snapshot::load(call, began) {
            Ok(loaded) => loaded,
            Err(problem) => return snapshot::refused(&problem),
        };
        if let Err(problem) = journal.replace(&loaded.lines) {
            return snapshot::refused(&problem.to_string());
        }
        self.state = loaded.state;
        Reply::json(200, json!({"ok": true, "changes": loaded.changes}))
    }

    fn carry_out(&mut self, call: &Call, at: Millis) -> Carried {
        let service = Service::of(&call.path);
        let met = service.and_then(|_| self.state.faults.meet(call));
        if let Some(met) = met {
            self.state.stats.faulted(&format!("{:?}", met.fault));
            if !met.fault.commits() {
                let correlation = self.state.correlation();
                let reply = faults::reply(met, service.unwrap_or(Service::Portal), &correlation, None);
                return Carried { met: Some(met), reply };
            }
        }
        let mut reply = self.state.answer(call, at);
        if reply.changed
            && let Some(journal) = &mut self.journal
            && let Err(problem) = journal.append(call, at)
        {
            tracing::error!(%problem, "a change could not be journaled");
            reply = Reply::json(500, json!({"status": "error", "message": problem.to_string()}));
        }
        if let (Some(met), Some(service)) = (met, service) {
            let correlation = self.state.correlation();
            reply = faults::reply(met, service, &correlation, Some(reply));
        }
        Carried { met, reply }
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
