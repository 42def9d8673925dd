//! Resolve: from subjects to clusters, with what was merged, what a person must decide, and what the portal has twice.

use std::collections::HashMap;

use evergreen_model::{Entity, Fields};

use crate::block::{candidate_pairs, hash, keys_of};
use crate::cluster::{Clusters, Constraints, Edge, Refusal, best_between};
use crate::compare::{Comparison, compare as compare_features};
use crate::explain::why;
use crate::features::Features;
use crate::score::{Scored, score};
use crate::settings::Settings;

/// A row or record that may be the same as others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Opaque and unique; among equals the lower is preferred as primary.
    pub id: u64,
    /// Contact or company.
    pub entity: Entity,
    /// Tidied fields, see [`crate::normalize::tidy_fields`].
    pub fields: Fields,
    /// The portal record it is. Subjects with one portal id are one; with two they never share a cluster.
    pub portal_id: Option<String>,
    /// Already a record in the store.
    pub existing: bool,
}

/// What people have decided, as pairs of subject ids in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// Pairs that are one.
    pub same: Vec<(u64, u64)>,
    /// Pairs that are two; stronger than `same`.
    pub different: Vec<(u64, u64)>,
}

/// Subjects that are one person or company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Ids; the first is the primary: a portal record before an existing record before the lowest id.
    pub members: Vec<u64>,
}

/// Two subjects and how alike they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The lower id.
    pub left: u64,
    /// The higher id.
    pub right: u64,
    /// Match probability, 0 to 1.
    pub score: f64,
    /// Why, comparison by comparison.
    pub why: Vec<String>,
}

/// Who is who.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resolution {
    /// Every subject is in exactly one.
    pub clusters: Vec<Cluster>,
    /// The pairs that joined clusters, one fewer per cluster than it has members.
    pub links: Vec<Pair>,
    /// Pairs a person must decide: of `review` or more, between different clusters, the best one for any two clusters.
    /// Includes pairs of `match` and more that would have joined subjects that contradict each other.
    pub held: Vec<Pair>,
    /// Two portal records that look the same, or that one subject looks the same as; never merged here.
    pub portal_twins: Vec<Pair>,
}

/// Compares two subjects and explains the result, whether they match or not.
#[must_use]
pub fn compare(a: &Subject, b: &Subject, settings: &Settings) -> Pair {
    let (a, b) = if a.id <= b.id { (a, b) } else { (b, a) };
    let (x, y) = (Read::new(a), Read::new(b));
    match scored(&x, &y, settings) {
        Some((comparison, scored)) => explained(a, b, &comparison, &scored),
        None => {
            Pair { left: a.id, right: b.id, score: 0.0, why: vec!["a contact and a company are never one".to_owned()] }
        }
    }
}

/// Finds out which subjects are one. The order of the subjects makes no difference.
#[must_use]
pub fn resolve(subjects: &[Subject], decided: &Decided, settings: &Settings) -> Resolution {
    let case = Case::open(subjects, settings);
    let edges = case.score_candidates();
    let (same, different) = (case.positions(&decided.same), case.barred(&decided.different));
    let portal_ids: Vec<Option<&str>> = subjects.iter().map(|subject| subject.portal_id.as_deref()).collect();
    let mut clusters = Clusters::new(Constraints { portal_ids: &portal_ids, different: &different, rank: &case.rank });

    let mut links = case.join_one_portal_record(&mut clusters, &portal_ids);
    links.extend(case.join_decided(&mut clusters, &same));
    let mut matching: Vec<Edge> = edges.iter().copied().filter(|edge| edge.probability >= settings.match_).collect();
    let (joined, refused) = clusters.join_all(&mut matching, |x, y| case.contradict(x, y));
    links.extend(joined.iter().map(|edge| case.pair(edge.left, edge.right)));
    let held = case.questions(&edges, &clusters);
    let portal_twins = case.portal_twins(&edges, &refused, &clusters);
    let clusters = clusters.into_sorted().into_iter();
    Resolution {
        clusters: clusters
            .map(|members| Cluster { members: members.into_iter().map(|member| subjects[member].id).collect() })
            .collect(),
        links: sorted(links),
        held: sorted(held),
        portal_twins: sorted(portal_twins),
    }
}

/// The subjects of one call with what was read from them once.
struct Case<'a> {
    subjects: &'a [Subject],
    settings: &'a Settings,
    reads: Vec<Read>,
    /// Positions in order of preference.
    order: Vec<usize>,
    /// The place of each position in that order.
    rank: Vec<usize>,
}

/// What is read from a subject once.
struct Read {
    features: Features,
    /// Hashes of the blocking keys, sorted.
    keys: Vec<u64>,
}

impl Read {
    fn new(subject: &Subject) -> Read {
        let features = Features::read(subject.entity, &subject.fields);
        let mut keys: Vec<u64> = keys_of(&features).iter().map(|key| hash(subject.entity, key)).collect();
        keys.sort_unstable();
        Read { features, keys }
    }

    fn shares_key(&self, other: &Read) -> bool {
        self.keys.iter().any(|key| other.keys.binary_search(key).is_ok())
    }
}

fn scored(a: &Read, b: &Read, settings: &Settings) -> Option<(Comparison, Scored)> {
    let comparison = compare_features(&a.features, &b.features)?;
    let scored = score(&comparison, a.shares_key(b), settings);
    Some((comparison, scored))
}

fn explained(a: &Subject, b: &Subject, comparison: &Comparison, scored: &Scored) -> Pair {
    Pair { left: a.id, right: b.id, score: scored.probability, why: why(&a.fields, &b.fields, comparison, scored) }
}

fn sorted(mut pairs: Vec<Pair>) -> Vec<Pair> {
    pairs.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| (a.left, a.right).cmp(&(b.left, b.right))));
    pairs
}

impl<'a> Case<'a> {
    fn open(subjects: &'a [Subject], settings: &'a Settings) -> Self {
        let mut order: Vec<usize> = (0..subjects.len()).collect();
        order.sort_by_key(|position| {
            let subject = &subjects[*position];
            (subject.portal_id.is_none(), !subject.existing, subject.id)
        });
        let mut rank = vec![0; subjects.len()];
        for (place, position) in order.iter().enumerate() {
            rank[*position] = place;
        }
        Case { subjects, settings, reads: subjects.iter().map(Read::new).collect(), order, rank }
    }

    /// Every pair that shares a key and scores `review` or more. Two records that the store had before were compared when
    /// the later of them came in; comparing them again for every new row would make a run slower with every run before it.
    fn score_candidates(&self) -> Vec<Edge> {
        let keys: Vec<&[u64]> = self.reads.iter().map(|read| read.keys.as_slice()).collect();
        candidate_pairs(&keys, &self.order)
            .into_iter()
            .filter(|(left, right)| !(self.subjects[*left].existing && self.subjects[*right].existing))
            .filter_map(|(left, right)| {
                let (_, scored) = scored(&self.reads[left], &self.reads[right], self.settings)?;
                let (left, right) = if self.rank[left] <= self.rank[right] { (left, right) } else { (right, left) };
                (scored.probability >= self.settings.review).then_some(Edge {
                    left,
                    right,
                    probability: scored.probability,
                })
            })
            .collect()
    }

    /// Pairs of ids as positions, sorted; unknown ids are left out.
    fn positions(&self, pairs: &[(u64, u64)]) -> Vec<(usize, usize)> {
        let by_id: HashMap<u64, usize> =
            self.order.iter().rev().map(|position| (self.subjects[*position].id, *position)).collect();
        let found = pairs.iter().filter_map(|(left, right)| Some((*by_id.get(left)?, *by_id.get(right)?)));
        let mut found: Vec<(usize, usize)> = found.filter(|(left, right)| left != right).collect();
        found.sort_unstable_by_key(|(left, right)| {
            (self.rank[*left].min(self.rank[*right]), self.rank[*left].max(self.rank[*right]))
        });
        found
    }

    fn barred(&self, pairs: &[(u64, u64)]) -> HashMap<usize, Vec<usize>> {
        let mut barred: HashMap<usize, Vec<usize>> = HashMap::new();
        for (left, right) in self.positions(pairs) {
            barred.entry(left).or_default().push(right);
            barred.entry(right).or_default().push(left);
        }
        barred
    }

    fn contradict(&self, x: usize, y: usize) -> bool {
        scored(&self.reads[x], &self.reads[y], self.settings).is_none_or(|(_, scored)| scored.is_contradiction)
    }

    /// The pair of two positions, explained.
    fn pair(&self, x: usize, y: usize) -> Pair {
        compare(&self.subjects[x], &self.subjects[y], self.settings)
    }

    fn certain(&self, x: usize, y: usize, why: &str) -> Pair {
        let (a, b) = (self.subjects[x].id, self.subjects[y].id);
        Pair { left: a.min(b), right: a.max(b), score: 1.0, why: vec![why.to_owned()] }
    }

    fn join_one_portal_record(&self, clusters: &mut Clusters, portal_ids: &[Option<&str>]) -> Vec<Pair> {
        let mut first: HashMap<(Entity, &str), usize> = HashMap::new();
        let mut links = Vec::new();
        for &position in &self.order {
            let Some(portal_id) = portal_ids[position] else { continue };
            let known = *first.entry((self.subjects[position].entity, portal_id)).or_insert(position);
            if clusters.join(known, position, |_, _| false) == Ok(true) {
                links.push(self.certain(known, position, "same portal record"));
            }
        }
        links
    }

    fn join_decided(&self, clusters: &mut Clusters, same: &[(usize, usize)]) -> Vec<Pair> {
        let mut links = Vec::new();
        for &(left, right) in same {
            let one_entity = self.subjects[left].entity == self.subjects[right].entity;
            if one_entity && clusters.join(left, right, |_, _| false) == Ok(true) {
                links.push(self.certain(left, right, "decided by a person"));
            }
        }
        links
    }

    /// One question for any two clusters that may still be one.
    fn questions(&self, edges: &[Edge], clusters: &Clusters) -> Vec<Pair> {
        let best = best_between(edges.iter().copied(), &self.rank, |position| clusters.of(position));
        best.into_iter()
            .filter(|edge| clusters.forbidden(clusters.of(edge.left), clusters.of(edge.right)).is_none())
            .map(|edge| {
                let mut question = self.pair(edge.left, edge.right);
                if question.score >= self.settings.match_ {
                    question.why.push("not merged: others in the two groups contradict each other".to_owned());
                }
                question
            })
            .collect()
    }

    /// Portal records that look the same, or that were kept apart although one subject looks the same as both.
    fn portal_twins(&self, edges: &[Edge], refused: &[(Edge, Refusal)], clusters: &Clusters) -> Vec<Pair> {
        let is_portal = |position: usize| self.subjects[position].portal_id.is_some();
        let mut twins: HashMap<(usize, usize), Pair> = HashMap::new();
        let direct = edges
            .iter()
            .filter(|edge| edge.probability >= self.settings.match_ && is_portal(edge.left) && is_portal(edge.right));
        let bridged = refused.iter().filter(|(_, refusal)| *refusal == Refusal::TwoPortalRecords).map(|(edge, _)| edge);
        let mut suspicions: Vec<&Edge> = direct.chain(bridged).collect();
        suspicions.sort_by_key(|edge| (self.rank[edge.left], self.rank[edge.right]));
        suspicions.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        for edge in suspicions {
            let (a, b) = (clusters.of(edge.left), clusters.of(edge.right));
            let (Some(x), Some(y)) = (clusters.portal_member(a), clusters.portal_member(b)) else { continue };
            if a == b || clusters.forbidden(a, b) != Some(Refusal::TwoPortalRecords) {
                continue;
            }
            twins.entry((a.min(b), a.max(b))).or_insert_with(|| {
                let mut pair = self.pair(x, y);
                if pair.score < edge.probability {
                    let (left, right) = (self.subjects[edge.left].id, self.subjects[edge.right].id);
                    pair.score = edge.probability;
                    pair.why.push(format!("{left} and {right}, one of each, look the same"));
                }
                pair
            });
        }
        twins.into_values().collect()
    }
}
