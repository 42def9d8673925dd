//! `evergreen apply`: performs a plan and nothing else.

use evergreen_engine::{World, apply_plan, plans, report};
use evergreen_model::{PlanId, PlanState, Problem, Purpose};

use super::{dedupe, plan, print_json, undo};
use crate::args::Args;
use crate::exit::Exit;
use crate::views;

pub(crate) async fn perform(world: &World, args: &Args, number: i64, approve: Option<&str>) -> Result<Exit, Problem> {
    if let Some(made) = world.store.plan(PlanId(number)).await?
        && made.state == PlanState::Guarded
        && approve.is_none()
    {
        if !args.json {
            plan::show(&plans::overview(world, &made, 10).await?); // whoever is to approve it sees what it would do
        }
        return Err(plan::needs_a_name(&made));
    }
    let run = apply_plan(world, PlanId(number), approve).await?;
    match (run.purpose, world.store.plan(PlanId(number)).await?) {
        (Purpose::Undo(_), Some(made)) => return undo::tell(world, args, &run, &made).await,
        (Purpose::Dedupe, Some(made)) => return dedupe::tell(world, args, &made).await,
        _ => {}
    }
    let report = report::of(world, run.id).await?;
    if args.json {
        print_json(&report)?;
    } else {
        print!("{}", views::report::text(&report));
    }
    Ok(ending(&report))
}

/// Partial when the other side refused something.
pub(crate) fn ending(report: &evergreen_model::RunReport) -> Exit {
    if report.sync.failed + report.handoff.refused > 0 { Exit::Partial } else { Exit::Done }
}
