//! Records: one body each, and beside it the columns that queues ask for.

use std::collections::HashMap;

use evergreen_model::record::{Record, RecordId};
use evergreen_model::run::RunId;

use super::super::db::{Conn, Row};
use super::cells::Cells;
use super::text::{json, micros};
use super::{handles, insert, newest, select_in};
use crate::fault::Fault;

pub(in super::super) async fn put(conn: &mut Conn, records: &[Record]) -> Result<(), Fault> {
    let records = newest(records, |record| record.id);
    let lines = records.iter().map(|record| Ok((*record, json(*record)?))).collect::<Result<Vec<_>, Fault>>()?;
    insert(
        conn,
        "INSERT INTO records (id, entity, evergreen_id, run, stage, due, portal_id, company, outcome, body) ",
        " ON CONFLICT (id) DO UPDATE SET entity = excluded.entity, evergreen_id = excluded.evergreen_id, \
         run = excluded.run, stage = excluded.stage, due = excluded.due, portal_id = excluded.portal_id, \
         company = excluded.company, outcome = excluded.outcome, body = excluded.body",
        &lines,
        |values, (record, body)| {
            values
                .push_bind(record.id.0)
                .push_bind(record.entity.as_str())
                .push_bind(record.evergreen_id.as_str())
                .push_bind(record.run.map(|run| run.0))
                .push_bind(record.stage.as_str())
                .push_bind(micros(record.due))
                .push_bind(record.portal_id.as_deref())
                .push_bind(record.company.map(|company| company.0))
                .push_bind(record.outcome.map(|outcome| outcome.as_str()))
                .push_bind(body.as_str());
        },
    )
    .await?;
    handles::put(conn, &records).await
}

/// Records by number, in the order asked.
pub(in super::super) async fn by_number(conn: &mut Conn, ids: &[RecordId]) -> Result<Vec<Record>, Fault> {
    let mut wanted: Vec<i64> = ids.iter().map(|id| id.0).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let rows = select_in(
        conn,
        |query| {
            query.push("SELECT id, run, stage, due, portal_id, company, outcome, body FROM records WHERE id IN");
        },
        &wanted,
        "",
    )
    .await?;
    let mut found =
        rows.iter().map(|row| read(row).map(|record| (record.id, record))).collect::<Result<HashMap<_, _>, _>>()?;
    if wanted.len() == ids.len() {
        return Ok(ids.iter().filter_map(|id| found.remove(id)).collect());
    }
    Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
}

/// The body holds the whole record; where a column holds the same, the column is the truth.
fn read(row: &Row) -> Result<Record, Fault> {
    let mut cells = Cells::of(row);
    let id = RecordId(cells.int()?);
    let run = cells.int_or_none()?.map(RunId);
    let stage = cells.word()?;
    let due = cells.time()?;
    let portal_id = cells.text_or_none()?.map(str::to_owned);
    let company = cells.int_or_none()?.map(RecordId);
    let outcome = cells.word_or_none()?;
    let body: Record = cells.json()?;
    Ok(Record { id, run, stage, due, portal_id, company, outcome, ..body })
}
