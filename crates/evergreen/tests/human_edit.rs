//! Promise 2: what a person typed into HubSpot is never overwritten, whenever they typed it.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod house;

use evergreen_engine::apply_plan;
use evergreen_model::{PlanId, StepState};
use house::{Town, apply, person, read, row, step_of, steps};
use serde_json::json;

/// A person whom the portal knows without title and phone; the list has both.
const KNOWN: usize = 1;

fn title(at: usize) -> String {
    format!("{} {}", person(at).firstname, person(at).lastname)
}

#[tokio::test]
async fn what_a_rep_typed_before_the_plan_is_kept_and_our_value_goes_beside_it() {
    let town = Town::small().await;
    let who = person(KNOWN).email;
    town.edit(&who, json!({ "jobtitle": "Queen of Logistics", "phone": "+1 303 555 0199" })).await;

    let world = town.open().await;
    let (_, plan) = town.plan(&world, &[row(KNOWN)]).await;
    let step = step_of(&world, plan.id, &title(KNOWN)).await;
    for property in ["jobtitle", "phone"] {
        assert!(!step.changes.iter().any(|change| change.property == property), "{property} is not to be written");
        let kept = step.kept.iter().find(|kept| kept.property == property).expect("kept");
        assert_eq!(kept.code, "protected");
        assert!(kept.why.contains("typed by a person"), "{}", kept.why);
        assert!(
            step.changes.iter().any(|change| change.property == format!("{property}_evergreen")),
            "{property} has a backup"
        );
    }

    let report = apply(&world, &plan).await;
    assert_eq!((report.sync.protected, report.sync.stale), (2, 0));
    let contact = town.contact(&who).await.unwrap();
    assert_eq!(read(&contact, "jobtitle"), "Queen of Logistics");
    assert_eq!(read(&contact, "phone"), "+1 303 555 0199");
    assert_eq!(read(&contact, "jobtitle_evergreen"), person(KNOWN).jobtitle);
    assert!(read(&contact, "phone_evergreen").ends_with("2037"), "{contact}");
}

#[tokio::test]
async fn what_a_rep_typed_between_plan_and_apply_stops_and_the_rest_of_the_record_goes_on() {
    let town = Town::small().await;
    let who = person(KNOWN).email;
    let world = town.open().await;
    let (_, plan) = town.plan(&world, &[row(KNOWN), row(2)]).await;
    let planned = step_of(&world, plan.id, &title(KNOWN)).await;
    assert!(planned.changes.iter().any(|change| change.property == "jobtitle"), "the test needs a planned title");

    town.edit(&who, json!({ "jobtitle": "Queen of Logistics" })).await;
    let report = apply(&world, &plan).await;
    assert_eq!(report.sync.stale, 1, "one record had a stale value");

    let contact = town.contact(&who).await.unwrap();
    assert_eq!(read(&contact, "jobtitle"), "Queen of Logistics");
    assert!(!read(&contact, "phone").is_empty(), "the phone was still empty, so it is written: {contact}");
    assert_eq!(read(&contact, "enrichment_status"), "verified");
    let step = step_of(&world, plan.id, &title(KNOWN)).await;
    assert_eq!(step.state, StepState::Done);
    let kept = step.kept.iter().find(|kept| kept.property == "jobtitle").expect("told");
    assert_eq!(kept.code, "stale");
    assert!(kept.why.contains("Queen of Logistics"), "{}", kept.why);

    let other = town.contact(&person(2).email).await.unwrap();
    assert_eq!(read(&other, "jobtitle"), person(2).jobtitle, "other records are written as planned");
}

#[tokio::test]
async fn a_field_that_a_rep_emptied_stays_empty() {
    let town = Town::small().await;
    let who = person(KNOWN).email;
    town.edit(&who, json!({ "jobtitle": "Intern of Logistics" })).await;
    town.edit(&who, json!({ "jobtitle": "" })).await;
    let world = town.open().await;
    let (_, plan) = town.plan(&world, &[row(KNOWN), row(2)]).await;
    let step = step_of(&world, plan.id, &title(KNOWN)).await;
    let kept = step.kept.iter().find(|kept| kept.property == "jobtitle").expect("kept");
    assert_eq!(kept.code, "cleared-by-person");

    // And one that is emptied between plan and apply, after it was typed: the text is as the plan saw it, the hand is not.
    let late = person(2).email;
    town.edit(&late, json!({ "phone": "1" })).await;
    town.edit(&late, json!({ "phone": "" })).await;
    apply(&world, &plan).await;
    assert_eq!(read(&town.contact(&who).await.unwrap(), "jobtitle"), "");
    assert_eq!(read(&town.contact(&late).await.unwrap(), "phone"), "");
}

#[tokio::test]
async fn a_value_we_wrote_that_a_rep_changed_afterwards_is_theirs() {
    let town = Town::small().await;
    let who = person(KNOWN).email;
    town.run(&[row(KNOWN)]).await.unwrap();
    assert_eq!(read(&town.contact(&who).await.unwrap(), "jobtitle"), person(KNOWN).jobtitle);
    town.edit(&who, json!({ "jobtitle": "Queen of Logistics" })).await;
    // A later list brings a newer title for the same person.
    town.run_at("2026-12-05T08:00:00Z", &[row(KNOWN).with("Job Title", "Chief Executive Officer")]).await.unwrap();
    let contact = town.contact(&who).await.unwrap();
    assert_eq!(read(&contact, "jobtitle"), "Queen of Logistics");
    assert_eq!(read(&contact, "jobtitle_evergreen"), "Chief Executive Officer");
}

#[tokio::test]
async fn a_plan_after_an_apply_is_empty_and_applying_twice_changes_nothing() {
    let town = Town::small().await;
    let rows: Vec<_> = (0..10).map(row).collect();
    let world = town.open().await;
    let (run, plan) = town.plan(&world, &rows).await;
    let first = apply(&world, &plan).await;
    assert!(first.sync.created > 0 && first.sync.updated > 0, "{first:?}");

    let before = town.state().await;
    town.watch.clear();
    let again = apply_plan(&world, plan.id, None).await.unwrap();
    assert_eq!(again.id, run.id);
    assert_eq!(town.state().await, before);
    assert!(town.watch.sent().is_empty(), "applying twice asks nobody: {:?}", town.watch.sent());

    drop(world);
    // The same rows in another file: everything is known, and what is known is right.
    let rows: Vec<_> = rows.into_iter().rev().collect();
    let world = town.open_at("2026-12-02T08:00:00Z").await;
    let (_, plan) = town.plan(&world, &rows).await;
    let written: Vec<String> = steps(&world, plan.id)
        .await
        .into_iter()
        .filter(|step| step.action.as_str() != "nothing" && step.action.as_str() != "enroll")
        .flat_map(|step| step.changes.into_iter().map(move |change| format!("{}: {}", step.title, change.property)))
        // When an address was last proven moves with every proof.
        .filter(|change| !change.ends_with("last_verified_at") && !change.ends_with("source_tag"))
        .collect();
    assert_eq!(written, Vec::<String>::new());
}

#[tokio::test]
async fn an_unknown_a_superseded_and_an_outdated_plan_are_refused() {
    let town = Town::small().await;
    let world = town.open().await;
    let (_, first) = town.plan(&world, &[row(KNOWN)]).await;
    let (_, second) = town.plan(&world, &[]).await;
    assert_ne!(first.id, second.id);
    let code = |result: Result<_, evergreen_model::Problem>| result.map(|_: evergreen_model::Run| ()).unwrap_err().code;

    assert_eq!(code(apply_plan(&world, PlanId(4711), None).await), "EG-PLAN-001");
    assert_eq!(code(apply_plan(&world, first.id, None).await), "EG-PLAN-002");
    drop(world);

    town.config("pass_score: 80", "pass_score: 79");
    let world = town.open().await;
    assert_eq!(code(apply_plan(&world, second.id, None).await), "EG-PLAN-004");
    assert_eq!(
        read(&town.contact(&person(KNOWN).email).await.unwrap(), "jobtitle"),
        "",
        "a refused plan writes nothing"
    );
}

#[tokio::test]
async fn a_plan_above_a_guard_waits_for_a_named_person() {
    let town = Town::small().await;
    town.config("max_creates: 5000", "max_creates: 1");
    let world = town.open().await;
    let (run, plan) = town.plan(&world, &[row(7), row(8), row(9)]).await;
    assert_eq!(apply_plan(&world, plan.id, None).await.unwrap_err().code, "EG-PLAN-003");
    assert!(town.contact(&person(7).email).await.is_none());

    apply_plan(&world, plan.id, Some("Ana Ruiz: checked the list")).await.unwrap();
    assert!(town.contact(&person(7).email).await.is_some());
    let ledger = world
        .store
        .ledger(evergreen_ports::LedgerQuery { run: Some(run.id), limit: 10_000, ..Default::default() })
        .await
        .unwrap();
    assert!(ledger.iter().any(|line| line.entry.sentence.contains("approved by Ana Ruiz: checked the list")));
}
