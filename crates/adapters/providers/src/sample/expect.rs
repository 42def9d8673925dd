//! What a sample expects, held against what the manifest reads.

use evergreen_model::country;
use evergreen_model::{AnswerOutcome, Entity};
use serde_json::Value;

use super::{Heard, Mismatch, list, text};
use crate::document::Operation;
use crate::extract;
use crate::manifest::Manifest;
use crate::reading::Reading;
use crate::value::{self, Kind};
use crate::view::{Target, View};
use crate::wait::RetryAfter;
use crate::words;

/// The disagreements of one sample.
pub(super) struct Differences {
    sample: String,
    rule: String,
    pub(super) found: Vec<Mismatch>,
}

impl Differences {
    pub(super) fn new(sample: &str, rule: &str) -> Differences {
        Differences { sample: sample.to_owned(), rule: rule.to_owned(), found: Vec::new() }
    }

    fn say(&mut self, what: &str, expected: &str, found: &str, rule: &str) {
        let or_nothing = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
        self.found.push(Mismatch {
            sample: self.sample.clone(),
            what: what.to_owned(),
            expected: or_nothing(expected),
            found: or_nothing(found),
            rule: rule.to_owned(),
        });
    }

    fn compare(&mut self, what: &str, expected: &str, found: &str) {
        if expected != found {
            let rule = self.rule.clone();
            self.say(what, expected, found, &rule);
        }
    }
}

pub(super) fn check(manifest: &Manifest, target: &Target, sample: &Value, heard: &Heard, differ: &mut Differences) {
    let expect = &sample["expect"];
    differ.compare("outcome", text(expect, "outcome"), &heard.whole.word());
    if !heard.silent {
        charge(&expect["charge"], &heard.whole, differ);
    }
    if let Target::Account(_) = target {
        balance(&expect["extract"], &heard.pools, differ);
    } else if let Some(operation) = operation_of(manifest, target) {
        let (name, view) = match target {
            Target::Poll(name) | Target::Callback(name) => (name, manifest.late_view(name, operation)),
            Target::Operation(name) | Target::Bulk(name) | Target::Account(name) => {
                (name, manifest.view(name, operation))
            }
        };
        fields(&view, expect, &heard.whole, differ);
        waiting(manifest, name, operation, expect, &heard.whole, sample, differ);
    }
    rows(manifest, target, expect, heard, differ);
    let records = expect.get("records").or_else(|| sample.get("records")).and_then(Value::as_u64);
    if let Some(records) = records {
        differ.compare("records", &records.to_string(), &heard.whole.rows.len().to_string());
    }
    if let (Some(valid), Some(signed)) = (expect.get("signature_valid").and_then(Value::as_bool), heard.signed) {
        differ.compare("signature", &format!("valid: {valid}"), &format!("valid: {signed}"));
    }
}

fn operation_of<'m>(manifest: &'m Manifest, target: &Target) -> Option<&'m Operation> {
    match target {
        Target::Operation(name) | Target::Poll(name) | Target::Callback(name) | Target::Bulk(name) => {
            manifest.operation(name)
        }
        Target::Account(_) => None,
    }
}

fn charge(expect: &Value, reading: &Reading, differ: &mut Differences) {
    let cost = &reading.cost;
    let found = match cost.tokens {
        Some((input, output)) => format!("{input}+{output} tokens"),
        None if cost.estimated => "estimate".to_owned(),
        None => cost.credits.to_string(),
    };
    let expected = match expect.get("amount") {
        Some(Value::String(amount)) => amount.clone(),
        Some(Value::Number(amount)) => amount.to_string(),
        _ => return,
    };
    if expected == "unknown" {
        return;
    }
    let number = expected.parse::<f64>().ok().map(evergreen_model::Credits::from_units);
    let agrees = match number {
        Some(amount) => amount == cost.credits && cost.tokens.is_none(),
        None => expected == found,
    };
    if !agrees {
        differ.say("charge", &expected, &found, &cost.basis);
    }
    let pool = text(expect, "pool");
    if !pool.is_empty() && !reading.pool.is_empty() && cost.credits.micros > 0 && pool != reading.pool {
        differ.say("pool", pool, &reading.pool, &cost.basis);
    }
}

fn balance(expect: &Value, pools: &[(String, f64)], differ: &mut Differences) {
    for (word, expected) in expect.as_object().into_iter().flatten() {
        let found = match word.strip_prefix("balance.") {
            Some(pool) => pools.iter().find(|(name, _)| name == pool),
            None => pools.first(),
        };
        let expected = match expected {
            Value::String(text) => text.parse().ok(),
            other => other.as_f64(),
        };
        let show = |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
        differ.compare(word, &show(expected), &show(found.map(|(_, left)| *left)));
    }
}

fn fields(view: &View<'_>, expect: &Value, reading: &Reading, differ: &mut Differences) {
    for (word, expected) in expect["extract"].as_object().into_iter().flatten() {
        let (name, found) = find(view, word, reading);
        let rule = view.fields.get(&name);
        let kind = rule.and_then(|rule| rule.long()?.kind).unwrap_or_else(|| words::usual_kind(view.entity, &name));
        let read = match rule {
            Some(rule) => extract::read(view.entity, &name, rule, expected),
            None => value::read(expected, kind),
        };
        let expected_text = match expected {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let agrees = read.as_ref().is_ok_and(|read| same(&name, kind, read, &found))
            || same(&name, kind, &expected_text, &found);
        if !agrees {
            let places = rule.map_or_else(
                || "no field of this call".to_owned(),
                |rule| format!("{:?}", rule.places()).trim_matches(['[', ']']).to_owned(),
            );
            differ.say(&format!("field {name}"), &expected_text, &found, &places);
        }
    }
    for word in list(expect, "must_stay_empty") {
        let names: Vec<String> = match word {
            "full_name" => ["full_name", "firstname", "lastname"].map(str::to_owned).to_vec(),
            _ => words::ours(view.entity, word),
        };
        // A band is no count: only the exact one must be empty where a call reads both.
        let names =
            if word == "employee_count" && view.fields.contains_key("employee_count") { &names[..1] } else { &names };
        for name in names {
            differ.compare(&format!("field {name}"), "", reading.value(name).unwrap_or_default());
        }
    }
}

/// The field that holds a canonical word, and its value.
fn find(view: &View<'_>, word: &str, reading: &Reading) -> (String, String) {
    let names = words::ours(view.entity, word);
    let told = names.iter().find(|name| reading.has(name));
    let name = told.or_else(|| names.iter().find(|name| view.fields.contains_key(*name))).unwrap_or(&names[0]).clone();
    let value = reading.value(&name).map(str::to_owned).unwrap_or_else(|| match word {
        "full_name" => {
            [reading.value("firstname"), reading.value("lastname")].into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    });
    (name, value)
}

/// Samples give values before normalisation of case; of a band and a count either end may be ours.
fn same(name: &str, kind: Kind, expected: &str, found: &str) -> bool {
    if expected.to_lowercase() == found.to_lowercase() {
        return true;
    }
    match kind {
        Kind::Headcount => {
            matches!((expected.parse::<f64>(), found.parse::<f64>()), (Ok(low), Ok(count)) if count >= low)
        }
        _ if name == "country" => country::code(expected).is_some_and(|code| country::code(found) == Some(code)),
        _ => !found.is_empty() && country::fold(expected) == country::fold(found),
    }
}

fn waiting(
    manifest: &Manifest,
    name: &str,
    operation: &Operation,
    expect: &Value,
    reading: &Reading,
    sample: &Value,
    differ: &mut Differences,
) {
    let said = match reading.retry_after {
        Some(RetryAfter::Ms(ms)) => Some(ms),
        Some(RetryAfter::At(_)) | None => None,
    };
    let seconds = |ms: Option<u64>| ms.map_or_else(String::new, |ms| (ms as f64 / 1e3).to_string());
    if let Some(expected) = expect.get("retry_after_s").and_then(Value::as_f64) {
        differ.compare("retry_after_s", &expected.to_string(), &seconds(said));
    }
    let poll = &expect["poll"];
    if poll.is_null() || reading.outcome != AnswerOutcome::Pending {
        return;
    }
    if let Some(expected) = poll.get("after_s").and_then(Value::as_f64) {
        let later = operation.asynchronous.as_ref().filter(|_| reading.ticket.is_some()).map(|later| later.wait_ms);
        differ.compare("poll after_s", &expected.to_string(), &seconds(said.or(later)));
    }
    let ticket = manifest.ticket(name, reading);
    if poll.get("same_url").and_then(Value::as_bool) == Some(true) {
        differ.compare(
            "poll",
            "the same request again",
            if ticket.is_some() { "a request of its own" } else { "the same request again" },
        );
        return;
    }
    let asked = words::asked(&sample["request"]);
    let made = ticket
        .ok_or_else(|| "no ticket was found".to_owned())
        .and_then(|ticket| manifest.poll_request(&ticket, &asked, &[]));
    match made {
        Err(why) => differ.compare("poll", text(poll, "url"), &why),
        Ok(parts) => {
            let root = operation.base_url.as_deref().unwrap_or(&manifest.document.base_url).trim_end_matches('/');
            differ.compare("poll method", text(poll, "method"), parts.method);
            differ.compare("poll url", text(poll, "url"), &format!("{root}{}", parts.path));
            if let Some(body) = poll.get("body") {
                differ.compare("poll body", &body.to_string(), &parts.body.unwrap_or(Value::Null).to_string());
            }
        }
    }
}

fn rows(manifest: &Manifest, target: &Target, expect: &Value, heard: &Heard, differ: &mut Differences) {
    let Some(expected) = expect.get("rows").and_then(Value::as_array) else { return };
    let Some(operation) = operation_of(manifest, target) else { return };
    let view = manifest.view("row", operation);
    for row in expected {
        let mark = match (row.get("key").and_then(Value::as_str), row.get("i").and_then(Value::as_u64)) {
            (Some(key), _) => key.to_owned(),
            (None, Some(at)) => at.to_string(),
            (None, None) => continue,
        };
        let Some((_, reading)) = heard.rows.iter().find(|(known, _)| *known == mark) else {
            differ.compare(&format!("row {mark}"), text(row, "outcome"), "");
            continue;
        };
        let mut own = Differences::new(&differ.sample, &reading.rule);
        own.compare("outcome", text(row, "outcome"), &reading.word());
        for (word, expected) in row.as_object().into_iter().flatten() {
            if matches!(word.as_str(), "i" | "key" | "outcome" | "note") {
                continue;
            }
            let (name, found) = find(&view, word, reading);
            let expected = expected.as_str().map_or_else(|| expected.to_string(), str::to_owned);
            if !same(&name, words::usual_kind(Entity::Contact, &name), &expected, &found) {
                own.compare(&format!("field {name}"), &expected, &found);
            }
        }
        differ.found.extend(own.found.into_iter().map(|mut mismatch| {
            mismatch.what = format!("row {mark} {}", mismatch.what);
            mismatch
        }));
    }
}
