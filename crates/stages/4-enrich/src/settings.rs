//! The `enrich` section of the settings: which sources may fill which fields, and how much money they may cost.

use std::collections::BTreeMap;

use evergreen_model::{Entity, Money};
use evergreen_ports::Ceilings;
use evergreen_rules::Expression;
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// Stage 4, enrich: what is bought, in which order, for how much at most.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How missing fields of a contact are filled. Unset parts: mandatory `email`; wanted `jobtitle`, `hs_linkedin_url`, `phone`; no sources.
    #[serde(deserialize_with = "contact_waterfall")]
    #[garde(dive)]
    pub contact: Waterfall,
    /// How missing fields of a company are filled. Unset parts: mandatory `industry`, `numberofemployees`; wanted `country`, `linkedin_company_page`; no sources.
    #[serde(deserialize_with = "company_waterfall")]
    #[garde(dive)]
    pub company: Waterfall,
    /// How much may be spent. Without a budget nothing is bought.
    #[garde(dive)]
    pub budget: Budget,
    /// Most questions on their way at the same time, over all providers; 1 to 1,000, default 16.
    #[garde(range(min = 1, max = 1000))]
    pub concurrency: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            contact: Waterfall::contact(),
            company: Waterfall::company(),
            budget: Budget::default(),
            concurrency: 16,
        }
    }
}

/// Ordered sources, asked one after the other until the mandatory fields are there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Waterfall {
    /// Fields that must be there. Only a missing mandatory field makes a paid call happen.
    #[garde(skip)]
    pub mandatory: Vec<String>,
    /// Fields that are taken along when a call is made anyway; only a free source is asked for their sake.
    #[garde(skip)]
    pub wanted: Vec<String>,
    /// Sources in the order in which they are asked.
    #[garde(dive)]
    pub sources: Vec<Step>,
}

impl Waterfall {
    /// The default for contacts: an address is mandatory.
    #[must_use]
    pub fn contact() -> Self {
        Waterfall {
            mandatory: words(&["email"]),
            wanted: words(&["jobtitle", "hs_linkedin_url", "phone"]),
            sources: Vec::new(),
        }
    }

    /// The default for companies: industry and headcount are mandatory, because routing and the ideal customer profile read them.
    #[must_use]
    pub fn company() -> Self {
        Waterfall {
            mandatory: words(&["industry", "numberofemployees"]),
            wanted: words(&["country", "linkedin_company_page"]),
            sources: Vec::new(),
        }
    }
}

/// One source of a waterfall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Which operation of which provider: `hunter.email_finder`, or `table.NAME` for a table of your own.
    #[garde(length(min = 1))]
    pub source: String,
    /// Ask only where this rule says yes (a rule over missing data does not), for example `contact.country == "US"`. Unset: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub when: Option<Expression>,
}

/// Ceilings of spend, in the project's currency. `null` means no limit; the default of `per_run` is 0, so nothing is bought until you say so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Budget {
    /// Most money in one run; default 0: nothing is bought.
    #[garde(range(min = 0.0, max = 1_000_000_000.0))]
    pub per_run: Option<f64>,
    /// Most money for one record in one run; default `null`, no limit.
    #[garde(range(min = 0.0, max = 1_000_000_000.0))]
    pub per_record: Option<f64>,
    /// Most money in one calendar month (UTC); default `null`, no limit.
    #[garde(range(min = 0.0, max = 1_000_000_000.0))]
    pub per_month: Option<f64>,
    /// Most money per provider in one run, by the provider's name; a provider that is not listed has no limit of its own.
    #[garde(custom(amounts))]
    pub per_provider: BTreeMap<String, f64>,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { per_run: Some(0.0), per_record: None, per_month: None, per_provider: BTreeMap::new() }
    }
}

impl Settings {
    /// The waterfall of an entity.
    #[must_use]
    pub fn waterfall(&self, entity: Entity) -> &Waterfall {
        match entity {
            Entity::Contact => &self.contact,
            Entity::Company => &self.company,
        }
    }
}

/// The budget as the store enforces it.
#[must_use]
pub fn ceilings(settings: &Settings) -> Ceilings {
    let budget = &settings.budget;
    Ceilings {
        run: budget.per_run.map(Money::from_units),
        record: budget.per_record.map(Money::from_units),
        provider: budget.per_provider.iter().map(|(name, most)| (name.clone(), Money::from_units(*most))).collect(),
        month: budget.per_month.map(Money::from_units),
    }
}

fn amounts(ceilings: &BTreeMap<String, f64>, _: &()) -> garde::Result {
    match ceilings.iter().find(|(_, most)| !(0.0..=1_000_000_000.0).contains(*most)) {
        Some((name, most)) => {
            Err(garde::Error::new(format!("the ceiling of {name} is {most}; it must be between 0 and 1,000,000,000")))
        }
        None => Ok(()),
    }
}

fn words(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// A waterfall as written, before the entity's defaults fill the parts that are not.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    mandatory: Option<Vec<String>>,
    wanted: Option<Vec<String>>,
    sources: Option<Vec<Step>>,
}

impl Draft {
    fn over(self, default: Waterfall) -> Waterfall {
        Waterfall {
            mandatory: self.mandatory.unwrap_or(default.mandatory),
            wanted: self.wanted.unwrap_or(default.wanted),
            sources: self.sources.unwrap_or(default.sources),
        }
    }
}

fn contact_waterfall<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Waterfall, D::Error> {
    Ok(Draft::deserialize(deserializer)?.over(Waterfall::contact()))
}

fn company_waterfall<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Waterfall, D::Error> {
    Ok(Draft::deserialize(deserializer)?.over(Waterfall::company()))
}
