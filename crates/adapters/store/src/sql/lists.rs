//! Runs, files and their rows.

use evergreen_model::list::{FileId, ListFile, Row as ListRow, RowId, RowState};
use evergreen_model::record::RecordId;
use evergreen_model::run::{Run, RunId};
use std::collections::BTreeMap;

use super::super::db::{Conn, Db, Row};
use super::cells::Cells;
use super::text::{json, json_or_none, whole};
use super::{insert, newest};
use crate::fault::Fault;

const ROW_COLUMNS: &str = "id, file, line, entity, state, run, record, fields, extra, reason";

pub(in super::super) async fn put_runs(conn: &mut Conn, runs: &[Run]) -> Result<(), Fault> {
    for run in runs {
        sqlx::query::<Db>(
            "INSERT INTO runs (id, body) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        )
        .bind(run.id.0)
        .bind(json(run)?)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

pub(in super::super) async fn run(conn: &mut Conn, id: RunId) -> Result<Option<Run>, Fault> {
    let row = sqlx::query::<Db>("SELECT id, body FROM runs WHERE id = $1").bind(id.0).fetch_optional(conn).await?;
    row.as_ref().map(body).transpose()
}

pub(in super::super) async fn runs(conn: &mut Conn) -> Result<Vec<Run>, Fault> {
    let rows = sqlx::query::<Db>("SELECT id, body FROM runs ORDER BY id DESC").fetch_all(conn).await?;
    rows.iter().map(body).collect()
}

pub(in super::super) async fn put_files(conn: &mut Conn, files: &[ListFile]) -> Result<(), Fault> {
    for file in files {
        sqlx::query::<Db>(
            "INSERT INTO files (id, hash, body) VALUES ($1, $2, $3) \
             ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, body = excluded.body",
        )
        .bind(file.id.0)
        .bind(file.hash.as_str())
        .bind(json(file)?)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

pub(in super::super) async fn file_by_hash(conn: &mut Conn, hash: &str) -> Result<Option<ListFile>, Fault> {
    let row = sqlx::query::<Db>("SELECT id, body FROM files WHERE hash = $1 ORDER BY id DESC LIMIT 1")
        .bind(hash)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(body).transpose()
}

pub(in super::super) async fn files(conn: &mut Conn) -> Result<Vec<ListFile>, Fault> {
    let rows = sqlx::query::<Db>("SELECT id, body FROM files ORDER BY id DESC").fetch_all(conn).await?;
    rows.iter().map(body).collect()
}

fn body<T: serde::de::DeserializeOwned>(row: &Row) -> Result<T, Fault> {
    let mut cells = Cells::of(row);
    cells.int()?;
    cells.json()
}

/// A row with its lists already written as JSON.
struct RowLine<'a> {
    row: &'a ListRow,
    fields: String,
    extra: Option<String>,
    reason: Option<String>,
}

pub(in super::super) async fn put_rows(conn: &mut Conn, rows: &[ListRow]) -> Result<(), Fault> {
    let lines = newest(rows, |row| row.id)
        .into_iter()
        .map(|row| {
            Ok(RowLine {
                row,
                fields: json(&row.fields)?,
                extra: if row.extra.is_empty() { None } else { Some(json(&row.extra)?) },
                reason: json_or_none(row.reason.as_ref())?,
            })
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    insert(
        conn,
        "INSERT INTO list_rows (id, file, line, entity, state, run, record, fields, extra, reason) ",
        " ON CONFLICT (id) DO UPDATE SET file = excluded.file, line = excluded.line, entity = excluded.entity, \
         state = excluded.state, run = excluded.run, record = excluded.record, fields = excluded.fields, \
         extra = excluded.extra, reason = excluded.reason",
        &lines,
        |values, line| {
            let row = line.row;
            values
                .push_bind(row.id.0)
                .push_bind(row.file.0)
                .push_bind(whole(row.line))
                .push_bind(row.entity.as_str())
                .push_bind(row.state.as_str())
                .push_bind(row.run.map(|run| run.0))
                .push_bind(row.record.map(|record| record.0))
                .push_bind(line.fields.as_str())
                .push_bind(line.extra.as_deref())
                .push_bind(line.reason.as_deref());
        },
    )
    .await?;
    note_last_lines(conn, rows).await
}

async fn note_last_lines(conn: &mut Conn, rows: &[ListRow]) -> Result<(), Fault> {
    let mut highest: BTreeMap<FileId, u64> = BTreeMap::new();
    for row in rows {
        let line = highest.entry(row.file).or_default();
        *line = row.line.max(*line);
    }
    for (file, line) in highest {
        sqlx::query::<Db>(
            "INSERT INTO staged (file, line) VALUES ($1, $2) \
             ON CONFLICT (file) DO UPDATE SET line = excluded.line WHERE excluded.line > staged.line",
        )
        .bind(file.0)
        .bind(whole(line))
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

pub(in super::super) async fn last_line(conn: &mut Conn, file: FileId) -> Result<u64, Fault> {
    let row = sqlx::query::<Db>("SELECT line FROM staged WHERE file = $1").bind(file.0).fetch_optional(conn).await?;
    row.as_ref().map_or(Ok(0), |row| Cells::of(row).count())
}

pub(in super::super) async fn rows(
    conn: &mut Conn,
    run: Option<RunId>,
    state: RowState,
    after: Option<RowId>,
    limit: u32,
) -> Result<Vec<ListRow>, Fault> {
    let mut query = sqlx::QueryBuilder::<Db>::new(format!("SELECT {ROW_COLUMNS} FROM list_rows WHERE run "));
    match run {
        Some(run) => query.push("= ").push_bind(run.0),
        None => query.push("IS NULL"),
    };
    query.push(" AND state = ").push_bind(state.as_str());
    query.push(" AND id > ").push_bind(after.map_or(i64::MIN, |row| row.0));
    query.push(" ORDER BY id LIMIT ").push_bind(i64::from(limit));
    let rows = query.build().fetch_all(conn).await?;
    rows.iter().map(read_row).collect()
}

pub(in super::super) async fn rows_of(conn: &mut Conn, record: RecordId) -> Result<Vec<ListRow>, Fault> {
    let mut query = sqlx::QueryBuilder::<Db>::new(format!("SELECT {ROW_COLUMNS} FROM list_rows WHERE record = "));
    query.push_bind(record.0).push(" ORDER BY id");
    let rows = query.build().fetch_all(conn).await?;
    rows.iter().map(read_row).collect()
}

fn read_row(row: &Row) -> Result<ListRow, Fault> {
    let mut cells = Cells::of(row);
    Ok(ListRow {
        id: RowId(cells.int()?),
        file: FileId(cells.int()?),
        line: cells.count()?,
        entity: cells.word()?,
        state: cells.word()?,
        run: cells.int_or_none()?.map(RunId),
        record: cells.int_or_none()?.map(RecordId),
        fields: cells.json()?,
        extra: cells.json_or_none()?.unwrap_or_default(),
        reason: cells.json_or_none()?,
    })
}

pub(in super::super) async fn adopt_rows(conn: &mut Conn, run: RunId, limit: Option<u64>) -> Result<u64, Fault> {
    let last = match limit {
        None => i64::MAX,
        Some(0) => return Ok(0),
        Some(limit) => {
            let row = sqlx::query::<Db>("SELECT id FROM list_rows WHERE run IS NULL ORDER BY id LIMIT 1 OFFSET $1")
                .bind(whole(limit - 1))
                .fetch_optional(&mut *conn)
                .await?;
            // Fewer rows than the limit: all of them.
            row.as_ref().map_or(Ok(i64::MAX), |row| Cells::of(row).int())?
        }
    };
    let done = sqlx::query::<Db>("UPDATE list_rows SET run = $1 WHERE run IS NULL AND id <= $2")
        .bind(run.0)
        .bind(last)
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}
