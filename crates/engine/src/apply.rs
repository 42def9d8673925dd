//! Stage 7, second half: performs a plan and nothing else. Looks once more right before each write; what changed is left alone.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::evidence::Fields;
use evergreen_model::{
    Action, Entity, LedgerKind, Outcome, Plan, PortalRecord, Problem, Reason, Record, RecordId, Run, Stage, Step,
    StepState,
};
use evergreen_ports::{PortalError, StepQuery, Transition, Write, WriteKey, WriteResult};
use evergreen_sync::{Planner, Recheck, definitions, recheck};
use serde_json::json;

use crate::leave;
use crate::leave::settle;
use crate::ledger;
use crate::links;
use crate::plan::{SOURCE_IDS, planner, views};
use crate::qualify::{in_days, suppressed};
use crate::suppress;
use crate::world::World;

/// Records observed, written and committed together: the portal's batch with history.
const BATCH: u32 = 50;
/// Links made in one call.
const LINKS: u32 = 100;

/// Companies first, then contacts, then the links between them.
pub(crate) async fn perform(world: &World, run: &Run, plan: &Plan) -> Result<(), Problem> {
    provide_properties(world).await?;
    for entity in [Entity::Company, Entity::Contact] {
        world.progress.begin(&format!("writing {}", entity.object()), None);
        let mut planner = planner(world).await?;
        for action in ["create", "update", "nothing"] {
            loop {
                let steps = open_steps(world, plan, entity, action, BATCH).await?;
                if steps.is_empty() {
                    break;
                }
                world.progress.advance(steps.len() as u64);
                let learnt = write_batch(world, run, plan, &planner, entity, steps).await?;
                if learnt {
                    planner = crate::plan::planner(world).await?;
                }
            }
        }
        world.progress.end(&format!("{} done", entity.object()));
    }
    world.progress.begin("linking contacts to companies", None);
    loop {
        let steps = open_steps(world, plan, Entity::Contact, "associate", LINKS).await?;
        if steps.is_empty() {
            break;
        }
        world.progress.advance(steps.len() as u64);
        links::associate(world, run, steps).await?;
    }
    world.progress.end("links done");
    Ok(())
}

async fn open_steps(
    world: &World,
    plan: &Plan,
    entity: Entity,
    action: &str,
    limit: u32,
) -> Result<Vec<Step>, Problem> {
    let query = StepQuery {
        plan: plan.id,
        states: vec![StepState::Planned, StepState::Sending],
        entity: Some(entity),
        action: Some(action.to_owned()),
        record: None,
        after: None,
        limit,
    };
    Ok(world.store.steps(query).await?)
}

/// Creates our property group and properties where they are missing.
pub(crate) async fn provide_properties(world: &World) -> Result<(), Problem> {
    for entity in [Entity::Contact, Entity::Company] {
        let there: BTreeSet<String> = world
            .portal
            .properties(entity)
            .await
            .map_err(PortalError::into_problem)?
            .into_iter()
            .map(|property| property.name)
            .collect();
        let missing: Vec<_> = definitions(&world.config.sync, entity)
            .into_iter()
            .filter(|property| !there.contains(&property.name))
            .collect();
        if !missing.is_empty() {
            world
                .portal
                .create_properties(entity, &world.config.sync.group, &missing)
                .await
                .map_err(PortalError::into_problem)?;
        }
    }
    Ok(())
}

/// Writes one batch; true when the portal has just told under which id our writes appear.
async fn write_batch(
    world: &World,
    run: &Run,
    plan: &Plan,
    planner: &Planner,
    entity: Entity,
    steps: Vec<Step>,
) -> Result<bool, Problem> {
    let mut steps = leave_suppressed(world, run, steps).await?;
    if steps.is_empty() {
        return Ok(false);
    }
    let ids: Vec<RecordId> = steps.iter().map(|step| step.record).collect();
    let mut records: BTreeMap<RecordId, Record> =
        world.store.records(&ids).await?.into_iter().map(|record| (record.id, record)).collect();
    let views = observe(world, entity, &steps, &records).await?;
    for (id, view) in &views {
        // One that was created right before a crash is found by our own key, and known by its id from now on.
        if let Some(record) = records.get_mut(id) {
            record.portal_id.get_or_insert_with(|| view.id.clone());
        }
    }
    let mut rechecks: BTreeMap<RecordId, Recheck> = BTreeMap::new();
    for step in &steps {
        let Some(record) = records.get(&step.record) else { continue };
        rechecks.insert(step.record, recheck(planner, step, views.get(&step.record), &record.written, plan.created_at));
    }
    let writes: Vec<Write> = steps
        .iter()
        .filter_map(|step| {
            let check = rechecks.get(&step.record)?;
            let record = records.get(&step.record)?;
            (!check.write.is_empty()).then(|| write_of(step, record, check.write.clone()))
        })
        .collect();

    let mut results: BTreeMap<String, WriteResult> = BTreeMap::new();
    if !writes.is_empty() {
        // Told to the store before the portal hears it: after a crash these are looked at again, and repeating them is safe.
        for step in steps.iter_mut().filter(|step| writes.iter().any(|write| write.trace == trace(step))) {
            step.state = StepState::Sending;
        }
        world.store.commit(Transition { steps: steps.clone(), ..Transition::default() }).await?;
        results = send(world, entity, writes).await?;
    }

    let mut transition = Transition::default();
    let mut written_ids = Vec::new();
    for mut step in steps {
        let Some(mut record) = records.remove(&step.record) else { continue };
        let check = rechecks.remove(&step.record).unwrap_or_default();
        let result = results.remove(&trace(&step));
        match &result {
            Some(WriteResult::Done { id, .. }) => written_ids.push(id.clone()),
            None if written_before(&step, &check) => written_ids.extend(record.portal_id.clone()),
            _ => {}
        }
        let line = conclude(world, run, &mut step, &mut record, check, result);
        transition.ledger.push(line);
        transition.steps.push(step);
        transition.records.push(record);
    }
    let learnt = learn_source_id(world, entity, &written_ids, &mut transition).await?;
    leave::open_reviews(world, run, &mut transition).await?;
    world.store.commit(transition).await?;
    Ok(learnt)
}

/// Whoever was put on the suppression list since the plan is not even looked at any more; returns the other steps.
async fn leave_suppressed(world: &World, run: &Run, steps: Vec<Step>) -> Result<Vec<Step>, Problem> {
    let ids: Vec<RecordId> = steps.iter().map(|step| step.record).collect();
    let records = world.store.records(&ids).await?;
    let keys: Vec<Vec<String>> = records.iter().map(|record| suppress::keys(world, record)).collect();
    let listed = suppressed(world, &keys).await?;
    let mut hit: BTreeMap<RecordId, Record> = records
        .into_iter()
        .zip(keys)
        .filter(|(_, keys)| keys.iter().any(|key| listed.contains_key(key)))
        .map(|(record, _)| (record.id, record))
        .collect();
    if hit.is_empty() {
        return Ok(steps);
    }
    let now = world.clock.now();
    let (stopped, going): (Vec<Step>, Vec<Step>) = steps.into_iter().partition(|step| hit.contains_key(&step.record));
    let mut transition = Transition::default();
    for mut step in stopped {
        let sentence = "Suppressed: put on the suppression list since the plan was made.";
        step.state = StepState::Stale;
        step.note = Some(sentence.to_owned());
        transition.steps.push(step.clone());
        if let Some(mut record) = hit.remove(&step.record) {
            let why = Reason::new("suppressed-since-plan", sentence);
            transition.ledger.push(leave::suppress(&mut record, run, why, now));
            transition.records.push(record);
        }
    }
    world.store.commit(transition).await?;
    Ok(going)
}

/// The portal right before the write: by record id, and for creates by our own key, where a crash may have left one.
async fn observe(
    world: &World,
    entity: Entity,
    steps: &[Step],
    records: &BTreeMap<RecordId, Record>,
) -> Result<BTreeMap<RecordId, PortalRecord>, Problem> {
    let known: Vec<Record> = records.values().cloned().collect();
    let by_id = views(world, entity, &known).await?;
    let mut found: BTreeMap<RecordId, PortalRecord> = known
        .iter()
        .filter_map(|record| {
            record.portal_id.as_ref().and_then(|id| by_id.get(id)).map(|view| (record.id, view.clone()))
        })
        .collect();
    let sent_before: Vec<&Record> = steps
        .iter()
        .filter(|step| step.state == StepState::Sending && step.action == Action::Create)
        .filter_map(|step| records.get(&step.record))
        .filter(|record| record.portal_id.is_none())
        .collect();
    if !sent_before.is_empty() {
        let keys: Vec<String> = sent_before.iter().map(|record| record.evergreen_id.clone()).collect();
        let names = evergreen_sync::watched(&world.config.sync, entity);
        let views = world
            .portal
            .read(entity, Some("evergreen_id"), &keys, &names, &names)
            .await
            .map_err(PortalError::into_problem)?;
        for view in views.records {
            let owner =
                sent_before.iter().find(|record| view.properties.get("evergreen_id") == Some(&record.evergreen_id));
            if let Some(record) = owner {
                found.insert(record.id, view);
            }
        }
    }
    Ok(found)
}

fn trace(step: &Step) -> String {
    format!("s{}", step.id.0)
}

fn write_of(step: &Step, record: &Record, properties: Fields) -> Write {
    let key = match &record.portal_id {
        Some(id) => WriteKey::Id(id.clone()),
        None => WriteKey::EvergreenId(record.evergreen_id.clone()),
    };
    Write { trace: trace(step), key, properties }
}

/// Sends the writes; a value that the portal refuses is left out and the rest of its record is sent once more.
async fn send(world: &World, entity: Entity, writes: Vec<Write>) -> Result<BTreeMap<String, WriteResult>, Problem> {
    let outcome = world.portal.write(entity, &writes).await.map_err(PortalError::into_problem)?;
    let mut results: BTreeMap<String, WriteResult> = outcome.results.into_iter().collect();
    let again: Vec<Write> = writes
        .into_iter()
        .filter_map(|mut write| match results.get(&write.trace) {
            Some(WriteResult::Failed { properties, existing: None, .. }) if !properties.is_empty() => {
                let before = write.properties.len();
                write.properties.retain(|name, _| !properties.contains(name));
                (!write.properties.is_empty() && write.properties.len() < before).then_some(write)
            }
            _ => None,
        })
        .collect();
    if !again.is_empty() {
        let outcome = world.portal.write(entity, &again).await.map_err(PortalError::into_problem)?;
        results.extend(outcome.results);
    }
    Ok(results)
}

/// A crash came between the write and our note of it: the portal holds already what this step was sending.
fn written_before(step: &Step, check: &Recheck) -> bool {
    step.state == StepState::Sending && !check.already.is_empty()
}

/// What became of a step, for the step, the record and the ledger.
fn conclude(
    world: &World,
    run: &Run,
    step: &mut Step,
    record: &mut Record,
    check: Recheck,
    result: Option<WriteResult>,
) -> evergreen_model::NewLedgerEntry {
    let now = world.clock.now();
    let refused = record.stage == Stage::Rejected;
    let mut written: Vec<String> = check.already.clone();
    let (state, outcome, sentence) = match result {
        Some(WriteResult::Done { id, created, .. }) => {
            record.portal_id = Some(id.clone());
            step.portal_id = Some(id);
            written.extend(check.write.keys().cloned());
            let verb = if created { "created" } else { "updated" };
            (StepState::Done, Outcome::Synced, format!("{verb} with {} properties", check.write.len()))
        }
        Some(WriteResult::Failed { code, message, existing: Some(existing), .. }) => {
            // Somebody made the same record meanwhile: ours is that one, and the next plan looks at it.
            record.portal_id = Some(existing.clone());
            (StepState::Stale, Outcome::Waiting, format!("the portal has it already as {existing} ({code}: {message})"))
        }
        Some(WriteResult::Failed { code, message, .. }) => {
            (StepState::Failed, Outcome::Rejected, format!("the portal refused it ({code}): {message}"))
        }
        Some(WriteResult::Unaccounted) => (
            StepState::Failed,
            Outcome::Waiting,
            "the portal did not say what became of it; looked at again by the next run".to_owned(),
        ),
        None if check.gone => {
            (StepState::Stale, Outcome::Held, "it was deleted in the portal since the plan".to_owned())
        }
        None if written_before(step, &check) => {
            step.portal_id.clone_from(&record.portal_id);
            (StepState::Done, Outcome::Synced, "written before the program stopped".to_owned())
        }
        None if !check.stale.is_empty() => (
            StepState::Stale,
            Outcome::Unchanged,
            "everything changed in the portal since the plan; nothing was written".to_owned(),
        ),
        None => (StepState::Done, Outcome::Unchanged, "already right in the portal".to_owned()),
    };
    for (property, why) in &check.stale {
        if let Some(change) = step.changes.iter().find(|change| change.property == *property) {
            step.kept.push(evergreen_model::Kept {
                property: property.clone(),
                current: None,
                offered: change.after.clone(),
                rule: change.rule,
                code: "stale".to_owned(),
                why: why.clone(),
            });
        }
    }
    step.changes.retain(|change| !check.stale.iter().any(|(property, _)| *property == change.property));
    for change in step.changes.iter().filter(|change| written.contains(&change.property)) {
        record.written.insert(change.property.clone(), change.after.clone());
    }
    step.state = state;
    step.note.get_or_insert_with(|| sentence.clone());
    if !refused {
        move_on(world, run, record, outcome, &sentence);
    }
    let details = json!({
        "plan": step.plan.0, "step": step.id.0, "properties": written, "stale": check.stale.len(), "state": step.state,
    });
    ledger::about(now, run.id, LedgerKind::Written, record.id, sentence, details)
}

/// Where a record goes after its write.
fn move_on(world: &World, run: &Run, record: &mut Record, outcome: Outcome, sentence: &str) {
    let now = world.clock.now();
    match outcome {
        Outcome::Synced | Outcome::Unchanged => {
            if record.entity == Entity::Contact {
                record.stage = Stage::Handoff;
                record.outcome = Some(outcome);
                record.reason = None;
            } else {
                settle(world, record, outcome);
            }
        }
        Outcome::Rejected => {
            let why = Reason::new("portal-refused", format!("Rejected: {sentence}."));
            let retry_at = in_days(now, world.config.refresh.reject_days);
            leave::reject(world, record, run, LedgerKind::Written, why, retry_at);
        }
        Outcome::Held => {
            leave::hold(
                record,
                run,
                LedgerKind::Written,
                Reason::new("deleted-in-portal", format!("Held: {sentence}.")),
                now,
            );
        }
        _ => {
            record.stage = Stage::Plan;
            leave::wait(
                record,
                run,
                LedgerKind::Written,
                Reason::new("portal-changed", format!("Waits: {sentence}.")),
                now,
                now,
            );
        }
    }
}

/// Learns from the first write under which `sourceId` our own writes appear in the portal's history; former ids stay ours.
async fn learn_source_id(
    world: &World,
    entity: Entity,
    ids: &[String],
    transition: &mut Transition,
) -> Result<bool, Problem> {
    let Some(id) = ids.first() else { return Ok(false) };
    let checked = format!("portal:source-id-checked:{}", entity.as_str());
    let mut source_ids: Vec<String> = match world.store.remembered(SOURCE_IDS).await? {
        Some(text) => serde_json::from_str(&text).unwrap_or_default(),
        None => Vec::new(),
    };
    if !source_ids.is_empty() && world.store.remembered(&checked).await?.is_some() {
        return Ok(false);
    }
    let property = vec!["evergreen_id".to_owned()];
    let views = world
        .portal
        .read(entity, None, std::slice::from_ref(id), &property, &property)
        .await
        .map_err(PortalError::into_problem)?;
    let source =
        views.records.first().and_then(|view| view.newest("evergreen_id")).and_then(|entry| entry.source_id.clone());
    let Some(source) = source else { return Ok(false) };
    transition.remember.push((checked, "yes".to_owned()));
    if source_ids.contains(&source) {
        return Ok(false);
    }
    source_ids.push(source);
    transition.remember.push((SOURCE_IDS.to_owned(), serde_json::to_string(&source_ids).unwrap_or_default()));
    Ok(true)
}
