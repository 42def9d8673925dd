//! Who works where: associations between contacts and companies, with at most one primary company per contact.

use std::collections::{BTreeMap, BTreeSet};

/// Contact-to-company associations, readable from both ends.
#[derive(Debug, Default)]
pub(crate) struct Links {
    by_contact: BTreeMap<u64, Vec<u64>>,
    by_company: BTreeMap<u64, BTreeSet<u64>>,
    primary: BTreeMap<u64, u64>,
}

impl Links {
    /// Adds a pair; the first company of a contact becomes its primary one. True when something changed.
    pub(crate) fn add(&mut self, contact: u64, company: u64, primary: bool) -> bool {
        let companies = self.by_contact.entry(contact).or_default();
        let fresh = !companies.contains(&company);
        if fresh {
            companies.push(company);
            self.by_company.entry(company).or_default().insert(contact);
        }
        let becomes_primary = (primary || companies.len() == 1) && self.primary.get(&contact) != Some(&company);
        if becomes_primary {
            self.primary.insert(contact, company);
        }
        fresh || becomes_primary
    }

    /// Takes a pair away, with all its labels.
    pub(crate) fn remove(&mut self, contact: u64, company: u64) -> bool {
        let Some(companies) = self.by_contact.get_mut(&contact) else {
            return false;
        };
        let Some(at) = companies.iter().position(|id| *id == company) else {
            return false;
        };
        companies.remove(at);
        if companies.is_empty() {
            self.by_contact.remove(&contact);
        }
        if let Some(contacts) = self.by_company.get_mut(&company) {
            contacts.remove(&contact);
        }
        if self.primary.get(&contact) == Some(&company) {
            self.primary.remove(&contact);
        }
        true
    }

    pub(crate) fn companies_of(&self, contact: u64) -> &[u64] {
        self.by_contact.get(&contact).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn contacts_of(&self, company: u64) -> impl Iterator<Item = u64> {
        self.by_company.get(&company).into_iter().flatten().copied()
    }

    pub(crate) fn contact_count(&self, company: u64) -> usize {
        self.by_company.get(&company).map_or(0, BTreeSet::len)
    }

    pub(crate) fn primary_of(&self, contact: u64) -> Option<u64> {
        self.primary.get(&contact).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_company_is_primary_until_another_is_made_so() {
        let mut links = Links::default();
        assert!(links.add(1, 10, false));
        assert!(links.add(1, 11, false));
        assert_eq!(links.primary_of(1), Some(10));
        assert!(links.add(1, 11, true));
        assert!(!links.add(1, 11, false));
        assert_eq!(links.primary_of(1), Some(11));
        assert!(links.remove(1, 11));
        assert_eq!((links.primary_of(1), links.contact_count(11)), (None, 0));
    }
}
