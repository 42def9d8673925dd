//! Every problem code that Evergreen can show has a page, and every page tells of a code that exists.

use std::collections::{BTreeMap, BTreeSet};

use crate::files;

/// What each page answers, as headings.
const HEADINGS: [&str; 3] = ["what", "why", "fix"];

#[test]
fn every_problem_code_has_a_page_that_says_what_why_and_fix() {
    let mut complaints = Vec::new();
    for (code, place) in codes() {
        let page = format!("docs/problems/{code}.md");
        if !files::root().join(&page).is_file() {
            complaints.push(format!("{place}: {code} has no page {page}"));
            continue;
        }
        let headings = headings(&files::read(&page));
        for wanted in HEADINGS {
            if !headings.iter().any(|heading| heading.contains(wanted)) {
                complaints.push(format!("{page}: there is no heading \"{wanted}\""));
            }
        }
    }
    files::none(
        &complaints,
        "write the page with the headings `## What`, `## Why` and `## Fix`; take a neighbour as the example",
    );
}

#[test]
fn every_problem_page_tells_of_a_code_that_exists() {
    let known: BTreeSet<String> = codes().into_keys().collect();
    let of_code = |path: &String| {
        let name = path.strip_prefix("docs/problems/")?.strip_suffix(".md")?;
        name.starts_with("EG-").then(|| name.to_owned())
    };
    let stale: Vec<String> = files::all()
        .iter()
        .filter_map(of_code)
        .filter(|code| !known.contains(code))
        .map(|code| format!("docs/problems/{code}.md: no source file under crates/ has this code"))
        .collect();
    files::none(&stale, "delete the page, or correct its name");
}

/// Every code in the sources, with the first place it stands. Tests at the end of a file may make codes up.
fn codes() -> BTreeMap<String, String> {
    let mut codes = BTreeMap::new();
    for (path, text) in files::with_text(".rs") {
        if !path.starts_with("crates/") || !path.contains("/src/") || path.starts_with("crates/testing/") {
            continue;
        }
        let shipped = text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
        for (line, content) in shipped.enumerate() {
            for code in codes_in(content) {
                codes.entry(code.to_owned()).or_insert_with(|| format!("{path}:{}", line + 1));
            }
        }
    }
    codes
}

/// `EG-`, capital letters, `-`, three digits.
fn codes_in(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("EG-").filter_map(|(start, _)| {
        let rest = &line[start + 3..];
        let letters = rest.bytes().take_while(u8::is_ascii_uppercase).count();
        let digits = rest.get(letters + 1..letters + 4)?;
        let fits = letters > 0
            && rest.as_bytes().get(letters) == Some(&b'-')
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| &line[start..start + 3 + letters + 4])
    })
}

fn headings(page: &str) -> Vec<String> {
    page.lines().filter(|line| line.starts_with('#')).map(str::to_lowercase).collect()
}

#[test]
fn codes_are_found_in_code_and_in_prose() {
    let found: Vec<&str> = codes_in("`EG-SYNC-004` and \"EG-PLAN-001\", not EG-X, EG-1-001, EG-SYNC-04").collect();
    assert_eq!(found, ["EG-SYNC-004", "EG-PLAN-001"]);
}
