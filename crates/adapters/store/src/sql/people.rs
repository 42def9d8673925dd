//! What concerns people: the review board and the suppression list.

use evergreen_model::review::{Review, ReviewId, ReviewState};
use evergreen_model::suppression::Suppression;

use super::super::db::{Conn, Db, Row};
use super::cells::Cells;
use super::handles::distinct;
use super::text::{json, review_state};
use super::{insert, newest, select_in};
use crate::fault::Fault;

pub(in super::super) async fn put_reviews(conn: &mut Conn, reviews: &[Review]) -> Result<(), Fault> {
    let lines = newest(reviews, |review| review.id)
        .into_iter()
        .map(|review| Ok((review, json(review)?)))
        .collect::<Result<Vec<_>, Fault>>()?;
    insert(
        conn,
        "INSERT INTO reviews (id, state, body) ",
        " ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body",
        &lines,
        |values, (review, body)| {
            values.push_bind(review.id.0).push_bind(review_state(review.state)).push_bind(body.as_str());
        },
    )
    .await
}

pub(in super::super) async fn reviews(conn: &mut Conn, state: Option<ReviewState>) -> Result<Vec<Review>, Fault> {
    let rows = match state {
        Some(state) => {
            sqlx::query::<Db>("SELECT id, body FROM reviews WHERE state = $1 ORDER BY id")
                .bind(review_state(state))
                .fetch_all(conn)
                .await?
        }
        None => sqlx::query::<Db>("SELECT id, body FROM reviews ORDER BY id").fetch_all(conn).await?,
    };
    rows.iter().map(read_review).collect()
}

pub(in super::super) async fn review(conn: &mut Conn, id: ReviewId) -> Result<Option<Review>, Fault> {
    let row = sqlx::query::<Db>("SELECT id, body FROM reviews WHERE id = $1").bind(id.0).fetch_optional(conn).await?;
    row.as_ref().map(read_review).transpose()
}

fn read_review(row: &Row) -> Result<Review, Fault> {
    let mut cells = Cells::of(row);
    cells.int()?;
    cells.json()
}

pub(in super::super) async fn unsuppress(conn: &mut Conn, keys: &[String]) -> Result<(), Fault> {
    for key in keys {
        sqlx::query::<Db>("DELETE FROM suppressions WHERE key = $1").bind(key.as_str()).execute(&mut *conn).await?;
    }
    Ok(())
}

pub(in super::super) async fn suppress(conn: &mut Conn, suppressions: &[Suppression]) -> Result<(), Fault> {
    let lines = newest(suppressions, |suppression| suppression.key.as_str().to_owned())
        .into_iter()
        .map(|suppression| Ok((suppression, json(suppression)?)))
        .collect::<Result<Vec<_>, Fault>>()?;
    insert(
        conn,
        "INSERT INTO suppressions (key, body) ",
        " ON CONFLICT (key) DO UPDATE SET body = excluded.body",
        &lines,
        |values, (suppression, body)| {
            values.push_bind(suppression.key.as_str()).push_bind(body.as_str());
        },
    )
    .await
}

pub(in super::super) async fn suppressed(conn: &mut Conn, keys: &[String]) -> Result<Vec<Suppression>, Fault> {
    let rows = select_in(
        conn,
        |query| {
            query.push("SELECT body FROM suppressions WHERE key IN");
        },
        &distinct(keys),
        "ORDER BY key",
    )
    .await?;
    rows.iter().map(|row| Cells::of(row).json()).collect()
}

pub(in super::super) async fn suppressions(conn: &mut Conn) -> Result<Vec<Suppression>, Fault> {
    let rows = sqlx::query::<Db>("SELECT body FROM suppressions ORDER BY key").fetch_all(conn).await?;
    rows.iter().map(|row| Cells::of(row).json()).collect()
}
