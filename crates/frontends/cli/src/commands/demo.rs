//! `evergreen demo`: the whole loop on a real list, offline, in one command.

use std::path::Path;
use std::sync::Arc;

use evergreen_engine::{Request, pipeline};
use evergreen_model::Problem;
use jiff::Timestamp;

use super::{init, print_json, report, write_file};
use crate::args::{Args, Verb};
use crate::exit::Exit;
use crate::house::{House, Place, SandboxRequest, SandboxTier};
use crate::progress::Bars;
use crate::views;

/// The demo's day, so that two demos give the same report: 1 December 2026, 08:00 UTC.
const START_SECOND: i64 = 1_796_112_000;

pub(crate) async fn perform(house: &dyn House, args: &Args) -> Result<Exit, Problem> {
    let Verb::Demo { dir, serve, port, seed } = &args.verb else { return Ok(Exit::Usage) };
    let start = Timestamp::from_second(START_SECOND).unwrap_or(Timestamp::UNIX_EPOCH);
    init::write_project(house, dir, true)?;
    let sandbox = house
        .sandbox(SandboxRequest {
            port: 0,
            dns_port: 0,
            seed: *seed,
            journal: Some(dir.join("sandbox").join("journal.jsonl")),
            start,
            tier: SandboxTier::Professional,
            lag_ms: None,
            contacts: None,
            companies: None,
        })
        .await?;
    let world = house
        .open(Place {
            folder: dir.clone(),
            now: Some(start),
            seed: Some(*seed),
            environment: sandbox.environment(),
            progress: Arc::new(Bars::new(args.quiet)),
        })
        .await?;
    let request = Request { lists: vec![dir.join("contacts.csv")], pilot: None, approved_by: None };
    let report = match finished_before(&world).await? {
        Some(report) => report,
        None => pipeline::run(&world, &request).await?,
    };
    let page = report::page(&world, &report).await?;
    write_file(&world, &dir.join("report.html"), &page)?;
    write_file(&world, &dir.join("report.json"), &serde_json::to_string_pretty(&report).unwrap_or_default())?;
    drop(world);
    if args.json {
        print_json(&report)?;
    } else {
        print!("{}", views::report::text(&report));
        say_where(dir);
    }
    if *serve {
        house.serve(dir.clone(), *port).await?;
    }
    sandbox.stop().await;
    Ok(Exit::Done)
}

/// A demo that was finished before is shown again, not run twice.
async fn finished_before(world: &evergreen_engine::World) -> Result<Option<evergreen_model::RunReport>, Problem> {
    let done = world.store.runs().await?.into_iter().find(|run| run.state == evergreen_model::RunState::Done);
    match done {
        Some(run) => Ok(Some(evergreen_engine::report::of(world, run.id).await?)),
        None => Ok(None),
    }
}

fn say_where(dir: &Path) {
    eprintln!("\nthe page to look at: {}", dir.join("report.html").display());
    eprintln!("ask it things:");
    eprintln!("  evergreen explain --project {} \"last name or address\"", dir.display());
    eprintln!("  evergreen review --project {}", dir.display());
    eprintln!("  evergreen ledger verify --project {}", dir.display());
}
