//! The portal's records as they were last read with their history.

use evergreen_model::{Entity, PortalRecord};
use sqlx::QueryBuilder;

use super::super::db::{Conn, Db};
use super::cells::Cells;
use super::handles::distinct;
use super::text::json;
use super::{insert, newest, select_in};
use crate::fault::Fault;

pub(in super::super) async fn forget(conn: &mut Conn) -> Result<(), Fault> {
    sqlx::query::<Db>("DELETE FROM portal_views").execute(conn).await?;
    Ok(())
}

pub(in super::super) async fn put(conn: &mut Conn, views: &[PortalRecord]) -> Result<(), Fault> {
    let lines = newest(views, |view| (view.entity, view.id.clone()))
        .into_iter()
        .map(|view| Ok((view, json(view)?)))
        .collect::<Result<Vec<_>, Fault>>()?;
    insert(
        conn,
        "INSERT INTO portal_views (entity, id, body) ",
        " ON CONFLICT (entity, id) DO UPDATE SET body = excluded.body",
        &lines,
        |values, (view, body)| {
            values.push_bind(view.entity.as_str()).push_bind(view.id.as_str()).push_bind(body.as_str());
        },
    )
    .await
}

pub(in super::super) async fn read(
    conn: &mut Conn,
    entity: Entity,
    ids: &[String],
) -> Result<Vec<PortalRecord>, Fault> {
    let head = |query: &mut QueryBuilder<Db>| {
        query.push("SELECT body FROM portal_views WHERE entity = ").push_bind(entity.as_str()).push(" AND id IN");
    };
    let rows = select_in(conn, head, &distinct(ids), "ORDER BY id").await?;
    rows.iter().map(|row| Cells::of(row).json()).collect()
}
