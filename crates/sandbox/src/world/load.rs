//! Reads a world from its six CSV files and says which file and column is wrong when one is.

use std::collections::BTreeMap;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::{PortalCompany, PortalContact, World};
use crate::SandboxProblem;

const PEOPLE: &[&str] = &[
    "person_id",
    "firstname",
    "lastname",
    "email",
    "email_state",
    "jobtitle",
    "seniority",
    "company_id",
    "phone",
    "mobile",
    "linkedin_url",
    "city",
    "state",
    "country",
    "refused",
];
const COMPANIES: &[&str] = &[
    "company_id",
    "name",
    "domain",
    "industry",
    "employees",
    "annualrevenue",
    "founded_year",
    "city",
    "state",
    "country",
    "linkedin_url",
    "phone",
    "mail",
    "spf",
    "dmarc",
];
const OWNERS: &[&str] = &["id", "email", "firstName", "lastName", "userId", "archived", "teamId", "teamName"];
const DOMAINS: &[&str] = &["domain", "mail", "spf", "dmarc"];
const PORTAL_COMPANIES: &[&str] = &[
    "id",
    "name",
    "domain",
    "industry",
    "numberofemployees",
    "city",
    "state",
    "country",
    "phone",
    "hubspot_owner_id",
    "lifecyclestage",
    "human_edited",
];
const PORTAL_CONTACTS: &[&str] = &[
    "id",
    "email",
    "firstname",
    "lastname",
    "jobtitle",
    "phone",
    "mobilephone",
    "company",
    "city",
    "state",
    "country",
    "hs_linkedin_url",
    "lifecyclestage",
    "hs_lead_status",
    "hubspot_owner_id",
    "hs_email_optout",
    "associatedcompanyid",
    "human_edited",
    "edited_by",
    "edited_at",
];

/// `true`, `1` and `yes` are true; everything else, also nothing, is false.
pub(super) fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    let text = String::deserialize(from)?;
    Ok(matches!(text.trim().to_ascii_lowercase().as_str(), "true" | "1" | "yes"))
}

pub(super) fn embedded() -> Result<World, SandboxProblem> {
    build(|file| {
        Ok(match file {
            "owners.csv" => include_str!("../../world/owners.csv"),
            "companies.csv" => include_str!("../../world/companies.csv"),
            "people.csv" => include_str!("../../world/people.csv"),
            "portal_companies.csv" => include_str!("../../world/portal_companies.csv"),
            "portal_contacts.csv" => include_str!("../../world/portal_contacts.csv"),
            _ => include_str!("../../world/domains.csv"),
        }
        .to_owned())
    })
}

pub(super) fn folder(folder: &Path) -> Result<World, SandboxProblem> {
    build(|file| {
        std::fs::read_to_string(folder.join(file))
            .map_err(|problem| SandboxProblem::World { file: file.to_owned(), reason: problem.to_string() })
    })
}

fn build(read: impl Fn(&str) -> Result<String, SandboxProblem>) -> Result<World, SandboxProblem> {
    Ok(World {
        people: rows("people.csv", &read("people.csv")?, PEOPLE)?,
        companies: rows("companies.csv", &read("companies.csv")?, COMPANIES)?,
        owners: rows("owners.csv", &read("owners.csv")?, OWNERS)?,
        domains: rows("domains.csv", &read("domains.csv")?, DOMAINS)?,
        portal_companies: records("portal_companies.csv", &read("portal_companies.csv")?, PORTAL_COMPANIES)?
            .into_iter()
            .map(|mut values| PortalCompany {
                id: take(&mut values, "id"),
                human_edited: names(&take(&mut values, "human_edited")),
                properties: values,
            })
            .collect(),
        portal_contacts: records("portal_contacts.csv", &read("portal_contacts.csv")?, PORTAL_CONTACTS)?
            .into_iter()
            .map(|mut values| PortalContact {
                id: take(&mut values, "id"),
                human_edited: names(&take(&mut values, "human_edited")),
                edited_by: take(&mut values, "edited_by"),
                edited_at: take(&mut values, "edited_at"),
                properties: values,
            })
            .collect(),
    })
}

fn take(values: &mut BTreeMap<String, String>, name: &str) -> String {
    values.remove(name).unwrap_or_default()
}

fn names(list: &str) -> Vec<String> {
    list.split(';').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn reader(text: &str) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().comment(Some(b'#')).trim(csv::Trim::All).from_reader(text.as_bytes())
}

fn check(file: &str, header: &csv::StringRecord, columns: &[&str]) -> Result<(), SandboxProblem> {
    match columns.iter().find(|column| !header.iter().any(|name| name == **column)) {
        Some(column) => Err(SandboxProblem::MissingColumn { file: file.to_owned(), column: (*column).to_owned() }),
        None => Ok(()),
    }
}

fn broken(file: &str, problem: impl std::fmt::Display) -> SandboxProblem {
    SandboxProblem::World { file: file.to_owned(), reason: problem.to_string() }
}

fn rows<T: DeserializeOwned>(file: &str, text: &str, columns: &[&str]) -> Result<Vec<T>, SandboxProblem> {
    let mut reader = reader(text);
    check(file, reader.headers().map_err(|e| broken(file, e))?, columns)?;
    reader.deserialize().map(|row| row.map_err(|e| broken(file, e))).collect()
}

fn records(file: &str, text: &str, columns: &[&str]) -> Result<Vec<BTreeMap<String, String>>, SandboxProblem> {
    let mut reader = reader(text);
    let header = reader.headers().map_err(|e| broken(file, e))?.clone();
    check(file, &header, columns)?;
    reader
        .records()
        .map(|row| {
            let row = row.map_err(|e| broken(file, e))?;
            Ok(header
                .iter()
                .zip(row.iter())
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_column_is_named_with_its_file() {
        let problem = rows::<super::super::Owner>("owners.csv", "id,email\n1,a@b.example\n", OWNERS).unwrap_err();
        assert_eq!(problem.to_string(), "owners.csv has no column \"firstName\"");
    }

    #[test]
    fn the_built_in_pilot_loads() {
        embedded().unwrap();
    }
}
