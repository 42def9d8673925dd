//! Puts the sandbox behind real sockets: reads requests, writes answers, and lets connections break when a fault says so.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State as Shared};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::dns::{self, Zones};
use crate::faults;
use crate::house::{Carried, House, written};
use crate::socket::{Cut, Door};
use crate::wire::{Call, Reply};
use crate::{Sandbox, SandboxOptions, SandboxProblem};

/// Larger bodies than any vendor takes.
const BODY_MAX: usize = 16 * 1024 * 1024;
/// How long open connections get when the sandbox stops.
const GOODBYE: Duration = Duration::from_millis(500);

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

    let house = Arc::new(House::open(options)?);

    let (stop, mut stopped) = watch::channel(false);
    let courier_house = house.clone();
    let courier = tokio::spawn(crate::webhooks::courier::run(move |work| {
        courier_house.with(work);
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
    let Carried { reply, met } = house.answer(call, None);
    faults::suffer(met, respond(reply), &cut).await
}

fn respond(reply: Reply) -> Response<Body> {
    let (status, written_headers, body) = written(reply);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    for (name, value) in written_headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}
