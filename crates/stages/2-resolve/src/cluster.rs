//! Cluster: joins pairs into people and companies, never across what must stay apart.

use std::collections::HashMap;

/// A pair that looks the same, by position; the better rank on the left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Edge {
    pub left: usize,
    pub right: usize,
    pub probability: f64,
}

/// How many members of each side are asked whether they contradict the other side.
const ASKED_MAX: usize = 24;

/// What the joining needs to know about the subjects, by position.
pub(crate) struct Constraints<'a> {
    /// The portal record a subject is, if any. Two different ones never meet.
    pub portal_ids: &'a [Option<&'a str>],
    /// Decided by a person: whom a subject is never together with; both directions.
    pub different: &'a HashMap<usize, Vec<usize>>,
    /// The place of a subject in the order of preference; breaks ties.
    pub rank: &'a [usize],
}

/// Why a pair was not joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Both sides are portal records already.
    TwoPortalRecords,
    /// A person said no.
    DecidedDifferent,
    /// Members of the two sides contradict each other.
    Contradiction,
}

/// Clusters while they grow.
pub(crate) struct Clusters<'a> {
    root: Vec<usize>,
    members: Vec<Vec<usize>>,
    constraints: Constraints<'a>,
}

impl<'a> Clusters<'a> {
    /// Every subject on its own.
    pub(crate) fn new(constraints: Constraints<'a>) -> Self {
        let count = constraints.rank.len();
        Clusters {
            root: (0..count).collect(),
            members: (0..count).map(|position| vec![position]).collect(),
            constraints,
        }
    }

    /// The cluster of a subject, named by the position of one of its members.
    pub(crate) fn of(&self, mut position: usize) -> usize {
        while self.root[position] != position {
            position = self.root[position];
        }
        position
    }

    /// Joins the clusters of two subjects unless something forbids it. `contradicts` is asked for pairs across the two
    /// clusters. True when two clusters became one.
    pub(crate) fn join(
        &mut self,
        left: usize,
        right: usize,
        contradicts: impl Fn(usize, usize) -> bool,
    ) -> Result<bool, Refusal> {
        let (a, b) = (self.of(left), self.of(right));
        if a == b {
            return Ok(false);
        }
        if let Some(refusal) = self.forbidden(a, b) {
            return Err(refusal);
        }
        let across = |x: usize| self.members[b].iter().take(ASKED_MAX).map(move |y| (x, *y));
        if self.members[a].iter().take(ASKED_MAX).flat_map(|x| across(*x)).any(|(x, y)| contradicts(x, y)) {
            return Err(Refusal::Contradiction);
        }
        let (big, small) = if self.members[a].len() >= self.members[b].len() { (a, b) } else { (b, a) };
        let moved = std::mem::take(&mut self.members[small]);
        self.members[big].extend(moved);
        self.root[small] = big;
        Ok(true)
    }

    /// What forbids that two clusters become one, whatever they look like.
    pub(crate) fn forbidden(&self, a: usize, b: usize) -> Option<Refusal> {
        if let (Some(x), Some(y)) = (self.portal_member(a), self.portal_member(b))
            && self.constraints.portal_ids[x] != self.constraints.portal_ids[y]
        {
            return Some(Refusal::TwoPortalRecords);
        }
        if self.constraints.different.is_empty() {
            return None;
        }
        let (big, small) = if self.members[a].len() >= self.members[b].len() { (a, b) } else { (b, a) };
        let mut barred =
            self.members[small].iter().filter_map(|member| self.constraints.different.get(member)).flatten();
        barred.any(|other| self.of(*other) == big).then_some(Refusal::DecidedDifferent)
    }

    /// The best member of a cluster that is a portal record.
    pub(crate) fn portal_member(&self, root: usize) -> Option<usize> {
        let members =
            self.members[root].iter().copied().filter(|member| self.constraints.portal_ids[*member].is_some());
        members.min_by_key(|member| self.constraints.rank[*member])
    }

    /// Joins pairs, the most probable first; ties go to the subjects with the better rank. Gives the pairs that joined
    /// two clusters and those that were refused.
    pub(crate) fn join_all(
        &mut self,
        edges: &mut [Edge],
        contradicts: impl Fn(usize, usize) -> bool,
    ) -> (Vec<Edge>, Vec<(Edge, Refusal)>) {
        let rank = self.constraints.rank;
        let ranks = |edge: &Edge| (rank[edge.left], rank[edge.right]);
        edges.sort_by(|a, b| b.probability.total_cmp(&a.probability).then_with(|| ranks(a).cmp(&ranks(b))));
        let (mut joined, mut refused) = (Vec::new(), Vec::new());
        for edge in edges.iter() {
            match self.join(edge.left, edge.right, &contradicts) {
                Ok(true) => joined.push(*edge),
                Ok(false) => {}
                Err(refusal) => refused.push((*edge, refusal)),
            }
        }
        (joined, refused)
    }

    /// The clusters, members and clusters in order of rank.
    pub(crate) fn into_sorted(self) -> Vec<Vec<usize>> {
        let rank = self.constraints.rank;
        let mut clusters: Vec<Vec<usize>> = self.members.into_iter().filter(|members| !members.is_empty()).collect();
        for members in &mut clusters {
            members.sort_unstable_by_key(|member| rank[*member]);
        }
        clusters.sort_unstable_by_key(|members| rank[members[0]]);
        clusters
    }
}

/// Keeps the most probable of several pairs between the same two clusters.
pub(crate) fn best_between(
    pairs: impl Iterator<Item = Edge>,
    rank: &[usize],
    cluster_of: impl Fn(usize) -> usize,
) -> Vec<Edge> {
    let mut best: HashMap<(usize, usize), Edge> = HashMap::new();
    for edge in pairs {
        let (a, b) = (cluster_of(edge.left), cluster_of(edge.right));
        if a == b {
            continue;
        }
        let ranks = |edge: &Edge| (rank[edge.left], rank[edge.right]);
        let better = |known: &Edge| {
            edge.probability.total_cmp(&known.probability).then_with(|| ranks(known).cmp(&ranks(&edge))).is_gt()
        };
        best.entry((a.min(b), a.max(b)))
            .and_modify(|known| {
                if better(known) {
                    *known = edge
                }
            })
            .or_insert(edge);
    }
    best.into_values().collect()
}
