//! `evergreen init`: a project folder that runs.

use std::path::Path;

use evergreen_model::{Problem, Remedy};
use serde_json::json;

use super::print_json;
use crate::args::Args;
use crate::exit::Exit;
use crate::house::House;

pub(crate) fn perform(house: &dyn House, args: &Args, dir: &Path) -> Result<Exit, Problem> {
    let written = write_project(house, dir, false)?;
    if args.json {
        print_json(&json!({ "folder": dir, "written": written }))?;
    } else {
        for name in &written {
            println!("{}", dir.join(name).display());
        }
        eprintln!(
            "\n{} files written. Next:\n  1. copy .env.example to .env and fill in the token and keys you have\n  2. evergreen check --project {}\n  3. evergreen import --project {} YOUR-LIST.csv, then evergreen plan",
            written.len(),
            dir.display(),
            dir.display()
        );
    }
    Ok(Exit::Done)
}

/// Writes the files of a new project that are not there yet; returns their names. A file of the user is never replaced.
pub(crate) fn write_project(house: &dyn House, dir: &Path, demo: bool) -> Result<Vec<String>, Problem> {
    let failed = |error: std::io::Error| {
        Problem::new(
            "EG-INIT-001",
            Remedy::FixSettings,
            format!("the project folder {} cannot be written", dir.display()),
            error.to_string(),
            "choose a folder you may write to",
        )
    };
    std::fs::create_dir_all(dir).map_err(failed)?;
    let mut written = Vec::new();
    for (name, content) in house.project(demo) {
        let path = dir.join(name);
        if !path.exists() {
            // Whole or not at all: a torn file would be taken for the user's own by the next start.
            let part = dir.join(format!("{name}.part"));
            std::fs::write(&part, content).and_then(|()| std::fs::rename(&part, &path)).map_err(failed)?;
            written.push(name.to_owned());
        }
    }
    Ok(written)
}
