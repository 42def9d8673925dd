//! Everything a finished demo leaves behind, and how two of them differ.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::sandbox::{Books, books};

/// Most differences told of one kind.
const TOLD: usize = 12;

/// What a finished demo leaves behind.
pub struct Outcome {
    folder: PathBuf,
    report: String,
    books: Books,
}

impl Outcome {
    /// Reads it from a project folder.
    pub fn of(folder: &Path) -> Outcome {
        let report = std::fs::read_to_string(folder.join("report.json")).expect("the demo wrote its report");
        Outcome { folder: folder.to_owned(), report, books: books(folder) }
    }

    /// What must hold of every demo by itself.
    pub fn is_sound(&self) {
        let faults = self.faults();
        assert!(faults.is_empty(), "the undisturbed demo is not sound:\n{}", faults.join("\n"));
    }

    /// How another demo differs from this one, and what is wrong with it by itself.
    pub fn differences(&self, other: &Outcome) -> Vec<String> {
        let mut told = other.faults();
        if self.report != other.report {
            told.extend(compare("report.json", &self.report_but_number(), &other.report_but_number()));
        }
        for part in ["contacts", "companies", "custom_contact_properties", "custom_company_properties", "enrolments"] {
            told.extend(compare(part, &keyed(&self.books.state[part]), &keyed(&other.books.state[part])));
        }
        for part in ["charges", "questions"] {
            told.extend(compare(part, &self.books.stats[part], &other.books.stats[part]));
        }
        told
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        faults.extend(self.paid_twice());
        faults.extend(self.made_twice());
        faults.extend(self.not_counted_out());
        faults.extend(self.broken_ledger());
        faults
    }

    /// The report without the number of its run: a kill right after the store handed a number out leaves a gap.
    fn report_but_number(&self) -> Value {
        let mut report: Value = serde_json::from_str(&self.report).unwrap_or(Value::Null);
        if let Some(fields) = report.as_object_mut() {
            fields.remove("run");
        }
        report
    }

    /// No question is paid twice.
    fn paid_twice(&self) -> Option<String> {
        let doubles = self.books.stats["double_charges"].as_array()?;
        (!doubles.is_empty()).then(|| format!("questions paid twice: {doubles:?}"))
    }

    /// No contact or company is made twice.
    fn made_twice(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (part, properties) in [("contacts", &["evergreen_id", "email"][..]), ("companies", &["evergreen_id"][..])] {
            for property in properties {
                let mut seen = BTreeSet::new();
                let values = self.books.state[part].as_array().into_iter().flatten();
                let twice =
                    values.filter_map(|one| one["properties"][property].as_str()).find(|value| !seen.insert(*value));
                faults.extend(twice.map(|value| format!("two {part} have the {property} {value}")));
                if seen.is_empty() {
                    faults.push(format!("no {part} have an {property}"));
                }
            }
        }
        faults
    }

    /// Promise 1: every row is counted out.
    fn not_counted_out(&self) -> Option<String> {
        let report: Value = serde_json::from_str(&self.report).unwrap_or(Value::Null);
        let outcomes = report["outcome"].as_object().into_iter().flatten();
        let sum: u64 = outcomes.filter_map(|(_, count)| count.as_u64()).sum();
        let imported = report["imported"].as_u64().unwrap_or_default();
        (imported == 0 || sum != imported).then(|| format!("{imported} rows came in, {sum} are counted out"))
    }

    /// The chain of the ledger holds.
    fn broken_ledger(&self) -> Option<String> {
        let output = Command::new(env!("CARGO_BIN_EXE_evergreen"))
            .args(["ledger", "verify", "--json", "--project"])
            .arg(&self.folder)
            .output()
            .expect("the program starts");
        let said: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        let intact = output.status.success() && said["intact"] == Value::Bool(true);
        (!intact).then(|| format!("the ledger is broken: {said} {}", String::from_utf8_lossy(&output.stderr)))
    }
}

/// Lists of records as a map by what names them, so that differences tell which record it is.
fn keyed(list: &Value) -> Value {
    let Some(list) = list.as_array() else { return list.clone() };
    let mut named: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for one in list {
        let properties = &one["properties"];
        let name = ["evergreen_id", "email", "domain", "name"].iter().find_map(|name| properties[name].as_str());
        named.entry(name.unwrap_or("nameless").to_owned()).or_default().push(one.clone());
    }
    serde_json::to_value(named).unwrap_or_default()
}

/// Where two values differ, the first few places.
fn compare(place: &str, expected: &Value, found: &Value) -> Vec<String> {
    let mut told = Vec::new();
    walk(place, expected, found, &mut told);
    let more = told.len().saturating_sub(TOLD);
    told.truncate(TOLD);
    if more > 0 {
        told.push(format!("{place}: {more} more differences"));
    }
    told
}

fn walk(place: &str, expected: &Value, found: &Value, told: &mut Vec<String>) {
    if expected == found {
        return;
    }
    match (expected, found) {
        (Value::Object(one), Value::Object(other)) => {
            let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for name in names {
                let (left, right) = (one.get(name).unwrap_or(&Value::Null), other.get(name).unwrap_or(&Value::Null));
                walk(&format!("{place}/{name}"), left, right, told);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (left, right)) in one.iter().zip(other).enumerate() {
                walk(&format!("{place}[{index}]"), left, right, told);
            }
        }
        _ => told.push(format!("{place}: undisturbed {expected}, killed {found}")),
    }
}
