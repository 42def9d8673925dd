//! Tallies: how many rows and records stand where.

use std::collections::BTreeMap;

use evergreen_model::record::{Entity, Outcome};
use evergreen_model::run::RunId;
use evergreen_ports::store::{RowTally, StageTally};

use super::super::db::{Conn, Db};
use super::cells::Cells;
use crate::fault::Fault;

pub(in super::super) async fn rows(conn: &mut Conn, run: RunId) -> Result<RowTally, Fault> {
    let rows = sqlx::query::<Db>(
        "SELECT w.state, r.outcome, COUNT(*) FROM list_rows w \
         LEFT JOIN records r ON r.id = w.record AND w.state = 'resolved' \
         WHERE w.run = $1 GROUP BY w.state, r.outcome",
    )
    .bind(run.0)
    .fetch_all(conn)
    .await?;
    let mut tally = RowTally::new();
    for row in &rows {
        let mut cells = Cells::of(row);
        let key = (cells.word()?, cells.word_or_none()?);
        tally.insert(key, cells.count()?);
    }
    Ok(tally)
}

pub(in super::super) async fn stages(conn: &mut Conn) -> Result<StageTally, Fault> {
    let rows =
        sqlx::query::<Db>("SELECT entity, stage, COUNT(*) FROM records GROUP BY stage, entity").fetch_all(conn).await?;
    let mut tally = StageTally::new();
    for row in &rows {
        let mut cells = Cells::of(row);
        let key = (cells.word()?, cells.word()?);
        tally.insert(key, cells.count()?);
    }
    Ok(tally)
}

pub(in super::super) async fn due(
    conn: &mut Conn,
    run: RunId,
) -> Result<BTreeMap<(Entity, Option<Outcome>), u64>, Fault> {
    let rows = sqlx::query::<Db>(
        "SELECT r.entity, r.outcome, COUNT(*) FROM records r \
         WHERE r.run = $1 AND NOT EXISTS (SELECT 1 FROM list_rows w WHERE w.record = r.id AND w.run = r.run) \
         GROUP BY r.entity, r.outcome",
    )
    .bind(run.0)
    .fetch_all(conn)
    .await?;
    let mut tally = BTreeMap::new();
    for row in &rows {
        let mut cells = Cells::of(row);
        let key = (cells.word()?, cells.word_or_none()?);
        tally.insert(key, cells.count()?);
    }
    Ok(tally)
}
