//! Searches and changes within HubSpot's sizes, past its 10,000 records, and readings held against what was asked.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod script;

use std::collections::BTreeSet;

use evergreen_hubspot::{Filter, Search, Test, Want};
use evergreen_model::Entity;
use evergreen_ports::{Clock, Portal};
use jiff::{SignedDuration, Timestamp};
use script::{Answer, answer, hubspot};
use serde_json::{Value, json};

/// A search index of `count` contacts, ids from 1; three in a second change at the same millisecond unless `all_at_once`.
fn index(count: u64, all_at_once: bool) -> impl FnMut(&evergreen_ports::HttpRequest, Value) -> Answer + Send + 'static {
    let moment = move |id: u64| 1_790_000_000_000 + if all_at_once { 0 } else { (id / 3) as i64 * 1_000 };
    move |request, body| {
        if !request.url.ends_with("/search") {
            let ids = body["inputs"].as_array().unwrap().iter().map(|input| input["id"].clone());
            let full =
                |id: Value| json!({"id": id, "properties": {"city": "Bonn"}, "updatedAt": "2026-11-25T09:00:00Z"});
            return answer(200, &json!({"results": ids.map(full).collect::<Vec<_>>()}));
        }
        let after: usize = body["after"].as_str().unwrap().parse().unwrap();
        if after + 200 > 10_000 {
            return answer(400, &json!({"message": "too far", "category": "VALIDATION_ERROR"}));
        }
        assert!(body.to_string().len() <= 3_000);
        let filters: Vec<(bool, &str, i64)> = body["filterGroups"][0]["filters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|filter| {
                let asked = filter["value"].as_str().unwrap().parse().unwrap();
                (filter["propertyName"] == "hs_object_id", filter["operator"].as_str().unwrap(), asked)
            })
            .collect();
        let holds = |id: u64| {
            filters.iter().all(|(by_id, operator, asked)| {
                let value = if *by_id { id as i64 } else { moment(id) };
                match *operator {
                    "GT" => value > *asked,
                    "GTE" => value >= *asked,
                    "EQ" => value == *asked,
                    other => panic!("{other}"),
                }
            })
        };
        let found: Vec<u64> = (1..=count).filter(|id| holds(*id)).collect();
        let page: Vec<Value> = found
            .iter()
            .skip(after)
            .take(200)
            .map(|id| {
                let at = Timestamp::from_millisecond(moment(*id)).unwrap();
                json!({"id": id.to_string(), "properties": {}, "updatedAt": at.to_string()})
            })
            .collect();
        let mut answer_body = json!({"total": found.len(), "results": page});
        if after + 200 < found.len() {
            answer_body["paging"] = json!({"next": {"after": (after + 200).to_string()}});
        }
        answer(200, &answer_body)
    }
}

fn since() -> Timestamp {
    Timestamp::from_millisecond(1_790_000_000_000).unwrap()
}

#[tokio::test]
async fn a_search_past_ten_thousand_records_finds_each_of_them_once() {
    let (portal, _, _) = hubspot(index(12_345, false));
    let mut pages = portal.client().objects(Entity::Contact).search_all(Search::default());
    let mut ids = Vec::new();
    while let Some(page) = pages.next().await.unwrap() {
        ids.extend(page.into_iter().map(|record| record.id));
    }
    assert_eq!(ids.len(), 12_345);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 12_345);
}

#[tokio::test]
async fn changes_past_ten_thousand_are_all_told_whether_spread_or_of_one_moment() {
    for all_at_once in [false, true] {
        let (portal, _, _) = hubspot(index(12_345, all_at_once));
        let mut changes = portal.client().objects(Entity::Contact).changed_since(since(), SignedDuration::ZERO, &[]);
        let mut ids = Vec::new();
        while let Some(page) = changes.next().await.unwrap() {
            ids.extend(page.into_iter().map(|record| record.id));
        }
        assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (12_345, 12_345), "{all_at_once}");

        // The engine's cursor survives between calls, and tells a record twice at most.
        let (mut after, mut told) = (None::<String>, BTreeSet::new());
        loop {
            let page = portal.changed(Entity::Contact, since(), &[], after.as_deref()).await.unwrap();
            told.extend(page.records.into_iter().map(|record| record.id));
            after = page.after;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(told.len(), 12_345);
    }
}

#[tokio::test]
async fn changes_reach_back_ten_minutes_more_for_the_lagging_index() {
    let (portal, outbound, clock) = hubspot(index(1, false));
    let mut changes =
        portal.client().objects(Entity::Contact).changed_since(clock.now(), SignedDuration::from_secs(1), &[]);
    changes.next().await.unwrap();
    let body: Value = serde_json::from_slice(outbound.requests()[0].body.as_deref().unwrap()).unwrap();
    let asked = body["filterGroups"][0]["filters"][0]["value"].as_str().unwrap();
    assert_eq!(asked, (clock.now() - SignedDuration::from_mins(10)).as_millisecond().to_string());
}

#[tokio::test]
async fn five_searches_a_second_go_out_and_no_more() {
    let (portal, _, clock) = hubspot(index(1, false));
    let start = clock.now();
    for _ in 0..11 {
        let mut pages = portal.client().objects(Entity::Contact).search_all(Search::default());
        pages.next().await.unwrap();
    }
    let took = clock.now().duration_since(start);
    assert!(took >= SignedDuration::from_secs(2) && took < SignedDuration::from_millis(2_500), "{took:?}");
}

#[tokio::test]
async fn more_properties_than_fit_into_a_search_are_read_by_id() {
    let (portal, outbound, _) = hubspot(index(3, false));
    let names: Vec<String> = (0..300).map(|number| format!("a_rather_long_property_{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let search = Search::all_of(&[Filter::new("hs_object_id", Test::Gt("0".to_owned()))], &names);
    let (page, total) = portal.client().objects(Entity::Contact).search(&search, 0).await.unwrap();
    assert_eq!((page.records.len(), total, page.records[0].value("city")), (3, 3, "Bonn"));
    assert_eq!(outbound.asked()[1], "POST /crm/objects/2026-09/contacts/batch/read");
}

#[tokio::test]
async fn a_search_hubspot_would_not_take_is_told_and_not_sent() {
    let (portal, outbound, _) = hubspot(index(1, false));
    let contacts = portal.client().objects(Entity::Contact);
    let filter = || Filter::new("city", Test::Has);
    let wide = Search { any_of: vec![(0..7).map(|_| filter()).collect()], ..Search::default() };
    let many = Search { any_of: (0..6).map(|_| vec![filter()]).collect(), ..Search::default() };
    let long = Search { text: Some("x".repeat(3_000)), ..Search::default() };
    for search in [wide, many, long] {
        assert_eq!(contacts.search(&search, 0).await.unwrap_err().into_problem().code, "EG-PORTAL-015");
    }
    assert_eq!(contacts.search(&Search::default(), 9_801).await.unwrap_err().into_problem().code, "EG-PORTAL-015");
    let cursor = contacts.changed_page(since(), &[], Some("nonsense")).await.unwrap_err();
    assert_eq!(cursor.into_problem().code, "EG-PORTAL-015");
    assert!(outbound.asked().is_empty());
}

#[tokio::test]
async fn ids_that_were_merged_away_are_told_with_where_they_went() {
    let (portal, _, _) = hubspot(|request, _| match request.url.rsplit('/').next().unwrap() {
        "read" => answer(200, &json!({"results": [{"id": "1", "properties": {}}]})),
        "2" | "3" => answer(200, &json!({"id": "9", "properties": {}})),
        _ => answer(404, &json!({"category": "OBJECT_NOT_FOUND"})),
    });
    let ids = ["1", "2", "3", "4", ""].map(str::to_owned);
    let reading = portal.read(Entity::Contact, None, &ids, &[], &[]).await.unwrap();
    let found: Vec<&str> = reading.records.iter().map(|record| record.id.as_str()).collect();
    assert_eq!(found, ["1", "9"]);
    let moved: Vec<(&str, &str)> = reading.moved.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    assert_eq!((moved, reading.missing), (vec![("2", "9"), ("3", "9")], vec!["4".to_owned()]));
}

#[tokio::test]
async fn a_contact_found_by_its_second_address_is_not_missing() {
    let (portal, outbound, _) = hubspot(|_, body| {
        assert_eq!(body["properties"], json!(["city", "email", "hs_additional_emails"]));
        answer(
            200,
            &json!({"results": [{"id": "1", "properties": {
                "email": "jane@acme.com", "hs_additional_emails": "j.doe@acme.com;jd@acme.com", "city": "Bonn"}}]}),
        )
    });
    let ids = ["JD@acme.com", "jane@acme.com", "nobody@acme.com"].map(str::to_owned);
    let reading = portal.read(Entity::Contact, Some("email"), &ids, &["city".to_owned()], &[]).await.unwrap();
    assert_eq!(reading.missing, ["nobody@acme.com"]);
    // What was not asked for is not told either.
    assert_eq!(reading.records[0].properties.keys().collect::<Vec<_>>(), ["city"]);
    assert_eq!(outbound.asked().len(), 1);
}

#[tokio::test]
async fn a_list_of_properties_too_long_for_an_address_is_read_in_batches() {
    let (portal, outbound, _) = hubspot(|request, body| {
        if request.method == "GET" {
            assert!(request.query.iter().map(|(_, value)| value.len()).sum::<usize>() < 6_000);
            if request.url.ends_with("/1") {
                return answer(200, &json!({"id": "1", "properties": {}}));
            }
            return answer(
                200,
                &json!({"results": [{"id": "1", "properties": {}, "associations": {"companies": {"results": [{"id": "5"}]}}}]}),
            );
        }
        answer(200, &json!({"results": [{"id": body["inputs"][0]["id"], "properties": {"city": "Bonn"}}]}))
    });
    let properties: Vec<String> = (0..500).map(|number| format!("a_long_property_name_{number}")).collect();
    let page = portal.list(Entity::Contact, &properties, &[], None).await.unwrap();
    assert_eq!((page.records[0].properties["city"].as_str(), page.companies[0].1.as_str()), ("Bonn", "5"));
    let want = Want { properties, ..Want::default() };
    let one = portal.client().objects(Entity::Contact).get("1", &want).await.unwrap().unwrap();
    assert_eq!(one.value("city"), "Bonn");
    assert_eq!(outbound.asked().len(), 4);
}
