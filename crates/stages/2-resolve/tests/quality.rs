//! Measures how well duplicates are found on labelled lists, and keeps the quality from falling.
//!
//! The lists lie beside the repository and are no part of it; without them the measurement is skipped.

#![allow(clippy::unwrap_used)] // a broken list must fail the test, also in its helpers

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use evergreen_model::{Entity, Fields};
use evergreen_resolve::{Decided, Settings, Subject, normalize, resolve};

/// Pairwise quality of one list.
struct Quality {
    precision: f64,
    recall: f64,
    f1: f64,
}

fn data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data/er/crm_dev_12k");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no labelled lists at {}", folder.display());
    None
}

fn read(path: &Path) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

fn measure(entity: Entity, list: &Path, truth: &Path, columns: &[(&str, &str)]) -> Quality {
    let rows = read(list);
    let truth: HashMap<String, String> =
        read(truth).into_iter().map(|row| (row["record_id"].clone(), row["cluster_id"].clone())).collect();
    let subjects: Vec<Subject> = rows
        .iter()
        .enumerate()
        .map(|(number, row)| {
            let fields: Fields =
                columns.iter().map(|(column, field)| ((*field).to_owned(), row[*column].clone())).collect();
            Subject {
                id: number as u64,
                entity,
                fields: normalize::tidy_fields_in(entity, &fields, Some("US")),
                portal_id: None,
                existing: false,
            }
        })
        .collect();
    let settings = Settings::default();
    let resolution = resolve(&subjects, &Decided::default(), &settings);
    let label = |id: &u64| &truth[&rows[*id as usize]["record_id"]];
    let pairs = |size: usize| size * size.saturating_sub(1) / 2;
    let mut wanted: HashMap<&String, usize> = HashMap::new();
    for number in 0..rows.len() {
        *wanted.entry(label(&(number as u64))).or_default() += 1;
    }
    let (mut found, mut right) = (0, 0);
    for cluster in &resolution.clusters {
        found += pairs(cluster.members.len());
        let mut labels: HashMap<&String, usize> = HashMap::new();
        for member in &cluster.members {
            *labels.entry(label(member)).or_default() += 1;
        }
        right += labels.values().map(|size| pairs(*size)).sum::<usize>();
    }
    let precision = right as f64 / found as f64;
    let recall = right as f64 / wanted.values().map(|size| pairs(*size)).sum::<usize>() as f64;
    let f1 = 2.0 * precision * recall / (precision + recall);
    println!("{entity:?}: precision {precision:.3} recall {recall:.3} F1 {f1:.3}, {} held", resolution.held.len());
    Quality { precision, recall, f1 }
}

const CONTACT: [(&str, &str); 10] = [
    ("first_name", "firstname"),
    ("last_name", "lastname"),
    ("email", "email"),
    ("phone", "phone"),
    ("company", "company"),
    ("domain", "domain"),
    ("linkedin", "hs_linkedin_url"),
    ("job_title", "jobtitle"),
    ("city", "city"),
    ("country", "country"),
];

const COMPANY: [(&str, &str); 7] = [
    ("name", "name"),
    ("domain", "domain"),
    ("phone", "phone"),
    ("linkedin", "linkedin_company_page"),
    ("street", "address"),
    ("city", "city"),
    ("country", "country"),
];

#[test]
fn contacts_are_deduplicated_as_well_as_measured() {
    let Some(folder) = data() else { return };
    let quality = measure(Entity::Contact, &folder.join("contacts.csv"), &folder.join("contacts_truth.csv"), &CONTACT);
    // Measured: precision 0.999, recall 0.910, F1 0.952.
    assert!(quality.precision > 0.99 && quality.recall > 0.90 && quality.f1 > 0.945);
}

#[test]
fn companies_are_deduplicated_as_well_as_measured() {
    let Some(folder) = data() else { return };
    let quality =
        measure(Entity::Company, &folder.join("companies.csv"), &folder.join("companies_truth.csv"), &COMPANY);
    // Measured: precision 1.000, recall 0.967, F1 0.983.
    assert!(quality.precision > 0.99 && quality.recall > 0.95 && quality.f1 > 0.97);
}
