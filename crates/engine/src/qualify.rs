//! Stage 3 performed: suppression and the ICP are asked before anything is bought, and the ICP once more after it.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::{Entity, LedgerKind, Problem, Record, RecordId, Run, Stage, Suppression, Truth};
use evergreen_ports::{Claim, Transition};
use evergreen_qualify::{Decision, Subject};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::leave;
use crate::ledger;
use crate::suppress;
use crate::world::World;

const BATCH: u32 = 1_000;

/// Asks every record of the run that stands before the gate; companies first, because contacts lean on them.
pub(crate) async fn keep(world: &World, run: &Run) -> Result<(), Problem> {
    for entity in [Entity::Company, Entity::Contact] {
        world.progress.begin(&format!("qualifying {}", entity.object()), None);
        let mut kept = 0_u64;
        let mut asked = 0_u64;
        loop {
            let batch = claim(world, run, Stage::Qualify, entity, BATCH).await?;
            if batch.is_empty() {
                break;
            }
            asked += batch.len() as u64;
            world.progress.advance(batch.len() as u64);
            let mut transition = decide(world, run, batch, false).await?;
            for record in &mut transition.records {
                if record.stage == Stage::Qualify {
                    record.stage = Stage::Enrich;
                    kept += 1;
                }
            }
            leave::open_reviews(world, run, &mut transition).await?;
            world.store.commit(transition).await?;
        }
        world.progress.end(&format!("{kept} of {asked} {} kept", entity.object()));
    }
    Ok(())
}

/// Asks the gate about records and changes those that do not pass; the others keep their stage.
pub(crate) async fn decide(
    world: &World,
    run: &Run,
    records: Vec<Record>,
    after_enrich: bool,
) -> Result<Transition, Problem> {
    let now = world.clock.now();
    let companies = companies_of(world, &records).await?;
    let keys: Vec<Vec<String>> = records
        .iter()
        .map(|record| {
            let mut keys = world.decisions.qualifier.suppression_keys(record, company_of(record, &companies));
            keys.extend(suppress::hashed_keys(world, record));
            keys
        })
        .collect();
    let listed = suppressed(world, &keys).await?;
    let mut transition = Transition::default();
    for (mut record, keys) in records.into_iter().zip(keys) {
        let hits: Vec<Suppression> = keys.iter().filter_map(|key| listed.get(key).cloned()).collect();
        let company = company_of(&record, &companies).cloned();
        let subject = Subject { record: &record, company: company.as_ref(), suppressed: &hits, after_enrich };
        let decision = world.decisions.qualifier.decide(&subject);
        match decision {
            Decision::Keep { fit } => {
                let sentence = match (fit.answer, &fit.rule) {
                    (Truth::Yes, Some(rule)) => format!("fits the ICP by '{rule}'"),
                    (Truth::Yes, None) => "fits the ICP".to_owned(),
                    (Truth::No, _) => "kept although it does not fit".to_owned(),
                    (Truth::Unknown, _) => format!("not known yet whether it fits: {} missing", fit.missing.join(", ")),
                };
                let details = json!({ "answer": fit.answer, "rule": fit.rule, "missing": fit.missing });
                transition.ledger.push(ledger::about(now, run.id, LedgerKind::Qualified, record.id, sentence, details));
                record.fit = Some(fit);
            }
            Decision::Suppress { why, .. } => {
                transition.ledger.push(leave::suppress(&mut record, run, why, now));
            }
            Decision::Hold { why } if record.entity == Entity::Company => {
                // Its contacts are held for that; of the company itself nobody need decide anything.
                let details = json!({ "code": why.code });
                transition.ledger.push(ledger::about(
                    now,
                    run.id,
                    LedgerKind::Qualified,
                    record.id,
                    why.sentence,
                    details,
                ));
            }
            Decision::Hold { why } => {
                transition.ledger.push(leave::hold(&mut record, run, LedgerKind::Qualified, why, now));
            }
            Decision::Reject { why, retry_days } => {
                let retry_at = in_days(now, retry_days);
                transition.ledger.push(leave::reject(world, &mut record, run, LedgerKind::Qualified, why, retry_at));
            }
        }
        transition.records.push(record);
    }
    Ok(transition)
}

/// `days` whole days later; far dates stay far.
pub(crate) fn in_days(now: Timestamp, days: u32) -> Timestamp {
    now.checked_add(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MAX)
}

/// Records of the run that stand in a queue now.
pub(crate) async fn claim(
    world: &World,
    run: &Run,
    stage: Stage,
    entity: Entity,
    limit: u32,
) -> Result<Vec<Record>, Problem> {
    let claim =
        Claim { stage, entity: Some(entity), run: Some(run.id), due_by: ready_by(world, run), after: None, limit };
    Ok(world.store.claim(claim).await?)
}

/// Until when records of a run are ready: a clock that was set back between two tries of a run must not strand its records.
pub(crate) fn ready_by(world: &World, run: &Run) -> Timestamp {
    world.clock.now().max(run.started_at)
}

/// The companies of these contacts.
pub(crate) async fn companies_of(world: &World, records: &[Record]) -> Result<BTreeMap<RecordId, Record>, Problem> {
    let ids: BTreeSet<RecordId> = records.iter().filter_map(|record| record.company).collect();
    let mut companies: BTreeMap<RecordId, Record> = BTreeMap::new();
    let mut wanted: Vec<(RecordId, RecordId)> = ids.into_iter().map(|id| (id, id)).collect();
    // One that was merged lives on in another.
    for _ in 0..8 {
        let ids: Vec<RecordId> = wanted.iter().map(|(_, id)| *id).collect();
        let found: BTreeMap<RecordId, Record> =
            world.store.records(&ids).await?.into_iter().map(|record| (record.id, record)).collect();
        let mut further = Vec::new();
        for (asked, id) in wanted {
            let Some(record) = found.get(&id) else { continue };
            match record.merged_into.filter(|_| record.stage == Stage::Merged && !companies.contains_key(&asked)) {
                Some(survivor) if survivor != asked => further.push((asked, survivor)),
                _ => {
                    companies.insert(asked, record.clone());
                }
            }
        }
        wanted = further;
    }
    Ok(companies)
}

/// The company of a contact, among those read.
pub(crate) fn company_of<'a>(record: &Record, companies: &'a BTreeMap<RecordId, Record>) -> Option<&'a Record> {
    record.company.and_then(|id| companies.get(&id))
}

/// Which of these keys are on the suppression list.
pub(crate) async fn suppressed(world: &World, keys: &[Vec<String>]) -> Result<BTreeMap<String, Suppression>, Problem> {
    let all: BTreeSet<String> = keys.iter().flatten().cloned().collect();
    let all: Vec<String> = all.into_iter().collect();
    Ok(world.store.suppressed(&all).await?.into_iter().map(|entry| (entry.key.clone(), entry)).collect())
}
