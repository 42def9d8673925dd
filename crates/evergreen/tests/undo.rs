//! Undo: a run is taken back where its values are still ours, spares everything a person touched since, and says what it left.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod house;

use evergreen_engine::{World, apply_plan, pipeline, undo};
use evergreen_model::{Plan, Problem, Purpose, Run, RunId, StepState};
use house::{Town, apply, person, read, record, row, steps};
use serde_json::json;

/// Portal people whose title and phone the list fills.
const KNOWN: [usize; 3] = [1, 2, 3];
/// Somebody the portal does not have.
const NEW: usize = 7;
const LATER: &str = "2026-12-05T08:00:00Z";

fn title(at: usize) -> String {
    format!("{} {}", person(at).firstname, person(at).lastname)
}

async fn ran(town: &Town) -> Run {
    let world = town.open().await;
    let rows: Vec<_> = KNOWN.into_iter().chain([NEW, 8]).map(row).collect();
    let (run, plan) = town.plan(&world, &rows).await;
    apply(&world, &plan).await;
    run
}

async fn undone(world: &World, run: RunId) -> (Run, Plan) {
    let (undo, plan) = pipeline::undo(world, run).await.unwrap();
    apply_plan(world, plan.id, Some("Ana Ruiz: wrong list")).await.unwrap();
    (undo, plan)
}

/// The values of a contact that are neither HubSpot's own nor moved by every write.
async fn values(town: &Town, at: usize) -> Vec<(String, String)> {
    let contact = town.contact(&person(at).email).await.unwrap();
    let all = contact.as_object().unwrap();
    all.iter()
        .filter(|(name, _)| !name.contains("modified") && !name.contains("assigneddate") && !name.starts_with("hs_"))
        .map(|(name, _)| (name.clone(), read(&contact, name).to_owned()))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

async fn is_archived(town: &Town, at: usize) -> bool {
    town.contact(&person(at).email).await.is_none()
}

#[tokio::test]
async fn an_undone_run_leaves_the_portal_as_it_was_before() {
    let town = Town::small().await;
    let mut before = Vec::new();
    for at in KNOWN {
        before.push(values(&town, at).await);
    }
    let run = ran(&town).await;
    assert_ne!(values(&town, 1).await, before[0], "the run changed something");
    let world = town.open_at(LATER).await;
    let (undo_run, plan) = undone(&world, run.id).await;
    assert_eq!(undo_run.purpose, Purpose::Undo(run.id));
    for (at, before) in KNOWN.into_iter().zip(before) {
        assert_eq!(values(&town, at).await, before, "{}", title(at));
    }
    assert!(is_archived(&town, NEW).await, "what the run created is in the recycle bin");
    let told = undo::told(&world, &undo_run, &plan).await.unwrap();
    assert!(told.values > 0 && told.archived >= 2, "{told:?}");
    let ours = record(&world, &person(1).email).await;
    assert_eq!(ours.undone.get("jobtitle"), Some(&person(1).jobtitle));
}

#[tokio::test]
async fn an_undo_spares_what_a_person_changed_since_and_lists_it() {
    let town = Town::small().await;
    let run = ran(&town).await;
    town.edit(&person(1).email, json!({ "jobtitle": "Queen of Logistics" })).await;
    town.edit(&person(NEW).email, json!({ "city": "Aspen" })).await;
    let world = town.open_at(LATER).await;
    let (undo_run, plan) = undone(&world, run.id).await;

    let contact = town.contact(&person(1).email).await.unwrap();
    assert_eq!(read(&contact, "jobtitle"), "Queen of Logistics");
    assert_eq!(read(&contact, "phone"), "", "what is still ours is taken back");
    assert!(!is_archived(&town, NEW).await, "a record that somebody touched stays");
    assert!(is_archived(&town, 8).await, "one that nobody touched goes");
    let told = undo::told(&world, &undo_run, &plan).await.unwrap();
    let left = |who: usize, what: &str| told.left.iter().find(|left| left.title == title(who) && left.what == what);
    let why = &left(1, "jobtitle").expect("told").why;
    assert!(why.contains("Queen of Logistics") && why.contains("typed by a person"), "{why}");
    assert!(left(NEW, "the record").expect("told").why.contains("somebody else has touched it"), "{told:?}");
}

#[tokio::test]
async fn what_was_taken_back_is_not_written_again_by_the_next_run() {
    let town = Town::small().await;
    let run = ran(&town).await;
    let world = town.open_at(LATER).await;
    undone(&world, run.id).await;
    drop(world);
    let rows: Vec<_> = [1, NEW].map(|at| row(at).with("State", "CA")).to_vec();
    let report = town.run_at("2026-12-09T08:00:00Z", &rows).await.unwrap();
    assert_eq!(read(&town.contact(&person(1).email).await.unwrap(), "jobtitle"), "");
    assert!(is_archived(&town, NEW).await, "never made again by a run");
    assert_eq!(report.imported, report.outcome.sum());
}

#[tokio::test]
async fn an_undo_of_an_undo_does_the_run_again() {
    let town = Town::small().await;
    let run = ran(&town).await;
    let mut after = Vec::new();
    for at in KNOWN.into_iter().chain([NEW]) {
        after.push(values(&town, at).await);
    }
    let world = town.open_at(LATER).await;
    let (undo_run, _) = undone(&world, run.id).await;
    let (redo, plan) = undone(&world, undo_run.id).await;
    assert_eq!(redo.purpose, Purpose::Undo(undo_run.id));
    for (at, after) in KNOWN.into_iter().chain([NEW]).zip(after) {
        assert_eq!(values(&town, at).await, after, "{}", title(at));
    }
    let open: Vec<_> = steps(&world, plan.id).await.into_iter().filter(|step| step.state != StepState::Done).collect();
    assert!(open.iter().all(|step| step.action.as_str() == "nothing"), "{open:?}");
    let ours = record(&world, &person(1).email).await;
    assert!(ours.undone.is_empty(), "{:?}", ours.undone);
    assert_eq!(ours.written.get("jobtitle"), Some(&person(1).jobtitle));
}

#[tokio::test]
async fn an_undo_that_archives_waits_for_a_named_person_and_applying_it_twice_changes_nothing() {
    let town = Town::small().await;
    let run = ran(&town).await;
    let world = town.open_at(LATER).await;
    let (_, plan) = pipeline::undo(&world, run.id).await.unwrap();
    assert_eq!(apply_plan(&world, plan.id, None).await.unwrap_err().code, "EG-PLAN-003");
    assert!(!is_archived(&town, NEW).await);
    apply_plan(&world, plan.id, Some("Ana Ruiz: wrong list")).await.unwrap();
    let state = town.state().await;
    town.watch.clear();
    apply_plan(&world, plan.id, None).await.unwrap();
    assert_eq!(town.state().await, state);
    assert!(town.watch.sent().is_empty());
    let updates: Vec<_> =
        steps(&world, plan.id).await.into_iter().filter(|step| step.action.as_str() == "update").collect();
    assert!(!updates.is_empty() && updates.iter().all(|step| step.state == StepState::Done), "{updates:?}");
}

#[tokio::test]
async fn only_a_run_that_was_applied_can_be_taken_back() {
    let town = Town::small().await;
    let world = town.open().await;
    let code = |result: Result<(Run, Plan), Problem>| result.map(|_| ()).unwrap_err().code;
    assert_eq!(code(pipeline::undo(&world, RunId(4711)).await), "EG-UNDO-001");
    let (run, _) = town.plan(&world, &[row(1)]).await;
    assert_eq!(code(pipeline::undo(&world, run.id).await), "EG-UNDO-002");
}
