//! `cargo xtask test`: every check in a row, each with its duration, and at the end what failed and how to repair it.

use std::time::{Duration, Instant};

use crate::call::Call;
use crate::{judges, needs};

/// One check.
struct Section {
    title: &'static str,
    call: Call,
    /// What helps when it fails.
    repair: &'static str,
}

/// Runs all checks, also after one failed: a person repairs faster who sees everything at once.
pub fn everything() -> bool {
    if !needs::install() {
        return false;
    }
    let mut results = Vec::new();
    for section in sections(needs::nextest()) {
        eprintln!("\n── {}: {} ──", section.title, section.call);
        let start = Instant::now();
        let passed = section.call.succeeds();
        results.push((section, passed, start.elapsed()));
    }
    let judges = judges::everything();
    let passed = tell(&results);
    if !judges.passed {
        eprintln!(
            "\na judge objects: its reasons are above\n  fix: cargo xtask judges runs the judges alone; judges/README.md explains each"
        );
    }
    for line in &judges.not_judged {
        eprintln!("{line}");
    }
    passed && judges.passed
}

fn sections(nextest: bool) -> Vec<Section> {
    let mut sections = vec![
        Section {
            title: "format",
            call: Call::cargo(&["fmt", "--all", "--", "--check", "--files-with-diff"]),
            repair: "cargo fmt --all",
        },
        Section {
            title: "lints",
            call: Call::cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
            repair: "read the first message above; clippy.toml and [workspace.lints] give the reasons",
        },
    ];
    let repair = "run the failed test alone: cargo test --package CRATE NAME";
    if nextest {
        sections.push(Section {
            title: "examples in docs", // nextest does not run them
            call: Call::cargo(&["test", "--workspace", "--doc", "--quiet", "--no-fail-fast"]),
            repair: "cargo test --package CRATE --doc",
        });
        sections.push(Section {
            title: "tests",
            call: Call::cargo(&["nextest", "run", "--workspace", "--no-fail-fast", "--status-level", "slow"]),
            repair,
        });
    } else {
        sections.push(Section {
            title: "tests",
            call: Call::cargo(&["test", "--workspace", "--quiet", "--no-fail-fast"]),
            repair,
        });
    }
    sections
}

fn tell(results: &[(Section, bool, Duration)]) -> bool {
    eprintln!("\n── summary ──");
    for (section, passed, took) in results {
        let verdict = if *passed { "ok    " } else { "FAILED" };
        eprintln!("{verdict}  {:18} {:>8.1} s", section.title, took.as_secs_f64());
    }
    let failed: Vec<&Section> = results.iter().filter(|(_, passed, _)| !passed).map(|(section, ..)| section).collect();
    if failed.is_empty() {
        eprintln!("\nall tests of the project itself pass");
        return true;
    }
    for section in failed {
        eprintln!("\n{} failed: {}\n  fix: {}", section.title, section.call, section.repair);
    }
    false
}
