//! The truth all vendors look at, and how a question finds its person or firm in it.

use std::collections::HashMap;

use crate::world::{Company, Person};

/// Legal forms and the like that people leave out of firm names.
const LEGAL_FORMS: &[&str] = &[
    "inc",
    "llc",
    "ltd",
    "limited",
    "corp",
    "corporation",
    "co",
    "company",
    "gmbh",
    "ag",
    "sa",
    "sas",
    "sarl",
    "bv",
    "nv",
    "ab",
    "oy",
    "as",
    "plc",
    "srl",
    "spa",
    "sl",
    "pty",
    "lp",
    "llp",
    "kg",
    "se",
    "the",
];

#[derive(Debug)]
pub(crate) struct Truth {
    pub seed: u64,
    pub people: Vec<Person>,
    pub companies: Vec<Company>,
    company_of_id: HashMap<String, usize>,
    company_of_domain: HashMap<String, usize>,
    company_of_name: HashMap<String, usize>,
    person_of_name: HashMap<(String, Option<usize>), usize>,
    person_of_email: HashMap<String, usize>,
    person_of_profile: HashMap<String, usize>,
    staff: HashMap<usize, Vec<usize>>,
}

/// What a question says about a person.
#[derive(Debug, Default)]
pub(crate) struct Clues<'a> {
    pub full_name: Option<String>,
    pub domain: Option<&'a str>,
    pub company: Option<&'a str>,
    pub email: Option<&'a str>,
    pub profile: Option<&'a str>,
}

impl Truth {
    pub(crate) fn new(seed: u64, people: Vec<Person>, companies: Vec<Company>) -> Truth {
        let mut truth = Truth {
            seed,
            company_of_id: HashMap::new(),
            company_of_domain: HashMap::new(),
            company_of_name: HashMap::new(),
            person_of_name: HashMap::new(),
            person_of_email: HashMap::new(),
            person_of_profile: HashMap::new(),
            staff: HashMap::new(),
            people: Vec::new(),
            companies: Vec::new(),
        };
        for (at, company) in companies.iter().enumerate() {
            truth.company_of_id.insert(company.id.clone(), at);
            for (index, key) in [
                (&mut truth.company_of_domain, host(&company.domain)),
                (&mut truth.company_of_name, firm_key(&company.name)),
            ] {
                if !key.is_empty() {
                    index.entry(key).or_insert(at);
                }
            }
        }
        for (at, person) in people.iter().enumerate() {
            let firm = truth.company_of_id.get(&person.company_id).copied();
            let name = name_key(&format!("{} {}", person.firstname, person.lastname));
            truth.person_of_name.entry((name, firm)).or_insert(at);
            for (index, key) in [
                (&mut truth.person_of_email, person.email.trim().to_lowercase()),
                (&mut truth.person_of_profile, handle(&person.linkedin_url)),
            ] {
                if !key.is_empty() {
                    index.entry(key).or_insert(at);
                }
            }
            if let Some(firm) = firm {
                truth.staff.entry(firm).or_default().push(at);
            }
        }
        truth.people = people;
        truth.companies = companies;
        truth
    }

    pub(crate) fn company_by_domain(&self, domain: &str) -> Option<usize> {
        self.company_of_domain.get(&host(domain)).copied()
    }

    pub(crate) fn company_by_name(&self, name: &str) -> Option<usize> {
        self.company_of_name.get(&firm_key(name)).copied()
    }

    /// A firm named by its domain or by its name, whichever the text is.
    pub(crate) fn company_by_either(&self, text: &str) -> Option<usize> {
        self.company_by_domain(text).or_else(|| self.company_by_name(text))
    }

    pub(crate) fn employer(&self, person: &Person) -> Option<&Company> {
        self.company_of_id.get(&person.company_id).map(|at| &self.companies[*at])
    }

    /// Who works with this person, themselves included.
    pub(crate) fn colleagues(&self, person: &Person) -> &[usize] {
        self.company_of_id.get(&person.company_id).and_then(|firm| self.staff.get(firm)).map_or(&[], Vec::as_slice)
    }

    /// Finds the person the clues mean: strong clues first, then name within a firm.
    pub(crate) fn person(&self, clues: &Clues<'_>) -> Option<usize> {
        if let Some(found) = clues
            .profile
            .and_then(|profile| self.person_of_profile.get(&handle(profile)))
            .or_else(|| clues.email.and_then(|email| self.person_of_email.get(&email.trim().to_lowercase())))
        {
            return Some(*found);
        }
        let name = name_key(clues.full_name.as_deref()?);
        let firm = clues
            .domain
            .and_then(|domain| self.company_by_domain(domain))
            .or_else(|| clues.company.and_then(|company| self.company_by_either(company)))?;
        self.person_of_name.get(&(name, Some(firm))).copied()
    }
}

/// A name without case, accents, spaces and dots.
fn name_key(name: &str) -> String {
    deunicode::deunicode(name).chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// A firm's name without its legal form.
fn firm_key(name: &str) -> String {
    let plain = deunicode::deunicode(name).to_lowercase().replace('.', "");
    let words: Vec<&str> = plain
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty() && !LEGAL_FORMS.contains(word))
        .collect();
    words.concat()
}

/// The bare host of a domain or web address.
pub(crate) fn host(text: &str) -> String {
    let lower = text.trim().to_lowercase();
    let bare = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://")).unwrap_or(&lower);
    let bare = bare.split(['/', '?', '#']).next().unwrap_or_default();
    bare.strip_prefix("www.").unwrap_or(bare).to_owned()
}

/// The handle at the end of a profile address, or the handle itself.
pub(crate) fn handle(url: &str) -> String {
    let lower = url.trim().trim_end_matches('/').to_lowercase();
    let lower = lower.split(['?', '#']).next().unwrap_or_default();
    lower.rsplit('/').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_legal_forms_do_not_hide_anybody() {
        assert_eq!(name_key("Zoë  O'Brien-Müller"), "zoeobrienmuller");
        assert_eq!(firm_key("Northquay Logistics, Inc."), firm_key("NORTHQUAY LOGISTICS"));
        assert_eq!(host("https://www.Northquay.example/team"), "northquay.example");
        assert_eq!(handle("https://www.linkedin.com/in/marta-velasco-nq/"), "marta-velasco-nq");
    }
}
