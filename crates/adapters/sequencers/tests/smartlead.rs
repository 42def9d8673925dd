//! The Smartlead client over recorded answers: what was asked, what each lead became, and what each failure says.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use evergreen_ports::{EnrollOutcome, HttpRequest, HttpResponse, Lead, Outbound, OutboundError, Sequencer};
use evergreen_sequencers::Smartlead;
use serde_json::{Value, json};

type Answer = Result<HttpResponse, OutboundError>;
type Script = Box<dyn FnMut(&HttpRequest) -> Answer + Send>;

struct Scripted {
    script: Mutex<Script>,
    asked: Mutex<Vec<HttpRequest>>,
}

#[async_trait]
impl Outbound for Scripted {
    async fn send(&self, request: HttpRequest) -> Answer {
        let answer = (self.script.lock().unwrap())(&request);
        self.asked.lock().unwrap().push(request);
        answer
    }
}

fn smartlead(script: impl FnMut(&HttpRequest) -> Answer + Send + 'static) -> (Smartlead, Arc<Scripted>) {
    let outbound = Arc::new(Scripted { script: Mutex::new(Box::new(script)), asked: Mutex::default() });
    let client = Smartlead::new(
        Arc::clone(&outbound) as Arc<dyn Outbound>,
        "https://server.smartlead.example/api/v1/",
        "sl-secret".into(),
    );
    (client, outbound)
}

/// A recorded sample: what was asked and what came back.
fn sample(name: &str) -> Value {
    let path = format!("{}/tests/samples/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn recorded(name: &str) -> Answer {
    let sample = sample(name);
    answer(u16::try_from(sample["response"]["status"].as_u64().unwrap()).unwrap(), &sample["response"]["body"])
}

fn answer(status: u16, body: &Value) -> Answer {
    Ok(HttpResponse { status, headers: Vec::new(), body: body.to_string().into_bytes(), latency_ms: 1, tries: 1 })
}

/// The leads of a recorded add call, as our handoff would give them.
fn leads(name: &str) -> Vec<Lead> {
    let field = |lead: &Value, name: &str| lead[name].as_str().map(str::to_owned);
    let lead = |lead: &Value| Lead {
        email: field(lead, "email").unwrap(),
        firstname: field(lead, "first_name"),
        lastname: field(lead, "last_name"),
        company: field(lead, "company_name"),
        website: field(lead, "website"),
        phone: None,
        linkedin: field(lead, "linkedin_profile"),
        custom: serde_json::from_value(lead["custom_fields"].clone()).unwrap_or_default(),
    };
    sample(name)["request"]["body"]["lead_list"].as_array().unwrap().iter().map(lead).collect()
}

fn people(count: usize) -> Vec<Lead> {
    let lead = |number| Lead {
        email: format!("p{number}@acme.example"),
        firstname: None,
        lastname: None,
        company: None,
        website: None,
        phone: None,
        linkedin: None,
        custom: BTreeMap::from([("evergreen_id".to_owned(), format!("eg-{number}"))]),
    };
    (0..count).map(lead).collect()
}

/// A page of campaign leads with these addresses and times.
fn page(entries: &[(&str, &str)]) -> Answer {
    let data: Vec<Value> =
        entries.iter().map(|(email, at)| json!({"created_at": at, "lead": {"email": email}})).collect();
    answer(200, &json!({"total_leads": entries.len().to_string(), "data": data}))
}

#[tokio::test]
async fn leads_go_out_as_recorded_with_every_protection_on_and_the_key_hidden() {
    let (client, outbound) = smartlead(|_| recorded("add-leads-all-accepted"));
    let outcomes = client.enroll("2710262", &leads("add-leads-all-accepted")).await.unwrap();
    assert_eq!(outcomes, [EnrollOutcome::Enrolled, EnrollOutcome::Enrolled]);
    let asked = outbound.asked.lock().unwrap();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].url, "https://server.smartlead.example/api/v1/campaigns/2710262/leads");
    assert_eq!((asked[0].secret_query.as_slice(), asked[0].repeatable), (&["api_key".to_owned()][..], false));
    let body: Value = serde_json::from_slice(asked[0].body.as_deref().unwrap()).unwrap();
    assert_eq!(body, sample("add-leads-all-accepted")["request"]["body"]);
}

#[tokio::test]
async fn the_published_names_of_the_counters_are_understood_too() {
    let (client, _) = smartlead(|_| recorded("add-leads-official-shape"));
    let outcomes = client.enroll("2710262", &leads("add-leads-official-shape")).await.unwrap();
    assert_eq!(outcomes, [EnrollOutcome::Enrolled, EnrollOutcome::Enrolled]);
}

#[tokio::test]
async fn refusals_inside_a_200_are_told_apart_by_reading_the_campaign_back() {
    let (client, _) = smartlead(|request| {
        if request.method == "POST" {
            return recorded("add-leads-some-refused");
        }
        page(&[
            ("marta.velasco@northquay.example", "2026-11-01T09:00:00Z"),
            ("idris.okonjo-hale@northquay.example", "2026-11-25T09:00:00Z"),
        ])
    });
    let outcomes = client.enroll("2710262", &leads("add-leads-some-refused")).await.unwrap();
    let refused = |why: &str| EnrollOutcome::Refused(why.to_owned());
    assert_eq!(
        outcomes,
        [EnrollOutcome::Already, EnrollOutcome::Enrolled, refused("bounced before"), refused("unsubscribed")]
    );
}

#[tokio::test]
async fn four_hundred_leads_fit_into_a_call() {
    let (client, outbound) = smartlead(|request| {
        let body: Value = serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
        answer(200, &json!({"ok": true, "upload_count": body["lead_list"].as_array().unwrap().len()}))
    });
    let outcomes = client.enroll("1", &people(900)).await.unwrap();
    assert_eq!((outcomes.len(), outbound.asked.lock().unwrap().len()), (900, 3));
    assert!(outcomes.iter().all(|outcome| *outcome == EnrollOutcome::Enrolled));
}

#[tokio::test]
async fn one_bad_lead_does_not_keep_the_others_out() {
    let (client, _) = smartlead(|request| {
        let body: Value = serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
        let list = body["lead_list"].as_array().unwrap();
        if list.iter().any(|lead| lead["email"] == "p3@acme.example") {
            recorded("validation-400-envelope")
        } else {
            answer(200, &json!({"upload_count": list.len()}))
        }
    });
    let outcomes = client.enroll("1", &people(8)).await.unwrap();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == EnrollOutcome::Enrolled).count(), 7);
    assert_eq!(outcomes[3], EnrollOutcome::Refused("email field is required for all leads in lead_list".to_owned()));
}

#[tokio::test]
async fn a_lost_answer_is_read_back_before_anybody_is_added_again() {
    let mut posts = 0;
    let (client, outbound) = smartlead(move |request| {
        if request.method == "GET" {
            return page(&[("p0@acme.example", "2026-11-25T09:00:00Z"), ("p1@acme.example", "2026-11-25T09:00:00Z")]);
        }
        posts += 1;
        if posts == 1 {
            Err(OutboundError::Timeout("no answer".to_owned()))
        } else {
            answer(200, &json!({"upload_count": 1}))
        }
    });
    let outcomes = client.enroll("1", &people(3)).await.unwrap();
    assert!(outcomes.iter().all(|outcome| *outcome == EnrollOutcome::Enrolled));
    let asked = outbound.asked.lock().unwrap();
    let second: Value = serde_json::from_slice(asked[2].body.as_deref().unwrap()).unwrap();
    assert_eq!(second["lead_list"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_few_addresses_are_asked_one_by_one_and_many_are_read_off_the_lists() {
    let (client, _) = smartlead(|request| {
        let email = request.query.iter().find(|(name, _)| name == "email").map(|(_, value)| value.as_str());
        recorded(if email == Some("marta.velasco@northquay.example") {
            "lead-by-email-found"
        } else {
            "lead-by-email-missing"
        })
    });
    let asked = ["Marta.Velasco@northquay.example".to_owned(), "nobody@northquay.example".to_owned()];
    assert_eq!(client.enrolled(&asked).await.unwrap(), ["marta.velasco@northquay.example"]);

    let (client, outbound) = smartlead(|request| match request.url.ends_with("/campaigns/") {
        true => answer(200, &json!([{"id": 2_710_262, "name": "Q4"}, {"id": "7", "name": "Old"}])),
        false if request.url.contains("/campaigns/7/") => page(&[]),
        false => recorded("campaign-leads-page"),
    });
    let mut many: Vec<String> = people(300).into_iter().map(|lead| lead.email).collect();
    many.push("marta.velasco@northquay.example".to_owned());
    assert_eq!(client.enrolled(&many).await.unwrap(), ["marta.velasco@northquay.example"]);
    assert_eq!(outbound.asked.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_campaign_is_named_or_said_to_be_missing_or_over() {
    let (client, _) =
        smartlead(|_| answer(200, &json!({"id": 2_710_262, "name": "Q4 logistics RevOps", "status": "ACTIVE"})));
    assert_eq!(client.campaign("2710262").await.unwrap(), "Q4 logistics RevOps");
    let (client, _) = smartlead(|_| recorded("campaign-missing-200"));
    assert_eq!(client.campaign("999999999").await.unwrap_err().0.code, "EG-SEQUENCER-002");
    let (client, _) = smartlead(|_| answer(200, &json!({"id": 1, "name": "Old", "status": "STOPPED"})));
    assert!(client.campaign("1").await.unwrap_err().0.why.contains("STOPPED"));
}

#[tokio::test]
async fn each_failure_has_its_own_problem_and_none_shows_the_key() {
    let table: Vec<(&str, Answer)> = vec![
        ("EG-SEQUENCER-001", recorded("unauthorized-401")),
        ("EG-SEQUENCER-002", recorded("not-found-404")),
        ("EG-SEQUENCER-003", recorded("rate-limited-429")),
        ("EG-SEQUENCER-003", recorded("rate-limited-429-plain")),
        ("EG-SEQUENCER-004", answer(500, &Value::Null)),
        ("EG-SEQUENCER-005", recorded("add-leads-plan-limit")),
        ("EG-SEQUENCER-006", Err(OutboundError::Unreachable("connection refused".to_owned()))),
        (
            "EG-SEQUENCER-007",
            Ok(HttpResponse { status: 200, headers: Vec::new(), body: b"<html>".to_vec(), latency_ms: 1, tries: 1 }),
        ),
    ];
    for (code, given) in table {
        let again = given.clone();
        let (client, _) = smartlead(move |_| again.clone());
        let problem = client.enroll("1", &people(2)).await.unwrap_err().0;
        assert_eq!(problem.code, code, "{given:?}");
        assert!(!problem.to_string().contains("sl-secret"));
    }
    for name in ["validation-400-flat", "unsubscribe-ok-false"] {
        let (client, _) = smartlead(move |_| recorded(name));
        assert!(matches!(&client.enroll("1", &people(1)).await.unwrap()[0], EnrollOutcome::Refused(_)), "{name}");
    }
}
