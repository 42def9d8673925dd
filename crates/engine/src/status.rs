//! Where everything stands: records per stage, the open run, what is due, what waits for a person, calls in doubt.

use std::collections::BTreeMap;

use evergreen_model::call::{Call, CallState};
use evergreen_model::{Plan, Problem, ReviewState, Run, RunState};
use evergreen_ports::CallQuery;
use serde::Serialize;

use crate::world::World;

/// A glance at the project.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Stage to count, per entity.
    pub stages: BTreeMap<String, BTreeMap<String, u64>>,
    /// Runs, newest first.
    pub runs: Vec<Run>,
    /// The run that is not finished.
    pub open_run: Option<Run>,
    /// Its plan, if it has one.
    pub plan: Option<Plan>,
    /// Items on the review board.
    pub to_review: u64,
    /// Calls whose charge is in doubt after a crash.
    pub uncertain_calls: Vec<Call>,
    /// Files imported.
    pub files: u64,
}

/// Looks at the store; asks nobody.
///
/// # Errors
/// When the store cannot be read.
pub async fn look(world: &World) -> Result<Status, Problem> {
    let mut stages: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for ((entity, stage), count) in world.store.tally_stages().await? {
        stages.entry(entity.as_str().to_owned()).or_default().insert(stage.as_str().to_owned(), count);
    }
    let runs = world.store.runs().await?;
    let open_run = runs.iter().find(|run| run.state != RunState::Done).cloned();
    let plan = world.store.latest_plan(open_run.as_ref().map(|run| run.id)).await?;
    let to_review = world.store.reviews(Some(ReviewState::Open)).await?.len() as u64;
    let query = CallQuery { state: Some(CallState::Uncertain), ..CallQuery::default() };
    let uncertain_calls = world.store.calls(query).await?;
    let files = world.store.files().await?.len() as u64;
    Ok(Status { stages, runs, open_run, plan, to_review, uncertain_calls, files })
}
