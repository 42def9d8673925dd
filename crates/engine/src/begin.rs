//! Opens a run, takes in what belongs to it, and closes it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use evergreen_model::{
    Evidence, LedgerKind, Plan, PlanState, Problem, Purpose, Record, RecordId, Run, RunId, RunState, Stage,
};
use evergreen_ports::store::IdKind;
use evergreen_ports::{Claim, Transition};
use serde_json::json;

use crate::golden::{keys_of, recompute};
use crate::ledger;
use crate::spend;
use crate::world::World;

/// What a person asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Lists to import first.
    pub lists: Vec<PathBuf>,
    /// A pilot: take in at most this many rows.
    pub pilot: Option<u64>,
    /// Go on although a guard stopped the plan: who says so, and why.
    pub approved_by: Option<String>,
}

/// Records are taken in by this many at a time.
const BATCH: u32 = 1_000;

/// The unfinished run if there is one, else a new one; then takes in rows and due records.
pub(crate) async fn open(world: &World, request: &Request) -> Result<Run, Problem> {
    let unfinished = world
        .store
        .runs()
        .await?
        .into_iter()
        .find(|run| run.state != RunState::Done && run.purpose == Purpose::Pipeline);
    let run = match unfinished {
        // Its plan was made and not applied: what the portal showed then may have changed.
        Some(run) if run.state == RunState::Planned => Run { observed: false, ..run },
        Some(run) => run,
        None => begin(world, request).await?,
    };
    let limit = match request.pilot.or(run.pilot) {
        Some(pilot) => {
            let taken: u64 = world.store.tally_rows(run.id).await?.values().sum();
            Some(pilot.saturating_sub(taken))
        }
        None => None,
    };
    world.store.adopt_rows(run.id, limit).await?;
    spend::recover(world, run.id).await?;
    take_in_due(world, &run).await?;
    Ok(run)
}

/// A new run, not yet in the store.
pub(crate) async fn fresh(world: &World, purpose: Purpose) -> Result<Run, Problem> {
    Ok(Run {
        id: RunId(world.store.allocate(IdKind::Run, 1).await?),
        purpose,
        state: RunState::Open,
        started_at: world.clock.now(),
        finished_at: None,
        pilot: None,
        config_hash: world.config_hash.clone(),
        observed: false,
        portal_contacts: 0,
    })
}

async fn begin(world: &World, request: &Request) -> Result<Run, Problem> {
    let now = world.clock.now();
    let run = Run { pilot: request.pilot, ..fresh(world, Purpose::Pipeline).await? };
    let line = ledger::general(
        now,
        Some(run.id),
        LedgerKind::Run,
        format!("run {} began", run.id.0),
        json!({ "pilot": run.pilot }),
    );
    world.store.commit(Transition { runs: vec![run.clone()], ledger: vec![line], ..Transition::default() }).await?;
    Ok(run)
}

/// Records whose time has come, and records an earlier run left on the way, belong to this run now.
async fn take_in_due(world: &World, run: &Run) -> Result<(), Problem> {
    let due = [
        (Stage::Settled, Stage::Qualify),
        (Stage::Rejected, Stage::Qualify),
        (Stage::Qualify, Stage::Qualify),
        (Stage::Enrich, Stage::Enrich),
        (Stage::Verify, Stage::Verify),
        (Stage::Route, Stage::Route),
        (Stage::Plan, Stage::Plan),
        (Stage::Apply, Stage::Plan),
        (Stage::Handoff, Stage::Handoff),
    ];
    for (from, to) in due {
        let mut after = None;
        loop {
            let records = claim_due(world, from, after).await?;
            let Some(last) = records.last() else { break };
            after = Some(last.id);
            let taken: Vec<Record> = records
                .into_iter()
                .filter(|record| record.run != Some(run.id))
                .map(|mut record| {
                    record.run = Some(run.id);
                    record.stage = to;
                    record.outcome = None;
                    record.reason = None;
                    record
                })
                .collect();
            let mut transition = Transition { records: taken, ..Transition::default() };
            if to == Stage::Qualify {
                doubt_again(world, &mut transition).await?;
            }
            world.store.commit(transition).await?;
        }
    }
    Ok(())
}

/// A dead domain may have come back: what was proven wrong long ago is judged once more.
async fn doubt_again(world: &World, transition: &mut Transition) -> Result<(), Problem> {
    let refuted: Vec<RecordId> =
        transition.records.iter().filter(|record| !record.refuted.is_empty()).map(|record| record.id).collect();
    if refuted.is_empty() {
        return Ok(());
    }
    let mut evidence: BTreeMap<RecordId, Vec<Evidence>> = BTreeMap::new();
    for piece in world.store.evidence(&refuted).await? {
        evidence.entry(piece.record).or_default().push(piece);
    }
    for record in transition.records.iter_mut().filter(|record| !record.refuted.is_empty()) {
        record.refuted.clear();
        recompute(world, record, evidence.get(&record.id).map_or(&[], Vec::as_slice));
        transition.keys.push(keys_of(record));
    }
    Ok(())
}

async fn claim_due(world: &World, stage: Stage, after: Option<RecordId>) -> Result<Vec<Record>, Problem> {
    let claim = Claim { stage, entity: None, run: None, due_by: world.clock.now(), after, limit: BATCH };
    Ok(world.store.claim(claim).await?)
}

/// The plan of this run that a crash interrupted, if it was being applied.
pub(crate) async fn interrupted_apply(world: &World, run: &Run) -> Result<Option<Plan>, Problem> {
    let plan = world.store.latest_plan(Some(run.id)).await?;
    Ok(plan.filter(|plan| plan.state == PlanState::Applying))
}

/// Ends a run: what is left waits for the next one.
pub(crate) async fn close(world: &World, mut run: Run, mut plan: Plan) -> Result<Run, Problem> {
    let now = world.clock.now();
    run.state = RunState::Done;
    run.finished_at = Some(now);
    plan.state = PlanState::Applied;
    let line = ledger::general(
        now,
        Some(run.id),
        LedgerKind::Run,
        format!("run {} ended", run.id.0),
        json!({ "plan": plan.id.0 }),
    );
    world
        .store
        .commit(Transition { runs: vec![run.clone()], plans: vec![plan], ledger: vec![line], ..Transition::default() })
        .await?;
    Ok(run)
}
