//! Stage 2 performed: finds out which record each row is about, makes the records that are missing, and names their companies.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::evidence::Fields;
use evergreen_model::{
    Entity, FileId, Origin, Problem, Reason, RecordId, ReviewAnswer, ReviewKind, ReviewState, Row, RowState, Run,
    Source, Stage,
};
use evergreen_resolve::{Decided, normalize};
use jiff::Timestamp;

use crate::matching::Was;
use crate::work::{Incoming, Work};
use crate::world::World;

/// Rows are resolved by this many at a time; each batch sees every record of the batches before it.
const BATCH: u32 = 1_000;

/// Resolves every staged row of the run.
pub(crate) async fn rows(world: &World, run: &Run) -> Result<(), Problem> {
    let tally = world.store.tally_rows(run.id).await?;
    let staged = tally.iter().filter(|((state, _), _)| *state == RowState::Staged).map(|(_, count)| *count).sum();
    if staged == 0 {
        return Ok(());
    }
    world.progress.begin("resolving", Some(staged));
    let files = world.store.files().await?.into_iter().map(|file| (file.id, file)).collect::<BTreeMap<_, _>>();
    let decided = decisions(world).await?;
    loop {
        let rows = world.store.rows(Some(run.id), RowState::Staged, None, BATCH).await?;
        if rows.is_empty() {
            break;
        }
        let count = rows.len() as u64;
        let (companies, contacts): (Vec<Row>, Vec<Row>) =
            rows.into_iter().partition(|row| row.entity == Entity::Company);
        for (entity, rows) in [(Entity::Company, companies), (Entity::Contact, contacts)] {
            if !rows.is_empty() {
                resolve_batch(world, run, entity, rows, &files, &decided).await?;
            }
        }
        world.progress.advance(count);
    }
    world.progress.end(&format!("{staged} rows resolved"));
    Ok(())
}

/// What people have said about pairs, as the kernel wants it.
pub(crate) async fn decisions(world: &World) -> Result<Decided, Problem> {
    let mut decided = Decided::default();
    for review in world.store.reviews(Some(ReviewState::Closed)).await? {
        if let ReviewKind::Pair { left, right, .. } = review.kind {
            let pair = (left.0 as u64, right.0 as u64);
            match review.answer {
                Some(ReviewAnswer::Same) => decided.same.push(pair),
                Some(ReviewAnswer::Different) => decided.different.push(pair),
                _ => {}
            }
        }
    }
    Ok(decided)
}

async fn resolve_batch(
    world: &World,
    run: &Run,
    entity: Entity,
    rows: Vec<Row>,
    files: &BTreeMap<FileId, evergreen_model::ListFile>,
    decided: &Decided,
) -> Result<(), Problem> {
    let incoming = rows
        .iter()
        .map(|row| {
            let file = files.get(&row.file);
            Incoming {
                fields: normalize::tidy_fields_in(entity, &row.fields, Some(&world.config.resolve.default_region)),
                source: Source::List(file.map_or_else(|| "list".to_owned(), |file| file.name.clone())),
                at: listed_at(&row.fields).or(file.map(|file| file.imported_at)).unwrap_or(run.started_at),
                row: Some(row.id),
                sighting: format!("row:{}:{}", file.map_or("", |file| file.hash.as_str()), row.line),
                origin: Origin::List,
            }
        })
        .collect();
    let mut work = Work::new(run, world.clock.now());
    let matches = work.identify(world, entity, incoming, decided).await?;

    for (mut row, found) in rows.into_iter().zip(&matches) {
        let record = work.record(found.record)?;
        let first_of_run = record.run != Some(run.id);
        if first_of_run {
            record.run = Some(run.id);
            if record.stage != Stage::Held {
                record.outcome = None;
                record.reason = None;
                record.stage = Stage::Qualify;
                record.due = run.started_at;
            }
        }
        row.record = Some(found.record);
        (row.state, row.reason) = match (first_of_run, found.was) {
            (true, Was::InPortal) => {
                (RowState::Resolved, Some(Reason::new("already-in-portal", "The portal already has this record.")))
            }
            (true, Was::InStore) => {
                (RowState::Resolved, Some(Reason::new("already-known", "An earlier list already had this record.")))
            }
            (true, Was::Unknown) => (RowState::Resolved, None),
            (false, _) => (
                RowState::Merged,
                Some(Reason::new("duplicate-in-list", "Another row of this run is the same record.")),
            ),
        };
        work.ledger_match(run, found, row.id.0);
        work.rows.push(row);
    }
    if entity == Entity::Contact {
        let contacts: BTreeSet<RecordId> = matches.iter().map(|found| found.record).collect();
        work.name_companies(world, run, contacts).await?;
    }
    let transition = work.finish(world).await?;
    world.store.commit(transition).await?;
    Ok(())
}

fn listed_at(fields: &Fields) -> Option<Timestamp> {
    fields.get("listed_at").and_then(|text| text.parse().ok())
}
