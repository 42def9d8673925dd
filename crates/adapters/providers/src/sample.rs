//! Manifests against recorded answers: outcome, charge, extraction and what must stay empty, each mismatch explained.

use evergreen_model::{AnswerOutcome, Credits, Entity};
use serde_json::Value;

use crate::document::Operation;
use crate::manifest::{Manifest, names};
use crate::value::{self, Kind};

/// One expectation that a reading does not meet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sample}: {what}: expected {expected}, found {found}")]
pub struct Mismatch {
    /// The sample's case.
    pub sample: String,
    /// What differs: `outcome`, `charge`, `field jobtitle`.
    pub what: String,
    /// As the sample says.
    pub expected: String,
    /// As the manifest reads.
    pub found: String,
}

/// Runs a manifest over samples of its provider and returns every disagreement. Samples of other providers and of operations the
/// manifest does not have are passed over; see [`skipped_samples`].
#[must_use]
pub fn check_samples(manifest: &Manifest, samples: &[Value]) -> Vec<Mismatch> {
    samples
        .iter()
        .filter_map(|sample| Some((sample, operation_of(manifest, sample)?)))
        .flat_map(|(sample, name)| check(manifest, name, sample))
        .collect()
}

/// The samples that [`check_samples`] passes over, as `operation/case`.
#[must_use]
pub fn skipped_samples(manifest: &Manifest, samples: &[Value]) -> Vec<String> {
    let skipped = samples.iter().filter(|sample| operation_of(manifest, sample).is_none());
    skipped.map(|sample| format!("{}/{}", text(sample, "operation"), text(sample, "case"))).collect()
}

fn operation_of<'m>(manifest: &'m Manifest, sample: &Value) -> Option<&'m str> {
    let ours = text(sample, "provider") == manifest.name() && sample.get("response").is_some();
    ours.then(|| names(&manifest.document).get(text(sample, "operation")).copied()).flatten()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn check(manifest: &Manifest, name: &str, sample: &Value) -> Vec<Mismatch> {
    let (response, expect) = (&sample["response"], &sample["expect"]);
    let mut found = Vec::new();
    let mut differ = |what: &str, expected: String, read: String| {
        if expected != read {
            found.push(Mismatch {
                sample: text(sample, "case").to_owned(),
                what: what.to_owned(),
                expected,
                found: read,
            });
        }
    };
    let Some(operation) = manifest.operation(name) else {
        return found;
    };
    if response.get("error").is_some() {
        // No answer came: no manifest has a say in it.
        differ("outcome", text(expect, "outcome").to_owned(), AnswerOutcome::Transient.to_string());
        return found;
    }
    let status = response["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(0);
    let headers: Vec<(String, String)> = response["headers"]
        .as_object()
        .map(|headers| {
            headers
                .iter()
                .map(|(key, value)| (key.to_lowercase(), value.as_str().unwrap_or_default().to_owned()))
                .collect()
        })
        .unwrap_or_default();
    let body = match (response.get("body_text").and_then(Value::as_str), response.get("body")) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (None, Some(body)) => body.to_string().into_bytes(),
        (None, None) => Vec::new(),
    };
    let wanted: Vec<String> = list(expect, "wanted")
        .filter_map(|word| ours(operation.entity, word))
        .map(|(field, _)| field.to_owned())
        .collect();
    let answer = manifest.read(name, status, &headers, &body, &wanted);

    differ("outcome", text(expect, "outcome").to_owned(), answer.outcome.to_string());
    if let Ok(amount) = text(&expect["charge"], "amount").parse::<f64>() {
        differ("charge", Credits::from_units(amount).to_string(), answer.charge.credits.to_string());
    }
    for (word, expected) in expect["extract"].as_object().into_iter().flatten() {
        let Some((field, kind)) = ours(operation.entity, word).filter(|(field, _)| gives(operation, field)) else {
            continue;
        };
        let expected = value::read(expected, kind).unwrap_or_default();
        let read = answer
            .fields
            .get(field)
            .and_then(|text| value::read(&Value::String(text.clone()), kind).ok())
            .unwrap_or_default();
        // Samples give values before normalisation of case; of a band and a count either end may be ours.
        if !same(kind, &expected, &read) {
            differ(&format!("field {field}"), expected, read);
        }
    }
    for word in list(expect, "must_stay_empty") {
        for field in if word == "full_name" {
            vec!["firstname", "lastname"]
        } else {
            ours(operation.entity, word).map(|(field, _)| field).into_iter().collect()
        } {
            differ(&format!("field {field}"), String::new(), answer.fields.get(field).cloned().unwrap_or_default());
        }
    }
    found
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v str> {
    value.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn gives(operation: &Operation, field: &str) -> bool {
    operation.fields.contains_key(field)
}

fn same(kind: Kind, expected: &str, read: &str) -> bool {
    match kind {
        // A count is more exact than the band the vendor also gives.
        Kind::Headcount => {
            expected == read
                || matches!((expected.parse::<f64>(), read.parse::<f64>()), (Ok(low), Ok(count)) if count >= low)
        }
        _ => expected.to_lowercase() == read.to_lowercase(),
    }
}

/// Our name and kind for a canonical word of the samples; `None` for words that no field of ours answers.
fn ours(entity: Entity, word: &str) -> Option<(&'static str, Kind)> {
    let company = entity == Entity::Company;
    Some(match word {
        "email" if !company => ("email", Kind::Email),
        "first_name" if !company => ("firstname", Kind::Text),
        "last_name" if !company => ("lastname", Kind::Text),
        "title" if !company => ("jobtitle", Kind::Text),
        "seniority" if !company => ("seniority", Kind::Text),
        "department" if !company => ("department", Kind::Text),
        "mobile_phone" if !company => ("mobilephone", Kind::Phone),
        "phone" => ("phone", Kind::Phone),
        "linkedin_url" | "linkedin_handle" if !company => ("hs_linkedin_url", Kind::LinkedinPerson),
        "linkedin_url" | "company_linkedin_url" if company => ("linkedin_company_page", Kind::LinkedinCompany),
        "company_name" => (if company { "name" } else { "company" }, Kind::Text),
        "company_domain" => ("domain", Kind::Domain),
        "employee_count" | "employee_range" if company => ("numberofemployees", Kind::Headcount),
        "revenue" if company => ("annualrevenue", Kind::Amount),
        "founded_year" if company => ("founded_year", Kind::Year),
        "industry" => ("industry", Kind::Text),
        "city" => ("city", Kind::Text),
        "region" => ("state", Kind::Text),
        "country" => ("country", Kind::Text),
        _ => return None,
    })
}
