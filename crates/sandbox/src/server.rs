//! Puts the state behind real sockets: reads requests, meets faults, journals changes, writes answers.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State as Shared};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::dns::{self, Zones};
use crate::faults::{self, Met};
use crate::journal::Journal;
use crate::socket::{Cut, Door};
use crate::state::State;
use crate::stats::Service;
use crate::wire::{Call, Payload, Reply};
use crate::{Sandbox, SandboxOptions, SandboxProblem};

/// Larger bodies than any vendor takes.
const BODY_MAX: usize = 16 * 1024 * 1024;
/// How long open connections get when the sandbox stops.
const GOODBYE: Duration = Duration::from_millis(500);

/// The state and the journal change together, under one lock.
struct Core {
    state: State,
    journal: Option<Journal>,
}

struct House {
    core: Mutex<Core>,
    clock: Clock,
}

/// The tasks of a started sandbox.
#[derive(Debug)]
pub(crate) struct Running {
    http: JoinHandle<()>,
    dns: JoinHandle<()>,
    /// Carries webhook events out.
    courier: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl Running {
    pub(crate) async fn stop(mut self) {
        let _ = self.stop.send(true);
        if tokio::time::timeout(GOODBYE, &mut self.http).await.is_err() {
            self.http.abort();
        }
        self.courier.abort();
        self.dns.abort();
        let _ = self.dns.await;
    }
}

pub(crate) async fn start(options: SandboxOptions) -> Result<Sandbox, SandboxProblem> {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let failed = |source| SandboxProblem::Listen { address: format!("tcp {wanted}"), source };
    let door = Door::bind(wanted).await.map_err(failed)?;
    let http = door.address().map_err(failed)?;
    let (mut dns_server, dns) = dns::serve(Zones::of(&options.world), options.dns_port).await?;

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
    let house = Arc::new(House { core: Mutex::new(Core { state, journal }), clock: Clock::new(start, last_replayed) });

    let (stop, mut stopped) = watch::channel(false);
    let courier_house = house.clone();
    let courier = tokio::spawn(crate::webhooks::courier::run(move |work| {
        let mut core = courier_house.core.lock().unwrap_or_else(PoisonError::into_inner);
        let at = courier_house.clock.now();
        work(&mut core.state, at);
    }));
    let app = Router::new().fallback(handle).with_state(house).into_make_service_with_connect_info::<Cut>();
    let http_task = tokio::spawn(async move {
        let done = async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        if let Err(problem) = axum::serve(door, app).with_graceful_shutdown(done).await {
            tracing::error!(%problem, "the sandbox stopped answering HTTP");
        }
    });
    let dns_task = tokio::spawn(async move {
        if let Err(problem) = dns_server.block_until_done().await {
            tracing::error!(%problem, "the sandbox stopped answering DNS");
        }
    });
    Ok(Sandbox { http, dns, running: Running { http: http_task, dns: dns_task, courier, stop } })
}

async fn handle(
    Shared(house): Shared<Arc<House>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, BODY_MAX).await else {
        return respond(Reply::text(413, "Request Entity Too Large"));
    };
    let call = Call::read(parts.method, parts.uri.path().to_owned(), parts.uri.query(), &parts.headers, &bytes);
    let (met, reply) = house.answer(&call);
    faults::suffer(met, respond(reply), &cut).await
}

impl House {
    /// Carries out one call under the lock; its change is in the journal before this returns.
    fn answer(&self, call: &Call) -> (Option<Met>, Reply) {
        // A panic while answering leaves state that was consistent call by call: go on with it.
        let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        let service = Service::of(&call.path);
        let met = service.and_then(|_| core.state.faults.meet(call));
        if let Some(met) = met {
            core.state.stats.faulted(&format!("{:?}", met.fault));
            if !met.fault.commits() {
                let correlation = core.state.correlation();
                let reply = faults::reply(met, service.unwrap_or(Service::Portal), &correlation, None);
                return (Some(met), reply);
            }
        }
        let at = self.clock.now();
        let mut reply = core.state.answer(call, at);
        if reply.changed
            && let Some(journal) = &mut core.journal
            && let Err(problem) = journal.append(call, at)
        {
            tracing::error!(%problem, "a change could not be journaled");
            reply = Reply::json(500, json!({"status": "error", "message": problem.to_string()}));
        }
        if let (Some(met), Some(service)) = (met, service) {
            let correlation = core.state.correlation();
            reply = faults::reply(met, service, &correlation, Some(reply));
        }
        (met, reply)
    }
}

fn respond(reply: Reply) -> Response<Body> {
    let (kind, body) = match reply.payload {
        Payload::Empty => (None, Body::empty()),
        Payload::Text(text) => (Some("text/plain; charset=utf-8"), Body::from(text)),
        Payload::Json(value) => (Some("application/json;charset=utf-8"), Body::from(value.to_string())),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Some(kind) = kind {
        headers.insert("content-type", HeaderValue::from_static(kind));
    }
    for (name, value) in reply.headers {
        // A later header of the same name wins, so that an answer may say its own content type.
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}
