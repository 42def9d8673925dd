//! Stage 7, second half: performs a plan and nothing else. Looks once more right before each write, and once more right after it.
//!
//! Steps go out in batches of the portal's size, several batches on their way at once, so that the portal's limit is what they wait
//! for. Each batch is looked at, written, looked back at and committed on its own; a crash repeats the batches that had not come
//! to their end, which is safe.

mod after;
mod batch;
mod before;
mod conclude;
mod learn;
mod merges;
mod provide;
mod send;
mod stop;
mod taken_back;

use evergreen_model::{Entity, Plan, Problem, Purpose, Run, Step, StepId, StepState};
use evergreen_ports::StepQuery;
use evergreen_sync::Planner;
use futures::stream::{self, TryStreamExt};

use crate::links;
use crate::plan::planner;
use crate::world::World;

pub(crate) use provide::provide_properties;

/// Records looked at, written and committed together: the portal's batch.
const BATCH: u32 = 100;
/// Links made in one call: the portal's batch.
const LINKS: u32 = 1_000;
/// Batches on their way at the same time: more calls than the portal answers while one is under way.
const ABREAST: usize = 6;

/// A plan while it is performed.
#[derive(Clone, Copy)]
pub(crate) struct Performing<'a> {
    pub world: &'a World,
    pub run: &'a Run,
    pub plan: &'a Plan,
}

impl Performing<'_> {
    /// Whether the plan takes another run back.
    fn undoes(&self) -> bool {
        matches!(self.run.purpose, Purpose::Undo(_))
    }
}

/// Companies before contacts, links once both are there; what is taken away goes in the opposite order.
pub(crate) async fn perform(world: &World, run: &Run, plan: &Plan) -> Result<(), Problem> {
    let performing = Performing { world, run, plan };
    if run.purpose == Purpose::Dedupe {
        return merges::perform(performing).await;
    }
    provide_properties(world).await?;
    let mut planner = planner(world).await?;
    link(performing, "unlink").await?;
    for entity in [Entity::Company, Entity::Contact] {
        world.progress.begin(&format!("writing {}", entity.object()), None);
        for action in ["create", "update", "nothing"] {
            write(performing, &mut planner, entity, action).await?;
        }
        world.progress.end(&format!("{} done", entity.object()));
    }
    link(performing, "associate").await?;
    for entity in [Entity::Contact, Entity::Company] {
        write(performing, &mut planner, entity, "archive").await?;
    }
    Ok(())
}

/// Performs the steps of one kind.
async fn write(
    performing: Performing<'_>,
    planner: &mut Planner,
    entity: Entity,
    action: &'static str,
) -> Result<(), Problem> {
    let mut after = None;
    // Until we know under which name our writes appear in the portal's history, one batch goes alone and tells.
    while !planner.knows_us() {
        let steps = open_steps(performing, entity, action, after, BATCH).await?;
        let Some(last) = steps.last() else { return Ok(()) };
        after = Some(last.id);
        performing.world.progress.advance(steps.len() as u64);
        if batch::perform(performing, planner, entity, steps).await? {
            *planner = crate::plan::planner(performing.world).await?;
        }
    }
    let pages = stream::try_unfold(after, |after| async move {
        let steps = open_steps(performing, entity, action, after, BATCH).await?;
        Ok(steps.last().map(|last| last.id).map(|last| (steps, Some(last))))
    });
    let planner: &Planner = planner;
    pages
        .map_ok(|steps| async move {
            performing.world.progress.advance(steps.len() as u64);
            batch::perform(performing, planner, entity, steps).await
        })
        .try_buffer_unordered(ABREAST)
        .try_for_each(|_| async { Ok(()) })
        .await
}

async fn link(performing: Performing<'_>, action: &'static str) -> Result<(), Problem> {
    let world = performing.world;
    let mut after = None;
    let mut begun = false;
    loop {
        let steps = open_steps(performing, Entity::Contact, action, after, LINKS).await?;
        let Some(last) = steps.last() else { break };
        if !begun {
            let doing =
                if action == "unlink" { "parting contacts from companies" } else { "linking contacts to companies" };
            world.progress.begin(doing, None);
            begun = true;
        }
        after = Some(last.id);
        world.progress.advance(steps.len() as u64);
        links::perform(world, performing.run, steps).await?;
    }
    if begun {
        world.progress.end("links done");
    }
    Ok(())
}

/// The next steps of one kind that are not done yet.
async fn open_steps(
    performing: Performing<'_>,
    entity: Entity,
    action: &str,
    after: Option<StepId>,
    limit: u32,
) -> Result<Vec<Step>, Problem> {
    let query = StepQuery {
        plan: performing.plan.id,
        states: vec![StepState::Planned, StepState::Sending],
        entity: Some(entity),
        action: Some(action.to_owned()),
        record: None,
        after,
        limit,
    };
    Ok(performing.world.store.steps(query).await?)
}
