//! The settings of verify: what each finding is worth, which addresses pass, and when a refused record is tried again.

use std::collections::BTreeMap;

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Stage 5, verify: which addresses may be written and mailed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Two-letter country code by which phone numbers without a country code are read when the record names no country.
    #[garde(custom(two_capitals))]
    pub default_region: String,
    /// What each finding is worth; the score of a record is the verdict's points plus and minus the adjustments, kept within 0 to 100.
    #[garde(dive)]
    pub scores: Scores,
    /// Score, 0 to 100, from which a record passes.
    #[garde(range(max = 100), custom(not_below(&self.hold_score)))]
    pub pass_score: u8,
    /// Score, 0 to 100, from which a record is held for a person; below it is refused. Must not be above `pass_score`.
    #[garde(range(max = 100))]
    pub hold_score: u8,
    /// What happens to addresses of a function such as `info@`, whatever their score.
    #[garde(skip)]
    pub role: GateChoice,
    /// What happens to free-mail addresses such as `@gmail.com`, whatever their score.
    #[garde(skip)]
    pub free: GateChoice,
    /// What happens to addresses on which DNS could not give an answer (resolver down, time-out), whatever their score.
    #[garde(skip)]
    pub unknown: GateChoice,
    /// Days until a refused record is tried again.
    #[garde(range(min = 1, max = 3650))]
    pub retry_days: u32,
    /// Days since a record was first seen after which a refused record is no longer tried every `retry_days` but every `late_retry_days`.
    #[garde(range(min = 1, max = 3650))]
    pub expire_days: u32,
    /// Days until a refused record is tried again once it is older than `expire_days`.
    #[garde(range(min = 1, max = 3650))]
    pub late_retry_days: u32,
    /// Days a verdict stays good; an older one is asked again before the record is handed off.
    #[garde(range(min = 1, max = 3650))]
    pub fresh_days: u32,
    /// True accepts domains reserved for tests and documents (`.example`, `.test`), which no real mail can reach.
    #[garde(skip)]
    pub allow_reserved_domains: bool,
    /// Further domains that are throw-away; subdomains count too.
    #[garde(skip)]
    pub disposable_domains: Vec<String>,
    /// Further domains that offer free mailboxes; subdomains count too.
    #[garde(skip)]
    pub free_domains: Vec<String>,
    /// Further names before the `@` that are a function and not a person.
    #[garde(skip)]
    pub role_names: Vec<String>,
    /// Domains and names before the `@` that the built-in lists call disposable, free or role, but that are not for you.
    #[garde(skip)]
    pub never_listed: Vec<String>,
    /// Country names as your lists spell them, to two-letter country codes, beside the built-in ones.
    #[garde(skip)]
    pub countries: BTreeMap<String, String>,
}

/// What a person wants done with a kind of address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GateChoice {
    /// It may be written and handed off.
    Pass,
    /// A person decides.
    Hold,
    /// It is refused and tried again later.
    Reject,
}

/// The score table: points, 0 to 100, per verdict, and adjustments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Scores {
    /// Points of an address on which everything that could be asked says yes.
    #[garde(range(max = 100))]
    pub valid: u8,
    /// Points of an address on a domain that takes mail for any name.
    #[garde(range(max = 100))]
    pub accept_all: u8,
    /// Points of an address on a domain without mail hosts but with an address, which mail may still reach.
    #[garde(range(max = 100))]
    pub address_only: u8,
    /// Points of an address on which DNS could not give an answer.
    #[garde(range(max = 100))]
    pub unknown: u8,
    /// Points of an address of a function such as `info@`.
    #[garde(range(max = 100))]
    pub role: u8,
    /// Points of a free-mail address.
    #[garde(range(max = 100))]
    pub free: u8,
    /// Points of a throw-away address.
    #[garde(range(max = 100))]
    pub disposable: u8,
    /// Points of an address that mail cannot reach.
    #[garde(range(max = 100))]
    pub invalid: u8,
    /// Points of a record without an address.
    #[garde(range(max = 100))]
    pub missing: u8,
    /// Points taken off when the domain has mail hosts but publishes no SPF record.
    #[garde(range(max = 100))]
    pub no_spf_penalty: u8,
    /// Points taken off when the domain has mail hosts but publishes no DMARC record.
    #[garde(range(max = 100))]
    pub no_dmarc_penalty: u8,
    /// Points added when the phone number is valid for its region and the address is not refused.
    #[garde(range(max = 100))]
    pub phone_bonus: u8,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            default_region: "US".to_owned(),
            scores: Scores::default(),
            pass_score: 80,
            hold_score: 50,
            role: GateChoice::Hold,
            free: GateChoice::Hold,
            unknown: GateChoice::Hold,
            retry_days: 7,
            expire_days: 90,
            late_retry_days: 90,
            fresh_days: 30,
            allow_reserved_domains: false,
            disposable_domains: Vec::new(),
            free_domains: Vec::new(),
            role_names: Vec::new(),
            never_listed: Vec::new(),
            countries: BTreeMap::new(),
        }
    }
}

impl Default for Scores {
    fn default() -> Self {
        Scores {
            valid: 92,
            accept_all: 55,
            address_only: 55,
            unknown: 50,
            role: 65,
            free: 70,
            disposable: 10,
            invalid: 0,
            missing: 0,
            no_spf_penalty: 4,
            no_dmarc_penalty: 2,
            phone_bonus: 3,
        }
    }
}

fn not_below(hold_score: &u8) -> impl FnOnce(&u8, &()) -> garde::Result + '_ {
    move |pass_score, ()| {
        if pass_score < hold_score {
            return Err(garde::Error::new(format!("must not be below hold_score ({hold_score})")));
        }
        Ok(())
    }
}

fn two_capitals(region: &str, _context: &()) -> garde::Result {
    if region.len() == 2 && region.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(());
    }
    Err(garde::Error::new(format!("\"{region}\" is not a two-letter country code such as US")))
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
    fn a_pass_score_below_the_hold_score_is_refused() {
        assert!(Settings { pass_score: 40, ..Settings::default() }.validate().is_err());
    }

    #[test]
    fn a_region_that_is_no_country_code_is_refused() {
        assert!(Settings { default_region: "usa".to_owned(), ..Settings::default() }.validate().is_err());
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        assert!(serde_json::from_str::<Settings>(r#"{"pass": 80}"#).is_err());
    }
}
