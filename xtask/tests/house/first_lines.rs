//! Every file begins with a sentence saying what it is for, in words a product person understands.

use crate::files;

/// How a file of some kind says its sentence.
enum Opening {
    /// After this mark: `//! Decides whom to ask next.`
    Mark(&'static str),
    /// A heading; the sentence may follow.
    Title,
    /// A manifest of cargo: a comment, or a description that is a sentence.
    Manifest,
    /// It cannot, or need not: why.
    Nothing(&'static str),
}

use Opening::{Manifest, Mark, Nothing, Title};

/// By the end of the name; the first line that fits counts.
const KINDS: &[(&str, Opening)] = &[
    ("Cargo.toml", Manifest),
    ("Cargo.lock", Nothing("written by cargo")),
    ("LICENSE", Nothing("the words of the license")),
    ("NOTICE", Nothing("the thanks and terms that licenses ask for, in their words")),
    (".gitignore", Nothing("a list of names")),
    (".gitattributes", Nothing("a list of names")),
    (".rs", Mark("//! ")),
    (".toml", Mark("# ")),
    (".yaml", Mark("# ")),
    (".yml", Mark("# ")),
    (".py", Mark("# ")),
    (".sh", Mark("# ")),
    (".ci/run", Mark("# ")),
    ("env.example", Mark("# ")),
    (".sql", Mark("-- ")),
    (".css", Mark("/* ")),
    (".js", Mark("// ")),
    (".mjs", Mark("// ")),
    (".html", Mark("<!-- ")),
    (".md", Title),
    (".csv", Nothing("data: the first line is its header")),
    (".tsv", Nothing("data: the first line is its header")),
    (".json", Nothing("data: JSON has no comments")),
    (".jsonl", Nothing("data: JSON has no comments")),
    (".txt", Nothing("recorded or golden text, compared byte by byte")),
    (".stdout", Nothing("golden text, compared byte by byte")),
    (".stderr", Nothing("golden text, compared byte by byte")),
    (".snap", Nothing("written by the snapshot library")),
    (".proptest-regressions", Nothing("written by the property test library")),
    (".xlsx", Nothing("a workbook")),
    (".png", Nothing("a picture")),
    (".svg", Nothing("a picture")),
];

/// Places whose files are input of a test or of a program as somebody else made them.
const FOREIGN: &[(&str, &str)] = &[("/tests/fixtures/", "input of tests, wrong on purpose or as a vendor exports it")];

#[test]
fn every_file_begins_with_what_it_is_for() {
    let mut complaints = Vec::new();
    for path in files::all() {
        if FOREIGN.iter().any(|(place, _)| path.contains(place)) {
            continue;
        }
        let Some((_, opening)) = KINDS.iter().find(|(end, _)| path.ends_with(end)) else {
            complaints.push(format!(
                "{path}: this kind of file is not known; add it to KINDS in xtask/tests/house/first_lines.rs"
            ));
            continue;
        };
        if let Nothing(why) = opening {
            assert!(!why.is_empty(), "{path}: say in KINDS why this kind of file says nothing");
            continue;
        }
        let text = files::read(&path);
        if !text.trim().is_empty() && !begins_well(&text, opening) {
            complaints.push(format!("{path}:1: {}", text.lines().next().unwrap_or_default()));
        }
        if text.trim().is_empty() {
            complaints.push(format!("{path}: the file is empty"));
        }
    }
    files::none(
        &complaints,
        "let the first line say what the file is for: `//! Decides whom to ask next.`, `# What CI runs.`",
    );
}

fn begins_well(text: &str, opening: &Opening) -> bool {
    let mut lines = text.lines();
    let mut first = lines.next().unwrap_or_default();
    if first.starts_with("#!") {
        first = lines.next().unwrap_or_default();
    }
    match opening {
        Nothing(_) => true,
        Mark(mark) => first.strip_prefix(mark).is_some_and(is_sentence),
        // `> ` is how a page says its sentence before its title.
        Title => {
            first.strip_prefix("# ").is_some_and(|title| !title.is_empty())
                || first.strip_prefix("> ").is_some_and(is_sentence)
        }
        Manifest => first.strip_prefix("# ").is_some_and(is_sentence) || described(text).is_some_and(is_sentence),
    }
}

fn described(manifest: &str) -> Option<&str> {
    manifest.lines().find_map(|line| line.strip_prefix("description = \"")?.strip_suffix('"'))
}

/// Three words or more, and not a line of code that was commented out.
fn is_sentence(text: &str) -> bool {
    let begins = text.chars().next().is_some_and(|letter| {
        letter.is_uppercase() || letter.is_numeric() || "`\"".contains(letter) || text.starts_with("evergreen")
    });
    begins && text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count() >= 3
}

#[test]
fn code_and_single_words_are_no_sentence() {
    for wrong in ["utils", "let x = 1;", "Helpers", "-----"] {
        assert!(!is_sentence(wrong), "{wrong}");
    }
    for right in ["Decides whom to ask next.", "`cargo xtask …` is the door to tests"] {
        assert!(is_sentence(right), "{right}");
    }
}
