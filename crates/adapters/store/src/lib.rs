//! The store over SQLite: one database file, WAL, one transaction per stage transition.
//!
//! `sql/` holds every statement and names no database; `sqlite/` opens the file, guards it against a second writer and
//! lends `sql/` its connections. PostgreSQL becomes a second folder beside `sqlite/` that mounts the same `sql/` over its
//! own `db.rs`, with its own migrations, and passes the same suite (`evergreen_testing::store_suite!`).
//!
//! A record's stage and due time are the queue. There is no table of jobs that could disagree with them.

mod fault;
mod sqlite;

pub use sqlite::SqliteStore;
