//! One file per verb; this one only chooses.

mod apply;
mod check;
mod dedupe;
mod demo;
mod explain;
mod import;
mod init;
mod ledger;
mod plan;
mod provider;
mod rejects;
mod report;
mod review;
mod run;
mod sandbox;
mod status;
mod suppress;
mod undo;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use evergreen_engine::World;
use evergreen_model::{Problem, Remedy};
use jiff::Timestamp;

use crate::args::{Args, Verb};
use crate::exit::Exit;
use crate::house::{House, Place};
use crate::progress::Bars;

/// Performs the verb.
pub(crate) async fn perform(house: &dyn House, args: &Args) -> Result<Exit, Problem> {
    match &args.verb {
        Verb::Init { dir } => init::perform(house, args, dir),
        Verb::Check { fix } => check::perform(&open(house, args).await?, args, *fix).await,
        Verb::Import { files, maps, from_portal } => {
            import::perform(&open(house, args).await?, args, files, maps, *from_portal).await
        }
        Verb::Plan { pilot, out, html, examples } => {
            let files = plan::Files { json: out.as_deref(), html: html.as_deref() };
            plan::perform(&open(house, args).await?, args, *pilot, files, *examples).await
        }
        Verb::Undo { run, yes, approve, html } => {
            let consent = undo::Consent { yes: *yes, approve: approve.as_deref() };
            undo::perform(&open(house, args).await?, args, *run, consent, html.as_deref()).await
        }
        Verb::Dedupe { entity, html, .. } => {
            dedupe::perform(&open(house, args).await?, args, *entity, html.as_deref()).await
        }
        Verb::Apply { plan, approve } => {
            apply::perform(&open(house, args).await?, args, *plan, approve.as_deref()).await
        }
        Verb::Run { files, pilot, yes, approve } => {
            run::perform(&open(house, args).await?, args, files, *pilot, *yes, approve.clone()).await
        }
        Verb::Status => status::perform(&open(house, args).await?, args).await,
        Verb::Report { run, html } => report::perform(&open(house, args).await?, args, *run, html.as_deref()).await,
        Verb::Explain { who, field } => explain::perform(&open(house, args).await?, args, who, field.as_deref()).await,
        Verb::Review { deed } => review::perform(&open(house, args).await?, args, deed.as_ref()).await,
        Verb::Rejects { deed } => rejects::perform(&open(house, args).await?, args, deed.as_ref()).await,
        Verb::Suppress { deed } => suppress::perform(&open(house, args).await?, args, deed.as_ref()).await,
        Verb::Ledger { deed, last } => ledger::perform(&open(house, args).await?, args, deed.as_ref(), *last).await,
        Verb::Provider { deed } => provider::perform(house, args, deed),
        Verb::Sandbox { .. } => sandbox::perform(house, args).await,
        Verb::Demo { .. } => demo::perform(house, args).await,
    }
}

async fn open(house: &dyn House, args: &Args) -> Result<World, Problem> {
    house.open(place(args, &args.project, BTreeMap::new())?).await
}

/// Where and when this command works.
pub(crate) fn place(args: &Args, folder: &Path, environment: BTreeMap<String, String>) -> Result<Place, Problem> {
    Ok(Place {
        folder: folder.to_owned(),
        now: args.now.as_deref().map(time).transpose()?,
        seed: None,
        environment,
        progress: Arc::new(Bars::new(args.quiet)),
    })
}

fn time(text: &str) -> Result<Timestamp, Problem> {
    let parsed = text.parse().or_else(|_| format!("{text}T00:00:00Z").parse());
    parsed.map_err(|_: jiff::Error| {
        Problem::new(
            "EG-CLI-001",
            Remedy::FixSettings,
            format!("--now \"{text}\" is no date"),
            "a date or an RFC 3339 time is needed",
            "write 2026-12-31 or 2026-12-31T08:00:00Z",
        )
    })
}

/// Prints a value as JSON on stdout.
pub(crate) fn print_json(value: &impl serde::Serialize) -> Result<(), Problem> {
    let text = serde_json::to_string_pretty(value).map_err(|error| {
        Problem::new(
            "EG-CLI-002",
            Remedy::ReportBug,
            "the answer cannot be written as JSON",
            error.to_string(),
            "please report this",
        )
    })?;
    println!("{text}");
    Ok(())
}

/// Writes a file of ours through the world's disk.
pub(crate) fn write_file(world: &World, path: &Path, content: &str) -> Result<(), Problem> {
    world.files.create(path).and_then(|mut out| out.write_all(content.as_bytes()).and_then(|()| out.flush())).map_err(
        |error| {
            Problem::new(
                "EG-CLI-003",
                Remedy::FixSettings,
                format!("{} cannot be written", path.display()),
                error.to_string(),
                "make room or choose another folder",
            )
        },
    )
}
