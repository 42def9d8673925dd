//! The day's calls: told by headers or the usage endpoint, kept for handoffs, and not asked for again once used up.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod script;

use evergreen_hubspot::Lane;
use evergreen_ports::Clock;
use jiff::SignedDuration;
use script::{answer, hubspot, with_headers};
use serde_json::json;

fn account() -> String {
    json!({"portalId": 7, "timeZone": "US/Eastern"}).to_string()
}

#[tokio::test]
async fn background_lanes_stop_below_fifteen_percent_and_the_handoff_goes_on() {
    let (portal, outbound, _) = hubspot(|_, _| {
        let headers = [("x-hubspot-ratelimit-daily", "1000"), ("x-hubspot-ratelimit-daily-remaining", "149")];
        with_headers(200, &headers, account())
    });
    let in_lane = |lane| portal.client().in_lane(lane);
    in_lane(Lane::Backfill).account().await.unwrap();
    for lane in [Lane::Backfill, Lane::Refresh] {
        assert_eq!(in_lane(lane).account().await.unwrap_err().into_problem().code, "EG-PORTAL-011");
    }
    for lane in [Lane::Handoff, Lane::Sync] {
        in_lane(lane).account().await.unwrap();
    }
    assert_eq!(outbound.asked().len(), 3);
}

#[tokio::test]
async fn the_usage_endpoint_fills_the_budget_too() {
    let (portal, _, _) = hubspot(|_, _| {
        answer(
            200,
            &json!({"results": [{"name": "private-apps-api-calls-daily", "usageLimit": 1000, "currentUsage": 900,
                                 "collectedAt": "2026-11-25T09:00:00Z", "fetchStatus": "SUCCESS", "resetsAt": "2026-11-26T05:00:00Z"}]}),
        )
    });
    let usage = portal.client().usage().await.unwrap().unwrap();
    assert_eq!((usage.limit, usage.used, usage.resets_at.is_some()), (1_000, 900, true));
    let background = portal.client().in_lane(Lane::Refresh).usage().await.unwrap_err();
    assert_eq!(background.into_problem().code, "EG-PORTAL-011");
}

#[tokio::test]
async fn a_day_that_is_used_up_is_asked_about_once_and_ends_at_the_portals_midnight() {
    let mut calls = 0;
    let (portal, outbound, clock) = hubspot(move |_, _| {
        calls += 1;
        if calls == 2 {
            return answer(429, &json!({"policyName": "DAILY", "message": "You have reached your daily limit."}));
        }
        with_headers(200, &[], account())
    });
    let client = portal.client();
    client.account().await.unwrap();
    for _ in 0..5 {
        let problem = client.account().await.unwrap_err().into_problem();
        assert_eq!(problem.code, "EG-PORTAL-004");
        assert!(problem.fix.contains("2026-11-26 05:00 UTC"), "{}", problem.fix);
    }
    assert_eq!(outbound.asked().len(), 2);
    clock.sleep(SignedDuration::from_hours(20) + SignedDuration::from_mins(1)).await;
    client.account().await.unwrap();
}

#[tokio::test]
async fn a_search_that_is_too_fast_holds_searches_and_nothing_else() {
    let mut searches = 0;
    let (portal, _, clock) = hubspot(move |request, _| {
        if request.url.ends_with("/search") {
            searches += 1;
            if searches == 1 {
                return answer(
                    429,
                    &json!({"policyName": "SECONDLY", "message": "You have reached your secondly limit."}),
                );
            }
            return answer(200, &json!({"total": 0, "results": []}));
        }
        with_headers(200, &[], account())
    });
    let start = clock.now();
    let contacts = portal.client().objects(evergreen_model::Entity::Contact);
    contacts.search(&evergreen_hubspot::Search::default(), 0).await.unwrap();
    assert_eq!(clock.now().duration_since(start), SignedDuration::from_secs(1));
    portal.client().account().await.unwrap();
    assert_eq!(clock.now().duration_since(start), SignedDuration::from_secs(1));
}

#[tokio::test]
async fn an_account_that_moves_house_for_a_minute_is_waited_for() {
    let mut calls = 0;
    let (portal, _, clock) = hubspot(move |_, _| {
        calls += 1;
        if calls == 1 {
            with_headers(477, &[("retry-after", "30")], "{}".to_owned())
        } else {
            with_headers(200, &[], account())
        }
    });
    let start = clock.now();
    portal.client().account().await.unwrap();
    assert_eq!(clock.now().duration_since(start), SignedDuration::from_secs(30));
}
