//! From a response to an answer: ordered rules first, then what the body proves. Pure, so a recorded response is a complete test.

use evergreen_model::{Answer, AnswerOutcome, Charge, Fields, Money};

use crate::charge;
use crate::document::{Operation, Rule};
use crate::expression::{Body, Envelope};
use crate::manifest::Manifest;
use crate::value::{self, NoValue};

impl Manifest {
    /// Reads a response to `operation`. `wanted` are the fields whose presence makes a hit; without any, any field does.
    ///
    /// All wanted fields there: hit. Some, or none of them but others: partial. Nothing usable: miss.
    #[must_use]
    pub fn read(
        &self,
        operation: &str,
        status: u16,
        headers: &[(String, String)],
        body: &[u8],
        wanted: &[String],
    ) -> Answer {
        self.read_at(operation, status, headers, body, wanted, Money::from_units(self.document.money_per_credit))
    }

    /// Like [`Manifest::read`], at the configuration's price of a credit.
    pub(crate) fn read_at(
        &self,
        operation: &str,
        status: u16,
        headers: &[(String, String)],
        body: &[u8],
        wanted: &[String],
        money_per_credit: Money,
    ) -> Answer {
        let Some(found) = self.operation(operation) else {
            return unread(AnswerOutcome::Malformed, status, format!("{} has no operation {operation}", self.name()));
        };
        let json = Body::parse(body);
        let mut reading = self.judge(found, status, json.as_ref(), body);
        let mut fields = Fields::new();
        if let Some(json) = &json
            && matches!(reading.outcome, None | Some(AnswerOutcome::Pending))
        {
            fields = extract(found, json, &mut reading.notes);
        }
        let outcome = reading.outcome.unwrap_or_else(|| by_fields(&fields, wanted));
        let credits = charge::credits(&found.charge, outcome, headers, json.as_ref());
        let confidence =
            json.as_ref().filter(|_| !fields.is_empty()).and_then(|json| confidence(found, json)).unwrap_or(100);
        Answer {
            outcome,
            fields,
            charge: Charge { credits, money: credits.at(money_per_credit) },
            confidence,
            note: reading.notes.join("; "),
            status,
            latency_ms: 0,
        }
    }

    fn judge(&self, operation: &Operation, status: u16, json: Option<&Body>, body: &[u8]) -> Reading {
        let rules = operation.rules.iter().chain(&self.document.rules);
        for rule in rules {
            if matches(rule, status, json, body) {
                let assumed = if rule.assumed { ", assumed" } else { "" };
                return Reading::of(rule.outcome, format!("status {status} read by rule{assumed}"));
            }
        }
        match status {
            200..=299 => by_shape(operation, json),
            400 | 422 => Reading::of(AnswerOutcome::InvalidInput, format!("status {status}")),
            401 => Reading::of(AnswerOutcome::Auth, format!("status {status}")),
            402 => Reading::of(AnswerOutcome::NoCredits, format!("status {status}")),
            403 => Reading::of(AnswerOutcome::Plan, format!("status {status}")),
            429 => Reading::of(AnswerOutcome::RateLimited, format!("status {status}")),
            451 => Reading::of(AnswerOutcome::Refused, format!("status {status}")),
            408 | 425 | 500..=599 => Reading::of(AnswerOutcome::Transient, format!("status {status}")),
            _ => Reading::of(AnswerOutcome::Malformed, format!("status {status} is not expected of this vendor")),
        }
    }
}

/// What rules and shape say, before the fields have a word.
struct Reading {
    /// Unset: the fields decide.
    outcome: Option<AnswerOutcome>,
    notes: Vec<String>,
}

impl Reading {
    fn of(outcome: AnswerOutcome, note: String) -> Reading {
        Reading { outcome: Some(outcome), notes: vec![note] }
    }
}

/// An answer that never reached the manifest's rules.
pub(crate) fn unread(outcome: AnswerOutcome, status: u16, note: String) -> Answer {
    Answer { outcome, fields: Fields::new(), charge: Charge::default(), confidence: 0, note, status, latency_ms: 0 }
}

fn matches(rule: &Rule, status: u16, json: Option<&Body>, body: &[u8]) -> bool {
    let when = &rule.when;
    let status_fits = when.status.is_empty() || when.status.iter().any(|range| range.0.contains(&status));
    let body_fits = || when.body.as_ref().is_none_or(|test| json.is_some_and(|json| test.holds(json)));
    let text_fits = || {
        when.text
            .as_ref()
            .is_none_or(|text| String::from_utf8_lossy(body).to_lowercase().contains(&text.to_lowercase()))
    };
    status_fits && body_fits() && text_fits()
}

/// A 2xx is good only when its body has the right shape.
fn by_shape(operation: &Operation, json: Option<&Body>) -> Reading {
    let Some(json) = json else {
        return Reading::of(AnswerOutcome::Malformed, "the answer is not JSON".to_owned());
    };
    match operation.envelope.as_deref().map(|key| (key, json.envelope(key))) {
        Some((key, Envelope::Absent)) => Reading::of(AnswerOutcome::Malformed, format!("the answer has no `{key}`")),
        Some((_, Envelope::Empty)) => Reading::of(AnswerOutcome::Miss, "nothing known".to_owned()),
        None if !json.is_object() => Reading::of(AnswerOutcome::Malformed, "the answer is not an object".to_owned()),
        Some((_, Envelope::Full)) | None => Reading { outcome: None, notes: Vec::new() },
    }
}

fn extract(operation: &Operation, json: &Body, notes: &mut Vec<String>) -> Fields {
    let mut fields = Fields::new();
    for (name, rule) in &operation.fields {
        if rule.unless().is_some_and(|unless| unless.holds(json)) {
            notes.push(format!("{name}: withheld"));
            continue;
        }
        let mut why = NoValue::Absent;
        for place in rule.places() {
            match value::read(&place.find(json), rule.kind()) {
                Ok(value) => {
                    fields.insert(name.clone(), value);
                    why = NoValue::Absent;
                    break;
                }
                Err(NoValue::Absent) => {}
                Err(reason) => why = reason,
            }
        }
        if why != NoValue::Absent {
            notes.push(format!("{name}: {}", why.as_str()));
        }
    }
    fields
}

fn by_fields(fields: &Fields, wanted: &[String]) -> AnswerOutcome {
    if fields.is_empty() {
        AnswerOutcome::Miss
    } else if wanted.iter().all(|name| fields.contains_key(name)) {
        AnswerOutcome::Hit
    } else {
        AnswerOutcome::Partial
    }
}

fn confidence(operation: &Operation, json: &Body) -> Option<u8> {
    let rule = operation.confidence.as_ref()?;
    let raw = rule.from.find(json).as_f64()? * rule.times;
    raw.is_finite().then(|| raw.round().clamp(0.0, 100.0) as u8)
}
