//! `evergreen report`: what a run did, as text, JSON or a page to forward.

use std::path::Path;

use evergreen_engine::{World, plans, report, undo};
use evergreen_model::{PlanState, Problem, Purpose, Remedy, RunId, RunReport, Stage};
use evergreen_ports::Claim;

use super::{print_json, write_file};
use crate::args::Args;
use crate::exit::Exit;
use crate::views;

/// Examples of each kind on the page.
const EXAMPLES: usize = 12;

pub(crate) async fn perform(
    world: &World,
    args: &Args,
    run: Option<i64>,
    html: Option<&Path>,
) -> Result<Exit, Problem> {
    let id = match run {
        Some(run) => RunId(run),
        None => newest(world).await?,
    };
    let report = report::of(world, id).await?;
    if let Some(path) = html {
        write_file(world, path, &page(world, &report).await?)?;
        eprintln!("the page: {}", path.display());
    }
    if args.json {
        print_json(&report)?;
    } else {
        match told_otherwise(world, id).await? {
            Some(text) => print!("{text}"),
            None => print!("{}", views::report::text(&report)),
        }
    }
    Ok(Exit::Done)
}

/// A run that took another one back, or merged duplicates, took nothing in: it is told by what it did in the portal.
async fn told_otherwise(world: &World, id: RunId) -> Result<Option<String>, Problem> {
    let Some(run) = world.store.run(id).await? else { return Ok(None) };
    let Some(plan) = world.store.latest_plan(Some(id)).await? else { return Ok(None) };
    let performed = matches!(plan.state, PlanState::Applied | PlanState::Applying);
    Ok(match run.purpose {
        Purpose::Undo(_) if performed => Some(views::undo::text(&undo::told(world, &run, &plan).await?)),
        Purpose::Dedupe if performed => Some(views::merge::done(&plan, &plans::whole(world, &plan).await?.steps)),
        Purpose::Undo(_) | Purpose::Dedupe => {
            let (number, state) = (plan.id.0, views::plan::state(plan.state));
            Some(format!("Run {}: plan {number} is {state}; it has written nothing\n", id.0))
        }
        Purpose::Pipeline => None,
    })
}

async fn newest(world: &World) -> Result<RunId, Problem> {
    world.store.runs().await?.first().map(|run| run.id).ok_or_else(|| {
        Problem::new(
            "EG-REPORT-002",
            Remedy::FixInput,
            "there is no run yet",
            "a report is about a run",
            "`evergreen run LIST.csv` or `evergreen demo` makes one",
        )
    })
}

/// The page of a run, with examples of what was changed, kept, refused and held.
pub(crate) async fn page(world: &World, report: &RunReport) -> Result<String, Problem> {
    let (changed, protected) = plans::examples(world, RunId(report.run), EXAMPLES).await?;
    let refused = standing(world, report, Stage::Rejected).await?;
    let held = standing(world, report, Stage::Held).await?;
    let shown = views::page::Shown {
        project: world.config.project.clone(),
        made_at: world.clock.now(),
        protected: protected
            .into_iter()
            .map(|(title, kept)| views::page::Protected {
                title,
                property: kept.property,
                current: kept.current.unwrap_or_default(),
                offered: kept.offered,
                why: kept.why,
            })
            .collect(),
        changed: changed
            .into_iter()
            .map(|(title, change)| views::page::Changed {
                title,
                property: change.property,
                before: change.before,
                after: change.after,
                reason: change.reason,
            })
            .collect(),
        refused: refused
            .iter()
            .map(|record| views::page::Refused {
                title: record.title(),
                sentence: record.reason.as_ref().map(|reason| reason.sentence.clone()).unwrap_or_default(),
                retry_at: Some(record.due),
            })
            .collect(),
        held: held
            .iter()
            .map(|record| views::page::Held {
                title: record.title(),
                sentence: record.reason.as_ref().map(|reason| reason.sentence.clone()).unwrap_or_default(),
            })
            .collect(),
    };
    Ok(views::page::page(report, &shown))
}

async fn standing(world: &World, report: &RunReport, stage: Stage) -> Result<Vec<evergreen_model::Record>, Problem> {
    let claim = Claim {
        stage,
        entity: Some(evergreen_model::Entity::Contact),
        run: Some(RunId(report.run)),
        due_by: jiff::Timestamp::MAX,
        after: None,
        limit: EXAMPLES as u32,
    };
    Ok(world.store.claim(claim).await?)
}
