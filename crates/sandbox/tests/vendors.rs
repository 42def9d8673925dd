//! The vendors answer and charge as the real ones do, and the sequencer and the DNS server stand beside them.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod common;

use common::{get, post, send, started};
use evergreen_sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::net::UdpSocket;

async fn ask(sandbox: &Sandbox, method: &str, path: &str, key: &str, idempotency: Option<&str>) -> common::Answer {
    let mut headers = vec![("x-api-key", key)];
    if let Some(idempotency) = idempotency {
        headers.push(("idempotency-key", idempotency));
    }
    send(sandbox, method, path, &headers, None).await.unwrap()
}

fn hunter(at: usize) -> String {
    format!("/hunter/v2/email-finder?domain=www.northquay.example&first_name=Marta{at}&last_name=VELASCO{at}")
}

fn apollo(at: usize) -> String {
    format!(
        "/apollo/api/v1/people/match?first_name=Marta{at}&last_name=Velasco{at}&organization_name=Northquay%20Logistics"
    )
}

fn pdl(at: usize) -> String {
    format!("/pdl/v5/person/enrich?name=Marta{at}%20Velasco{at}&company=northquay.example&min_likelihood=2")
}

async fn charges(sandbox: &Sandbox, vendor: &str) -> (u64, u64) {
    let stats = get(sandbox, "/__sandbox/stats").await.json();
    let of = &stats["charges"][vendor];
    (of["charges"].as_u64().unwrap_or(0), of["micro_credits"].as_u64().unwrap_or(0))
}

#[tokio::test]
async fn hunter_misses_are_200_hits_cost_one_and_repeats_nothing() {
    let sandbox = started().await;
    let mut hits = 0;
    for at in (0..60).filter(|at| *at != 7) {
        let answer = ask(&sandbox, "GET", &hunter(at), "k", None).await;
        assert_eq!(answer.status, 200);
        hits += u64::from(!answer.json()["data"]["email"].is_null());
    }
    assert!((20..45).contains(&hits), "{hits}");
    assert_eq!(charges(&sandbox, "hunter").await, (hits, hits * 1_000_000));
    for at in 0..5 {
        ask(&sandbox, "GET", &hunter(at), "k", None).await;
    }
    assert_eq!(charges(&sandbox, "hunter").await.0, hits);
    let refused = ask(&sandbox, "GET", &hunter(7), "k", None).await;
    assert_eq!((refused.status, refused.json()["errors"][0]["id"].clone()), (451, json!("claimed_email")));
    assert_eq!(ask(&sandbox, "GET", "/hunter/v2/email-finder?domain=a.example", "k", None).await.status, 400);
}

#[tokio::test]
async fn an_idempotency_key_is_charged_once_and_answers_the_same() {
    let sandbox = started().await;
    let mut first = None;
    for at in 0..60 {
        let answer = ask(&sandbox, "GET", &pdl(at), "k", Some(&format!("key{at}"))).await;
        if answer.status == 200 {
            first = Some((at, answer));
            break;
        }
    }
    let (at, first) = first.unwrap();
    assert!(first.head.contains("x-call-credits-spent: 1"));
    let again = ask(&sandbox, "GET", &pdl(at), "k", Some(&format!("key{at}"))).await;
    assert_eq!(again.text, first.text);
    assert_eq!(charges(&sandbox, "pdl").await.0, 1);
    ask(&sandbox, "GET", &pdl(at), "k", None).await;
    let stats = get(&sandbox, "/__sandbox/stats").await.json();
    assert_eq!(stats["double_charges"][0]["charges"], 2);
}

#[tokio::test]
async fn each_vendor_says_wrong_key_and_empty_account_its_own_way() {
    let sandbox = started().await;
    let mut seen = Vec::new();
    for (method, path) in [("GET", hunter(1)), ("POST", apollo(1)), ("GET", pdl(1))] {
        for key in ["wrong", "drained"] {
            seen.push(ask(&sandbox, method, &path, key, None).await.status);
        }
    }
    assert_eq!(seen, [401, 429, 401, 422, 401, 402]);
    assert!(ask(&sandbox, "POST", &apollo(1), "wrong", None).await.text.starts_with("Invalid API key"));
}

#[tokio::test]
async fn apollo_and_pdl_know_the_person_by_other_clues() {
    let sandbox = started().await;
    let (mut apollo_hits, mut pdl_hits) = (0, 0);
    for at in 0..60 {
        let person = ask(&sandbox, "POST", &apollo(at), "k", None).await.json()["person"].clone();
        apollo_hits += usize::from(!person["id"].is_null());
        let by_profile = format!("/pdl/v5/person/enrich?profile=linkedin.com/in/marta-{at}");
        let answer = ask(&sandbox, "GET", &by_profile, "k", None).await;
        if answer.status == 200 {
            pdl_hits += 1;
            assert_eq!(answer.json()["data"]["job_company_website"], "northquay.example");
        }
    }
    assert!((25..50).contains(&apollo_hits), "{apollo_hits}");
    assert!((18..45).contains(&pdl_hits), "{pdl_hits}");
    let required = format!("{}&required=birth_date", pdl(1));
    assert_eq!(ask(&sandbox, "GET", &required, "k", None).await.status, 404);
}

#[tokio::test]
async fn firms_come_in_each_vendors_shape() {
    let sandbox = started().await;
    let hunter = ask(&sandbox, "GET", "/hunter/v2/companies/find?domain=northquay.example", "k", None).await;
    if hunter.status == 200 {
        assert_eq!(hunter.json()["data"]["metrics"]["employees"], "201-500");
    }
    let apollo = ask(&sandbox, "GET", "/apollo/api/v1/organizations/enrich?domain=northquay.example", "k", None).await;
    if !apollo.json()["organization"].is_null() {
        assert_eq!(apollo.json()["organization"]["estimated_num_employees"], 312);
    }
    let pdl = ask(&sandbox, "GET", "/pdl/v5/company/enrich?website=northquay.example", "k", None).await;
    if pdl.status == 200 {
        assert_eq!(pdl.json()["display_name"], "Northquay Logistics, Inc.");
    }
    let nobody = ask(&sandbox, "GET", "/apollo/api/v1/organizations/enrich?domain=nobody.example", "k", None).await;
    assert_eq!(nobody.json(), json!({"organization": null}));
}

#[tokio::test]
async fn adding_a_lead_twice_is_harmless_and_refusals_hide_in_a_200() {
    let sandbox = started().await;
    let path = "/smartlead/api/v1/campaigns/1001/leads?api_key=k";
    assert_eq!(post(&sandbox, "/smartlead/api/v1/campaigns/1001/leads", json!({})).await.status, 401);
    post(&sandbox, "/__sandbox/smartlead/unsubscribe", json!({"email": "Out@northquay.example"})).await;
    let body = json!({"lead_list": [
        {"email": "Marta@northquay.example", "custom_fields": {"evergreen_contact_id": "ct_1"}},
        {"email": "marta@northquay.example"}, {"email": "out@northquay.example"}, {"email": "nonsense"},
    ], "settings": {"ignore_unsubscribe_list": false}});
    let first = post(&sandbox, path, body.clone()).await.json();
    assert_eq!((first["upload_count"].clone(), first["duplicate_count"].clone()), (json!(1), json!(1)));
    assert_eq!(first["unsubscribed_leads"], json!(["out@northquay.example"]));
    assert_eq!(first["invalid_email_count"], 1);
    let second = post(&sandbox, path, body).await.json();
    assert_eq!((second["upload_count"].clone(), second["already_added_to_campaign"].clone()), (json!(0), json!(1)));
    let lead = get(&sandbox, "/smartlead/api/v1/leads/?api_key=k&email=MARTA@northquay.example").await.json();
    assert_eq!(lead["lead_campaign_data"][0]["campaign_name"], "Pilot");
    assert_eq!(lead["custom_fields"]["evergreen_contact_id"], "ct_1");
    let page = get(&sandbox, "/smartlead/api/v1/campaigns/1001/leads?api_key=k").await.json();
    assert_eq!(page["total_leads"], "1");
    assert_eq!(get(&sandbox, "/smartlead/api/v1/campaigns/5?api_key=k").await.json(), json!({}));
    let unknown = json!({"lead_list": [], "settings": {"ignore_unsubscribe": false}});
    assert_eq!(post(&sandbox, path, unknown).await.status, 400);
    let many: Vec<Value> = (0..401).map(|at| json!({"email": format!("a{at}@b.example")})).collect();
    assert_eq!(post(&sandbox, path, json!({"lead_list": many})).await.status, 400);
}

/// Asks one DNS question by hand and gives back the response code and the number of answers.
async fn dns(sandbox: &Sandbox, name: &str, kind: u8) -> (u8, u8) {
    let mut packet = vec![0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        packet.push(u8::try_from(label.len()).unwrap());
        packet.extend(label.as_bytes());
    }
    packet.extend([0, 0, kind, 0, 1]);
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(&packet, sandbox.dns_addr()).await.unwrap();
    let mut buffer = [0u8; 1500];
    let length = socket.recv(&mut buffer).await.unwrap();
    assert!(length > 12 && buffer[..2] == [0x12, 0x34]);
    (buffer[3] & 0x0f, buffer[7])
}

#[tokio::test]
async fn dns_knows_mail_servers_null_mx_and_dead_domains() {
    let sandbox = started().await;
    const MX: u8 = 15;
    const TXT: u8 = 16;
    assert_eq!(dns(&sandbox, "NorthQuay.example", MX).await, (0, 3));
    assert_eq!(dns(&sandbox, "northquay.example", TXT).await, (0, 1));
    assert_eq!(dns(&sandbox, "_dmarc.northquay.example", TXT).await, (0, 1));
    assert_eq!(dns(&sandbox, "nullmail.example", MX).await, (0, 1));
    assert_eq!(dns(&sandbox, "quietharbour.example", MX).await, (3, 0));
    assert_eq!(dns(&sandbox, "aspmx.l.google.com", 1).await, (0, 1));
    assert_eq!(dns(&sandbox, "nobody.example", 1).await, (3, 0));
}
