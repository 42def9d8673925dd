//! Facts about plans and their steps.

use std::sync::Arc;

use evergreen_model::plan::{Action, PlanId, Step, StepId, StepState};
use evergreen_model::record::{Entity, RecordId};
use evergreen_model::run::RunId;
use evergreen_ports::{StepQuery, Store, Transition};

use super::{commit, ok};
use crate::builders::{plan, step};

fn all_of(plan: i64) -> StepQuery {
    StepQuery {
        plan: PlanId(plan),
        states: Vec::new(),
        entity: None,
        action: None,
        record: None,
        after: None,
        limit: 1_000,
    }
}

async fn numbers(store: &dyn Store, query: StepQuery) -> Vec<i64> {
    ok(store.steps(query).await).iter().map(|step| step.id.0).collect()
}

/// Of all runs or of one.
pub async fn the_newest_plan_is_found(store: Arc<dyn Store>) {
    assert_eq!(ok(store.latest_plan(None).await), None);
    commit(&*store, Transition { plans: vec![plan(1, 1), plan(2, 1), plan(3, 2)], ..Transition::default() }).await;
    assert_eq!(ok(store.latest_plan(None).await), Some(plan(3, 2)));
    assert_eq!(ok(store.latest_plan(Some(RunId(1))).await), Some(plan(2, 1)));
    assert_eq!(ok(store.latest_plan(Some(RunId(9))).await), None);
    assert_eq!(ok(store.plan(PlanId(1)).await), Some(plan(1, 1)));
}

/// By state, entity, action, record and page, always in the order of apply.
pub async fn steps_are_found_by_what_they_are(store: Arc<dyn Store>) {
    let mut steps: Vec<Step> = (1..=8).map(|id| step(id, 1, 100 + id)).collect();
    steps[0].state = StepState::Done;
    steps[1].state = StepState::Sending;
    steps[2].entity = Entity::Company;
    steps[3].action = Action::Create;
    steps[4].action = Action::Associate { company: RecordId(5) };
    steps[5].state = StepState::Failed;
    steps.push(step(9, 2, 101));
    commit(&*store, Transition { steps, ..Transition::default() }).await;
    let all = all_of(1);
    assert_eq!(numbers(&*store, all.clone()).await, (1..=8).collect::<Vec<_>>());
    let unfinished = StepQuery { states: vec![StepState::Planned, StepState::Sending], ..all.clone() };
    assert_eq!(numbers(&*store, unfinished.clone()).await, [2, 3, 4, 5, 7, 8]);
    assert_eq!(numbers(&*store, StepQuery { limit: 3, ..unfinished }).await, [2, 3, 4]);
    assert_eq!(numbers(&*store, StepQuery { entity: Some(Entity::Company), ..all.clone() }).await, [3]);
    assert_eq!(numbers(&*store, StepQuery { action: Some("create".into()), ..all.clone() }).await, [4]);
    assert_eq!(numbers(&*store, StepQuery { action: Some("associate".into()), ..all.clone() }).await, [5]);
    assert_eq!(numbers(&*store, StepQuery { record: Some(RecordId(101)), ..all.clone() }).await, [1]);
    assert_eq!(numbers(&*store, StepQuery { after: Some(StepId(6)), ..all }).await, [7, 8]);
}

/// A draft is made anew after a crash; new steps of the same transition stay.
pub async fn steps_of_a_draft_can_be_dropped(store: Arc<dyn Store>) {
    let steps = vec![step(1, 1, 1), step(2, 1, 2), step(3, 2, 3)];
    commit(&*store, Transition { steps, ..Transition::default() }).await;
    let anew = Transition { drop_steps_of: vec![PlanId(1)], steps: vec![step(4, 1, 1)], ..Transition::default() };
    commit(&*store, anew).await;
    assert_eq!(numbers(&*store, all_of(1)).await, [4]);
    assert_eq!(numbers(&*store, all_of(2)).await, [3]);
}
