//! Stage 7, first half: observes the portal, proposes the change of every record, and lets the guards look at the whole.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_handoff::Candidate;
use evergreen_model::{
    Action, Entity, Evidence, LedgerKind, Origin, Outcome, Plan, PlanId, PlanState, PortalProperty, PortalRecord,
    Problem, Reason, Record, RecordId, Remedy, Review, ReviewId, ReviewKind, ReviewState, Run, RunState, Stage, Step,
    StepId, StepState,
};
use evergreen_ports::store::IdKind;
use evergreen_ports::{Claim, PortalError, Transition};
use evergreen_resolve::survivorship;
use evergreen_sync::{Ours, Pending, Planner, Schema, Summary, Wanted, definitions, guard, plan_record, watched};
use serde_json::json;

use crate::golden::sound;
use crate::leave;
use crate::leave::settle;
use crate::ledger;
use crate::moved;
use crate::qualify::{companies_of, company_of, ready_by, suppressed};
use crate::world::World;

/// Records planned in one transaction.
const BATCH: u32 = 500;
/// Where it is remembered of which properties the portal views tell.
const WATCHED: &str = "portal:watched";
/// Where the ids under which our own writes appear in history are remembered.
pub(crate) const SOURCE_IDS: &str = "portal:source-ids";

/// Makes the plan of a run; one that was made before and not applied is superseded.
pub(crate) async fn propose(world: &World, run: &Run) -> Result<Plan, Problem> {
    let now = world.clock.now();
    supersede(world, run).await?;
    drop_views_of_other_properties(world).await?;
    let mut plan = draft(world, run).await?;
    world.store.commit(Transition { plans: vec![plan.clone()], ..Transition::default() }).await?;
    let planner = planner(world).await?;
    for finding in planner.findings() {
        if finding.code != "EG-SYNC-001" {
            world.progress.note(&format!("{}; {}", finding.what, finding.fix));
        }
    }
    let mut planning = Planning {
        plan: &plan,
        planner: &planner,
        summary: Summary::default(),
        employers: BTreeSet::new(),
        seen: blake3::Hasher::new(),
        asked: asked(world).await?,
    };
    planning.summary.portal_records = run.portal_contacts;
    // Contacts first: a company that only a list named is created for the sake of contacts that are written, not otherwise.
    for entity in [Entity::Contact, Entity::Company] {
        world.progress.begin(&format!("planning {}", entity.object()), None);
        for stage in [Stage::Plan, Stage::Rejected] {
            let mut after = None;
            loop {
                let claim = Claim {
                    stage,
                    entity: Some(entity),
                    run: Some(run.id),
                    // A refused record is due when it is tried again; what the portal should know of it is planned now.
                    due_by: if stage == Stage::Rejected { jiff::Timestamp::MAX } else { ready_by(world, run) },
                    after,
                    limit: BATCH,
                };
                let batch = world.store.claim(claim).await?;
                let Some(last) = batch.last() else { break };
                after = Some(last.id);
                world.progress.advance(batch.len() as u64);
                let batch = match stage {
                    Stage::Rejected => batch.into_iter().filter(|record| record.portal_id.is_some()).collect(),
                    _ => batch,
                };
                plan_batch(world, run, &mut planning, entity, batch).await?;
            }
        }
        world.progress.end(&format!("{} records planned so far", planning.summary.records));
    }
    let portal_hash = planning.seen.finalize().to_hex().to_string();
    let mut summary = planning.summary;
    summary.spend = crate::report::spent(world, run.id).await?;
    let guarded = guard(&summary, &world.config.sync);
    plan.state = if guarded.blocks { PlanState::Guarded } else { PlanState::Ready };
    plan.guards = guarded.findings;
    plan.portal_hash = portal_hash;
    let mut run = run.clone();
    run.state = RunState::Planned;
    let sentence = format!("plan {} made: {} to create, {} to update", plan.id.0, summary.creates, summary.updates);
    let details = json!({ "plan": plan.id.0, "guarded": guarded.blocks });
    let line = ledger::general(now, Some(run.id), LedgerKind::Planned, sentence, details);
    world
        .store
        .commit(Transition { plans: vec![plan.clone()], runs: vec![run], ledger: vec![line], ..Transition::default() })
        .await?;
    Ok(plan)
}

/// A new draft of a plan, not yet in the store.
pub(crate) async fn draft(world: &World, run: &Run) -> Result<Plan, Problem> {
    Ok(Plan {
        id: PlanId(world.store.allocate(IdKind::Plan, 1).await?),
        run: run.id,
        created_at: world.clock.now(),
        config_hash: world.config_hash.clone(),
        portal_hash: String::new(),
        state: PlanState::Draft,
        guards: Vec::new(),
        approved_by: None,
    })
}

async fn supersede(world: &World, run: &Run) -> Result<(), Problem> {
    if let Some(mut old) = world.store.latest_plan(Some(run.id)).await?
        && !matches!(old.state, PlanState::Applied | PlanState::Superseded)
    {
        old.state = PlanState::Superseded;
        world
            .store
            .commit(Transition { drop_steps_of: vec![old.id], plans: vec![old], ..Transition::default() })
            .await?;
    }
    // What the old plan had taken up is planned anew.
    loop {
        let claim = Claim {
            stage: Stage::Apply,
            entity: None,
            run: Some(run.id),
            due_by: ready_by(world, run),
            after: None,
            limit: BATCH,
        };
        let mut records = world.store.claim(claim).await?;
        if records.is_empty() {
            return Ok(());
        }
        for record in &mut records {
            record.stage = Stage::Plan;
        }
        world.store.commit(Transition { records, ..Transition::default() }).await?;
    }
}

/// A plan being made.
struct Planning<'a> {
    plan: &'a Plan,
    planner: &'a Planner,
    summary: Summary,
    /// Companies of the contacts that will be in the portal.
    employers: BTreeSet<RecordId>,
    /// What the portal showed of the plan's records.
    seen: blake3::Hasher,
    /// Changes a person is asked about already: record, property, value.
    asked: BTreeSet<(RecordId, String, String)>,
}

impl Planning<'_> {
    /// Asks a person about changes that may replace what was typed, each of them once.
    async fn ask(
        &mut self,
        world: &World,
        run: &Run,
        record: &Record,
        pending: Vec<Pending>,
        transition: &mut Transition,
    ) -> Result<(), Problem> {
        for Pending { property, current, offered, why } in pending {
            if !self.asked.insert((record.id, property.clone(), offered.clone())) {
                continue;
            }
            let sentence =
                format!("{property} of {} could be newer than what was typed: a person decides.", record.title());
            transition.reviews.push(Review {
                id: ReviewId(world.store.allocate(IdKind::Review, 1).await?),
                run: Some(run.id),
                kind: ReviewKind::Change { record: record.id, property, current, offered, why },
                reason: Reason::new("newer-than-typed", sentence),
                state: ReviewState::Open,
                answer: None,
                by: None,
                opened_at: world.clock.now(),
                closed_at: None,
            });
        }
        Ok(())
    }
}

/// Changes that wait for a person's answer.
async fn asked(world: &World) -> Result<BTreeSet<(RecordId, String, String)>, Problem> {
    let open = world.store.reviews(Some(ReviewState::Open)).await?;
    Ok(open
        .into_iter()
        .filter_map(|review| match review.kind {
            ReviewKind::Change { record, property, offered, .. } => Some((record, property, offered)),
            _ => None,
        })
        .collect())
}

/// The planner over the portal as it is, with our own properties as if they were there: apply creates them first.
pub(crate) async fn planner(world: &World) -> Result<Planner, Problem> {
    let source_ids = match world.store.remembered(SOURCE_IDS).await? {
        Some(text) => serde_json::from_str(&text).unwrap_or_default(),
        None => Vec::new(),
    };
    let contact = schema(world, Entity::Contact).await?;
    let company = schema(world, Entity::Company).await?;
    let owners = world.portal.owners().await.map_err(PortalError::into_problem)?;
    Planner::new(&world.config.sync, contact, company, Ours { source_ids }, &owners).map_err(first)
}

fn first(problems: Vec<Problem>) -> Problem {
    problems.into_iter().next().unwrap_or_else(|| {
        Problem::new(
            "EG-SYNC-000",
            Remedy::ReportBug,
            "the sync settings cannot be used",
            "no reason was given",
            "please report this",
        )
    })
}

async fn schema(world: &World, entity: Entity) -> Result<Schema, Problem> {
    let mut properties = world.portal.properties(entity).await.map_err(PortalError::into_problem)?;
    for definition in definitions(&world.config.sync, entity) {
        if !properties.iter().any(|property| property.name == definition.name) {
            properties.push(PortalProperty {
                name: definition.name,
                label: definition.label,
                value_type: definition.value_type,
                field_type: definition.field_type,
                group: world.config.sync.group.clone(),
                options: definition.options,
                unique: definition.unique,
                read_only: false,
                description: definition.description,
            });
        }
    }
    Ok(Schema::new(properties))
}

async fn plan_batch(
    world: &World,
    run: &Run,
    planning: &mut Planning<'_>,
    entity: Entity,
    batch: Vec<Record>,
) -> Result<(), Problem> {
    let (plan, planner) = (planning.plan, planning.planner);
    if batch.is_empty() {
        return Ok(());
    }
    let now = world.clock.now();
    let Views { by_id: views, fresh } = views(world, entity, &batch).await?;
    let batch = moved::follow_reading(world, run, batch, &views).await?;
    let companies = companies_of(world, &batch).await?;
    let ids: Vec<RecordId> = batch.iter().map(|record| record.id).collect();
    let mut evidence: BTreeMap<RecordId, Vec<Evidence>> = BTreeMap::new();
    for piece in world.store.evidence(&ids).await? {
        evidence.entry(piece.record).or_default().push(piece);
    }

    let mut transition = Transition { views: fresh, ..Transition::default() };
    let mut steps: Vec<Step> = Vec::new();
    for mut record in batch {
        let pieces = sound(&record, evidence.get(&record.id).map_or(&[], Vec::as_slice));
        let offered = survivorship::offered(entity, &pieces, &world.config.resolve);
        let view = record.portal_id.as_ref().and_then(|id| views.get(id));
        if let Some(view) = view {
            planning.seen.update(view.id.as_bytes()).update(&view.updated_at.as_nanosecond().to_le_bytes());
        }
        let company = company_of(&record, &companies);
        let draft = plan_record(planner, &Wanted { record: &record, offered: &offered, portal: view, company, now });
        let refused = record.stage == Stage::Rejected;
        let unwanted =
            entity == Entity::Company && record.origin == Origin::Derived && !planning.employers.contains(&record.id);
        if unwanted && record.portal_id.is_none() {
            record.reason =
                Some(Reason::new("no-contact-passed", "None of its contacts is written, so it is not created."));
            settle(world, &mut record, Outcome::Unchanged);
            transition.records.push(record);
            continue;
        }
        if refused && draft.action == Action::Nothing {
            continue;
        }
        if let (Some(reason), false) = (&draft.reason, refused) {
            transition.ledger.push(leave::hold(&mut record, run, LedgerKind::Planned, reason.clone(), now));
            transition.records.push(record);
            continue;
        }
        planning.summary.add(&draft.action, &draft.changes);
        planning.ask(world, run, &record, draft.pending, &mut transition).await?;
        let step = |action: Action| Step {
            id: StepId(0),
            plan: plan.id,
            record: record.id,
            entity,
            title: record.title(),
            portal_id: record.portal_id.clone(),
            action,
            changes: Vec::new(),
            kept: Vec::new(),
            state: StepState::Planned,
            note: None,
        };
        steps.push(Step { changes: draft.changes, kept: draft.kept, ..step(draft.action) });
        if entity == Entity::Contact && !refused {
            planning.employers.extend(record.company);
            if let Some(company) = link(&record, view, company) {
                steps.push(step(Action::Associate { company }));
            }
            if let Some(campaign) = campaign(world, &record, company).await? {
                steps.push(step(Action::Enroll { campaign }));
            }
        }
        if !refused {
            record.stage = Stage::Apply;
        }
        transition.records.push(record);
    }
    let mut id = world.store.allocate(IdKind::Step, steps.len() as u64).await?;
    for step in &mut steps {
        step.id = StepId(id);
        id += 1;
        let sentence = sentence(step);
        let details =
            json!({ "plan": plan.id.0, "step": step.id.0, "properties": step.changes.len(), "kept": step.kept.len() });
        transition.ledger.push(ledger::about(now, run.id, LedgerKind::Planned, step.record, sentence, details));
    }
    transition.steps = steps;
    leave::open_reviews(world, run, &mut transition).await?;
    world.store.commit(transition).await?;
    Ok(())
}

fn sentence(step: &Step) -> String {
    let kept = match step.kept.len() {
        0 => String::new(),
        count => format!(", {count} kept as they are"),
    };
    match &step.action {
        Action::Create => format!("to be created with {} properties", step.changes.len()),
        Action::Update => format!("{} properties to be changed{kept}", step.changes.len()),
        Action::Nothing => format!("nothing to change{kept}"),
        Action::Associate { company } => format!("to be linked to company {company}"),
        Action::Enroll { campaign } => format!("to be enrolled in campaign {campaign}"),
        Action::Merge { other_portal_id, .. } => format!("to take in record {other_portal_id}"),
        Action::Unlink { company } => format!("to be unlinked from company {company}"),
        Action::Archive => "to be moved to the recycle bin".to_owned(),
    }
}

/// The properties to read of a record whose history of `watched` is read.
pub(crate) fn view_properties(entity: Entity, watched: &[String]) -> Vec<String> {
    let mut properties = watched.to_vec();
    if entity == Entity::Contact {
        properties.extend(["associatedcompanyid", "hs_email_optout"].map(str::to_owned));
    }
    properties
}

/// A view says nothing of a property that was not watched when it was read: whether a person emptied it, for one.
async fn drop_views_of_other_properties(world: &World) -> Result<(), Problem> {
    let watched =
        [Entity::Contact, Entity::Company].map(|entity| watched(&world.config.sync, entity).join(",")).join(";");
    if world.store.remembered(WATCHED).await?.as_ref() != Some(&watched) {
        let remember = vec![(WATCHED.to_owned(), watched)];
        world.store.commit(Transition { forget_views: true, remember, ..Transition::default() }).await?;
    }
    Ok(())
}

/// The portal's views of a batch, and those of them that were read just now.
#[derive(Debug, Default)]
struct Views {
    by_id: BTreeMap<String, PortalRecord>,
    fresh: Vec<PortalRecord>,
}

/// The portal's view of these records, with history: what the plan is bound to. Where nothing changed since we last read a record's
/// history, that history is still true and is not read again.
async fn views(world: &World, entity: Entity, batch: &[Record]) -> Result<Views, Problem> {
    let changed_at: BTreeMap<&str, jiff::Timestamp> =
        batch.iter().filter_map(|record| Some((record.portal_id.as_deref()?, record.portal_changed_at?))).collect();
    let ids: Vec<String> = batch.iter().filter_map(|record| record.portal_id.clone()).collect();
    if ids.is_empty() {
        return Ok(Views::default());
    }
    let watched = watched(&world.config.sync, entity);
    let known = world.store.views(entity, &ids).await?;
    let is_true = |view: &PortalRecord| changed_at.get(view.id.as_str()) == Some(&view.updated_at);
    let mut by_id: BTreeMap<String, PortalRecord> =
        known.into_iter().filter(is_true).map(|view| (view.id.clone(), view)).collect();
    let unknown: Vec<String> = ids.into_iter().filter(|id| !by_id.contains_key(id)).collect();
    if unknown.is_empty() {
        return Ok(Views { by_id, fresh: Vec::new() });
    }
    let properties = view_properties(entity, &watched);
    let reading =
        world.portal.read(entity, None, &unknown, &properties, &watched).await.map_err(PortalError::into_problem)?;
    for view in &reading.records {
        by_id.insert(view.id.clone(), view.clone());
    }
    // A record merged in the portal is looked at under its new id.
    for (asked, now) in &reading.moved {
        if let Some(view) = by_id.get(now).cloned() {
            by_id.insert(asked.clone(), view);
        }
    }
    Ok(Views { by_id, fresh: reading.records })
}

/// The company a contact should be linked to; a contact that has a company in the portal keeps it.
fn link(record: &Record, view: Option<&PortalRecord>, company: Option<&Record>) -> Option<RecordId> {
    let company = company?;
    let linked = view.and_then(|view| view.properties.get("associatedcompanyid")).filter(|id| !id.is_empty());
    let usable = !matches!(company.stage, Stage::Suppressed | Stage::Rejected | Stage::Held | Stage::Merged);
    (linked.is_none() && (usable || company.portal_id.is_some()) && record.company.is_some()).then_some(company.id)
}

/// The campaign a contact would be enrolled in, if it passes the gate as it stands.
async fn campaign(world: &World, record: &Record, company: Option<&Record>) -> Result<Option<String>, Problem> {
    let settings = &world.config.handoff;
    let (true, Some(campaign)) = (settings.enabled && world.sequencer.is_some(), &settings.campaign) else {
        return Ok(None);
    };
    let mut planned = record.clone();
    planned.portal_id.get_or_insert_with(|| "planned".to_owned());
    let keys = vec![crate::suppress::keys(world, record)];
    let candidate = Candidate {
        record: &planned,
        company,
        suppressed: !suppressed(world, &keys).await?.is_empty(),
        already: false,
        now: world.clock.now(),
    };
    Ok(evergreen_handoff::gate(&candidate, settings).is_ok().then(|| campaign.clone()))
}

/// The run of a plan.
pub(crate) async fn run_of(world: &World, plan: &Plan) -> Result<Run, Problem> {
    world.store.run(plan.run).await?.ok_or_else(|| {
        Problem::new(
            "EG-PLAN-005",
            Remedy::ReportBug,
            format!("plan {} belongs to a run that is not in the store", plan.id.0),
            "a plan and its run are written together",
            "restore the database from a copy, or run `evergreen plan` again",
        )
    })
}

/// Lets a plan through to apply: it must be the newest, made with this configuration, and approved where a guard asks for it.
pub(crate) async fn admit(world: &World, mut plan: Plan, approved_by: Option<&str>) -> Result<Plan, Problem> {
    if plan.state == PlanState::Superseded || plan.state == PlanState::Draft {
        return Err(Problem::new(
            "EG-PLAN-002",
            Remedy::FixInput,
            format!("plan {} cannot be applied any more", plan.id.0),
            "a later plan took its place, or it was never finished",
            "run `evergreen plan` and apply the number it prints",
        ));
    }
    if plan.config_hash != world.config_hash {
        return Err(Problem::new(
            "EG-PLAN-004",
            Remedy::FixInput,
            format!("plan {} was made with another configuration", plan.id.0),
            "evergreen.yaml changed since, so the plan may do what it no longer says",
            "run `evergreen plan` again",
        ));
    }
    if plan.state == PlanState::Guarded {
        let Some(person) = approved_by else {
            let blocking: Vec<&str> =
                plan.guards.iter().filter(|finding| finding.blocks).map(|finding| finding.sentence.as_str()).collect();
            return Err(Problem::new(
                "EG-PLAN-003",
                Remedy::AskPerson,
                format!("plan {} waits for a person: {}", plan.id.0, blocking.join("; ")),
                "a guard in sync.guards stopped it",
                "look at it with `evergreen plan`, then `evergreen apply PLAN --approve \"your name: why\"`",
            ));
        };
        plan.approved_by = Some(person.to_owned());
    }
    plan.state = PlanState::Applying;
    let mut transition = Transition { plans: vec![plan.clone()], ..Transition::default() };
    if let Some(person) = &plan.approved_by {
        let sentence = format!("plan {} approved by {person}", plan.id.0);
        let line = ledger::general(
            world.clock.now(),
            Some(plan.run),
            LedgerKind::Decided,
            sentence,
            json!({ "plan": plan.id.0 }),
        );
        transition.ledger.push(line);
    }
    world.store.commit(transition).await?;
    Ok(plan)
}
