//! `evergreen undo`: takes a run back where its values are still ours, and says what it had to leave.

use evergreen_engine::{World, apply_plan, pipeline, plans, undo};
use evergreen_model::{Problem, Remedy, RunId};

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
    if !yes {
        let overview = plans::overview(world, &made, 10).await?;
        if !args.json {
            plan::show(&overview);
        }
        if !run::asked("take the run back like this?") {
            return Err(Problem::new(
                "EG-RUN-001",
                Remedy::AskPerson,
                format!("plan {} would take run {undone} back and waits", made.id.0),
                "nobody said yes",
                format!("look at it above, then `evergreen apply {}`, or undo with --yes", made.id.0),
            ));
        }
    }
    apply_plan(world, made.id, approve).await?;
    let told = undo::told(world, &back, &made).await?;
    if args.json {
        print_json(&told)?;
    } else {
        print!("{}", views::undo::text(&told));
    }
    Ok(if told.left.is_empty() { Exit::Done } else { Exit::Partial })
}
