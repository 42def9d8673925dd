//! Asking a vendor through its manifest: what is sent, what a lost answer means, what never counts as found.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use evergreen_model::{AnswerOutcome, Charge, Fields, Money};
use evergreen_ports::{HttpRequest, HttpResponse, Outbound, OutboundError, Provider};
use evergreen_providers::{Connection, Manifest, ManifestProvider, schema, shipped};

/// A door that answers what it was told to and remembers what was sent.
struct Door {
    answer: Result<(u16, &'static str), OutboundError>,
    sent: Mutex<Vec<HttpRequest>>,
}

#[async_trait]
impl Outbound for Door {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, OutboundError> {
        self.sent.lock().expect("one at a time").push(request);
        let (status, body) = self.answer.clone()?;
        Ok(HttpResponse { status, headers: vec![], body: body.as_bytes().to_vec(), latency_ms: 12, tries: 1 })
    }
}

fn manifest(name: &str) -> Manifest {
    let (file, text) = shipped().iter().find(|(file, _)| file.starts_with(name)).expect("shipped");
    Manifest::parse(file, text).expect("sound")
}

fn vendor(name: &str, answer: Result<(u16, &'static str), OutboundError>) -> (ManifestProvider, Arc<Door>) {
    let door = Arc::new(Door { answer, sent: Mutex::default() });
    let connection = Connection {
        base_url: Some("http://127.0.0.1:9/x/".into()),
        key: Some("hush".to_owned().into()),
        ..Connection::default()
    };
    (ManifestProvider::new(manifest(name), connection, door.clone()), door)
}

fn fields(text: &str) -> Fields {
    text.split(';')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

const JANE: &str = "firstname=Jane;lastname=Doe;domain=acme.com;company=Acme Inc;phone=1";

#[tokio::test]
async fn a_question_becomes_a_signed_request_without_empty_parameters() {
    let (hunter, door) = vendor("hunter", Ok((200, r#"{"data":{"email":"jane@acme.com","score":90}}"#)));
    let question = hunter.question("email_finder", &fields(JANE)).expect("complete");
    let answer = hunter.ask(&question, &words("email jobtitle")).await;
    assert_eq!((answer.outcome, answer.confidence, answer.latency_ms), (AnswerOutcome::Partial, 90, 12));
    assert_eq!(answer.charge.money, Money::from_units(0.0245));
    let sent = door.sent.lock().expect("done").remove(0);
    assert_eq!((sent.method.as_str(), sent.url.as_str()), ("GET", "http://127.0.0.1:9/x/email-finder"));
    let query: Vec<String> = sent.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(query, ["domain=acme.com", "first_name=Jane", "last_name=Doe"]);
    for header in [("x-api-key", "hush"), ("idempotency-key", question.key.as_str()), ("x-evergreen-retry-429", "no")] {
        assert!(sent.headers.contains(&(header.0.to_owned(), header.1.to_owned())), "{header:?} in {:?}", sent.headers);
    }
    assert!(sent.repeatable, "Hunter answers repeats free");
}

#[tokio::test]
async fn the_field_a_call_is_made_for_is_pushed_down() {
    let (pdl, door) = vendor("pdl", Ok((404, r#"{"status":404,"error":{"type":["not_found"]}}"#)));
    let question = pdl.question("person_enrich", &fields(JANE)).expect("complete");
    assert_eq!(pdl.ask(&question, &words("email jobtitle")).await.outcome, AnswerOutcome::Miss);
    let sent = door.sent.lock().expect("done").remove(0);
    let value = |name: &str| sent.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!((value("required"), value("company"), value("profile")), (Some("work_email"), Some("acme.com"), None));
    assert!(!sent.repeatable && !sent.headers.iter().any(|(name, _)| name == "x-evergreen-retry-429"));
}

#[tokio::test]
async fn an_answer_lost_after_sending_counts_as_billed_only_where_repeats_are() {
    for (name, operation, error, billed) in [
        ("pdl", "person_enrich", OutboundError::Timeout("t".into()), true),
        ("pdl", "person_enrich", OutboundError::Broken("b".into()), true),
        ("pdl", "person_enrich", OutboundError::Unreachable("u".into()), false),
        ("pdl", "person_enrich", OutboundError::Open("o".into()), false),
        ("hunter", "email_finder", OutboundError::Timeout("t".into()), false),
    ] {
        let (provider, _) = vendor(name, Err(error.clone()));
        let question = provider.question(operation, &fields(JANE)).expect("complete");
        let answer = provider.ask(&question, &words("email")).await;
        assert_eq!((answer.outcome, answer.status), (AnswerOutcome::Transient, 0));
        assert_eq!(answer.charge != Charge::default(), billed, "{name} {error:?}");
    }
}

#[tokio::test]
async fn without_a_key_nobody_is_asked() {
    let door = Arc::new(Door { answer: Ok((200, "{}")), sent: Mutex::default() });
    let hunter = ManifestProvider::new(manifest("hunter"), Connection::default(), door.clone());
    let question = hunter.question("email_finder", &fields(JANE)).expect("complete");
    assert_eq!(hunter.ask(&question, &[]).await.outcome, AnswerOutcome::Auth);
    assert!(door.sent.lock().expect("done").is_empty());
}

#[test]
fn what_looks_like_an_answer_and_is_none() {
    // provider | operation | status | body | outcome | fields
    let wanted = words("email");
    for (name, operation, status, body, outcome, given) in [
        ("hunter", "email_finder", 200, "<!doctype html><title>Sign in</title>", "malformed", ""),
        ("hunter", "email_finder", 200, r#"{"data":"busy"}"#, "malformed", ""),
        ("hunter", "email_finder", 200, r#"{"oops":{}}"#, "malformed", ""),
        ("hunter", "email_finder", 200, r#"{"data":{"email":"jane@acm"#, "malformed", ""),
        ("hunter", "email_finder", 200, r#"{"data":null}"#, "miss", ""),
        ("hunter", "email_finder", 200, r#"{"data":{"email":"","first_name":"Jane"}}"#, "miss", ""),
        ("hunter", "email_finder", 200, r#"{"data":{"email":"j***@acme.com"}}"#, "miss", ""),
        ("hunter", "email_finder", 200, r#"{"data":{"email":true}}"#, "miss", ""),
        ("hunter", "email_finder", 404, "no such page", "malformed", ""),
        ("hunter", "email_finder", 403, "<html>shield</html>", "rate_limited", ""),
        ("hunter", "email_finder", 503, "", "transient", ""),
        ("hunter", "email_finder", 302, "", "malformed", ""),
        (
            "apollo",
            "people_match",
            200,
            r#"{"person":{"id":"1","email":"n/a","title":"ceo","organization":{"name":"null"}}}"#,
            "partial",
            "jobtitle=CEO",
        ),
        (
            "apollo",
            "people_match",
            200,
            r#"{"person":{"id":"1","email":"a@b.co","email_status":"unavailable","title":"X"}}"#,
            "partial",
            "jobtitle=X",
        ),
        ("apollo", "people_match", 200, r#"{"person":[]}"#, "miss", ""),
        ("apollo", "people_match", 200, "[]", "malformed", ""),
        ("apollo", "people_match", 400, r#"{"error":"INSUFFICIENT CREDITS"}"#, "no_credits", ""),
        (
            "pdl",
            "person_enrich",
            200,
            r#"{"status":200,"data":{"work_email":true,"emails":true,"job_title":false}}"#,
            "miss",
            "",
        ),
        ("pdl", "person_enrich", 403, r#"{"error":{"type":"quota_exceeded"}}"#, "no_credits", ""),
        ("pdl", "person_enrich", 404, "<html>", "malformed", ""),
        ("pdl", "company_enrich", 200, r#"{"status":200}"#, "malformed", ""),
    ] {
        let answer = manifest(name).read(operation, status, &[], body.as_bytes(), &wanted);
        assert_eq!(answer.outcome.as_str(), outcome, "{name} {status} {body}: {}", answer.note);
        assert_eq!(answer.fields, fields(given), "{name} {status} {body}");
    }
}

#[test]
fn a_match_without_usable_fields_is_still_paid_where_the_vendor_bills_matches() {
    let body = br#"{"status":200,"likelihood":7,"data":{"work_email":true}}"#;
    let answer = manifest("pdl").read("person_enrich", 200, &[], body, &words("email"));
    assert_eq!((answer.outcome, answer.charge.credits.units()), (AnswerOutcome::Miss, 1.0));
    let metered = [("X-Call-Credits-Spent".to_owned(), "0".to_owned())];
    let answer = manifest("pdl").read("person_enrich", 200, &metered, body, &words("email"));
    assert_eq!(answer.charge.credits.units(), 0.0, "the vendor's own meter wins");
}

#[test]
fn the_schema_names_every_key() {
    let text = schema().to_string();
    for key in ["money_per_credit", "also_called", "price_max", "linkedin_person", "rate_limited", "concurrency"] {
        assert!(text.contains(key), "{key}");
    }
}
