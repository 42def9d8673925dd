//! Manifests against recorded answers: outcome, charge, extraction and what must stay empty, each mismatch explained.

mod expect;
mod target;

use evergreen_model::{AnswerOutcome, Fields};
use serde_json::Value;

use crate::late::Secrets;
use crate::manifest::Manifest;
use crate::reading::{Reading, Received};
use crate::view::Target;
use crate::words;

/// One expectation that a reading does not meet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[error("{sample}: {what}: expected {expected}, got {found} (by {rule})")]
pub struct Mismatch {
    /// The sample's case.
    pub sample: String,
    /// What differs: `outcome`, `charge`, `field jobtitle`.
    pub what: String,
    /// As the sample says.
    pub expected: String,
    /// As the manifest reads.
    pub found: String,
    /// What in the manifest said so.
    pub rule: String,
}

/// One sample, checked.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Checked {
    /// The sample's case.
    pub sample: String,
    /// Which call of the manifest it belongs to.
    pub call: String,
    /// How the manifest reads it: outcome and charge.
    pub reads: String,
    /// Everything that differs.
    pub mismatches: Vec<Mismatch>,
}

/// Runs a manifest over samples and returns every disagreement. A sample of a call that the manifest does not describe is one.
#[must_use]
pub fn check_samples(manifest: &Manifest, samples: &[Value]) -> Vec<Mismatch> {
    samples.iter().flat_map(|sample| check_sample(manifest, sample).mismatches).collect()
}

/// Runs a manifest over one sample.
#[must_use]
pub fn check_sample(manifest: &Manifest, sample: &Value) -> Checked {
    let case = text(sample, "case").to_owned();
    let Some(target) = target::of(manifest, sample) else {
        let mismatch = Mismatch {
            sample: case.clone(),
            what: "operation".to_owned(),
            expected: format!("a call \"{}\" to {}", text(sample, "operation"), text(&sample["request"], "url")),
            found: "none of the manifest's calls".to_owned(),
            rule: "names (`also_called`) and addresses of its operations".to_owned(),
        };
        return Checked { sample: case, call: "unknown".to_owned(), reads: "-".to_owned(), mismatches: vec![mismatch] };
    };
    let heard = hear(manifest, &target, sample);
    let mut differences = expect::Differences::new(&case, &heard.whole.rule);
    expect::check(manifest, &target, sample, &heard, &mut differences);
    Checked {
        sample: case,
        call: target.to_string(),
        reads: format!("{}, {} credits", heard.whole.word(), heard.whole.cost.credits),
        mismatches: differences.found,
    }
}

/// A sample as the manifest reads it.
struct Heard {
    whole: Reading,
    /// The rows of a bulk answer, with the mark of each question.
    rows: Vec<(String, Reading)>,
    /// Credits left, by pool.
    pools: Vec<(String, f64)>,
    /// Whether a delivery is signed as it should be.
    signed: Option<bool>,
    /// No answer came at all.
    silent: bool,
}

impl Heard {
    fn one(whole: Reading) -> Heard {
        Heard { whole, rows: Vec::new(), pools: Vec::new(), signed: None, silent: false }
    }
}

fn hear(manifest: &Manifest, target: &Target, sample: &Value) -> Heard {
    let (request, response) = (&sample["request"], &sample["response"]);
    let nothing_known = |note: &str| Heard::one(Reading::unread(AnswerOutcome::Malformed, 0, note.to_owned()));
    if let Some(error) = response.get("error").and_then(Value::as_str) {
        // No answer came: no rule has a say in it, and what it cost is not known.
        let mut reading = Reading::unread(AnswerOutcome::Transient, 0, error.to_owned());
        reading.rule = "no answer came".to_owned();
        return Heard { silent: true, ..Heard::one(reading) };
    }
    let status = response["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(0);
    let headers = headers(&response["headers"]);
    let body = match (response.get("body_text").and_then(Value::as_str), response.get("body")) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (None, Some(body)) => body.to_string().into_bytes(),
        (None, None) => Vec::new(),
    };
    let got = Received { status, headers: &headers, body: &body };
    let asked = {
        let mut asked = words::asked(&request["query"]);
        asked.extend(words::asked(&request["body"]));
        asked
    };
    match target {
        Target::Operation(name) => {
            let Some(operation) = manifest.operation(name) else { return nothing_known("no such operation") };
            let wanted = wanted(sample, operation.entity, &manifest.view(name, operation));
            Heard::one(manifest.reading(&manifest.view(name, operation), got, &asked, &wanted))
        }
        Target::Poll(name) => {
            let Some(operation) = manifest.operation(name) else { return nothing_known("no such operation") };
            let view = manifest.late_view(name, operation);
            let wanted = wanted(sample, operation.entity, &view);
            Heard::one(manifest.reading(&view, got, &asked, &wanted))
        }
        Target::Callback(name) => {
            let Some(operation) = manifest.operation(name) else { return nothing_known("no such operation") };
            let wanted = wanted(sample, operation.entity, &manifest.late_view(name, operation));
            hear_delivery(manifest, name, &sample["webhook"], &wanted)
        }
        Target::Bulk(name) => {
            let echo = manifest.bulk_of(name).and_then(|(_, bulk)| bulk.echo.as_ref());
            let questions = target::asked_rows(&request["body"], echo);
            let read = manifest.read_bulk(name, &questions, got, &[]);
            let marks = questions.into_iter().map(|(mark, _)| mark);
            Heard { rows: marks.zip(read.rows).collect(), ..Heard::one(read.whole) }
        }
        Target::Account(name) => {
            let read = manifest.read_account(name, got);
            let pools = read.pools.iter().map(|(pool, left)| (pool.clone(), left.units())).collect();
            Heard { pools, ..Heard::one(read.reading) }
        }
    }
}

fn hear_delivery(manifest: &Manifest, name: &str, webhook: &Value, wanted: &[String]) -> Heard {
    let headers = headers(&webhook["headers"]);
    let body = match webhook.get("raw_body").and_then(Value::as_str) {
        Some(raw) => raw.as_bytes().to_vec(),
        None => webhook["body"].to_string().into_bytes(),
    };
    let secret = webhook.get("secret").and_then(Value::as_str);
    let secrets = Secrets { key: secret, deliveries: secret };
    let signed = manifest.delivery_is_signed(name, &headers, &body, &secrets);
    let reading = match manifest.read_delivery(name, &headers, &body, &secrets, &Fields::new(), wanted) {
        Ok((reading, _)) => reading,
        Err(why) => {
            let mut reading = Reading::unread(AnswerOutcome::Malformed, 0, why.to_string());
            reading.rule = why.to_string();
            reading
        }
    };
    Heard { signed, ..Heard::one(reading) }
}

fn headers(value: &Value) -> Vec<(String, String)> {
    let entries = value.as_object().into_iter().flatten();
    entries.map(|(key, value)| (key.to_lowercase(), value.as_str().unwrap_or_default().to_owned())).collect()
}

/// The wanted fields of a sample in our names: of several the one that this call reads.
fn wanted(sample: &Value, entity: evergreen_model::Entity, view: &crate::view::View<'_>) -> Vec<String> {
    // Some samples say it beside, some inside what they expect.
    let words = list(&sample["expect"], "wanted").chain(list(sample, "wanted"));
    words
        .map(|word| {
            let names = words::ours(entity, word);
            names.iter().find(|name| view.fields.contains_key(*name)).unwrap_or(&names[0]).clone()
        })
        .collect()
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v str> {
    value.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
