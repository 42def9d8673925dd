//! Promise 4: nothing is bought without need, no question is paid twice, and no ceiling is broken by a millionth.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod house;

use std::collections::BTreeSet;

use evergreen_model::call::CallState;
use evergreen_model::{Money, Outcome};
use house::{KEY, Row, Town, calls, person, record, row};

/// People 12 and up are strangers to the portal; without an address they must be asked for.
fn wanted(at: usize) -> Row {
    row(at).without("Email").without("Person Linkedin Url")
}

fn vendors(town: &Town) -> usize {
    ["hunter", "apollo", "pdl"].iter().map(|vendor| town.watch.count(vendor)).sum()
}

/// Total of every charge the sandbox made, in the project's currency by the manifests' list prices.
async fn charged(town: &Town) -> Money {
    let stats = town.stats().await;
    let price = [("hunter", 24_500), ("apollo", 26_000), ("pdl", 280_000)];
    let micros = price.iter().map(|(vendor, money)| {
        let credits = stats["charges"][vendor]["micro_credits"].as_i64().unwrap_or_default();
        credits * money / 1_000_000
    });
    Money { micros: micros.sum() }
}

#[tokio::test]
async fn nothing_is_bought_for_complete_suppressed_or_rejected_records() {
    let town = Town::small().await;
    town.write(
        "suppressions.csv",
        format!("email,domain,reason\n,bluefern-analytics.com,competitor\n{},,asked\n", person(8).email),
    );
    let rows = vec![
        row(7),                      // complete, at a firm the portal knows completely
        row(8).without("Job Title"), // suppressed by address
        wanted(9),                   // suppressed by domain
        row(10).with("Email", "someone@students.uni-graz.ac.at").without("Company").without("Website"), // a student
        row(11).with("Job Title", "Intern"), // does not fit the profile
    ];
    let report = town.run(&rows).await.unwrap();
    assert_eq!(
        (report.outcome.synced, report.outcome.suppressed, report.outcome.rejected),
        (1, 2, 2),
        "{:?}",
        report.reasons
    );
    assert_eq!(
        vendors(&town),
        0,
        "{:?}",
        town.watch.sent().iter().filter(|sent| sent.peer != "hubspot").collect::<Vec<_>>()
    );
    assert_eq!(report.cost.total, 0.0);
}

#[tokio::test]
async fn two_overlapping_lists_pay_each_question_once() {
    let town = Town::small().await;
    let first: Vec<Row> = (14..30).map(wanted).collect();
    let second: Vec<Row> = (20..36).map(|at| wanted(at).with("Phone", "")).collect();
    let one = town.run(&first).await.unwrap();
    let asked: BTreeSet<String> =
        town.watch.sent().into_iter().filter(|sent| sent.peer != "hubspot").map(|sent| sent.text).collect();
    assert!(one.cost.total > 0.0, "the test needs something to be bought");
    town.watch.clear();
    let two = town.run_at("2026-12-03T08:00:00Z", &second).await.unwrap();

    let again: Vec<_> = town
        .watch
        .sent()
        .into_iter()
        .filter(|sent| ["hunter", "apollo", "pdl"].contains(&sent.peer.as_str()))
        .collect();
    assert!(!again.is_empty(), "the second list has new people");
    for sent in again {
        assert!(!asked.contains(&sent.text), "asked twice: {}", sent.text);
    }
    let stats = town.stats().await;
    assert_eq!(stats["double_charges"], serde_json::json!([]));
    let ours = Money::from_units(one.cost.total + two.cost.total);
    let theirs = charged(&town).await;
    assert!((ours.micros - theirs.micros).abs() <= 100, "we booked {ours}, they charged {theirs}");
}

#[tokio::test]
async fn without_a_budget_nothing_is_bought_and_the_records_wait_with_a_reason() {
    let town = Town::small().await;
    town.config("per_run: 200", "per_run: 0");
    let report = town.run(&[wanted(14), row(15)]).await.unwrap();
    assert_eq!(vendors(&town), 0);
    assert_eq!((report.outcome.waiting, report.outcome.synced), (1, 1));
    assert_eq!(report.reasons.get("over-budget"), Some(&1));
    let world = town.open().await;
    let waits = record(&world, &person(14).lastname).await;
    assert_eq!(waits.outcome, Some(Outcome::Waiting));
    assert!(waits.reason.unwrap().sentence.contains("budget per run"));
}

#[tokio::test]
async fn every_ceiling_holds_to_the_micro_unit_and_the_rest_waits() {
    // Per run: three questions to Hunter fit, a fourth would be one millionth too much.
    for (from, to, limit) in [
        ("per_run: 200", "per_run: 0.097999", Money { micros: 97_999 }),
        ("per_run: 200", "per_run: 0.098", Money { micros: 98_000 }),
    ] {
        let town = Town::small().await;
        town.config(from, to);
        town.config("      - source: apollo.people_match\n      - source: pdl.person_enrich\n", "");
        town.config("      - source: hunter.company\n      - source: apollo.organization_enrich\n", "");
        let report = town.run(&(14..34).map(wanted).collect::<Vec<_>>()).await.unwrap();
        let world = town.open().await;
        let spent: Money = calls(&world)
            .await
            .iter()
            .filter(|call| call.state == CallState::Settled)
            .filter_map(|call| Some(call.answer.as_ref()?.charge.money))
            .fold(Money::ZERO, |sum, money| sum + money);
        assert!(spent <= limit, "{spent} of {limit}");
        assert_eq!(charged(&town).await, spent, "what we booked is what was charged");
        // A miss is free, so the money goes as far as it can: less than one question is left.
        assert!(limit.micros - spent.micros < 24_500, "{spent} of {limit}");
        assert!(report.outcome.waiting > 0);
        assert_eq!(report.reasons.get("over-budget"), Some(&report.outcome.waiting));
    }
}

#[tokio::test]
async fn the_ceiling_of_a_record_stops_that_record_only() {
    let town = Town::small().await;
    // One question to Hunter fits; the next source would break the ceiling.
    town.config("per_record: 1", "per_record: 0.0245");
    let rows: Vec<Row> = (14..34).map(wanted).collect();
    let report = town.run(&rows).await.unwrap();
    let world = town.open().await;
    let mut per_record = std::collections::BTreeMap::<_, Money>::new();
    for call in calls(&world).await {
        if let Some(answer) = &call.answer {
            *per_record.entry(call.record).or_default() += answer.charge.money;
        }
    }
    assert!(per_record.values().all(|spent| spent.micros <= 24_500), "{per_record:?}");
    assert!(report.outcome.synced > 0 && report.outcome.waiting > 0, "{report:?}");
}

#[tokio::test]
async fn the_ceiling_of_a_provider_leaves_the_others_to_be_asked() {
    let town = Town::small().await;
    town.config("    per_run: 200", "    per_run: 200\n    per_provider: {hunter: 0.0245}");
    let report = town.run(&(14..34).map(wanted).collect::<Vec<_>>()).await.unwrap();
    assert!(report.spend["hunter"].money <= 0.0245, "{:?}", report.spend);
    assert!(report.spend["apollo"].hits > 0, "{:?}", report.spend);
    assert!(
        town.notes.text().contains("hunter was not asked any more: its budget is used up"),
        "{}",
        town.notes.text()
    );
}

#[tokio::test]
async fn a_vendor_without_credits_stops_alone_and_its_records_go_on_or_wait() {
    let mut town = Town::small().await;
    town.set("HUNTER_API_KEY", "drained");
    let rows: Vec<Row> = (14..34).map(wanted).collect();
    let report = town.run(&rows).await.unwrap();
    assert!(report.spend["apollo"].hits > 0, "the others are asked: {:?}", report.spend);
    assert_eq!(report.spend["hunter"].money, 0.0);
    assert!(report.outcome.synced > 0 && report.outcome.waiting > 0);
    assert_eq!(
        report.outcome.rejected,
        report.reasons.get("domain-not-found").copied().unwrap_or_default(),
        "nobody is refused for the vendor's sake: {:?}",
        report.reasons
    );
    assert_eq!(report.reasons.get("provider-unavailable"), Some(&report.outcome.waiting));
    let asked = town.watch.count("hunter");
    assert!(asked <= 32, "an empty account is left alone, not asked {asked} times");

    // The account is filled up; tomorrow those who waited are asked for.
    town.set("HUNTER_API_KEY", KEY);
    let later = town.run_at("2026-12-02T09:00:00Z", &[]).await.unwrap();
    assert_eq!(later.imported, report.outcome.waiting);
    assert_eq!(later.outcome.waiting, 0);
    assert!(later.spend["hunter"].hits > 0, "{:?}", later.spend);
    assert_eq!(town.stats().await["double_charges"], serde_json::json!([]));
}

#[tokio::test]
async fn a_person_who_refused_is_left_alone_for_ever_and_kept_as_a_hash_only() {
    let mut people = house::world();
    people.people[14].refused = true;
    let town = Town::of(people).await;
    let profile = person(14).linkedin_url;
    let refused = row(14).without("Email");
    let report = town.run(&[refused.clone(), row(15)]).await.unwrap();
    assert_eq!((report.outcome.suppressed, report.outcome.synced), (1, 1), "{:?}", report.reasons);
    assert_eq!(report.reasons.get("refused-by-person"), Some(&1));
    assert!(town.contact(&person(14).email).await.is_none());
    {
        let world = town.open().await;
        let listed = world.store.suppressions().await.unwrap();
        let refusals: Vec<_> = listed.iter().filter(|entry| entry.reason.as_str() == "refused").collect();
        assert!(!refusals.is_empty());
        assert!(refusals.iter().all(|entry| entry.key.starts_with("hash:")), "{refusals:?}");
        assert!(!format!("{refusals:?}").contains(&person(14).lastname.to_lowercase()));
        let bought = calls(&world)
            .await
            .iter()
            .filter_map(|call| call.answer.clone())
            .filter(|answer| answer.outcome == evergreen_model::AnswerOutcome::Hit)
            .count();
        assert_eq!(bought as u64, report.spend.values().map(|spend| spend.hits).sum::<u64>());
    }

    // Another list brings the same person back, this time with their address; nobody is asked and nothing is written.
    town.watch.clear();
    let back = row(14).with("Phone", "").with("Person Linkedin Url", &profile);
    let again = town.run_at("2026-12-09T08:00:00Z", &[back]).await.unwrap();
    assert_eq!((again.outcome.suppressed, again.outcome.synced), (1, 0), "{again:?}");
    assert_eq!(vendors(&town), 0);
    assert!(town.contact(&person(14).email).await.is_none());
}

#[tokio::test]
async fn a_charge_in_doubt_counts_as_spent_and_is_not_asked_for_again_by_any_run() {
    let town = Town::small().await;
    // Apollo does not promise to repeat for free here, and never answers.
    town.config("    repeats_free: true         # true of the sandbox, which answers a repeated Idempotency-Key for free; not of Apollo itself\n", "");
    town.config("      - source: hunter.email_finder\n", "");
    town.config("      - source: pdl.person_enrich\n", "");
    town.watch.patience_ms(400);
    town.fault("/apollo/api/v1/people", "timeout-after-commit", 1, 0).await;
    let report = town.run(&[wanted(14)]).await.unwrap();
    assert_eq!(report.spend["apollo"].uncertain, 1, "{:?}", report.spend);
    assert_eq!(report.spend["apollo"].money, 0.026);

    let rows = [wanted(14).with("Job Title", "Director")];
    let again = town.run_at("2026-12-09T08:00:00Z", &rows);
    let again = tokio::time::timeout(std::time::Duration::from_secs(60), again).await.expect("the run ends").unwrap();
    assert_eq!(again.imported, again.outcome.sum());
    assert_eq!(town.stats().await["double_charges"], serde_json::json!([]));
}
