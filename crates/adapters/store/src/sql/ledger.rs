//! The ledger: appended inside the transaction that does what it tells, each line chained to the one before.

use evergreen_model::ledger::{LedgerEntry, NewLedgerEntry, chain_hash, genesis};
use evergreen_model::record::RecordId;
use evergreen_model::run::RunId;
use evergreen_ports::LedgerQuery;
use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::super::db::{Conn, Db, Row};
use super::cells::Cells;
use super::insert;
use super::memory;
use super::text::{json, limit_or_most, micros};
use crate::fault::Fault;
use evergreen_ports::ledger::{LEDGER_HEAD, read_head};

/// A line with its place in the chain, ready to be written.
struct Line {
    seq: i64,
    entry: NewLedgerEntry,
    details: String,
    previous: String,
    hash: String,
}

pub(super) async fn append(conn: &mut Conn, entries: &[&NewLedgerEntry]) -> Result<(), Fault> {
    if entries.is_empty() {
        return Ok(());
    }
    let (mut seq, mut hash) = head(conn).await?;
    let mut lines = Vec::with_capacity(entries.len());
    for entry in entries {
        seq += 1;
        let mut entry = NewLedgerEntry::clone(entry);
        entry.at = as_stored(entry.at)?;
        let previous = std::mem::take(&mut hash);
        hash = chain_hash(&previous, seq, &entry);
        lines.push(Line { seq, details: json(&entry.details)?, entry, previous, hash: hash.clone() });
    }
    insert(
        conn,
        "INSERT INTO ledger (seq, at, run, kind, record, sentence, details, previous, hash) ",
        "",
        &lines,
        |values, line| {
            values
                .push_bind(line.seq)
                .push_bind(micros(line.entry.at))
                .push_bind(line.entry.run.map(|run| run.0))
                .push_bind(line.entry.kind.as_str())
                .push_bind(line.entry.record.map(|record| record.0))
                .push_bind(line.entry.sentence.as_str())
                .push_bind(line.details.as_str())
                .push_bind(line.previous.as_str())
                .push_bind(line.hash.as_str());
        },
    )
    .await?;
    memory::remember(conn, &[(LEDGER_HEAD.to_owned(), format!("{seq} {hash}"))]).await
}

/// The time as it will be read back, because that is what the hash is checked against.
fn as_stored(at: Timestamp) -> Result<Timestamp, Fault> {
    Timestamp::from_microsecond(micros(at)).map_err(|error| Fault::Mistake(error.to_string()))
}

/// Number and hash of the last line. Remembered beside the ledger, so that a line cut off its end leaves a gap that shows.
async fn head(conn: &mut Conn) -> Result<(i64, String), Fault> {
    if let Some(text) = memory::recall(conn, LEDGER_HEAD).await? {
        return read_head(&text)
            .ok_or_else(|| Fault::Unreadable(format!("the end of the ledger is noted as `{text}`")));
    }
    let row = sqlx::query::<Db>("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetch_optional(conn).await?;
    match row {
        None => Ok((0, genesis())),
        Some(row) => {
            let mut cells = Cells::of(&row);
            Ok((cells.int()?, cells.text()?.to_owned()))
        }
    }
}

pub(in super::super) async fn find(conn: &mut Conn, asked: &LedgerQuery) -> Result<Vec<LedgerEntry>, Fault> {
    let mut query = QueryBuilder::<Db>::new(
        "SELECT seq, at, run, kind, record, sentence, details, previous, hash FROM ledger WHERE seq > ",
    );
    query.push_bind(asked.after);
    if let Some(record) = asked.record {
        query.push(" AND record = ").push_bind(record.0);
    }
    if let Some(run) = asked.run {
        query.push(" AND run = ").push_bind(run.0);
    }
    query.push(" ORDER BY seq LIMIT ").push_bind(limit_or_most(asked.limit));
    let rows = query.build().fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<LedgerEntry, Fault> {
    let mut cells = Cells::of(row);
    let seq = cells.int()?;
    Ok(LedgerEntry {
        seq,
        entry: NewLedgerEntry {
            at: cells.time()?,
            run: cells.int_or_none()?.map(RunId),
            kind: cells.word()?,
            record: cells.int_or_none()?.map(RecordId),
            sentence: cells.text()?.to_owned(),
            details: cells.json()?,
        },
        previous: cells.text()?.to_owned(),
        hash: cells.text()?.to_owned(),
    })
}
