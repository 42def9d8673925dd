//! Stage 2 performed: finds out which record each row is about, makes the records that are missing, and names their companies.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::evidence::Fields;
use evergreen_model::{
    Entity, Evidence, EvidenceId, FileId, LedgerKind, Origin, Outcome, Problem, Reason, Record, RecordId, Review, ReviewAnswer,
    ReviewId, ReviewKind, ReviewState, Row, RowState, Run, Source, Stage,
};
use evergreen_ports::Transition;
use evergreen_ports::store::IdKind;
use evergreen_resolve::{Decided, Pair, Subject, normalize, survivorship};
use jiff::Timestamp;
use serde_json::json;

use crate::ledger;
use crate::world::World;

/// Rows are resolved by this many at a time; each batch sees every record of the batches before it.
const BATCH: u32 = 1_000;
/// Candidates read per match key; more would be a key that says nothing.
const PER_KEY: u32 = 50;
/// Rows of the batch get subject numbers from here on, so that stored records are preferred as primaries.
const ROW_BASE: u64 = 1 << 48;

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
        let (companies, contacts): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.entity == Entity::Company);
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
async fn decisions(world: &World) -> Result<Decided, Problem> {
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
            (true, Was::InPortal) => (RowState::Resolved, Some(Reason::new("already-in-portal", "The portal already has this record."))),
            (true, Was::InStore) => (RowState::Resolved, Some(Reason::new("already-known", "An earlier list already had this record."))),
            (true, Was::Unknown) => (RowState::Resolved, None),
            (false, _) => {
                (RowState::Merged, Some(Reason::new("duplicate-in-list", "Another row of this run is the same record.")))
            }
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

/// What was known of the record before this batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Was {
    Unknown,
    InStore,
    InPortal,
}

/// Which record an incoming piece is about.
pub(crate) struct Match {
    pub(crate) record: RecordId,
    pub(crate) was: Was,
    pub(crate) link: Option<Pair>,
}

/// Records and evidence being changed together; becomes one transition.
pub(crate) struct Work {
    run: Run,
    pub(crate) now: Timestamp,
    records: BTreeMap<RecordId, Record>,
    /// Evidence of touched records, stored and new.
    evidence: BTreeMap<RecordId, Vec<Evidence>>,
    fresh: Vec<(RecordId, Incoming)>,
    reviews: Vec<(ReviewKind, Reason)>,
    pub(crate) rows: Vec<Row>,
    pub(crate) ledger: Vec<evergreen_model::NewLedgerEntry>,
    touched: BTreeSet<RecordId>,
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
                evergreen_model::Remedy::ReportBug,
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

    /// Finds or makes the record of each incoming piece, by the resolve kernel; pairs in the grey band are held for a person.
    pub(crate) async fn identify(
        &mut self,
        world: &World,
        entity: Entity,
        incoming: Vec<Incoming>,
        decided: &Decided,
    ) -> Result<Vec<Match>, Problem> {
        let settings = &world.config.resolve;
        let keys: BTreeSet<String> = incoming.iter().flat_map(|piece| evergreen_resolve::keys(entity, &piece.fields)).collect();
        let keys: Vec<String> = keys.into_iter().collect();
        let ids: BTreeSet<RecordId> =
            world.store.candidates(entity, &keys, PER_KEY).await?.into_iter().map(|(_, record)| record).collect();
        let unknown: Vec<RecordId> = ids.into_iter().filter(|id| !self.records.contains_key(id)).collect();
        for record in world.store.records(&unknown).await? {
            self.adopt(record);
        }

        let stored = self.records.values().filter(|record| record.entity == entity && record.stage != Stage::Merged);
        let mut subjects: Vec<Subject> = stored
            .map(|record| Subject {
                id: record.id.0 as u64,
                entity,
                fields: plain(record),
                portal_id: record.portal_id.clone(),
                existing: true,
            })
            .collect();
        subjects.extend(incoming.iter().enumerate().map(|(index, piece)| Subject {
            id: ROW_BASE + index as u64,
            entity,
            fields: piece.fields.clone(),
            portal_id: None,
            existing: false,
        }));
        let resolution = evergreen_resolve::resolve(&subjects, decided, settings);

        let mut places: Vec<Option<(RecordId, Was)>> = incoming.iter().map(|_| None).collect();
        let mut missing = Vec::new();
        for cluster in &resolution.clusters {
            let pieces: Vec<usize> = cluster.members.iter().filter(|id| **id >= ROW_BASE).map(|id| (id - ROW_BASE) as usize).collect();
            if pieces.is_empty() {
                continue;
            }
            let known = cluster.members.iter().filter(|id| **id < ROW_BASE).map(|id| RecordId(*id as i64));
            // A portal record wins over one that only we know; then the older one.
            let target = known.min_by_key(|id| (self.records.get(id).is_none_or(|record| record.portal_id.is_none()), *id));
            match target {
                Some(id) => {
                    let in_portal = self.records.get(&id).is_some_and(|record| record.portal_id.is_some());
                    let was = if in_portal { Was::InPortal } else { Was::InStore };
                    for piece in pieces {
                        places[piece] = Some((id, was));
                    }
                }
                None => missing.push(pieces),
            }
        }
        missing.sort_by_key(|pieces| pieces.iter().min().copied());
        if !missing.is_empty() {
            let mut id = world.store.allocate(IdKind::Record, missing.len() as u64).await?;
            for pieces in missing {
                let first = pieces.iter().min().copied().unwrap_or_default();
                self.make(world, RecordId(id), entity, &incoming[first]);
                for piece in pieces {
                    places[piece] = Some((RecordId(id), Was::Unknown));
                }
                id += 1;
            }
        }

        let place = |subject: u64| -> Option<RecordId> {
            if subject < ROW_BASE {
                Some(RecordId(subject as i64))
            } else {
                places.get((subject - ROW_BASE) as usize).copied().flatten().map(|(record, _)| record)
            }
        };
        let fresh_rows: BTreeSet<RecordId> =
            places.iter().flatten().filter(|(_, was)| *was == Was::Unknown).map(|(record, _)| *record).collect();
        for pair in &resolution.held {
            let (Some(left), Some(right)) = (place(pair.left), place(pair.right)) else { continue };
            self.hold_pair(entity, left, right, pair, &fresh_rows);
        }
        for twins in &resolution.portal_twins {
            self.tell_twins(twins);
        }
        let mut links: BTreeMap<u64, Pair> = BTreeMap::new();
        for link in resolution.links {
            for side in [link.left, link.right] {
                links.entry(side).or_insert_with(|| link.clone());
            }
        }

        let mut matches = Vec::with_capacity(incoming.len());
        for (index, (piece, place)) in incoming.into_iter().zip(places).enumerate() {
            // Every piece is in exactly one cluster; a kernel that loses one is caught here rather than losing a row.
            let Some((record, was)) = place else {
                return Err(Problem::new(
                    "EG-ENGINE-003",
                    evergreen_model::Remedy::ReportBug,
                    format!("the resolve kernel returned no cluster for row {index} of its batch"),
                    "every row must end in one cluster",
                    "please report this with the list's header line",
                ));
            };
            self.add(record, piece);
            matches.push(Match { record, was, link: links.remove(&(ROW_BASE + index as u64)) });
        }
        Ok(matches)
    }

    /// A pair in the grey band waits for a person; the newer record of the two waits with it.
    fn hold_pair(&mut self, entity: Entity, left: RecordId, right: RecordId, pair: &Pair, fresh: &BTreeSet<RecordId>) {
        let (older, newer) = if left < right { (left, right) } else { (right, left) };
        if older == newer || !fresh.contains(&newer) || entity == Entity::Company {
            return; // two records we already had are not this row's matter; companies go on apart and stay separate
        }
        let (older_title, newer_title) = match (self.records.get(&older), self.records.get(&newer)) {
            (Some(older), Some(newer)) => (older.title(), newer.title()),
            _ => return,
        };
        let reason = Reason::new(
            "maybe-same",
            format!("May be the same person as {older_title} ({:.0} % sure): a person decides.", pair.score * 100.0),
        );
        let now = self.now;
        let run = self.run.id;
        if let Some(record) = self.records.get_mut(&newer) {
            record.stage = Stage::Held;
            record.outcome = Some(Outcome::Held);
            record.reason = Some(reason.clone());
            record.due = self.run.started_at;
        }
        self.ledger.push(ledger::about(
            now,
            run,
            LedgerKind::Resolved,
            newer,
            format!("{newer_title} held: may be {older_title}"),
            json!({ "with": older.0, "score": pair.score, "why": pair.why }),
        ));
        let kind = ReviewKind::Pair { left: newer, row: None, right: older, score: pair.score, why: pair.why.clone() };
        self.reviews.push((kind, reason));
    }

    /// Two portal records that look like one are told, never merged: a merge in HubSpot is final.
    fn tell_twins(&mut self, twins: &Pair) {
        let (left, right) = (RecordId(twins.left as i64), RecordId(twins.right as i64));
        let (Some(one), Some(other)) = (self.records.get(&left), self.records.get(&right)) else { return };
        let sentence = format!("the portal seems to have {} twice: record {left} and record {right} ({})", one.title(), other.title());
        let details = json!({ "with": right.0, "score": twins.score, "why": twins.why });
        self.ledger.push(ledger::about(self.now, self.run.id, LedgerKind::Resolved, left, sentence, details));
    }

    fn ledger_match(&mut self, run: &Run, found: &Match, row: i64) {
        let sentence = match (&found.link, found.was) {
            (Some(link), Was::InPortal) => format!("row {row} is a record of the portal ({:.2}): {}", link.score, link.why.join(", ")),
            (Some(link), _) => format!("row {row} is the same as another ({:.2}): {}", link.score, link.why.join(", ")),
            (None, Was::Unknown) => format!("row {row} is new"),
            (None, _) => format!("row {row} belongs to a known record"),
        };
        let details = json!({ "row": row, "score": found.link.as_ref().map(|link| link.score) });
        self.ledger.push(ledger::about(self.now, run.id, LedgerKind::Resolved, found.record, sentence, details));
    }

    /// Gives every contact its company: the one it has, else the one its domain or company name means, made if missing.
    pub(crate) async fn name_companies(&mut self, world: &World, run: &Run, contacts: BTreeSet<RecordId>) -> Result<(), Problem> {
        let mut wanted: BTreeMap<String, (Incoming, Vec<RecordId>)> = BTreeMap::new();
        for id in contacts {
            let mut fields = match self.records.get(&id) {
                Some(record) if record.company.is_none() => plain(record),
                _ => continue,
            };
            for (record, incoming) in self.fresh.iter().filter(|(record, _)| *record == id) {
                debug_assert_eq!(*record, id);
                for (field, value) in &incoming.fields {
                    fields.entry(field.clone()).or_insert_with(|| value.clone());
                }
            }
            let Some(company) = company_fields(&fields) else { continue };
            let key = company.get("domain").cloned().unwrap_or_else(|| {
                let name = company.get("name").map_or("", String::as_str);
                format!("name:{}", normalize::company_key(name).unwrap_or_else(|| name.to_lowercase()))
            });
            let entry = wanted.entry(key.clone()).or_insert_with(|| {
                let source = self
                    .fresh
                    .iter()
                    .find(|(record, _)| *record == id)
                    .map_or(Source::Crm, |(_, incoming)| incoming.source.clone());
                let incoming = Incoming {
                    fields: company,
                    source,
                    at: self.now,
                    row: None,
                    sighting: format!("company:{key}"),
                    origin: Origin::Derived,
                };
                (incoming, Vec::new())
            });
            entry.1.push(id);
        }
        let (incoming, members): (Vec<Incoming>, Vec<Vec<RecordId>>) = wanted.into_values().unzip();
        if incoming.is_empty() {
            return Ok(());
        }
        let matches = self.identify(world, Entity::Company, incoming, &Decided::default()).await?;
        for (found, members) in matches.iter().zip(members) {
            let company = self.record(found.record)?;
            if company.run != Some(run.id) {
                company.run = Some(run.id);
                company.stage = Stage::Qualify;
                company.outcome = None;
                company.reason = None;
                company.due = run.started_at;
            }
            for member in members {
                self.record(member)?.company = Some(found.record);
            }
        }
        Ok(())
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
        Ok(Transition { rows: self.rows, records, evidence, keys, reviews, ledger: self.ledger, ..Transition::default() })
    }
}

/// Chooses the golden values of a record anew; proven-wrong values are passed over.
pub(crate) fn recompute(world: &World, record: &mut Record, evidence: &[Evidence]) {
    record.values = survivorship::golden(record.entity, &sound(record, evidence), &world.config.resolve);
}

/// The evidence without values proven wrong.
pub(crate) fn sound(record: &Record, evidence: &[Evidence]) -> Vec<Evidence> {
    let mut evidence = evidence.to_vec();
    if !record.refuted.is_empty() {
        for piece in &mut evidence {
            piece.fields.retain(|_, value| !record.refuted.contains(value));
        }
    }
    evidence
}

/// The match keys of a record, with its own id among them.
pub(crate) fn keys_of(record: &Record) -> (RecordId, Entity, Vec<String>) {
    let mut keys = evergreen_resolve::keys(record.entity, &plain(record));
    keys.push(own_key(&record.evergreen_id));
    (record.id, record.entity, keys)
}

/// The key under which a record is found by its `evergreen_id`.
pub(crate) fn own_key(evergreen_id: &str) -> String {
    format!("g:{evergreen_id}")
}

/// Golden values without their provenance.
pub(crate) fn plain(record: &Record) -> Fields {
    record.values.iter().map(|(field, golden)| (field.clone(), golden.value.clone())).collect()
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

/// What a contact's fields say of its company; nothing when they name none.
fn company_fields(contact: &Fields) -> Option<Fields> {
    let mut company = Fields::new();
    if let Some(domain) = contact.get("domain").filter(|domain| !normalize::is_free_mail(domain)) {
        company.insert("domain".to_owned(), domain.clone());
    }
    if let Some(name) = contact.get("company") {
        company.insert("name".to_owned(), name.clone());
    }
    (!company.is_empty()).then_some(company)
}
