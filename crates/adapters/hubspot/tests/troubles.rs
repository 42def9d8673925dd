//! What a wrong token, a missing scope, a busy or broken portal become: one sentence each, after the waits that help.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod script;

use evergreen_model::Entity;
use evergreen_ports::{Clock, OutboundError, Portal, PortalError, PropertyDefinition};
use script::{Answer, answer, hubspot, with_headers};
use serde_json::{Value, json};

fn account() -> Answer {
    answer(200, &json!({"portalId": 148_900_001, "timeZone": "Europe/Berlin"}))
}

#[tokio::test]
async fn the_account_is_asked_with_the_token_and_never_shows_it() {
    let (portal, outbound, _) = hubspot(|_, _| account());
    assert_eq!(portal.client().account().await.unwrap().portal_id, "148900001");
    assert_eq!(outbound.asked(), ["GET /account-info/2026-09/details"]);
    let headers = outbound.requests()[0].headers.clone();
    assert!(headers.contains(&("authorization".to_owned(), "Bearer pat-secret".to_owned())));
}

#[tokio::test]
async fn each_failure_of_the_portal_has_its_own_problem() {
    let unauthorized = json!({"status": "error", "category": "INVALID_AUTHENTICATION", "message": "Authentication credentials not found."});
    let scopes = json!({"category": "MISSING_SCOPES", "message": "This app hasn't been granted all required scopes to make this call.",
                        "errors": [{"context": {"requiredGranularScopes": ["crm.objects.owners.read"]}}]});
    let daily =
        json!({"message": "You have reached your daily limit.", "policyName": "DAILY", "errorType": "RATE_LIMIT"});
    let rolling =
        json!({"message": "You have reached your ten_secondly_rolling limit.", "policyName": "TEN_SECONDLY_ROLLING"});
    let table: Vec<(&str, Answer)> = vec![
        ("EG-PORTAL-001", answer(401, &unauthorized)),
        ("EG-PORTAL-002", answer(403, &scopes)),
        ("EG-PORTAL-003", answer(429, &rolling)),
        ("EG-PORTAL-004", answer(429, &daily)),
        ("EG-PORTAL-005", answer(500, &Value::Null)),
        ("EG-PORTAL-012", with_headers(477, &[("retry-after", "7200")], "{}".to_owned())),
        ("EG-PORTAL-006", Err(OutboundError::Unreachable("connection refused".to_owned()))),
        ("EG-PORTAL-007", Err(OutboundError::Forbidden("127.0.0.1 is private".to_owned()))),
        ("EG-PORTAL-008", Err(OutboundError::Timeout("no answer in 60 s".to_owned()))),
        ("EG-PORTAL-009", with_headers(200, &[], "<html>Welcome</html>".to_owned())),
        ("EG-PORTAL-009", with_headers(404, &[], "<html>Not found</html>".to_owned())),
        ("EG-PORTAL-009", answer(200, &json!({"hello": "world"}))),
        ("EG-PORTAL-010", answer(400, &json!({"message": "bad", "category": "VALIDATION_ERROR"}))),
    ];
    for (code, given) in table {
        let again = given.clone();
        let (portal, _, _) = hubspot(move |_, _| again.clone());
        let error = portal.client().account().await.unwrap_err();
        assert_eq!(error.problem().code, code, "{given:?}");
        assert!(!error.problem().to_string().contains("pat-secret"));
        if code == "EG-PORTAL-002" {
            assert!(matches!(error, PortalError::Denied(_)));
            assert!(error.problem().fix.contains("crm.objects.owners.read"));
        }
    }
}

#[tokio::test]
async fn a_busy_portal_is_waited_for_as_long_as_it_asks() {
    let mut tries = 0;
    let (portal, _, clock) = hubspot(move |_, _| {
        tries += 1;
        if tries == 1 {
            with_headers(429, &[("retry-after", "4")], json!({"policyName": "TEN_SECONDLY_ROLLING"}).to_string())
        } else {
            account()
        }
    });
    let before = clock.now();
    portal.client().account().await.unwrap();
    assert_eq!(clock.now().duration_since(before).as_secs(), 4);
    assert_eq!(portal.calls(), 2);
}

#[tokio::test]
async fn a_locked_record_and_a_passing_outage_are_tried_again() {
    for status in [423, 500, 502, 503, 504, 524] {
        let mut tries = 0;
        let (portal, _, _) = hubspot(move |_, _| {
            tries += 1;
            if tries < 3 { answer(status, &Value::Null) } else { account() }
        });
        assert_eq!(portal.client().account().await.unwrap().portal_id, "148900001", "{status}");
    }
}

#[tokio::test]
async fn contacts_are_listed_with_their_companies_page_by_page() {
    let (portal, outbound, _) = hubspot(|request, _| {
        let after = request.query.iter().find(|(name, _)| name == "after");
        let page = if after.is_none() {
            json!({"results": [{"id": "101", "properties": {"email": "a@acme.com"}, "associations": {"companies": {"results": [
                {"id": "9", "type": "contact_to_company"}, {"id": "9", "type": "contact_to_company_unlabeled"}]}}}],
                "paging": {"next": {"after": "101"}}})
        } else {
            json!({"results": [{"id": "102", "properties": {"email": null}}]})
        };
        answer(200, &page)
    });
    let properties = ["email".to_owned(), "phone".to_owned()];
    let first = portal.list(Entity::Contact, &properties, &[], None).await.unwrap();
    assert_eq!((first.companies, first.after.as_deref()), (vec![("101".to_owned(), "9".to_owned())], Some("101")));
    let second = portal.list(Entity::Contact, &properties, &[], first.after.as_deref()).await.unwrap();
    assert_eq!((second.records[0].properties.len(), second.after), (0, None));
    assert!(outbound.requests()[0].query.contains(&("properties".to_owned(), "email,phone".to_owned())));
}

#[tokio::test]
async fn records_are_read_fifty_at_a_time_with_history_and_unknown_ids_are_told() {
    let (portal, outbound, _) = hubspot(|request, body| {
        if request.method == "GET" {
            return answer(404, &json!({"category": "OBJECT_NOT_FOUND", "message": "resource not found"}));
        }
        let inputs = body["inputs"].as_array().unwrap();
        assert!(inputs.len() <= 50);
        let known: Vec<Value> = inputs
            .iter()
            .filter(|input| input["id"] != "7")
            .map(|input| json!({"id": input["id"], "properties": {}}))
            .collect();
        answer(
            207,
            &json!({"results": known, "errors": [{"category": "OBJECT_NOT_FOUND", "context": {"ids": ["7"]}, "message": "gone"}]}),
        )
    });
    let ids: Vec<String> = (0..120).map(|number| number.to_string()).collect();
    let history = ["jobtitle".to_owned()];
    let reading = portal.read(Entity::Contact, None, &ids, &history, &history).await.unwrap();
    assert_eq!((reading.records.len(), reading.missing), (119, vec!["7".to_owned()]));
    // Three batches, and one look whether the missing one was merged away.
    assert_eq!(outbound.asked().len(), 4);
}

#[tokio::test]
async fn owners_come_with_the_deactivated_ones() {
    let (portal, _, _) = hubspot(|request, _| {
        let archived = request.query.contains(&("archived".to_owned(), "true".to_owned()));
        let owner = if archived {
            json!({"id": "8", "email": "gone@us.com", "archived": true, "userId": null, "userIdIncludingInactive": 80})
        } else {
            json!({"id": 7, "email": "sam@us.com", "firstName": "Sam", "lastName": "Hill", "userId": 70, "archived": false,
                   "teams": [{"id": "1", "name": "EMEA"}]})
        };
        answer(200, &json!({"results": [owner]}))
    });
    let owners = portal.owners().await.unwrap();
    assert_eq!(
        (owners[0].name.as_str(), owners[0].active, owners[0].teams.as_slice()),
        ("Sam Hill", true, &["EMEA".to_owned()][..])
    );
    assert_eq!((owners[1].active, owners[1].user_id.as_deref()), (false, Some("80")));
}

#[tokio::test]
async fn only_missing_properties_are_created_and_one_that_exists_is_fine() {
    let definition = |name: &str| PropertyDefinition {
        name: name.to_owned(),
        label: name.to_owned(),
        value_type: "string".to_owned(),
        field_type: "text".to_owned(),
        description: String::new(),
        options: Vec::new(),
        unique: name == "evergreen_id",
    };
    let mut listed = 0;
    let (portal, outbound, _) = hubspot(move |request, body| {
        match (request.method.as_str(), request.url.ends_with("/groups")) {
            ("GET", _) => {
                listed += 1;
                let names: &[&str] =
                    if listed < 3 { &["source_tag"] } else { &["source_tag", "evergreen_id", "jobtitle_evergreen"] };
                let results: Vec<Value> =
                    names.iter().map(|name| json!({"name": name, "type": "string", "fieldType": "text"})).collect();
                answer(200, &json!({"results": results}))
            }
            (_, true) => answer(409, &json!({"category": "OBJECT_ALREADY_EXISTS", "message": "exists"})),
            _ if request.url.ends_with("/batch/create") => {
                assert_eq!(body["inputs"][0]["hasUniqueValue"], true);
                answer(
                    409,
                    &json!({"category": "OBJECT_ALREADY_EXISTS", "message": "A property named 'evergreen_id' already exists."}),
                )
            }
            _ if body["name"] == "evergreen_id" => {
                answer(409, &json!({"category": "OBJECT_ALREADY_EXISTS", "message": "exists"}))
            }
            _ => answer(201, &json!({})),
        }
    });
    let wanted = [definition("evergreen_id"), definition("source_tag"), definition("jobtitle_evergreen")];
    portal.create_properties(Entity::Contact, "evergreen", &wanted).await.unwrap();
    assert_eq!(
        outbound.asked(),
        [
            "GET /crm/properties/2026-09/contacts",
            "POST /crm/properties/2026-09/contacts/groups",
            "POST /crm/properties/2026-09/contacts/batch/create",
            "POST /crm/properties/2026-09/contacts",
            "POST /crm/properties/2026-09/contacts",
            "GET /crm/properties/2026-09/contacts",
            "GET /crm/properties/2026-09/contacts",
        ]
    );
}
