//! Limits and faults as a client meets them: headers, 429 bodies, and every way an answer can go wrong.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod common;

use std::time::{Duration, Instant};

use common::{TOKEN, get, portal, post, send, started};
use serde_json::{Value, json};

const CONTACTS: &str = "/crm/objects/2026-09/contacts";

#[tokio::test]
async fn the_day_is_shared_by_private_apps_and_its_429_says_daily() {
    let sandbox = started().await;
    post(&sandbox, "/__sandbox/limits", json!({"tier": "professional", "daily": 2})).await;
    post(&sandbox, "/__sandbox/tokens", json!({"token": "second", "app_id": 2})).await;
    post(&sandbox, "/__sandbox/tokens", json!({"token": "market", "app_id": 3, "marketplace": true})).await;
    let used = get(&sandbox, CONTACTS).await;
    assert!(used.head.contains("x-hubspot-ratelimit-daily: 2"), "{}", used.head);
    assert!(used.head.contains("x-hubspot-ratelimit-daily-remaining: 1"), "{}", used.head);
    assert!(used.head.contains("x-hubspot-ratelimit-max: 190"), "{}", used.head);
    assert!(used.head.contains("x-hubspot-ratelimit-interval-milliseconds: 10000"), "{}", used.head);
    let other = [("authorization", "Bearer second")];
    assert_eq!(send(&sandbox, "GET", CONTACTS, &other, None).await.unwrap().status, 200);
    let refused = get(&sandbox, CONTACTS).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.json()["message"], "You have reached your daily limit.");
    assert_eq!(refused.json()["policyName"], "DAILY");
    let market = send(&sandbox, "GET", CONTACTS, &[("authorization", "Bearer market")], None).await.unwrap();
    assert_eq!(market.status, 200);
    assert!(market.head.contains("x-hubspot-ratelimit-max: 110"), "{}", market.head);
    assert!(!market.head.contains("daily"), "{}", market.head);
}

#[tokio::test]
async fn the_report_tells_what_each_window_used() {
    let sandbox = started().await;
    post(&sandbox, "/__sandbox/limits", json!({"tier": "starter", "burst": 3})).await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(get(&sandbox, CONTACTS).await.status);
    }
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    let limits = get(&sandbox, "/__sandbox/stats").await.json()["limits"].clone();
    let gauge = &limits["ten_secondly"]["148900001/1001"];
    assert_eq!(
        (&gauge["used"], &gauge["allowed"], &gauge["max_used_in_any_window"], &gauge["refused"]),
        (&json!(3), &json!(3), &json!(3), &json!(2))
    );
    assert_eq!(limits["refused_by_policy"]["TEN_SECONDLY_ROLLING"], 2);
    let search = format!("{CONTACTS}/search");
    let mut last = 0;
    for _ in 0..6 {
        last = post(&sandbox, &search, json!({})).await.status;
    }
    assert_eq!(last, 429);
    let refused = post(&sandbox, &search, json!({})).await;
    assert_eq!(refused.json()["message"], "You have reached your secondly limit.");
    assert!(!refused.head.contains("ratelimit"), "{}", refused.head);
}

#[tokio::test]
async fn every_fault_looks_as_it_should() {
    let sandbox = started().await;
    let break_next = |kind: &'static str| {
        let sandbox = &sandbox;
        async move {
            let order = json!({"route_prefix": CONTACTS, "kind": kind, "retry_after_s": 7});
            assert_eq!(post(sandbox, "/__sandbox/fault", order).await.status, 200);
            get(sandbox, CONTACTS).await
        }
    };
    let locked = break_next("423").await;
    assert_eq!((locked.status, &locked.json()["category"]), (423, &json!("LOCKED")));
    let migrating = break_next("477").await;
    assert_eq!((migrating.status, migrating.header("retry-after").as_str()), (477, "7"));
    assert_eq!(break_next("502").await.status, 502);
    assert_eq!(break_next("429-daily").await.json()["policyName"], "DAILY");
    let html = break_next("html").await;
    assert_eq!(html.status, 200);
    assert!(html.head.contains("content-type: text/html") && html.text.starts_with("<!DOCTYPE"), "{}", html.head);
    assert_eq!(get(&sandbox, CONTACTS).await.status, 200, "each came once");
}

#[tokio::test]
async fn after_commit_means_the_write_happened() {
    let sandbox = started().await;
    for (kind, email) in [
        ("524-after-commit", "a@x.example"),
        ("reset-after-commit", "b@x.example"),
        ("malformed-after-commit", "c@x.example"),
    ] {
        post(&sandbox, "/__sandbox/fault", json!({"route_prefix": CONTACTS, "kind": kind, "method": "POST"})).await;
        let token = format!("Bearer {TOKEN}");
        let body = json!({"properties": {"email": email}});
        let answer = send(&sandbox, "POST", CONTACTS, &[("authorization", &token)], Some(&body)).await;
        match kind {
            "524-after-commit" => assert_eq!(answer.unwrap().status, 524),
            "reset-after-commit" => assert!(answer.is_err()),
            _ => assert!(serde_json::from_str::<Value>(&answer.unwrap().text).is_err()),
        }
        let path = format!("{CONTACTS}/{email}?idProperty=email");
        assert_eq!(get(&sandbox, &path).await.status, 200, "{kind}");
    }
}

#[tokio::test]
async fn a_slow_body_is_whole_and_late() {
    let sandbox = started().await;
    post(&sandbox, "/__sandbox/fault", json!({"route_prefix": CONTACTS, "kind": "slow-body", "delay_ms": 200})).await;
    let began = Instant::now();
    let answer = get(&sandbox, CONTACTS).await;
    assert!(began.elapsed() >= Duration::from_millis(180), "{:?}", began.elapsed());
    // Pieces of unknown total length come chunked; put together they are the right answer.
    let whole: String =
        answer.text.lines().filter(|line| !line.is_empty() && !line.bytes().all(|b| b.is_ascii_hexdigit())).collect();
    assert_eq!(serde_json::from_str::<Value>(&whole).unwrap()["results"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn maintenance_closes_the_portal_until_it_ends_and_chance_repeats() {
    let sandbox = started().await;
    post(&sandbox, "/__sandbox/fault", json!({"kind": "maintenance"})).await;
    for path in [CONTACTS, "/crm/owners/2026-09", "/account-info/2026-09/details"] {
        assert_eq!(get(&sandbox, path).await.status, 503);
    }
    assert_eq!(portal(&sandbox, "DELETE", "/__sandbox/faults", json!(null)).await.status, 200);
    assert_eq!(get(&sandbox, CONTACTS).await.status, 200);
    let mut runs = Vec::new();
    for _ in 0..2 {
        let order = json!({"route_prefix": CONTACTS, "kind": "500", "probability": 0.3, "seed": 5});
        post(&sandbox, "/__sandbox/fault", order).await;
        let mut statuses = Vec::new();
        for _ in 0..40 {
            statuses.push(get(&sandbox, CONTACTS).await.status);
        }
        portal(&sandbox, "DELETE", "/__sandbox/faults", json!(null)).await;
        runs.push(statuses);
    }
    assert_eq!(runs[0], runs[1]);
    let broken = runs[0].iter().filter(|status| **status == 500).count();
    assert!((4..=22).contains(&broken), "{broken} of 40");
}
