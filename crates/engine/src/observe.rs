//! Reads the portal into the store: its contacts and companies become records with CRM evidence.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_import::portal as reading;
use evergreen_model::{Entity, LedgerKind, Origin, PortalRecord, Problem, Record, RecordId, Run, Source, Stage};
use evergreen_ports::store::IdKind;
use evergreen_ports::{PortalError, Transition};
use evergreen_resolve::normalize;
use serde_json::json;

use crate::golden::own_key;
use crate::ledger;
use crate::moved;
use crate::work::{Incoming, Work};
use crate::world::World;

/// Portal records taken into the store in one transaction: ten pages.
const BATCH: usize = 1_000;

/// Reads all companies, then all contacts, unless this run has done so.
pub(crate) async fn portal(world: &World, mut run: Run) -> Result<Run, Problem> {
    if run.observed {
        return Ok(run);
    }
    let mut counts = BTreeMap::new();
    for entity in [Entity::Company, Entity::Contact] {
        counts.insert(entity, everything(world, &run, entity).await?);
    }
    run.observed = true;
    run.portal_contacts = counts.get(&Entity::Contact).copied().unwrap_or_default();
    let line = ledger::general(
        world.clock.now(),
        Some(run.id),
        LedgerKind::Imported,
        format!(
            "portal read: {} contacts, {} companies",
            run.portal_contacts,
            counts.get(&Entity::Company).copied().unwrap_or_default()
        ),
        json!({}),
    );
    world.store.commit(Transition { runs: vec![run.clone()], ledger: vec![line], ..Transition::default() }).await?;
    Ok(run)
}

async fn everything(world: &World, run: &Run, entity: Entity) -> Result<u64, Problem> {
    let mut properties = reading::properties(entity);
    properties.extend(["evergreen_id".to_owned(), moved::TAKEN_IN.to_owned()]);
    world.progress.begin(&format!("reading {} from the portal", entity.object()), None);
    let mut after: Option<String> = None;
    let mut pending: Vec<PortalRecord> = Vec::new();
    let mut links: Vec<(String, String)> = Vec::new();
    let mut total = 0;
    loop {
        let page =
            world.portal.list(entity, &properties, &[], after.as_deref()).await.map_err(PortalError::into_problem)?;
        total += page.records.len() as u64;
        world.progress.advance(page.records.len() as u64);
        pending.extend(page.records);
        links.extend(page.companies);
        after = page.after;
        if pending.len() >= BATCH || after.is_none() {
            absorb(world, run, entity, std::mem::take(&mut pending), std::mem::take(&mut links)).await?;
        }
        if after.is_none() {
            break;
        }
    }
    world.progress.end(&format!("{total} {} read", entity.object()));
    Ok(total)
}

/// Takes portal records into the store: known ones get new evidence where something changed, the others become records.
pub(crate) async fn absorb(
    world: &World,
    run: &Run,
    entity: Entity,
    seen: Vec<PortalRecord>,
    links: Vec<(String, String)>,
) -> Result<Vec<RecordId>, Problem> {
    moved::follow_listing(world, run, entity, &seen).await?;
    let now = world.clock.now();
    let mut work = Work::new(run, now);
    let known = known(world, entity, &seen).await?;
    let companies = company_records(world, &links).await?;
    let first_link: BTreeMap<String, RecordId> = links
        .iter()
        .rev()
        .filter_map(|(contact, company)| companies.get(company).map(|record| (contact.clone(), *record)))
        .collect();
    let fresh = seen.iter().filter(|record| !known.contains_key(&record.id)).count() as u64;
    let mut next = if fresh == 0 { 0 } else { world.store.allocate(IdKind::Record, fresh).await? };
    let last_said = last_crm_evidence(world, known.values()).await?;

    let mut ids = Vec::with_capacity(seen.len());
    for portal in seen {
        let incoming = Incoming {
            fields: normalize::tidy_fields_in(
                entity,
                &reading::fields(&portal),
                Some(&world.config.resolve.default_region),
            ),
            source: Source::Crm,
            at: portal.updated_at,
            row: None,
            sighting: format!("portal:{}", portal.id),
            origin: Origin::Portal,
        };
        let id = match known.get(&portal.id) {
            Some(record) => {
                work.adopt(record.clone());
                record.id
            }
            None => {
                let id = RecordId(next);
                next += 1;
                work.make(world, id, entity, &incoming);
                let record = work.record(id)?;
                if let Some(own) = portal.properties.get("evergreen_id") {
                    record.evergreen_id.clone_from(own); // an earlier installation knew it already
                }
                record.stage = Stage::Settled;
                record.settled_at = Some(now);
                record.due = evergreen_refresh::after_reading_portal(record, now, &world.config.refresh);
                id
            }
        };
        ids.push(id);
        let news = last_said.get(&id) != Some(&incoming.fields);
        let company = first_link.get(&portal.id).copied();
        let current = work.record(id)?;
        current.portal_id = Some(portal.id);
        current.portal_changed_at = Some(portal.updated_at);
        if company.is_some() {
            current.company = company;
        }
        if news {
            work.add(id, incoming);
        }
    }
    let transition = work.finish(world).await?;
    world.store.commit(transition).await?;
    Ok(ids)
}

/// Portal id to the record we have of it: by HubSpot id, by our own id, or by an address only we knew so far.
async fn known(world: &World, entity: Entity, seen: &[PortalRecord]) -> Result<BTreeMap<String, Record>, Problem> {
    let ids: Vec<String> = seen.iter().map(|record| record.id.clone()).collect();
    let mut known: BTreeMap<String, Record> = BTreeMap::new();
    for record in world.store.by_portal_ids(entity, &ids).await? {
        if let Some(id) = record.portal_id.clone() {
            known.insert(id, record);
        }
    }
    let mut keys: BTreeMap<String, String> = BTreeMap::new();
    for portal in seen.iter().filter(|portal| !known.contains_key(&portal.id)) {
        if let Some(own) = portal.properties.get("evergreen_id") {
            keys.insert(own_key(own), portal.id.clone());
        }
        if let Some(email) = portal.properties.get("email") {
            let only_email = std::iter::once(("email".to_owned(), email.clone())).collect();
            let strong = evergreen_resolve::keys(entity, &only_email).into_iter().filter(|key| key.starts_with("e:"));
            keys.extend(strong.map(|key| (key, portal.id.clone())));
        }
    }
    let asked: Vec<String> = keys.keys().cloned().collect();
    let found = world.store.candidates(entity, &asked, 1).await?;
    let records: BTreeMap<RecordId, Record> = world
        .store
        .records(&found.iter().map(|(_, record)| *record).collect::<Vec<_>>())
        .await?
        .into_iter()
        .map(|record| (record.id, record))
        .collect();
    let mut taken: BTreeSet<RecordId> = known.values().map(|record| record.id).collect();
    for (key, id) in found {
        let (Some(portal_id), Some(record)) = (keys.get(&key), records.get(&id)) else { continue };
        if record.portal_id.is_none() && record.stage != Stage::Merged && taken.insert(id) {
            known.entry(portal_id.clone()).or_insert_with(|| record.clone());
        }
    }
    Ok(known)
}

async fn company_records(world: &World, links: &[(String, String)]) -> Result<BTreeMap<String, RecordId>, Problem> {
    let ids: BTreeSet<String> = links.iter().map(|(_, company)| company.clone()).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let records = world.store.by_portal_ids(Entity::Company, &ids).await?;
    Ok(records.into_iter().filter_map(|record| record.portal_id.clone().map(|id| (id, record.id))).collect())
}

/// What the portal said last of these records, so that an unchanged record adds no evidence.
async fn last_crm_evidence<'a>(
    world: &World,
    records: impl Iterator<Item = &'a Record>,
) -> Result<BTreeMap<RecordId, evergreen_model::Fields>, Problem> {
    let ids: Vec<RecordId> = records.map(|record| record.id).collect();
    let mut last = BTreeMap::new();
    for piece in world.store.evidence(&ids).await? {
        if piece.source == Source::Crm {
            last.insert(piece.record, piece.fields); // ascending ids: the newest stays
        }
    }
    Ok(last)
}
