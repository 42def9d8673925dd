//! Memory: small things remembered under a key.

use super::super::db::{Conn, Db};
use super::cells::Cells;
use super::{insert, newest};
use crate::fault::Fault;

pub(in super::super) async fn remember(conn: &mut Conn, things: &[(String, String)]) -> Result<(), Fault> {
    insert(
        conn,
        "INSERT INTO memory (key, value) ",
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        &newest(things, |(key, _)| key.clone()),
        |values, (key, value)| {
            values.push_bind(key.as_str()).push_bind(value.as_str());
        },
    )
    .await
}

pub(in super::super) async fn recall(conn: &mut Conn, key: &str) -> Result<Option<String>, Fault> {
    let row = sqlx::query::<Db>("SELECT value FROM memory WHERE key = $1").bind(key).fetch_optional(conn).await?;
    row.as_ref().map(|row| Cells::of(row).text().map(str::to_owned)).transpose()
}

pub(in super::super) async fn recall_under(conn: &mut Conn, prefix: &str) -> Result<Vec<(String, String)>, Fault> {
    // A range instead of LIKE: it uses the key's index and knows no wildcards.
    let rows = sqlx::query::<Db>("SELECT key, value FROM memory WHERE key >= $1 AND key < $2 ORDER BY key")
        .bind(prefix)
        .bind(format!("{prefix}{}", char::MAX))
        .fetch_all(conn)
        .await?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::of(row);
            Ok((cells.text()?.to_owned(), cells.text()?.to_owned()))
        })
        .collect()
}
