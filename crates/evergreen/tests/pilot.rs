//! The demo on its real list: held against the truth file, nobody is merged wrongly, nobody known is missed, every mess ends where it should.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use evergreen_machine::SeededChance;
use evergreen_model::{Outcome, Record, RecordId, Row, RowState, RunId};
use evergreen_ports::Store;
use evergreen_store::SqliteStore;

const TRUTH: &str = include_str!("../../../examples/pilot/truth.csv");
const PORTAL_TRUTH: &str = include_str!("../../../examples/pilot/portal_truth.csv");

/// What the truth file says of a row.
struct Truth {
    person: &'static str,
    kind: &'static str,
}

fn truth() -> BTreeMap<u64, Truth> {
    let lines = TRUTH.lines().skip(1).filter_map(|line| {
        let mut cells = line.split(',');
        let row: u64 = cells.next()?.parse().ok()?;
        Some((row + 1, Truth { person: cells.next()?, kind: cells.next()? })) // the header is line 1 of the list
    });
    lines.collect()
}

/// HubSpot ids of a person in the CRM before the demo.
fn in_portal() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut ids: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (id, person) in PORTAL_TRUTH.lines().skip(1).filter_map(|line| line.split_once(',')) {
        ids.entry(person).or_default().insert(id);
    }
    ids
}

async fn everything(folder: &Path) -> (Vec<Row>, BTreeMap<RecordId, Record>) {
    let store = SqliteStore::open(&folder.join("evergreen.sqlite"), &SeededChance::new(1)).await.unwrap();
    let mut rows = Vec::new();
    for state in [RowState::Resolved, RowState::Merged, RowState::Quarantined] {
        rows.extend(store.rows(Some(RunId(1)), state, None, 2_000).await.unwrap());
    }
    let ids: Vec<RecordId> = rows.iter().filter_map(|row| row.record).collect();
    let records = store.records(&ids).await.unwrap();
    (rows, records.into_iter().map(|record| (record.id, record)).collect())
}

#[tokio::test]
async fn the_demo_finds_who_is_who_and_puts_every_mess_where_it_belongs() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Command::new(env!("CARGO_BIN_EXE_evergreen"))
        .args(["demo", "-q", "--json", "--dir"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
    for name in ["report.html", "report.json"] {
        assert!(folder.path().join(name).exists(), "{name}");
    }
    let (rows, records) = everything(folder.path()).await;
    assert_eq!(rows.len(), 1_000);

    let truth = truth();
    let portal = in_portal();
    let mut people_of: BTreeMap<RecordId, BTreeSet<&str>> = BTreeMap::new();
    let mut records_of: BTreeMap<&str, BTreeSet<RecordId>> = BTreeMap::new();
    let mut wrong: Vec<String> = Vec::new();
    let mut duplicates = 0;
    for row in &rows {
        let Truth { person, kind } = &truth[&row.line];
        let record = row.record.and_then(|id| records.get(&id));
        if let (Some(record), false) = (record, person.is_empty()) {
            people_of.entry(record.id).or_default().insert(person);
            records_of.entry(person).or_default().insert(record.id);
        }
        let outcome = record.and_then(|record| record.outcome);
        let as_it_should = match *kind {
            "broken" => row.state == RowState::Quarantined,
            "duplicate" => {
                duplicates += 1;
                row.state == RowState::Merged
            }
            "dead_domain" | "no_mail" | "student" => outcome == Some(Outcome::Rejected),
            "suppressed" | "customer" | "competitor" | "refused" => outcome == Some(Outcome::Suppressed),
            "role" => outcome == Some(Outcome::Held),
            _ => row.state != RowState::Quarantined,
        };
        if !as_it_should {
            wrong.push(format!("line {} ({kind}): {:?}, {outcome:?}", row.line, row.state));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(duplicates, 120);

    let merged_wrongly: Vec<_> = people_of.iter().filter(|(_, people)| people.len() > 1).collect();
    assert!(merged_wrongly.is_empty(), "two people in one record: {merged_wrongly:?}");
    // Three people changed their firm and share nothing but their name: the truth knows it, no list can.
    let apart = records_of.values().filter(|records| records.len() > 1).count();
    assert!(apart <= 3, "{apart} people are in two records each");
    let missed: Vec<_> = records_of
        .iter()
        .filter_map(|(person, ids)| portal.get(person).map(|known| (person, ids, known)))
        .filter(|(_, ids, known)| {
            !ids.iter().any(|id| records[id].portal_id.as_deref().is_some_and(|id| known.contains(id)))
        })
        .collect();
    assert!(missed.is_empty(), "known to the CRM and not recognised: {missed:?}");
}
