//! Many questions in one call, over real HTTP: rows joined by identity, a spoiled call halved, money shared without loss.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod local;

use evergreen_model::{AnswerOutcome, Question};
use evergreen_ports::Provider;
use evergreen_providers::ManifestProvider;
use local::{fields, provider, reply, shipped, vendor, words};
use serde_json::{Value, json};

const NAMES: [&str; 4] = ["Ana Ruiz", "Ben Okafor", "Chloe Dupont", "Dan Novak"];

fn questions(of: &ManifestProvider, operation: &str, count: usize) -> Vec<Question> {
    (0..count)
        .map(|at| {
            let (first, last) = NAMES[at % 4].split_once(' ').unwrap();
            let known = fields(&format!("firstname={first};lastname={last};domain=firm{}.com", at / 4));
            of.question(operation, &known).unwrap()
        })
        .collect()
}

fn person(row: &Value) -> Value {
    let (first, last) = (row["first_name"].as_str().unwrap(), row["last_name"].as_str().unwrap());
    let domain = row["domain"].as_str().unwrap();
    let email = format!("{}@{domain}", first.to_lowercase());
    json!({ "id": email, "first_name": first, "last_name": last, "email": email, "title": "CEO",
        "organization": { "primary_domain": domain } })
}

#[tokio::test]
async fn rows_find_their_questions_however_they_are_mixed_and_a_missing_row_is_a_miss() {
    let at = vendor(|_, heard| {
        let body = heard.json();
        let asked = body["details"].as_array().unwrap();
        // Turned round, without the third, and with somebody nobody asked for.
        let mut matches: Vec<Value> =
            asked.iter().enumerate().filter(|(at, _)| *at != 2).map(|(_, row)| person(row)).rev().collect();
        matches.insert(1, Value::Null);
        matches.push(json!({ "id": "9", "first_name": "Eve", "last_name": "Stranger", "email": "eve@other.com" }));
        reply(200, json!({ "status": "success", "credits_consumed": 3.0, "matches": matches }))
    })
    .await;
    let apollo = provider(shipped("apollo"), &at);
    let asked = questions(&apollo, "people_match", 4);
    let answers = apollo.ask_many(&asked, &words("email")).await;
    let found: Vec<Option<&str>> =
        answers.iter().map(|answer| answer.fields.get("email").map(String::as_str)).collect();
    assert_eq!(found, [Some("ana@firm0.com"), Some("ben@firm0.com"), None, Some("dan@firm0.com")]);
    assert_eq!(answers[2].outcome, AnswerOutcome::Miss);
    let paid: Vec<f64> = answers.iter().map(|answer| answer.charge.credits.units()).collect();
    assert_eq!(paid, [1.0, 1.0, 0.0, 1.0]);
    assert_eq!(at.heard().len(), 1);
}

#[tokio::test]
async fn more_questions_than_a_call_carries_go_into_several() {
    let at = vendor(|_, heard| {
        let body = heard.json();
        let asked = body["details"].as_array().unwrap();
        reply(200, json!({ "status": "success", "credits_consumed": asked.len(), "matches": asked.iter().map(person).collect::<Vec<_>>() }))
    })
    .await;
    let apollo = provider(shipped("apollo"), &at);
    assert_eq!(apollo.most_at_once("people_match"), 10);
    let asked = questions(&apollo, "people_match", 23);
    let answers = apollo.ask_many(&asked, &words("email")).await;
    for (question, answer) in asked.iter().zip(&answers) {
        let expected = format!("{}@{}", question.inputs["firstname"].to_lowercase(), question.inputs["domain"]);
        assert_eq!(answer.fields["email"], expected);
    }
    let sizes: Vec<usize> = at.heard().iter().map(|heard| heard.json()["details"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [10, 10, 3]);
}

#[tokio::test]
async fn a_mark_that_the_vendor_repeats_joins_rows_that_say_nothing_else_of_themselves() {
    let at = vendor(|_, heard| {
        let body = heard.json();
        let row = |row: &Value| {
            let missing = row["params"]["first_name"] == "Ben";
            let metadata = &row["metadata"];
            if missing { json!({ "metadata": metadata, "status": 404 }) } else {
                json!({ "metadata": metadata, "status": 200, "likelihood": 9, "data": { "id": "1", "job_title": "ceo" } })
            }
        };
        let rows: Vec<Value> = body["requests"].as_array().unwrap().iter().map(row).rev().collect();
        reply(200, Value::Array(rows))
    })
    .await;
    let pdl = provider(shipped("pdl"), &at);
    let asked = questions(&pdl, "person_enrich", 3);
    let answers = pdl.ask_many(&asked, &words("jobtitle")).await;
    let outcomes: Vec<&str> = answers.iter().map(|answer| answer.outcome.as_str()).collect();
    assert_eq!(outcomes, ["hit", "miss", "hit"]);
    let paid: Vec<f64> = answers.iter().map(|answer| answer.charge.credits.units()).collect();
    assert_eq!(paid, [1.0, 0.0, 1.0], "without a meter each row costs by rule");
    assert_eq!(at.heard()[0].json()["requests"][0]["metadata"]["row"], asked[0].key.as_str());
}

#[tokio::test]
async fn a_row_that_repeats_what_it_was_asked_by_finds_its_question() {
    let at = vendor(|_, heard| {
        let body = heard.json();
        let asked = body["professional_network_profile_urls"].as_array().unwrap();
        let row = |url: &Value| {
            let title = format!("Boss of {}", url.as_str().unwrap().rsplit('/').next().unwrap());
            json!({ "matched_on": url, "matches": [{ "confidence_score": 1.0, "person_data": {
                "experience": { "employment_details": { "current": [{ "title": title }] } } } }] })
        };
        let mut rows: Vec<Value> = asked.iter().map(row).rev().collect();
        rows[1]["matches"] = json!([]);
        reply(200, Value::Array(rows))
    })
    .await;
    let crustdata = provider(shipped("crustdata"), &at);
    let asked: Vec<Question> = ["ana", "ben", "chloe"]
        .map(|handle| {
            crustdata.question("person_enrich", &fields(&format!("hs_linkedin_url=linkedin.com/in/{handle}")))
        })
        .into_iter()
        .map(Option::unwrap)
        .collect();
    let answers = crustdata.ask_many(&asked, &words("jobtitle")).await;
    let found: Vec<Option<&str>> =
        answers.iter().map(|answer| answer.fields.get("jobtitle").map(String::as_str)).collect();
    assert_eq!(found, [Some("Boss of ana"), None, Some("Boss of chloe")]);
    let paid: Vec<f64> = answers.iter().map(|answer| answer.charge.credits.units()).collect();
    assert_eq!(paid, [1.0, 0.0, 1.0]);
}

#[tokio::test]
async fn a_call_that_one_question_spoils_is_halved_until_only_that_one_fails() {
    let at = vendor(|_, heard| {
        if heard.path.starts_with("/people/match") {
            return reply(if heard.path.contains("Chloe") { 422 } else { 200 }, json!({ "error": "first_name is invalid", "person": null }));
        }
        let body = heard.json();
        let asked = body["details"].as_array().unwrap();
        if asked.iter().any(|row| row["first_name"] == "Chloe") {
            return reply(400, json!({ "status": "failed", "error_code": "INVALID", "error_message": "first_name is invalid" }));
        }
        reply(200, json!({ "status": "success", "credits_consumed": asked.len(), "matches": asked.iter().map(person).collect::<Vec<_>>() }))
    })
    .await;
    let apollo = provider(shipped("apollo"), &at);
    let asked = questions(&apollo, "people_match", 4);
    let answers = apollo.ask_many(&asked, &words("email")).await;
    let outcomes: Vec<&str> = answers.iter().map(|answer| answer.outcome.as_str()).collect();
    assert_eq!(outcomes, ["hit", "hit", "invalid_input", "miss"], "Dan was left alone and is not known");
}

#[tokio::test]
async fn two_rows_that_fit_equally_well_are_for_a_person_to_decide() {
    let at = vendor(|_, heard| {
        let body = heard.json();
        let first = person(&body["details"][0]);
        reply(200, json!({ "status": "success", "credits_consumed": 2, "matches": [first.clone(), first] }))
    })
    .await;
    let apollo = provider(shipped("apollo"), &at);
    let answers = apollo.ask_many(&questions(&apollo, "people_match", 2), &words("email")).await;
    assert_eq!((answers[0].outcome, answers[1].outcome), (AnswerOutcome::Ambiguous, AnswerOutcome::Miss));
    let paid: i64 = answers.iter().map(|answer| answer.charge.credits.micros).sum();
    assert_eq!(paid, 2_000_000, "what was paid is on somebody's account");
}

#[tokio::test]
async fn a_bulk_answer_that_breaks_off_may_have_been_billed_for_every_question() {
    let at =
        vendor(|_, _| local::Reply { cut: true, ..reply(200, json!({ "status": "success", "matches": [] })) }).await;
    let apollo = provider(shipped("apollo"), &at);
    let answers = apollo.ask_many(&questions(&apollo, "people_match", 3), &words("email")).await;
    assert!(
        answers.iter().all(|answer| answer.outcome == AnswerOutcome::Transient && answer.charge.credits.units() == 1.0)
    );
}
