//! How connections to the file are made: durable for the writer, never in its way for the readers.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Pool, Sqlite};

/// How long a statement waits for a foreign program to let go of the file.
const BUSY_WAIT: Duration = Duration::from_secs(10);
/// Readers at a time; more would only share the same two or four cores.
const READERS_MAX: u32 = 4;
/// Rows fetched ahead, so that a page of 1,000 needs one change of threads and not twenty.
const ROWS_AHEAD: usize = 1_024;
/// Statements kept ready; every list of values comes in four lengths (`sql::pieces`).
const STATEMENTS_READY: usize = 300;

/// The one connection that writes.
///
/// `synchronous=FULL` although WAL survives `kill -9` without it: after a power cut money that was spent must still be
/// in the ledger, or it would be spent again.
pub(super) fn writer(path: &Path) -> SqliteConnectOptions {
    common(path)
        .create_if_missing(true)
        // Records with evidence take 2 to 3 KB; two or three of them fit on such a page, one on the default page of 4 KB.
        .page_size(8_192)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // 128 MiB: the inner pages of the indices of a million records stay in memory.
        .pragma("cache_size", "-131072")
        // 32 MiB of log before it is folded into the file; the default of 4 MiB folds in the middle of every import batch.
        .pragma("wal_autocheckpoint", "4096")
}

/// A store that lives as long as its connection.
pub(super) fn memory() -> SqliteConnectOptions {
    common(Path::new(":memory:")).in_memory(true)
}

/// The connections that read, opened when first needed.
pub(super) fn readers(path: &Path) -> Pool<Sqlite> {
    let options = common(path).create_if_missing(false).pragma("query_only", "ON").pragma("cache_size", "-16384");
    SqlitePoolOptions::new()
        .max_connections(READERS_MAX)
        .min_connections(0)
        .test_before_acquire(false)
        .connect_lazy_with(options)
}

fn common(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_WAIT)
        .pragma("temp_store", "MEMORY")
        .row_buffer_size(ROWS_AHEAD)
        .statement_cache_capacity(STATEMENTS_READY)
        .disable_statement_logging()
}
