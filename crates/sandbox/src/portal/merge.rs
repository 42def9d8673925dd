//! Merging two records: a new id unless the portal keeps the primary's, both old ids lead there, both histories live on.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Portal;
use super::changes::What;
use super::errors::Refusal;
use super::links::Joining;
use super::objects::text;
use super::record::{Kind, PropId, Record, Stamp};
use super::source::Source;
use crate::wire::Reply;

/// A profile may not be known by more addresses and ids than this.
const IDENTITIES_MAX: usize = 250;

impl Portal {
    /// `POST O/merge`.
    pub(crate) fn merge_call(&mut self, kind: Kind, body: &Value, stamp: Stamp) -> Result<Reply, Refusal> {
        let id = |key: &str| {
            text(&body[key]).ok_or_else(|| Refusal::invalid(format!("Some required fields were not set: [{key}]")))
        };
        let (primary, other) = (id("primaryObjectId")?, id("objectIdToMerge")?);
        let find = |id: &str| {
            self.table(kind)
                .resolve_merged(id, None)
                .ok()
                .flatten()
                .ok_or_else(|| Refusal::gone(kind, vec![id.to_owned()]))
        };
        let (primary, other) = (find(&primary)?, find(&other)?);
        let survivor = self.merge(kind, primary, other, stamp)?;
        let body = self.written(kind, survivor, &serde_json::Map::new(), Vec::new());
        Ok(Reply::json(200, Value::Object(body)).changed())
    }

    /// Merges `other` into `primary` and answers with the id of what remains.
    pub(crate) fn merge(&mut self, kind: Kind, primary: u64, other: u64, stamp: Stamp) -> Result<u64, Refusal> {
        if primary == other {
            return Err(Refusal::invalid(format!("Cannot merge {} {primary} with itself", kind.singular())));
        }
        let gone = |id: u64| Refusal::gone(kind, vec![id.to_string()]);
        let one = self.table(kind).live(primary).cloned().ok_or_else(|| gone(primary))?;
        let two = self.table(kind).live(other).cloned().ok_or_else(|| gone(other))?;
        let ids = self.merged_ids(kind, &one, &two);
        if self.addresses(kind, &one).len() + self.addresses(kind, &two).len() + ids.len() > IDENTITIES_MAX {
            return Err(Refusal::new(414, "VALIDATION_ERROR", "Cannot have more than 250 identities on a profile"));
        }

        let keep = self.settings.preserve_primary_id;
        let survivor = if keep {
            primary
        } else {
            self.next_id += 1;
            self.next_id - 1
        };
        let joined: Vec<_> = [primary, other]
            .into_iter()
            .flat_map(|id| {
                let ends = self.links.all((kind, id));
                ends.into_iter().map(move |end| (id, end)).collect::<Vec<_>>()
            })
            .map(|(id, end)| (end, self.links.labels((kind, id), end).unwrap_or_default().to_vec()))
            .collect();
        for id in [primary, other] {
            for end in self.links.all((kind, id)) {
                self.links.part((kind, id), end);
            }
            self.table_mut(kind).erase(id);
        }

        let mut record = one.clone();
        record.id = survivor;
        record.inherit(&two, self.settings.history_depth);
        record.updated = stamp.at;
        self.table_mut(kind).insert(record);
        let moved = self.merge_values(kind, survivor, &one, &two, &ids, stamp);

        let mut primary_taken = BTreeSet::new();
        for (end, mut labels) in joined.into_iter().filter(|(end, _)| *end != (kind, primary) && *end != (kind, other))
        {
            // The primary record's primary company stays the primary one.
            if self.links.primary((kind, survivor), end.0).is_some() && primary_taken.contains(&end.0) {
                labels.retain(|label| Some(label.id) != super::link_types::primary(kind, end.0) || label.custom);
            }
            self.links.join((kind, survivor), end, Joining::Add(&labels));
            primary_taken.insert(end.0);
            self.links_changed((kind, survivor), end, stamp);
        }
        for id in [primary, other] {
            self.table_mut(kind).redirect(id, survivor);
        }
        self.note(kind, survivor, stamp, What::Merged { primary, other, values_moved: moved });
        Ok(survivor)
    }

    fn addresses<'a>(&self, kind: Kind, record: &'a Record) -> Vec<&'a str> {
        let known = self.table(kind).schema.known;
        let texts = [known.email, known.more_emails].into_iter().flatten().filter_map(|prop| record.get(prop));
        texts.flat_map(|text| text.split(';')).filter(|address| !address.is_empty()).collect()
    }

    fn merged_ids(&self, kind: Kind, one: &Record, two: &Record) -> BTreeSet<u64> {
        let prop = self.table(kind).schema.id("hs_merged_object_ids");
        let before = [one, two].into_iter().filter_map(|record| record.get(prop?));
        let mut ids: BTreeSet<u64> = before.flat_map(|text| text.split(';')).filter_map(|id| id.parse().ok()).collect();
        ids.insert(two.id);
        if !self.settings.preserve_primary_id {
            ids.insert(one.id);
        }
        ids
    }

    /// The primary's values win except where they are empty; the loser's addresses become additional ones.
    fn merge_values(
        &mut self,
        kind: Kind,
        survivor: u64,
        one: &Record,
        two: &Record,
        ids: &BTreeSet<u64>,
        stamp: Stamp,
    ) -> usize {
        let known = self.table(kind).schema.known;
        let writer = self.writers.id(&Source::machine(kind.merge_source()));
        let merged = Stamp { writer, ..stamp };
        let apart: Vec<PropId> = [known.email, known.more_emails, known.company].into_iter().flatten().collect();
        let mut moved = 0;
        let contested: Vec<(PropId, String)> = two
            .values()
            .filter(|(prop, value)| !apart.contains(prop) && !value.is_empty())
            .map(|(prop, value)| {
                let own = one.get(prop).filter(|own| !own.is_empty());
                moved += usize::from(own.is_none());
                (prop, own.unwrap_or(value).to_owned())
            })
            .collect();
        for (prop, value) in contested {
            self.put_entry(kind, survivor, prop, &value, merged, true);
        }
        if kind == Kind::Contact {
            let mut all = self.addresses(kind, one);
            all.extend(self.addresses(kind, two));
            if let (Some(email), Some(first)) = (known.email, all.first()) {
                let first = (*first).to_owned();
                self.put_entry(kind, survivor, email, &first, merged, true);
                let rest = all[1..].join(";");
                if let Some(more) = known.more_emails {
                    self.put(kind, survivor, more, &rest, merged);
                }
            }
        }
        let list = ids.iter().map(u64::to_string).collect::<Vec<_>>().join(";");
        if let Some(prop) = self.table(kind).schema.id("hs_merged_object_ids") {
            self.put(kind, survivor, prop, &list, merged);
        }
        if let Some(prop) = self.table(kind).schema.id("hs_calculated_merged_vids") {
            // Only the latest merge: the complete list is the one above.
            let vids = json!(two.id).to_string() + ":" + &stamp.at.to_string();
            self.put(kind, survivor, prop, &vids, merged);
        }
        moved
    }
}
