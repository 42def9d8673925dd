//! HubSpot's own worker that creates and associates companies from e-mail domains, some time after the contact was written.

use serde_json::{Map, json};

use super::Portal;
use super::links::Joining;
use super::record::Kind;
use super::source::Source;
use crate::clock::Millis;

/// Domains that belong to mail providers, not to employers.
const FREE_MAIL: &[&str] = &[
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "yahoo.com",
    "icloud.com",
    "proton.me",
    "gmx.de",
    "gmx.net",
    "web.de",
    "aol.com",
];

impl Portal {
    /// A contact's address was written: the worker will come by.
    pub(super) fn expect_company(&mut self, contact: u64, at: Millis) {
        if let Some(delay) = self.settings.auto_company_delay_ms {
            self.waiting.push((at + delay.max(0), contact));
        }
    }

    /// Does everything the worker had to do by now, as if it had been done at its own time.
    pub(crate) fn catch_up(&mut self, now: Millis) -> bool {
        if self.waiting.iter().all(|(due, _)| *due > now) {
            return false;
        }
        let mut due: Vec<(Millis, u64)> = self.waiting.extract_if(.., |(due, _)| *due <= now).collect();
        due.sort_unstable();
        let mut changed = false;
        for (at, contact) in due {
            changed |= self.associate_by_domain(contact, at);
        }
        changed
    }

    fn associate_by_domain(&mut self, contact: u64, at: Millis) -> bool {
        let table = self.table(Kind::Contact);
        let address = table.schema.known.email.and_then(|prop| table.live(contact)?.get(prop)).unwrap_or_default();
        let Some((_, domain)) = address.rsplit_once('@') else {
            return false;
        };
        if FREE_MAIL.contains(&domain) || self.links.primary_of(contact).is_some() {
            return false;
        }
        let source = Source::machine("AUTO_ASSOCIATE_BY_DOMAIN");
        let company = match self.table(Kind::Company).by_domain(domain) {
            Some(company) => company,
            None => {
                let name = domain.split('.').next().unwrap_or(domain);
                let values: Map<_, _> = [("domain", domain), ("name", name)]
                    .map(|(name, value)| (name.to_owned(), json!(value)))
                    .into_iter()
                    .collect();
                match self.create_as(Kind::Company, &values, &source, at) {
                    Ok(company) => company,
                    Err(_) => return false,
                }
            }
        };
        let stamp = self.stamp(&source, at);
        self.associate((Kind::Contact, contact), (Kind::Company, company), Joining::Plain, stamp)
    }
}
