//! Twins: finds duplicates among the portal's own records and proposes merges, which only a person can approve.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::{
    Action, Entity, Kept, LedgerKind, Plan, PlanState, PortalRecord, Problem, Protection, Purpose, Reason, Record,
    RecordId, Review, ReviewId, ReviewKind, ReviewState, Run, RunState, Stage, Step, StepId, StepState,
};
use evergreen_ports::store::IdKind;
use evergreen_ports::{PortalError, Transition};
use evergreen_resolve::{Decided, Pair, Subject, compare, resolve};
use evergreen_sync::{MergeDraft, Planner, Summary, archive_view, guard, propose_merge};
use serde_json::json;

use crate::begin;
use crate::golden::plain;
use crate::ledger;
use crate::observe;
use crate::plan::{self, planner, view_properties};
use crate::world::World;

/// Records read at a time.
const PAGE: u32 = 2_000;

/// Reads the portal, finds its duplicates and proposes to merge them; the plan waits for a named person.
pub(crate) async fn propose(world: &World, entity: Entity) -> Result<(Run, Plan), Problem> {
    let now = world.clock.now();
    let run = begin::fresh(world, Purpose::Dedupe).await?;
    let mut plan = plan::draft(world, &run).await?;
    let begun = Transition { runs: vec![run.clone()], plans: vec![plan.clone()], ..Transition::default() };
    world.store.commit(begun).await?;
    let run = observe::portal(world, run).await?;
    let records = portal_records(world, entity).await?;
    world.progress.begin(&format!("comparing {} of the portal", entity.object()), None);
    let Alike { same, unsure } = alike(world, entity, &records).await?;
    let pairs = apart_from_each_other(same);
    world.progress.end(&format!("{} pairs are the same, {} may be", pairs.len(), unsure.len()));
    let reviews = questions(world, &run, &records, unsure).await?;
    let planner = planner(world).await?;
    let (steps, views, summary) = steps(world, &planner, entity, &plan, &records, pairs).await?;
    let guarded = guard(&summary, &world.config.sync);
    // A merge is final: whatever the limit says, a person looks at it first.
    plan.state = PlanState::Guarded;
    plan.guards = guarded.findings;
    let mut seen = blake3::Hasher::new();
    for view in &views {
        seen.update(view.id.as_bytes()).update(&view.updated_at.as_nanosecond().to_le_bytes());
    }
    plan.portal_hash = seen.finalize().to_hex().to_string();
    let run = Run { state: RunState::Planned, ..run };
    let sentence = format!("plan {} made: {} duplicates in the portal to be merged", plan.id.0, steps.len());
    let line = ledger::general(now, Some(run.id), LedgerKind::Planned, sentence, json!({ "plan": plan.id.0 }));
    let transition = Transition {
        runs: vec![run.clone()],
        plans: vec![plan.clone()],
        steps,
        reviews,
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

/// Pairs of portal records that look alike.
#[derive(Debug, Default)]
struct Alike {
    /// Of `match` and more, or said to be one by a person: the surest first.
    same: Vec<Pair>,
    /// Between `review` and `match`: a person decides.
    unsure: Vec<Pair>,
}

async fn alike(world: &World, entity: Entity, records: &BTreeMap<RecordId, Record>) -> Result<Alike, Problem> {
    let settings = &world.config.resolve;
    let subject = |record: &Record| Subject {
        id: record.id.0 as u64,
        entity,
        fields: plain(record),
        portal_id: record.portal_id.clone(),
        existing: false,
    };
    let mut subjects: Vec<Subject> = records.values().map(subject).collect();
    let sorted = |(left, right): (u64, u64)| (left.min(right), left.max(right));
    let decided = crate::identify::decisions(world).await?;
    let different: BTreeSet<(u64, u64)> = decided.different.into_iter().map(sorted).collect();
    let undecided = |pair: &Pair| !different.contains(&sorted((pair.left, pair.right)));

    let mut same = resolve(&subjects, &Decided::default(), settings).portal_twins;
    same.retain(|pair| pair.score >= settings.match_ && undecided(pair));
    for (left, right) in decided.same.into_iter().map(sorted).filter(|pair| !different.contains(pair)) {
        let record = |id: u64| records.get(&RecordId(id as i64)).map(subject);
        let known = same.iter().any(|pair| sorted((pair.left, pair.right)) == (left, right));
        if let (Some(one), Some(other), false) = (record(left), record(right), known) {
            let mut pair = compare(&one, &other, settings);
            pair.why.push("a person said so on the review board".to_owned());
            same.push(pair);
        }
    }
    same.sort_by(|a, b| b.score.total_cmp(&a.score).then((a.left, a.right).cmp(&(b.left, b.right))));
    // Without their ids they are subjects like any other, between whom the kernel asks where it is not sure.
    for subject in &mut subjects {
        subject.portal_id = None;
    }
    let mut unsure = resolve(&subjects, &Decided::default(), settings).held;
    let asked: BTreeSet<(u64, u64)> = world
        .store
        .reviews(Some(ReviewState::Open))
        .await?
        .into_iter()
        .filter_map(|review| match review.kind {
            ReviewKind::Pair { left, right, .. } => Some(sorted((left.0 as u64, right.0 as u64))),
            _ => None,
        })
        .collect();
    let taken: BTreeSet<(u64, u64)> = same.iter().map(|pair| sorted((pair.left, pair.right))).collect();
    unsure.retain(|pair| {
        let ids = sorted((pair.left, pair.right));
        undecided(pair) && !asked.contains(&ids) && !taken.contains(&ids)
    });
    Ok(Alike { same, unsure })
}

/// One question per pair that a person must decide.
async fn questions(
    world: &World,
    run: &Run,
    records: &BTreeMap<RecordId, Record>,
    unsure: Vec<Pair>,
) -> Result<Vec<Review>, Problem> {
    let mut id = world.store.allocate(IdKind::Review, unsure.len() as u64).await?;
    let mut questions = Vec::with_capacity(unsure.len());
    for pair in unsure {
        let (left, right) = (RecordId(pair.left as i64), RecordId(pair.right as i64));
        let title = records.get(&right).map(Record::title).unwrap_or_default();
        let sentence = format!(
            "May be the same as {title} ({:.0} % sure), and HubSpot has both: a person decides.",
            pair.score * 100.0
        );
        questions.push(Review {
            id: ReviewId(id),
            run: Some(run.id),
            kind: ReviewKind::Pair { left, row: None, right, score: pair.score, why: pair.why },
            reason: Reason::new("maybe-same", sentence),
            state: ReviewState::Open,
            answer: None,
            by: None,
            opened_at: world.clock.now(),
            closed_at: None,
        });
        id += 1;
    }
    Ok(questions)
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
