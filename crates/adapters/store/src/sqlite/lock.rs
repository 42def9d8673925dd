//! The lock beside the database: only one process may write to a store, so that its ledger has one author.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::fault::Fault;

/// Held for as long as the store is open; the system lets go of it even after `kill -9`.
#[derive(Debug)]
pub(super) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes the lock of the database at `path` or says who is in the way.
    pub(super) fn take(path: &Path) -> Result<FileLock, Fault> {
        let lock = beside(path);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&lock).map_err(Fault::Lock)?;
        match file.try_lock() {
            Ok(()) => Ok(FileLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Fault::InUse(lock)),
            Err(TryLockError::Error(error)) => Err(Fault::Lock(error)),
        }
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
