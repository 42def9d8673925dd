//! One record of the portal, packed small: its values, and for each value who wrote it when and what stood there before.

use super::source::WriterId;
use crate::clock::Millis;

pub(crate) use super::kind::Kind;

/// Index of a property in its object's schema.
pub(crate) type PropId = u16;

/// When a value was written, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub at: Millis,
    pub writer: WriterId,
}

/// A value with its stamp, as histories list them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub value: &'a str,
    pub stamp: Stamp,
}

/// Eight bytes per present value: its text ends at `end` of the record's text and begins where the cell before ends.
#[derive(Debug, Clone, Copy)]
struct Cell {
    prop: PropId,
    stamp: u16,
    end: u32,
}

/// A value that no longer stands.
#[derive(Debug, Clone)]
struct Past {
    prop: PropId,
    stamp: Stamp,
    value: Box<str>,
}

#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub id: u64,
    pub created: Millis,
    pub updated: Millis,
    pub archived: Option<Millis>,
    pub origin: WriterId,
    /// Sorted by property.
    cells: Box<[Cell]>,
    text: Box<str>,
    /// The distinct stamps of the cells: most records were written in one go.
    stamps: Box<[Stamp]>,
    /// Earlier values, oldest first; most records have none.
    #[expect(clippy::box_collection, reason = "one pointer in a million records, not three")]
    past: Option<Box<Vec<Past>>>,
}

impl Record {
    pub(crate) fn new(id: u64, stamp: Stamp) -> Record {
        Record {
            id,
            created: stamp.at,
            updated: stamp.at,
            archived: None,
            origin: stamp.writer,
            cells: Box::default(),
            text: Box::default(),
            stamps: Box::default(),
            past: None,
        }
    }

    fn place(&self, prop: PropId) -> Result<usize, usize> {
        self.cells.binary_search_by_key(&prop, |cell| cell.prop)
    }

    fn span(&self, at: usize) -> std::ops::Range<usize> {
        let start = if at == 0 { 0 } else { self.cells[at - 1].end as usize };
        start..self.cells[at].end as usize
    }

    /// The present value; a cleared one is the empty text.
    pub(crate) fn get(&self, prop: PropId) -> Option<&str> {
        self.place(prop).ok().map(|at| &self.text[self.span(at)])
    }

    /// Every property that has or had a value, in the schema's order.
    pub(crate) fn values(&self) -> impl Iterator<Item = (PropId, &str)> {
        (0..self.cells.len()).map(|at| (self.cells[at].prop, &self.text[self.span(at)]))
    }

    /// The newest entry of a property.
    pub(crate) fn latest(&self, prop: PropId) -> Option<Entry<'_>> {
        let at = self.place(prop).ok()?;
        Some(Entry { value: &self.text[self.span(at)], stamp: self.stamps[usize::from(self.cells[at].stamp)] })
    }

    /// All entries of a property, newest first.
    pub(crate) fn history(&self, prop: PropId) -> impl Iterator<Item = Entry<'_>> {
        let past = self.past.iter().flat_map(|past| past.iter().rev());
        self.latest(prop).into_iter().chain(
            past.filter(move |past| past.prop == prop).map(|past| Entry { value: &past.value, stamp: past.stamp }),
        )
    }

    /// Writes a value and remembers the one before, at most `depth` entries in all. The same value again, and an
    /// empty one where nothing ever stood, leave history and dates alone.
    pub(crate) fn set(&mut self, prop: PropId, value: &str, stamp: Stamp, depth: usize) -> bool {
        match self.get(prop) {
            None if value.is_empty() => return false,
            Some(now) if now == value => return false,
            _ => self.push(prop, value, stamp, depth),
        }
        true
    }

    /// Writes an entry whatever stood there: deliberate blanks and merges say so even when the value is the same.
    pub(crate) fn push(&mut self, prop: PropId, value: &str, stamp: Stamp, depth: usize) {
        if let Some(entry) = self.latest(prop) {
            let past = Past { prop, stamp: entry.stamp, value: entry.value.into() };
            let list = self.past.get_or_insert_default();
            if list.iter().filter(|one| one.prop == prop).count() + 1 >= depth
                && let Some(oldest) = list.iter().position(|one| one.prop == prop)
            {
                list.remove(oldest);
            }
            // After a merge the other record's entries may be newer than this one.
            let at = list.partition_point(|one| one.stamp.at <= past.stamp.at);
            list.insert(at, past);
        }
        self.replace(prop, value, stamp);
        self.updated = self.updated.max(stamp.at);
    }

    fn replace(&mut self, prop: PropId, value: &str, stamp: Stamp) {
        let place = self.place(prop);
        let (at, old) = match place {
            Ok(at) => (at, self.span(at)),
            Err(at) => {
                let start = if at == 0 { 0 } else { self.cells[at - 1].end as usize };
                (at, start..start)
            }
        };
        let mut text = String::with_capacity(self.text.len() - old.len() + value.len());
        text.push_str(&self.text[..old.start]);
        text.push_str(value);
        text.push_str(&self.text[old.end..]);
        let mut cells = Vec::with_capacity(self.cells.len() + 1);
        cells.extend_from_slice(&self.cells[..at]);
        cells.push(Cell { prop, stamp: 0, end: (old.start + value.len()) as u32 });
        cells.extend(
            self.cells[at + usize::from(place.is_ok())..]
                .iter()
                .map(|cell| Cell { end: (cell.end as usize - old.len() + value.len()) as u32, ..*cell }),
        );
        cells[at].stamp = self.stamp_place(stamp, place.is_ok().then_some(at));
        self.text = text.into();
        self.cells = cells.into();
    }

    /// Where a stamp is kept; the place of a stamp nobody uses any more is taken again.
    fn stamp_place(&mut self, stamp: Stamp, leaving: Option<usize>) -> u16 {
        if let Some(at) = self.stamps.iter().position(|known| *known == stamp) {
            return at as u16;
        }
        if let Some(leaving) = leaving {
            let place = self.cells[leaving].stamp;
            let shared = self.cells.iter().enumerate().any(|(at, cell)| at != leaving && cell.stamp == place);
            if !shared {
                self.stamps[usize::from(place)] = stamp;
                return place;
            }
        }
        let mut stamps = self.stamps.to_vec();
        stamps.push(stamp);
        self.stamps = stamps.into();
        (self.stamps.len() - 1) as u16
    }

    /// Takes over the history of a record that is merged into this one: its entries sort in by time.
    pub(crate) fn inherit(&mut self, other: &Record, depth: usize) {
        let mut all: Vec<Past> = self.past.take().map(|past| *past).unwrap_or_default();
        for (prop, _) in other.values() {
            all.extend(other.history(prop).map(|entry| Past { prop, stamp: entry.stamp, value: entry.value.into() }));
        }
        all.sort_by_key(|past| past.stamp.at);
        let mut kept: Vec<Past> = Vec::with_capacity(all.len());
        for past in all.into_iter().rev() {
            if kept.iter().filter(|one| one.prop == past.prop).count() + 1 < depth {
                kept.push(past);
            }
        }
        kept.reverse();
        self.past = (!kept.is_empty()).then(|| Box::new(kept));
        self.created = self.created.min(other.created);
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::{Source, Writers};
    use super::*;

    fn stamp(at: Millis) -> Stamp {
        Stamp { at, writer: Writers::default().id(&Source::app(1)) }
    }

    #[test]
    fn values_and_histories_survive_the_packing() {
        let mut record = Record::new(1, stamp(0));
        assert!(record.set(7, "seven", stamp(1), 40));
        assert!(record.set(3, "three", stamp(1), 40));
        assert!(!record.set(9, "", stamp(1), 40) && record.get(9).is_none());
        assert!(record.set(3, "a longer three", stamp(2), 40));
        assert!(!record.set(3, "a longer three", stamp(3), 40));
        assert!(record.set(5, "five", stamp(4), 40));
        assert!(record.set(3, "", stamp(5), 40));
        let all: Vec<_> = record.values().collect();
        assert_eq!(all, [(3, ""), (5, "five"), (7, "seven")]);
        let past: Vec<_> = record.history(3).map(|entry| (entry.value, entry.stamp.at)).collect();
        assert_eq!(past, [("", 5), ("a longer three", 2), ("three", 1)]);
        assert_eq!(record.updated, 5);
    }

    #[test]
    fn a_history_is_no_deeper_than_told_and_keeps_the_newest() {
        let mut record = Record::new(1, stamp(0));
        for at in 0..100 {
            record.set(1, &at.to_string(), stamp(at), 5);
        }
        let values: Vec<_> = record.history(1).map(|entry| entry.value).collect();
        assert_eq!(values, ["99", "98", "97", "96", "95"]);
        assert_eq!(record.stamps.len(), 1);
    }

    #[test]
    fn a_merged_history_is_sorted_by_time() {
        let (mut one, mut two) = (Record::new(1, stamp(10)), Record::new(2, stamp(5)));
        one.set(1, "a", stamp(10), 40);
        one.set(1, "b", stamp(30), 40);
        two.set(1, "x", stamp(20), 40);
        one.inherit(&two, 40);
        one.push(1, "b", stamp(50), 40);
        let past: Vec<_> = one.history(1).map(|entry| (entry.value, entry.stamp.at)).collect();
        assert_eq!(past, [("b", 50), ("b", 30), ("x", 20), ("a", 10)]);
        assert_eq!(one.created, 5);
    }
}
