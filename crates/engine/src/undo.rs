//! Undo: proposes the plan that takes a run back; it is guarded, applied and checked like any other plan.

use evergreen_model::{
    Action, LedgerKind, Plan, PlanId, PlanState, Problem, Purpose, Remedy, Run, RunId, RunState, Step, StepId,
    StepState,
};
use evergreen_ports::store::IdKind;
use evergreen_ports::{StepQuery, Transition};
use evergreen_sync::{Summary, guard, invert};
use serde::Serialize;
use serde_json::json;

use crate::begin;
use crate::ledger;
use crate::plan;
use crate::world::World;

/// Steps read and written in one transaction.
const PAGE: u32 = 1_000;

/// Something that was not taken back, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Left {
    /// How people name the record.
    pub title: String,
    /// The property, or what was done: `jobtitle`, `the record`, `the enrolment`.
    pub what: String,
    /// One sentence.
    pub why: String,
}

/// What an undo did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// The run that was taken back.
    pub run: i64,
    /// The plan that took it back.
    pub plan: i64,
    /// Values taken back.
    pub values: u64,
    /// Records moved to the recycle bin.
    pub archived: u64,
    /// Records made again (undo of an undo).
    pub made_again: u64,
    /// Links taken away or made again.
    pub links: u64,
    /// What was not taken back.
    pub left: Vec<Left>,
}

/// Proposes the plan that takes a run back; one that was made before and not applied is superseded.
pub(crate) async fn propose(world: &World, undone: RunId) -> Result<(Run, Plan), Problem> {
    let plan = plan_to_take_back(world, undone).await?;
    let now = world.clock.now();
    if let Some(begun) = begun_before(world, undone).await? {
        match world.store.latest_plan(Some(begun.id)).await? {
            // A crash in the middle of the undo goes on there.
            Some(plan) if plan.state == PlanState::Applying => return Ok((begun, plan)),
            Some(mut plan) => {
                plan.state = PlanState::Superseded;
                let drop_steps_of = vec![plan.id];
                world.store.commit(Transition { plans: vec![plan], drop_steps_of, ..Transition::default() }).await?;
            }
            None => {}
        }
        let run = Run { state: RunState::Done, finished_at: Some(now), ..begun };
        world.store.commit(Transition { runs: vec![run], ..Transition::default() }).await?;
    }
    let run = begin::fresh(world, Purpose::Undo(undone)).await?;
    let mut inverse = plan::draft(world, &run).await?;
    world
        .store
        .commit(Transition { runs: vec![run.clone()], plans: vec![inverse.clone()], ..Transition::default() })
        .await?;
    let mut seen = blake3::Hasher::new();
    let summary = inverse_steps(world, &plan, inverse.id, &mut seen).await?;
    inverse.portal_hash = seen.finalize().to_hex().to_string();
    let guarded = guard(&summary, &world.config.sync);
    inverse.state = if guarded.blocks { PlanState::Guarded } else { PlanState::Ready };
    inverse.guards = guarded.findings;
    let run = Run { state: RunState::Planned, ..run };
    let sentence = format!(
        "plan {} made to take back run {}: {} records to change, {} to archive",
        inverse.id.0, undone.0, summary.updates, summary.deletions
    );
    let details = json!({ "plan": inverse.id.0, "undoes": undone.0, "guarded": guarded.blocks });
    let line = ledger::general(now, Some(run.id), LedgerKind::Planned, sentence, details);
    let plans = vec![inverse.clone()];
    world
        .store
        .commit(Transition { runs: vec![run.clone()], plans, ledger: vec![line], ..Transition::default() })
        .await?;
    Ok((run, inverse))
}

/// The applied plan of a run.
async fn plan_to_take_back(world: &World, run: RunId) -> Result<Plan, Problem> {
    let Some(found) = world.store.run(run).await? else {
        return Err(Problem::new(
            "EG-UNDO-001",
            Remedy::FixInput,
            format!("there is no run {}", run.0),
            "runs are numbered as `evergreen status` and `evergreen report` print them",
            "use one of those numbers",
        ));
    };
    let plan = world.store.latest_plan(Some(run)).await?;
    match plan {
        Some(plan) if matches!(plan.state, PlanState::Applied | PlanState::Applying) => {
            if plan.state == PlanState::Applying {
                return Err(Problem::new(
                    "EG-UNDO-003",
                    Remedy::FixInput,
                    format!("run {} is still being applied", run.0),
                    "taking it back while it goes on would leave both half done",
                    format!("let it finish with `evergreen apply {}`, then undo it", plan.id.0),
                ));
            }
            Ok(plan)
        }
        _ => Err(Problem::new(
            "EG-UNDO-002",
            Remedy::FixInput,
            format!("run {} has written nothing to the portal", run.0),
            match found.state {
                RunState::Done => "it ended without a plan that was applied",
                RunState::Open | RunState::Planned => "its plan was never applied",
            },
            "there is nothing to take back; `evergreen status` lists the runs",
        )),
    }
}

async fn begun_before(world: &World, undone: RunId) -> Result<Option<Run>, Problem> {
    let runs = world.store.runs().await?;
    Ok(runs.into_iter().find(|run| run.purpose == Purpose::Undo(undone) && run.state != RunState::Done))
}

/// Writes the inverse of every step that was done, the last one first.
async fn inverse_steps(
    world: &World,
    plan: &Plan,
    inverse: PlanId,
    seen: &mut blake3::Hasher,
) -> Result<Summary, Problem> {
    world.progress.begin("planning the undo", None);
    let mut done = Vec::new();
    walk(world, plan.id, |step| {
        if step.state == StepState::Done {
            done.push(step);
        }
    })
    .await?;
    done.reverse();
    let mut summary = Summary::default();
    for steps in done.chunks(PAGE as usize) {
        let mut inverted: Vec<Step> = steps.iter().filter_map(|step| inverse_of(step, inverse)).collect();
        let mut id = world.store.allocate(IdKind::Step, inverted.len() as u64).await?;
        for step in &mut inverted {
            step.id = StepId(id);
            id += 1;
            // What the portal showed once the run was applied: it is taken back only where that still stands.
            seen.update(step.portal_id.as_deref().unwrap_or_default().as_bytes());
            for change in &step.changes {
                seen.update(change.property.as_bytes()).update(change.before.as_deref().unwrap_or_default().as_bytes());
            }
            if step.state == StepState::Planned {
                summary.add(&step.action, &step.changes);
            }
        }
        world.progress.advance(inverted.len() as u64);
        world.store.commit(Transition { steps: inverted, ..Transition::default() }).await?;
    }
    world.progress.end(&format!("{} records to look at", summary.records));
    Ok(summary)
}

fn inverse_of(step: &Step, plan: PlanId) -> Option<Step> {
    let inverse = invert(step);
    let nothing = inverse.changes.is_empty() && matches!(inverse.action, Action::Update | Action::Nothing);
    if nothing && inverse.kept.is_empty() && inverse.reason.is_none() {
        return None;
    }
    let impossible = inverse.reason.is_some() || nothing;
    Some(Step {
        id: StepId(0),
        plan,
        action: if nothing { Action::Nothing } else { inverse.action },
        changes: inverse.changes,
        kept: inverse.kept,
        state: if impossible { StepState::Stale } else { StepState::Planned },
        note: inverse.reason.map(|reason| reason.sentence),
        ..step.clone()
    })
}

/// What an undo plan did and what it left, for people.
///
/// # Errors
/// When the store cannot be read.
pub async fn told(world: &World, run: &Run, plan: &Plan) -> Result<Undone, Problem> {
    let Purpose::Undo(undone) = run.purpose else { return Ok(Undone::default()) };
    let mut told = Undone { run: undone.0, plan: plan.id.0, ..Undone::default() };
    walk(world, plan.id, |step| {
        let done = step.state == StepState::Done;
        let left =
            |what: &str, why: &str| Left { title: step.title.clone(), what: what.to_owned(), why: why.to_owned() };
        match &step.action {
            Action::Archive => told.archived += u64::from(done),
            Action::Create => told.made_again += u64::from(done),
            Action::Unlink { .. } | Action::Associate { .. } => told.links += u64::from(done),
            Action::Update if done => told.values += step.changes.len() as u64,
            _ => {}
        }
        for kept in &step.kept {
            told.left.push(left(&kept.property, &kept.why));
        }
        if !done && step.kept.is_empty() {
            let what = match &step.action {
                Action::Unlink { .. } | Action::Associate { .. } => "the link to its company",
                Action::Nothing => "a step that can not be taken back",
                _ => "the record",
            };
            told.left.push(left(what, step.note.as_deref().unwrap_or("not performed yet")));
        }
    })
    .await?;
    Ok(told)
}

async fn walk(world: &World, plan: PlanId, mut visit: impl FnMut(Step)) -> Result<(), Problem> {
    let mut after = None;
    loop {
        let query =
            StepQuery { plan, states: Vec::new(), entity: None, action: None, record: None, after, limit: PAGE };
        let page = world.store.steps(query).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id);
        page.into_iter().for_each(&mut visit);
    }
}
