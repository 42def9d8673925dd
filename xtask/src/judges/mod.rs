//! `cargo xtask judges`: lets what others made (HubSpot's clients, its API description, a fuzzer) judge our client and our sandbox.

mod install;
mod process;
mod rounds;

use std::time::Instant;

use install::Tools;

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

/// Runs all judges; true unless one of them objects. A judge that could not run is told loudly, and is no failure by itself.
pub fn everything() -> bool {
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
    tell(&lines, start.elapsed().as_secs_f64())
}

fn tell(lines: &[Line], seconds: f64) -> bool {
    eprintln!("\n── judges: summary ({seconds:.0} s) ──");
    for line in lines {
        let (word, text) = match &line.verdict {
            Verdict::Passed(text) => ("ok        ", text),
            Verdict::Failed(text) => ("FAILED    ", text),
            Verdict::NotJudged(text) => ("NOT JUDGED", text),
        };
        eprintln!("{word}  {:22} {:>6.1} s  {}: {text}", line.judge, line.seconds, line.checks);
    }
    for line in lines {
        if let Verdict::NotJudged(reason) = &line.verdict {
            eprintln!("\nnot judged: {} ({}): {reason}", line.judge, line.checks);
        }
    }
    lines.iter().all(|line| !matches!(line.verdict, Verdict::Failed(_)))
}
