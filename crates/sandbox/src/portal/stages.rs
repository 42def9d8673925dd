//! Lifecycle stages: forward only for programs, free for people, in the order each portal and object gives them.

use super::Portal;
use super::record::{Kind, PropId, Stamp};
use super::source::Source;

impl Portal {
    /// Writes a stage. An earlier one is accepted and changes nothing, unless a person chose it by hand; an
    /// empty one clears the property, after which any stage can be written.
    pub(super) fn write_stage(&mut self, kind: Kind, id: u64, value: &str, stamp: Stamp) {
        let Some(prop) = self.table(kind).schema.known.lifecycle else {
            return;
        };
        if !self.writer(stamp).by_hand() && self.moves_back(kind, id, prop, value) {
            return;
        }
        let changed = self.put(kind, id, prop, value, stamp);
        if changed && kind == Kind::Company && self.settings.company_stage_moves_contacts {
            let writer = self.writers.id(&Source::machine("COMPANIES"));
            let stamp = Stamp { writer, ..stamp };
            let contacts: Vec<u64> = self.links.contacts_of(id).collect();
            for contact in contacts.into_iter().filter(|_| !value.is_empty()) {
                if self.links.primary_of(contact) == Some(id) && self.offers_stage(Kind::Contact, value) {
                    self.write_stage(Kind::Contact, contact, value, stamp);
                }
            }
        }
    }

    /// New records get the portal's default stage when none was sent.
    pub(super) fn start_stage(&mut self, kind: Kind, id: u64, stamp: Stamp) {
        let (Some(stage), Some(prop)) = (self.settings.default_stage.clone(), self.table(kind).schema.known.lifecycle)
        else {
            return;
        };
        let empty = self.table(kind).live(id).is_some_and(|record| record.get(prop).is_none_or(str::is_empty));
        if empty && self.offers_stage(kind, &stage) {
            let writer = self.writers.id(&Source::machine("PROPERTY_DEFAULT_VALUE"));
            self.put(kind, id, prop, &stage, Stamp { writer, ..stamp });
        }
    }

    fn offers_stage(&self, kind: Kind, stage: &str) -> bool {
        let schema = &self.table(kind).schema;
        schema.known.lifecycle.is_some_and(|prop| schema.get(prop).choices.iter().any(|one| one.value == stage))
    }

    fn moves_back(&self, kind: Kind, id: u64, prop: PropId, value: &str) -> bool {
        let table = self.table(kind);
        let choices = &table.schema.get(prop).choices;
        let order = |stage: &str| choices.iter().find(|one| one.value == stage).map(|one| one.display_order);
        let now = table.live(id).and_then(|record| record.get(prop));
        match (now.and_then(order), order(value)) {
            (Some(now), Some(next)) => next < now,
            _ => false,
        }
    }
}
