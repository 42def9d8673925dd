//! The settings of the guards: how much one plan may change before a named person must approve it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// Most records whose existing lifecycle stage one plan may move.
    #[garde(skip)]
    pub max_lifecycle_moves: u64,
    /// Most duplicates one plan may merge inside the portal; HubSpot can not take a merge back.
    #[garde(skip)]
    pub max_merges: u64,
    /// Most records one plan may move to the recycle bin.
    #[garde(skip)]
    pub max_deletions: u64,
    /// Most money a run may have spent when its plan is applied, in the project's currency; no limit when absent.
    #[garde(inner(range(min = 0.0)))]
    pub max_spend: Option<f64>,
    /// What a guard does above its limit, by its name (`creates`, `share-touched`, `owner-changes`, `lifecycle-moves`, `spend`): `block`
    /// (the plan waits for a named person) or `warn` (it is only said). `block` when not listed; merges and deletions always block.
    #[garde(custom(guard_names))]
    pub severity: BTreeMap<String, Severity>,
}

/// What a guard does above its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It is said, and the plan goes on.
    Warn,
    /// The plan waits for a named person.
    #[default]
    Block,
}

impl Guards {
    /// What the guard of that name does above its limit.
    #[must_use]
    pub fn severity(&self, guard: &str) -> Severity {
        match guard {
            "merges" | "deletions" => Severity::Block,
            _ => self.severity.get(guard).copied().unwrap_or_default(),
        }
    }
}

impl Default for Guards {
    fn default() -> Self {
        Guards {
            max_share_touched: 0.3,
            max_creates: 5_000,
            max_owner_changes: 50,
            max_lifecycle_moves: 500,
            max_merges: 0,
            max_deletions: 0,
            max_spend: None,
            severity: BTreeMap::new(),
        }
    }
}

/// The guards whose severity can be set.
const ADJUSTABLE: [&str; 5] = ["creates", "share-touched", "owner-changes", "lifecycle-moves", "spend"];

fn guard_names(severity: &BTreeMap<String, Severity>, _context: &()) -> garde::Result {
    match severity.keys().find(|name| !ADJUSTABLE.contains(&name.as_str())) {
        Some(name) if matches!(name.as_str(), "merges" | "deletions") => {
            Err(garde::Error::new(format!("{name} always wait for a person; their severity can not be set")))
        }
        Some(name) => {
            Err(garde::Error::new(format!("there is no guard \"{name}\"; there are {}", ADJUSTABLE.join(", "))))
        }
        None => Ok(()),
    }
}
