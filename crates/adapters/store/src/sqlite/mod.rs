//! A store in one SQLite file: opening it, guarding it, lending its connections.

mod connect;
mod db;
mod lock;
#[path = "../sql/mod.rs"]
mod sql;
mod store;

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::path::Path;

use evergreen_ports::{Chance, StoreError};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Pool, Sqlite, SqliteConnection, Transaction};
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use crate::fault::{self, Fault};
use lock::FileLock;

/// Everything Evergreen knows, in one SQLite file.
pub struct SqliteStore {
    /// How problems name it.
    name: String,
    instance: String,
    writer: Mutex<Writer>,
    /// None for a store in memory: there the writer's connection is the only one.
    readers: Option<Pool<Sqlite>>,
    /// Last, so that it is let go last.
    _lock: Option<FileLock>,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("name", &self.name)
            .field("instance", &self.instance)
            .finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens the store at `path` for reading and writing; makes the file if it is missing and brings its tables up to date.
    ///
    /// # Errors
    /// The folder is missing or not writable, another process writes to the file, or the file is damaged, no store, or made
    /// by a newer Evergreen.
    pub async fn open(path: &Path, chance: &dyn Chance) -> Result<SqliteStore, StoreError> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(fault::missing_folder(path, folder));
        }
        let name = name_of(path);
        let lock = FileLock::take(path).map_err(|fault| fault.about(&name))?;
        let options = connect::writer(path);
        let (connection, instance) = prepare(&options, chance).await.map_err(|fault| fault.about(&name))?;
        Ok(SqliteStore {
            name,
            instance,
            writer: Mutex::new(Writer::File { options: Box::new(options), connection: Some(connection) }),
            readers: Some(connect::readers(path)),
            _lock: Some(lock),
        })
    }

    /// Opens the store at `path` for reading, also while another process writes to it. Writing is a [`StoreError`].
    ///
    /// # Errors
    /// There is no store at that path, or it cannot be read.
    pub async fn open_to_read(path: &Path) -> Result<SqliteStore, StoreError> {
        if !path.is_file() {
            return Err(fault::missing_file(path));
        }
        let name = name_of(path);
        let readers = connect::readers(path);
        let instance = read_instance(&readers).await.map_err(|fault| fault.about(&name))?;
        Ok(SqliteStore { name, instance, writer: Mutex::new(Writer::None), readers: Some(readers), _lock: None })
    }

    /// A store that is forgotten with the value; for tests.
    ///
    /// # Errors
    /// The database engine did not start.
    pub async fn open_memory(chance: &dyn Chance) -> Result<SqliteStore, StoreError> {
        let name = "the store in memory".to_owned();
        let (connection, instance) = prepare(&connect::memory(), chance).await.map_err(|fault| fault.about(&name))?;
        Ok(SqliteStore { name, instance, writer: Mutex::new(Writer::Memory(connection)), readers: None, _lock: None })
    }

    /// Closes all connections and folds the log into the file. Dropping the store is as safe, only less tidy.
    pub async fn close(self) {
        if let Some(readers) = &self.readers {
            readers.close().await;
        }
        let connection = match self.writer.into_inner() {
            Writer::File { connection, .. } => connection,
            Writer::Memory(connection) => Some(connection),
            Writer::None => None,
        };
        if let Some(connection) = connection
            && let Err(error) = connection.close().await
        {
            // Nothing is lost: the log is folded in when the file is opened again.
            tracing::warn!(store = %self.name, %error, "the store did not close cleanly");
        }
    }

    fn tell(&self, fault: Fault) -> StoreError {
        fault.about(&self.name)
    }

    async fn reader(&self) -> Result<Reader<'_>, StoreError> {
        match &self.readers {
            Some(pool) => Ok(Reader::Pool(pool.acquire().await.map_err(|error| self.tell(error.into()))?)),
            None => MutexGuard::try_map(self.writer.lock().await, Writer::memory)
                .map(Reader::Memory)
                .map_err(|_| self.tell(Fault::ReadingOnly)),
        }
    }
}

fn name_of(path: &Path) -> String {
    format!("the store {}", path.display())
}

async fn prepare(options: &SqliteConnectOptions, chance: &dyn Chance) -> Result<(SqliteConnection, String), Fault> {
    let mut connection = options.connect().await?;
    sql::schema::migrate(&mut connection, sql::schema::SQLITE).await?;
    let instance = sql::schema::instance(&mut connection, chance).await?;
    Ok((connection, instance))
}

async fn read_instance(readers: &Pool<Sqlite>) -> Result<String, Fault> {
    let mut connection = readers.acquire().await?;
    sql::schema::known_instance(&mut connection).await
}

/// The connection that writes; one at a time, because SQLite has one writer and the ledger one end.
enum Writer {
    File {
        options: Box<SqliteConnectOptions>,
        /// None after a failure: a connection that has met a full disk is not trusted again.
        connection: Option<SqliteConnection>,
    },
    Memory(SqliteConnection),
    /// Opened for reading.
    None,
}

impl Writer {
    async fn begin(&mut self) -> Result<Transaction<'_, Sqlite>, Fault> {
        let connection = match self {
            Writer::Memory(connection) => connection,
            Writer::None => return Err(Fault::ReadingOnly),
            Writer::File { options, connection } => match connection {
                Some(connection) => connection,
                None => connection.insert(options.connect().await?),
            },
        };
        // IMMEDIATE: wait for the write lock now and not in the middle, where waiting would mean starting anew.
        Ok(connection.begin_with("BEGIN IMMEDIATE").await?)
    }

    fn memory(&mut self) -> Option<&mut SqliteConnection> {
        match self {
            Writer::Memory(connection) => Some(connection),
            Writer::File { .. } | Writer::None => None,
        }
    }

    /// Passes an outcome on; after a failure the next write starts on a fresh connection.
    fn heal<T>(&mut self, outcome: Result<T, Fault>) -> Result<T, Fault> {
        if let (Err(_), Writer::File { connection, .. }) = (&outcome, self) {
            *connection = None;
        }
        outcome
    }
}

/// Commits what went well, takes back what did not.
async fn finish<T>(transaction: Transaction<'_, Sqlite>, outcome: Result<T, Fault>) -> Result<T, Fault> {
    match outcome {
        Ok(value) => {
            transaction.commit().await?;
            Ok(value)
        }
        Err(fault) => {
            if let Err(error) = transaction.rollback().await {
                // On a full disk SQLite has rolled back already; either way nothing was committed.
                tracing::debug!(%error, "rollback after a failure");
            }
            Err(fault)
        }
    }
}

/// A connection lent for reading.
enum Reader<'a> {
    Pool(PoolConnection<Sqlite>),
    Memory(MappedMutexGuard<'a, SqliteConnection>),
}

impl Deref for Reader<'_> {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match self {
            Reader::Pool(connection) => connection,
            Reader::Memory(connection) => connection,
        }
    }
}

impl DerefMut for Reader<'_> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match self {
            Reader::Pool(connection) => connection,
            Reader::Memory(connection) => connection,
        }
    }
}

#[cfg(test)]
mod tests;
