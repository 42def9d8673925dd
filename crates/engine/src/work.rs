//! Records and evidence being changed together: taken from the store, changed, and given back as one transition.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::evidence::Fields;
use evergreen_model::{
    Entity, Evidence, EvidenceId, Origin, Problem, Reason, Record, RecordId, Remedy, Review, ReviewId, ReviewKind,
    ReviewState, Row, Run, Source, Stage,
};
use evergreen_ports::Transition;
use evergreen_ports::store::IdKind;
use jiff::Timestamp;

use crate::golden::{keys_of, recompute};
use crate::world::World;

/// Something a source said before it is known who it is about.
pub(crate) struct Incoming {
    pub(crate) fields: Fields,
    pub(crate) source: Source,
    pub(crate) at: Timestamp,
    pub(crate) row: Option<evergreen_model::RowId>,
    /// Names this first sighting for ever, so that a new record gets the same `evergreen_id` after a crash.
    pub(crate) sighting: String,
    pub(crate) origin: Origin,
}

/// Records and evidence being changed together; becomes one transition.
pub(crate) struct Work {
    pub(crate) run: Run,
    pub(crate) now: Timestamp,
    pub(crate) records: BTreeMap<RecordId, Record>,
    /// Evidence of touched records, stored and new.
    pub(crate) evidence: BTreeMap<RecordId, Vec<Evidence>>,
    pub(crate) fresh: Vec<(RecordId, Incoming)>,
    pub(crate) reviews: Vec<(ReviewKind, Reason)>,
    pub(crate) rows: Vec<Row>,
    pub(crate) ledger: Vec<evergreen_model::NewLedgerEntry>,
    pub(crate) touched: BTreeSet<RecordId>,
}

impl Work {
    pub(crate) fn new(run: &Run, now: Timestamp) -> Self {
        Work {
            run: run.clone(),
            now,
            records: BTreeMap::new(),
            evidence: BTreeMap::new(),
            fresh: Vec::new(),
            reviews: Vec::new(),
            rows: Vec::new(),
            ledger: Vec::new(),
            touched: BTreeSet::new(),
        }
    }

    /// A record of this batch, to be changed.
    pub(crate) fn record(&mut self, id: RecordId) -> Result<&mut Record, Problem> {
        self.touched.insert(id);
        self.records.get_mut(&id).ok_or_else(|| {
            Problem::new(
                "EG-ENGINE-002",
                Remedy::ReportBug,
                format!("record {id} is not part of its own batch"),
                "the resolve step lost track of a record",
                "please report this with the run's ledger",
            )
        })
    }

    /// Takes a stored record into the batch.
    pub(crate) fn adopt(&mut self, record: Record) {
        self.records.entry(record.id).or_insert(record);
    }

    /// Adds evidence to a record of the batch.
    pub(crate) fn add(&mut self, record: RecordId, incoming: Incoming) {
        self.touched.insert(record);
        self.fresh.push((record, incoming));
    }

    /// Makes a record that nobody had.
    pub(crate) fn make(&mut self, world: &World, id: RecordId, entity: Entity, incoming: &Incoming) {
        let evergreen_id = evergreen_id(world.store.instance(), entity, &incoming.sighting);
        self.records.insert(
            id,
            Record {
                id,
                entity,
                evergreen_id,
                origin: incoming.origin,
                run: None,
                stage: Stage::Qualify,
                due: self.run.started_at,
                portal_id: None,
                company: None,
                merged_into: None,
                values: golden_of(&incoming.fields, &incoming.source, incoming.at),
                written: Fields::new(),
                portal_changed_at: None,
                approved: Default::default(),
                undone: Default::default(),
                refuted: Vec::new(),
                verdicts: None,
                fit: None,
                owner: None,
                outcome: None,
                reason: None,
                created_at: self.now,
                settled_at: None,
            },
        );
        self.touched.insert(id);
    }

    /// Gives evidence its numbers, recomputes golden values and keys of every touched record, and returns the transition.
    pub(crate) async fn finish(mut self, world: &World) -> Result<Transition, Problem> {
        let with_fresh: BTreeSet<RecordId> = self.fresh.iter().map(|(record, _)| *record).collect();
        let with_fresh: Vec<RecordId> = with_fresh.into_iter().collect();
        for piece in world.store.evidence(&with_fresh).await? {
            self.evidence.entry(piece.record).or_default().push(piece);
        }
        let mut id = world.store.allocate(IdKind::Evidence, self.fresh.len() as u64).await?;
        let mut evidence = Vec::with_capacity(self.fresh.len());
        for (record, incoming) in self.fresh {
            let piece = Evidence {
                id: EvidenceId(id),
                record,
                source: incoming.source,
                run: Some(self.run.id),
                at: incoming.at,
                fields: incoming.fields,
                confidence: 100,
                call: None,
                row: incoming.row,
            };
            id += 1;
            self.evidence.entry(record).or_default().push(piece.clone());
            evidence.push(piece);
        }
        let mut keys = Vec::with_capacity(with_fresh.len());
        for id in with_fresh {
            let Some(record) = self.records.get_mut(&id) else { continue };
            let pieces = self.evidence.get(&id).map_or(&[][..], Vec::as_slice);
            recompute(world, record, pieces);
            keys.push(keys_of(record));
        }
        let mut review_id = if self.reviews.is_empty() {
            0
        } else {
            world.store.allocate(IdKind::Review, self.reviews.len() as u64).await?
        };
        let mut reviews = Vec::with_capacity(self.reviews.len());
        for (kind, reason) in self.reviews {
            reviews.push(Review {
                id: ReviewId(review_id),
                run: Some(self.run.id),
                kind,
                reason,
                state: ReviewState::Open,
                answer: None,
                by: None,
                opened_at: self.now,
                closed_at: None,
            });
            review_id += 1;
        }
        let touched = self.touched;
        let records = self.records.into_values().filter(|record| touched.contains(&record.id)).collect();
        Ok(Transition {
            rows: self.rows,
            records,
            evidence,
            keys,
            reviews,
            ledger: self.ledger,
            ..Transition::default()
        })
    }
}

/// Our unique key in the portal: the same sighting gives the same id, in this store, for ever.
pub(crate) fn evergreen_id(instance: &str, entity: Entity, sighting: &str) -> String {
    let hash = blake3::hash(format!("{instance}\n{}\n{sighting}", entity.as_str()).as_bytes());
    format!("eg-{}", &hash.to_hex().as_str()[..20])
}

/// Values of a record nobody has evidence of yet, until its evidence is numbered.
fn golden_of(fields: &Fields, source: &Source, at: Timestamp) -> evergreen_model::Golden {
    fields
        .iter()
        .map(|(field, value)| {
            let golden = evergreen_model::GoldenValue {
                value: value.clone(),
                evidence: EvidenceId(0),
                source: source.clone(),
                at,
                why: "only value".to_owned(),
            };
            (field.clone(), golden)
        })
        .collect()
}
