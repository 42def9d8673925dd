//! No file names somebody's machine, nothing is left for later, and no file becomes a drawer.

use crate::files;

/// Longer files need a reason.
const LINES_MAX: usize = 600;

/// Files that may be longer, and why: a catalogue, or one dense algorithm. None so far.
const LONG: &[(&str, &str)] = &[];

#[test]
fn no_file_names_somebodys_machine() {
    // Put together here, so that this file does not name them.
    let names = [["/wo", "rk/"], ["/ro", "ot/"]].map(|halves| halves.concat());
    let mut complaints = Vec::new();
    for path in files::all() {
        if path.ends_with(".xlsx") || path.ends_with(".png") {
            continue;
        }
        for (line, content) in files::read(&path).lines().enumerate() {
            if names.iter().any(|name| content.contains(name.as_str())) {
                complaints.push(format!("{path}:{}: {}", line + 1, content.trim()));
            }
        }
    }
    files::none(&complaints, "take the path as an argument, or name it from the root of the repository");
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [["todo", "!("], ["unimplemented", "!("]].map(|halves| halves.concat());
    let mut complaints = Vec::new();
    for (path, text) in files::with_text(".rs") {
        for (line, content) in text.lines().enumerate() {
            if marks.iter().any(|mark| content.contains(mark.as_str())) {
                complaints.push(format!("{path}:{}: {}", line + 1, content.trim()));
            }
        }
    }
    files::none(&complaints, "write it, or leave the whole feature out");
}

#[test]
fn long_files_have_a_reason() {
    let mut complaints = Vec::new();
    for (path, text) in files::with_text(".rs") {
        let lines = text.lines().count();
        let allowed = LONG.iter().any(|(long, _)| *long == path);
        match (lines > LINES_MAX, allowed) {
            (true, false) => complaints.push(format!("{path}: {lines} lines, more than {LINES_MAX}")),
            (false, true) => complaints.push(format!("{path}: {lines} lines need no reason any more")),
            _ => {}
        }
    }
    let gone = LONG.iter().filter(|(path, _)| !files::root().join(path).is_file());
    complaints.extend(gone.map(|(path, _)| format!("{path}: is on the list, but does not exist")));
    files::none(
        &complaints,
        "split it by what its parts are for, or correct LONG in xtask/tests/house/tidy.rs with the reason",
    );
}
