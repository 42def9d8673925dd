//! The client against the sandbox portal's services: OAuth from consent to withdrawal, scopes, many limits at once, webhooks.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod loopback;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use evergreen_hubspot::webhook::{Delivery, Distrust, parse, verify};
use evergreen_hubspot::{
    Capability, Client, Credential, Error, Lane, OAuthApp, Options, TokenError, TokenKeeper, Tokens, Want,
    authorize_url, missing_problem,
};
use evergreen_model::Entity;
use evergreen_ports::{Clock, HttpRequest, Outbound, PortalError};
use evergreen_sandbox::{Sandbox, Tier};
use loopback::{Plain, TOKEN, TestClock, admin, client, sandbox};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const PATIENCE: Duration = Duration::from_secs(12);

fn app() -> OAuthApp {
    OAuthApp {
        client_id: "sandbox-client-id".to_owned(),
        client_secret: "sandbox-client-secret".into(),
        redirect_uri: "http://127.0.0.1:1/back".to_owned(),
    }
}

fn plain() -> Arc<dyn Outbound> {
    Arc::new(Plain { timeout: Duration::from_secs(5) })
}

/// What an admin's browser does: opens the page, agrees, and is sent back with a code.
async fn agree(sandbox: &Sandbox, scopes: &[&str]) -> String {
    let url = authorize_url(&sandbox.base_url(), &app(), scopes, &[], "state-1");
    let request = HttpRequest {
        peer: "browser".to_owned(),
        method: "GET".to_owned(),
        url,
        query: Vec::new(),
        secret_query: Vec::new(),
        headers: Vec::new(),
        body: None,
        timeout_ms: 1_000,
        repeatable: false,
    };
    let back = plain().send(request).await.unwrap();
    assert_eq!(back.status, 302, "{}", String::from_utf8_lossy(&back.body));
    let location = back.header("location").unwrap();
    assert!(location.ends_with("state=state-1"), "{location}");
    location.split_once("code=").unwrap().1.split('&').next().unwrap().to_owned()
}

/// Keeps what a renewal gave, as a secret store would.
#[derive(Default)]
struct Drawer(Mutex<Vec<Tokens>>);

#[async_trait]
impl TokenKeeper for Drawer {
    async fn keep(&self, tokens: &Tokens) -> Result<(), PortalError> {
        self.0.lock().unwrap().push(tokens.clone());
        Ok(())
    }
}

#[tokio::test]
async fn an_app_is_let_in_works_renews_after_a_401_and_is_locked_out_when_its_token_is_withdrawn() {
    let sandbox = sandbox(Tier::Professional).await;
    let (base, outbound) = (sandbox.base_url(), plain());
    let clock: Arc<dyn Clock> = Arc::new(TestClock::new(PATIENCE));
    let scopes = ["oauth", "crm.objects.contacts.read", "crm.objects.owners.read"];
    let code = agree(&sandbox, &scopes).await;
    let tokens = app().exchange(&*outbound, &base, &*clock, &code, None).await.unwrap();
    assert!(tokens.portal_id.is_some() && tokens.scopes.iter().any(|scope| scope == scopes[1]));
    let used = app().exchange(&*outbound, &base, &*clock, &code, None).await.unwrap_err();
    assert!(matches!(used, TokenError::Config(_) | TokenError::Revoked(_)), "{used:?}");

    let drawer = Arc::new(Drawer::default());
    let keeper = Arc::clone(&drawer) as Arc<dyn TokenKeeper>;
    let credential = Credential::OAuth { app: app(), tokens: tokens.clone(), keeper };
    let client = Client::new(Arc::clone(&outbound), &base, credential, Options::default(), Arc::clone(&clock));
    client.objects(Entity::Contact).page(&Want::values(&["email"]), None).await.unwrap();
    let told = client.token_info().await.unwrap().unwrap();
    assert!(told.app_id.is_some());
    let problem = missing_problem(&told.scopes, &[Capability::ReadContacts, Capability::WriteContacts]).unwrap();
    assert!(problem.fix.contains("crm.objects.contacts.write") && !problem.fix.contains("contacts.read"));
    assert!(drawer.0.lock().unwrap().is_empty());

    // The access token ends before its time: one 401, one renewal, and the call goes through.
    let access = tokens.access.expose_secret();
    admin_delete(&sandbox, &format!("tokens/{access}")).await;
    client.owners().await.unwrap();
    let kept = drawer.0.lock().unwrap().last().cloned().unwrap();
    assert_ne!(kept.access.expose_secret(), access);
    let told = app().introspect(&*outbound, &base, &*clock, &kept.access, "access_token").await.unwrap();
    assert!(told.active && told.expires_in.unwrap() > 1_700);

    app().revoke(&*outbound, &base, &*clock, &kept.refresh).await.unwrap();
    admin_delete(&sandbox, &format!("tokens/{}", kept.access.expose_secret())).await;
    assert_eq!(client.owners().await.unwrap_err().into_problem().code, "EG-PORTAL-013");
    sandbox.stop().await;
}

async fn admin_delete(sandbox: &Sandbox, path: &str) {
    let request = HttpRequest {
        peer: "admin".to_owned(),
        method: "DELETE".to_owned(),
        url: format!("{}/__sandbox/{path}", sandbox.base_url()),
        query: Vec::new(),
        secret_query: Vec::new(),
        headers: Vec::new(),
        body: None,
        timeout_ms: 1_000,
        repeatable: false,
    };
    assert_eq!(plain().send(request).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_key_without_a_scope_is_told_which_one_before_and_after_it_is_needed() {
    let sandbox = sandbox(Tier::Professional).await;
    admin(&sandbox, "tokens", json!({"token": "pat-na1-narrow", "scopes": ["crm.objects.contacts.read"]})).await;
    let hubspot = client(&sandbox, "pat-na1-narrow", 190, PATIENCE);
    let told = hubspot.client().token_info().await.unwrap().unwrap();
    let problem = missing_problem(&told.scopes, &[Capability::ReadContacts, Capability::ReadOwners]).unwrap();
    assert_eq!(
        (problem.code.as_str(), problem.why.as_str()),
        ("EG-PORTAL-016", "reading owners needs crm.objects.owners.read")
    );
    let refused = hubspot.client().owners().await.unwrap_err().into_problem();
    assert_eq!(refused.code, "EG-PORTAL-002");
    assert!(refused.fix.contains("crm.objects.owners.read"), "{}", refused.fix);
    sandbox.stop().await;
}

#[tokio::test]
async fn searches_links_and_reads_in_all_lanes_at_once_never_meet_a_limit() {
    let sandbox = sandbox(Tier::Starter).await;
    let hubspot = client(&sandbox, TOKEN, 100, PATIENCE);
    let search = evergreen_hubspot::Search::default();
    let mut searches = Vec::new();
    let mut reads = Vec::new();
    for (number, lane) in
        [Lane::Handoff, Lane::Sync, Lane::Refresh, Lane::Backfill].into_iter().cycle().take(60).enumerate()
    {
        let client = hubspot.client().in_lane(lane);
        if number % 4 == 0 {
            let search = search.clone();
            searches.push(async move { client.objects(Entity::Contact).search(&search, 0).await.map(drop) });
        } else {
            reads.push(async move { client.account().await.map(drop) });
        }
    }
    let (searched, read) = futures::join!(futures::future::join_all(searches), futures::future::join_all(reads));
    assert!(searched.into_iter().chain(read).all(|answer: Result<(), Error>| answer.is_ok()));
    // Not one of them was sent twice.
    assert_eq!(hubspot.client().calls(), 60);
    sandbox.stop().await;
}

/// Takes deliveries and answers each with 200.
async fn receive(listener: TcpListener, wanted: usize) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    while all.len() < wanted {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = Vec::new();
        let (head, body) = loop {
            let mut part = [0; 4_096];
            let read = stream.read(&mut part).await.unwrap();
            bytes.extend_from_slice(&part[..read]);
            let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length: usize = header(&head, "content-length").unwrap().parse().unwrap();
            if bytes.len() >= end + 4 + length {
                break (head, bytes[end + 4..end + 4 + length].to_vec());
            }
        };
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await.unwrap();
        all.push((head, body));
    }
    all
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
}

#[tokio::test]
async fn a_delivery_of_the_portal_is_believed_and_a_changed_one_is_not() {
    let sandbox = sandbox(Tier::Professional).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("http://{}/hook?tenant=a%2Fb", listener.local_addr().unwrap());
    let received = tokio::spawn(receive(listener, 1));
    let subscriptions = json!([{"eventType": "contact.propertyChange", "propertyName": "city"}]);
    admin(&sandbox, "webhooks", json!({"target_url": target, "batch_ms": 0, "subscriptions": subscriptions})).await;
    let hubspot = client(&sandbox, TOKEN, 190, PATIENCE);
    let contacts = hubspot.client().objects(Entity::Contact);
    contacts.update("10001", &[("city".to_owned(), "Köln".to_owned())].into()).await.unwrap();

    let (head, body) = tokio::time::timeout(PATIENCE, received).await.unwrap().unwrap().remove(0);
    let (signature, timestamp) =
        (header(&head, "x-hubspot-signature-v3"), header(&head, "x-hubspot-request-timestamp"));
    let now = jiff::Timestamp::from_millisecond(timestamp.as_deref().unwrap().parse().unwrap()).unwrap();
    let delivery = Delivery {
        method: "POST",
        uri: &target,
        body: &body,
        signature: signature.as_deref(),
        timestamp: timestamp.as_deref(),
    };
    let secret = app().client_secret;
    assert_eq!(verify(&secret, &delivery, now), Ok(()));
    let other = [&body[..], b" "].concat();
    assert_eq!(verify(&secret, &Delivery { body: &other, ..delivery }, now), Err(Distrust::Forged));
    let events = parse(&body).unwrap();
    assert_eq!((events[0].object_id.as_str(), events[0].kind.as_str()), ("10001", "contact.propertyChange"));
    assert_eq!(events[0].property, Some(("city".to_owned(), "Köln".to_owned())));
    let raw: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(raw[0]["changeSource"], "INTEGRATION");
    sandbox.stop().await;
}
