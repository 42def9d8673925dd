//! The portal's switches: what an administrator of a real portal may have decided, adjustable while it runs.

use serde::{Deserialize, Serialize};

use super::Portal;

/// Every switch with the state of an ordinary portal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// A merged record keeps the primary record's id instead of getting a new one.
    pub preserve_primary_id: bool,
    /// Batch reads answer a merged-away id with the survivor; otherwise it counts as not found.
    pub batch_read_follows_merges: bool,
    /// Records may be given to deactivated owners.
    pub archived_owners_accepted: bool,
    /// HubSpot creates and associates a company from a new contact's e-mail domain, this long after the write.
    pub auto_company_delay_ms: Option<i64>,
    /// The stage records start with when none is sent.
    pub default_stage: Option<String>,
    /// A company's stage moves its contacts forward.
    pub company_stage_moves_contacts: bool,
    /// Entries kept of each property's history.
    pub history_depth: usize,
    /// A property definition is unknown to record writes for this long after it was made.
    pub property_delay_ms: i64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            preserve_primary_id: false,
            batch_read_follows_merges: false,
            archived_owners_accepted: false,
            auto_company_delay_ms: None,
            default_stage: None,
            company_stage_moves_contacts: false,
            history_depth: 40,
            property_delay_ms: 0,
        }
    }
}

impl Portal {
    /// Changes the switches that are named; the others stay.
    pub(crate) fn configure(&mut self, changes: &serde_json::Value) -> Result<(), String> {
        let mut all = serde_json::to_value(&self.settings).map_err(|problem| problem.to_string())?;
        let (Some(all_fields), Some(changes)) = (all.as_object_mut(), changes.as_object()) else {
            return Err("settings must be an object".to_owned());
        };
        all_fields.extend(changes.iter().map(|(name, value)| (name.clone(), value.clone())));
        self.settings = serde_json::from_value(all).map_err(|problem| problem.to_string())?;
        self.settings.history_depth = self.settings.history_depth.max(1);
        Ok(())
    }
}
