//! The settings of sync: which property is written from which field under which protection, and how much one plan may change.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::{Entity, Protection};
use evergreen_rules::Expression;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::own;

/// What may be written to the portal, and how much of it at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Property group under which Evergreen's own properties are created.
    #[garde(custom(property_name))]
    pub group: String,
    /// Properties of contacts. What is listed here replaces or adds to the built-in rules, property by property.
    #[serde(deserialize_with = "contact_over_defaults")]
    #[garde(dive)]
    pub contact: EntityRules,
    /// Properties of companies. What is listed here replaces or adds to the built-in rules, property by property.
    #[serde(deserialize_with = "company_over_defaults")]
    #[garde(dive)]
    pub company: EntityRules,
    /// When a contact's lifecycle stage moves.
    #[garde(dive)]
    pub lifecycle: Lifecycle,
    /// How much one plan may change before a named person must approve it.
    #[garde(dive)]
    pub guards: Guards,
    /// HubSpot `sourceType`s that are neither people nor us and whose values the rule `ours` may replace, e.g. `DATA_ENRICHMENT`.
    /// Every other writer counts as a person.
    #[garde(skip)]
    pub trusted_writers: BTreeSet<String>,
}

/// The properties of contacts or of companies.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(default, deny_unknown_fields)]
pub struct EntityRules {
    /// Internal property name in the portal to its rule.
    #[garde(custom(property_names), dive)]
    pub properties: BTreeMap<String, PropertyRule>,
}

/// How one property is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(default, deny_unknown_fields)]
pub struct PropertyRule {
    /// Our field whose value is written; the field of the same name when absent.
    #[garde(skip)]
    pub from: Option<String>,
    /// When it may be written: `never`, `fill-empty`, `ours` (empty, or written last by us) or `always` (even over a person).
    #[garde(skip)]
    pub protect: Protection,
    /// Property that takes our value when this one is protected, e.g. `jobtitle_evergreen`; created under our group.
    #[garde(inner(custom(property_name)))]
    pub backup: Option<String>,
    /// Condition over the record's fields that must hold as well; not known counts as no.
    #[garde(skip)]
    pub when: Option<Expression>,
}

/// When a contact's lifecycle stage moves. Stages move forward in the portal's own order, never back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Lifecycle {
    /// Which stage values may be moved: `ours` moves empty ones and those we set, `always` also those a person set.
    #[garde(skip)]
    pub protect: Protection,
    /// Stages to reach and their criteria; of those that hold, the furthest stage counts.
    #[garde(dive)]
    pub forward: Vec<StageRule>,
    /// Stage (value or label) for contacts whose address turned invalid; absent switches it off. Ignored where the portal has no such stage.
    #[garde(skip)]
    pub recycle: Option<String>,
}

/// One stage and who belongs into it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
pub struct StageRule {
    /// Stage, by the portal's internal value or label, e.g. `marketingqualifiedlead`.
    #[garde(length(min = 1))]
    pub to: String,
    /// Condition over the contact's fields.
    #[garde(skip)]
    pub when: Expression,
}

/// Above these limits a plan waits until a named person approves it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Guards {
    /// Largest share of the portal's records that one plan may update, 0 to 1. Not asked in portals under 100 records.
    #[garde(range(min = 0.0, max = 1.0))]
    pub max_share_touched: f64,
    /// Most records one plan may create.
    #[garde(skip)]
    pub max_creates: u64,
    /// Most records whose existing owner one plan may change.
    #[garde(skip)]
    pub max_owner_changes: u64,
    /// Most contacts whose existing lifecycle stage one plan may move.
    #[garde(skip)]
    pub max_lifecycle_moves: u64,
    /// Most money a run may have spent when its plan is applied, in the project's currency; no limit when absent.
    #[garde(inner(range(min = 0.0)))]
    pub max_spend: Option<f64>,
}

impl Settings {
    /// The property rules of an entity.
    #[must_use]
    pub fn rules(&self, entity: Entity) -> &BTreeMap<String, PropertyRule> {
        match entity {
            Entity::Contact => &self.contact.properties,
            Entity::Company => &self.company.properties,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            group: "evergreen".to_owned(),
            contact: default_rules(Entity::Contact),
            company: default_rules(Entity::Company),
            lifecycle: Lifecycle::default(),
            guards: Guards::default(),
            trusted_writers: BTreeSet::from(["PROPERTY_DEFAULT_VALUE".to_owned()]),
        }
    }
}

impl Default for PropertyRule {
    fn default() -> Self {
        PropertyRule { from: None, protect: Protection::FillEmpty, backup: None, when: None }
    }
}

impl Default for Lifecycle {
    fn default() -> Self {
        Lifecycle { protect: Protection::Ours, forward: Vec::new(), recycle: Some("Recycle".to_owned()) }
    }
}

impl Default for Guards {
    fn default() -> Self {
        Guards {
            max_share_touched: 0.3,
            max_creates: 5_000,
            max_owner_changes: 50,
            max_lifecycle_moves: 500,
            max_spend: None,
        }
    }
}

/// What sales people type is filled only where empty; what exists only because of us is always written.
fn default_rules(entity: Entity) -> EntityRules {
    let fill_empty: &[&str] = match entity {
        Entity::Contact => &[
            "email",
            "firstname",
            "lastname",
            "company",
            "mobilephone",
            "hs_linkedin_url",
            "address",
            "city",
            "state",
            "zip",
            "country",
            "industry",
            "website",
            "hubspot_owner_id",
        ],
        Entity::Company => &[
            "name",
            "domain",
            "website",
            "industry",
            "numberofemployees",
            "annualrevenue",
            "founded_year",
            "description",
            "linkedin_company_page",
            "address",
            "city",
            "state",
            "zip",
            "country",
            "hubspot_owner_id",
        ],
    };
    let backed_up: &[&str] = match entity {
        Entity::Contact => &["jobtitle", "phone"],
        Entity::Company => &["phone"],
    };
    let mut properties = BTreeMap::new();
    for name in fill_empty {
        properties.insert((*name).to_owned(), PropertyRule::default());
    }
    for name in backed_up {
        let backup = Some(format!("{name}_evergreen"));
        properties.insert((*name).to_owned(), PropertyRule { backup, ..PropertyRule::default() });
    }
    for name in own::NAMES {
        properties.insert((*name).to_owned(), PropertyRule { protect: Protection::Always, ..PropertyRule::default() });
    }
    EntityRules { properties }
}

fn contact_over_defaults<'de, D: Deserializer<'de>>(deserializer: D) -> Result<EntityRules, D::Error> {
    over_defaults(Entity::Contact, deserializer)
}

fn company_over_defaults<'de, D: Deserializer<'de>>(deserializer: D) -> Result<EntityRules, D::Error> {
    over_defaults(Entity::Company, deserializer)
}

/// A user who names one property must not lose the protection of all others.
fn over_defaults<'de, D: Deserializer<'de>>(entity: Entity, deserializer: D) -> Result<EntityRules, D::Error> {
    let given = EntityRules::deserialize(deserializer)?;
    let mut rules = default_rules(entity);
    rules.properties.extend(given.properties);
    Ok(rules)
}

fn property_name(name: &str, _context: &()) -> garde::Result {
    let fits = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if fits {
        return Ok(());
    }
    Err(garde::Error::new(format!(
        "\"{name}\" is no internal property name: lower-case letters, digits and _, letter first"
    )))
}

fn property_names(rules: &BTreeMap<String, PropertyRule>, context: &()) -> garde::Result {
    if rules.contains_key("lifecyclestage") {
        return Err(garde::Error::new("lifecyclestage is set under `lifecycle`, not as a property"));
    }
    rules.keys().try_for_each(|name| property_name(name, context))
}

#[cfg(test)]
mod tests {
    use garde::Validate;

    use super::*;

    #[test]
    fn the_defaults_are_valid_and_read_back_unchanged() {
        let settings = Settings::default();
        settings.validate().unwrap();
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings);
    }

    #[test]
    fn naming_one_property_keeps_the_protection_of_the_others() {
        let settings: Settings =
            serde_json::from_str(r#"{"contact": {"properties": {"city": {"protect": "always"}}}}"#).unwrap();
        assert_eq!(settings.contact.properties["city"].protect, Protection::Always);
        assert_eq!(settings.contact.properties["jobtitle"].backup.as_deref(), Some("jobtitle_evergreen"));
    }

    #[test]
    fn unknown_keys_and_impossible_names_are_refused() {
        assert!(serde_json::from_str::<Settings>(r#"{"contact": {"jobtitle": {}}}"#).is_err());
        for name in ["Job Title", "lifecyclestage"] {
            let json = serde_json::json!({"contact": {"properties": {name: {}}}});
            assert!(serde_json::from_value::<Settings>(json).unwrap().validate().is_err(), "{name}");
        }
    }
}
