//! Facts about files and rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use evergreen_model::list::{FileId, Row, RowId, RowState};
use evergreen_model::record::{Entity, Outcome, RecordId};
use evergreen_model::run::RunId;
use evergreen_ports::{Store, Transition};

use super::{commit, ok};
use crate::builders::{list_file, record, row};

/// The same bytes are the same file, whatever its name.
pub async fn a_file_is_found_by_its_bytes(store: Arc<dyn Store>) {
    commit(&*store, Transition { files: vec![list_file(1), list_file(2)], ..Transition::default() }).await;
    assert_eq!(ok(store.file_by_hash("hash-2").await), Some(list_file(2)));
    assert_eq!(ok(store.file_by_hash("hash-3").await), None);
    assert_eq!(ok(store.files().await), [list_file(2), list_file(1)], "newest first");
}

/// Lines count per file, and never go back.
pub async fn an_import_goes_on_after_the_last_line_staged(store: Arc<dyn Store>) {
    assert_eq!(ok(store.last_line(FileId(1)).await), 0);
    commit(&*store, Transition { rows: (1..=5).map(row).collect(), ..Transition::default() }).await;
    let other = Row { file: FileId(2), line: 2, ..row(6) };
    commit(&*store, Transition { rows: vec![other], ..Transition::default() }).await;
    // A row that is resolved later is written again and must not turn the clock back.
    commit(&*store, Transition { rows: vec![row(2)], ..Transition::default() }).await;
    assert_eq!(ok(store.last_line(FileId(1)).await), 6);
    assert_eq!(ok(store.last_line(FileId(2)).await), 2);
}

/// Pages follow the number, and hold one state of one run.
pub async fn rows_come_in_pages_in_order(store: Arc<dyn Store>) {
    let mut rows: Vec<Row> = (1..=700).map(row).collect();
    rows[2].state = RowState::Quarantined;
    rows[3].run = Some(RunId(1));
    commit(&*store, Transition { rows: rows.clone(), ..Transition::default() }).await;
    let mut read = Vec::new();
    loop {
        let after = read.last().map(|row: &Row| row.id);
        let page = ok(store.rows(None, RowState::Staged, after, 100).await);
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 100);
        read.extend(page);
    }
    let quarantined = rows.remove(2);
    let taken = rows.remove(2);
    assert_eq!(read, rows);
    assert_eq!(ok(store.rows(None, RowState::Quarantined, None, 10).await), [quarantined]);
    assert_eq!(ok(store.rows(Some(RunId(1)), RowState::Staged, None, 10).await), [taken]);
}

/// A pilot takes only so many, in order of number.
pub async fn a_run_takes_in_the_first_rows(store: Arc<dyn Store>) {
    let mut rows: Vec<Row> = (1..=10).map(row).collect();
    rows[0].run = Some(RunId(1));
    rows[4].state = RowState::Quarantined;
    commit(&*store, Transition { rows, ..Transition::default() }).await;
    assert_eq!(ok(store.adopt_rows(RunId(2), Some(0)).await), 0);
    assert_eq!(ok(store.adopt_rows(RunId(2), Some(5)).await), 5);
    let staged = ok(store.rows(Some(RunId(2)), RowState::Staged, None, 100).await);
    assert_eq!(staged.iter().map(|row| row.id.0).collect::<Vec<_>>(), [2, 3, 4, 6]);
    assert!(staged.iter().all(|row| row.run == Some(RunId(2))));
    assert_eq!(ok(store.adopt_rows(RunId(3), Some(100)).await), 4);
    assert_eq!(ok(store.adopt_rows(RunId(4), None).await), 0);
}

/// Without a limit nothing is left behind.
pub async fn a_run_takes_in_all_rows_of_every_state(store: Arc<dyn Store>) {
    let mut rows: Vec<Row> = (1..=6).map(row).collect();
    rows[1].state = RowState::Quarantined;
    commit(&*store, Transition { rows, ..Transition::default() }).await;
    assert_eq!(ok(store.adopt_rows(RunId(1), None).await), 6);
    let tally = ok(store.tally_rows(RunId(1)).await);
    assert_eq!(tally, BTreeMap::from([((RowState::Staged, None), 5), ((RowState::Quarantined, None), 1)]));
}

/// Only the first row of a record carries its outcome.
pub async fn rows_are_counted_with_the_outcome_of_their_record(store: Arc<dyn Store>) {
    let in_run = |id: i64, state: RowState, about: Option<i64>| Row {
        state,
        run: Some(RunId(1)),
        record: about.map(RecordId),
        ..row(id)
    };
    let mut synced = record(1, Entity::Contact);
    synced.outcome = Some(Outcome::Synced);
    let mut rejected = record(2, Entity::Contact);
    rejected.outcome = Some(Outcome::Rejected);
    let open = record(3, Entity::Contact);
    let rows = vec![
        in_run(1, RowState::Resolved, Some(1)),
        in_run(2, RowState::Merged, Some(1)),
        in_run(3, RowState::Resolved, Some(2)),
        in_run(4, RowState::Resolved, Some(3)),
        in_run(5, RowState::Held, None),
        in_run(6, RowState::Quarantined, None),
        in_run(7, RowState::Staged, None),
        Row { run: Some(RunId(2)), ..in_run(8, RowState::Resolved, Some(1)) },
    ];
    commit(&*store, Transition { records: vec![synced, rejected, open], rows, ..Transition::default() }).await;
    let tally = ok(store.tally_rows(RunId(1)).await);
    let expected = BTreeMap::from([
        ((RowState::Resolved, Some(Outcome::Synced)), 1),
        ((RowState::Resolved, Some(Outcome::Rejected)), 1),
        ((RowState::Resolved, None), 1),
        ((RowState::Merged, None), 1),
        ((RowState::Held, None), 1),
        ((RowState::Quarantined, None), 1),
        ((RowState::Staged, None), 1),
    ]);
    assert_eq!(tally, expected);
}

/// What a run took in because it was due, not because a list named it.
pub async fn records_that_were_due_are_counted_apart(store: Arc<dyn Store>) {
    let of_run = |id: i64, entity: Entity, outcome: Option<Outcome>| {
        let mut record = record(id, entity);
        record.run = Some(RunId(1));
        record.outcome = outcome;
        record
    };
    let records = vec![
        of_run(1, Entity::Contact, Some(Outcome::Synced)),
        of_run(2, Entity::Contact, Some(Outcome::Synced)),
        of_run(3, Entity::Contact, None),
        of_run(4, Entity::Company, Some(Outcome::Unchanged)),
    ];
    let mut listed = row(1);
    listed.run = Some(RunId(1));
    listed.record = Some(RecordId(1));
    let mut listed_before = row(2);
    listed_before.run = Some(RunId(9));
    listed_before.record = Some(RecordId(2));
    commit(&*store, Transition { records, rows: vec![listed, listed_before], ..Transition::default() }).await;
    let tally = ok(store.tally_due(RunId(1)).await);
    let expected = BTreeMap::from([
        ((Entity::Contact, Some(Outcome::Synced)), 1),
        ((Entity::Contact, None), 1),
        ((Entity::Company, Some(Outcome::Unchanged)), 1),
    ]);
    assert_eq!(tally, expected);
}

/// From a record back to the lines of the lists it came from.
pub async fn rows_of_a_record_are_found(store: Arc<dyn Store>) {
    let mut rows: Vec<Row> = (1..=4).map(row).collect();
    rows[0].record = Some(RecordId(1));
    rows[3].record = Some(RecordId(1));
    rows[2].record = Some(RecordId(2));
    commit(&*store, Transition { rows, ..Transition::default() }).await;
    let found = ok(store.rows_of(RecordId(1)).await);
    assert_eq!(found.iter().map(|row| row.id).collect::<Vec<_>>(), [RowId(1), RowId(4)]);
}
