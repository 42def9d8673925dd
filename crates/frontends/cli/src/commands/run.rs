//! `evergreen run`: the whole loop, with a look at the plan in between.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use evergreen_engine::{Request, World, apply_plan, plans, propose, report};
use evergreen_model::{Problem, Remedy};

use super::{apply, plan, print_json};
use crate::args::Args;
use crate::exit::Exit;
use crate::views;

pub(crate) async fn perform(
    world: &World,
    args: &Args,
    files: &[PathBuf],
    pilot: Option<u64>,
    yes: bool,
    approve: Option<String>,
) -> Result<Exit, Problem> {
    let request = Request { lists: files.to_vec(), pilot, approved_by: approve };
    let (run, made) = propose(world, &request).await?;
    if let Some(made) = made {
        if !yes && !agreed(world, &made).await? {
            return Err(Problem::new(
                "EG-RUN-001",
                Remedy::AskPerson,
                format!("plan {} is made and waits", made.id.0),
                "nobody said yes",
                format!("look at it with `evergreen plan`, then `evergreen apply {}`, or run with --yes", made.id.0),
            ));
        }
        apply_plan(world, made.id, request.approved_by.as_deref()).await?;
    }
    let report = report::of(world, run.id).await?;
    if args.json {
        print_json(&report)?;
    } else {
        print!("{}", views::report::text(&report));
    }
    Ok(apply::ending(&report))
}

/// Shows the plan and asks on a terminal; without one nobody can agree.
async fn agreed(world: &World, made: &evergreen_model::Plan) -> Result<bool, Problem> {
    let overview = plans::overview(world, made, 10).await?;
    plan::show(&overview);
    Ok(asked("apply this plan?"))
}

/// A yes at the terminal.
pub(crate) fn asked(question: &str) -> bool {
    if !std::io::stdin().is_terminal() {
        return false;
    }
    eprint!("{question} [y/N] ");
    let _ = std::io::stderr().flush(); // the question may be seen late, the answer still counts
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer).is_ok();
    read && matches!(answer.trim(), "y" | "Y" | "yes")
}
