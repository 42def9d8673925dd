//! The disk of the machine: lists are read from it, reports written to it.

use std::fs::{File, OpenOptions, create_dir_all};
use std::io::{BufReader, BufWriter, Result, Write};
use std::path::Path;

use evergreen_ports::{Files, ReadSeek};

/// The machine's file system.
pub struct Disk;

impl Files for Disk {
    fn open(&self, path: &Path) -> Result<Box<dyn ReadSeek>> {
        Ok(Box::new(BufReader::with_capacity(1 << 16, File::open(path)?)))
    }

    fn create(&self, path: &Path) -> Result<Box<dyn Write + Send>> {
        make_folder(path)?;
        Ok(Box::new(BufWriter::new(File::create(path)?)))
    }

    fn append(&self, path: &Path) -> Result<Box<dyn Write + Send>> {
        make_folder(path)?;
        // Unbuffered: a quarantined row must be on disk before its transaction commits.
        Ok(Box::new(OpenOptions::new().create(true).append(true).open(path)?))
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }
}

fn make_folder(path: &Path) -> Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => create_dir_all(folder),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_and_what_is_appended_follows_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("file.txt");
        Disk.create(&path).unwrap().write_all(b"one").unwrap();
        Disk.append(&path).unwrap().write_all(b"two").unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut Disk.open(&path).unwrap(), &mut text).unwrap();
        assert_eq!(text, "onetwo");
    }
}
