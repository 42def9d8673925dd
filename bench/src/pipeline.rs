//! `bench pipeline`: a raw list of N rows through all nine stages against the sandbox, rows/s and peak memory per step.

use std::sync::Arc;
use std::time::Instant;

use evergreen_engine::{Request, pipeline};
use evergreen_model::RunReport;
use serde_json::json;

use crate::meter::{Meter, Step, most, per_second};
use crate::sandbox::Neighbour;
use crate::{Failure, project, show};

/// Runs it and prints what came out. Fails when the report does not add up: a fast run that loses rows is no run.
pub async fn measure(rows: usize, as_json: bool) -> Result<(), Failure> {
    let home = tempfile::tempdir()?;
    let (folder, list) = (home.path().join("project"), home.path().join("list.csv"));
    eprintln!("making a world for {} rows", show::count(rows as u64));
    let neighbour = Neighbour::start(rows, &list)?;
    project::make(&folder)?;

    let meter = Arc::new(Meter::start());
    let start = Instant::now();
    let world = project::open(&folder, &neighbour.environment, Arc::clone(&meter) as _).await?;
    let request = Request { lists: vec![list], ..Request::default() };
    let report = pipeline::run(&world, &request).await?;
    let seconds = start.elapsed().as_secs_f64();
    let steps = meter.steps();
    let peak = steps.iter().map(|step| step.peak_mib).fold(None, most);

    if as_json {
        let told = json!({
            "bench": "pipeline",
            "rows": rows,
            "seconds": seconds,
            "rows_per_second": per_second(rows as u64, seconds),
            "peak_mib": peak,
            "cores": cores(),
            "stages": steps,
            "adds_up": adds_up(&report, rows),
            "report": report,
        });
        println!("{}", serde_json::to_string_pretty(&told)?);
    } else {
        tell(rows, seconds, peak, &steps, &report);
    }
    if adds_up(&report, rows) {
        return Ok(());
    }
    Err(format!(
        "the report does not add up: {rows} rows in, {} imported, {} counted out",
        report.imported,
        report.outcome.sum()
    )
    .into())
}

fn adds_up(report: &RunReport, rows: usize) -> bool {
    report.imported == report.outcome.sum() && report.imported == rows as u64
}

fn tell(rows: usize, seconds: f64, peak: Option<f64>, steps: &[Step], report: &RunReport) {
    let line = |step: &Step| {
        vec![
            step.stage.clone(),
            show::count(step.rows),
            show::seconds(step.seconds),
            show::rate(step.rows_per_second),
            show::mib(step.peak_mib),
        ]
    };
    let mut lines: Vec<Vec<String>> = steps.iter().map(line).collect();
    lines.push(vec![
        "the whole run".to_owned(),
        show::count(rows as u64),
        show::seconds(seconds),
        show::rate(per_second(rows as u64, seconds)),
        show::mib(peak),
    ]);
    println!("{}\n", show::table(&["stage", "rows", "seconds", "rows/s", "peak MiB"], &lines));

    let outcome = &report.outcome;
    let outcomes = [
        ("synced", outcome.synced),
        ("unchanged", outcome.unchanged),
        ("held", outcome.held),
        ("rejected", outcome.rejected),
        ("suppressed", outcome.suppressed),
        ("merged", outcome.merged),
        ("waiting", outcome.waiting),
        ("quarantined", outcome.quarantined),
        ("imported", report.imported),
    ];
    let lines: Vec<Vec<String>> =
        outcomes.iter().map(|(name, rows)| vec![(*name).to_owned(), show::count(*rows)]).collect();
    println!("{}\n", show::table(&["outcome", "rows"], &lines));
    let questions: u64 = report.spend.values().map(|spend| spend.calls).sum();
    println!(
        "{} questions to vendors, {} records created, {} updated, {} enrolled; {} cores",
        show::count(questions),
        show::count(report.sync.created),
        show::count(report.sync.updated),
        show::count(report.handoff.enrolled),
        cores(),
    );
}

/// Cores this process may use; the sandbox beside it uses them too.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
