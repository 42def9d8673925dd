//! The disk: lists come in and reports go out through it.

use std::io::{Read, Result, Seek, Write};
use std::path::Path;

/// Something that can be read and rewound.
pub trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// Opens and makes files.
pub trait Files: Send + Sync {
    /// Opens a file for reading.
    fn open(&self, path: &Path) -> Result<Box<dyn ReadSeek>>;

    /// Makes a file, replacing one that is there; its folder is made if missing.
    fn create(&self, path: &Path) -> Result<Box<dyn Write + Send>>;

    /// Opens a file to add to its end, making it if missing.
    fn append(&self, path: &Path) -> Result<Box<dyn Write + Send>>;

    /// Whether a file is there.
    fn exists(&self, path: &Path) -> bool;
}
