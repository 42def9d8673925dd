//! Records of every kind over HTTP: activities and their roll-ups, labels, privacy deletes, merged ids in batches.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod common;

use common::{get, portal, post, started};
use serde_json::{Value, json};

const OBJECTS: &str = "/crm/objects/2026-09";

#[tokio::test]
async fn a_logged_email_moves_the_contacts_summary_and_modification_date() {
    let sandbox = started().await;
    let path = format!("{OBJECTS}/emails");
    let bare = post(&sandbox, &path, json!({"properties": {"hs_timestamp": "2026-11-20T10:00:00Z"}})).await;
    assert_eq!(bare.status, 400);
    assert_eq!(bare.json()["errors"][0]["code"], "REQUIRED_PROPERTY");
    let about = format!("{OBJECTS}/contacts/1002?properties=notes_last_contacted,num_notes,lastmodifieddate");
    let before = get(&sandbox, &about).await.json();
    let email = json!({"properties": {"hs_timestamp": "2026-11-20T10:00:00Z", "hs_email_direction": "EMAIL",
        "hs_email_headers": "{\"from\":{\"email\":\"rep@ourfirm.example\"},\"to\":[{\"email\":\"otto@x.example\"}]}"},
        "associations": [{"to": {"id": "1002"}, "types": [
            {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 198}]}]});
    let made = post(&sandbox, &path, email).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let after = get(&sandbox, &about).await.json();
    assert_eq!(after["properties"]["notes_last_contacted"], "2026-11-20T10:00:00.000Z");
    assert_eq!(after["properties"]["num_notes"], "1");
    assert_ne!(after["updatedAt"], before["updatedAt"]);
    let read = get(&sandbox, &format!("{path}/{id}?properties=hs_email_to_email&associations=contacts")).await.json();
    assert_eq!(read["properties"]["hs_email_to_email"], "otto@x.example");
    assert_eq!(read["associations"]["contacts"]["results"][0], json!({"id": "1002", "type": "email_to_contact"}));
}

#[tokio::test]
async fn a_merged_id_is_followed_alone_and_dropped_in_a_batch_update() {
    let sandbox = started().await;
    let merge = json!({"primaryObjectId": "1001", "objectIdToMerge": "1002"});
    let merged = post(&sandbox, &format!("{OBJECTS}/contacts/merge"), merge).await;
    assert_eq!(merged.status, 200, "{}", merged.text);
    let id = merged.json()["id"].clone();
    assert_eq!(get(&sandbox, &format!("{OBJECTS}/contacts/1002")).await.json()["id"], id);
    let rows =
        json!({"inputs": [{"id": "1002", "properties": {"city": "Lyon"}}, {"id": id, "properties": {"zip": "1"}}]});
    let update = post(&sandbox, &format!("{OBJECTS}/contacts/batch/update"), rows).await;
    assert_eq!((update.status, update.json()["results"].as_array().unwrap().len()), (200, 1));
    let primary = get(&sandbox, &format!("{OBJECTS}/contacts/1001?properties=associatedcompanyid")).await.json();
    assert_eq!(primary["properties"]["associatedcompanyid"], "2001");
}

#[tokio::test]
async fn a_portals_own_label_reads_from_both_ends_and_leaves_with_its_deletion() {
    let sandbox = started().await;
    let labels = "/crm/associations/2026-09/contacts/companies/labels";
    let body = json!({"label": "Billing contact", "name": "billing", "inverseLabel": "Billed firm"});
    let made = post(&sandbox, labels, body).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let id = made.json()["results"][0]["typeId"].clone();
    let types = json!([{"associationCategory": "USER_DEFINED", "associationTypeId": id}]);
    let put = portal(&sandbox, "PUT", &format!("{OBJECTS}/contacts/1002/associations/companies/2002"), types).await;
    // The contact's first company is its primary one as well.
    assert_eq!(put.json()["labels"], json!(["Primary", "Billing contact"]));
    let names = |body: Value| -> Vec<String> {
        let types = body["results"][0]["associationTypes"].as_array().cloned().unwrap_or_default();
        types.iter().filter_map(|one| one["label"].as_str().map(str::to_owned)).collect()
    };
    let back = format!("{OBJECTS}/companies/2002/associations/contacts");
    assert!(names(get(&sandbox, &back).await.json()).contains(&"Billed firm".to_owned()));
    assert_eq!(portal(&sandbox, "DELETE", &format!("{labels}/{id}"), json!(null)).await.status, 204);
    assert!(!names(get(&sandbox, &back).await.json()).contains(&"Billed firm".to_owned()));
}

#[tokio::test]
async fn a_validation_rule_set_through_the_api_refuses_values() {
    let sandbox = started().await;
    let rule = "/crm/property-validations/2026-09/0-1/city/rule-type/MAX_LENGTH";
    assert_eq!(portal(&sandbox, "PUT", rule, json!({"ruleArguments": ["4"]})).await.status, 204);
    assert_eq!(get(&sandbox, rule).await.json()["ruleArguments"], json!(["4"]));
    let write = |city: &str| json!({"properties": {"city": city}});
    let path = "/crm/v3/objects/contacts/1002";
    assert_eq!(portal(&sandbox, "PATCH", path, write("Lyon")).await.status, 200);
    let long = portal(&sandbox, "PATCH", path, write("Marseille")).await;
    assert_eq!((long.status, long.json()["errors"][0]["code"].clone()), (400, json!("MAX_LENGTH")));
}

#[tokio::test]
async fn a_group_is_renamed_and_goes_only_when_it_is_empty() {
    let sandbox = started().await;
    let groups = "/crm/properties/2026-09/contacts/groups";
    let used = portal(&sandbox, "DELETE", &format!("{groups}/contactinformation"), json!(null)).await;
    assert_eq!(used.json()["subCategory"], "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES");
    post(&sandbox, groups, json!({"name": "own", "label": "Own"})).await;
    let renamed = portal(&sandbox, "PATCH", &format!("{groups}/own"), json!({"label": "Ours"})).await;
    assert_eq!(renamed.json()["label"], "Ours");
    assert_eq!(portal(&sandbox, "DELETE", &format!("{groups}/own"), json!(null)).await.status, 204);
    assert_eq!(get(&sandbox, &format!("{groups}/own")).await.status, 404);
}
