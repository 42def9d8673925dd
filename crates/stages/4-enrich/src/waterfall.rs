//! Whom to ask next: the ordered sources of an entity, checked once, and the decision for one record at a time.

use std::collections::BTreeSet;

use evergreen_model::field;
use evergreen_model::{AnswerOutcome, Credits, Entity, Fields, Money, OperationCard, ProviderCard};
use serde::{Deserialize, Serialize};

use crate::condition::Condition;
use crate::settings::{Settings, Step, Waterfall};

/// A setting that cannot work, with the place where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct SettingsProblem {
    /// Dotted path inside the `enrich` section: `contact.sources[1].source`.
    pub path: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// The waterfalls of a project, checked against the providers that are connected.
#[derive(Debug)]
pub struct Waterfalls {
    contact: Compiled,
    company: Compiled,
}

#[derive(Debug)]
struct Compiled {
    mandatory: Vec<String>,
    wanted: Vec<String>,
    steps: Vec<CompiledStep>,
}

#[derive(Debug)]
struct CompiledStep {
    provider: String,
    operation: OperationCard,
    money_per_credit: Money,
    when: Option<Condition>,
}

/// Everything the decision looks at.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Contact or company.
    pub entity: Entity,
    /// Golden values and what this pass has found so far.
    pub known: &'a Fields,
    /// Values of the contact's company, whose name and domain may be used as inputs.
    pub company: Option<&'a Fields>,
    /// Fields whose present value is known to be wrong, such as an address that was judged invalid: they count as missing.
    pub bad: &'a [String],
    /// What was asked in this pass.
    pub attempts: &'a [Attempt],
    /// Providers that are not to be asked any more in this run.
    pub stopped: &'a BTreeSet<String>,
}

/// One question asked in this pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Provider by name.
    pub provider: String,
    /// Operation by name.
    pub operation: String,
    /// How the answer read.
    pub outcome: AnswerOutcome,
}

/// What to do next for a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Ask this.
    Ask {
        /// Provider by name.
        provider: String,
        /// Operation by name.
        operation: String,
        /// Missing fields that the answer should fill, mandatory ones first. They decide between hit, partial and miss.
        wanted: Vec<String>,
    },
    /// Nothing mandatory is missing.
    Complete,
    /// Something mandatory is missing and nobody is left to ask.
    Exhausted {
        /// The mandatory fields that are missing.
        missing: Vec<String>,
        /// How many questions were asked in this pass.
        tried: usize,
    },
}

/// The next question for a record, or why there is none.
///
/// A source is asked only if it can fill a missing mandatory field, its inputs are known, it was not asked in this pass, its
/// provider is not stopped and its condition says yes. Wanted fields ride along; only a free source is asked for them alone.
/// After a refusal nobody is asked: the engine suppresses the record.
#[must_use]
pub fn next(waterfalls: &Waterfalls, ask: &Ask<'_>) -> Next {
    let waterfall = waterfalls.of(ask.entity);
    let missing = ask.missing(&waterfall.mandatory);
    let refused = ask.attempts.iter().any(|attempt| attempt.outcome == AnswerOutcome::Refused);
    if !refused {
        let wished = ask.missing(&waterfall.wanted);
        if let Some(step) = waterfall.steps.iter().find(|step| step.is_due(ask, &missing, &wished)) {
            return Next::Ask {
                provider: step.provider.clone(),
                operation: step.operation.name.clone(),
                wanted: missing
                    .iter()
                    .chain(&wished)
                    .filter(|name| step.gives(name))
                    .map(|name| (*name).to_owned())
                    .collect(),
            };
        }
    }
    if missing.is_empty() {
        Next::Complete
    } else {
        Next::Exhausted { missing: missing.iter().map(|name| (*name).to_owned()).collect(), tried: ask.attempts.len() }
    }
}

/// The values a question may be made of: the record's own (bad ones left out), with the name and the domain of the company where the
/// contact has none.
#[must_use]
pub fn inputs(entity: Entity, known: &Fields, company: Option<&Fields>, bad: &[String]) -> Fields {
    let mut inputs: Fields = known
        .iter()
        .filter(|(name, value)| !value.trim().is_empty() && !bad.contains(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if entity == Entity::Contact {
        for (ours, theirs) in [("domain", "domain"), ("company", "name")] {
            if let Some(value) =
                company.and_then(|company| company.get(theirs)).filter(|value| !value.trim().is_empty())
            {
                inputs.entry(ours.to_owned()).or_insert_with(|| value.clone());
            }
        }
    }
    inputs
}

impl Ask<'_> {
    fn missing<'n>(&self, names: &'n [String]) -> Vec<&'n str> {
        let there = |name: &String| {
            self.known.get(name).is_some_and(|value| !value.trim().is_empty()) && !self.bad.contains(name)
        };
        names.iter().filter(|name| !there(name)).map(String::as_str).collect()
    }
}

impl CompiledStep {
    fn gives(&self, name: &str) -> bool {
        self.operation.gives.iter().any(|given| given == name)
    }

    fn is_free(&self) -> bool {
        self.operation.price_max == Credits::ZERO
    }

    fn is_due(&self, ask: &Ask<'_>, missing: &[&str], wished: &[&str]) -> bool {
        let fills = |names: &[&str]| names.iter().any(|name| self.gives(name));
        let worth = fills(missing) || (self.is_free() && fills(wished));
        let tried = ask
            .attempts
            .iter()
            .any(|attempt| attempt.provider == self.provider && attempt.operation == self.operation.name);
        if !worth || tried || ask.stopped.contains(&self.provider) {
            return false;
        }
        let inputs = inputs(ask.entity, ask.known, ask.company, ask.bad);
        let ready = self.operation.needs.iter().any(|set| set.iter().all(|name| inputs.contains_key(name)));
        ready && self.when.as_ref().is_none_or(|when| when.holds(ask))
    }
}

impl Waterfalls {
    /// Checks the settings against the connected providers.
    ///
    /// # Errors
    /// Every problem found: unknown fields, unknown sources, sources that can fill none of the fields, rules that do not compile.
    pub fn new(settings: &Settings, cards: &[ProviderCard]) -> Result<Waterfalls, Vec<SettingsProblem>> {
        let mut problems = Vec::new();
        let contact = compile(Entity::Contact, &settings.contact, cards, &mut problems);
        let company = compile(Entity::Company, &settings.company, cards, &mut problems);
        for provider in settings.budget.per_provider.keys() {
            if !cards.iter().any(|card| card.name == *provider) {
                let names: Vec<String> = cards.iter().map(|card| card.name.clone()).collect();
                let message = format!("no provider is called {provider}{}", did_you_mean(provider, &names));
                problems.push(SettingsProblem { path: format!("budget.per_provider.{provider}"), message });
            }
        }
        if problems.is_empty() { Ok(Waterfalls { contact, company }) } else { Err(problems) }
    }

    /// The mandatory fields of an entity.
    #[must_use]
    pub fn mandatory(&self, entity: Entity) -> &[String] {
        &self.of(entity).mandatory
    }

    /// The wanted fields of an entity.
    #[must_use]
    pub fn wanted(&self, entity: Entity) -> &[String] {
        &self.of(entity).wanted
    }

    /// The most that all sources of an entity together can cost for one record.
    #[must_use]
    pub fn most_per_record(&self, entity: Entity) -> Money {
        let mut sum = Money::ZERO;
        for step in &self.of(entity).steps {
            sum += step.operation.price_max.at(step.money_per_credit);
        }
        sum
    }

    fn of(&self, entity: Entity) -> &Compiled {
        match entity {
            Entity::Contact => &self.contact,
            Entity::Company => &self.company,
        }
    }
}

fn compile(
    entity: Entity,
    waterfall: &Waterfall,
    cards: &[ProviderCard],
    problems: &mut Vec<SettingsProblem>,
) -> Compiled {
    let root = entity.as_str();
    for (list, names) in [("mandatory", &waterfall.mandatory), ("wanted", &waterfall.wanted)] {
        for (at, name) in names.iter().enumerate() {
            if field::find(entity, name).is_none() {
                let all: Vec<String> = field::fields(entity).iter().map(|field| field.name.to_owned()).collect();
                let message = format!("a {root} has no field {name}{}", did_you_mean(name, &all));
                problems.push(SettingsProblem { path: format!("{root}.{list}[{at}]"), message });
            }
        }
    }
    let mut steps: Vec<CompiledStep> = Vec::new();
    for (at, step) in waterfall.sources.iter().enumerate() {
        let path = format!("{root}.sources[{at}]");
        match compile_step(entity, waterfall, step, cards) {
            Ok(step)
                if steps
                    .iter()
                    .any(|other| other.provider == step.provider && other.operation.name == step.operation.name) =>
            {
                problems.push(SettingsProblem {
                    path: format!("{path}.source"),
                    message: "this source stands in the list already".to_owned(),
                });
            }
            Ok(step) => steps.push(step),
            Err((part, message)) => problems.push(SettingsProblem { path: format!("{path}.{part}"), message }),
        }
    }
    Compiled {
        mandatory: waterfall.mandatory.clone(),
        wanted: waterfall.wanted.iter().filter(|name| !waterfall.mandatory.contains(name)).cloned().collect(),
        steps,
    }
}

fn compile_step(
    entity: Entity,
    waterfall: &Waterfall,
    step: &Step,
    cards: &[ProviderCard],
) -> Result<CompiledStep, (&'static str, String)> {
    let Some((card, operation)) = find_source(&step.source, cards) else {
        let all: Vec<String> = cards.iter().flat_map(source_names).collect();
        return Err(("source", format!("no source is called {}{}", step.source, did_you_mean(&step.source, &all))));
    };
    if operation.entity != entity {
        return Err((
            "source",
            format!("{} is about a {}, not a {}", step.source, operation.entity.as_str(), entity.as_str()),
        ));
    }
    let fills = waterfall.mandatory.iter().chain(&waterfall.wanted).any(|name| operation.gives.contains(name));
    if !fills {
        let gives = operation.gives.join(", ");
        return Err((
            "source",
            format!("{} can fill none of the mandatory or wanted fields; it gives {gives}", step.source),
        ));
    }
    let when = step.when.as_ref().map(Condition::compile).transpose().map_err(|message| ("when", message))?;
    Ok(CompiledStep {
        provider: card.name.clone(),
        operation: operation.clone(),
        money_per_credit: card.money_per_credit,
        when,
    })
}

/// `hunter.email_finder`, or the bare name of a provider with one operation (`table.people`).
fn find_source<'c>(source: &str, cards: &'c [ProviderCard]) -> Option<(&'c ProviderCard, &'c OperationCard)> {
    cards.iter().find_map(|card| {
        let rest = source.strip_prefix(card.name.as_str())?;
        let operation = match (rest.strip_prefix('.'), card.operations.as_slice()) {
            (None, [only]) if rest.is_empty() => only,
            (Some(name), operations) => operations.iter().find(|operation| operation.name == name)?,
            _ => return None,
        };
        Some((card, operation))
    })
}

fn source_names(card: &ProviderCard) -> Vec<String> {
    match card.operations.as_slice() {
        [_] if card.name.contains('.') => vec![card.name.clone()],
        operations => operations.iter().map(|operation| format!("{}.{}", card.name, operation.name)).collect(),
    }
}

fn did_you_mean(word: &str, all: &[String]) -> String {
    let nearest = all.iter().map(|name| (strsim::jaro_winkler(word, name), name)).max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((likeness, name)) if likeness >= 0.8 => format!("; did you mean {name}?"),
        _ if all.is_empty() => String::new(),
        _ => format!("; there are {}", all.join(", ")),
    }
}
