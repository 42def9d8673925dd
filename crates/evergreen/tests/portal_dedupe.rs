//! Duplicates inside the portal: proposed as merges, made only on a person's word, and followed wherever their ids stood.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod house;

use evergreen_engine::{apply_plan, board, pipeline};
use evergreen_model::{Action, Entity, PlanState, Purpose, ReviewAnswer, ReviewKind, Stage, Step, StepState};
use house::{OBJECTS, Town, person, read, record, row, steps};
use serde_json::json;

/// Somebody the portal knows.
const KNOWN: usize = 1;
/// Who says so.
const ANA: Option<&str> = Some("Ana Ruiz: looked at both");

/// The same person a second time, under another address; returns both ids.
async fn twice(town: &Town) -> (String, String) {
    let who = person(KNOWN);
    let first = town.id_of(&who.email).await;
    town.edit(&who.email, json!({ "phone": who.phone, "jobtitle": "Typed first" })).await;
    let body = json!({ "properties": {
        "email": format!("{}@northquay-logistics.com", who.firstname.to_lowercase()),
        "firstname": who.firstname, "lastname": who.lastname, "company": "Northquay Logistics",
        "phone": who.phone, "jobtitle": "Typed second", "city": "Denver",
    }});
    let (status, answer) = town.api("POST", &format!("{OBJECTS}/contacts"), Some(body)).await;
    assert_eq!(status, 201, "{answer}");
    (first, answer["id"].as_str().unwrap().to_owned())
}

async fn only_merge(world: &evergreen_engine::World, plan: evergreen_model::PlanId) -> Step {
    let mut merges = steps(world, plan).await;
    assert_eq!(merges.len(), 1, "{merges:?}");
    merges.remove(0)
}

#[tokio::test]
async fn duplicates_are_proposed_field_by_field_and_wait_for_a_named_person() {
    let town = Town::small().await;
    let (first, second) = twice(&town).await;
    let world = town.open().await;
    let before = town.state().await;
    let (run, plan) = pipeline::dedupe_portal(&world, Entity::Contact).await.unwrap();
    assert_eq!((run.purpose, plan.state), (Purpose::Dedupe, PlanState::Guarded));
    let step = only_merge(&world, plan.id).await;
    let Action::Merge { other_portal_id, .. } = &step.action else { panic!("{step:?}") };
    let mut ids = [step.portal_id.clone().unwrap(), other_portal_id.clone()];
    ids.sort();
    let mut both = [first, second];
    both.sort();
    assert_eq!(ids, both);
    let title = step.kept.iter().find(|line| line.property == "jobtitle").expect("both typed a title");
    assert!(title.current.is_some() && !title.offered.is_empty() && title.why.contains("survives"), "{title:?}");
    assert!(step.note.unwrap().contains("% sure they are one"));

    assert_eq!(apply_plan(&world, plan.id, None).await.unwrap_err().code, "EG-PLAN-003");
    assert_eq!(town.state().await, before, "nothing was merged or written");
    // Asked once more, the same is proposed, and nothing is asked twice.
    let (_, again) = pipeline::dedupe_portal(&world, Entity::Contact).await.unwrap();
    assert_eq!(only_merge(&world, again.id).await.action, step.action);
}

#[tokio::test]
async fn a_pair_that_changed_since_the_plan_is_not_merged() {
    let town = Town::small().await;
    twice(&town).await;
    let world = town.open().await;
    let (_, plan) = pipeline::dedupe_portal(&world, Entity::Contact).await.unwrap();
    town.edit(&person(KNOWN).email, json!({ "jobtitle": "Somebody else after all" })).await;
    let before = town.state().await;
    apply_plan(&world, plan.id, ANA).await.unwrap();
    let step = only_merge(&world, plan.id).await;
    assert_eq!(step.state, StepState::Stale);
    assert!(step.note.unwrap().contains("changed since the plan"));
    assert_eq!(town.state().await, before);
}

#[tokio::test]
async fn two_that_only_may_be_one_are_asked_about_and_a_yes_becomes_a_proposal() {
    let town = Town::small().await;
    let who = person(KNOWN);
    // The same surname at the same firm, and an initial.
    let body = json!({ "properties": {
        "email": "b.b@mail.example", "firstname": "B.", "lastname": who.lastname, "company": "Northquay Logistics",
    }});
    let (status, answer) = town.api("POST", &format!("{OBJECTS}/contacts"), Some(body)).await;
    assert_eq!(status, 201, "{answer}");
    let world = town.open().await;
    let (_, plan) = pipeline::dedupe_portal(&world, Entity::Contact).await.unwrap();
    assert_eq!(steps(&world, plan.id).await, Vec::new());
    let items = board::list(&world).await.unwrap();
    let pairs: Vec<_> = items.iter().filter(|item| matches!(item.review.kind, ReviewKind::Pair { .. })).collect();
    assert_eq!(pairs.len(), 1, "{items:?}");
    pipeline::dedupe_portal(&world, Entity::Contact).await.unwrap();
    assert_eq!(board::list(&world).await.unwrap().len(), items.len(), "asked once");
    board::answer(&world, pairs[0].review.id, ReviewAnswer::Same, "Ana Ruiz").await.unwrap();
    let (_, plan) = pipeline::dedupe_portal(&world, Entity::Contact).await.unwrap();
    assert!(only_merge(&world, plan.id).await.note.unwrap().contains("a person said so"));
}

#[tokio::test]
async fn an_approved_merge_is_made_and_our_records_follow_it() {
    let town = Town::small().await;
    let (first, second) = twice(&town).await;
    let world = town.open().await;
    let (_, plan) = pipeline::dedupe_portal(&world, Entity::Contact).await.unwrap();
    apply_plan(&world, plan.id, ANA).await.unwrap();
    let step = only_merge(&world, plan.id).await;
    assert_eq!(step.state, StepState::Done, "{:?}", step.note);
    let id = step.portal_id.unwrap();
    let ours = world.store.by_portal_ids(Entity::Contact, &[id.clone(), first.clone(), second.clone()]).await.unwrap();
    assert_eq!(ours.len(), 1, "{ours:?}");
    assert_eq!(ours[0].portal_id.as_deref(), Some(id.as_str()));
    let Action::Merge { other, .. } = step.action else { panic!("a merge") };
    let absorbed = world.store.records(&[other]).await.unwrap().remove(0);
    assert_eq!((absorbed.stage, absorbed.merged_into), (Stage::Merged, Some(ours[0].id)));

    // Undo tells that it can not be taken back.
    let (_, undo) = pipeline::undo(&world, plan.run).await.unwrap();
    let left = steps(&world, undo.id).await;
    assert!(
        left.iter().all(|step| step.state == StepState::Stale)
            && left[0].note.as_ref().unwrap().contains("can not part")
    );
    drop(world);
    // And the next run writes to the one that lives.
    town.run_at("2026-12-05T08:00:00Z", &[row(KNOWN)]).await.unwrap();
    let world = town.open_at("2026-12-06T08:00:00Z").await;
    assert_eq!(record(&world, &person(KNOWN).email).await.portal_id.as_deref(), Some(id.as_str()));
}

#[tokio::test]
async fn records_that_a_person_merged_in_hubspot_become_one_here_and_keep_their_row() {
    let town = Town::small().await;
    town.run(&[row(KNOWN), row(2), row(7), row(8)]).await.unwrap();
    let (first, second) = (town.id_of(&person(7).email).await, town.id_of(&person(8).email).await);
    let body = json!({ "primaryObjectId": first, "objectIdToMerge": second });
    let (status, answer) = town.api("POST", &format!("{OBJECTS}/contacts/merge"), Some(body)).await;
    assert_eq!(status, 200, "{answer}");
    let report =
        town.run_at("2026-12-05T08:00:00Z", &[row(7).with("State", "CA"), row(8).with("State", "CA")]).await.unwrap();
    assert_eq!(report.imported, report.outcome.sum());
    let world = town.open_at("2026-12-06T08:00:00Z").await;
    let id = answer["id"].as_str().unwrap().to_owned();
    let ours = world.store.by_portal_ids(Entity::Contact, &[id, first, second]).await.unwrap();
    assert_eq!(ours.len(), 1, "{ours:?}");
    let contact = town.contact(&person(7).email).await.unwrap();
    assert!(!read(&contact, "firstname").is_empty());
}

#[tokio::test]
async fn a_merge_between_plan_and_apply_is_followed_and_the_row_is_counted() {
    let town = Town::small().await;
    let (first, second) = twice(&town).await;
    let world = town.open().await;
    let (_, plan) = town.plan(&world, &[row(KNOWN), row(2), row(7)]).await;
    let body = json!({ "primaryObjectId": first, "objectIdToMerge": second });
    let (status, answer) = town.api("POST", &format!("{OBJECTS}/contacts/merge"), Some(body)).await;
    assert_eq!(status, 200, "{answer}");
    let report = house::apply(&world, &plan).await;
    assert_eq!(report.imported, report.outcome.sum());
    drop(world);
    let report = town.run_at("2026-12-05T08:00:00Z", &[row(KNOWN).with("State", "CA")]).await.unwrap();
    assert_eq!(report.imported, report.outcome.sum());
    let world = town.open_at("2026-12-06T08:00:00Z").await;
    let ours = record(&world, &person(KNOWN).email).await;
    assert_eq!(ours.portal_id.as_deref(), answer["id"].as_str());
    let contact = town.contact(&person(KNOWN).email).await.unwrap();
    assert!(["Typed first", "Typed second"].contains(&read(&contact, "jobtitle")), "{contact}");
}
