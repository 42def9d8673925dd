//! `kill -9` in the middle of writing: what was confirmed is there, the rest is wholly there or wholly absent.

#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use evergreen_model::call::{AnswerOutcome, CallState};
use evergreen_model::money::Money;
use evergreen_model::{CallId, Entity, RecordId, RunId};
use evergreen_ports::store::IdKind;
use evergreen_ports::verify_ledger;
use evergreen_ports::{CallQuery, Ceilings, Chance, Reservation, ReserveRequest, Settlement, Store, Transition};
use evergreen_store::SqliteStore;
use evergreen_testing::SeededChance;
use evergreen_testing::builders::{answer, charge, evidence, line, question, record_with, start};

/// Tells the child which store to write to; without it the child's test does nothing.
const STORE: &str = "EVERGREEN_CRASH_TEST_STORE";
const CONFIRMED: &str = "confirmed ";
const PRICE: i64 = 10;

async fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, &SeededChance::new(3)).await.expect("the store opens")
}

/// The child: reserves, "asks", settles with record, evidence and ledger line, and says so, until it is killed.
#[tokio::test]
async fn child_writes_until_killed() {
    let Some(path) = std::env::var_os(STORE) else {
        return;
    };
    let store = open(Path::new(&path)).await;
    loop {
        let number = store.allocate(IdKind::Record, 1).await.expect("a number");
        let request = ReserveRequest {
            record: RecordId(number),
            question: question("hunter", &format!("q{number}")),
            at_most: charge(2 * PRICE),
            fresh_since: start(),
        };
        let reserved = store.reserve(RunId(1), start(), vec![request], &Ceilings::default()).await.expect("money");
        let [Reservation::Reserved(call)] = reserved[..] else { panic!("{reserved:?}") };
        let answer = answer(AnswerOutcome::Hit, PRICE);
        let settlement = Settlement { call, state: CallState::Settled, answer: Some(answer), at: start() };
        let transition = Transition {
            records: vec![record_with(number, Entity::Contact, &[("email", &format!("p{number}@example.com"))])],
            evidence: (0..20).map(|piece| evidence(number * 20 + piece, number, &[("city", "Ulm")])).collect(),
            keys: vec![(RecordId(number), Entity::Contact, vec![format!("email:{number}")])],
            settlements: vec![settlement],
            remember: vec![("last".into(), number.to_string())],
            ledger: vec![line(&format!("record {number}"))],
            ..Transition::default()
        };
        store.commit(transition).await.expect("a commit");
        println!("{CONFIRMED}{number}");
    }
}

/// Starts the child, lets it write for a while, kills it and returns the last number it confirmed.
fn write_and_kill(path: &Path, millis: u64) -> i64 {
    let mut child = Command::new(std::env::current_exe().expect("this test's own binary"))
        .args(["--exact", "child_writes_until_killed", "--nocapture"])
        .env(STORE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the child starts");
    let mut said = BufReader::new(child.stdout.take().expect("the child's words")).lines().map_while(Result::ok);
    let confirmed = |line: String| line.strip_prefix(CONFIRMED)?.parse().ok();
    // However slow the machine: the clock starts when the child has begun to write.
    let first: Option<i64> = said.by_ref().find_map(confirmed);
    std::thread::sleep(Duration::from_millis(millis));
    child.kill().expect("the child is killed");
    child.wait().expect("the child is gone");
    said.filter_map(confirmed).last().or(first).expect("the child wrote")
}

async fn check(store: &SqliteStore, confirmed: i64) -> i64 {
    verify_ledger(store).await.expect("the ledger verifies");
    let last: i64 = store.remembered("last").await.expect("read").map_or(0, |text| text.parse().expect("a number"));
    assert!(last >= confirmed, "{confirmed} was confirmed, {last} is the last one there");
    let records = store.scan(Entity::Contact, None, None, 1_000_000).await.expect("read");
    let numbers: Vec<RecordId> = records.iter().map(|record| record.id).collect();
    assert_eq!(numbers.last().map_or(0, |id| id.0), last);
    let pieces = store.evidence(&numbers).await.expect("read").len();
    assert_eq!(pieces, 20 * numbers.len(), "evidence of every record, of no other");
    let calls = all_calls(store).await;
    let settled = calls.iter().filter(|call| call.state == CallState::Settled).count();
    assert_eq!(settled, numbers.len(), "an answer and what follows from it are one");
    for call in calls.iter().filter(|call| call.state == CallState::Reserved) {
        assert!(!numbers.contains(&call.record), "an unsettled call has no record yet");
    }
    last
}

async fn all_calls(store: &SqliteStore) -> Vec<evergreen_model::call::Call> {
    let mut calls = Vec::new();
    loop {
        let after: Option<CallId> = calls.last().map(|call: &evergreen_model::call::Call| call.id);
        let page = store.calls(CallQuery { after, ..CallQuery::default() }).await.expect("read");
        if page.is_empty() {
            return calls;
        }
        calls.extend(page);
    }
}

#[tokio::test]
async fn a_killed_writer_leaves_whole_transitions_only() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("evergreen.db");
    let chance = SeededChance::new(11);
    let mut written = 0;
    for _ in 0..8 {
        let confirmed = write_and_kill(&path, chance.draw() % 150);
        let store = open(&path).await;
        written = check(&store, confirmed.max(written)).await;
        store.close().await;
    }
    // Money adds up after all those deaths: a ceiling of exactly what was spent has room for nothing.
    let store = open(&path).await;
    let spent: i64 = all_calls(&store)
        .await
        .iter()
        .map(|call| if call.state == CallState::Settled { PRICE } else { 2 * PRICE })
        .sum();
    let ceilings = |micros| Ceilings { run: Some(Money::from_micros(micros)), ..Ceilings::default() };
    let one = |key: &str| {
        vec![ReserveRequest {
            record: RecordId(1),
            question: question("hunter", key),
            at_most: charge(1),
            fresh_since: start(),
        }]
    };
    let refused = store.reserve(RunId(1), start(), one("x"), &ceilings(spent)).await.expect("an answer");
    assert_eq!(refused, [Reservation::OverBudget("run".into())]);
    let granted = store.reserve(RunId(1), start(), one("x"), &ceilings(spent + 1)).await.expect("an answer");
    assert!(matches!(granted[..], [Reservation::Reserved(_)]));
}
