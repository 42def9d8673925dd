//! Answers that come later, over real HTTP: fetched by ticket, delivered to a secret address, and never started twice.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod local;

use std::sync::Arc;

use evergreen_model::AnswerOutcome;
use evergreen_ports::Provider;
use evergreen_providers::{Delivered, Deliveries, NotRead, delivery_path};
use local::{Jumping, fields, provider, reply, shipped, vendor, words};
use serde_json::json;

const JANE: &str = "firstname=Jane;lastname=Doe;domain=acme.com";

fn finished() -> serde_json::Value {
    json!({ "id": "t-1", "status": "FINISHED", "cost": { "credits": 1 }, "data": [{
        "contact_info": { "most_probable_work_email": { "email": "jane.doe@acme.com", "status": "DELIVERABLE" } },
        "profile": { "full_name": "Jane Doe" } }] })
}

fn start_or(later: impl Fn(usize) -> local::Reply) -> impl Fn(usize, &local::Heard) -> local::Reply {
    move |before, heard| {
        if heard.method == "POST" { reply(200, json!({ "enrichment_id": "t-1" })) } else { later(before) }
    }
}

fn in_progress() -> local::Reply {
    reply(400, json!({ "code": "error.enrichment.in_progress", "message": "try again in 7 seconds" }))
}

#[tokio::test]
async fn a_late_answer_is_fetched_after_waiting_as_long_as_the_vendor_says() {
    let at = vendor(start_or(|before| if before < 3 { in_progress() } else { reply(200, finished()) })).await;
    let clock = Jumping::new();
    let full = provider(shipped("fullenrich"), &at).with_clock(clock.clone(), 120_000);
    let question = full.question("enrich", &fields(JANE)).unwrap();
    let answer = full.ask(&question, &words("email")).await;
    assert_eq!((answer.outcome, answer.fields["email"].as_str()), (AnswerOutcome::Hit, "jane.doe@acme.com"));
    assert_eq!(answer.charge.credits.units(), 1.0);
    let asked: Vec<String> = at.heard().iter().map(|heard| format!("{} {}", heard.method, heard.path)).collect();
    assert_eq!(
        asked,
        [
            "POST /contact/enrich/bulk",
            "GET /contact/enrich/bulk/t-1",
            "GET /contact/enrich/bulk/t-1",
            "GET /contact/enrich/bulk/t-1"
        ]
    );
    assert_eq!(*clock.slept_ms.lock().unwrap(), [30_000, 7_000, 7_000], "first the manifest's wait, then the vendor's");
    assert_eq!(at.heard()[0].header("authorization"), Some("Bearer id:hush"));
}

#[tokio::test]
async fn a_question_asked_again_while_it_waits_is_fetched_and_not_paid_again() {
    let at = vendor(start_or(|before| if before < 2 { in_progress() } else { reply(200, finished()) })).await;
    let full = provider(shipped("fullenrich"), &at);
    let question = full.question("enrich", &fields(JANE)).unwrap();
    assert_eq!(full.ask(&question, &words("email")).await.outcome, AnswerOutcome::Pending);
    let ticket = full.ticket(&question).unwrap();
    assert_eq!(full.ask(&question, &words("email")).await.outcome, AnswerOutcome::Pending);
    // Another process takes the ticket up.
    let other = provider(shipped("fullenrich"), &at);
    other.resume(&question, ticket);
    assert_eq!(other.ask(&question, &words("email")).await.outcome, AnswerOutcome::Hit);
    assert_eq!(at.heard().iter().filter(|heard| heard.method == "POST").count(), 1, "started once");
}

#[tokio::test]
async fn a_ticket_that_is_never_ready_is_given_up_as_perhaps_paid() {
    let at = vendor(start_or(|_| in_progress())).await;
    let full = provider(shipped("fullenrich"), &at).with_clock(Jumping::new(), u64::MAX);
    let question = full.question("enrich", &fields(JANE)).unwrap();
    let answer = full.ask(&question, &words("email")).await;
    assert_eq!((answer.outcome, answer.status), (AnswerOutcome::Transient, 0));
    assert_eq!(answer.charge.credits.units(), 11.0, "what it may cost stays set aside: {}", answer.note);
    assert_eq!(at.heard().len(), 1 + 60, "half an hour of looks, half a minute apart");
    assert!(full.ticket(&question).is_none());
}

#[tokio::test]
async fn a_look_that_breaks_off_is_only_looked_at_again() {
    let at = vendor(start_or(|before| local::Reply { cut: before == 1, ..reply(200, finished()) })).await;
    let full = provider(shipped("fullenrich"), &at).with_clock(Jumping::new(), 600_000);
    let question = full.question("enrich", &fields(JANE)).unwrap();
    let answer = full.ask(&question, &words("email")).await;
    assert_eq!((answer.outcome, answer.charge.credits.units()), (AnswerOutcome::Hit, 1.0));
    assert_eq!(at.heard().len(), 3);
}

#[tokio::test]
async fn a_start_that_breaks_off_may_have_been_billed() {
    let at = vendor(|_, _| local::Reply { cut: true, ..reply(200, json!({ "enrichment_id": "t-1" })) }).await;
    let full = provider(shipped("fullenrich"), &at);
    let question = full.question("enrich", &fields(JANE)).unwrap();
    let answer = full.ask(&question, &words("email")).await;
    assert_eq!((answer.outcome, answer.status, answer.charge.credits.units()), (AnswerOutcome::Transient, 0, 11.0));
}

#[tokio::test]
async fn a_ticket_of_64_bits_reaches_the_poll_with_every_digit() {
    let at = vendor(|before, heard| match before {
        0 => reply(200, r#"{"person":{"id":"1","first_name":"Jane","last_name":"Doe","title":"CEO"},"waterfall":{"status":"accepted"},"request_id":-7392645112233445566}"#),
        1 => reply(404, json!({ "error_code": "result_pending", "retry_after_seconds": 3 })),
        _ => {
            assert_eq!(heard.path, "/webhook_result/-7392645112233445566");
            reply(200, json!({ "webhook_status": "success", "webhook_result": { "credits_consumed": 20, "people": [
                { "emails": [{ "email": "jane.doe@acme.com", "email_status": "verified" }] }] } }))
        }
    })
    .await;
    let apollo = provider(shipped("apollo"), &at).with_clock(Jumping::new(), 60_000);
    let question = apollo.question("people_match", &fields(JANE)).unwrap();
    let answer = apollo.ask(&question, &words("email")).await;
    assert_eq!(
        (answer.outcome, answer.fields["email"].as_str()),
        (AnswerOutcome::Hit, "jane.doe@acme.com"),
        "{}",
        answer.note
    );
    assert_eq!(answer.fields["jobtitle"], "CEO", "what came at once is kept");
    assert_eq!(answer.charge.credits.units(), 21.0, "one at once and twenty later");
}

#[tokio::test]
async fn the_same_request_is_repeated_where_the_vendor_queues_without_a_ticket() {
    let at = vendor(|before, _| {
        if before == 0 {
            reply(202, "")
        } else {
            reply(200, json!({ "id": "1", "name": { "givenName": "Jane" }, "employment": { "title": "CEO" } }))
        }
    })
    .await;
    let clearbit = provider(shipped("clearbit"), &at);
    let question = clearbit.question("person_find", &fields("email=jane@acme.com")).unwrap();
    let first = clearbit.inquire(&question, &words("jobtitle")).await;
    assert_eq!(first.outcome, AnswerOutcome::Pending);
    assert_eq!(clearbit.ask(&question, &words("jobtitle")).await.outcome, AnswerOutcome::Hit);
    assert_eq!(at.heard()[0].path, at.heard()[1].path);
}

#[tokio::test]
async fn an_answer_is_delivered_once_to_its_own_secret_and_signed_address() {
    let at = vendor(start_or(|_| in_progress())).await;
    let deliveries = || Deliveries {
        base_url: "https://crm.example/in/".into(),
        path_secret: "path secret".to_owned().into(),
        signing_secret: None,
    };
    let full = provider(shipped("fullenrich"), &at).with_deliveries(deliveries());
    let question = full.question("enrich", &fields(JANE)).unwrap();
    assert_eq!(full.ask(&question, &words("email")).await.outcome, AnswerOutcome::Pending);
    let address = at.heard()[0].json()["webhook_url"].as_str().unwrap().to_owned();
    let path = delivery_path("path secret", &question.key);
    assert_eq!(address, format!("https://crm.example/in/{path}"));

    let body = finished().to_string();
    let sign = |secret: &str| {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
        let tag = ring::hmac::sign(&key, body.as_bytes());
        vec![("x-signature-sha1".to_owned(), tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>())]
    };
    let email = words("email");
    let receive =
        |path: &str, headers: &[(String, String)]| full.receive(&question, path, headers, body.as_bytes(), &email);
    assert_eq!(receive("guessed", &sign("id:hush")), Err(NotRead::Unsigned), "another address");
    assert_eq!(receive(&path, &sign("other key")), Err(NotRead::Unsigned), "another key");
    assert_eq!(receive(&path, &[]), Err(NotRead::Unsigned), "no signature");
    match receive(&path, &sign("id:hush")).unwrap() {
        Delivered::Answer(reading) => assert_eq!(reading.outcome, AnswerOutcome::Hit),
        other => panic!("{other:?}"),
    }
    assert_eq!(receive(&path, &sign("id:hush")), Ok(Delivered::Again));
    let looks = at.heard().len();
    assert_eq!(full.ask(&question, &email).await.fields["email"], "jane.doe@acme.com");
    assert_eq!(at.heard().len(), looks, "nothing is asked for what was delivered");
    assert_eq!(receive(&path, &sign("id:hush")), Ok(Delivered::Again), "also after it was told");
    let _: Arc<dyn Provider> = Arc::new(full);
}
