//! Ordered faults hit the ordered calls, and a killed sandbox comes back with the same state.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod common;

use std::io::Write;
use std::time::Duration;

use common::{TOKEN, get, options, portal, post, send, started, world};
use evergreen_sandbox::Sandbox;
use serde_json::{Value, json};

const CONTACTS: &str = "/crm/objects/2026-09/contacts";

async fn order(sandbox: &Sandbox, kind: &str, count: u64, after: u64) {
    let fault = json!({"route_prefix": CONTACTS, "kind": kind, "count": count, "after": after});
    assert_eq!(post(sandbox, "/__sandbox/fault", fault).await.status, 200);
}

#[tokio::test]
async fn faults_come_in_their_number_and_after_their_wait() {
    let sandbox = started().await;
    order(&sandbox, "500", 2, 1).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(get(&sandbox, CONTACTS).await.status);
    }
    assert_eq!(statuses, [200, 500, 500, 200]);
    order(&sandbox, "429", 1, 0).await;
    assert_eq!(get(&sandbox, CONTACTS).await.json()["policyName"], "TEN_SECONDLY_ROLLING");
    order(&sandbox, "malformed", 1, 0).await;
    assert!(serde_json::from_str::<Value>(&get(&sandbox, CONTACTS).await.text).is_err());
    assert_eq!(post(&sandbox, "/__sandbox/fault", json!({"kind": "flood"})).await.status, 400);
}

#[tokio::test]
async fn a_502_after_commit_has_written_and_a_reset_has_not() {
    let sandbox = started().await;
    order(&sandbox, "502-after-commit", 1, 0).await;
    let create = |email: &str| json!({"properties": {"email": email}});
    assert_eq!(post(&sandbox, CONTACTS, create("one@northquay.example")).await.status, 502);
    order(&sandbox, "reset", 1, 0).await;
    let body = create("two@northquay.example");
    let token = format!("Bearer {TOKEN}");
    let cut = send(&sandbox, "POST", CONTACTS, &[("authorization", &token)], Some(&body)).await;
    assert!(cut.is_err(), "{cut:?}");
    let find = |email: &str| format!("{CONTACTS}/{email}?idProperty=email");
    assert_eq!(get(&sandbox, &find("one@northquay.example")).await.status, 200);
    assert_eq!(get(&sandbox, &find("two@northquay.example")).await.status, 404);
}

#[tokio::test]
async fn a_timeout_gives_no_answer() {
    let sandbox = started().await;
    order(&sandbox, "timeout", 1, 0).await;
    let waited = tokio::time::timeout(Duration::from_millis(200), get(&sandbox, CONTACTS)).await;
    assert!(waited.is_err());
    sandbox.stop().await;
}

#[tokio::test]
async fn the_journal_brings_back_the_same_state() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.journal");
    let start = || async {
        let mut with_journal = options(world());
        with_journal.journal = Some(path.clone());
        Sandbox::start(with_journal).await.unwrap()
    };
    let sandbox = start().await;
    let group = json!({"name": "evergreen", "label": "Evergreen"});
    post(&sandbox, "/crm/properties/2026-09/contacts/groups", group).await;
    let property = json!({"name": "evergreen_id", "label": "Id", "type": "string", "fieldType": "text",
        "groupName": "evergreen", "hasUniqueValue": true});
    post(&sandbox, "/crm/properties/2026-09/contacts", property).await;
    let rows: Vec<Value> = (0..20)
        .map(|at| {
            json!({"id": format!("e{at}"), "idProperty": "evergreen_id", "objectWriteTraceId": format!("r{at}"),
            "properties": {"email": format!("row{at}@northquay.example"), "jobtitle": "Head, \"Ops\"\nnew line"}})
        })
        .collect();
    post(&sandbox, &format!("{CONTACTS}/batch/upsert"), json!({"inputs": rows})).await;
    let edit = json!({"email": "row3@northquay.example", "properties": {"jobtitle": "By hand"}});
    post(&sandbox, "/__sandbox/human-edit", edit).await;
    portal(&sandbox, "DELETE", &format!("{CONTACTS}/1002"), Value::Null).await;
    let pair = json!({"inputs": [{"from": {"id": "1001"}, "to": {"id": "2002"}}]});
    post(&sandbox, "/crm/associations/2026-09/contacts/companies/batch/associate/default", pair).await;
    let leads = json!({"lead_list": [{"email": "row1@northquay.example"}], "settings": {}});
    post(&sandbox, "/smartlead/api/v1/campaigns/1001/leads?api_key=k", leads).await;
    for at in 0..20 {
        let question = format!("/apollo/api/v1/people/match?name=Marta{at}%20Velasco{at}&domain=northquay.example");
        send(&sandbox, "POST", &question, &[("x-api-key", "k"), ("idempotency-key", &format!("q{at}"))], None)
            .await
            .unwrap();
    }
    let before = get(&sandbox, "/__sandbox/state").await.json();
    let charges = get(&sandbox, "/__sandbox/stats").await.json()["questions"].clone();
    sandbox.stop().await;

    let mut torn = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    torn.write_all(b"{\"at\":1795420800000,\"method\":\"POST\",\"pa").unwrap();
    drop(torn);
    let sandbox = start().await;
    assert_eq!(get(&sandbox, "/__sandbox/state").await.json(), before);
    assert_eq!(get(&sandbox, "/__sandbox/stats").await.json()["questions"], charges);
    // What was paid before the crash is answered again without a second charge, and new writes still work.
    let question = "/apollo/api/v1/people/match?name=Marta1%20Velasco1&domain=northquay.example";
    send(&sandbox, "POST", question, &[("x-api-key", "k"), ("idempotency-key", "q1")], None).await.unwrap();
    assert_eq!(get(&sandbox, "/__sandbox/stats").await.json()["double_charges"], json!([]));
    let more = post(&sandbox, CONTACTS, json!({"properties": {"email": "later@northquay.example"}})).await;
    assert_eq!(more.status, 201);
    sandbox.stop().await;
    let sandbox = start().await;
    let later = format!("{CONTACTS}/later@northquay.example?idProperty=email");
    assert_eq!(get(&sandbox, &later).await.json()["createdAt"], more.json()["createdAt"]);
}

#[tokio::test]
async fn state_without_times_and_ids_has_neither() {
    let sandbox = started().await;
    let state = get(&sandbox, "/__sandbox/state?times=false&ids=false").await;
    assert!(!state.text.contains("2026-"), "{}", state.text);
    assert!(!state.text.contains("\"1001\""), "{}", state.text);
    assert!(state.text.contains("Northquay Logistics <northquay.example>"));
}
