//! The files of the repository, as git sees them: tracked, or new and not ignored.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file, by its path from the root with `/` between folders.
pub fn all() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files of the repository; install git");
    assert!(listed.status.success(), "git ls-files failed; run the tests in a git checkout\n{}", text(&listed.stderr));
    let mut files: Vec<String> =
        text(&listed.stdout).split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    files.sort();
    files.dedup(); // a file in a merge conflict is listed several times
    files.retain(|path| root().join(path).is_file()); // deleted, not yet committed
    files
}

/// The files with that ending, each with its text.
pub fn with_text(ending: &str) -> Vec<(String, String)> {
    all()
        .into_iter()
        .filter(|path| path.ends_with(ending))
        .map(|path| {
            let text = read(&path);
            (path, text)
        })
        .collect()
}

/// The text of a file; bytes that are no UTF-8 are replaced.
pub fn read(path: &str) -> String {
    text(&std::fs::read(root().join(path)).unwrap_or_else(|error| panic!("{path} cannot be read: {error}")))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Fails with all complaints at once, and says how to repair them.
pub fn none(complaints: &[String], repair: &str) {
    assert!(complaints.is_empty(), "\n{}\n  fix: {repair}\n", complaints.join("\n"));
}
