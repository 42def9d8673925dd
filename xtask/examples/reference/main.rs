//! Writes the reference pages that are made from the code, or checks them: `cargo xtask docs [--check]` starts this.

mod pages;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    if std::env::args().any(|argument| argument == "--check") {
        return match pages::differences(&root) {
            differences if differences.is_empty() => ExitCode::SUCCESS,
            differences => {
                eprintln!("{}", differences.join("\n"));
                ExitCode::FAILURE
            }
        };
    }
    for page in pages::all() {
        let path = root.join(page.path);
        let written =
            std::fs::create_dir_all(path.parent().unwrap_or(&root)).and_then(|()| std::fs::write(&path, page.text));
        if let Err(error) = written {
            eprintln!("{} cannot be written: {error}", page.path);
            return ExitCode::FAILURE;
        }
        eprintln!("wrote {}", page.path);
    }
    ExitCode::SUCCESS
}
