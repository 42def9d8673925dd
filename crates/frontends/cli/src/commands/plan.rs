//! `evergreen plan`: everything up to the change list.

use std::path::Path;

use evergreen_engine::{Request, World, plans, propose};
use evergreen_model::{PlanState, Problem};

use super::{print_json, write_file};
use crate::args::Args;
use crate::exit::Exit;
use crate::views;

pub(crate) async fn perform(
    world: &World,
    args: &Args,
    pilot: Option<u64>,
    out: Option<&Path>,
    examples: u32,
) -> Result<Exit, Problem> {
    let request = Request { pilot, ..Request::default() };
    let (run, Some(plan)) = propose(world, &request).await? else {
        return Ok(Exit::Done);
    };
    let overview = plans::overview(world, &plan, examples).await?;
    if let Some(path) = out {
        let whole = plans::whole(world, &plan).await?;
        let text = serde_json::to_string_pretty(&whole).unwrap_or_default();
        write_file(world, path, &text)?;
        eprintln!("the whole plan: {}", path.display());
    }
    if args.json {
        print_json(&overview)?;
    } else {
        show(&overview);
        eprintln!("run {}", run.id.0);
    }
    Ok(if plan.state == PlanState::Guarded { Exit::Person } else { Exit::Done })
}

/// Prints a plan for people.
pub(crate) fn show(overview: &plans::Overview) {
    let counts = views::plan::PlanCounts {
        records: overview.records,
        creates: overview.creates,
        updates: overview.updates,
        nothing: overview.nothing,
        associates: overview.associates,
        enrolls: overview.enrolls,
        protected: overview.protected,
    };
    let calls = format!("{} portal calls, about {} s", overview.calls, overview.seconds);
    let spent = format!("{:.2}", overview.spent);
    print!("{}", views::plan::text(&overview.plan, &counts, &overview.examples, &calls, &spent));
}
