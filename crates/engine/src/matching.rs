//! Which record an incoming piece is about: the resolve kernel's answer turned into records, held pairs and ledger lines.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::{Entity, LedgerKind, Outcome, Problem, Reason, RecordId, Remedy, ReviewKind, Run, Stage};
use evergreen_ports::store::IdKind;
use evergreen_resolve::{Decided, Pair, Subject};
use serde_json::json;

use crate::golden::{own_key, plain};
use crate::ledger;
use crate::work::{Incoming, Work, evergreen_id};
use crate::world::World;

/// Candidates read per match key; more would be a key that says nothing.
const PER_KEY: u32 = 50;
/// Rows of the batch get subject numbers from here on, so that stored records are preferred as primaries.
const ROW_BASE: u64 = 1 << 48;

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

impl Work {
    /// A company that was made for a domain or a name once is meant by it for ever, whatever people have made of its fields since;
    /// returns the pieces that nobody has seen.
    async fn seen_before(
        &mut self,
        world: &World,
        entity: Entity,
        missing: Vec<Vec<usize>>,
        incoming: &[Incoming],
        places: &mut [Option<(RecordId, Was)>],
    ) -> Result<Vec<Vec<usize>>, Problem> {
        let key = |pieces: &Vec<usize>| {
            let sighting = &incoming.get(*pieces.iter().min()?)?.sighting;
            // A row is seen once; only what is derived from rows comes again.
            sighting.starts_with("company:").then(|| own_key(&evergreen_id(world.store.instance(), entity, sighting)))
        };
        let keys: Vec<String> = missing.iter().filter_map(key).collect();
        if keys.is_empty() {
            return Ok(missing);
        }
        let found: BTreeMap<String, RecordId> = world.store.candidates(entity, &keys, 1).await?.into_iter().collect();
        let mut unseen = Vec::new();
        for pieces in missing {
            let Some(mut id) = key(&pieces).and_then(|key| found.get(&key).copied()) else {
                unseen.push(pieces);
                continue;
            };
            while let Some(record) = world.store.records(&[id]).await?.pop() {
                match record.merged_into {
                    Some(survivor) => id = survivor,
                    None => {
                        self.adopt(record);
                        break;
                    }
                }
            }
            let in_portal = self.records.get(&id).is_some_and(|record| record.portal_id.is_some());
            for piece in pieces {
                places[piece] = Some((id, if in_portal { Was::InPortal } else { Was::InStore }));
            }
        }
        Ok(unseen)
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
        let keys: BTreeSet<String> =
            incoming.iter().flat_map(|piece| evergreen_resolve::keys(entity, &piece.fields)).collect();
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
            let pieces: Vec<usize> =
                cluster.members.iter().filter(|id| **id >= ROW_BASE).map(|id| (id - ROW_BASE) as usize).collect();
            if pieces.is_empty() {
                continue;
            }
            let known = cluster.members.iter().filter(|id| **id < ROW_BASE).map(|id| RecordId(*id as i64));
            // A portal record wins over one that only we know; then the older one.
            let target =
                known.min_by_key(|id| (self.records.get(id).is_none_or(|record| record.portal_id.is_none()), *id));
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
        let missing = self.seen_before(world, entity, missing, &incoming, &mut places).await?;
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
                    Remedy::ReportBug,
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
        let sentence = format!(
            "the portal seems to have {} twice: record {left} and record {right} ({})",
            one.title(),
            other.title()
        );
        let details = json!({ "with": right.0, "score": twins.score, "why": twins.why });
        self.ledger.push(ledger::about(self.now, self.run.id, LedgerKind::Resolved, left, sentence, details));
    }

    /// Says of a row whose record it was found to be, and why.
    pub(crate) fn ledger_match(&mut self, run: &Run, found: &Match, row: i64) {
        let sentence = match (&found.link, found.was) {
            (Some(link), Was::InPortal) => {
                format!("row {row} is a record of the portal ({:.2}): {}", link.score, link.why.join(", "))
            }
            (Some(link), _) => format!("row {row} is the same as another ({:.2}): {}", link.score, link.why.join(", ")),
            (None, Was::Unknown) => format!("row {row} is new"),
            (None, _) => format!("row {row} belongs to a known record"),
        };
        let details = json!({ "row": row, "score": found.link.as_ref().map(|link| link.score) });
        self.ledger.push(ledger::about(self.now, run.id, LedgerKind::Resolved, found.record, sentence, details));
    }
}
