//! `evergreen dedupe --portal`: proposes merges of duplicates inside the portal; only a person's word performs them.

use std::path::Path;

use evergreen_engine::{World, pipeline, plans};
use evergreen_model::{Action, Entity, Problem, Step};

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
        print!("{}", views::merge::text(&made, &pairs));
    }
    Ok(if pairs.is_empty() { Exit::Done } else { Exit::Person })
}
