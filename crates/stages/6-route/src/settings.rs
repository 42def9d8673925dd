//! The settings of route: where the territory matrix is, who takes what no line matches, and how teams share the work.

use std::collections::BTreeMap;
use std::path::PathBuf;

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Stage 6, route: who owns a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The territory matrix, a CSV file beside `evergreen.yaml` with the columns `region,country,state,industry,headcount,lead_source,owner`;
    /// for example `territories.csv`. Unset: everything without an owner goes to `fallback`.
    #[garde(skip)]
    pub territories: Option<PathBuf>,
    /// Who takes what no line matches or whose owners are inactive: addresses or `team:NAME`, the first one that is active.
    /// Empty: such records are held for a person.
    #[garde(inner(length(min = 1)))]
    pub fallback: Vec<String>,
    /// Region names to their countries (names or two-letter codes). Built in: `North America`, `LATAM`, `EMEA`, `DACH`, `APAC`,
    /// `UKI`, `Nordics`, `Benelux`; a name given here replaces the built-in one. A country may lie in several regions.
    #[garde(skip)]
    pub regions: BTreeMap<String, Vec<String>>,
    /// What happens when the line that wins names somebody who is deactivated.
    #[garde(skip)]
    pub when_inactive: WhenInactive,
    /// Owner address to the share of a team's records the owner takes, 0 to 1000; 1 when not listed, 0 takes none.
    #[garde(custom(shares_in_range))]
    pub weights: BTreeMap<String, u32>,
    /// Team name to the addresses of its members, in place of the portal's team of that name.
    #[garde(skip)]
    pub teams: BTreeMap<String, Vec<String>>,
    /// Whether companies get an owner too, not only contacts.
    #[garde(skip)]
    pub companies: bool,
}

/// Who takes a record whose line names somebody who is deactivated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WhenInactive {
    /// The fallback.
    Fallback,
    /// The next line that matches, and the fallback when there is none.
    NextLine,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            territories: None,
            fallback: Vec::new(),
            regions: BTreeMap::new(),
            when_inactive: WhenInactive::Fallback,
            weights: BTreeMap::new(),
            teams: BTreeMap::new(),
            companies: true,
        }
    }
}

fn shares_in_range(weights: &BTreeMap<String, u32>, _context: &()) -> garde::Result {
    match weights.iter().find(|(_, share)| **share > 1000) {
        Some((owner, share)) => Err(garde::Error::new(format!("{owner}: {share} is more than 1000"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid_and_read_back_unchanged() {
        let settings = Settings::default();
        settings.validate().unwrap();
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings);
    }

    #[test]
    fn a_share_beyond_the_range_is_refused() {
        let weights = BTreeMap::from([("ann@acme.example".to_owned(), 1001)]);
        assert!(Settings { weights, ..Settings::default() }.validate().is_err());
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        assert!(serde_json::from_str::<Settings>(r#"{"territory": "x"}"#).is_err());
    }
}
