//! Two records that turn out to be one: evidence and rows move to the survivor, nothing is lost.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::{
    Entity, Evidence, LedgerKind, Outcome, Problem, Reason, Record, RecordId, Review, ReviewId, ReviewKind,
    ReviewState, RowState, Run, Stage,
};
use evergreen_ports::Transition;
use evergreen_ports::store::IdKind;
use evergreen_resolve::{Pair, Subject};
use serde_json::json;

use crate::golden::{keys_of, plain, recompute};
use crate::leave;
use crate::ledger;
use crate::world::World;

/// After enrichment: a contact whose new address or profile is already another record's is that record.
/// Returns the records that go on and those that do not.
pub(crate) async fn by_new_keys(
    world: &World,
    run: &Run,
    records: Vec<Record>,
    transition: &mut Transition,
) -> Result<(Vec<Record>, Vec<Record>), Problem> {
    if records.first().is_none_or(|record| record.entity != Entity::Contact) {
        return Ok((records, Vec::new()));
    }
    let mut going: BTreeMap<RecordId, Record> = records.into_iter().map(|record| (record.id, record)).collect();
    let mut stopped: BTreeMap<RecordId, Record> = BTreeMap::new();
    let strong: BTreeMap<RecordId, Vec<String>> =
        going.values().map(|record| (record.id, strong_keys(record))).filter(|(_, keys)| !keys.is_empty()).collect();
    let others = holders(world, &strong, &going).await?;

    for (id, keys) in strong {
        for key in keys {
            let Some(holder) = others.get(&key).and_then(|holders| holders.iter().find(|holder| holder.id != id))
            else {
                continue;
            };
            // The batch may hold a newer state of it than the store.
            let other = going.get(&holder.id).or_else(|| stopped.get(&holder.id)).unwrap_or(holder).clone();
            let Some(record) = going.get(&id).cloned() else { break };
            if other.stage == Stage::Merged || matches!(other.stage, Stage::Held) {
                continue;
            }
            let pair = evergreen_resolve::compare(&subject(&record), &subject(&other), &world.config.resolve);
            if pair.score < world.config.resolve.review {
                continue;
            }
            if pair.score < world.config.resolve.match_ {
                let held = hold(world, run, record, &other, &pair, transition).await?;
                going.remove(&id);
                stopped.insert(id, held);
                break;
            }
            if record.portal_id.is_some() && other.portal_id.is_some() {
                let sentence = format!("the portal has this person twice: {} and {}", record.title(), other.title());
                let details = json!({ "with": other.id.0 });
                transition.ledger.push(ledger::about(
                    world.clock.now(),
                    run.id,
                    LedgerKind::Resolved,
                    id,
                    sentence,
                    details,
                ));
                continue;
            }
            let record_survives = survives(&record, &other);
            let (survivor, absorbed) = if record_survives { (record, other) } else { (other, record) };
            let (survivor, absorbed) = merge(world, run, survivor, absorbed, &pair, transition).await?;
            going.remove(&absorbed.id);
            stopped.insert(absorbed.id, absorbed);
            let survivor_id = survivor.id;
            if survivor_id == id || going.contains_key(&survivor_id) || survivor.stage == Stage::Enrich {
                going.insert(survivor_id, survivor);
            } else {
                stopped.insert(survivor_id, survivor);
            }
            if survivor_id != id {
                break;
            }
        }
    }
    Ok((going.into_values().collect(), stopped.into_values().collect()))
}

fn survives(record: &Record, other: &Record) -> bool {
    (record.portal_id.is_none(), record.id) < (other.portal_id.is_none(), other.id)
}

fn strong_keys(record: &Record) -> Vec<String> {
    evergreen_resolve::keys(record.entity, &plain(record))
        .into_iter()
        .filter(|key| key.starts_with("e:") || key.starts_with("l:"))
        .collect()
}

fn subject(record: &Record) -> Subject {
    Subject {
        id: record.id.0 as u64,
        entity: record.entity,
        fields: plain(record),
        portal_id: record.portal_id.clone(),
        existing: true,
    }
}

/// Who has these keys: records of the store and of the batch.
async fn holders(
    world: &World,
    strong: &BTreeMap<RecordId, Vec<String>>,
    going: &BTreeMap<RecordId, Record>,
) -> Result<BTreeMap<String, Vec<Record>>, Problem> {
    let asked: BTreeSet<String> = strong.values().flatten().cloned().collect();
    let asked: Vec<String> = asked.into_iter().collect();
    let found = world.store.candidates(Entity::Contact, &asked, 3).await?;
    let ids: BTreeSet<RecordId> = found.iter().map(|(_, id)| *id).collect();
    let ids: Vec<RecordId> = ids.into_iter().collect();
    let stored: BTreeMap<RecordId, Record> =
        world.store.records(&ids).await?.into_iter().map(|record| (record.id, record)).collect();
    let mut holders: BTreeMap<String, Vec<Record>> = BTreeMap::new();
    for (key, id) in found {
        if let Some(record) = stored.get(&id) {
            holders.entry(key).or_default().push(record.clone());
        }
    }
    for (id, keys) in strong {
        for key in keys {
            let list = holders.entry(key.clone()).or_default();
            if let (Some(record), false) = (going.get(id), list.iter().any(|record| record.id == *id)) {
                list.push(record.clone());
            }
        }
    }
    for list in holders.values_mut() {
        list.sort_by_key(|record| (record.portal_id.is_none(), record.id));
    }
    Ok(holders)
}

async fn hold(
    world: &World,
    run: &Run,
    mut record: Record,
    other: &Record,
    pair: &Pair,
    transition: &mut Transition,
) -> Result<Record, Problem> {
    let now = world.clock.now();
    let why = Reason::new(
        "maybe-same",
        format!("May be the same person as {} ({:.0} % sure): a person decides.", other.title(), pair.score * 100.0),
    );
    transition.ledger.push(leave::hold(&mut record, run, LedgerKind::Resolved, why.clone(), now));
    transition.reviews.push(Review {
        id: ReviewId(world.store.allocate(IdKind::Review, 1).await?),
        run: Some(run.id),
        kind: ReviewKind::Pair {
            left: record.id,
            row: None,
            right: other.id,
            score: pair.score,
            why: pair.why.clone(),
        },
        reason: why,
        state: ReviewState::Open,
        answer: None,
        by: None,
        opened_at: now,
        closed_at: None,
    });
    Ok(record)
}

/// Moves everything of `absorbed` to `survivor`; both come back changed, for the transition.
pub(crate) async fn merge(
    world: &World,
    run: &Run,
    mut survivor: Record,
    mut absorbed: Record,
    pair: &Pair,
    transition: &mut Transition,
) -> Result<(Record, Record), Problem> {
    let now = world.clock.now();
    let survivor_in_run = survivor.run == Some(run.id);
    for mut row in world.store.rows_of(absorbed.id).await? {
        row.record = Some(survivor.id);
        if row.run == Some(run.id) && row.state == RowState::Resolved && survivor_in_run {
            row.state = RowState::Merged;
            row.reason =
                Some(Reason::new("duplicate-found-later", "Turned out to be the same as another record of this run."));
        } else if row.run == Some(run.id) && row.state == RowState::Resolved && survivor.portal_id.is_some() {
            row.reason =
                Some(Reason::new("already-in-portal", "The portal already has this record, as enrichment showed."));
        }
        transition.rows.push(row);
    }
    transition.moved.push((absorbed.id, survivor.id));
    for piece in transition.evidence.iter_mut().filter(|piece| piece.record == absorbed.id) {
        piece.record = survivor.id;
    }
    let mut evidence: Vec<Evidence> = world.store.evidence(&[survivor.id, absorbed.id]).await?;
    evidence.extend(transition.evidence.iter().filter(|piece| piece.record == survivor.id).cloned());
    for piece in &mut evidence {
        piece.record = survivor.id;
    }
    evidence.sort_by_key(|piece| piece.id);

    if !survivor_in_run && absorbed.run == Some(run.id) {
        survivor.run = Some(run.id);
        survivor.stage = Stage::Enrich;
        survivor.outcome = None;
        survivor.reason = None;
        survivor.due = run.started_at;
        survivor.fit.clone_from(&absorbed.fit);
    }
    survivor.company = survivor.company.or(absorbed.company);
    survivor.refuted.extend(absorbed.refuted.iter().cloned());
    recompute(world, &mut survivor, &evidence);

    absorbed.stage = Stage::Merged;
    absorbed.outcome = Some(Outcome::Merged);
    absorbed.merged_into = Some(survivor.id);
    absorbed.run = Some(run.id);
    absorbed.reason = Some(Reason::new("merged", format!("The same as {}.", survivor.title())));
    transition.keys.push((absorbed.id, absorbed.entity, Vec::new()));
    transition.keys.push(keys_of(&survivor));
    let sentence = format!("merged into record {} ({:.2}): {}", survivor.id, pair.score, pair.why.join(", "));
    let details = json!({ "into": survivor.id.0, "score": pair.score });
    transition.ledger.push(ledger::about(now, run.id, LedgerKind::Resolved, absorbed.id, sentence, details));
    Ok((survivor, absorbed))
}
