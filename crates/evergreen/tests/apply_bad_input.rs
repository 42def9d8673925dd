//! Bad input between plan and apply: every refusal is told per record and field, and the rest of the plan goes on.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod house;

use evergreen_engine::apply_plan;
use evergreen_model::{Outcome, Stage, Step, StepState};
use house::{OBJECTS, Town, apply, person, read, record, row, step_of};
use serde_json::json;

/// Two whom the portal knows without title and phone, and one it does not have.
const KNOWN: usize = 1;
const OTHER: usize = 2;
const NEW: usize = 7;

fn title(at: usize) -> String {
    format!("{} {}", person(at).firstname, person(at).lastname)
}

async fn others_went_on(town: &Town) {
    let other = town.contact(&person(OTHER).email).await.unwrap();
    assert_eq!(read(&other, "jobtitle"), person(OTHER).jobtitle);
    assert!(town.contact(&person(NEW).email).await.is_some());
}

fn kept<'a>(step: &'a Step, property: &str) -> &'a evergreen_model::Kept {
    step.kept
        .iter()
        .find(|kept| kept.property == property)
        .unwrap_or_else(|| panic!("{property} is not told: {step:?}"))
}

#[tokio::test]
async fn a_record_that_was_deleted_since_the_plan_is_held_and_the_rest_goes_on() {
    let town = Town::small().await;
    let world = town.open().await;
    let (_, plan) = town.plan(&world, &[row(KNOWN), row(OTHER), row(NEW)]).await;
    let id = town.id_of(&person(KNOWN).email).await;
    let (status, _) = town.api("DELETE", &format!("{OBJECTS}/contacts/{id}"), None).await;
    assert_eq!(status, 204);
    let report = apply(&world, &plan).await;
    assert_eq!(report.imported, report.outcome.sum());
    let step = step_of(&world, plan.id, &title(KNOWN)).await;
    assert_eq!(step.state, StepState::Stale);
    assert!(step.note.unwrap().contains("deleted in the portal"));
    let ours = record(&world, &person(KNOWN).email).await;
    assert_eq!((ours.stage, ours.outcome), (Stage::Held, Some(Outcome::Held)));
    others_went_on(&town).await;
}

#[tokio::test]
async fn a_property_that_is_removed_during_the_apply_is_told_and_the_other_fields_are_written() {
    let town = Town::small().await;
    let world = town.open().await;
    let (_, plan) = town.plan(&world, &[row(KNOWN), row(OTHER), row(NEW)]).await;
    let gone = "/crm/properties/2026-09/contacts/source_tag";
    town.api_right_before("contacts/batch/update", "source_tag", "DELETE", gone, None);
    let report = apply(&world, &plan).await;
    assert_eq!(town.watch.still_to_come(), 0);
    assert_eq!(report.imported, report.outcome.sum());
    for at in [KNOWN, OTHER] {
        let step = step_of(&world, plan.id, &title(at)).await;
        assert_eq!(step.state, StepState::Done, "{:?}", step.note);
        let kept = kept(&step, "source_tag");
        assert_eq!(kept.code, "invalid-value");
        assert!(kept.why.contains("source_tag"), "{}", kept.why);
        let contact = town.contact(&person(at).email).await.unwrap();
        assert_eq!(read(&contact, "jobtitle"), person(at).jobtitle);
        assert_eq!(record(&world, &person(at).email).await.written.get("source_tag"), None, "it is not ours");
    }
    others_went_on(&town).await;
}

#[tokio::test]
async fn an_option_that_is_removed_during_the_apply_is_told_and_the_other_fields_are_written() {
    let town = Town::small().await;
    let world = town.open().await;
    let (_, plan) = town.plan(&world, &[row(KNOWN), row(OTHER), row(NEW)]).await;
    let property = "/crm/properties/2026-09/contacts/enrichment_status";
    let options = json!({ "options": [{ "label": "Held", "value": "held", "displayOrder": 0 }] });
    town.api_right_before("contacts/batch/update", "enrichment_status", "PATCH", property, Some(options));
    let report = apply(&world, &plan).await;
    assert_eq!(town.watch.still_to_come(), 0);
    assert_eq!(report.imported, report.outcome.sum());
    for at in [KNOWN, OTHER] {
        let step = step_of(&world, plan.id, &title(at)).await;
        assert_eq!(step.state, StepState::Done, "{:?}", step.note);
        let kept = kept(&step, "enrichment_status");
        assert_eq!(kept.code, "invalid-option");
        assert!(kept.why.contains("verified"), "{}", kept.why);
        assert_eq!(read(&town.contact(&person(at).email).await.unwrap(), "jobtitle"), person(at).jobtitle);
    }
    others_went_on(&town).await;
}

#[tokio::test]
async fn a_contact_that_somebody_made_since_the_plan_is_adopted_and_updated_by_the_next_run() {
    let town = Town::small().await;
    let world = town.open().await;
    let (_, plan) = town.plan(&world, &[row(KNOWN), row(OTHER), row(NEW)]).await;
    let body =
        json!({ "properties": { "email": person(NEW).email, "firstname": "Hiro", "jobtitle": "Typed by a rep" } });
    let (status, answer) = town.api("POST", &format!("{OBJECTS}/contacts"), Some(body)).await;
    assert_eq!(status, 201, "{answer}");
    let id = town.id_of(&person(NEW).email).await;
    let report = apply(&world, &plan).await;
    assert_eq!(report.imported, report.outcome.sum(), "the row is counted");
    let step = step_of(&world, plan.id, &title(NEW)).await;
    assert_eq!(step.state, StepState::Stale, "{step:?}");
    let ours = record(&world, &person(NEW).email).await;
    assert_eq!(ours.portal_id.as_deref(), Some(id.as_str()), "ours is that one");
    assert_eq!(ours.outcome, Some(Outcome::Waiting));
    drop(world);

    town.run_at("2026-12-03T08:00:00Z", &[]).await.unwrap();
    let contact = town.contact(&person(NEW).email).await.unwrap();
    assert_eq!(read(&contact, "jobtitle"), "Typed by a rep");
    assert!(!read(&contact, "phone").is_empty(), "its empty fields are filled: {contact}");
    let state = town.state().await;
    let same = state["contacts"].as_object().unwrap().values();
    assert_eq!(same.filter(|contact| house::value(contact, "email") == person(NEW).email).count(), 1);
}

#[tokio::test]
async fn a_portal_in_maintenance_stops_the_apply_which_goes_on_later_with_the_same_plan() {
    let town = Town::small().await;
    let world = town.open().await;
    let (_, plan) = town.plan(&world, &[row(KNOWN), row(OTHER), row(NEW)]).await;
    town.fault(&format!("{OBJECTS}/contacts/batch"), "500", 7, 0).await;
    let problem = apply_plan(&world, plan.id, Some("a test")).await.expect_err("maintenance is told");
    assert!(problem.code.starts_with("EG-PORTAL"), "{problem}");
    let report = apply(&world, &plan).await;
    assert_eq!(report.imported, report.outcome.sum());
    others_went_on(&town).await;
    assert_eq!(read(&town.contact(&person(KNOWN).email).await.unwrap(), "jobtitle"), person(KNOWN).jobtitle);
}
