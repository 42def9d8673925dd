//! The sandbox's read-only pages: a record with its history and writers, nothing unescaped, and a 404 page.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod common;

use common::{Answer, get, portal, post, send, started};
use evergreen_sandbox::Sandbox;
use serde_json::json;

const CONTACTS: &str = "/crm/objects/2026-09/contacts";

async fn page(sandbox: &Sandbox, path: &str) -> Answer {
    send(sandbox, "GET", &format!("/__sandbox/ui{path}"), &[], None).await.unwrap()
}

#[tokio::test]
async fn a_records_page_shows_each_value_with_its_writers_newest_first() {
    let sandbox = started().await;
    let by_app = json!({"properties": {"city": "Lyon", "lifecyclestage": "customer"}});
    assert_eq!(portal(&sandbox, "PATCH", &format!("{CONTACTS}/1001"), by_app).await.status, 200);
    let by_hand = json!({"object": "contacts", "id": "1001", "user_id": "9002", "properties": {"city": "Rome"}});
    assert_eq!(post(&sandbox, "/__sandbox/human-edit", by_hand).await.status, 200);
    let shown = page(&sandbox, "/contacts/1001").await;
    assert_eq!(shown.status, 200);
    assert_eq!(shown.header("content-type"), "text/html; charset=utf-8");
    let city = shown.text.split("<code>city</code>").nth(1).unwrap().split("<div class=\"field\">").next().unwrap();
    let place = |text: &str| city.find(text).unwrap_or_else(|| panic!("no {text} in {city}"));
    let order = [
        place("Rome"),
        place("<span class=\"tag person\">person</span> Rep 502"),
        place("1 earlier value"),
        place("Lyon"),
        place("<span class=\"tag\">app</span> 1001"),
    ];
    assert!(order.is_sorted(), "{city}");
    assert!(shown.text.contains("Customer <code>customer</code>"), "options read as labels");
    assert!(shown.text.contains("<span class=\"tag\">import</span> 7001"));
    assert!(shown.text.contains("emptied"), "the phone number a person took away");
    assert!(shown.text.contains("<a href=\"/__sandbox/ui/companies/2001\">Northquay Logistics</a>"));
    assert!(shown.text.contains("<span class=\"tag\">Primary</span>"));
}

#[tokio::test]
async fn a_name_that_is_a_script_is_only_text() {
    let sandbox = started().await;
    let evil = "<script>alert('x')</script>";
    let made = post(&sandbox, CONTACTS, json!({"properties": {"firstname": evil, "jobtitle": "\"><b>"}})).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let note = json!({"properties": {"hs_timestamp": "2026-11-20T10:00:00Z", "hs_note_body": "<img src=x onerror=y> 1 < 2"},
        "associations": [{"to": {"id": id}, "types": [
            {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}]}]});
    assert_eq!(post(&sandbox, "/crm/objects/2026-09/notes", note).await.status, 201);
    for path in [format!("/contacts/{id}"), "?q=script".to_owned(), "?q=%3Cscript%3E%22".to_owned()] {
        let shown = page(&sandbox, &path).await;
        assert_eq!(shown.status, 200);
        assert!(shown.text.contains("&lt;script&gt;"), "{path}");
        assert!(
            !shown.text.contains("<script") && !shown.text.contains("<img") && !shown.text.contains("\"><b>"),
            "{path}"
        );
    }
    assert!(
        page(&sandbox, &format!("/contacts/{id}")).await.text.contains("1 &lt; 2"),
        "the note is among the activities"
    );
}

#[tokio::test]
async fn an_unknown_id_kind_page_or_portal_is_a_404_page() {
    let sandbox = started().await;
    for path in ["/contacts/424242", "/contacts/x", "/widgets/1001", "/a/b/c", "?object=widgets", "?portal=5"] {
        let shown = page(&sandbox, path).await;
        assert_eq!(shown.status, 404, "{path}");
        assert!(shown.text.contains("<h1>Not found</h1>") && shown.text.contains("All contacts"), "{path}");
    }
}

#[tokio::test]
async fn the_list_counts_and_finds_by_name_address_and_id() {
    let sandbox = started().await;
    let all = page(&sandbox, "").await.text;
    assert!(all.contains("contacts 2</a>") && all.contains("companies 2</a>"), "{all}");
    assert!(all.contains("1–2 of 2") && all.contains("Ines") && all.contains("Otto"));
    for words in ["otto", "SECOND%40northquay", "1002", "otto+second"] {
        let found = page(&sandbox, &format!("?q={words}")).await.text;
        assert!(found.contains("1–1 of 1") && found.contains("Otto") && !found.contains("Ines"), "{words}");
    }
    assert!(page(&sandbox, "?q=nobody").await.text.contains("No contacts for “nobody”"));
    assert!(page(&sandbox, "?object=companies&q=quiet").await.text.contains("/__sandbox/ui/companies/2002"));
}

#[tokio::test]
async fn a_merged_or_deleted_record_says_so_and_looking_changes_nothing() {
    let sandbox = started().await;
    let merge = json!({"primaryObjectId": "1001", "objectIdToMerge": "1002"});
    let id = post(&sandbox, &format!("{CONTACTS}/merge"), merge).await.json()["id"].as_str().unwrap().to_owned();
    let before = get(&sandbox, "/__sandbox/state").await.text;
    let shown = page(&sandbox, "/contacts/1002").await.text;
    assert!(shown.contains("Record 1002 was merged into this one.") && shown.contains("<p>1001, 1002</p>"), "{shown}");
    assert_eq!(get(&sandbox, "/__sandbox/state").await.text, before);
    assert_eq!(portal(&sandbox, "DELETE", &format!("{CONTACTS}/{id}"), json!(null)).await.status, 204);
    assert!(page(&sandbox, &format!("/contacts/{id}")).await.text.contains("In the recycle bin since"));
    assert!(page(&sandbox, "").await.text.contains("contacts 0</a>"));
}
