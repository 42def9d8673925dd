//! Every row of a write gets a result, whatever HubSpot does with its batch.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod script;

use evergreen_model::Entity;
use evergreen_ports::{OutboundError, Portal, PortalError, Write, WriteKey, WriteResult};
use script::{answer, hubspot};
use serde_json::{Value, json};

fn upsert(number: usize) -> Write {
    Write {
        trace: format!("t{number}"),
        key: WriteKey::EvergreenId(format!("eg-{number}")),
        properties: [("evergreen_id".to_owned(), format!("eg-{number}")), ("city".to_owned(), "Berlin".to_owned())]
            .into(),
    }
}

fn update(number: usize) -> Write {
    Write { key: WriteKey::Id(format!("{number}")), ..upsert(number) }
}

/// HubSpot's good answer to a batch, in reverse order.
fn done(body: &Value, new: bool) -> Value {
    let rows = body["inputs"].as_array().unwrap();
    let result = |row: &Value| {
        let key = row["id"].as_str().unwrap();
        let id = format!("9{}", key.trim_start_matches("eg-"));
        json!({"id": if row["idProperty"].is_null() { key } else { &id }, "properties": row["properties"], "new": new,
               "objectWriteTraceId": row["objectWriteTraceId"], "createdAt": "2026-11-25T09:00:00Z", "updatedAt": "2026-11-25T09:00:00Z"})
    };
    json!({"status": "COMPLETE", "results": rows.iter().rev().map(result).collect::<Vec<_>>()})
}

fn done_id(result: &WriteResult) -> Option<&str> {
    match result {
        WriteResult::Done { id, .. } => Some(id),
        _ => None,
    }
}

#[tokio::test]
async fn rows_go_out_a_hundred_at_a_time_and_come_back_by_their_trace() {
    let (portal, outbound, _) = hubspot(|request, body| {
        if request.url.ends_with("/read") {
            return answer(
                200,
                &json!({"results": [{"id": "90", "properties": {}, "propertiesWithHistory": {"evergreen_id": [
                {"value": "eg-0", "timestamp": "2026-11-25T09:00:00Z", "sourceType": "INTEGRATION", "sourceId": "8111832"}]}}]}),
            );
        }
        assert!(body["inputs"].as_array().unwrap().len() <= 100);
        answer(200, &done(&body, true))
    });
    let mut writes: Vec<Write> = (0..230).map(upsert).collect();
    writes.extend((300..320).map(update));
    let outcome = portal.write(Entity::Contact, &writes).await.unwrap();
    assert_eq!(outcome.results.len(), 250);
    for ((trace, result), write) in outcome.results.iter().zip(&writes) {
        assert_eq!(*trace, write.trace);
        let expected = match &write.key {
            WriteKey::Id(id) => id.clone(),
            WriteKey::EvergreenId(id) => format!("9{}", id.trim_start_matches("eg-")),
        };
        assert_eq!(done_id(result), Some(expected.as_str()));
    }
    assert_eq!(outcome.calls, 4);
    let asked = outbound.asked();
    let count = |path: &str| asked.iter().filter(|asked| *asked == path).count();
    assert_eq!(count("POST /crm/objects/2026-09/contacts/batch/upsert"), 3);
    assert_eq!(count("POST /crm/objects/2026-09/contacts/batch/update"), 1);
    // The first creation told under which name we write.
    assert_eq!(portal.own_source_id().await.unwrap().as_deref(), Some("8111832"));
}

#[tokio::test]
async fn rows_that_hubspot_names_in_a_207_fail_and_the_others_are_written() {
    let (portal, _, _) = hubspot(|_, body| {
        let mut body = done(&body, false);
        body["results"].as_array_mut().unwrap().retain(|row| row["objectWriteTraceId"] != "t7");
        body["numErrors"] = json!(1);
        body["errors"] = json!([{"status": "error", "category": "CONFLICT", "message": "Contact already exists. Existing ID: 555",
                                 "context": {"objectWriteTraceId": ["t7"]}}]);
        answer(207, &body)
    });
    let outcome = portal.write(Entity::Contact, &(0..10).map(upsert).collect::<Vec<_>>()).await.unwrap();
    let failed: Vec<_> = outcome.results.iter().filter(|(_, result)| done_id(result).is_none()).collect();
    assert_eq!(failed.len(), 1);
    assert!(
        matches!(&failed[0].1, WriteResult::Failed { code, existing, .. } if code == "CONFLICT" && existing.as_deref() == Some("555"))
    );
}

#[tokio::test]
async fn one_poison_row_does_not_block_the_other_ninety_nine() {
    let (portal, outbound, _) = hubspot(|_, body| {
        if body["inputs"].as_array().unwrap().iter().any(|row| row["objectWriteTraceId"] == "t42") {
            return answer(
                400,
                &json!({"status": "error", "category": "VALIDATION_ERROR", "message":
                "Property values were not valid: [{\"isValid\":false,\"error\":\"INVALID_EMAIL\",\"name\":\"email\"}]"}),
            );
        }
        answer(200, &done(&body, false))
    });
    let outcome = portal.write(Entity::Contact, &(0..100).map(update).collect::<Vec<_>>()).await.unwrap();
    let failed: Vec<_> = outcome.results.iter().filter(|(_, result)| done_id(result).is_none()).collect();
    assert_eq!(failed.len(), 1);
    assert!(matches!(&failed[0], (trace, WriteResult::Failed { code, properties, .. })
        if trace == "t42" && code == "INVALID_EMAIL" && properties == &["email"]));
    let writes = outbound.asked().iter().filter(|asked| asked.ends_with("/update")).count();
    assert!(writes <= 15, "{writes} calls");
}

#[tokio::test]
async fn a_row_that_hubspot_passes_over_in_silence_is_looked_up() {
    let (portal, _, _) = hubspot(|request, body| {
        if request.method == "GET" {
            assert!(request.url.ends_with("/contacts/2"));
            return answer(200, &json!({"id": "77", "properties": {"evergreen_id": "eg-2", "city": "Berlin"}}));
        }
        if request.url.ends_with("/read") {
            // A batch passes a merged record over as well.
            return answer(
                200,
                &json!({"results": [{"id": "1", "properties": {"evergreen_id": "eg-1", "city": "Berlin"}},
                                    {"id": "3", "properties": {"evergreen_id": "eg-3", "city": "Bonn"}}]}),
            );
        }
        let mut body = done(&body, false);
        body["results"] = json!([]);
        answer(200, &body)
    });
    let outcome = portal.write(Entity::Contact, &[update(1), update(2), update(3)]).await.unwrap();
    assert_eq!(done_id(&outcome.results[0].1), Some("1"));
    assert!(
        matches!(&outcome.results[1].1, WriteResult::Failed { code, existing, .. } if code == "MERGED" && existing.as_deref() == Some("77"))
    );
    assert_eq!(outcome.results[2].1, WriteResult::Unaccounted);
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_because_upserts_can_not_make_a_second_record() {
    let mut tries = 0;
    let (portal, outbound, _) = hubspot(move |_, body| {
        tries += 1;
        match tries {
            1 => Err(OutboundError::Timeout("no answer in 60 s".to_owned())),
            2 => answer(502, &Value::Null),
            _ => answer(200, &done(&body, false)),
        }
    });
    let outcome = portal.write(Entity::Contact, &[upsert(1)]).await.unwrap();
    assert_eq!(done_id(&outcome.results[0].1), Some("91"));
    let requests: Vec<_> = outbound.requests().into_iter().filter(|request| request.url.ends_with("/upsert")).collect();
    assert_eq!((requests.len(), outcome.calls), (3, 3));
    assert_eq!(requests[0].body, requests[2].body);
}

#[tokio::test]
async fn what_was_written_before_an_outage_is_told_and_the_rest_is_unaccounted() {
    let (portal, _, _) = hubspot(move |_, body| {
        let first =
            body["inputs"].as_array().is_some_and(|rows| rows.iter().any(|row| row["objectWriteTraceId"] == "t0"));
        if first { answer(200, &done(&body, false)) } else { answer(503, &Value::Null) }
    });
    let outcome = portal.write(Entity::Contact, &(0..150).map(upsert).collect::<Vec<_>>()).await.unwrap();
    let done = outcome.results.iter().filter(|(_, result)| done_id(result).is_some()).count();
    assert_eq!((done, outcome.results.len()), (100, 150));
    assert!(outcome.results[149].1 == WriteResult::Unaccounted);
    // Nothing written at all is a failure of the portal.
    assert!(matches!(portal.write(Entity::Contact, &[upsert(1)]).await, Err(PortalError::Unavailable(_))));
}

#[tokio::test]
async fn two_writes_to_one_record_never_share_a_batch() {
    let (portal, outbound, _) = hubspot(|_, body| answer(200, &done(&body, false)));
    let again = Write { trace: "again".to_owned(), ..update(1) };
    let outcome = portal.write(Entity::Contact, &[update(1), again, update(2)]).await.unwrap();
    assert_eq!(outcome.results.iter().filter(|(_, result)| done_id(result).is_some()).count(), 3);
    let sizes: Vec<usize> = outbound
        .requests()
        .iter()
        .filter(|request| request.url.ends_with("/update"))
        .map(|request| {
            serde_json::from_slice::<Value>(request.body.as_deref().unwrap()).unwrap()["inputs"]
                .as_array()
                .unwrap()
                .len()
        })
        .collect();
    assert_eq!(sizes, [2, 1]);
}

#[tokio::test]
async fn a_link_to_a_missing_company_fails_alone() {
    let (portal, _, _) = hubspot(|_, _| {
        answer(
            207,
            &json!({
                "results": [
                    {"from": {"id": "1"}, "to": {"id": "10"}}, {"from": {"id": "10"}, "to": {"id": "1"}}
                ],
                "errors": [{"status": "error", "category": "OBJECT_NOT_FOUND", "message": "No company with ID 99 exists", "context": {"id": ["99"]}}]
            }),
        )
    });
    let pairs =
        [("1", "10"), ("2", "99"), ("3", "11")].map(|(contact, company)| (contact.to_owned(), company.to_owned()));
    let outcome = portal.associate(&pairs).await.unwrap();
    assert!(matches!(&outcome.results[0], (trace, WriteResult::Done { .. }) if trace == "1:10"));
    assert!(matches!(&outcome.results[1].1, WriteResult::Failed { code, .. } if code == "OBJECT_NOT_FOUND"));
    assert_eq!(outcome.results[2].1, WriteResult::Unaccounted);
}

#[tokio::test]
async fn a_value_too_long_for_hubspot_fails_alone_and_is_not_sent() {
    let (portal, outbound, _) = hubspot(|_, body| answer(200, &done(&body, false)));
    let mut long = update(1);
    long.properties.insert("notes".to_owned(), "ü".repeat(65_537));
    let mut fits = update(2);
    fits.properties.insert("notes".to_owned(), "ü".repeat(65_536));
    let nameless = Write { key: WriteKey::Id(String::new()), ..update(3) };
    let outcome = portal.write(Entity::Contact, &[long, fits, nameless]).await.unwrap();
    assert!(matches!(&outcome.results[0].1, WriteResult::Failed { code, properties, message, .. }
        if code == "VALUE_TOO_LONG" && properties == &["notes"] && message.contains("65537")));
    assert_eq!(done_id(&outcome.results[1].1), Some("2"));
    assert!(matches!(&outcome.results[2].1, WriteResult::Failed { code, .. } if code == "NO_KEY"));
    assert_eq!(outbound.asked().iter().filter(|asked| asked.ends_with("/update")).count(), 1);
}

#[tokio::test]
async fn an_id_that_can_not_be_archived_does_not_keep_the_others() {
    let (portal, _, _) = hubspot(|_, body| {
        if body["inputs"].as_array().unwrap().iter().any(|row| row["id"] == "x") {
            return answer(400, &json!({"category": "VALIDATION_ERROR", "message": "x is no id"}));
        }
        answer(204, &Value::Null)
    });
    let ids = ["1", "2", "x", "3", "1"].map(str::to_owned);
    let outcome = portal.archive(Entity::Contact, &ids).await.unwrap();
    let done: Vec<&str> =
        outcome.results.iter().filter(|(_, result)| done_id(result).is_some()).map(|(id, _)| id.as_str()).collect();
    assert_eq!((done, outcome.results.len()), (vec!["1", "2", "3"], 4));
}

#[tokio::test]
async fn links_taken_away_are_done_however_hubspot_answers_and_links_made_only_when_it_shows_them() {
    let bodies = [(204, Value::Null), (200, json!({})), (200, json!({"status": "COMPLETE", "results": []}))];
    for (status, body) in bodies {
        let (portal, _, _) = hubspot(move |_, _| answer(status, &body));
        let pairs = [("1".to_owned(), "10".to_owned())];
        assert!(done_id(&portal.dissociate(&pairs).await.unwrap().results[0].1).is_some());
        assert_eq!(portal.associate(&pairs).await.unwrap().results[0].1, WriteResult::Unaccounted);
    }
}
