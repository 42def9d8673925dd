//! Twins: finds duplicates among the portal's own records and proposes merges, which only a person can approve.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::{
    Action, Entity, Kept, LedgerKind, Plan, PlanId, PlanState, PortalRecord, Problem, Protection, Purpose, Record,
    RecordId, Run, RunId, RunState, Stage, Step, StepId, StepState,
};
use evergreen_ports::store::IdKind;
use evergreen_ports::{PortalError, Transition};
use evergreen_resolve::{Decided, Pair, Subject, resolve};
use evergreen_sync::{MergeDraft, Planner, Summary, archive_view, guard, propose_merge};
use serde_json::json;

use crate::golden::plain;
use crate::ledger;
use crate::observe;
use crate::plan::{planner, view_properties};
use crate::world::World;

/// Records read at a time.
const PAGE: u32 = 2_000;

/// Reads the portal, finds its duplicates and proposes to merge them; the plan waits for a named person.
pub(crate) async fn propose(world: &World, entity: Entity) -> Result<(Run, Plan), Problem> {
    let now = world.clock.now();
    let run = Run {
        id: RunId(world.store.allocate(IdKind::Run, 1).await?),
        purpose: Purpose::Dedupe,
        state: RunState::Open,
        started_at: now,
        finished_at: None,
        pilot: None,
        config_hash: world.config_hash.clone(),
        observed: false,
        portal_contacts: 0,
    };
    let mut plan = Plan {
        id: PlanId(world.store.allocate(IdKind::Plan, 1).await?),
        run: run.id,
        created_at: now,
        config_hash: world.config_hash.clone(),
        portal_hash: String::new(),
        state: PlanState::Draft,
        guards: Vec::new(),
        approved_by: None,
    };
    let begun = Transition { runs: vec![run.clone()], plans: vec![plan.clone()], ..Transition::default() };
    world.store.commit(begun).await?;
    let run = observe::portal(world, run).await?;
    let records = portal_records(world, entity).await?;
    world.progress.begin(&format!("comparing {} of the portal", entity.object()), None);
    let pairs = apart_from_each_other(twins(world, entity, &records).await?);
    world.progress.end(&format!("{} pairs look the same", pairs.len()));
    let planner = planner(world).await?;
    let (steps, views, summary) = steps(world, &planner, entity, &plan, &records, pairs).await?;
    let guarded = guard(&summary, &world.config.sync);
    // A merge is final: whatever the limit says, a person looks at it first.
    plan.state = PlanState::Guarded;
    plan.guards = guarded.findings;
    let run = Run { state: RunState::Planned, ..run };
    let sentence = format!("plan {} made: {} duplicates in the portal to be merged", plan.id.0, steps.len());
    let line = ledger::general(now, Some(run.id), LedgerKind::Planned, sentence, json!({ "plan": plan.id.0 }));
    let transition = Transition {
        runs: vec![run.clone()],
        plans: vec![plan.clone()],
        steps,
        views,
        ledger: vec![line],
        ..Transition::default()
    };
    world.store.commit(transition).await?;
    Ok((run, plan))
}

async fn portal_records(world: &World, entity: Entity) -> Result<BTreeMap<RecordId, Record>, Problem> {
    let mut records = BTreeMap::new();
    let mut after = None;
    loop {
        let page = world.store.scan(entity, None, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(records) };
        after = Some(last.id);
        let in_portal = page.into_iter().filter(|record| record.portal_id.is_some() && record.stage != Stage::Merged);
        records.extend(in_portal.map(|record| (record.id, record)));
    }
}

/// Pairs of portal records of `match` and more, the surest first.
async fn twins(world: &World, entity: Entity, records: &BTreeMap<RecordId, Record>) -> Result<Vec<Pair>, Problem> {
    let subjects: Vec<Subject> = records
        .values()
        .map(|record| Subject {
            id: record.id.0 as u64,
            entity,
            fields: plain(record),
            portal_id: record.portal_id.clone(),
            existing: false,
        })
        .collect();
    let settled: BTreeSet<(u64, u64)> = crate::identify::decisions(world).await?.different.into_iter().collect();
    let mut twins = resolve(&subjects, &Decided::default(), &world.config.resolve).portal_twins;
    twins.retain(|pair| {
        let known = settled.contains(&(pair.left, pair.right)) || settled.contains(&(pair.right, pair.left));
        pair.score >= world.config.resolve.match_ && !known
    });
    Ok(twins)
}

/// One merge per record and plan: what a merge makes of a record is looked at anew before the next.
fn apart_from_each_other(pairs: Vec<Pair>) -> Vec<Pair> {
    let mut taken = BTreeSet::new();
    pairs
        .into_iter()
        .filter(|pair| {
            let free = !taken.contains(&pair.left) && !taken.contains(&pair.right);
            if free {
                taken.extend([pair.left, pair.right]);
            }
            free
        })
        .collect()
}

async fn steps(
    world: &World,
    planner: &Planner,
    entity: Entity,
    plan: &Plan,
    records: &BTreeMap<RecordId, Record>,
    pairs: Vec<Pair>,
) -> Result<(Vec<Step>, Vec<PortalRecord>, Summary), Problem> {
    let by_portal_id: BTreeMap<&str, &Record> =
        records.values().filter_map(|record| Some((record.portal_id.as_deref()?, record))).collect();
    let record = |id: u64| records.get(&RecordId(id as i64));
    let sides: Vec<(&Record, &Record, Pair)> =
        pairs.into_iter().filter_map(|pair| Some((record(pair.left)?, record(pair.right)?, pair))).collect();
    let ids: Vec<String> =
        sides.iter().flat_map(|(left, right, _)| [left.portal_id.clone(), right.portal_id.clone()]).flatten().collect();
    let views = read(world, planner, entity, &ids).await?;
    let view = |record: &Record| record.portal_id.as_ref().and_then(|id| views.get(id));
    let mut steps = Vec::new();
    let mut summary = Summary::default();
    for (left, right, pair) in &sides {
        let (Some(one), Some(other)) = (view(left), view(right)) else { continue };
        let draft = propose_merge(planner, one, other);
        let (Some(primary), Some(ends)) =
            (by_portal_id.get(draft.primary.as_str()), by_portal_id.get(draft.other.as_str()))
        else {
            continue;
        };
        let step = step(plan, primary, ends, &draft, pair);
        summary.add(&step.action, &step.changes);
        steps.push(step);
    }
    let mut id = world.store.allocate(IdKind::Step, steps.len() as u64).await?;
    for step in &mut steps {
        step.id = StepId(id);
        id += 1;
    }
    Ok((steps, views.into_values().collect(), summary))
}

/// The records as the portal shows them, with everything a person could lose.
pub(crate) async fn read(
    world: &World,
    planner: &Planner,
    entity: Entity,
    ids: &[String],
) -> Result<BTreeMap<String, PortalRecord>, Problem> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let history = archive_view(planner, entity);
    let properties = view_properties(entity, &history);
    let reading =
        world.portal.read(entity, None, ids, &properties, &history).await.map_err(PortalError::into_problem)?;
    Ok(reading.records.into_iter().map(|view| (view.id.clone(), view)).collect())
}

fn step(plan: &Plan, primary: &Record, other: &Record, draft: &MergeDraft, pair: &Pair) -> Step {
    Step {
        id: StepId(0),
        plan: plan.id,
        record: primary.id,
        entity: primary.entity,
        title: primary.title(),
        portal_id: Some(draft.primary.clone()),
        action: Action::Merge { other: other.id, other_portal_id: draft.other.clone() },
        changes: Vec::new(),
        kept: kept(draft),
        state: StepState::Planned,
        note: Some(format!(
            "{:.0} % sure they are one: {}; {} stays because {}",
            pair.score * 100.0,
            pair.why.join(", "),
            draft.primary,
            draft.why
        )),
    }
}

/// Field by field what the merge does.
pub(crate) fn kept(draft: &MergeDraft) -> Vec<Kept> {
    let line = |field: &evergreen_sync::MergedField| Kept {
        property: field.property.clone(),
        current: field.primary.clone(),
        offered: field.other.clone().unwrap_or_default(),
        rule: Protection::Never,
        code: "merge".to_owned(),
        why: format!("{} survives: {}", field.survives.as_deref().unwrap_or("nothing"), field.why),
    };
    draft.fields.iter().map(line).collect()
}
