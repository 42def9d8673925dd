//! `cargo xtask judges`: lets what others made (HubSpot's clients, its API description, a fuzzer) judge our client and our sandbox.

mod install;
mod process;
mod rounds;

use std::time::Instant;

/// What a judge said.
pub enum Verdict {
    /// All right, with how much was looked at.
    Passed(String),
    /// Something is wrong; the details were printed above.
    Failed(String),
    /// The judge did not run.
    NotJudged(String),
}

/// One line of the summary.
pub struct Line {
    pub judge: &'static str,
    pub checks: &'static str,
    pub verdict: Verdict,
    pub seconds: f64,
}

/// How the whole of it ended.
pub struct Outcome {
    /// False when a judge objects. A judge that could not run is told loudly, and is no objection by itself.
    pub passed: bool,
    /// Each judge that did not run, with the reason.
    pub not_judged: Vec<String>,
}

/// Runs all judges.
pub fn everything() -> Outcome {
    let start = Instant::now();
    let mut lines = Vec::new();
    match install::tools() {
        Ok(tools) => rounds::all(&tools, &mut lines),
        Err(reason) => lines.push(Line {
            judge: "all",
            checks: "nothing",
            verdict: Verdict::NotJudged(reason),
            seconds: start.elapsed().as_secs_f64(),
        }),
    }
    tell(&lines, start.elapsed().as_secs_f64());
    let passed = lines.iter().all(|line| !matches!(line.verdict, Verdict::Failed(_)));
    let not_judged = lines.iter().filter_map(|line| match &line.verdict {
        Verdict::NotJudged(reason) => Some(format!("not judged: {} ({}): {reason}", line.judge, line.checks)),
        _ => None,
    });
    Outcome { passed, not_judged: not_judged.collect() }
}

fn tell(lines: &[Line], seconds: f64) {
    eprintln!("\n── judges: summary ({seconds:.0} s) ──");
    for line in lines {
        let (word, text) = match &line.verdict {
            Verdict::Passed(text) => ("ok        ", text),
            Verdict::Failed(text) => ("FAILED    ", text),
            Verdict::NotJudged(text) => ("NOT JUDGED", text),
        };
        eprintln!("{word}  {:18} {:>6.1} s  {}: {text}", line.judge, line.seconds, line.checks);
    }
}
