//! Stage 8 performed: enrols the planned contacts that still pass the gate; then every contact of the run rests until it is due.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_handoff::{Candidate, Handed, gate_batch};
use evergreen_model::{
    Action, Entity, LedgerKind, Outcome, Plan, Problem, Reason, Record, RecordId, Run, Stage, Step, StepState,
    Suppression,
};
use evergreen_ports::{EnrollOutcome, Lead, StepQuery, Transition};
use evergreen_refresh::Event;
use serde_json::json;

use crate::leave::settle;
use crate::ledger;
use crate::qualify::{claim, companies_of, company_of, suppressed};
use crate::suppress;
use crate::world::World;

/// Leads per call at the sequencer.
const BATCH: u32 = 400;

/// Hands off what the plan says; what a gate keeps out says why.
pub(crate) async fn enroll(world: &World, run: &Run, plan: &Plan) -> Result<(), Problem> {
    world.progress.begin("handing off", None);
    let mut handed = handed_before(world, plan).await?;
    let mut enrolled = 0;
    loop {
        let steps = steps(world, plan, &[StepState::Planned, StepState::Sending]).await?;
        if steps.is_empty() {
            break;
        }
        world.progress.advance(steps.len() as u64);
        enrolled += hand_off(world, run, steps, &mut handed).await?;
    }
    world.progress.end(&format!("{enrolled} contacts enrolled"));
    rest(world, run).await
}

async fn steps(world: &World, plan: &Plan, states: &[StepState]) -> Result<Vec<Step>, Problem> {
    let query = StepQuery {
        plan: plan.id,
        states: states.to_vec(),
        entity: Some(Entity::Contact),
        action: Some("enroll".to_owned()),
        record: None,
        after: None,
        limit: BATCH,
    };
    Ok(world.store.steps(query).await?)
}

/// Whom this plan has enrolled before a crash: the limit per company holds for the whole run.
async fn handed_before(world: &World, plan: &Plan) -> Result<Handed, Problem> {
    let mut handed = Handed::default();
    let mut after = None;
    loop {
        let query = StepQuery {
            plan: plan.id,
            states: vec![StepState::Done],
            entity: Some(Entity::Contact),
            action: Some("enroll".to_owned()),
            record: None,
            after,
            limit: 1_000,
        };
        let steps = world.store.steps(query).await?;
        let Some(last) = steps.last() else { return Ok(handed) };
        after = Some(last.id);
        let ids: Vec<RecordId> = steps.iter().map(|step| step.record).collect();
        for record in world.store.records(&ids).await? {
            handed.count(&record);
        }
    }
}

async fn hand_off(world: &World, run: &Run, mut steps: Vec<Step>, handed: &mut Handed) -> Result<u64, Problem> {
    let now = world.clock.now();
    let ids: Vec<RecordId> = steps.iter().map(|step| step.record).collect();
    let records: BTreeMap<RecordId, Record> =
        world.store.records(&ids).await?.into_iter().map(|record| (record.id, record)).collect();
    let listed: Vec<Record> = records.values().cloned().collect();
    let companies = companies_of(world, &listed).await?;
    let keys: BTreeMap<RecordId, Vec<String>> =
        records.values().map(|record| (record.id, suppress::keys(world, record))).collect();
    let on_list = suppressed(world, &keys.values().cloned().collect::<Vec<_>>()).await?;
    // Of people on the suppression list nobody is asked either.
    let is_listed = |id: &RecordId| {
        // One who unsubscribed in the portal stands on no list yet.
        let stopped = records.get(id).is_some_and(|record| record.stage == Stage::Suppressed);
        stopped || keys.get(id).into_iter().flatten().any(|key| on_list.contains_key(key))
    };
    // A step that was being sent when the program stopped may be in the campaign because of us: that is no reason to keep it out.
    let fresh: Vec<String> = steps
        .iter()
        .filter(|step| step.state == StepState::Planned && !is_listed(&step.record))
        .filter_map(|step| records.get(&step.record).and_then(|record| record.value("email")).map(str::to_lowercase))
        .collect();
    let Some(sequencer) = &world.sequencer else {
        return refuse_all(world, run, steps, "no sequencer is configured").await;
    };
    let already: BTreeSet<String> = match sequencer.enrolled(&fresh).await {
        Ok(emails) => emails.into_iter().collect(),
        Err(error) => {
            world.progress.note(&format!("handoff waits: {}; {}", error.0.what, error.0.fix));
            return refuse_all(world, run, steps, &error.0.what).await;
        }
    };

    let mut candidates = Vec::new();
    for step in &steps {
        let Some(record) = records.get(&step.record) else { continue };
        let hits: Vec<&Suppression> =
            keys.get(&record.id).into_iter().flatten().filter_map(|key| on_list.get(key)).collect();
        let email = record.value("email").map(str::to_lowercase).unwrap_or_default();
        candidates.push(Candidate {
            record,
            company: company_of(record, &companies),
            suppressed: !hits.is_empty() || record.stage == Stage::Suppressed,
            already: step.state == StepState::Planned && already.contains(&email),
            now,
        });
    }
    // Only those who are in the campaign count for the next batch, as they do after a crash.
    let gates = gate_batch(&candidates, &world.config.handoff, &mut handed.clone());

    let mut transition = Transition::default();
    let mut leads: BTreeMap<String, Vec<(usize, Lead)>> = BTreeMap::new();
    for (index, (step, gate)) in steps.iter_mut().zip(gates).enumerate() {
        let Action::Enroll { campaign } = step.action.clone() else { continue };
        match gate {
            Ok(mut lead) => {
                if let Some(record) = records.get(&step.record) {
                    lead.custom.insert("evergreen_id".to_owned(), record.evergreen_id.clone());
                }
                step.state = StepState::Sending;
                leads.entry(campaign).or_default().push((index, lead));
            }
            Err(reason) => {
                let Some(record) = records.get(&step.record) else { continue };
                // Remembered on the record: it is offered again sooner than one that went through.
                transition.records.push(Record { reason: Some(reason.clone()), ..record.clone() });
                transition.ledger.push(tell(world, run, step, record, (StepState::Stale, reason)));
            }
        }
    }
    transition.steps.clone_from(&steps);
    world.store.commit(transition).await?;

    let mut enrolled = 0;
    for (campaign, leads) in leads {
        let sent: Vec<Lead> = leads.iter().map(|(_, lead)| lead.clone()).collect();
        let outcomes = match sequencer.enroll(&campaign, &sent).await {
            Ok(outcomes) => outcomes,
            Err(error) => {
                // The rest of the run goes on; whoever was added although the answer was lost is found there when offered again.
                world.progress.note(&format!("handoff waits: {}; {}", error.0.what, error.0.fix));
                let unsent = leads.iter().map(|(index, _)| steps[*index].clone()).collect();
                refuse_all(world, run, unsent, &error.0.what).await?;
                continue;
            }
        };
        let mut transition = Transition::default();
        for ((index, _), outcome) in leads.into_iter().zip(outcomes) {
            let Some(record) = records.get(&steps[index].record) else { continue };
            let told = match outcome {
                EnrollOutcome::Enrolled | EnrollOutcome::Already => {
                    enrolled += 1;
                    handed.count(record);
                    (StepState::Done, Reason::new("enrolled", format!("enrolled in campaign {campaign}")))
                }
                EnrollOutcome::Refused(why) => {
                    (StepState::Failed, Reason::new("sequencer-refused", format!("the sequencer refused it: {why}")))
                }
            };
            transition.ledger.push(tell(world, run, &mut steps[index], record, told));
            transition.steps.push(steps[index].clone());
        }
        world.store.commit(transition).await?;
    }
    Ok(enrolled)
}

async fn refuse_all(world: &World, run: &Run, steps: Vec<Step>, why: &str) -> Result<u64, Problem> {
    let ids: Vec<RecordId> = steps.iter().map(|step| step.record).collect();
    let records: BTreeMap<RecordId, Record> =
        world.store.records(&ids).await?.into_iter().map(|record| (record.id, record)).collect();
    let mut transition = Transition::default();
    for mut step in steps {
        let reason = Reason::new("sequencer-unavailable", why);
        if let Some(record) = records.get(&step.record) {
            // Remembered on the record: it is offered again sooner than one that went through.
            transition.records.push(Record { reason: Some(reason.clone()), ..record.clone() });
            transition.ledger.push(tell(world, run, &mut step, record, (StepState::Failed, reason)));
        } else {
            step.state = StepState::Failed;
        }
        transition.steps.push(step);
    }
    world.store.commit(transition).await?;
    Ok(0)
}

fn tell(
    world: &World,
    run: &Run,
    step: &mut Step,
    record: &Record,
    outcome: (StepState, Reason),
) -> evergreen_model::NewLedgerEntry {
    let (state, reason) = outcome;
    step.state = state;
    let details = json!({ "plan": step.plan.0, "step": step.id.0, "code": reason.code, "state": state });
    let line =
        ledger::about(world.clock.now(), run.id, LedgerKind::HandedOff, record.id, reason.sentence.clone(), details);
    step.note = Some(reason.sentence);
    line
}

/// Stage 9: every contact that went through rests until its refresh is due.
async fn rest(world: &World, run: &Run) -> Result<(), Problem> {
    loop {
        let batch = claim(world, run, Stage::Handoff, Entity::Contact, 1_000).await?;
        if batch.is_empty() {
            return Ok(());
        }
        let now = world.clock.now();
        let mut transition = Transition::default();
        for mut record in batch {
            let outcome = record.outcome.unwrap_or(Outcome::Unchanged);
            settle(world, &mut record, outcome);
            if record.reason.is_some() {
                record.due = evergreen_refresh::due(&record, Event::Gated, now, &world.config.refresh);
            }
            let sentence = format!("next refresh {}", record.due.strftime("%-d %b %Y"));
            let details = json!({ "due": record.due });
            transition.ledger.push(ledger::about(now, run.id, LedgerKind::Booked, record.id, sentence, details));
            transition.records.push(record);
        }
        world.store.commit(transition).await?;
    }
}
