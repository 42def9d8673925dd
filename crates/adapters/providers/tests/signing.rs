//! How a vendor is shown the key, over real HTTP, and what the account says of it.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod local;

use evergreen_model::AnswerOutcome;
use evergreen_ports::Provider;
use evergreen_providers::Manifest;
use local::{Jumping, fields, provider, reply, shipped, vendor, words};
use serde_json::json;

fn manifest(auth: &str) -> Manifest {
    let (_, generic) = evergreen_providers::shipped().iter().find(|(name, _)| *name == "generic-http").unwrap();
    let text = generic.replace("  header: { name: Authorization, prefix: \"Bearer \" }", auth);
    assert_ne!(&text, generic);
    Manifest::parse("generic.yaml", &text).unwrap()
}

#[tokio::test]
async fn a_token_is_bought_once_kept_and_bought_anew_when_it_is_refused() {
    let at = vendor(|before, heard| {
        if heard.path == "/oauth/token" {
            assert_eq!(heard.body, "grant_type=client_credentials&scope=read%20all&client_id=id&client_secret=hush");
            return reply(
                200,
                json!({ "access_token": format!("token-{before}"), "token_type": "bearer", "expires_in": 3600 }),
            );
        }
        match heard.header("authorization") {
            Some("Bearer token-0") if before > 2 => reply(401, json!({ "error": "expired" })),
            Some(bearer) if bearer.starts_with("Bearer token-") => reply(200, json!({ "name": "Acme" })),
            _ => reply(401, ""),
        }
    })
    .await;
    let vendor = provider(manifest("  oauth: { token_url: /oauth/token, scope: read all }"), &at);
    for domain in ["a.com", "b.com", "c.com"] {
        let question = vendor.question("lookup", &fields(&format!("domain={domain}"))).unwrap();
        assert_eq!(vendor.ask(&question, &words("name")).await.outcome, AnswerOutcome::Hit);
    }
    let paths: Vec<String> = at.heard().iter().map(|heard| heard.path.split('?').next().unwrap().to_owned()).collect();
    assert_eq!(paths, ["/oauth/token", "/lookup", "/lookup", "/lookup", "/oauth/token", "/lookup"]);
}

#[tokio::test]
async fn a_key_for_which_no_token_is_given_is_a_wrong_key() {
    let at = vendor(|_, _| reply(400, json!({ "error": "invalid_client" }))).await;
    let vendor = provider(manifest("  oauth: { token_url: /oauth/token, client: basic }"), &at);
    let question = vendor.question("lookup", &fields("domain=a.com")).unwrap();
    assert_eq!(vendor.ask(&question, &[]).await.outcome, AnswerOutcome::Auth);
    assert_eq!(at.heard()[0].header("authorization"), Some("Basic aWQ6aHVzaA=="));
    assert_eq!(at.heard().len(), 1, "the vendor itself is not asked");
}

#[tokio::test]
async fn a_signature_covers_method_path_query_body_and_time() {
    let at = vendor(|_, _| reply(200, json!({ "name": "Acme" }))).await;
    let auth = r#"  hmac: { header: X-Signature, prefix: "v1=", over: "{{ method }}\n{{ path }}?{{ query }}\n{{ timestamp }}\n{{ body }}", headers: { X-Key-Id: "{{ id }}", X-Time: "{{ timestamp }}" } }"#;
    let vendor = provider(manifest(auth), &at).with_clock(Jumping::new(), 0);
    let question = vendor.question("lookup", &fields("domain=a.com")).unwrap();
    assert_eq!(vendor.ask(&question, &words("name")).await.outcome, AnswerOutcome::Hit);
    let heard = at.heard().remove(0);
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"hush");
    let tag = ring::hmac::sign(&key, b"GET\n/lookup?domain=a.com\n1795420800\n");
    let expected: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(heard.header("x-signature"), Some(format!("v1={expected}").as_str()));
    assert_eq!((heard.header("x-key-id"), heard.header("x-time")), (Some("id"), Some("1795420800")));
}

#[tokio::test]
async fn a_signature_with_a_time_needs_a_clock_and_nothing_is_sent_without() {
    let at = vendor(|_, _| reply(200, json!({}))).await;
    let vendor = provider(manifest(r#"  hmac: { header: X-Signature, over: "{{ timestamp }}" }"#), &at);
    let question = vendor.question("lookup", &fields("domain=a.com")).unwrap();
    assert_eq!(vendor.ask(&question, &[]).await.outcome, AnswerOutcome::InvalidInput);
    assert!(at.heard().is_empty());
}

#[tokio::test]
async fn one_message_for_two_causes_is_told_apart_by_the_balance() {
    for (credits, outcome) in [("-1", "auth"), ("0", "no_credits"), ("25", "transient")] {
        let at = vendor(move |_, heard| {
            if heard.path.starts_with("/getcredits") {
                return reply(200, json!({ "Credits": credits }));
            }
            reply(200, json!({ "error": "Invalid API key or your account ran out of credits" }))
        })
        .await;
        let zero = provider(shipped("zerobounce"), &at);
        let question = zero.question("validate", &fields("email=a@b.co")).unwrap();
        assert_eq!(zero.inquire(&question, &words("email_status")).await.outcome.as_str(), outcome, "{credits}");
        assert!(at.heard()[1].path.contains("api_key="));
    }
}

#[tokio::test]
async fn a_person_answered_in_place_of_another_is_paid_and_never_counts() {
    let at = vendor(|_, _| reply(200, json!({ "data": { "first_name": "Marta", "last_name": "Stone", "email": "marta.stone@acme.com", "domain": "acme.com" } }))).await;
    let hunter = provider(shipped("hunter"), &at);
    let question = hunter.question("email_finder", &fields("firstname=Jane;lastname=Doe;domain=acme.com")).unwrap();
    let answer = hunter.ask(&question, &words("email")).await;
    assert_eq!((answer.outcome, answer.charge.credits.units()), (AnswerOutcome::Miss, 1.0));
    assert!(answer.fields.is_empty() && answer.note.contains("somebody else"), "{}", answer.note);
}
