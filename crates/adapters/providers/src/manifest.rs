//! A manifest: one provider's YAML file, read and checked as a whole.

use std::sync::Arc;

use evergreen_model::{AnswerOutcome, Credits, Money, OperationCard, Problem, ProviderCard, Remedy};

use crate::document::{Document, Operation, Origin};
use crate::mistakes::mistakes;
use crate::words;

/// At most so many requests in a window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Requests.
    pub count: u32,
    /// Length of the window, in milliseconds.
    pub ms: u64,
    /// True where the vendor counts from the full minute, hour or day instead of looking back.
    pub fixed: bool,
}

/// One provider as its file describes it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Manifest {
    pub(crate) document: Arc<Document>,
}

impl Manifest {
    /// Reads and checks a manifest; `file` is its name for messages.
    ///
    /// # Errors
    /// `EG-PROVIDER-001` where the YAML is not of the form of a manifest (unknown key, wrong type, bad expression), with line and column;
    /// `EG-PROVIDER-002` where it contradicts itself or names fields that do not exist, with every contradiction found.
    pub fn parse(file: &str, text: &str) -> Result<Manifest, Problem> {
        let document: Document = serde_saphyr::from_str(text).map_err(|error| {
            let place = error.location().map_or_else(String::new, |at| format!(":{}:{}", at.line(), at.column()));
            Problem::new(
                "EG-PROVIDER-001",
                Remedy::FixSettings,
                format!("{file}{place}: the manifest cannot be read"),
                error.without_snippet().to_string(),
                "correct the line; docs/reference/provider.schema.json lists every key",
            )
        })?;
        let mistakes = mistakes(&document, text);
        if !mistakes.is_empty() {
            let lines: Vec<String> =
                mistakes.iter().map(|mistake| format!("{file}:{}: {}", mistake.line, mistake.text)).collect();
            return Err(Problem::new(
                "EG-PROVIDER-002",
                Remedy::FixSettings,
                format!("{file}: the manifest has {} mistake(s)", mistakes.len()),
                lines.join("\n       "),
                "correct the lines above",
            ));
        }
        Ok(Manifest { document: Arc::new(document) })
    }

    /// Its short name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.document.name
    }

    /// Where its interface is described.
    #[must_use]
    pub fn docs(&self) -> Option<&str> {
        self.document.docs.as_deref()
    }

    /// The day its facts were last checked.
    #[must_use]
    pub fn checked_on(&self) -> &str {
        &self.document.checked_on
    }

    /// What an operation answers, in a sentence for people.
    #[must_use]
    pub fn about(&self, operation: &str) -> Option<&str> {
        self.operation(operation).map(|operation| operation.about.as_str())
    }

    /// What to know about the data's origin and the law.
    #[must_use]
    pub fn legal(&self) -> &str {
        &self.document.legal
    }

    /// Where its data come from.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.document.origin
    }

    /// Whether a person must switch it on, after reading [`Manifest::legal`].
    #[must_use]
    pub fn off_by_default(&self) -> bool {
        self.document.off_by_default
    }

    /// The price of a credit by the manifest.
    #[must_use]
    pub fn money_per_credit(&self) -> Money {
        Money::from_units(self.document.money_per_credit)
    }

    /// Facts an operation can tell that no field of a record holds: `email_status`, `phone_type`.
    #[must_use]
    pub fn facts(&self, operation: &str) -> Vec<String> {
        self.operation(operation).map_or_else(Vec::new, |operation| {
            operation.fields.keys().filter(|name| !words::is_field(operation.entity, name)).cloned().collect()
        })
    }

    /// Rolling windows (requests, milliseconds) and the most requests at the same time.
    #[must_use]
    pub fn limits(&self) -> (Vec<(u32, u64)>, usize) {
        let limits = &self.document.limits;
        (limits.windows.iter().map(|window| (window.count, window.ms)).collect(), limits.concurrency)
    }

    /// How fast an operation may be asked: its own windows and the provider's, all of which hold.
    #[must_use]
    pub fn pace(&self, operation: &str) -> Vec<Pace> {
        let own = self.operation(operation).and_then(|operation| operation.limits.as_ref());
        let windows = own.into_iter().chain(std::iter::once(&self.document.limits)).flat_map(|limits| &limits.windows);
        windows.map(|window| Pace { count: window.count, ms: window.ms, fixed: window.fixed }).collect()
    }

    /// What it can do, at the manifest's prices.
    #[must_use]
    pub fn card(&self) -> ProviderCard {
        let document = &self.document;
        ProviderCard {
            name: document.name.clone(),
            title: document.title.clone(),
            money_per_credit: Money::from_units(document.money_per_credit),
            repeats_free: document.repeats_free,
            operations: document.operations.iter().map(|(name, operation)| operation_card(name, operation)).collect(),
        }
    }

    /// Whether status 429 always means haste here, so that waiting and repeating helps whatever the body says.
    pub(crate) fn waits_out_429(&self, operation: &Operation) -> bool {
        let rules = operation.rules.iter().chain(&self.document.rules);
        for rule in rules
            .filter(|rule| rule.when.status.is_empty() || rule.when.status.iter().any(|range| range.0.contains(&429)))
        {
            let settled = rule.when.body.is_none() && rule.when.text.is_none() && rule.when.header.is_empty();
            if rule.outcome != AnswerOutcome::RateLimited {
                return false;
            }
            if settled {
                return true;
            }
        }
        true
    }

    pub(crate) fn operation(&self, name: &str) -> Option<&Operation> {
        self.document.operations.get(name)
    }
}

fn operation_card(name: &str, operation: &Operation) -> OperationCard {
    OperationCard {
        name: name.to_owned(),
        entity: operation.entity,
        needs: operation.needs.clone(),
        accepts: operation.accepts.clone(),
        // Facts that no record holds are no reason to ask: see `Manifest::facts`.
        gives: operation.fields.keys().filter(|name| words::is_field(operation.entity, name)).cloned().collect(),
        price_max: Credits::from_units(operation.price_max),
        fresh_days: operation.fresh_days,
    }
}

/// The JSON Schema of a manifest, for editors.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"# Acme: a test.
name: acme
title: Acme
checked_on: "2026-11-23"
legal: none
money_per_credit: 0.01
repeats_free: false
base_url: https://api.acme.example/v1
operations:
  find:
    about: finds
    entity: contact
    needs: [[email]]
    price_max: 1
    fresh_days: 30
    request: { method: GET, path: /find, query: { email: "{{ email }}" } }
    fields:
      jobtitle: data.title
    charge: [{ outcomes: [hit], credits: 1 }]
"#;

    #[test]
    fn a_sound_manifest_gives_a_card() {
        let manifest = Manifest::parse("acme.yaml", GOOD).expect("sound");
        let card = manifest.card();
        assert_eq!(card.operations[0].gives, ["jobtitle"]);
        assert_eq!(card.operations[0].price_max, Credits::from_units(1.0));
    }

    #[test]
    fn every_mistake_names_its_line() {
        for (good, bad, code, place, part) in [
            ("title: Acme", "titel: Acme", "EG-PROVIDER-001", "acme.yaml:3:", "titel"),
            ("jobtitle: data.title", "jobtitle: \"data.[title\"", "EG-PROVIDER-001", "acme.yaml:18:", "JMESPath"),
            ("credits: 1 }", "credits: one }", "EG-PROVIDER-001", "acme.yaml:19:", ""),
            ("outcomes: [hit]", "outcomes: [hitt]", "EG-PROVIDER-001", "acme.yaml:19:", "no outcome hitt"),
            (
                "jobtitle: data.title",
                "jobtitel: data.title",
                "EG-PROVIDER-002",
                "acme.yaml:10",
                "did you mean jobtitle?",
            ),
            ("{{ email }}", "{{ emial }}", "EG-PROVIDER-002", "acme.yaml:10", "emial"),
            ("{{ email }}", "{{ email ", "EG-PROVIDER-001", "acme.yaml:16", "template"),
            ("credits: 1 }", "credits: 2 }", "EG-PROVIDER-002", "acme.yaml:10", "price_max"),
            ("https://api.acme.example/v1", "acme", "EG-PROVIDER-002", "acme.yaml:8", "address"),
        ] {
            let problem = Manifest::parse("acme.yaml", &GOOD.replace(good, bad)).expect_err(bad);
            let text = problem.to_string();
            assert!(problem.code == code && text.contains(place) && text.contains(part), "{bad}: {text}");
        }
    }
}
