//! Which records belong together: associations readable from both ends, their labels, at most one primary per record.

use std::collections::{BTreeMap, HashMap};

use super::kind::Kind;
use super::link_types::{self, Label};

/// A record, whatever its kind.
pub(crate) type Ref = (Kind, u64);

/// How an association is made.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Joining<'a> {
    /// Unlabelled; labels already there stay.
    Plain,
    /// These labels beside the ones already there.
    Add(&'a [Label]),
    /// These labels and no others.
    Replace(&'a [Label]),
}

/// The far end of an association, 16 bytes.
#[derive(Debug, Clone, Copy)]
struct End {
    to: u64,
    kind: Kind,
    /// Number of the label set; 0 is "no label".
    set: u32,
}

/// A label a portal made itself, and how it reads from the other end.
#[derive(Debug, Clone)]
pub(crate) struct CustomLabel {
    pub from: Kind,
    pub to: Kind,
    pub id: u16,
    pub inverse: u16,
    pub label: String,
    pub name: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Links {
    /// One map per kind; ends are sorted by kind and id.
    ends: Vec<BTreeMap<u64, Vec<End>>>,
    sets: Vec<Vec<Label>>,
    set_of: HashMap<Vec<Label>, u32>,
    pub custom: Vec<CustomLabel>,
}

impl Default for Links {
    fn default() -> Links {
        Links {
            ends: vec![BTreeMap::new(); Kind::ALL.len()],
            sets: vec![Vec::new()],
            set_of: HashMap::from([(Vec::new(), 0)]),
            custom: Vec::new(),
        }
    }
}

impl Links {
    fn set(&mut self, mut labels: Vec<Label>) -> u32 {
        labels.sort_unstable();
        labels.dedup();
        if let Some(set) = self.set_of.get(&labels) {
            return *set;
        }
        let set = self.sets.len() as u32;
        self.sets.push(labels.clone());
        self.set_of.insert(labels, set);
        set
    }

    fn end(&self, from: Ref, to: Ref) -> Option<&End> {
        let ends = self.ends[from.0.place()].get(&from.1)?;
        ends.binary_search_by_key(&to, |end| (end.kind, end.to)).ok().map(|at| &ends[at])
    }

    /// The labels of a pair as seen from `from`; none when the two are not associated.
    pub(crate) fn labels(&self, from: Ref, to: Ref) -> Option<&[Label]> {
        self.end(from, to).map(|end| self.sets[end.set as usize].as_slice())
    }

    fn write(&mut self, from: Ref, to: Ref, labels: Vec<Label>) {
        let set = self.set(labels);
        let ends = self.ends[from.0.place()].entry(from.1).or_default();
        match ends.binary_search_by_key(&to, |end| (end.kind, end.to)) {
            Ok(at) => ends[at].set = set,
            Err(at) => {
                if ends.is_empty() {
                    ends.reserve_exact(1);
                }
                ends.insert(at, End { to: to.1, kind: to.0, set });
            }
        }
    }

    fn both(&mut self, from: Ref, to: Ref, labels: Vec<Label>) {
        let back = labels.iter().filter_map(|label| self.inverse(from.0, to.0, *label)).collect();
        self.write(from, to, labels);
        self.write(to, from, back);
    }

    /// The same label seen from the other end.
    pub(crate) fn inverse(&self, from: Kind, to: Kind, label: Label) -> Option<Label> {
        if label.custom {
            let custom = self.custom.iter().find(|one| (one.from, one.to, one.id) == (from, to, label.id))?;
            return Some(Label { custom: true, id: custom.inverse });
        }
        link_types::defined(from, to).find(|one| one.id == label.id).map(|one| Label::own(one.inverse))
    }

    /// Whether the label may stand between these kinds, in this direction.
    pub(crate) fn allows(&self, from: Kind, to: Kind, label: Label) -> bool {
        self.inverse(from, to, label).is_some()
    }

    /// Associates two records. The first company of a contact becomes its primary one; a further primary
    /// demotes the one before. True when something changed.
    pub(crate) fn join(&mut self, from: Ref, to: Ref, how: Joining<'_>) -> bool {
        let before = self.labels(from, to).map(<[Label]>::to_vec);
        let plain = |label: &Label| Some(label.id) != link_types::unlabelled(from.0, to.0) || label.custom;
        let mut labels = before.clone().unwrap_or_default();
        match how {
            Joining::Plain => {}
            Joining::Add(more) => labels.extend(more.iter().copied().filter(plain)),
            Joining::Replace(only) => labels = only.iter().copied().filter(plain).collect(),
        }
        for (from, to, primary) in
            [(from, to, link_types::primary(from.0, to.0)), (to, from, link_types::primary(from.0, to.0))]
        {
            let Some(primary) = primary.filter(|_| link_types::one_primary(from.0, to.0)) else {
                continue;
            };
            let primary = Label::own(primary);
            if labels.contains(&primary) {
                self.demote(from, to);
            } else if before.is_none() && self.of(from, to.0).next().is_none() {
                labels.push(primary);
            }
        }
        labels.sort_unstable();
        labels.dedup();
        if before.as_ref() == Some(&labels) {
            return false;
        }
        self.both(from, to, labels);
        true
    }

    /// Takes the primary label off every other pair of the record that may have one primary only.
    fn demote(&mut self, from: Ref, keep: Ref) {
        let Some(primary) = link_types::primary(from.0, keep.0).map(Label::own) else {
            return;
        };
        let others: Vec<u64> = self.of(from, keep.0).filter(|id| *id != keep.1).collect();
        for id in others {
            let other = (keep.0, id);
            let labels = self.labels(from, other).unwrap_or_default().to_vec();
            if labels.contains(&primary) {
                self.both(from, other, labels.into_iter().filter(|label| *label != primary).collect());
            }
        }
    }

    /// Takes a pair away, with all its labels.
    pub(crate) fn part(&mut self, from: Ref, to: Ref) -> bool {
        self.cut(from, to) && self.cut(to, from)
    }

    fn cut(&mut self, from: Ref, to: Ref) -> bool {
        let map = &mut self.ends[from.0.place()];
        let Some(ends) = map.get_mut(&from.1) else {
            return false;
        };
        let Ok(at) = ends.binary_search_by_key(&to, |end| (end.kind, end.to)) else {
            return false;
        };
        ends.remove(at);
        if ends.is_empty() {
            map.remove(&from.1);
        }
        true
    }

    /// Takes single labels off a pair; taking the unlabelled type off ends the association.
    pub(crate) fn strip(&mut self, from: Ref, to: Ref, labels: &[Label]) -> bool {
        let Some(before) = self.labels(from, to).map(<[Label]>::to_vec) else {
            return false;
        };
        let unlabelled = link_types::unlabelled(from.0, to.0).map(Label::own);
        if labels.iter().any(|label| Some(*label) == unlabelled) {
            return self.part(from, to);
        }
        let after: Vec<Label> = before.iter().copied().filter(|label| !labels.contains(label)).collect();
        let changed = after != before;
        if changed {
            self.both(from, to, after);
        }
        changed
    }

    /// Takes a label that was deleted off every pair that carries it.
    pub(crate) fn forget(&mut self, from: Kind, to: Kind, label: Label) {
        let pairs: Vec<(Ref, Ref)> = self.ends[from.place()]
            .iter()
            .flat_map(|(id, ends)| ends.iter().map(|end| ((from, *id), (end.kind, end.to), end.set)))
            .filter(|(_, other, set)| other.0 == to && self.sets[*set as usize].contains(&label))
            .map(|(one, other, _)| (one, other))
            .collect();
        for (one, other) in pairs {
            self.strip(one, other, &[label]);
        }
    }

    /// The records of a kind that are associated with a record, in the order of their ids.
    pub(crate) fn of(&self, from: Ref, to: Kind) -> impl Iterator<Item = u64> {
        let ends = self.ends[from.0.place()].get(&from.1).map_or(&[][..], Vec::as_slice);
        let start = ends.partition_point(|end| end.kind < to);
        ends[start..].iter().take_while(move |end| end.kind == to).map(|end| end.to)
    }

    /// Everything associated with a record.
    pub(crate) fn all(&self, from: Ref) -> Vec<Ref> {
        self.ends[from.0.place()]
            .get(&from.1)
            .map(|ends| ends.iter().map(|end| (end.kind, end.to)).collect())
            .unwrap_or_default()
    }

    pub(crate) fn count(&self, from: Ref, to: Kind) -> usize {
        self.of(from, to).count()
    }

    /// The record of a kind that carries the primary label.
    pub(crate) fn primary(&self, from: Ref, to: Kind) -> Option<u64> {
        let primary = Label::own(link_types::primary(from.0, to)?);
        self.of(from, to).find(|id| self.labels(from, (to, *id)).is_some_and(|labels| labels.contains(&primary)))
    }

    pub(crate) fn companies_of(&self, contact: u64) -> Vec<u64> {
        self.of((Kind::Contact, contact), Kind::Company).collect()
    }

    pub(crate) fn contacts_of(&self, company: u64) -> impl Iterator<Item = u64> {
        self.of((Kind::Company, company), Kind::Contact)
    }

    /// A contact's primary company.
    pub(crate) fn primary_of(&self, contact: u64) -> Option<u64> {
        self.primary((Kind::Contact, contact), Kind::Company)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Ref = (Kind::Contact, 1);
    const ACME: Ref = (Kind::Company, 10);
    const BOLT: Ref = (Kind::Company, 11);

    #[test]
    fn the_first_company_is_primary_until_another_is_made_so() {
        let mut links = Links::default();
        assert!(links.join(ANN, ACME, Joining::Plain));
        assert!(links.join(BOLT, ANN, Joining::Plain));
        assert_eq!(links.primary_of(1), Some(10));
        assert!(links.join(ANN, BOLT, Joining::Add(&[Label::own(1)])));
        assert!(!links.join(ANN, BOLT, Joining::Plain));
        assert_eq!(links.primary_of(1), Some(11));
        assert_eq!(links.labels(ACME, ANN), Some(&[][..]));
        assert_eq!(links.labels(BOLT, ANN), Some(&[Label::own(2)][..]));
        assert!(links.part(ANN, BOLT));
        assert_eq!((links.primary_of(1), links.contacts_of(11).count()), (None, 0));
    }

    #[test]
    fn a_primary_set_from_the_company_demotes_too() {
        let mut links = Links::default();
        links.join(ANN, ACME, Joining::Plain);
        links.join(BOLT, ANN, Joining::Replace(&[Label::own(2)]));
        assert_eq!(links.primary_of(1), Some(11));
        assert_eq!(links.labels(ACME, ANN), Some(&[][..]));
    }

    #[test]
    fn taking_the_unlabelled_type_off_ends_the_association() {
        let mut links = Links::default();
        links.join(ANN, ACME, Joining::Plain);
        assert!(links.strip(ANN, ACME, &[Label::own(1)]));
        assert_eq!(links.labels(ANN, ACME), Some(&[][..]));
        assert!(links.strip(ANN, ACME, &[Label::own(279)]));
        assert_eq!(links.labels(ACME, ANN), None);
    }

    #[test]
    fn a_parent_sees_a_child_where_the_child_sees_a_parent() {
        let mut links = Links::default();
        links.join(ACME, BOLT, Joining::Add(&[Label::own(13)]));
        assert_eq!(links.labels(BOLT, ACME), Some(&[Label::own(14)][..]));
    }
}
