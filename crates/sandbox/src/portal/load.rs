//! Fills the portal with very many made-up firms and people at once, for measuring at the size of a large customer.

use super::Portal;
use super::link_types::Label;
use super::links::Joining;
use super::record::{Kind, PropId, Record};
use super::source::Source;
use crate::chance::Dice;
use crate::clock::{DAY_MS, Millis};
use crate::generate::names::{FIRM_HEAD, FIRM_TAIL, FIRST, LAST, PLACE, STAGE, TITLE};

impl Portal {
    /// Adds that many records as an import of a month ago would have left them; the same seed adds the same.
    pub(crate) fn load_many(&mut self, contacts: usize, companies: usize, seed: u64, at: Millis) -> (u64, u64) {
        let split = |list: &'static str| list.split_whitespace().collect::<Vec<&str>>();
        let (first, last, head, tail) = (split(FIRST), split(LAST), split(FIRM_HEAD), split(FIRM_TAIL));
        let stamp = self.stamp(&Source::import(&super::IMPORT_ID.to_string()), at - 30 * DAY_MS);
        let depth = self.settings.history_depth;
        let mut dice = Dice::new(seed);
        let first_company = self.next_id;
        let mut domains = Vec::with_capacity(companies);
        for _ in 0..companies {
            let id = self.next_id;
            self.next_id += 1;
            let (head, tail) = (*dice.pick(&head), *dice.pick(&tail));
            let place = dice.pick(PLACE);
            let domain = format!("{}{tail}{id}.{}.example", head.to_lowercase(), place.4);
            let values = [
                ("name", format!("{head}{tail} {}", place.0)),
                ("domain", domain.clone()),
                ("city", place.1.to_owned()),
                ("country", place.3.to_owned()),
            ];
            let record = self.packed(Kind::Company, Record::new(id, stamp), &values, depth);
            self.table_mut(Kind::Company).take_in(record);
            domains.push(domain);
        }
        let first_contact = self.next_id;
        for _ in 0..contacts {
            let id = self.next_id;
            self.next_id += 1;
            let (first, last, title) = (*dice.pick(&first), *dice.pick(&last), dice.pick(TITLE));
            let firm = (companies > 0).then(|| dice.below(companies));
            let domain = firm.map_or("people.example", |firm| &domains[firm]);
            let email = format!("{}.{}{id}@{domain}", first.to_lowercase(), last.to_lowercase());
            let values = [
                ("email", email),
                ("firstname", first.to_owned()),
                ("lastname", last.to_owned()),
                ("jobtitle", title.0.to_owned()),
                ("lifecyclestage", (*dice.pick(STAGE)).to_owned()),
            ];
            let record = self.packed(Kind::Contact, Record::new(id, stamp), &values, depth);
            self.table_mut(Kind::Contact).take_in(record);
            if let Some(firm) = firm {
                let company = first_company + firm as u64;
                let primary = Joining::Add(&[Label::own(1)]);
                self.associate((Kind::Contact, id), (Kind::Company, company), primary, stamp);
            }
        }
        (first_company, first_contact)
    }

    fn packed(&self, kind: Kind, mut record: Record, values: &[(&str, String)], depth: usize) -> Record {
        let schema = &self.table(kind).schema;
        let stamp = super::Stamp { at: record.created, writer: record.origin };
        let mut known: Vec<(PropId, &str)> =
            values.iter().filter_map(|(name, value)| Some((schema.id(name)?, value.as_str()))).collect();
        known.sort_unstable();
        for (prop, value) in known {
            record.set(prop, value, stamp, depth);
        }
        record
    }
}
