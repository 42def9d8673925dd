//! The portal answers as HubSpot does: batches, identity, history, stages, owners, associations, search, pace.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod common;

use common::{get, options, portal, post, send, started, world};
use evergreen_sandbox::{Sandbox, Tier};
use serde_json::{Value, json};

const CONTACTS: &str = "/crm/objects/2026-09/contacts";

async fn with_unique_property(sandbox: &Sandbox) {
    let group = json!({"name": "evergreen", "label": "Evergreen"});
    assert_eq!(post(sandbox, "/crm/properties/2026-09/contacts/groups", group.clone()).await.status, 201);
    assert_eq!(post(sandbox, "/crm/properties/2026-09/contacts/groups", group).await.status, 409);
    let property = json!({"name": "evergreen_id", "label": "Evergreen id", "type": "string",
        "fieldType": "text", "groupName": "evergreen", "hasUniqueValue": true});
    let answer = post(sandbox, "/crm/properties/2026-09/contacts/batch/create", json!({"inputs": [property]})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

fn by_trace<'a>(body: &'a Value, trace: &str) -> &'a Value {
    body["results"].as_array().unwrap().iter().find(|row| row["objectWriteTraceId"] == trace).unwrap()
}

#[tokio::test]
async fn a_wrong_token_is_401_with_hubspots_words() {
    let sandbox = started().await;
    let answer = send(&sandbox, "GET", CONTACTS, &[("authorization", "Bearer no")], None).await.unwrap();
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["category"], "INVALID_AUTHENTICATION");
}

#[tokio::test]
async fn with_trace_ids_good_rows_are_written_and_bad_ones_named() {
    let sandbox = started().await;
    with_unique_property(&sandbox).await;
    let body = json!({"inputs": [
        {"idProperty": "evergreen_id", "id": "e1", "objectWriteTraceId": "r1",
         "properties": {"email": "New@Northquay.example", "firstname": "Nia"}},
        {"idProperty": "evergreen_id", "id": "e2", "objectWriteTraceId": "r2",
         "properties": {"email": "known@northquay.example"}},
        {"idProperty": "evergreen_id", "id": "e3", "objectWriteTraceId": "r3",
         "properties": {"nonsense": "x", "hubspot_owner_id": "9001", "hs_object_id": "1", "lifecyclestage": "boss"}},
    ]});
    let answer = post(&sandbox, &format!("{CONTACTS}/batch/upsert"), body.clone()).await;
    assert_eq!(answer.status, 207, "{}", answer.text);
    let first = answer.json();
    let created = by_trace(&first, "r1");
    assert_eq!(created["new"], true);
    assert_eq!(created["properties"]["email"], "new@northquay.example");
    let errors = first["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 2);
    assert_eq!(errors[0]["context"]["objectWriteTraceId"], json!(["r2"]));
    assert_eq!(errors[0]["message"], "Contact already exists. Existing ID: 1001");
    let codes: Vec<&str> =
        errors[1]["errors"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["READ_ONLY_VALUE", "INVALID_OWNER_ID", "INVALID_OPTION", "PROPERTY_DOESNT_EXIST"]);

    let again = post(&sandbox, &format!("{CONTACTS}/batch/upsert"), body).await.json();
    assert_eq!(by_trace(&again, "r1")["new"], false);
    assert_eq!(by_trace(&again, "r1")["id"], created["id"]);
}

#[tokio::test]
async fn without_trace_ids_one_bad_row_stops_the_batch() {
    let sandbox = started().await;
    let rows = |second: Value| {
        json!({"inputs": [
            {"properties": {"email": "fresh@northquay.example"}}, {"properties": second},
        ]})
    };
    let path = format!("{CONTACTS}/batch/create");
    let taken = post(&sandbox, &path, rows(json!({"email": "second@northquay.example"}))).await;
    assert_eq!(taken.status, 409);
    assert_eq!(taken.json()["category"], "CONFLICT");
    let twice = post(&sandbox, &path, rows(json!({"email": "fresh@northquay.example"}))).await;
    assert_eq!(twice.status, 409);
    let fresh = get(&sandbox, &format!("{CONTACTS}/fresh@northquay.example?idProperty=email")).await;
    assert_eq!(fresh.status, 404);
    let good = post(&sandbox, &path, rows(json!({"firstname": "Only a name"}))).await;
    assert_eq!(good.status, 201);
}

#[tokio::test]
async fn doubled_ids_and_weak_identifiers_stop_the_batch() {
    let sandbox = started().await;
    let upsert = |id: &str, property: &str| json!({"id": id, "idProperty": property, "properties": {}, "objectWriteTraceId": format!("{id}{property}")});
    let path = format!("{CONTACTS}/batch/upsert");
    let twice = json!({"inputs": [upsert("x@y.example", "email"), upsert("X@Y.example", "email")]});
    let answer = post(&sandbox, &path, twice).await;
    assert_eq!(answer.status, 400);
    assert!(answer.json()["message"].as_str().unwrap().starts_with("Duplicate IDs found in batch input"));
    let alias =
        json!({"inputs": [upsert("known@northquay.example", "email"), upsert("alias@northquay.example", "email")]});
    assert_eq!(post(&sandbox, &path, alias).await.status, 400);
    let weak = json!({"inputs": [upsert("northquay.example", "domain")]});
    let answer = post(&sandbox, "/crm/objects/2026-09/companies/batch/upsert", weak).await;
    assert!(answer.text.contains("Unable to perform update/upsert by non-unique 0-2 property domain in portal ID"));
    let by_email = json!({"inputs": [upsert("known@northquay.example", "email")]});
    assert_eq!(post(&sandbox, &format!("{CONTACTS}/batch/update"), by_email).await.status, 400);
}

#[tokio::test]
async fn unknown_ids_in_update_and_read_are_207_and_odd_ids_vanish() {
    let sandbox = started().await;
    let rows = json!({"inputs": [
        {"id": "1002", "properties": {"city": "Lyon"}}, {"id": "999", "properties": {"city": "Lyon"}},
        {"id": "no-number", "properties": {"city": "Lyon"}},
    ]});
    let answer = post(&sandbox, &format!("{CONTACTS}/batch/update"), rows).await;
    assert_eq!(answer.status, 207);
    let body = answer.json();
    assert_eq!(body["results"].as_array().unwrap().len(), 1);
    assert_eq!(body["errors"][0]["context"]["ids"], json!(["999"]));
    let read = json!({"idProperty": "email", "properties": ["email", "city", "no_such"],
        "inputs": [{"id": "ALIAS@northquay.example"}, {"id": "nobody@northquay.example"}]});
    let answer = post(&sandbox, &format!("{CONTACTS}/batch/read"), read).await;
    assert_eq!(answer.status, 207);
    let body = answer.json();
    assert_eq!(body["results"][0]["id"], "1001");
    assert_eq!(body["results"][0]["properties"]["city"], Value::Null);
    assert!(body["results"][0]["properties"].get("no_such").is_none());
}

#[tokio::test]
async fn history_tells_people_imports_and_the_api_apart() {
    let sandbox = started().await;
    let path = format!("{CONTACTS}/1001?propertiesWithHistory=jobtitle,firstname,phone");
    let before = get(&sandbox, &path).await.json();
    let title = &before["propertiesWithHistory"]["jobtitle"][0];
    assert_eq!((title["sourceType"].as_str(), title["sourceId"].as_str()), (Some("CRM_UI"), Some("userId:9001")));
    assert_eq!(title["updatedByUserId"], 9001);
    assert_eq!(title["timestamp"], "2026-11-01T10:00:00.000Z");
    assert_eq!(before["propertiesWithHistory"]["firstname"][0]["sourceType"], "IMPORT");
    // A deliberate blank: emptied by a person.
    assert_eq!(before["propertiesWithHistory"]["phone"][0]["value"], "");

    let change = json!({"properties": {"jobtitle": "COO", "firstname": "Ines"}});
    portal(&sandbox, "PATCH", &format!("{CONTACTS}/1001"), change).await;
    let edit = json!({"object": "contacts", "email": "alias@northquay.example", "properties": {"jobtitle": "CEO"}, "user_id": 9002});
    assert_eq!(post(&sandbox, "/__sandbox/human-edit", edit).await.status, 200);
    let after = get(&sandbox, &path).await.json();
    let titles: Vec<(&str, &str)> = after["propertiesWithHistory"]["jobtitle"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["value"].as_str().unwrap(), one["sourceType"].as_str().unwrap()))
        .collect();
    assert_eq!(titles, [("CEO", "CRM_UI"), ("COO", "INTEGRATION"), ("Chief of Staff", "CRM_UI")]);
    assert_eq!(after["propertiesWithHistory"]["jobtitle"][1]["sourceId"], "1001");
    // The same value again is no change.
    assert_eq!(after["propertiesWithHistory"]["firstname"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn lifecycle_stages_do_not_move_back_and_say_nothing() {
    let sandbox = started().await;
    let path = format!("{CONTACTS}/1001");
    let stage = |value: &str| json!({"properties": {"lifecyclestage": value}});
    let back = portal(&sandbox, "PATCH", &path, stage("lead")).await;
    assert_eq!(back.status, 200);
    assert_eq!(back.json()["properties"]["lifecyclestage"], "opportunity");
    portal(&sandbox, "PATCH", &path, stage("")).await;
    let cleared_first = portal(&sandbox, "PATCH", &path, stage("lead")).await;
    assert_eq!(cleared_first.json()["properties"]["lifecyclestage"], "lead");
}

#[tokio::test]
async fn an_alias_written_as_email_becomes_primary_and_a_foreign_address_conflicts() {
    let sandbox = started().await;
    let path = format!("{CONTACTS}/1001");
    let email = |value: &str| json!({"properties": {"email": value}});
    assert_eq!(portal(&sandbox, "PATCH", &path, email("second@northquay.example")).await.status, 409);
    assert_eq!(portal(&sandbox, "PATCH", &path, email("alias@northquay.example")).await.status, 200);
    let read = get(
        &sandbox,
        &format!("{CONTACTS}/known@northquay.example?idProperty=email&properties=email,hs_additional_emails"),
    )
    .await
    .json();
    assert_eq!(read["properties"]["email"], "alias@northquay.example");
    assert_eq!(read["properties"]["hs_additional_emails"], "known@northquay.example");
}

#[tokio::test]
async fn lists_page_to_the_end_and_cap_history() {
    let sandbox = started().await;
    let first = get(&sandbox, &format!("{CONTACTS}?limit=1&associations=companies")).await.json();
    assert_eq!(first["results"][0]["id"], "1001");
    assert_eq!(first["results"][0]["associations"]["companies"]["results"][0]["id"], "2001");
    let after = first["paging"]["next"]["after"].as_str().unwrap();
    let second = get(&sandbox, &format!("{CONTACTS}?limit=1&after={after}")).await.json();
    assert_eq!(second["results"][0]["id"], "1002");
    assert!(second.get("paging").is_none());
    let capped = get(&sandbox, &format!("{CONTACTS}?limit=100&propertiesWithHistory=email")).await;
    assert_eq!(capped.status, 400);
    let many: Vec<Value> = (0..51).map(|id| json!({"id": id.to_string()})).collect();
    let body = json!({"inputs": many, "properties": [], "propertiesWithHistory": ["email"]});
    assert!(post(&sandbox, &format!("{CONTACTS}/batch/read"), body).await.text.contains("property histories is 50"));
}

#[tokio::test]
async fn older_paths_and_trailing_slashes_answer_too() {
    let sandbox = started().await;
    for path in [
        "/crm/v3/owners/",
        "/crm/owners/2026-03",
        "/crm/v3/objects/contact/1001",
        "/crm/v3/objects/0-1/1001",
        "/account-info/2026-09/details",
        "/crm/v3/properties/companies/industry",
    ] {
        assert_eq!(get(&sandbox, path).await.status, 200, "{path}");
    }
    let strict = json!({"name": "seen_on", "label": "Seen on", "type": "date", "fieldType": "date", "groupName": "contactinformation"});
    post(&sandbox, "/crm/v3/properties/contacts", strict).await;
    let odd = json!({"properties": {"seen_on": "1786334400001"}});
    let old = portal(&sandbox, "PATCH", "/crm/v3/objects/contacts/1001", odd.clone()).await;
    assert!(old.text.contains("INVALID_DATE"), "{}", old.text);
    let new = portal(&sandbox, "PATCH", &format!("{CONTACTS}/1001"), odd).await;
    assert_eq!(new.json()["warnings"][0]["category"], "PROPERTY_VALUE_NORMALIZED");
}

#[tokio::test]
async fn owners_come_active_or_archived() {
    let sandbox = started().await;
    let active = get(&sandbox, "/crm/owners/2026-09?limit=1").await.json();
    assert_eq!(active["results"][0]["id"], "501");
    assert_eq!(active["results"][0]["teams"][0]["name"], "East");
    assert_eq!(active["paging"]["next"]["after"], "501");
    let archived = get(&sandbox, "/crm/owners/2026-09?archived=true").await.json();
    assert_eq!(archived["results"][0]["userId"], Value::Null);
    assert_eq!(archived["results"][0]["userIdIncludingInactive"], 9003);
}

#[tokio::test]
async fn associations_keep_the_primary_company_in_step() {
    let sandbox = started().await;
    let batch = json!({"inputs": [
        {"from": {"id": "1002"}, "to": {"id": "2002"}}, {"from": {"id": "1002"}, "to": {"id": "2001"}},
        {"from": {"id": "77"}, "to": {"id": "2001"}},
    ]});
    let answer = post(&sandbox, "/crm/associations/2026-09/contacts/companies/batch/associate/default", batch).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["results"].as_array().unwrap().len(), 4);
    let read = |id: &str| json!({"inputs": [{"id": id}, {"id": "77"}]});
    let ends = post(&sandbox, "/crm/associations/2026-09/contacts/companies/batch/read", read("1002")).await.json();
    assert_eq!(ends["results"][0]["to"].as_array().unwrap().len(), 2);
    assert_eq!(ends["errors"].as_array().unwrap().len(), 1);
    let primary = |sandbox| async move {
        get(
            sandbox,
            &format!("{CONTACTS}/1002?properties=associatedcompanyid"),
        )
        .await
        .json()["properties"]["associatedcompanyid"]
            .clone()
    };
    assert_eq!(primary(&sandbox).await, "2002");
    let label = json!([{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]);
    let put = portal(&sandbox, "PUT", &format!("{CONTACTS}/1002/associations/companies/2001"), label).await;
    assert_eq!(put.status, 201);
    assert_eq!(primary(&sandbox).await, "2001");
}

#[tokio::test]
async fn search_filters_and_pages() {
    let sandbox = started().await;
    let path = format!("{CONTACTS}/search");
    let filter = |name: &str, operator: &str, value: &str| json!({"filterGroups": [{"filters": [{"propertyName": name, "operator": operator, "value": value}]}]});
    let hits = |answer: Value| answer["total"].as_u64().unwrap();
    assert_eq!(hits(post(&sandbox, &path, filter("email", "EQ", "KNOWN@northquay.example")).await.json()), 1);
    assert_eq!(hits(post(&sandbox, &path, filter("email", "EQ", "alias@northquay.example")).await.json()), 0);
    assert_eq!(hits(post(&sandbox, &path, filter("hs_object_id", "GT", "1001")).await.json()), 1);
    assert_eq!(hits(post(&sandbox, &path, filter("jobtitle", "CONTAINS_TOKEN", "chi*")).await.json()), 1);
    assert_eq!(hits(post(&sandbox, &path, filter("jobtitle", "NOT_HAS_PROPERTY", "")).await.json()), 1);
    assert_eq!(hits(post(&sandbox, &path, filter("associations.company", "EQ", "2001")).await.json()), 1);
    assert_eq!(post(&sandbox, &path, filter("nope", "EQ", "1")).await.status, 400);
    assert_eq!(post(&sandbox, &path, json!({"limit": 200, "after": "9900"})).await.status, 400);
}

#[tokio::test]
async fn the_eleventh_second_of_calls_is_429_with_the_policy() {
    let mut limited = options(world());
    limited.tier = Tier::Starter;
    let sandbox = Sandbox::start(limited).await.unwrap();
    let first = get(&sandbox, "/crm/owners/2026-09").await;
    assert!(first.head.contains("x-hubspot-ratelimit-max: 100"), "{}", first.head);
    assert!(first.head.contains("x-hubspot-ratelimit-remaining: 99"));
    for _ in 0..99 {
        assert_eq!(get(&sandbox, "/crm/owners/2026-09").await.status, 200);
    }
    let over = get(&sandbox, "/crm/owners/2026-09").await;
    assert_eq!(over.status, 429);
    assert_eq!(over.json()["policyName"], "TEN_SECONDLY_ROLLING");
    assert_eq!(post(&sandbox, "/__sandbox/limits", json!({"tier": "unlimited"})).await.status, 200);
    assert_eq!(get(&sandbox, "/crm/owners/2026-09").await.status, 200);
    assert_eq!(get(&sandbox, "/__sandbox/stats").await.json()["rate_limited"]["portal"], 1);
}

#[tokio::test]
async fn properties_are_validated_and_options_replaced() {
    let sandbox = started().await;
    with_unique_property(&sandbox).await;
    let path = "/crm/properties/2026-09/contacts";
    let new = |kind: &str, field: &str| {
        json!({"name": "tag", "label": "Tag", "type": kind, "fieldType": field,
        "groupName": "evergreen", "options": [{"label": "A", "value": "a", "displayOrder": 0, "hidden": false}]})
    };
    assert_eq!(post(&sandbox, path, new("number", "select")).await.status, 400);
    assert_eq!(post(&sandbox, path, new("enumeration", "select")).await.status, 201);
    let again = post(&sandbox, path, new("enumeration", "select")).await;
    assert_eq!(
        (again.status, again.json()["subCategory"].clone()),
        (409, json!("Properties.PROPERTY_WITH_NAME_EXISTS"))
    );
    let options = json!({"options": [{"label": "B", "value": "b", "displayOrder": 0, "hidden": false}]});
    assert_eq!(portal(&sandbox, "PATCH", &format!("{path}/tag"), options).await.status, 200);
    let write = |value: &str| json!({"properties": {"tag": value}});
    assert_eq!(portal(&sandbox, "PATCH", &format!("{CONTACTS}/1001"), write("a")).await.status, 400);
    assert_eq!(portal(&sandbox, "PATCH", &format!("{CONTACTS}/1001"), write("b")).await.status, 200);
    let unique = |id: &str| json!({"properties": {"evergreen_id": id}});
    assert_eq!(portal(&sandbox, "PATCH", &format!("{CONTACTS}/1001"), unique("e1")).await.status, 200);
    let taken = portal(&sandbox, "PATCH", &format!("{CONTACTS}/1002"), unique("e1")).await;
    assert_eq!(taken.status, 400);
    assert!(taken.text.contains("already has that value"));
    let read = get(&sandbox, &format!("{CONTACTS}/e1?idProperty=evergreen_id")).await;
    assert_eq!(read.json()["id"], "1001");
}

#[tokio::test]
async fn the_pilot_world_starts() {
    let sandbox = Sandbox::start(options(evergreen_sandbox::World::pilot())).await.unwrap();
    assert_eq!(get(&sandbox, "/__sandbox/health").await.status, 200);
}

#[tokio::test]
async fn a_generated_world_starts_and_lists_its_people() {
    let world = evergreen_sandbox::World::generated(3, 500, 80);
    let mut list = Vec::new();
    world.list_csv(700, &mut list).unwrap();
    let lines: Vec<&str> = std::str::from_utf8(&list).unwrap().lines().collect();
    assert_eq!(lines[0], "First Name,Last Name,Company,Website,Email,Title,Phone,Country");
    assert_eq!(lines.len(), 701);
    let sandbox = Sandbox::start(options(world)).await.unwrap();
    let health = get(&sandbox, "/__sandbox/health").await.json();
    assert_eq!((health["contacts"].as_u64(), health["companies"].as_u64()), (Some(50), Some(16)));
}
