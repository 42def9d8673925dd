//! Search lag, preferences, lists, imports, pipelines, limits and account answer as HubSpot does.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod common;

use std::time::Duration;

use common::{TOKEN, get, portal, post, send_raw, started};
use evergreen_sandbox::Sandbox;
use serde_json::{Value, json};

const CONTACTS: &str = "/crm/objects/2026-09/contacts";
const LISTS: &str = "/crm/lists/2026-09";
const MAIL: &str = "/communication-preferences/2026-09";

async fn found(sandbox: &Sandbox, filter: Value) -> Vec<String> {
    let body = json!({"filterGroups": [{"filters": [filter]}], "properties": ["jobtitle"]});
    let answer = post(sandbox, &format!("{CONTACTS}/search"), body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["results"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

fn equals(property: &str, value: &str) -> Value {
    json!({"propertyName": property, "operator": "EQ", "value": value})
}

#[tokio::test]
async fn the_index_shows_the_old_value_until_it_catches_up() {
    let sandbox = started().await;
    assert_eq!(post(&sandbox, "/__sandbox/index", json!({"lag_ms": 60_000})).await.status, 200);
    let path = format!("{CONTACTS}/1001");
    portal(&sandbox, "PATCH", &path, json!({"properties": {"jobtitle": "Chair"}})).await;
    let made = post(&sandbox, CONTACTS, json!({"properties": {"email": "late@northquay.example"}})).await.json();
    assert!(found(&sandbox, equals("jobtitle", "Chair")).await.is_empty());
    assert_eq!(found(&sandbox, equals("jobtitle", "Chief of Staff")).await, ["1001"]);
    assert!(found(&sandbox, equals("email", "late@northquay.example")).await.is_empty());
    // Archived records, too, linger in a slow index.
    portal(&sandbox, "DELETE", &format!("{CONTACTS}/1002"), Value::Null).await;
    assert_eq!(found(&sandbox, equals("email", "second@northquay.example")).await, ["1002"]);
    // The records themselves are never late.
    assert_eq!(get(&sandbox, &format!("{path}?properties=jobtitle")).await.json()["properties"]["jobtitle"], "Chair");
    post(&sandbox, "/__sandbox/index", json!({"lag_ms": 0})).await;
    assert_eq!(found(&sandbox, equals("jobtitle", "Chair")).await, ["1001"]);
    assert_eq!(found(&sandbox, equals("email", "late@northquay.example")).await, [made["id"].as_str().unwrap()]);
    assert!(found(&sandbox, equals("email", "second@northquay.example")).await.is_empty());
}

#[tokio::test]
async fn a_short_lag_ends_by_itself() {
    let sandbox = started().await;
    post(&sandbox, "/__sandbox/index", json!({"min_ms": 150, "max_ms": 250})).await;
    portal(&sandbox, "PATCH", &format!("{CONTACTS}/1001"), json!({"properties": {"jobtitle": "Chair"}})).await;
    assert!(found(&sandbox, equals("jobtitle", "Chair")).await.is_empty());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(found(&sandbox, equals("jobtitle", "Chair")).await, ["1001"]);
}

#[tokio::test]
async fn search_refuses_what_hubspot_refuses() {
    let sandbox = started().await;
    let search = format!("{CONTACTS}/search");
    let filter =
        |count: usize| json!({"filters": vec![json!({"propertyName": "email", "operator": "HAS_PROPERTY"}); count]});
    for (what, body) in [
        ("page", json!({"limit": 201})),
        ("reach", json!({"limit": 100, "after": "9950"})),
        ("groups", json!({"filterGroups": vec![filter(1); 6]})),
        ("filters", json!({"filterGroups": [filter(7)]})),
        ("filters in all", json!({"filterGroups": [filter(6), filter(6), filter(6), filter(1)]})),
        ("length", json!({"query": "x".repeat(3_001)})),
        ("sorts", json!({"sorts": ["email", "firstname"]})),
        (
            "operator",
            json!({"filterGroups": [{"filters": [{"propertyName": "email", "operator": "EQUALS", "value": "a"}]}]}),
        ),
        ("no value", json!({"filterGroups": [{"filters": [{"propertyName": "email", "operator": "EQ"}]}]})),
        ("no list", json!({"filterGroups": [{"filters": [{"propertyName": "email", "operator": "IN"}]}]})),
        (
            "property",
            json!({"filterGroups": [{"filters": [{"propertyName": "nonsense", "operator": "HAS_PROPERTY"}]}]}),
        ),
    ] {
        let answer = post(&sandbox, &search, body).await;
        assert_eq!((answer.status, &answer.json()["category"]), (400, &json!("VALIDATION_ERROR")), "{what}");
    }
    let answer = post(&sandbox, &search, json!({"limit": 200, "after": "9800"})).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.head.contains("ratelimit"), "{}", answer.head);
    // Lists of texts are compared with lower-cased values only.
    let within = |value: &str| json!({"propertyName": "firstname", "operator": "IN", "values": [value]});
    assert_eq!(found(&sandbox, within("ines")).await, ["1001"]);
    assert!(found(&sandbox, within("Ines")).await.is_empty());
    portal(&sandbox, "PATCH", &format!("{CONTACTS}/1002"), json!({"properties": {"phone": "+1 (202) 555-0143"}})).await;
    assert_eq!(found(&sandbox, equals("hs_searchable_calculated_phone_number", "2025550143")).await, ["1002"]);
    assert_eq!(
        found(&sandbox, json!({"propertyName": "associations.company", "operator": "EQ", "value": "2001"})).await,
        ["1001"]
    );
    let above = json!({"propertyName": "hs_object_id", "operator": "GT", "value": "1001"});
    assert_eq!(found(&sandbox, above).await, ["1002"]);
}

#[tokio::test]
async fn opting_out_of_everything_reaches_the_contact_and_stays() {
    let sandbox = started().await;
    let email = "known@northquay.example";
    let statuses = format!("{MAIL}/statuses/known%40northquay.example");
    let all = get(&sandbox, &format!("{statuses}?channel=EMAIL")).await.json();
    assert_eq!((&all["status"], &all["results"][0]["status"]), (&json!("COMPLETE"), &json!("NOT_SPECIFIED")));
    let choice = |state: &str| {
        json!({"channel": "EMAIL", "statusState": state, "subscriptionId": 301,
        "legalBasis": "LEGITIMATE_INTEREST_CLIENT", "legalBasisExplanation": "asked"})
    };
    let set = post(&sandbox, &statuses, choice("SUBSCRIBED")).await.json();
    assert_eq!(set["results"][0]["setStatusSuccessReason"], "REQUESTED_CHANGE_OCCURRED");
    assert_eq!(set["results"][0]["legalBasis"], "LEGITIMATE_INTEREST_CLIENT");
    assert_eq!(
        post(&sandbox, &format!("{statuses}/unsubscribe-all?channel=EMAIL&verbose=true"), json!(null)).await.json()["results"]
            [2]["status"],
        "UNSUBSCRIBED"
    );
    let contact = get(&sandbox, &format!("{CONTACTS}/1001?properties=hs_email_optout")).await.json();
    assert_eq!(contact["properties"]["hs_email_optout"], "true");
    let wide = get(&sandbox, &format!("{statuses}/unsubscribe-all?channel=EMAIL")).await.json();
    assert_eq!(
        (&wide["results"][0]["wideStatusType"], &wide["results"][0]["status"]),
        (&json!("PORTAL_WIDE"), &json!("UNSUBSCRIBED"))
    );
    let again = post(&sandbox, &statuses, choice("SUBSCRIBED")).await.json();
    assert_eq!(
        (&again["results"][0]["status"], &again["results"][0]["setStatusSuccessReason"]),
        (&json!("UNSUBSCRIBED"), &json!("NO_STATUS_CHANGE"))
    );
    let older = get(&sandbox, &format!("{MAIL}/status/email/{email}")).await.json();
    assert_eq!(older["subscriptionStatuses"][0]["sourceOfStatus"], "PORTAL_WIDE_STATUS");
    let many = post(
        &sandbox,
        &format!("{MAIL}/statuses/batch/unsubscribe-all/read?channel=EMAIL"),
        json!({"inputs": [email, "new@x.example"]}),
    )
    .await
    .json();
    assert_eq!(many["results"][1]["wideStatuses"][0]["status"], "NOT_SPECIFIED");
    assert_eq!(get(&sandbox, &statuses).await.status, 400, "the channel is required");
}

#[tokio::test]
async fn a_persons_opt_out_property_is_an_opt_out_and_older_calls_guard_resubscription() {
    let sandbox = started().await;
    let edit = json!({"id": "1002", "properties": {"hs_email_optout": "true"}});
    assert_eq!(post(&sandbox, "/__sandbox/human-edit", edit).await.status, 200);
    let wide = format!("{MAIL}/statuses/second@northquay.example/unsubscribe-all?channel=EMAIL");
    assert_eq!(get(&sandbox, &wide).await.json()["results"][0]["status"], "UNSUBSCRIBED");
    let body = json!({"emailAddress": "other@x.example", "subscriptionId": "302"});
    assert_eq!(post(&sandbox, &format!("{MAIL}/subscribe"), body.clone()).await.json()["status"], "SUBSCRIBED");
    assert_eq!(post(&sandbox, &format!("{MAIL}/unsubscribe"), body.clone()).await.json()["status"], "NOT_SUBSCRIBED");
    assert_eq!(post(&sandbox, &format!("{MAIL}/subscribe"), body.clone()).await.status, 400);
    assert_eq!(post(&sandbox, &format!("{MAIL}/resubscribe"), body).await.json()["status"], "SUBSCRIBED");
}

#[tokio::test]
async fn lists_by_hand_and_by_filter_have_members() {
    let sandbox = started().await;
    let body = json!({"name": "Cohort", "objectTypeId": "0-1", "processingType": "MANUAL"});
    let made = post(&sandbox, LISTS, body.clone()).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let id = made.json()["list"]["listId"].as_str().unwrap().to_owned();
    assert_eq!(post(&sandbox, LISTS, body).await.status, 400, "names are unique");
    let added =
        portal(&sandbox, "PUT", &format!("{LISTS}/{id}/memberships/add"), json!(["1001", "1002", "9"])).await.json();
    assert_eq!(added, json!({"recordsIdsAdded": ["1001", "1002"], "recordIdsRemoved": [], "recordIdsMissing": ["9"]}));
    let page = get(&sandbox, &format!("{LISTS}/{id}/memberships?limit=1")).await.json();
    assert_eq!(
        (&page["total"], &page["results"][0]["recordId"], &page["paging"]["next"]["after"]),
        (&json!(2), &json!("1001"), &json!("1"))
    );
    let of = get(&sandbox, &format!("{LISTS}/records/0-1/1002/memberships")).await.json();
    assert_eq!(of["results"][0]["listId"], json!(id));
    let filter = json!({"filterBranchType": "OR", "filterBranchOperator": "OR", "filters": [], "filterBranches": [
        {"filterBranchType": "AND", "filterBranchOperator": "AND", "filterBranches": [], "filters": [
            {"filterType": "PROPERTY", "property": "firstname", "operation":
                {"operationType": "MULTISTRING", "operator": "IS_EQUAL_TO", "values": ["Ines"], "includeObjectsWithNoValueSet": false}}]}]});
    let active = json!({"name": "Active", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": filter});
    let active = post(&sandbox, LISTS, active).await.json();
    assert_eq!(active["list"]["processingStatus"], "PROCESSING");
    let members = format!("{LISTS}/{}/memberships", active["list"]["listId"].as_str().unwrap());
    assert_eq!(get(&sandbox, &members).await.json()["total"], 0, "filled a little later");
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(get(&sandbox, &members).await.json()["results"][0]["recordId"], "1001");
    assert_eq!(portal(&sandbox, "PUT", &format!("{members}/add"), json!(["1002"])).await.status, 400);
    let unknown = json!({"name": "Pages", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch":
        {"filterBranchType": "OR", "filters": [{"filterType": "PAGE_VIEW"}], "filterBranches": []}});
    assert_eq!(post(&sandbox, LISTS, unknown).await.status, 400, "never silently empty");
    let renamed = portal(&sandbox, "PUT", &format!("{LISTS}/{id}/update-list-name?listName=Second"), json!(null)).await;
    assert_eq!(renamed.json()["updatedList"]["name"], "Second");
    let search = json!({"query": "sec", "additionalProperties": ["hs_list_size"], "offset": 0, "listIds": [], "processingTypes": []});
    let hits = post(&sandbox, &format!("{LISTS}/search"), search).await.json();
    assert_eq!((&hits["total"], &hits["lists"][0]["additionalProperties"]["hs_list_size"]), (&json!(1), &json!("2")));
    assert_eq!(
        post(&sandbox, &format!("{LISTS}/all"), json!({"additionalProperties": [], "count": 1})).await.json()["paging"]
            ["next"]["after"],
        json!(id)
    );
    assert_eq!(portal(&sandbox, "DELETE", &format!("{LISTS}/{id}"), json!(null)).await.status, 204);
    assert_eq!(get(&sandbox, &format!("{LISTS}/{id}")).await.status, 404);
    assert_eq!(portal(&sandbox, "PUT", &format!("{LISTS}/{id}/restore"), json!(null)).await.status, 204);
    assert_eq!(get(&sandbox, &format!("{LISTS}/object-type-id/0-1/name/Second")).await.json()["list"]["size"], 2);
}

#[tokio::test]
async fn an_import_writes_later_and_its_values_say_import() {
    let sandbox = started().await;
    post(&sandbox, "/__sandbox/portal-settings", json!({"import_ms": 150})).await;
    let request = json!({"name": "First load", "importOperations": {"0-1": "UPSERT"}, "files": [{"fileName": "people.csv",
        "fileFormat": "CSV", "fileImportPage": {"hasHeader": true, "columnMappings": [
            {"columnObjectTypeId": "0-1", "columnName": "Mail", "propertyName": "email"},
            {"columnObjectTypeId": "0-1", "columnName": "Title", "propertyName": "jobtitle"}]}}]});
    let csv = "Mail,Title\nnew@northquay.example,Lead\nknown@northquay.example,Moved\nbroken,None\n";
    let body = format!(
        "--b\r\ncontent-disposition: form-data; name=\"importRequest\"\r\n\r\n{request}\r\n--b\r\n\
         content-disposition: form-data; name=\"files\"; filename=\"people.csv\"\r\n\r\n{csv}\r\n--b--\r\n"
    );
    let headers = [("content-type", "multipart/form-data; boundary=b"), ("authorization", &format!("Bearer {TOKEN}"))];
    let started = send_raw(&sandbox, "POST", "/crm/imports/2026-09", &headers, &body).await;
    assert_eq!((started.status, &started.json()["state"]), (200, &json!("STARTED")), "{}", started.text);
    let id = started.json()["id"].as_str().unwrap().to_owned();
    let path = format!("{CONTACTS}/new@northquay.example?idProperty=email&propertiesWithHistory=jobtitle");
    assert_eq!(get(&sandbox, &path).await.status, 404);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let done = get(&sandbox, &format!("/crm/imports/2026-09/{id}")).await.json();
    assert_eq!(done["state"], "DONE");
    let counters = &done["metadata"]["counters"];
    assert_eq!(
        (&counters["TOTAL_ROWS"], &counters["CREATED_OBJECTS"], &counters["UPDATED_OBJECTS"], &counters["ERRORS"]),
        (&json!(3), &json!(1), &json!(1), &json!(1))
    );
    let entry = get(&sandbox, &path).await.json()["propertiesWithHistory"]["jobtitle"][0].clone();
    assert_eq!((&entry["sourceType"], &entry["sourceId"]), (&json!("IMPORT"), &json!(id)));
    let errors = get(&sandbox, &format!("/crm/imports/2026-09/{id}/errors")).await.json();
    assert_eq!(
        (&errors["results"][0]["errorType"], &errors["results"][0]["sourceData"]["lineNumber"]),
        (&json!("INVALID_EMAIL"), &json!(4))
    );
    assert_eq!(get(&sandbox, "/crm/v3/imports").await.json()["results"][0]["importName"], "First load");
}

#[tokio::test]
async fn pipelines_limits_schemas_and_usage_answer() {
    let sandbox = started().await;
    let deals = get(&sandbox, "/crm/v3/pipelines/deals").await.json();
    assert_eq!(deals["results"][0]["id"], "default");
    assert_eq!(deals["results"][0]["stages"][5]["metadata"], json!({"isClosed": "true", "probability": "1.0"}));
    let stage = json!({"label": "Paused", "displayOrder": 9, "metadata": {"probability": "0.1"}});
    let made = post(&sandbox, "/crm/pipelines/2026-09/deals/default/stages", stage).await;
    assert_eq!(made.status, 201);
    let path = format!("/crm/pipelines/2026-09/deals/default/stages/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(
        portal(&sandbox, "PATCH", &path, json!({"label": "Parked", "metadata": {}})).await.json()["label"],
        "Parked"
    );
    assert_eq!(portal(&sandbox, "DELETE", &path, json!(null)).await.status, 204);
    assert_eq!(get(&sandbox, &path).await.status, 404);
    let records = get(&sandbox, "/crm/limits/2026-09/records").await.json();
    assert_eq!(records["hubspotDefinedObjectTypes"][0]["usage"], 2);
    assert_eq!(get(&sandbox, "/crm/limits/2026-09/custom-properties").await.json()["overallUsage"], 0);
    assert_eq!(get(&sandbox, "/crm-object-schemas/2026-09/schemas").await.json(), json!({"results": []}));
    let usage = get(&sandbox, "/account-info/2026-09/api-usage/daily/private-apps").await.json();
    let usage = &usage["results"][0];
    assert_eq!((&usage["fetchStatus"], &usage["resetsAt"]), (&json!("SUCCESS"), &json!("2026-11-24T05:00:00.000Z")));
    assert!(usage["currentUsage"].as_u64().unwrap() >= 9, "{usage}");
}
