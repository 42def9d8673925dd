//! Gives contacts their companies: the one they have, else the one their domain or company name means, made if missing.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::evidence::Fields;
use evergreen_model::{Entity, Origin, Problem, RecordId, Run, Source, Stage};
use evergreen_resolve::{Decided, normalize};

use crate::golden::plain;
use crate::work::{Incoming, Work};
use crate::world::World;

impl Work {
    /// Gives every contact its company: the one it has, else the one its domain or company name means, made if missing.
    pub(crate) async fn name_companies(
        &mut self,
        world: &World,
        run: &Run,
        contacts: BTreeSet<RecordId>,
    ) -> Result<(), Problem> {
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
