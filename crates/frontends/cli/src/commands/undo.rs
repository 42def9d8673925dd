//! `evergreen undo`: takes a run back where its values are still ours, and says what it had to leave.

use evergreen_engine::{World, apply_plan, pipeline, plans, undo};
use evergreen_model::{Plan, PlanState, Problem, Remedy, Run, RunId};

use super::{plan, print_json, run};
use crate::args::Args;
use crate::exit::Exit;
use crate::views;

pub(crate) async fn perform(
    world: &World,
    args: &Args,
    undone: i64,
    yes: bool,
    approve: Option<&str>,
) -> Result<Exit, Problem> {
    let (back, made) = pipeline::undo(world, RunId(undone)).await?;
    let overview = plans::overview(world, &made, 10).await?;
    if !yes {
        if args.json {
            // A machine can not be asked: it gets the plan and applies it, or calls again with --yes.
            print_json(&overview)?;
            return Ok(Exit::Person);
        }
        plan::show(&overview);
        let guarded = made.state == PlanState::Guarded && approve.is_none();
        if guarded || !run::asked("take the run back like this?") {
            return Err(waits(undone, &made, guarded));
        }
    }
    if made.state == PlanState::Guarded && approve.is_none() && !args.json {
        plan::show(&overview); // whoever is to approve it sees what it would do
    }
    apply_plan(world, made.id, approve).await?;
    tell(world, args, &back, &made).await
}

/// Nobody said yes, or nobody with a name.
fn waits(undone: i64, made: &Plan, guarded: bool) -> Problem {
    let plan = made.id.0;
    let (why, fix) = if guarded {
        let stops: Vec<&str> =
            made.guards.iter().filter(|found| found.blocks).map(|found| found.sentence.as_str()).collect();
        (stops.join("; "), format!("look at it above, then `evergreen apply {plan} --approve \"your name: why\"`"))
    } else {
        ("nobody said yes".to_owned(), format!("look at it above, then `evergreen apply {plan}`, or undo with --yes"))
    };
    let what = format!("plan {plan} would take run {undone} back and waits; nothing is written yet");
    Problem::new("EG-RUN-001", Remedy::AskPerson, what, why, fix)
}

/// Says what an applied undo took back and what it left.
pub(crate) async fn tell(world: &World, args: &Args, back: &Run, made: &Plan) -> Result<Exit, Problem> {
    let told = undo::told(world, back, made).await?;
    if args.json {
        print_json(&told)?;
    } else {
        print!("{}", views::undo::text(&told));
    }
    Ok(if told.left.is_empty() { Exit::Done } else { Exit::Partial })
}
