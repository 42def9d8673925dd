//! Nothing is made twice: a creation whose answer is lost is looked for before it is repeated.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod script;

use evergreen_hubspot::{Activity, BatchOutcome, Error, ObjectType, OnRecord, Parts, Row, RowKey, What};
use evergreen_model::{Entity, Fields};
use evergreen_ports::{Clock, OutboundError, Portal, WriteResult};
use script::{Answer, answer, hubspot};
use serde_json::{Value, json};

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn lost() -> Answer {
    Err(OutboundError::Timeout("no answer".to_owned()))
}

fn not_found() -> Answer {
    answer(404, &json!({"category": "OBJECT_NOT_FOUND", "message": "resource not found"}))
}

#[tokio::test]
async fn a_creation_that_came_through_after_all_is_found_by_its_unique_property() {
    let (portal, outbound, _) = hubspot(|request, _| {
        if request.method == "POST" {
            return lost();
        }
        answer(200, &json!({"id": "77", "properties": {"evergreen_id": "eg-1", "city": "bonn"}}))
    });
    let contacts = portal.client().objects(Entity::Contact);
    let row = fields(&[("evergreen_id", "eg-1"), ("city", "Bonn")]);
    let written = contacts.create(&row, &[], Some("evergreen_id")).await.unwrap();
    assert_eq!((written.record.id.as_str(), written.differs[0].kept.as_str()), ("77", "bonn"));
    assert_eq!(outbound.asked(), ["POST /crm/objects/2026-09/contacts", "GET /crm/objects/2026-09/contacts/eg-1"]);
}

#[tokio::test]
async fn a_creation_that_is_not_found_is_repeated_and_one_that_can_not_be_looked_for_is_lost() {
    let mut creations = 0;
    let (portal, outbound, _) = hubspot(move |request, _| {
        if request.method == "GET" {
            return not_found();
        }
        creations += 1;
        if creations == 1 { answer(502, &Value::Null) } else { answer(201, &json!({"id": "5", "properties": {}})) }
    });
    let row = fields(&[("evergreen_id", "eg-1")]);
    let contacts = portal.client().objects(Entity::Contact);
    assert_eq!(contacts.create(&row, &[], Some("evergreen_id")).await.unwrap().record.id, "5");
    assert_eq!(outbound.asked().len(), 3);

    for given in [lost(), answer(500, &Value::Null), Err(OutboundError::Broken("reset".to_owned()))] {
        let (portal, outbound, _) = hubspot(move |_, _| given.clone());
        let error = portal.client().objects(Entity::Contact).create(&row, &[], None).await.unwrap_err();
        assert!(matches!(error, Error::Lost(_)), "{error}");
        assert_eq!(outbound.asked().len(), 1);
    }
}

#[tokio::test]
async fn a_creation_that_never_arrived_or_was_turned_away_is_simply_sent_again() {
    for given in [
        answer(429, &json!({"policyName": "TEN_SECONDLY_ROLLING"})),
        answer(423, &Value::Null),
        Err(OutboundError::Unreachable("refused".to_owned())),
    ] {
        let mut tries = 0;
        let (portal, outbound, _) = hubspot(move |_, _| {
            tries += 1;
            if tries == 1 { given.clone() } else { answer(201, &json!({"id": "5", "properties": {}})) }
        });
        let contacts = portal.client().objects(Entity::Contact);
        assert_eq!(contacts.create(&fields(&[("email", "a@b.co")]), &[], None).await.unwrap().record.id, "5");
        assert_eq!(outbound.asked().len(), 2);
    }
}

fn new(number: usize) -> Row {
    Row {
        trace: format!("t{number}"),
        key: RowKey::New,
        properties: fields(&[("evergreen_id", &format!("eg-{number}"))]),
        links: Vec::new(),
    }
}

#[tokio::test]
async fn of_a_batch_of_creations_whose_answer_is_lost_only_the_missing_rows_are_sent_again() {
    let mut creations = 0;
    let (portal, outbound, _) = hubspot(move |request, body| {
        let inputs = body["inputs"].as_array().unwrap().clone();
        let result = |index: usize, row: &Value| {
            json!({"id": format!("{}", 100 + index), "properties": {"evergreen_id": row["properties"]["evergreen_id"]},
                   "objectWriteTraceId": row["objectWriteTraceId"]})
        };
        if request.url.ends_with("/batch/read") {
            assert_eq!(body["idProperty"], "evergreen_id");
            // HubSpot got as far as the first two.
            return answer(
                207,
                &json!({"results": [{"id": "1", "properties": {"evergreen_id": "eg-0"}}, {"id": "2", "properties": {"evergreen_id": "eg-1"}}],
                        "errors": [{"category": "OBJECT_NOT_FOUND", "message": "some", "context": {"ids": ["eg-2"]}}]}),
            );
        }
        creations += 1;
        if creations == 1 {
            return lost();
        }
        answer(
            201,
            &json!({"results": inputs.iter().enumerate().map(|(index, row)| result(index, row)).collect::<Vec<_>>()}),
        )
    });
    let rows: Vec<Row> = (0..3).map(new).collect();
    let outcome = portal.client().objects(Entity::Contact).create_all(&rows, Some("evergreen_id")).await;
    let done = outcome.complete().unwrap();
    let ids: Vec<&str> = done.values().map(|written| written.record.id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "100"]);
    let last: Value = serde_json::from_slice(outbound.requests()[2].body.as_deref().unwrap()).unwrap();
    assert_eq!(last["inputs"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn rows_whose_fate_is_unknown_are_unaccounted_and_the_outcome_is_not_complete() {
    let (portal, _, _) = hubspot(|_, _| lost());
    let outcome: BatchOutcome = portal.client().objects(Entity::Contact).create_all(&[new(1), new(2)], None).await;
    let outcome = outcome.complete().unwrap_err();
    assert!(outcome.to_string().starts_with("0 done, 0 failed, 2 unaccounted; stopped: "), "{outcome}");
    let Parts { unaccounted, stopped, .. } = outcome.into_parts();
    assert!(unaccounted.contains("t1") && matches!(stopped, Some(Error::Lost(_))));
}

#[tokio::test]
async fn an_activity_whose_answer_is_lost_is_found_by_its_marker_on_the_contacts_timeline() {
    let mut body_sent = Value::Null;
    let (portal, outbound, clock) = hubspot(move |request, body| {
        if request.url.ends_with("/objects/2026-09/notes") {
            body_sent = body;
            return lost();
        }
        if request.method == "GET" {
            return answer(
                200,
                &json!({"results": [{"toObjectId": 11, "associationTypes": []}, {"toObjectId": 12, "associationTypes": []}]}),
            );
        }
        answer(
            200,
            &json!({"results": [
                {"id": "11", "properties": {"hs_note_body": "Something else"}},
                {"id": "12", "properties": {"hs_note_body": body_sent["properties"]["hs_note_body"]}}]}),
        )
    });
    let note = Activity { at: clock.now(), owner: None, what: What::Note { body: "Replied".to_owned() } };
    let on = [OnRecord { kind: ObjectType::Contacts, id: "7".to_owned() }];
    let logged = portal.client().activities().log("reply 42", &note, &on).await.unwrap();
    assert_eq!((logged.id.as_str(), logged.found), ("12", true));
    let first: Value = serde_json::from_slice(outbound.requests()[0].body.as_deref().unwrap()).unwrap();
    assert_eq!(first["properties"]["hs_note_body"], "Replied\n\n[evergreen reply_42]");
    assert_eq!(first["properties"]["hs_timestamp"], "2026-11-25T09:00:00.000Z");
    assert_eq!(first["associations"][0]["types"][0]["associationTypeId"], 202);
}

#[tokio::test]
async fn a_merge_whose_answer_is_lost_is_judged_by_where_both_ids_lead() {
    for (second, expected) in [("99", Some("99")), ("2", None)] {
        let (portal, _, _) = hubspot(move |request, _| match (request.method.as_str(), request.url.ends_with("/1")) {
            ("POST", _) => answer(504, &Value::Null),
            (_, true) => answer(200, &json!({"id": "99", "properties": {}})),
            _ => answer(200, &json!({"id": second, "properties": {}})),
        });
        let result = portal.merge(Entity::Contact, "1", "2").await.unwrap();
        match expected {
            Some(id) => assert!(matches!(result, WriteResult::Done { id: ref found, .. } if found == id)),
            None => assert_eq!(result, WriteResult::Unaccounted),
        }
    }
}

#[tokio::test]
async fn values_that_hubspot_changes_and_its_warnings_are_told() {
    let (portal, _, _) = hubspot(|_, _| {
        answer(
            200,
            &json!({"id": "7", "properties": {"score": "5.0", "lifecyclestage": "customer", "city": "Bonn"},
                    "warnings": [{"category": "PROPERTY_VALUE_NORMALIZED", "message": "founded was normalized",
                                  "context": {"propertyName": "founded", "rawValue": "2026-11-25T00:00:00Z", "normalizedValue": "2026-11-25"}}]}),
        )
    });
    let sent =
        fields(&[("score", "5"), ("lifecyclestage", "lead"), ("city", "Bonn"), ("founded", "2026-11-25T00:00:00Z")]);
    let written = portal.client().objects(Entity::Company).update("7", &sent).await.unwrap();
    let told: Vec<(&str, &str)> =
        written.differs.iter().map(|differs| (differs.property.as_str(), differs.kept.as_str())).collect();
    assert_eq!(told, [("lifecyclestage", "customer"), ("score", "5.0"), ("founded", "2026-11-25")]);
    assert_eq!(written.record.warnings.len(), 1);
}
