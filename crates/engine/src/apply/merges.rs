//! Merges inside the portal that a person has approved: looked at once more, made, and every id that changed is followed.

use std::collections::BTreeMap;

use evergreen_model::{Action, Entity, LedgerKind, Problem, Record, Step, StepState};
use evergreen_ports::{PortalError, Transition, WriteResult};
use evergreen_resolve::Pair;
use evergreen_sync::{Planner, propose_merge};
use serde_json::json;

use super::{Performing, open_steps};
use crate::ledger;
use crate::merge;
use crate::plan::planner;
use crate::twins;

/// Merges looked at together.
const BATCH: u32 = 20;

/// Makes the merges of a plan, one after the other: each is final.
pub(super) async fn perform(performing: Performing<'_>) -> Result<(), Problem> {
    let world = performing.world;
    let planner = planner(world).await?;
    world.progress.begin("merging duplicates", None);
    for entity in [Entity::Company, Entity::Contact] {
        let mut after = None;
        loop {
            let steps = open_steps(performing, entity, "merge", after, BATCH).await?;
            let Some(last) = steps.last() else { break };
            after = Some(last.id);
            world.progress.advance(steps.len() as u64);
            for step in steps {
                one(performing, &planner, step).await?;
            }
        }
    }
    world.progress.end("merges done");
    Ok(())
}

async fn one(performing: Performing<'_>, planner: &Planner, mut step: Step) -> Result<(), Problem> {
    let Performing { world, run, .. } = performing;
    let Action::Merge { other, other_portal_id } = step.action.clone() else { return Ok(()) };
    let Some(primary_id) = step.portal_id.clone() else { return Ok(()) };
    let records = world.store.records(&[step.record, other]).await?;
    let find = |id| records.iter().find(|record| record.id == id).cloned();
    let (Some(primary), Some(other)) = (find(step.record), find(other)) else { return Ok(()) };
    let mut transition = Transition::default();

    let views = twins::read(world, planner, step.entity, &[primary_id.clone(), other_portal_id.clone()]).await?;
    let survivor = match (views.get(&primary_id), views.get(&other_portal_id)) {
        (Some(left), Some(right)) if !left.archived && !right.archived => {
            let draft = propose_merge(planner, left, right);
            if draft.primary == primary_id && twins::kept(&draft) == step.kept {
                step.state = StepState::Sending;
                world.store.commit(Transition { steps: vec![step.clone()], ..Transition::default() }).await?;
                merge_in_portal(performing, &mut step, &primary_id, &other_portal_id).await?
            } else {
                step.state = StepState::Stale;
                step.note = Some("one of the two changed since the plan was made; nothing was merged".to_owned());
                None
            }
        }
        // Before a crash it may have been merged: then both ids lead to one record.
        _ => lives_on(performing, &mut step, &primary_id, &other_portal_id).await?,
    };
    if let Some(id) = survivor {
        follow(performing, primary, other, id, &mut transition).await?;
    }
    let sentence = step.note.clone().unwrap_or_default();
    let details = json!({ "plan": step.plan.0, "step": step.id.0, "other": other_portal_id, "state": step.state });
    let now = world.clock.now();
    transition.ledger.push(ledger::about(now, run.id, LedgerKind::Written, step.record, sentence, details));
    transition.steps.push(step);
    world.store.commit(transition).await?;
    Ok(())
}

async fn merge_in_portal(
    performing: Performing<'_>,
    step: &mut Step,
    primary: &str,
    other: &str,
) -> Result<Option<String>, Problem> {
    let portal = &performing.world.portal;
    match portal.merge(step.entity, primary, other).await.map_err(PortalError::into_problem)? {
        WriteResult::Done { id, .. } => {
            step.state = StepState::Done;
            step.note = Some(format!("{other} was merged into {primary}, which is {id} from now on"));
            step.portal_id = Some(id.clone());
            Ok(Some(id))
        }
        WriteResult::Failed { code, message, .. } => {
            step.state = StepState::Failed;
            step.note = Some(format!("the portal refused the merge ({code}): {message}"));
            Ok(None)
        }
        WriteResult::Unaccounted => lives_on(performing, step, primary, other).await,
    }
}

/// Whether both ids lead to one record by now; its id.
async fn lives_on(
    performing: Performing<'_>,
    step: &mut Step,
    primary: &str,
    other: &str,
) -> Result<Option<String>, Problem> {
    let ids = [primary.to_owned(), other.to_owned()];
    let portal = &performing.world.portal;
    let reading = portal.read(step.entity, None, &ids, &[], &[]).await.map_err(PortalError::into_problem)?;
    let now: BTreeMap<&str, &str> = reading.moved.iter().map(|(asked, now)| (asked.as_str(), now.as_str())).collect();
    let (one, two) = (now.get(primary).copied().unwrap_or(primary), now.get(other).copied().unwrap_or(other));
    if one == two {
        step.state = StepState::Done;
        step.note = Some(format!("{other} and {primary} are one in the portal: {one}"));
        step.portal_id = Some(one.to_owned());
        return Ok(Some(one.to_owned()));
    }
    step.state = StepState::Stale;
    step.note = Some("one of the two is not in the portal any more; nothing was merged".to_owned());
    Ok(None)
}

/// Our two records are one as well, known by the surviving id.
async fn follow(
    performing: Performing<'_>,
    mut primary: Record,
    mut other: Record,
    id: String,
    transition: &mut Transition,
) -> Result<(), Problem> {
    let Performing { world, run, .. } = performing;
    primary.portal_id = Some(id);
    primary.written.clear();
    other.portal_id = None;
    let pair = Pair {
        left: primary.id.0 as u64,
        right: other.id.0 as u64,
        score: 1.0,
        why: vec!["merged in the portal, approved by a person".to_owned()],
    };
    let stage = primary.stage;
    let (mut survivor, absorbed) = merge::merge(world, run, primary, other, &pair, transition).await?;
    survivor.stage = stage;
    transition.records.extend([survivor, absorbed]);
    Ok(())
}
