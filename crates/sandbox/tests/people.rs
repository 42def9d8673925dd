//! Everybody else in the portal: people, workflows, imports and administrators, as the admin call `act` plays them.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod common;

use common::{get, post, started};
use evergreen_sandbox::Sandbox;
use serde_json::{Value, json};

async fn act(sandbox: &Sandbox, order: Value) -> Value {
    let answer = post(sandbox, "/__sandbox/act", order).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

async fn contact(sandbox: &Sandbox, tail: &str) -> common::Answer {
    get(sandbox, &format!("/crm/v3/objects/contacts/{tail}")).await
}

#[tokio::test]
async fn every_kind_of_writer_leaves_its_own_name_in_the_history() {
    let sandbox = started().await;
    for (who, kind) in [
        ("user", "CRM_UI"),
        ("bulk", "CRM_UI_BULK_ACTION"),
        ("mobile", "MOBILE_IOS"),
        ("import", "IMPORT"),
        ("workflow", "AUTOMATION_PLATFORM"),
        ("form", "FORM"),
        ("enrichment", "DATA_ENRICHMENT"),
        ("app", "INTEGRATION"),
    ] {
        let order = json!({"as": who, "do": "write", "id": "1002", "source_id": "77", "properties": {"city": who}});
        act(&sandbox, order).await;
        let history = contact(&sandbox, "1002?propertiesWithHistory=city").await.json();
        let newest = &history["propertiesWithHistory"]["city"][0];
        assert_eq!((&newest["value"], &newest["sourceType"]), (&json!(who), &json!(kind)));
    }
}

#[tokio::test]
async fn people_merge_delete_restore_and_erase_records() {
    let sandbox = started().await;
    let made = act(&sandbox, json!({"do": "create", "properties": {"email": "new@x.example"}})).await;
    let id = made["id"].as_str().unwrap();
    act(&sandbox, json!({"do": "archive", "id": id})).await;
    assert_eq!(contact(&sandbox, id).await.status, 404);
    act(&sandbox, json!({"do": "restore", "id": id})).await;
    assert_eq!(contact(&sandbox, id).await.status, 200);
    let merged = act(&sandbox, json!({"do": "merge", "id": "1001", "other": id})).await;
    assert_eq!(contact(&sandbox, id).await.json()["id"], merged["id"]);
    act(&sandbox, json!({"do": "gdpr-delete", "email": "second@northquay.example"})).await;
    assert_eq!(contact(&sandbox, "1002").await.status, 404);
}

#[tokio::test]
async fn administrators_change_owners_options_stages_properties_rules_and_settings() {
    let sandbox = started().await;
    act(&sandbox, json!({"do": "deactivate-owner", "id": "501"})).await;
    assert_eq!(get(&sandbox, "/crm/v3/owners/501").await.status, 404);
    act(&sandbox, json!({"do": "reactivate-owner", "id": 501})).await;
    assert_eq!(get(&sandbox, "/crm/v3/owners/501").await.status, 200);
    act(&sandbox, json!({"do": "rename-stage", "stage": "lead", "label": "Prospect"})).await;
    let stages = get(&sandbox, "/crm/v3/properties/contacts/lifecyclestage").await;
    assert!(stages.text.contains("Prospect"));
    act(&sandbox, json!({"do": "order-stages", "stages": ["customer", "lead"]})).await;
    let stages = get(&sandbox, "/crm/v3/properties/contacts/lifecyclestage").await.json();
    assert_eq!(stages["options"][0]["value"], "customer");
    let made = json!({"name": "tint", "label": "Tint", "type": "enumeration", "fieldType": "select",
        "groupName": "contactinformation", "options": [{"label": "Red", "value": "red", "displayOrder": 0}]});
    assert_eq!(post(&sandbox, "/crm/v3/properties/contacts", made).await.status, 201);
    let blue = json!([{"label": "Blue", "value": "blue", "displayOrder": 0}]);
    act(&sandbox, json!({"do": "change-options", "property": "tint", "options": blue})).await;
    assert_eq!(get(&sandbox, "/crm/v3/properties/contacts/tint").await.json()["options"][0]["value"], "blue");
    act(&sandbox, json!({"do": "delete-property", "property": "tint"})).await;
    assert_eq!(get(&sandbox, "/crm/v3/properties/contacts/tint").await.status, 404);
    act(&sandbox, json!({"do": "settings", "settings": {"preserve_primary_id": true}})).await;
    let merged = act(&sandbox, json!({"do": "merge", "id": "1001", "other": "1002"})).await;
    assert_eq!(merged["id"], "1001");
    act(&sandbox, json!({"do": "rules", "rules": {"requiredOnCreate": ["city"]}})).await;
    let refused = post(&sandbox, "/crm/objects/2026-09/contacts", json!({"properties": {"firstname": "A"}})).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    act(&sandbox, json!({"do": "opt-out", "email": "known@northquay.example"})).await;
    let shown = contact(&sandbox, "1001?properties=hs_email_optout").await.json();
    assert_eq!(shown["properties"]["hs_email_optout"], "true");
}

#[tokio::test]
async fn an_order_nobody_understands_is_refused_with_the_known_ones() {
    let sandbox = started().await;
    for order in [json!({"do": "dance"}), json!({"do": "write", "as": "ghost", "id": "1001", "properties": {}})] {
        let answer = post(&sandbox, "/__sandbox/act", order).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text.contains("gdpr-delete") && answer.text.contains("workflow"), "{}", answer.text);
    }
}

#[tokio::test]
async fn an_address_in_the_path_may_be_percent_encoded() {
    let sandbox = started().await;
    let answer = contact(&sandbox, "second%40northquay.example?idProperty=email").await;
    assert_eq!((answer.status, &answer.json()["id"]), (200, &json!("1002")));
}

#[tokio::test]
async fn a_loaded_portal_has_what_was_ordered_and_answers_batch_reads() {
    let sandbox = started().await;
    let order = json!({"contacts": 20_000, "companies": 2_000, "seed": 5});
    let loaded = post(&sandbox, "/__sandbox/load", order).await.json();
    let health = get(&sandbox, "/__sandbox/health").await.json();
    assert_eq!((&health["contacts"], &health["companies"]), (&json!(20_002), &json!(2_002)));
    let first: u64 = loaded["first_contact"].as_str().unwrap().parse().unwrap();
    let inputs: Vec<Value> = (first + 19_900..first + 20_000).map(|id| json!({"id": id.to_string()})).collect();
    let read = json!({"inputs": inputs, "properties": ["email", "associatedcompanyid"]});
    let read = post(&sandbox, "/crm/v3/objects/contacts/batch/read", read).await.json();
    assert_eq!(read["results"].as_array().unwrap().len(), 100);
    assert!(read["results"][99]["properties"]["associatedcompanyid"].is_string());
    assert_eq!(post(&sandbox, "/__sandbox/load", json!({"contacts": -1})).await.status, 400);
}
