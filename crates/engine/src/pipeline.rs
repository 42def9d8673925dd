//! The run, top to bottom. Read this first.

use evergreen_model::{Entity, Plan, PlanId, PlanState, Problem, Purpose, Remedy, Run, RunId, RunReport};

use crate::begin::Request;
use crate::world::World;
use crate::{
    apply, begin, enrich, handoff, identify, intake, observe, plan, qualify, report, route, suppress, twins, undo,
    verify,
};

/// Takes lists and due records from file to follow-up.
///
/// Every row that enters is counted out exactly once: written, unchanged, held for a person, or refused with a reason.
/// A crash resumes at the line it had reached, because each step commits its result, batch by batch, before the next starts:
/// calling `run` again finds the open run and goes on with whatever is left in each queue.
///
/// # Errors
/// Ends early only when the whole run cannot go on: store, portal or settings. A record's failure is data, not an error.
pub async fn run(world: &World, request: &Request) -> Result<RunReport, Problem> {
    let (run, plan) = propose(world, request).await?;
    if let Some(plan) = plan {
        apply_plan(world, plan.id, request.approved_by.as_deref()).await?;
    }
    report::of(world, run.id).await
}

/// Everything up to the change list. Nothing is written to the portal or the sequencer.
///
/// # Errors
/// As for [`run`].
pub async fn propose(world: &World, request: &Request) -> Result<(Run, Option<Plan>), Problem> {
    for list in &request.lists {
        intake::import_list(world, list, &[]).await?;
    }
    let run = begin::open(world, request).await?;
    if let Some(plan) = begin::interrupted_apply(world, &run).await? {
        return Ok((run, Some(plan))); // a crash in the middle of apply goes on there, with the very same plan
    }
    suppress::read_own_lists(world).await?;
    route::matrix(world)?; // a broken matrix is told before anything is bought
    let run = observe::portal(world, run).await?;
    identify::rows(world, &run).await?;
    qualify::keep(world, &run).await?;
    enrich::fill_gaps(world, &run).await?;
    verify::judge(world, &run).await?;
    route::assign(world, &run).await?;
    let plan = plan::propose(world, &run).await?;
    Ok((run, Some(plan)))
}

/// Reads the portal's contacts and companies into the store, again if this run has done so before; nothing else.
///
/// # Errors
/// When portal or store cannot go on.
pub async fn read_portal(world: &World) -> Result<Run, Problem> {
    let mut run = begin::open(world, &Request::default()).await?;
    run.observed = false;
    observe::portal(world, run).await
}

/// Proposes the plan that takes a run back, where its values are still ours; nothing is written until it is applied.
///
/// # Errors
/// `EG-UNDO-001` when there is no such run, `EG-UNDO-002` when it wrote nothing, `EG-UNDO-003` while it is still being applied.
pub async fn undo(world: &World, run: RunId) -> Result<(Run, Plan), Problem> {
    undo::propose(world, run).await
}

/// Finds duplicates among the portal's own records and proposes merges as a plan that waits for a named person.
///
/// # Errors
/// When portal or store cannot go on.
pub async fn dedupe_portal(world: &World, entity: Entity) -> Result<(Run, Plan), Problem> {
    twins::propose(world, entity).await
}

/// Performs that plan and nothing else: writes what is still as the plan saw it, hands off, books the refresh.
///
/// # Errors
/// `EG-PLAN-001` when there is no such plan, `EG-PLAN-002` when a later one took its place, `EG-PLAN-003` when a guard waits for
/// a named person, `EG-PLAN-004` when the configuration changed since.
pub async fn apply_plan(world: &World, id: PlanId, approved_by: Option<&str>) -> Result<Run, Problem> {
    let Some(found) = world.store.plan(id).await? else {
        return Err(Problem::new(
            "EG-PLAN-001",
            Remedy::FixInput,
            format!("there is no plan {}", id.0),
            "plans are numbered as `evergreen plan` prints them",
            "run `evergreen plan` and use the number it prints",
        ));
    };
    if found.state == PlanState::Applied {
        return plan::run_of(world, &found).await; // applying twice changes nothing
    }
    let plan = plan::admit(world, found, approved_by).await?;
    let run = plan::run_of(world, &plan).await?;
    apply::perform(world, &run, &plan).await?;
    if run.purpose == Purpose::Pipeline {
        handoff::enroll(world, &run, &plan).await?;
    }
    begin::close(world, run, plan).await
}
