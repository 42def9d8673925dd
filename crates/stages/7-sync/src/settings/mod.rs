//! The settings of sync: which property is written from which field under which protection, and how much one plan may change.

mod defaults;
mod guards;
mod lifecycle;
mod merge;
mod people;

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::{Entity, Protection};
use evergreen_rules::Expression;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

pub use guards::{Guards, Severity};
pub use lifecycle::{CompanyLifecycle, Lifecycle, StageRule};
pub use merge::{Merge, PrimaryRule};
pub use people::{Groups, People};

use defaults::default_rules;

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
    /// When the lifecycle stage of a contact or company moves.
    #[garde(dive)]
    pub lifecycle: Lifecycle,
    /// How much one plan may change before a named person must approve it.
    #[garde(dive)]
    pub guards: Guards,
    /// HubSpot `sourceType`s that are neither people nor us and whose values the rule `ours` may replace, e.g. `DATA_ENRICHMENT`.
    /// Every other writer counts as a person.
    #[garde(skip)]
    pub trusted_writers: BTreeSet<String>,
    /// Groups of people by a name of your choice (`sales`, `ops`), for `last_modified_by`.
    #[garde(custom(group_names), dive)]
    pub people: BTreeMap<String, People>,
    /// Whose edits are protected, for every property that does not say otherwise: names of `people` groups; `"!ops"` means everybody
    /// but that group. Everybody when empty. Edits by other people then count as a machine's; a writer nobody can name always counts
    /// as a protected person.
    #[garde(skip)]
    pub last_modified_by: Groups,
    /// Which of two duplicates inside the portal stays, for `evergreen dedupe --portal`.
    #[garde(dive)]
    pub merge: Merge,
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
    /// When it may be written: `never`, `fill-empty`, `ours` (empty, or written last by us), `newer` (also over a person, where our
    /// evidence is newer by the days below) or `always` (even over a person).
    #[garde(skip)]
    pub protect: Protection,
    /// Property that takes our value when this one is protected, e.g. `jobtitle_evergreen`; created under our group.
    #[garde(inner(custom(property_name)))]
    pub backup: Option<String>,
    /// Condition over the record's fields that must hold as well; not known counts as no.
    #[garde(skip)]
    pub when: Option<Expression>,
    /// For the rule `newer`: how much newer our evidence must be, and whether a person must agree.
    #[garde(dive)]
    pub newer: Newer,
    /// Our text to the portal's value or label, where they differ: `{Software: COMPUTER_SOFTWARE}`. Read without regard to case; what is
    /// not listed is matched with the portal's choices by value, then by label.
    #[garde(skip)]
    pub values: BTreeMap<String, String>,
    /// Whose edits of this property are protected; the setting of the same name for all properties when absent.
    #[garde(skip)]
    pub last_modified_by: Option<Groups>,
}

/// The rule `newer`: over a person, where our evidence is newer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Newer {
    /// Days by which our evidence must be newer than what the person typed.
    #[garde(range(max = 3_650))]
    pub days: u32,
    /// Whether the change waits on the review board until a person agrees.
    #[garde(skip)]
    pub hold: bool,
}

impl Default for Newer {
    fn default() -> Self {
        Newer { days: 90, hold: true }
    }
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

    /// Whose edits of a property are protected.
    #[must_use]
    pub fn protected_people(&self, entity: Entity, property: &str) -> &Groups {
        let own = self.rules(entity).get(property).and_then(|rule| rule.last_modified_by.as_ref());
        own.unwrap_or(&self.last_modified_by)
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
            people: BTreeMap::new(),
            last_modified_by: Groups::default(),
            merge: Merge::default(),
        }
    }
}

impl Default for PropertyRule {
    fn default() -> Self {
        PropertyRule {
            from: None,
            protect: Protection::FillEmpty,
            backup: None,
            when: None,
            newer: Newer::default(),
            values: BTreeMap::new(),
            last_modified_by: None,
        }
    }
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

fn group_names(people: &BTreeMap<String, People>, _context: &()) -> garde::Result {
    match people.keys().find(|name| name.starts_with('!') || name.trim().is_empty()) {
        Some(name) => {
            Err(garde::Error::new(format!("\"{name}\" can not name a group: a leading ! means everybody but it")))
        }
        None => Ok(()),
    }
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
