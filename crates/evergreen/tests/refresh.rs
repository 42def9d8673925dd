//! Stage 9: what rests comes back when it is due, spread over days, and what is still fresh is not bought again.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod house;

use std::collections::BTreeSet;

use evergreen_model::{Entity, Outcome, Record, RunReport, Stage};
use house::{Row, Town, row};
use jiff::{SignedDuration, Timestamp};

fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = (0..36).map(row).collect();
    for at in [8, 10, 15, 16, 22, 23] {
        rows[at] = rows[at].clone().without("Email");
    }
    rows
}

fn days(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_hours() / 24
}

async fn everybody(town: &Town, now: &str) -> Vec<Record> {
    let world = town.open_at(now).await;
    let mut all = world.store.scan(Entity::Contact, None, None, 1_000).await.unwrap();
    all.extend(world.store.scan(Entity::Company, None, None, 1_000).await.unwrap());
    all
}

/// The first run and what it left.
async fn first_run() -> (Town, RunReport, Vec<Record>) {
    let town = Town::small().await;
    let report = town.run(&rows()).await.unwrap();
    let left = everybody(&town, house::START).await;
    (town, report, left)
}

#[tokio::test]
async fn settled_contacts_come_due_between_90_and_180_days_each_on_its_own_day_and_companies_each_quarter() {
    let (_town, report, left) = first_run().await;
    let settled = |entity| {
        left.iter().filter(move |record: &&Record| {
            record.entity == entity && record.outcome == Some(Outcome::Synced) && record.reason.is_none()
        })
    };
    let contacts: Vec<i64> =
        settled(Entity::Contact).map(|record| days(record.settled_at.unwrap(), record.due)).collect();
    assert!(contacts.len() as u64 > report.outcome.synced / 2);
    assert!(contacts.iter().all(|days| (90..=180).contains(days)), "{contacts:?}");
    let spread: BTreeSet<i64> = contacts.iter().copied().collect();
    assert!(spread.len() * 3 > contacts.len() * 2, "they do not all come on one day: {contacts:?}");
    assert!(spread.last().unwrap() - spread.first().unwrap() > 45, "{spread:?}");
    let companies: Vec<i64> =
        settled(Entity::Company).map(|record| days(record.settled_at.unwrap(), record.due)).collect();
    assert!(!companies.is_empty() && companies.iter().all(|days| (81..=101).contains(days)), "{companies:?}");
}

#[tokio::test]
async fn after_eight_days_the_rejects_are_tried_again_and_only_they() {
    let (town, report, left) = first_run().await;
    let rejected: BTreeSet<_> = left
        .iter()
        .filter(|record| record.entity == Entity::Contact && record.stage == Stage::Rejected)
        .map(|record| record.id)
        .collect();
    assert_eq!(rejected.len() as u64, report.outcome.rejected);
    assert!(!rejected.is_empty(), "the test needs rejects");

    let later = town.run_at("2026-12-07T08:00:00Z", &[]).await.unwrap();
    assert_eq!(later.imported, 0, "six days are too early");
    town.watch.clear();
    let later = town.run_at("2026-12-09T09:00:00Z", &[]).await.unwrap();
    let gated: BTreeSet<_> = left
        .iter()
        .filter(|record| record.outcome == Some(Outcome::Synced) && record.reason.is_some())
        .map(|record| record.id)
        .collect();
    assert_eq!(later.imported, (rejected.len() + gated.len()) as u64);
    let taken: BTreeSet<_> = everybody(&town, "2026-12-09T10:00:00Z")
        .await
        .into_iter()
        .filter(|record| record.entity == Entity::Contact && record.run == Some(evergreen_model::RunId(later.run)))
        .map(|record| record.id)
        .collect();
    assert_eq!(taken, rejected.union(&gated).copied().collect());
    assert_eq!(later.outcome.sum(), later.imported);

    // What was asked a week ago is still fresh: nobody is asked again and nothing is paid.
    let asked: Vec<_> = town
        .watch
        .sent()
        .into_iter()
        .filter(|sent| ["hunter", "apollo", "pdl"].contains(&sent.peer.as_str()))
        .collect();
    assert!(asked.is_empty(), "{asked:?}");
    assert_eq!(later.cost.total, 0.0);
}

#[tokio::test]
async fn after_two_hundred_days_everybody_has_been_taken_in_once_more_and_the_report_adds_up() {
    let (town, report, left) = first_run().await;
    // Once a week, as a schedule would.
    let start: Timestamp = house::START.parse().unwrap();
    let mut taken = 0;
    let mut per_run = Vec::new();
    for week in 1..=29_i64 {
        let now = (start + SignedDuration::from_hours(24 * 7 * week)).to_string();
        let later = town.run_at(&now, &[]).await.unwrap_or_else(|problem| panic!("week {week}: {problem}"));
        assert_eq!(later.imported, later.outcome.sum(), "week {week}: {later:?}");
        assert_eq!(later.sync.created, 0, "week {week} creates nobody: {later:?}");
        taken += later.outcome.synced + later.outcome.unchanged;
        per_run.push(later.outcome.synced + later.outcome.unchanged);
    }
    assert!(taken >= report.outcome.synced, "{taken} of {} came back", report.outcome.synced);
    let busiest = per_run.iter().max().copied().unwrap_or_default();
    assert!(busiest < report.outcome.synced, "they do not come all at once: {per_run:?}");
    assert!(per_run.iter().filter(|count| **count > 0).count() >= 5, "{per_run:?}");

    let now = everybody(&town, "2027-06-23T08:00:00Z").await;
    let before: std::collections::BTreeMap<_, _> = left.iter().map(|record| (record.id, record)).collect();
    for record in &now {
        let Some(old) = before.get(&record.id) else { panic!("record {} appeared out of nothing", record.id) };
        if old.outcome == Some(Outcome::Synced) {
            assert!(
                record.settled_at > old.settled_at,
                "{} {} was never refreshed",
                record.entity.as_str(),
                record.title()
            );
        }
    }
    assert_eq!(town.stats().await["double_charges"], serde_json::json!([]));
}

#[tokio::test]
async fn a_reject_that_lives_again_is_written_and_one_that_was_made_due_by_hand_comes_at_once() {
    let mut town = Town::small().await;
    // The address of everybody at a firm whose domain nobody serves, until the firm gets its mail back.
    let dead = row(13);
    let report = town.run(&[dead.clone(), row(7)]).await.unwrap();
    assert_eq!((report.outcome.rejected, report.outcome.synced), (1, 1), "{:?}", report.reasons);
    {
        let world = town.open_at("2026-12-02T08:00:00Z").await;
        assert_eq!(evergreen_engine::rejects::retry(&world, Some("another-reason")).await.unwrap(), 0);
        assert_eq!(evergreen_engine::rejects::retry(&world, None).await.unwrap(), 1);
    }
    let again = town.run_at("2026-12-02T09:00:00Z", &[]).await.unwrap();
    assert_eq!((again.imported, again.outcome.rejected), (1, 1), "{again:?}");

    let mut revived = house::world();
    for company in &mut revived.companies {
        company.mail = evergreen_sandbox::Mail::Google;
    }
    let other = Town::of(revived).await;
    town.set("EVERGREEN_DNS", other.environment["EVERGREEN_DNS"].clone());
    let alive = town.run_at("2026-12-10T09:00:00Z", &[]).await.unwrap();
    assert_eq!((alive.imported, alive.outcome.synced), (1, 1), "{alive:?}");
    assert!(town.contact(dead.cell("Email")).await.is_some());
}
