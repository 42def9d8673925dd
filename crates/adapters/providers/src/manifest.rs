//! A manifest: one provider's YAML file, read and checked as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use evergreen_model::field;
use evergreen_model::{AnswerOutcome, Credits, Fields, Money, OperationCard, Problem, ProviderCard, Remedy};

use crate::document::{Document, Operation};
use crate::request;

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

    /// Rolling windows (requests, milliseconds) and the most requests at the same time.
    #[must_use]
    pub fn limits(&self) -> (Vec<(u32, u64)>, usize) {
        let limits = &self.document.limits;
        (limits.windows.iter().map(|window| (window.count, window.ms)).collect(), limits.concurrency)
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
            let settled = rule.when.body.is_none() && rule.when.text.is_none();
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
        gives: operation.fields.keys().cloned().collect(),
        price_max: Credits::from_units(operation.price_max),
        fresh_days: operation.fresh_days,
    }
}

/// The JSON Schema of a manifest, for editors.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}

struct Mistake {
    line: usize,
    text: String,
}

fn mistakes(document: &Document, text: &str) -> Vec<Mistake> {
    let mut found = Vec::new();
    let mut say = |key: &str, what: String| found.push(Mistake { line: line_of(text, key), text: what });

    let plain = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_".contains(letter))
    };
    if !plain(&document.name) {
        say("name", format!("the name `{}` must be of lower-case letters, digits, - and _", document.name));
    }
    if url::Url::parse(&document.base_url).is_err() {
        say("base_url", format!("`{}` is not an address", document.base_url));
    }
    if !(0.0..=1e6).contains(&document.money_per_credit) {
        say("money_per_credit", "a price is 0 or more".to_owned());
    }
    if document.operations.is_empty() {
        say("operations", "a provider without operations answers nothing".to_owned());
    }
    for (name, operation) in &document.operations {
        let entity = operation.entity;
        let mut say = |what: String| say(name, format!("{name}: {what}"));
        if !plain(name) {
            say("the name must be of lower-case letters, digits, - and _".to_owned());
        }
        if operation.needs.is_empty() || operation.needs.iter().any(Vec::is_empty) {
            say("`needs` must hold at least one set of inputs".to_owned());
        }
        if operation.fields.is_empty() {
            say("`fields` is empty, so it can fill nothing".to_owned());
        }
        if !(0.0..=1e6).contains(&operation.price_max) {
            say("`price_max` is 0 or more".to_owned());
        }
        if !operation.request.path.starts_with('/') {
            say("`path` must begin with a slash".to_owned());
        }
        let named = operation.needs.iter().flatten().chain(&operation.accepts).chain(operation.fields.keys());
        let mut unknown: Vec<&String> = named.filter(|field| field::find(entity, field).is_none()).collect();
        unknown.sort();
        unknown.dedup();
        for field in unknown {
            let nearest = field::fields(entity)
                .iter()
                .max_by(|a, b| strsim::jaro_winkler(field, a.name).total_cmp(&strsim::jaro_winkler(field, b.name)));
            let hint = nearest.map_or_else(String::new, |nearest| format!("; did you mean {}?", nearest.name));
            say(format!("a {} has no field `{field}`{hint}", entity.as_str()));
        }
        for rule in &operation.charge {
            if rule.meter.is_some() == rule.credits.is_some() {
                say("a charge rule has either `credits` or a `meter`".to_owned());
            }
            if rule.credits.is_some_and(|credits| credits > operation.price_max) {
                say("a charge rule costs more than `price_max`".to_owned());
            }
        }
        // Every template is filled once with nothing and once with everything, so that a slip in a name is found here.
        for value in ["", "x"] {
            let inputs: Fields = operation
                .needs
                .iter()
                .flatten()
                .chain(&operation.accepts)
                .map(|name| (name.clone(), value.to_owned()))
                .collect();
            if let Err(why) = request::parts(document, operation, &inputs, &[]) {
                say(why);
                break;
            }
        }
    }
    found
}

/// The line on which a key stands first; 1 when it does not.
fn line_of(text: &str, key: &str) -> usize {
    let is_key =
        |line: &str| line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':'));
    text.lines().position(is_key).map_or(1, |at| at + 1)
}

/// Operation names and their other names, as recorded samples use them.
pub(crate) fn names(document: &Document) -> BTreeMap<&str, &str> {
    let own = document.operations.keys().map(|name| (name.as_str(), name.as_str()));
    let others = document
        .operations
        .iter()
        .flat_map(|(name, operation)| operation.also_called.iter().map(|other| (other.as_str(), name.as_str())));
    own.chain(others).collect()
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
