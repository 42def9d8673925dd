//! Evidence: added, handed over in a merge, never changed.

use evergreen_model::call::CallId;
use evergreen_model::evidence::{Evidence, EvidenceId};
use evergreen_model::list::RowId;
use evergreen_model::record::RecordId;
use evergreen_model::run::RunId;

use super::super::db::{Conn, Db, Row};
use super::cells::Cells;
use super::text::{json, micros};
use super::{insert, select_in};
use crate::fault::Fault;

pub(in super::super) async fn add(conn: &mut Conn, evidence: &[Evidence]) -> Result<(), Fault> {
    let lines = evidence
        .iter()
        .map(|piece| Ok((piece, json(&piece.source)?, json(&piece.fields)?)))
        .collect::<Result<Vec<_>, Fault>>()?;
    insert(
        conn,
        "INSERT INTO evidence (id, record, source, run, at, fields, confidence, call, list_row) ",
        "",
        &lines,
        |values, (piece, source, fields)| {
            values
                .push_bind(piece.id.0)
                .push_bind(piece.record.0)
                .push_bind(source.as_str())
                .push_bind(piece.run.map(|run| run.0))
                .push_bind(micros(piece.at))
                .push_bind(fields.as_str())
                .push_bind(i64::from(piece.confidence))
                .push_bind(piece.call.map(|call| call.0))
                .push_bind(piece.row.map(|row| row.0));
        },
    )
    .await
}

/// Every piece of the first record now belongs to the second.
pub(in super::super) async fn hand_over(conn: &mut Conn, moved: &[(RecordId, RecordId)]) -> Result<(), Fault> {
    for (from, to) in moved {
        sqlx::query::<Db>("UPDATE evidence SET record = $1 WHERE record = $2")
            .bind(to.0)
            .bind(from.0)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// All evidence of these records, in order of record and number.
pub(in super::super) async fn of(conn: &mut Conn, ids: &[RecordId]) -> Result<Vec<Evidence>, Fault> {
    let mut wanted: Vec<i64> = ids.iter().map(|id| id.0).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let rows = select_in(
        conn,
        |query| {
            query.push(
                "SELECT id, record, source, run, at, fields, confidence, call, list_row FROM evidence WHERE record IN",
            );
        },
        &wanted,
        "ORDER BY record, id",
    )
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Evidence, Fault> {
    let mut cells = Cells::of(row);
    Ok(Evidence {
        id: EvidenceId(cells.int()?),
        record: RecordId(cells.int()?),
        source: cells.json()?,
        run: cells.int_or_none()?.map(RunId),
        at: cells.time()?,
        fields: cells.json()?,
        confidence: u8::try_from(cells.int()?).unwrap_or(u8::MAX),
        call: cells.int_or_none()?.map(CallId),
        row: cells.int_or_none()?.map(RowId),
    })
}
