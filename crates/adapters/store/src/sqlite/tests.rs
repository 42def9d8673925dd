//! What a store in a file has to stand: a second writer, a full disk, a file that is no store, a dropped commit.

use std::path::PathBuf;
use std::time::Duration;

use evergreen_model::{Entity, LedgerKind, NewLedgerEntry, Remedy};
use evergreen_ports::store::IdKind;
use evergreen_ports::{LedgerQuery, Store, Transition};
use evergreen_testing::SeededChance;
use evergreen_testing::builders::{line, record_with};

use super::*;
use evergreen_ports::verify_ledger;

struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    fn new() -> Folder {
        Folder { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("evergreen.db")
    }

    async fn open(&self) -> Result<SqliteStore, StoreError> {
        SqliteStore::open(&self.file(), &SeededChance::new(7)).await
    }
}

/// Records with long values and a ledger line each, numbered from `first`.
fn bulky(first: i64, count: i64) -> Transition {
    let long = "x".repeat(2_000);
    Transition {
        records: (first..first + count).map(|id| record_with(id, Entity::Contact, &[("notes", &long)])).collect(),
        ledger: (first..first + count).map(|id| line(&format!("record {id}"))).collect(),
        ..Transition::default()
    }
}

async fn counts(store: &SqliteStore) -> (usize, u64) {
    let records = store.scan(Entity::Contact, None, None, 100_000).await.unwrap();
    (records.len(), verify_ledger(store).await.unwrap())
}

#[tokio::test]
async fn a_store_keeps_its_name_and_its_numbers() {
    let folder = Folder::new();
    let first = folder.open().await.unwrap();
    let name = first.instance().to_owned();
    assert_eq!(first.allocate(IdKind::Record, 10).await.unwrap(), 1);
    first.close().await;
    let again = SqliteStore::open(&folder.file(), &SeededChance::new(8)).await.unwrap();
    assert_eq!(again.instance(), name);
    assert_eq!(again.allocate(IdKind::Record, 1).await.unwrap(), 11);
}

#[tokio::test]
async fn two_stores_have_two_names() {
    let one = SqliteStore::open_memory(&SeededChance::new(1)).await.unwrap();
    let other = SqliteStore::open_memory(&SeededChance::new(2)).await.unwrap();
    assert_ne!(one.instance(), other.instance());
}

#[tokio::test]
async fn a_second_writer_is_told_who_is_in_the_way() {
    let folder = Folder::new();
    let first = folder.open().await.unwrap();
    let problem = folder.open().await.unwrap_err().0;
    assert_eq!((problem.code.as_str(), problem.remedy), ("EG-STORE-002", Remedy::RetryLater));
    assert!(problem.what.contains("evergreen.db"), "{problem}");
    first.close().await;
    folder.open().await.unwrap();
}

#[tokio::test]
async fn a_reader_may_look_while_a_writer_writes() {
    let folder = Folder::new();
    let writer = folder.open().await.unwrap();
    writer.commit(bulky(1, 3)).await.unwrap();
    let reader = SqliteStore::open_to_read(&folder.file()).await.unwrap();
    assert_eq!(reader.instance(), writer.instance());
    assert_eq!(counts(&reader).await, (3, 3));
    writer.commit(bulky(4, 2)).await.unwrap();
    assert_eq!(counts(&reader).await, (5, 5));
    let problem = reader.commit(bulky(9, 1)).await.unwrap_err().0;
    assert_eq!(problem.code, "EG-STORE-005");
}

#[tokio::test]
async fn a_missing_folder_or_store_is_named() {
    let folder = Folder::new();
    let nowhere = folder.folder.path().join("nowhere").join("evergreen.db");
    let problem = SqliteStore::open(&nowhere, &SeededChance::new(1)).await.unwrap_err().0;
    assert_eq!(problem.code, "EG-STORE-001");
    assert!(problem.why.contains("nowhere"), "{problem}");
    let problem = SqliteStore::open_to_read(&folder.file()).await.unwrap_err().0;
    assert_eq!(problem.code, "EG-STORE-001");
    assert!(!folder.file().exists(), "looking makes no file");
}

#[tokio::test]
async fn a_file_that_is_no_store_is_left_alone() {
    let folder = Folder::new();
    std::fs::write(folder.file(), "name,email\n".repeat(500)).unwrap();
    let problem = folder.open().await.unwrap_err().0;
    assert_eq!(problem.code, "EG-STORE-006", "{problem}");
    assert!(std::fs::read_to_string(folder.file()).unwrap().starts_with("name,email"));
}

#[tokio::test]
async fn a_store_of_a_newer_evergreen_is_not_touched() {
    let folder = Folder::new();
    folder.open().await.unwrap().close().await;
    let mut raw = connect::writer(&folder.file()).connect().await.unwrap();
    sqlx::query("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (999, 'later', 1, x'00', 0)")
        .execute(&mut raw)
        .await
        .unwrap();
    raw.close().await.unwrap();
    let problem = folder.open().await.unwrap_err().0;
    assert_eq!((problem.code.as_str(), problem.remedy), ("EG-STORE-007", Remedy::FixSettings));
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_the_work_goes_on_when_there_is_room() {
    let folder = Folder::new();
    let store = folder.open().await.unwrap();
    store.commit(bulky(1, 10)).await.unwrap();
    if let Writer::File { connection: Some(connection), .. } = &mut *store.writer.lock().await {
        // SQLite answers a reached limit exactly as it answers a full disk.
        sqlx::query("PRAGMA max_page_count = 1").fetch_all(connection).await.unwrap();
    }
    let problem = store.commit(bulky(11, 500)).await.unwrap_err().0;
    assert_eq!((problem.code.as_str(), problem.remedy), ("EG-STORE-003", Remedy::RetryLater), "{problem}");
    assert_eq!(counts(&store).await, (10, 10), "nothing of it was written");
    // The limit belonged to the connection that failed; there is room again.
    store.commit(bulky(11, 500)).await.unwrap();
    assert_eq!(counts(&store).await, (510, 510));
}

#[tokio::test]
async fn a_foreign_lock_is_named() {
    let folder = Folder::new();
    let store = folder.open().await.unwrap();
    if let Writer::File { connection: Some(connection), .. } = &mut *store.writer.lock().await {
        sqlx::query("PRAGMA busy_timeout = 10").fetch_all(connection).await.unwrap();
    }
    let mut foreign = connect::writer(&folder.file()).connect().await.unwrap();
    let held = foreign.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let problem = store.commit(bulky(1, 1)).await.unwrap_err().0;
    assert_eq!((problem.code.as_str(), problem.remedy), ("EG-STORE-004", Remedy::RetryLater), "{problem}");
    held.rollback().await.unwrap();
    store.commit(bulky(1, 1)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_nobody_waits_for_is_whole_or_absent() {
    let folder = Folder::new();
    let store = folder.open().await.unwrap();
    let mut expected = 0;
    for turn in 0..20 {
        let first = 1 + turn * 300;
        let patience = Duration::from_micros(1_500 * u64::try_from(turn).unwrap());
        let _ = tokio::time::timeout(patience, store.commit(bulky(first, 300))).await;
        // Its last statement may still be under way; the next writer waits for it.
        store.allocate(IdKind::Record, 1).await.unwrap();
        let (records, lines) = counts(&store).await;
        assert_eq!(records as u64, lines);
        assert_eq!(records % 300, 0, "turn {turn}");
        assert!(records >= expected);
        expected = records;
    }
    store.commit(bulky(100_000, 1)).await.unwrap();
}

#[tokio::test]
async fn every_claim_and_page_is_answered_from_an_index() {
    let folder = Folder::new();
    folder.open().await.unwrap().close().await;
    let mut raw = connect::writer(&folder.file()).connect().await.unwrap();
    for (statement, index) in [
        (
            "SELECT id FROM records WHERE stage = $1 AND entity = $2 AND id > $3 AND due <= $4 AND run = $5 ORDER BY id LIMIT 9",
            "records_by_stage",
        ),
        ("SELECT id FROM records WHERE run = $1 AND entity = $2 AND id > $3 ORDER BY id LIMIT $4", "records_by_run"),
        (
            "SELECT id FROM list_rows WHERE run IS NULL AND state = $1 AND id > $2 ORDER BY id LIMIT 9",
            "list_rows_by_run",
        ),
        (
            "SELECT id FROM steps WHERE plan = $1 AND state = $2 AND id > $3 AND entity = $4 ORDER BY id LIMIT 9",
            "steps_by_state",
        ),
        ("SELECT id FROM calls WHERE state = $1 AND id > $2 AND run = $3 ORDER BY id LIMIT 9", "calls_by_run"),
        ("SELECT entity, stage, COUNT(*) FROM records GROUP BY stage, entity", "records_by_stage"),
        ("SELECT seq FROM ledger WHERE seq > $1 AND record = $2 ORDER BY seq LIMIT 9", "ledger_by_record"),
        ("SELECT record FROM handles WHERE entity = $1 AND record > $2 ORDER BY record LIMIT 9", "handles_by_entity"),
        ("SELECT record FROM handles WHERE domain = $1 ORDER BY entity, record LIMIT 20", "handles_by_domain"),
    ] {
        let plan = sqlx::query::<Sqlite>(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}")))
            .fetch_all(&mut raw)
            .await
            .unwrap();
        let steps: Vec<String> = plan.iter().map(|row| sqlx::Row::get(row, 3)).collect();
        assert!(steps.iter().any(|step| step.contains(index)), "{statement}: {steps:?}");
        let sorts = steps.iter().any(|step| step.contains("TEMP B-TREE FOR ORDER BY"));
        assert!(!sorts || index == "handles_by_domain", "{statement} sorts: {steps:?}");
    }
}

#[tokio::test]
async fn floats_and_fine_times_in_the_ledger_verify() {
    let store = SqliteStore::open_memory(&SeededChance::new(1)).await.unwrap();
    let chance = SeededChance::new(5);
    let ledger = (0..200)
        .map(|_| NewLedgerEntry {
            at: "2026-01-15T09:00:00.123456789Z".parse().unwrap(),
            kind: LedgerKind::HandedOff,
            details: serde_json::json!({ "score": f64::from_bits(chance.draw() >> 2), "z": 1, "a": null }),
            ..line("precise")
        })
        .collect();
    store.commit(Transition { ledger, ..Transition::default() }).await.unwrap();
    assert_eq!(verify_ledger(&store).await.unwrap(), 200);
    let lines = store.ledger(LedgerQuery { limit: 1, ..LedgerQuery::default() }).await.unwrap();
    assert_eq!(lines[0].entry.at.subsec_nanosecond(), 123_456_000);
}
