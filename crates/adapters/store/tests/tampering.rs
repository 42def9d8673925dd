//! Somebody edits the ledger with a database tool: `verify_ledger` names the line.

use std::path::{Path, PathBuf};

use evergreen_model::Problem;
use evergreen_model::ledger::chain_hash;
use evergreen_ports::{LedgerBreak, verify_ledger};
use evergreen_ports::{LedgerQuery, Store, Transition};
use evergreen_store::SqliteStore;
use evergreen_testing::SeededChance;
use evergreen_testing::builders::line;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

async fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, &SeededChance::new(1)).await.expect("the store opens")
}

/// A store with 20 lines on disk.
async fn twenty_lines(folder: &tempfile::TempDir) -> PathBuf {
    let path = folder.path().join("evergreen.db");
    let store = open(&path).await;
    let ledger = (1..=20).map(|number| line(&format!("line {number}"))).collect();
    store.commit(Transition { ledger, ..Transition::default() }).await.expect("twenty lines are written");
    store.close().await;
    path
}

async fn edit(path: &Path, statement: &str) {
    let address = format!("sqlite://{}", path.display());
    let mut raw = SqliteConnection::connect(&address).await.expect("SQLite opens the file");
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut raw).await.expect("SQLite edits the file");
    raw.close().await.expect("SQLite closes the file");
}

async fn verdict_after(statement: &str) -> Result<u64, LedgerBreak> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = twenty_lines(&folder).await;
    edit(&path, statement).await;
    verify_ledger(&open(&path).await).await
}

#[tokio::test]
async fn an_untouched_ledger_verifies() {
    assert_eq!(verdict_after("SELECT 1").await, Ok(20));
    let empty = SqliteStore::open_memory(&SeededChance::new(1)).await.expect("the store opens");
    assert_eq!(verify_ledger(&empty).await, Ok(0));
}

#[tokio::test]
async fn an_edited_line_is_named() {
    for column in [
        "sentence = 'nothing happened'",
        "at = at + 1",
        "run = 5",
        "record = 5",
        "kind = 'decided'",
        "details = '{}'",
        "hash = 'ff' || substr(hash, 3)",
    ] {
        let found = verdict_after(&format!("UPDATE ledger SET {column} WHERE seq = 7")).await;
        assert_eq!(found, Err(LedgerBreak::Edited(7)), "{column}");
    }
    let found = verdict_after("UPDATE ledger SET previous = hash WHERE seq = 7").await;
    assert_eq!(found, Err(LedgerBreak::Unchained(7)));
}

#[tokio::test]
async fn a_line_that_cannot_be_read_any_more_is_named() {
    for column in ["details = '{'", "kind = 'gossip'"] {
        let found = verdict_after(&format!("UPDATE ledger SET {column} WHERE seq = 7")).await;
        let problem = Problem::from(found.expect_err("the line was edited"));
        assert!(problem.why.contains("number 7"), "{column}: {problem}");
    }
}

#[tokio::test]
async fn a_deleted_line_is_named_wherever_it_stood() {
    for seq in [1, 7, 20] {
        let found = verdict_after(&format!("DELETE FROM ledger WHERE seq = {seq}")).await;
        assert_eq!(found, Err(LedgerBreak::Missing(seq)));
    }
    assert_eq!(verdict_after("DELETE FROM ledger").await, Err(LedgerBreak::Missing(1)));
    let closed_up = "DELETE FROM ledger WHERE seq = 7; UPDATE ledger SET seq = -(seq - 1) WHERE seq > 7; UPDATE ledger SET seq = -seq WHERE seq < 0";
    assert_eq!(verdict_after(closed_up).await, Err(LedgerBreak::Unchained(7)));
}

#[tokio::test]
async fn a_line_put_in_is_named() {
    let moved_up = "UPDATE ledger SET seq = -(seq + 1) WHERE seq >= 7; UPDATE ledger SET seq = -seq WHERE seq < 0; \
                    INSERT INTO ledger SELECT 7, at, run, kind, record, 'made up', details, previous, hash FROM ledger WHERE seq = 6";
    assert_eq!(verdict_after(moved_up).await, Err(LedgerBreak::Unchained(7)));
}

#[tokio::test]
async fn a_well_forged_line_is_found_by_the_one_after_it_or_by_the_remembered_end() {
    for (seq, found) in [(7, LedgerBreak::Unchained(8)), (20, LedgerBreak::Edited(20))] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = twenty_lines(&folder).await;
        let store = open(&path).await;
        let query = LedgerQuery { after: seq - 1, limit: 1, ..LedgerQuery::default() };
        let mut forged = store.ledger(query).await.expect("the line is read").remove(0);
        store.close().await;
        forged.entry.sentence = "forged".into();
        let hash = chain_hash(&forged.previous, forged.seq, &forged.entry);
        edit(&path, &format!("UPDATE ledger SET sentence = 'forged', hash = '{hash}' WHERE seq = {seq}")).await;
        assert_eq!(verify_ledger(&open(&path).await).await, Err(found));
    }
}

#[tokio::test]
async fn a_well_chained_line_that_evergreen_did_not_write_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = twenty_lines(&folder).await;
    let store = open(&path).await;
    let last =
        store.ledger(LedgerQuery { after: 19, ..LedgerQuery::default() }).await.expect("the line is read").remove(0);
    store.close().await;
    let hash = chain_hash(&last.hash, 21, &last.entry);
    edit(&path, &format!("INSERT INTO ledger SELECT 21, at, run, kind, record, sentence, details, hash, '{hash}' FROM ledger WHERE seq = 20")).await;
    assert_eq!(verify_ledger(&open(&path).await).await, Err(LedgerBreak::Appended(20)));
}

#[tokio::test]
async fn writing_on_does_not_hide_a_line_cut_off_the_end() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = twenty_lines(&folder).await;
    edit(&path, "DELETE FROM ledger WHERE seq = 20").await;
    let store = open(&path).await;
    store.commit(Transition { ledger: vec![line("later")], ..Transition::default() }).await.expect("writing goes on");
    assert_eq!(verify_ledger(&store).await, Err(LedgerBreak::Missing(20)));
}
