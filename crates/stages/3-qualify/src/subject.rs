//! Who is asked about: a record, its company, and what the suppression list holds for them.

use evergreen_model::{Entity, Record, Suppression};
use evergreen_rules::Facts;

use crate::domains;

/// A record to be qualified.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The record; its values already include what the portal says.
    pub record: &'a Record,
    /// The company of a contact, if there is one.
    pub company: Option<&'a Record>,
    /// What the suppression list holds under [`crate::Qualifier::suppression_keys`].
    pub suppressed: &'a [Suppression],
    /// Whether enrichment has already tried to find what is missing.
    pub after_enrich: bool,
}

impl<'a> Subject<'a> {
    /// The company: the record itself, or that of a contact.
    pub(crate) fn firm(&self) -> Option<&'a Record> {
        match self.record.entity {
            Entity::Company => Some(self.record),
            Entity::Contact => self.company,
        }
    }

    /// A value of the company; a contact without a company record still tells its company's name and domain.
    pub(crate) fn company_value(&self, field: &str) -> Option<&'a str> {
        let own = || match (self.record.entity, field) {
            (Entity::Contact, "name") => self.record.value("company"),
            (Entity::Contact, "domain") => self.record.value("domain"),
            (Entity::Contact, "website") => self.record.value("website"),
            _ => None,
        };
        self.firm().and_then(|firm| firm.value(field)).or_else(own)
    }

    /// The address of a contact.
    pub(crate) fn email(&self) -> Option<&'a str> {
        self.record.value("email").filter(|_| self.record.entity == Entity::Contact)
    }

    /// Every domain the record stands for, address first.
    pub(crate) fn domains(&self) -> Vec<String> {
        domains_of(self.record, self.company)
    }
}

impl Facts for Subject<'_> {
    fn get(&self, object: &str, field: &str) -> Option<String> {
        let value = match (object, self.record.entity) {
            ("contact", Entity::Contact) => self.record.value(field),
            ("company", _) => self.company_value(field),
            ("record", _) if field == "source" => {
                self.record.value("lead_source").or_else(|| self.company_value("lead_source"))
            }
            _ => None,
        };
        value.map(str::to_owned)
    }
}

/// Every domain a record stands for: of its address, its own, its company's, each once.
pub(crate) fn domains_of(record: &Record, company: Option<&Record>) -> Vec<String> {
    let address = record.value("email").filter(|_| record.entity == Entity::Contact).and_then(domains::of_address);
    let named = [record.value("domain"), record.value("website")].into_iter().flatten();
    let firm = company.into_iter().flat_map(|company| [company.value("domain"), company.value("website")]).flatten();
    let mut found: Vec<String> = Vec::new();
    for domain in address.into_iter().chain(named.chain(firm).filter_map(domains::bare)) {
        if !found.contains(&domain) {
            found.push(domain);
        }
    }
    found
}
