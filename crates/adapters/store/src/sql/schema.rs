//! The tables and the store's own name: made once, brought up to date at every opening.

use evergreen_ports::Chance;
use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::super::db::{Conn, Db};
use super::cells::Cells;
use crate::fault::Fault;

/// Version, title and statements of each step, oldest first. A step that was released is never edited.
pub(in super::super) type Steps = &'static [(i64, &'static str, &'static str)];

/// How SQLite's tables came to be.
pub(in super::super) const SQLITE: Steps = &[
    (1, "first", include_str!("../../migrations/sqlite/0001_first.sql")),
    (2, "views", include_str!("../../migrations/sqlite/0002_views.sql")),
];

/// Performs the steps this store has not seen.
pub(in super::super) async fn migrate(conn: &mut Conn, steps: Steps) -> Result<(), Fault> {
    let migrations = steps
        .iter()
        .map(|(version, title, sql)| {
            Migration::new(*version, (*title).into(), MigrationType::Simple, sql.into_sql_str(), false)
        })
        .collect();
    Migrator::with_migrations(migrations).run_direct(None, conn, false).await?;
    Ok(())
}

/// The store's name, drawn now if it has none.
pub(in super::super) async fn instance(conn: &mut Conn, chance: &dyn Chance) -> Result<String, Fault> {
    sqlx::query::<Db>("INSERT INTO meta (key, value) VALUES ('instance', $1) ON CONFLICT (key) DO NOTHING")
        .bind(draw_name(chance))
        .execute(&mut *conn)
        .await?;
    known_instance(conn).await
}

/// The store's name, which it must have.
pub(in super::super) async fn known_instance(conn: &mut Conn) -> Result<String, Fault> {
    let row = sqlx::query::<Db>("SELECT value FROM meta WHERE key = 'instance'").fetch_one(conn).await?;
    Ok(Cells::of(&row).text()?.to_owned())
}

/// Eight letters and digits that cannot be mistaken for each other: 40 bits, so two stores on one portal do not meet.
fn draw_name(chance: &dyn Chance) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let bits = chance.draw();
    (0..8).map(|place| char::from(ALPHABET[(bits >> (5 * place)) as usize % 32])).collect()
}
