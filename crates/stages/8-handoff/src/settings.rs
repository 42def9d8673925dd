//! The settings of handoff: which contacts may enter which campaign of the sequencer.

use std::collections::BTreeSet;

use evergreen_model::EmailVerdict;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who may enter the sequencer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether contacts are handed to the sequencer at all.
    #[garde(skip)]
    pub enabled: bool,
    /// Campaign id at the sequencer; required when enabled.
    #[garde(custom(named_when_enabled(&self.enabled)))]
    pub campaign: Option<String>,
    /// Address verdicts that may be mailed: `valid`, `accept_all`, `unknown`, `role`, `free`.
    #[schemars(with = "BTreeSet<String>")]
    #[garde(custom(mailable))]
    pub allowed_verdicts: BTreeSet<EmailVerdict>,
    /// Oldest verification that still counts, in days.
    #[garde(range(min = 1, max = 365))]
    pub max_age_days: u32,
    /// Most contacts of one company that one run hands off; the rest waits for the next run.
    #[garde(range(min = 1))]
    pub per_company_max: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            enabled: false,
            campaign: None,
            allowed_verdicts: BTreeSet::from([EmailVerdict::Valid]),
            max_age_days: 30,
            per_company_max: 5,
        }
    }
}

fn named_when_enabled(enabled: &bool) -> impl FnOnce(&Option<String>, &()) -> garde::Result + '_ {
    move |campaign, ()| {
        if *enabled && campaign.as_deref().is_none_or(|id| id.trim().is_empty()) {
            return Err(garde::Error::new(
                "handoff is enabled but names no campaign; put the sequencer's campaign id here",
            ));
        }
        Ok(())
    }
}

/// Mail to these cannot arrive or burns the sending domain, whatever the settings say.
fn mailable(verdicts: &BTreeSet<EmailVerdict>, _context: &()) -> garde::Result {
    for verdict in [EmailVerdict::Invalid, EmailVerdict::Disposable, EmailVerdict::Missing] {
        if verdicts.contains(&verdict) {
            return Err(garde::Error::new(format!(
                "addresses with the verdict {} must never be mailed",
                verdict.as_str()
            )));
        }
    }
    Ok(())
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
    fn an_enabled_handoff_needs_a_campaign() {
        let settings = Settings { enabled: true, ..Settings::default() };
        assert!(settings.validate().is_err());
        assert!(Settings { campaign: Some("2710262".to_owned()), ..settings }.validate().is_ok());
    }

    #[test]
    fn invalid_addresses_can_not_be_allowed() {
        let settings = Settings { allowed_verdicts: BTreeSet::from([EmailVerdict::Invalid]), ..Settings::default() };
        assert!(settings.validate().is_err());
    }
}
