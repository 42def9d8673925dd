//! Promise 5: nothing suppressed is enriched, written or mailed, and nothing is written that was not proven.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod house;

use evergreen_engine::suppress;
use evergreen_model::{EmailVerdict, Entity, Stage, SuppressionReason};
use house::{Row, Town, apply, person, record, row, value};
use serde_json::json;

/// Addresses in anything that left the program, apart from what the portal was asked to list.
fn mentions(town: &Town, who: &str) -> Vec<String> {
    let lower = who.to_lowercase();
    town.watch
        .sent()
        .into_iter()
        .filter(|sent| sent.text.to_lowercase().contains(&lower))
        .map(|sent| format!("{} {} {}", sent.peer, sent.method, sent.path))
        .collect()
}

#[tokio::test]
async fn whoever_is_suppressed_appears_in_no_request_to_anybody() {
    let town = Town::small().await;
    // One of each kind: own list by address, own list by domain, unsubscribed and unqualified in the CRM, a customer's people.
    town.write(
        "suppressions.csv",
        format!("email,domain,reason\n{},,asked\n,bluefern-analytics.com,competitor\n", person(7).email),
    );
    town.edit(&person(1).email, json!({ "hs_email_optout": "true" })).await;
    town.edit(&person(3).email, json!({ "hs_lead_status": "UNQUALIFIED" })).await;
    town.config("customer_domains: []", "customer_domains: [silverline-energy.com]");
    let untouchable = [7, 9, 1, 3, 11];
    // The same people under other colours: the unsubscribed one with a new address, the competitor's one without any.
    let mut rows: Vec<Row> = untouchable.iter().map(|at| row(*at).without("Job Title")).collect();
    rows.push(row(16).without("Email"));
    rows.extend([8, 10, 12].map(row));
    let before = town.state().await;
    town.watch.clear();

    let report = town.run(&rows).await.unwrap();
    assert_eq!(report.outcome.suppressed, 6, "{:?}", report.reasons);
    assert_eq!(report.outcome.synced, 3, "{:?}", report.reasons);
    for at in untouchable.into_iter().chain([16]) {
        let who = person(at);
        for clue in [&who.email, &who.lastname] {
            assert_eq!(mentions(&town, clue), Vec::<String>::new(), "{clue} was mentioned");
        }
    }
    let after = town.state().await;
    for id in ["1002", "1004"] {
        assert_eq!(after["contacts"][id], before["contacts"][id], "a suppressed contact of the CRM is left as it is");
    }
    let enrolled = after["enrolments"]["1001"].as_object().unwrap();
    assert_eq!(enrolled.len(), 3, "{enrolled:?}");
}

#[tokio::test]
async fn whoever_is_put_on_the_list_between_plan_and_apply_is_neither_written_nor_enrolled() {
    let town = Town::small().await;
    let world = town.open().await;
    let (_, plan) = town.plan(&world, &[row(1), row(8), row(10)]).await;
    let late = [person(1).email, person(8).email];
    for who in &late {
        suppress::add(&world, who, SuppressionReason::DoNotContact, "Ana Ruiz").await.unwrap();
    }
    let before = town.state().await;
    town.watch.clear();

    let report = apply(&world, &plan).await;
    assert_eq!(report.outcome.suppressed, 2, "{report:?}");
    assert_eq!(report.outcome.synced, 1);
    for who in &late {
        assert_eq!(mentions(&town, who), Vec::<String>::new(), "{who} was mentioned");
    }
    let after = town.state().await;
    assert_eq!(after["contacts"]["1002"], before["contacts"]["1002"]);
    assert!(town.contact(&person(8).email).await.is_none());
    assert!(town.contact(&person(10).email).await.is_some());
    assert_eq!(record(&world, &person(8).email).await.stage, Stage::Suppressed);
}

#[tokio::test]
async fn a_person_taken_off_the_list_goes_on_with_the_next_list() {
    let town = Town::small().await;
    let world = town.open().await;
    suppress::add(&world, &person(8).email, SuppressionReason::DoNotContact, "Ana Ruiz").await.unwrap();
    drop(world);
    assert_eq!(town.run(&[row(8)]).await.unwrap().outcome.suppressed, 1);

    let world = town.open().await;
    suppress::remove(&world, &person(8).email, "Ana Ruiz").await.unwrap();
    drop(world);
    let again = town.run_at("2026-12-03T08:00:00Z", &[row(8).with("Job Title", "Director")]).await.unwrap();
    assert_eq!(again.outcome.synced, 1, "{again:?}");
}

#[tokio::test]
async fn every_address_we_wrote_or_enrolled_was_proven() {
    let town = Town::small().await;
    let mut rows: Vec<Row> = (6..42).map(row).collect();
    rows[0] = row(6).with("Email", "nobody@quietstone-travel.com"); // a dead domain
    rows[1] = row(7).with("Email", "info@harbour-tools.com"); // a function address
    rows[2] = row(8).with("Email", "someone@mailinator.com"); // disposable
    rows[3] = row(9).with("Email", "not an address");
    rows[4] = row(10).with("Email", "oakridge@gmail.com"); // free mail although the company is known
    rows[5] = row(11).with("Email", "a..b@silverline-energy.com"); // no valid syntax
    for at in [8, 10, 12, 14, 16, 18] {
        rows[at] = rows[at].clone().without("Email");
    }
    let known: Vec<String> = contacts(&town).await;
    let report = town.run(&rows).await.unwrap();
    assert!(report.outcome.synced > 10, "{report:?}");

    let state = town.state().await;
    let world = town.open().await;
    let mut proven = Vec::new();
    let mut after = None;
    loop {
        let page = world.store.scan(Entity::Contact, None, after, 100).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for record in page {
            let verdicts = record.verdicts.filter(|verdicts| verdicts.email == EmailVerdict::Valid);
            proven.extend(verdicts.and_then(|verdicts| verdicts.address).map(|address| address.to_lowercase()));
        }
    }
    let written = contacts(&town).await;
    let ours: Vec<&String> = written.iter().filter(|address| !known.contains(address)).collect();
    assert!(ours.len() > 10);
    for address in ours {
        assert!(proven.contains(address), "{address} was written without proof");
    }
    for address in state["enrolments"]["1001"].as_object().unwrap().keys() {
        assert!(proven.contains(&address.to_lowercase()), "{address} was enrolled without proof");
    }
}

async fn contacts(town: &Town) -> Vec<String> {
    let state = town.state().await;
    let contacts = state["contacts"].as_object().unwrap();
    contacts.values().map(|contact| value(contact, "email").to_lowercase()).filter(|email| !email.is_empty()).collect()
}
