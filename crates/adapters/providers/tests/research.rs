//! The research column: what a model is asked, what it may not answer, and that everything off by default says why.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod local;

use evergreen_model::AnswerOutcome;
use evergreen_ports::Provider;
use evergreen_providers::{Origin, shipped};
use local::{fields, provider, reply, vendor, words};
use serde_json::{Value, json};

fn said(answer: Value) -> String {
    json!({ "choices": [{ "message": { "content": answer.to_string() }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 1000, "completion_tokens": 100 } })
    .to_string()
}

#[tokio::test]
async fn a_model_is_asked_for_the_wanted_columns_only_and_for_their_source() {
    let answer = json!({ "sells_to": "shippers", "evidence_url": "https://acme.com/x", "evidence_quote": "we sell to shippers", "confidence": "high" });
    let at = vendor(move |_, _| reply(200, said(answer.clone()))).await;
    let research = provider(local::shipped("openai-compatible"), &at);
    let known =
        fields("domain=acme.com;name=Acme \"Quotes\" Inc;page_text=We sell to shippers.;page_url=https://acme.com/x");
    let question = research.question("research", &known).unwrap();
    let reading = research.inquire(&question, &words("sells_to uses_crm")).await;
    let asked = at.heard()[0].json();
    let schema = &asked["response_format"]["json_schema"]["schema"];
    assert_eq!(schema["required"], json!(["sells_to", "uses_crm", "evidence_url", "evidence_quote", "confidence"]));
    assert_eq!(schema["properties"]["uses_crm"]["type"], json!(["string", "null"]));
    assert!(asked["messages"][1]["content"].as_str().unwrap().contains("We sell to shippers."));
    assert_eq!((reading.outcome, reading.confidence), (AnswerOutcome::Partial, 90));
    assert_eq!(reading.facts["sells_to"], "shippers");
    assert_eq!((reading.cost.tokens, reading.cost.credits.micros), (Some((1000, 100)), 210));
}

#[tokio::test]
async fn a_statement_without_a_source_is_worth_little_and_a_contact_detail_nothing() {
    let answer =
        json!({ "sells_to": "shippers", "phone": "+1 202 555 0143", "evidence_url": null, "confidence": "high" });
    let at = vendor(move |_, _| reply(200, said(answer.clone()))).await;
    let research = provider(local::shipped("openai-compatible"), &at);
    let question = research.question("research", &fields("domain=acme.com")).unwrap();
    let reading = research.inquire(&question, &words("sells_to phone")).await;
    assert_eq!((reading.outcome, reading.confidence), (AnswerOutcome::Partial, 20));
    assert!(
        !reading.has("phone") && reading.notes.iter().any(|note| note.contains("no contact detail")),
        "{:?}",
        reading.notes
    );
}

#[test]
fn what_is_taken_from_linkedin_or_written_by_a_model_is_off_until_a_person_switches_it_on() {
    let mut off = Vec::new();
    for (name, _) in shipped() {
        let manifest = local::shipped(name);
        let delicate = matches!(manifest.origin(), Origin::Linkedin | Origin::Model);
        assert_eq!(manifest.off_by_default(), delicate, "{name}");
        assert!(manifest.legal().len() > 60, "{name}: the legal note says too little");
        off.extend(delicate.then_some(*name));
    }
    assert_eq!(off, ["coresignal", "crustdata", "enrichlayer", "openai-compatible"]);
}
