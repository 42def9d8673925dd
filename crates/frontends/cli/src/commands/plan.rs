//! `evergreen plan`: everything up to the change list.

use std::path::Path;

use evergreen_engine::{Request, World, plans, propose};
use evergreen_model::{Plan, PlanState, Problem, Remedy};

use super::{print_json, write_file};
use crate::args::Args;
use crate::exit::Exit;
use crate::views;

/// Files to write the plan to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Files<'a> {
    pub json: Option<&'a Path>,
    pub html: Option<&'a Path>,
}

pub(crate) async fn perform(
    world: &World,
    args: &Args,
    pilot: Option<u64>,
    files: Files<'_>,
    examples: u32,
) -> Result<Exit, Problem> {
    let request = Request { pilot, ..Request::default() };
    let (run, Some(plan)) = propose(world, &request).await? else {
        return Ok(Exit::Done);
    };
    let overview = plans::overview(world, &plan, examples).await?;
    if let Some(path) = files.json {
        let whole = plans::whole(world, &plan).await?;
        let text = serde_json::to_string_pretty(&whole).unwrap_or_default();
        write_file(world, path, &text)?;
        eprintln!("the whole plan: {}", path.display());
    }
    if let Some(path) = files.html {
        write_page(world, &overview, path).await?;
    }
    if args.json {
        print_json(&overview)?;
    } else {
        show(&overview);
        eprintln!("run {}", run.id.0);
    }
    Ok(if plan.state == PlanState::Guarded { Exit::Person } else { Exit::Done })
}

/// Writes the plan as a page.
pub(crate) async fn write_page(world: &World, overview: &plans::Overview, path: &Path) -> Result<(), Problem> {
    let whole = plans::whole(world, &overview.plan).await?;
    let page = views::plan_page::html(&overview.plan, &counts(overview), &whole.steps, &price(overview));
    write_file(world, path, &page)?;
    eprintln!("the plan as a page: {}", path.display());
    Ok(())
}

/// What a plan that a guard stopped says to someone who would perform it without a name.
pub(crate) fn needs_a_name(plan: &Plan) -> Problem {
    let stops: Vec<&str> =
        plan.guards.iter().filter(|found| found.blocks).map(|found| found.sentence.as_str()).collect();
    Problem::new(
        "EG-PLAN-003",
        Remedy::AskPerson,
        format!("plan {} waits for a person; nothing is written yet", plan.id.0),
        if stops.is_empty() { "merges are final".to_owned() } else { stops.join("; ") },
        format!("look at it, then `evergreen apply {} --approve \"your name: why\"`", plan.id.0),
    )
}

/// Prints a plan for people.
pub(crate) fn show(overview: &plans::Overview) {
    let (calls, spent) = price(overview);
    print!("{}", views::plan::text(&overview.plan, &counts(overview), &overview.examples, &calls, &spent));
}

fn counts(overview: &plans::Overview) -> views::plan::PlanCounts {
    views::plan::PlanCounts {
        records: overview.records,
        creates: overview.creates,
        updates: overview.updates,
        nothing: overview.nothing,
        associates: overview.associates,
        unlinks: overview.unlinks,
        merges: overview.merges,
        archives: overview.archives,
        enrolls: overview.enrolls,
        stuck: overview.stuck,
        protected: overview.protected,
    }
}

/// The calls apply needs, and what the run has spent so far.
fn price(overview: &plans::Overview) -> (String, String) {
    let calls = views::numbers::counted(overview.calls, "portal call", "portal calls");
    let time = match overview.seconds {
        0 => "within seconds".to_owned(),
        seconds @ 1..=180 => format!("about {seconds} s"),
        seconds => format!("about {} minutes", seconds.div_ceil(60)),
    };
    (format!("{calls}, {time}"), views::numbers::money(overview.spent))
}
