//! The way out against a small server on loopback: retries, refusals, limits and silence about secrets.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use evergreen_outbound::{HttpOutbound, Options, PeerLimits, RETRY_429};
use evergreen_ports::{Chance, Clock, HttpRequest, Outbound, OutboundError};
use jiff::{SignedDuration, Timestamp};

/// A clock that moves when somebody sleeps.
struct Stepping(AtomicU64);

#[async_trait]
impl Clock for Stepping {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst) as i64).expect("in range")
    }

    async fn sleep(&self, duration: SignedDuration) {
        self.0.fetch_add(duration.as_millis() as u64, Ordering::SeqCst);
        tokio::task::yield_now().await;
    }
}

struct Dice;

impl Chance for Dice {
    fn draw(&self) -> u64 {
        4
    }
}

struct World {
    base: String,
    hits: Arc<AtomicU32>,
    out: HttpOutbound,
    clock: Arc<Stepping>,
}

/// Counts every request, is too busy for the first two, and answers with what it was sent.
async fn busy_twice(State(hits): State<Arc<AtomicU32>>, headers: HeaderMap) -> Response {
    assert!(headers.get(RETRY_429).is_none(), "our own header must not leave the house");
    if hits.fetch_add(1, Ordering::SeqCst) < 2 {
        return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "2")], "slow down").into_response();
    }
    "welcome".into_response()
}

async fn down(State(hits): State<Arc<AtomicU32>>) -> Response {
    hits.fetch_add(1, Ordering::SeqCst);
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

async fn world(options: Options) -> World {
    let hits = Arc::new(AtomicU32::new(0));
    let app = Router::new()
        .route("/busy", any(busy_twice))
        .route("/down", any(down))
        .route("/slow", get(|| async { tokio::time::sleep(Duration::from_secs(30)).await }))
        .route("/large", get(|| async { vec![b'x'; 5_000] }))
        .route("/moved", get(|| async { (StatusCode::FOUND, [("location", "/large")]) }))
        .route("/echo", get(|uri: axum::http::Uri| async move { uri.to_string() }))
        .with_state(Arc::clone(&hits));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let clock = Arc::new(Stepping(AtomicU64::new(1_700_000_000_000)));
    let out = HttpOutbound::new(options, clock.clone(), Arc::new(Dice)).expect("a client");
    World { base, hits, out, clock }
}

fn open() -> Options {
    Options { allow_private: true, ..Options::default() }
}

fn get_from(world: &World, path: &str) -> HttpRequest {
    HttpRequest {
        peer: "acme".into(),
        method: "GET".into(),
        url: format!("{}{path}", world.base),
        query: vec![],
        secret_query: vec![],
        headers: vec![],
        body: None,
        timeout_ms: 5_000,
        repeatable: true,
    }
}

#[tokio::test]
async fn a_busy_peer_is_waited_for_and_asked_again() {
    let world = world(open()).await;
    let before = world.clock.now();
    let answer =
        world.out.send(HttpRequest { repeatable: false, ..get_from(&world, "/busy") }).await.expect("an answer");
    assert_eq!((answer.status, answer.tries, answer.body.as_slice()), (200, 3, b"welcome".as_slice()));
    assert!(
        world.clock.now().duration_since(before) >= SignedDuration::from_secs(4),
        "two waits of two seconds, as asked"
    );
}

#[tokio::test]
async fn a_429_that_means_an_empty_account_is_handed_back_at_once() {
    let world = world(open()).await;
    let request = HttpRequest { headers: vec![(RETRY_429.into(), "no".into())], ..get_from(&world, "/busy") };
    let answer = world.out.send(request).await.expect("an answer");
    assert_eq!((answer.status, answer.tries), (429, 1));
}

#[tokio::test]
async fn an_outage_is_repeated_only_where_repeating_is_harmless() {
    let world = world(open()).await;
    let answer = world.out.send(get_from(&world, "/down")).await.expect("an answer");
    assert_eq!((answer.status, answer.tries), (503, 5));
    let answer =
        world.out.send(HttpRequest { repeatable: false, ..get_from(&world, "/down") }).await.expect("an answer");
    assert_eq!((answer.status, answer.tries), (503, 1));
    assert_eq!(world.hits.load(Ordering::SeqCst), 6);
}

#[tokio::test]
async fn a_dead_peer_is_left_alone_and_probed_after_a_while() {
    let world = world(Options { failures_to_open: 3, retries: 0, ..open() }).await;
    for _ in 0..3 {
        world.out.send(get_from(&world, "/down")).await.expect("an answer");
    }
    let refused = world.out.send(get_from(&world, "/down")).await;
    assert!(matches!(refused, Err(OutboundError::Open(_))), "{refused:?}");
    let other = HttpRequest { peer: "other".into(), ..get_from(&world, "/echo") };
    assert!(world.out.send(other).await.is_ok(), "other peers go on");
    world.clock.sleep(SignedDuration::from_secs(31)).await;
    assert!(world.out.send(get_from(&world, "/echo")).await.is_ok(), "the probe");
    assert!(world.out.send(get_from(&world, "/echo")).await.is_ok(), "closed again");
    assert_eq!(world.hits.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn private_addresses_are_refused_by_number_and_by_name() {
    let world = world(Options::default()).await;
    let port = world.base.rsplit_once(':').expect("a port").1.to_owned();
    for host in ["127.0.0.1", "localhost"] {
        let request = HttpRequest { url: format!("http://{host}:{port}/echo"), ..get_from(&world, "") };
        let refused = world.out.send(request).await;
        assert!(matches!(refused, Err(OutboundError::Forbidden(_))), "{host}: {refused:?}");
    }
}

#[tokio::test]
async fn nothing_listening_and_no_answer_in_time_are_told_apart_without_secrets() {
    let world = world(Options { retries: 0, ..open() }).await;
    let secret = |request: HttpRequest| HttpRequest {
        query: vec![("api_key".into(), "hush-hush".into()), ("email".into(), "jane@acme.example".into())],
        secret_query: vec!["api_key".into()],
        headers: vec![("authorization".into(), "Bearer hush-hush".into())],
        ..request
    };
    let nobody =
        world.out.send(secret(HttpRequest { url: "http://127.0.0.1:1/find".into(), ..get_from(&world, "") })).await;
    let slow = world.out.send(secret(HttpRequest { timeout_ms: 100, ..get_from(&world, "/slow") })).await;
    assert!(matches!(nobody, Err(OutboundError::Unreachable(_))), "{nobody:?}");
    assert!(matches!(slow, Err(OutboundError::Timeout(_))), "{slow:?}");
    for error in [nobody, slow] {
        let text = format!("{error:?}");
        assert!(!text.contains("hush-hush") && !text.contains("jane"), "{text}");
    }
}

#[tokio::test]
async fn a_large_answer_is_cut_off_and_a_redirect_is_not_followed() {
    let world = world(Options { body_max_bytes: 1_000, retries: 0, ..open() }).await;
    assert!(matches!(world.out.send(get_from(&world, "/large")).await, Err(OutboundError::Broken(_))));
    assert_eq!(world.out.send(get_from(&world, "/moved")).await.expect("an answer").status, 302);
}

#[tokio::test]
async fn query_parameters_are_appended_encoded_and_in_order() {
    let world = world(open()).await;
    let query = vec![("b".to_owned(), "Ünal & Co".to_owned()), ("a[]".to_owned(), "1".to_owned())];
    let answer = world.out.send(HttpRequest { query, ..get_from(&world, "/echo?z=0") }).await.expect("an answer");
    assert_eq!(String::from_utf8_lossy(&answer.body), "/echo?z=0&b=%C3%9Cnal+%26+Co&a%5B%5D=1");
}

#[tokio::test]
async fn a_crowd_keeps_to_the_window() {
    let limits = PeerLimits { windows: vec![(5, 1_000)], concurrency: 3 };
    let world = Arc::new(world(Options { peers: [("acme".to_owned(), limits)].into(), ..open() }).await);
    let before = world.clock.now();
    let crowd = (0..20).map(|_| {
        let world = Arc::clone(&world);
        tokio::spawn(async move { world.out.send(get_from(&world, "/echo")).await.expect("an answer").status })
    });
    for one in crowd.collect::<Vec<_>>() {
        assert_eq!(one.await.expect("finished"), 200);
    }
    assert!(
        world.clock.now().duration_since(before) > SignedDuration::from_secs(3),
        "twenty in fives need three full windows"
    );
}
