//! The race that HubSpot cannot prevent: a person types between our look and our write. The look back finds it and gives it back.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod house;

use evergreen_model::{LedgerKind, StepState};
use evergreen_ports::LedgerQuery;
use house::{Town, apply, person, read, record, row, step_of, steps};
use serde_json::json;

/// A person whom the portal knows without title and phone; the list has both.
const KNOWN: usize = 1;

fn title(at: usize) -> String {
    format!("{} {}", person(at).firstname, person(at).lastname)
}

#[tokio::test]
async fn an_edit_between_our_look_and_our_write_is_given_back_and_told() {
    let town = Town::small().await;
    let who = person(KNOWN).email;
    let world = town.open().await;
    let (run, plan) = town.plan(&world, &[row(KNOWN), row(2)]).await;
    town.edit_right_before("contacts/batch/update", "jobtitle", &who, json!({ "jobtitle": "Queen of Logistics" }));
    let report = apply(&world, &plan).await;
    assert_eq!(town.watch.still_to_come(), 0, "the race took place");
    assert_eq!(report.imported, report.outcome.sum());

    let contact = town.contact(&who).await.unwrap();
    assert_eq!(read(&contact, "jobtitle"), "Queen of Logistics", "the person has the last word");
    assert!(!read(&contact, "phone").is_empty(), "what nobody touched is written");
    assert_eq!(read(&town.contact(&person(2).email).await.unwrap(), "jobtitle"), person(2).jobtitle);

    let step = step_of(&world, plan.id, &title(KNOWN)).await;
    assert_eq!(step.state, StepState::Done);
    assert!(!step.changes.iter().any(|change| change.property == "jobtitle"));
    let kept = step.kept.iter().find(|kept| kept.property == "jobtitle").expect("told");
    assert_eq!(kept.code, "restored");
    assert!(kept.why.contains("typed by a person") && kept.why.contains("given back"), "{}", kept.why);
    let ours = record(&world, &who).await;
    assert_eq!(ours.written.get("jobtitle"), None, "it is not ours");
    let ledger = world.store.ledger(LedgerQuery { run: Some(run.id), limit: 10_000, ..LedgerQuery::default() }).await;
    let told = |line: &evergreen_model::LedgerEntry| {
        line.entry.kind == LedgerKind::Written && line.entry.sentence.contains("1 edits of people given back")
    };
    assert!(ledger.unwrap().iter().any(told));

    // The next run with the very same rows does not offer it again as if it were ours.
    drop(world);
    town.run_at("2026-12-05T08:00:00Z", &[row(KNOWN).with("State", "CA")]).await.unwrap();
    assert_eq!(read(&town.contact(&who).await.unwrap(), "jobtitle"), "Queen of Logistics");
}

#[tokio::test]
async fn an_edit_right_after_our_write_stands_by_itself() {
    let town = Town::small().await;
    let who = person(KNOWN).email;
    let world = town.open().await;
    let (_, plan) = town.plan(&world, &[row(KNOWN)]).await;
    // The look back is the read with history that follows the update.
    town.edit_right_before("contacts/batch/update", "jobtitle", &person(2).email, json!({ "jobtitle": "Bystander" }));
    apply(&world, &plan).await;
    town.edit(&who, json!({ "jobtitle": "Queen of Logistics" })).await;
    drop(world);
    town.run_at("2026-12-05T08:00:00Z", &[row(KNOWN).with("Job Title", "Chief Executive Officer")]).await.unwrap();
    assert_eq!(read(&town.contact(&who).await.unwrap(), "jobtitle"), "Queen of Logistics");
    assert_eq!(read(&town.contact(&person(2).email).await.unwrap(), "jobtitle"), "Bystander");
}

#[tokio::test]
async fn a_contact_that_opted_out_since_the_plan_is_not_written_and_not_enrolled() {
    let town = Town::small().await;
    let who = person(KNOWN).email;
    let world = town.open().await;
    let (_, plan) = town.plan(&world, &[row(KNOWN), row(2)]).await;
    town.edit(&who, json!({ "hs_email_optout": "true" })).await;
    let report = apply(&world, &plan).await;
    assert_eq!(report.imported, report.outcome.sum());
    let contact = town.contact(&who).await.unwrap();
    assert_eq!(read(&contact, "jobtitle"), "");
    let step = step_of(&world, plan.id, &title(KNOWN)).await;
    assert_eq!(step.state, StepState::Stale);
    assert!(step.note.unwrap().contains("unsubscribed"));
    let enrolled = steps(&world, plan.id).await;
    let enrolled = enrolled.iter().filter(|step| step.title == title(KNOWN) && step.action.as_str() == "enroll");
    assert!(enrolled.clone().all(|step| step.state != StepState::Done), "{:?}", enrolled.collect::<Vec<_>>());
}

#[tokio::test]
async fn a_steady_run_stays_within_three_calls_for_a_hundred_records() {
    let town = Town::small().await;
    let rows: Vec<_> = (0..40).map(row).collect();
    town.run(&rows).await.unwrap();
    // The first run after that reads the history of what was created; from then on only changes are read.
    town.run_at("2026-12-02T08:00:00Z", &rows.iter().cloned().rev().collect::<Vec<_>>()).await.unwrap();
    town.watch.clear();
    let world = town.open_at("2026-12-03T08:00:00Z").await;
    let changed: Vec<_> = rows.iter().map(|row| row.clone().with("Job Title", "Chief Executive Officer")).collect();
    let (_, plan) = town.plan(&world, &changed).await;
    let read_for_plan = with_history(&town);
    assert_eq!(read_for_plan, 0, "nothing changed in the portal since our last look, so no history is read");
    apply(&world, &plan).await;
    let updates = steps(&world, plan.id).await.iter().filter(|step| step.action.as_str() == "update").count();
    assert!(updates >= 30, "{updates} updates");
    let sent = town.watch.sent();
    let batches = |path: &str| sent.iter().filter(|sent| sent.path.contains(path)).count();
    // A batch of updates: one look before, one write, one look back per fifty.
    let (reads, writes) = (batches("contacts/batch/read"), batches("contacts/batch/update"));
    assert_eq!((reads, writes), (2, 1), "{:?}", sent.iter().map(|sent| sent.path.as_str()).collect::<Vec<_>>());
}

fn with_history(town: &Town) -> usize {
    town.watch.sent().iter().filter(|sent| sent.path.contains("batch/read") && sent.text.contains("History")).count()
}
