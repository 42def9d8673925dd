//! What can go wrong in a store, and what it says to people: what happened, why, what to do.

use std::path::{Path, PathBuf};

use evergreen_model::{Problem, Remedy};
use evergreen_ports::StoreError;
use sqlx::migrate::MigrateError;

/// A failure on its way up; it learns the store's name at the door, in [`Fault::about`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The database said no.
    #[error("{0}")]
    Database(#[from] sqlx::Error),
    /// The tables could not be brought up to date.
    #[error("{0}")]
    Migration(#[from] MigrateError),
    /// Another process writes to this file.
    #[error("another process holds {0}")]
    InUse(PathBuf),
    /// The lock file could not be made.
    #[error("{0}")]
    Lock(std::io::Error),
    /// A stored value is not what this version of Evergreen writes.
    #[error("{0}")]
    Unreadable(String),
    /// The engine asked for something that must not be.
    #[error("{0}")]
    Mistake(String),
    /// This store was opened for reading.
    #[error("opened for reading only")]
    ReadingOnly,
}

/// SQLite's primary result codes that have an answer of their own.
mod code {
    pub(super) const PERM: i32 = 3;
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const READONLY: i32 = 8;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANTOPEN: i32 = 14;
    pub(super) const CONSTRAINT: i32 = 19;
    pub(super) const NOTADB: i32 = 26;
}

impl Fault {
    /// The fault as people read it, about the store of that name.
    pub(crate) fn about(self, store: &str) -> StoreError {
        StoreError(match self {
            Fault::Database(error) => database(&error, store),
            Fault::Migration(error) => migration(&error, store),
            Fault::InUse(lock) => Problem::new(
                "EG-STORE-002",
                Remedy::RetryLater,
                format!("{store} is in use by another Evergreen"),
                format!("another process holds its lock file {}", lock.display()),
                "wait until that command has finished or stop it, then run this one again",
            ),
            Fault::Lock(error) => Problem::new(
                "EG-STORE-001",
                Remedy::FixSettings,
                format!("{store} cannot be opened"),
                format!("its lock file could not be made: {error}"),
                "check that the folder exists, is writable and is on a disk that supports file locks",
            ),
            Fault::Unreadable(why) => Problem::new(
                "EG-STORE-008",
                Remedy::ReportBug,
                format!("a value in {store} cannot be read"),
                why,
                "if the file was edited by hand, restore a backup; otherwise report this as a bug with the line above",
            ),
            Fault::Mistake(why) => mistake(store, why),
            Fault::ReadingOnly => Problem::new(
                "EG-STORE-005",
                Remedy::ReportBug,
                format!("{store} was opened for reading only"),
                "a command that only shows things tried to write",
                "report this as a bug",
            ),
        })
    }
}

fn mistake(store: &str, why: String) -> Problem {
    Problem::new(
        "EG-STORE-009",
        Remedy::ReportBug,
        format!("{store} refused a change; nothing of it was written"),
        why,
        "run the command again; if it happens twice, report it as a bug with the line above",
    )
}

fn database(error: &sqlx::Error, store: &str) -> Problem {
    let Some(answer) = error.as_database_error() else {
        return match error {
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::ColumnNotFound(_) => {
                Fault::Unreadable(error.to_string()).about(store).0
            }
            _ => Problem::new(
                "EG-STORE-010",
                Remedy::RetryLater,
                format!("{store} did not answer"),
                error.to_string(),
                "run the command again; if it happens twice, report it as a bug with the line above",
            ),
        };
    };
    let why = answer.message().to_owned();
    // Extended codes carry the primary code in their low byte.
    match answer.code().and_then(|code| code.parse::<i32>().ok()).map(|extended| extended & 0xff) {
        Some(code::FULL) => Problem::new(
            "EG-STORE-003",
            Remedy::RetryLater,
            format!("no room left for {store}; the last change was not written, all before it is safe"),
            format!("the disk is full or the size limit of the file is reached ({why})"),
            "free space on that disk, then run the command again; it goes on where it stopped",
        ),
        Some(code::BUSY | code::LOCKED) => Problem::new(
            "EG-STORE-004",
            Remedy::RetryLater,
            format!("{store} is locked by another program"),
            format!("something else has the file open and is writing, such as a database browser ({why})"),
            "close that program, then run the command again",
        ),
        Some(code::READONLY | code::PERM) => Problem::new(
            "EG-STORE-005",
            Remedy::FixSettings,
            format!("{store} cannot be written"),
            format!("the file or its folder is read-only for this user ({why})"),
            "give this user write access to the file and its folder, then run the command again",
        ),
        Some(code::CORRUPT | code::NOTADB) => Problem::new(
            "EG-STORE-006",
            Remedy::AskPerson,
            format!("{store} is damaged or is not a store"),
            why,
            "restore the file from a backup; if there is none, move it away and import again",
        ),
        Some(code::CANTOPEN) => Problem::new(
            "EG-STORE-001",
            Remedy::FixSettings,
            format!("{store} cannot be opened"),
            why,
            "check that the folder exists and that this user may read and write in it",
        ),
        Some(code::CONSTRAINT) => mistake(store, why),
        _ => Problem::new(
            "EG-STORE-010",
            Remedy::RetryLater,
            format!("{store} could not be read or written"),
            why,
            "check the disk, then run the command again",
        ),
    }
}

fn migration(error: &MigrateError, store: &str) -> Problem {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => database(error, store),
        MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) | MigrateError::VersionMismatch(_) => {
            Problem::new(
                "EG-STORE-007",
                Remedy::FixSettings,
                format!("{store} was made by another version of Evergreen"),
                error.to_string(),
                "use the newest Evergreen that has worked with this file",
            )
        }
        _ => Fault::Unreadable(error.to_string()).about(store).0,
    }
}

/// The folder a store should be in does not exist.
pub(crate) fn missing_folder(path: &Path, folder: &Path) -> StoreError {
    StoreError(Problem::new(
        "EG-STORE-001",
        Remedy::FixSettings,
        format!("the store {} cannot be opened", path.display()),
        format!("the folder {} does not exist", folder.display()),
        "make the folder, or run the command in the project folder",
    ))
}

/// There is no store to read from.
pub(crate) fn missing_file(path: &Path) -> StoreError {
    StoreError(Problem::new(
        "EG-STORE-001",
        Remedy::FixInput,
        format!("there is no store at {}", path.display()),
        "nothing has been imported in this project yet, or this is another folder",
        "run `evergreen import FILE` first, or go to the project folder",
    ))
}
