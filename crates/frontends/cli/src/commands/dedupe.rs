//! `evergreen dedupe --portal`: proposes merges of duplicates inside the portal; only a person's word performs them.

use std::path::Path;

use evergreen_engine::{World, pipeline, plans};
use evergreen_model::{Action, Entity, Plan, Problem, ReviewKind, ReviewState, Step, StepState};

use super::{plan, print_json};
use crate::args::{Args, Kind};
use crate::exit::Exit;
use crate::views;

pub(crate) async fn perform(world: &World, args: &Args, kind: Kind, html: Option<&Path>) -> Result<Exit, Problem> {
    let entity = match kind {
        Kind::Contact => Entity::Contact,
        Kind::Company => Entity::Company,
    };
    let (_, made) = pipeline::dedupe_portal(world, entity).await?;
    let whole = plans::whole(world, &made).await?;
    if let Some(path) = html {
        let overview = plans::overview(world, &made, 0).await?;
        plan::write_page(world, &overview, path).await?;
    }
    let pairs: Vec<&Step> = whole.steps.iter().filter(|step| matches!(step.action, Action::Merge { .. })).collect();
    if args.json {
        print_json(&whole)?;
    } else {
        print!("{}", views::merge::text(&made, &pairs, unsure(world).await?));
    }
    Ok(if pairs.is_empty() { Exit::Done } else { Exit::Person })
}

/// Pairs that wait on the review board.
async fn unsure(world: &World) -> Result<u64, Problem> {
    let open = world.store.reviews(Some(ReviewState::Open)).await?;
    Ok(open.iter().filter(|review| matches!(review.kind, ReviewKind::Pair { .. })).count() as u64)
}

/// Says which merges of an applied plan were made, and why the others were not.
pub(crate) async fn tell(world: &World, args: &Args, made: &Plan) -> Result<Exit, Problem> {
    let whole = plans::whole(world, made).await?;
    if args.json {
        print_json(&whole)?;
    } else {
        print!("{}", views::merge::done(made, &whole.steps));
    }
    let all = whole.steps.iter().all(|step| step.state == StepState::Done);
    Ok(if all { Exit::Done } else { Exit::Partial })
}
