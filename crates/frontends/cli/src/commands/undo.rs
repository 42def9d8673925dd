//! `evergreen undo`: takes a run back where its values are still ours, and says what it had to leave.

use std::path::Path;

use evergreen_engine::{World, apply_plan, pipeline, plans, undo};
use evergreen_model::{Plan, PlanState, Problem, Remedy, Run, RunId};

use super::{plan, print_json, run};
use crate::args::Args;
use crate::exit::Exit;
use crate::views;

/// What the person at the terminal has agreed to beforehand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Consent<'a> {
    pub yes: bool,
    pub approve: Option<&'a str>,
}

pub(crate) async fn perform(
    world: &World,
    args: &Args,
    undone: i64,
    Consent { yes, approve }: Consent<'_>,
    html: Option<&Path>,
) -> Result<Exit, Problem> {
    let (back, made) = pipeline::undo(world, RunId(undone)).await?;
    let overview = plans::overview(world, &made, 10).await?;
    if let Some(path) = html {
        plan::write_page(world, &overview, path).await?;
    }
    let guarded = made.state == PlanState::Guarded && approve.is_none();
    if !yes || guarded {
        if args.json && !yes {
            // A machine can not be asked: it gets the plan and applies it, or calls again with --yes.
            print_json(&overview)?;
            return Ok(Exit::Person);
        }
        if !args.json {
            plan::show(&overview);
        }
        if guarded {
            return Err(plan::needs_a_name(&made));
        }
        if !run::asked("take the run back like this?") {
            return Err(Problem::new(
                "EG-RUN-001",
                Remedy::AskPerson,
                format!("plan {} would take run {undone} back and waits; nothing is written yet", made.id.0),
                "nobody said yes",
                format!("look at it above, then `evergreen apply {}`, or undo with --yes", made.id.0),
            ));
        }
    }
    apply_plan(world, made.id, approve).await?;
    tell(world, args, &back, &made).await
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
