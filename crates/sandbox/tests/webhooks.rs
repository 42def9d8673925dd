//! Webhook events arrive over real HTTP: signed, in batches, again when refused, twice when told so.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{get, portal, post, send, started};
use evergreen_sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const CONTACTS: &str = "/crm/objects/2026-09/contacts";

/// One received delivery.
#[derive(Debug, Clone)]
struct Delivery {
    head: String,
    events: Vec<Value>,
    body: String,
}

#[derive(Clone)]
struct Listener {
    url: String,
    got: Arc<Mutex<Vec<Delivery>>>,
}

impl Listener {
    /// Refuses the first deliveries with 500, then takes everything.
    async fn start(refuse: usize) -> Listener {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?tenant=a", socket.local_addr().unwrap());
        let got: Arc<Mutex<Vec<Delivery>>> = Arc::default();
        let kept = got.clone();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = socket.accept().await.unwrap();
                let mut bytes = Vec::new();
                let mut piece = [0u8; 4096];
                let (head, body) = loop {
                    let read = stream.read(&mut piece).await.unwrap();
                    bytes.extend_from_slice(&piece[..read]);
                    let all = String::from_utf8_lossy(&bytes).into_owned();
                    if let Some((head, body)) = all.split_once("\r\n\r\n") {
                        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
                        if body.len() >= length.parse::<usize>().unwrap() {
                            break (head.to_owned(), body.to_owned());
                        }
                    }
                };
                let events = serde_json::from_str(&body).unwrap();
                let count = {
                    let mut kept = kept.lock().unwrap();
                    kept.push(Delivery { head, events, body });
                    kept.len()
                };
                let status = if count <= refuse { "500 No" } else { "204 Fine" };
                let _ = stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes()).await;
            }
        });
        Listener { url, got }
    }

    async fn wait_for(&self, deliveries: usize) -> Vec<Delivery> {
        for _ in 0..150 {
            let got = self.got.lock().unwrap().clone();
            if got.len() >= deliveries {
                return got;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("only {:?} came", self.got.lock().unwrap());
    }
}

async fn subscribe(sandbox: &Sandbox, listener: &Listener, more: Value) {
    let mut body = json!({"target_url": listener.url, "batch_ms": 60, "subscriptions": [
        {"eventType": "contact.creation"}, {"eventType": "contact.deletion"},
        {"eventType": "contact.propertyChange", "propertyName": "jobtitle"},
        {"eventType": "object.propertyChange", "propertyName": "name", "objectTypeId": "0-2"},
        {"eventType": "contact.associationChange"},
    ]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = post(sandbox, "/__sandbox/webhooks", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

fn header<'a>(delivery: &'a Delivery, name: &str) -> &'a str {
    delivery.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap()
}

#[tokio::test]
async fn events_come_in_one_signed_batch_with_their_source() {
    let (sandbox, listener) = (started().await, Listener::start(0).await);
    subscribe(&sandbox, &listener, json!({})).await;
    let made =
        post(&sandbox, CONTACTS, json!({"properties": {"email": "w@x.example", "jobtitle": "Head"}})).await.json();
    let edit = json!({"id": "1001", "properties": {"jobtitle": "By hand"}, "user_id": "9001"});
    post(&sandbox, "/__sandbox/human-edit", edit).await;
    portal(&sandbox, "PATCH", "/crm/objects/2026-09/companies/2001", json!({"properties": {"name": "Northquay"}}))
        .await;
    let pair = "/crm/objects/2026-09/contacts/1002/associations/default/companies/2002";
    assert_eq!(portal(&sandbox, "PUT", pair, json!(null)).await.status, 200);
    portal(&sandbox, "DELETE", &format!("{CONTACTS}/{}", made["id"].as_str().unwrap()), json!(null)).await;
    tokio::time::sleep(Duration::from_millis(250)).await;
    let got = listener.wait_for(1).await;
    let events: Vec<Value> = got.iter().flat_map(|delivery| delivery.events.clone()).collect();
    let of = |kind: &str| events.iter().filter(|event| event["subscriptionType"] == kind).collect::<Vec<_>>();
    let id: u64 = made["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        (&of("contact.creation")[0]["objectId"], &of("contact.creation")[0]["changeFlag"]),
        (&json!(id), &json!("CREATED"))
    );
    let titles = of("contact.propertyChange");
    assert_eq!(
        (titles.len(), &titles[0]["changeSource"], &titles[0]["sourceId"]),
        (2, &json!("INTEGRATION"), &json!("1001"))
    );
    assert_eq!(
        (&titles[1]["propertyValue"], &titles[1]["changeSource"], &titles[1]["sourceId"]),
        (&json!("By hand"), &json!("CRM_UI"), &json!("userId:9001"))
    );
    let company = of("object.propertyChange");
    assert_eq!((&company[0]["objectTypeId"], &company[0]["objectId"]), (&json!("0-2"), &json!(2001)));
    let joined = of("contact.associationChange");
    assert_eq!(
        (
            &joined[0]["associationType"],
            &joined[0]["fromObjectId"],
            &joined[0]["toObjectId"],
            &joined[0]["associationRemoved"]
        ),
        (&json!("CONTACT_TO_COMPANY"), &json!(1002), &json!(2002), &json!(false))
    );
    assert_eq!(of("contact.deletion")[0]["objectId"], id);
    assert_eq!(
        (&events[0]["portalId"], &events[0]["appId"], &events[0]["attemptNumber"]),
        (&json!(148_900_001), &json!(1001), &json!(0))
    );
    // The signature, worked out here by other means than the sandbox's.
    let first = &got[0];
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"sandbox-client-secret");
    let text = format!("POST{}{}{}", listener.url, first.body, header(first, "x-hubspot-request-timestamp"));
    use base64::Engine as _;
    let wanted = base64::engine::general_purpose::STANDARD.encode(ring::hmac::sign(&key, text.as_bytes()));
    assert_eq!(header(first, "x-hubspot-signature-v3"), wanted);
    assert_eq!(header(first, "x-hubspot-signature-version"), "v1");
}

#[tokio::test]
async fn refused_deliveries_come_again_with_a_higher_attempt() {
    let (sandbox, listener) = (started().await, Listener::start(2).await);
    subscribe(&sandbox, &listener, json!({"retry_scale": 0.001})).await;
    portal(&sandbox, "PATCH", &format!("{CONTACTS}/1001"), json!({"properties": {"jobtitle": "Again"}})).await;
    let got = listener.wait_for(3).await;
    let attempts: Vec<u64> = got.iter().map(|one| one.events[0]["attemptNumber"].as_u64().unwrap()).collect();
    assert_eq!(attempts, [0, 1, 2]);
    assert!(got.iter().all(|one| one.events[0]["eventId"] == got[0].events[0]["eventId"]));
    tokio::time::sleep(Duration::from_millis(100)).await;
    let report = get(&sandbox, "/__sandbox/webhooks").await.json();
    assert_eq!(
        (&report["delivered"], &report["failed_attempts"], &report["waiting"]),
        (&json!(1), &json!(2), &json!(0))
    );
}

#[tokio::test]
async fn batches_hold_a_hundred_and_untidy_ones_repeat_and_mix() {
    let (sandbox, listener) = (started().await, Listener::start(0).await);
    subscribe(&sandbox, &listener, json!({"duplicate_percent": 20, "reorder_percent": 50})).await;
    for batch in 0..3 {
        let inputs: Vec<Value> =
            (0..100).map(|row| json!({"properties": {"email": format!("b{batch}r{row}@x.example")}})).collect();
        assert_eq!(post(&sandbox, &format!("{CONTACTS}/batch/create"), json!({"inputs": inputs})).await.status, 201);
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    let got = listener.wait_for(3).await;
    assert!(got.iter().all(|delivery| delivery.events.len() <= 100));
    let ids: Vec<u64> =
        got.iter().flat_map(|one| &one.events).map(|event| event["eventId"].as_u64().unwrap()).collect();
    let distinct: std::collections::BTreeSet<u64> = ids.iter().copied().collect();
    assert_eq!(distinct.len(), 300);
    assert!(ids.len() > 320 && ids.len() < 400, "{} came", ids.len());
    assert!(!ids.is_sorted());
}

#[tokio::test]
async fn subscriptions_are_managed_with_the_developers_key() {
    let sandbox = started().await;
    let base = "/app-webhooks/2026-09/1001";
    let call = |method: &'static str, path: &str, body: Value| {
        let path = format!("{base}/{path}?hapikey=sandbox-developer-key");
        let sandbox = &sandbox;
        async move { send(sandbox, method, &path, &[], (!body.is_null()).then_some(&body)).await.unwrap() }
    };
    assert_eq!(send(&sandbox, "GET", &format!("{base}/subscriptions"), &[], None).await.unwrap().status, 401);
    assert_eq!(call("GET", "settings", json!(null)).await.status, 404);
    let settings = json!({"targetUrl": "http://127.0.0.1:9/hook", "throttling": {"maxConcurrentRequests": 5}});
    assert_eq!(call("PUT", "settings", settings).await.json()["throttling"]["maxConcurrentRequests"], 5);
    let made = call(
        "POST",
        "subscriptions",
        json!({"eventType": "contact.propertyChange", "propertyName": "phone", "active": false}),
    )
    .await;
    assert_eq!((made.status, &made.json()["active"]), (201, &json!(false)));
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(call("PATCH", &format!("subscriptions/{id}"), json!({"active": true})).await.json()["active"], true);
    let off = json!({"inputs": [{"id": id.parse::<u64>().unwrap(), "active": false}]});
    assert_eq!(call("POST", "subscriptions/batch/update", off).await.json()["results"][0]["active"], false);
    assert_eq!(call("POST", "subscriptions", json!({"eventType": "contact.dream", "active": true})).await.status, 400);
    assert_eq!(
        call("POST", "subscriptions", json!({"eventType": "contact.propertyChange", "active": true})).await.status,
        400
    );
    assert_eq!(call("DELETE", &format!("subscriptions/{id}"), json!(null)).await.status, 204);
    assert_eq!(call("GET", "subscriptions", json!(null)).await.json(), json!({"results": []}));
}
