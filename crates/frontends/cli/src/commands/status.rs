//! `evergreen status`: where every record is.

use evergreen_engine::{World, status};
use evergreen_model::{Problem, Purpose, Stage};

use super::print_json;
use crate::args::Args;
use crate::exit::Exit;
use crate::views::table::table;

pub(crate) async fn perform(world: &World, args: &Args) -> Result<Exit, Problem> {
    let status = status::look(world).await?;
    if args.json {
        print_json(&status)?;
        return Ok(Exit::Done);
    }
    let count = |entity: &str, stage: Stage| {
        status.stages.get(entity).and_then(|stages| stages.get(stage.as_str())).copied().unwrap_or_default()
    };
    let rows: Vec<Vec<String>> = Stage::ALL
        .into_iter()
        .filter(|stage| count("contact", *stage) + count("company", *stage) > 0)
        .map(|stage| {
            vec![stage.as_str().to_owned(), count("contact", stage).to_string(), count("company", stage).to_string()]
        })
        .collect();
    println!("{}", table(&["stage", "contacts", "companies"], &rows));
    let runs: Vec<Vec<String>> = status
        .runs
        .iter()
        .take(10)
        .map(|run| {
            let time = |time: jiff::Timestamp| time.strftime("%-d %b %Y %H:%M UTC").to_string();
            vec![
                run.id.0.to_string(),
                purpose(run.purpose),
                run.state.as_str().to_owned(),
                time(run.started_at),
                run.finished_at.map(time).unwrap_or_default(),
            ]
        })
        .collect();
    if !runs.is_empty() {
        println!("{}", table(&["run", "what", "state", "began", "ended"], &runs));
    }
    if let (Some(run), Some(plan)) = (&status.open_run, &status.plan) {
        println!("run {} has plan {} ({}): `evergreen apply {}`", run.id.0, plan.id.0, plan.state.as_str(), plan.id.0);
    }
    if status.to_review > 0 {
        println!("{} items wait for a person: `evergreen review`", status.to_review);
    }
    for call in &status.uncertain_calls {
        println!(
            "in doubt: call {} to {} {} for record {}: may have cost {}",
            call.id.0, call.question.provider, call.question.operation, call.record, call.reserved.money
        );
    }
    Ok(Exit::Done)
}

/// What a run is there for.
fn purpose(purpose: Purpose) -> String {
    match purpose {
        Purpose::Pipeline => "records to HubSpot".to_owned(),
        Purpose::Undo(run) => format!("takes run {} back", run.0),
        Purpose::Dedupe => "merges duplicates in HubSpot".to_owned(),
    }
}
