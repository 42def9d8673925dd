//! Facts about the ledger: numbered, chained, one author at a time.

use std::sync::Arc;

use evergreen_model::ledger::{LedgerEntry, NewLedgerEntry, chain_hash, genesis};
use evergreen_model::record::RecordId;
use evergreen_model::run::RunId;
use evergreen_ports::{LedgerQuery, Store, Transition};

use super::{commit, ok};
use crate::builders::line;

fn assert_chained(lines: &[LedgerEntry]) {
    let mut previous = genesis();
    for (place, line) in lines.iter().enumerate() {
        assert_eq!(line.seq, place as i64 + 1);
        assert_eq!(line.previous, previous);
        assert_eq!(line.hash, chain_hash(&previous, line.seq, &line.entry));
        previous = line.hash.clone();
    }
}

async fn all(store: &dyn Store) -> Vec<LedgerEntry> {
    ok(store.ledger(LedgerQuery::default()).await)
}

/// Across transitions, and read in pages.
pub async fn lines_are_numbered_without_gaps_and_chained(store: Arc<dyn Store>) {
    commit(&*store, Transition { ledger: vec![line("one"), line("two")], ..Transition::default() }).await;
    commit(
        &*store,
        Transition { ledger: (3..=300).map(|n| line(&format!("line {n}"))).collect(), ..Transition::default() },
    )
    .await;
    let lines = all(&*store).await;
    assert_eq!(lines.len(), 300);
    assert_chained(&lines);
    assert_eq!(lines[1].entry, line("two"));
    let page = ok(store.ledger(LedgerQuery { after: 10, limit: 2, ..LedgerQuery::default() }).await);
    assert_eq!(page, lines[10..12]);
}

/// What was decided about one record, what happened in one run.
pub async fn lines_are_found_by_record_and_run(store: Arc<dyn Store>) {
    let about =
        |record: i64, run: i64| NewLedgerEntry { record: Some(RecordId(record)), run: Some(RunId(run)), ..line("x") };
    let ledger = vec![about(1, 1), about(2, 1), line("y"), about(1, 2)];
    commit(&*store, Transition { ledger, ..Transition::default() }).await;
    let seqs = |lines: Vec<LedgerEntry>| lines.iter().map(|line| line.seq).collect::<Vec<_>>();
    let of_record = LedgerQuery { record: Some(RecordId(1)), ..LedgerQuery::default() };
    assert_eq!(seqs(ok(store.ledger(of_record.clone()).await)), [1, 4]);
    assert_eq!(seqs(ok(store.ledger(LedgerQuery { run: Some(RunId(1)), ..LedgerQuery::default() }).await)), [1, 2]);
    assert_eq!(seqs(ok(store.ledger(LedgerQuery { run: Some(RunId(2)), after: 1, ..of_record }).await)), [4]);
}

/// However the transitions of several workers fall.
pub async fn writers_side_by_side_leave_one_chain(store: Arc<dyn Store>) {
    let mut workers = Vec::new();
    for worker in 0..4 {
        let store = store.clone();
        workers.push(tokio::spawn(async move {
            for turn in 0..10 {
                let ledger = vec![line(&format!("{worker} {turn} a")), line(&format!("{worker} {turn} b"))];
                commit(&*store, Transition { ledger, ..Transition::default() }).await;
            }
        }));
    }
    for worker in workers {
        assert!(worker.await.is_ok());
    }
    let lines = all(&*store).await;
    assert_eq!(lines.len(), 80);
    assert_chained(&lines);
}
