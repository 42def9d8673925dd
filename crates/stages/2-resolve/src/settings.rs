//! The settings of resolve: when two records are one, whom to believe, and how a field's value is chosen.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How duplicates are found and how the value of each field is chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Match probability, 0 to 1, from which two records are merged without asking.
    #[serde(rename = "match")]
    #[garde(range(min = 0.0, max = 1.0))]
    pub match_: f64,
    /// Match probability, 0 to 1, from which a person is asked; must not be above `match`.
    #[garde(range(min = 0.0, max = 1.0), custom(not_above(&self.match_)))]
    pub review: f64,
    /// Two-letter country code by which phone numbers without a country are read when the record names none.
    #[garde(custom(two_capitals))]
    pub default_region: String,
    /// How much each source is believed, 0 to 100, by kind (`person`, `crm`, `provider`, `table`, `list`) or by name
    /// (`provider:hunter`, `list:badges.csv`); the name counts before the kind. A provider's own confidence scales its trust.
    #[garde(custom(at_most_100))]
    pub source_trust: BTreeMap<String, u8>,
    /// Rule per field; fields that are not listed use the most trusted source, except those the portal owns.
    #[garde(skip)]
    pub survivorship: BTreeMap<String, Rule>,
}

/// How one value is chosen among several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The portal's value, if it has one; else the most trusted source.
    PortalWins,
    /// The value said last.
    Newest,
    /// The value of the source with the highest trust; the newest among equals.
    MostTrusted,
    /// The longest value.
    Longest,
    /// The value most sources agree on.
    Majority,
    /// A value a person or a provider confirmed with a confidence of at least 90; else the most trusted source.
    Verified,
}

impl Default for Settings {
    fn default() -> Self {
        let trust = [("person", 100), ("crm", 90), ("provider", 80), ("table", 70), ("list", 50)];
        Settings {
            match_: 0.80,
            review: 0.65,
            default_region: "US".to_owned(),
            source_trust: trust.into_iter().map(|(kind, trust)| (kind.to_owned(), trust)).collect(),
            survivorship: BTreeMap::new(),
        }
    }
}

fn two_capitals(region: &str, (): &()) -> garde::Result {
    if region.len() == 2 && region.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Ok(());
    }
    Err(garde::Error::new("must be a two-letter country code in capitals, such as US or DE"))
}

fn at_most_100(trust: &BTreeMap<String, u8>, (): &()) -> garde::Result {
    match trust.iter().find(|(_, trust)| **trust > 100) {
        Some((source, trust)) => Err(garde::Error::new(format!("{source}: {trust} is more than 100"))),
        None => Ok(()),
    }
}

fn not_above(match_: &f64) -> impl FnOnce(&f64, &()) -> garde::Result + '_ {
    move |review, ()| {
        if review > match_ {
            return Err(garde::Error::new(format!("must not be above match ({match_})")));
        }
        Ok(())
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
        assert!(text.contains("\"match\":0.8"));
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings);
    }

    #[test]
    fn a_review_threshold_above_the_match_threshold_is_refused() {
        assert!(Settings { review: 0.9, ..Settings::default() }.validate().is_err());
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        assert!(serde_json::from_str::<Settings>(r#"{"matches": 0.8}"#).is_err());
    }
}
