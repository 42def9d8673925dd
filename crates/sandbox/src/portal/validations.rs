//! Property validation rules an administrator can set: length, range, form, dates; and the calls that show and set them.

use axum::http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Portal;
use super::errors::Refusal;
use super::record::Kind;
use super::values::{email_looks_right, instant};
use crate::wire::{Call, Reply};

/// One rule on one property.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Validation {
    pub rule_type: String,
    #[serde(default)]
    pub rule_arguments: Vec<String>,
    #[serde(default)]
    pub should_apply_normalization: bool,
}

/// Every rule type the API names.
const TYPES: &[&str] = &[
    "AFTER_DATETIME_DURATION",
    "AFTER_DURATION",
    "ALPHANUMERIC",
    "BEFORE_DATETIME_DURATION",
    "BEFORE_DURATION",
    "DAYS_OF_WEEK",
    "DECIMAL",
    "DOMAIN",
    "EMAIL",
    "EMAIL_ALLOWED_DOMAINS",
    "EMAIL_BLOCKED_DOMAINS",
    "END_DATE",
    "END_DATETIME",
    "FORMAT",
    "MAX_LENGTH",
    "MAX_NUMBER",
    "MIN_LENGTH",
    "MIN_NUMBER",
    "PHONE_NUMBER_WITH_EXPLICIT_COUNTRY_CODE",
    "REGEX",
    "SPECIAL_CHARACTERS",
    "START_DATE",
    "START_DATETIME",
    "URL",
    "URL_ALLOWED_DOMAINS",
    "URL_BLOCKED_DOMAINS",
    "WHITESPACE",
];

impl Validation {
    /// The code of a refusal. HubSpot documents none for these rules, so the rule's own name serves.
    pub(crate) fn code(&self) -> &'static str {
        TYPES.iter().find(|known| **known == self.rule_type).copied().unwrap_or("INVALID_VALUE")
    }

    fn argument(&self) -> &str {
        self.rule_arguments.first().map_or("", String::as_str)
    }

    /// Whether a value passes; otherwise why not. Rule types the sandbox does not know how to apply pass.
    pub(crate) fn check(&self, value: &str) -> Result<(), String> {
        let length = value.chars().count();
        let limit = self.argument().parse::<f64>().ok();
        let number = value.parse::<f64>().ok();
        let within = |compare: fn(f64, f64) -> bool| match (number, limit) {
            (Some(number), Some(limit)) => compare(number, limit),
            _ => true,
        };
        let moment = |text: &str| instant(text).or_else(|| instant(&format!("{text}T00:00:00Z")));
        let dated = |compare: fn(i64, i64) -> bool| match (moment(value), moment(self.argument())) {
            (Some(value), Some(limit)) => compare(value, limit),
            _ => true,
        };
        let domain = value.rsplit_once('@').map(|(_, domain)| domain).unwrap_or_default();
        let listed = self.rule_arguments.iter().any(|one| one.eq_ignore_ascii_case(domain));
        let passes = match self.rule_type.as_str() {
            "MIN_LENGTH" => limit.is_none_or(|limit| length as f64 >= limit),
            "MAX_LENGTH" => limit.is_none_or(|limit| length as f64 <= limit),
            "MIN_NUMBER" => within(|number, limit| number >= limit),
            "MAX_NUMBER" => within(|number, limit| number <= limit),
            "DECIMAL" => {
                let places = value.split_once('.').map_or(0, |(_, fraction)| fraction.len());
                limit.is_none_or(|limit| places as f64 <= limit)
            }
            "ALPHANUMERIC" => value.chars().all(|c| c.is_alphanumeric() || c.is_whitespace()),
            "SPECIAL_CHARACTERS" => value.chars().all(|c| c.is_alphanumeric() || c.is_whitespace()),
            "WHITESPACE" => !value.chars().any(char::is_whitespace),
            "EMAIL" => email_looks_right(value),
            "EMAIL_ALLOWED_DOMAINS" => listed,
            "EMAIL_BLOCKED_DOMAINS" => !listed,
            "DOMAIN" => domain_looks_right(value),
            "URL" => url::Url::parse(value).is_ok_and(|url| url.has_host()),
            "PHONE_NUMBER_WITH_EXPLICIT_COUNTRY_CODE" => {
                value.starts_with('+') && value.bytes().filter(u8::is_ascii_digit).count() >= 7
            }
            "START_DATE" | "START_DATETIME" => dated(|value, limit| value >= limit),
            "END_DATE" | "END_DATETIME" => dated(|value, limit| value <= limit),
            "FORMAT" => fits_format(self.argument(), value),
            _ => true,
        };
        if passes {
            return Ok(());
        }
        Err(format!("{value} does not meet the validation rule {} {:?}", self.rule_type, self.rule_arguments))
    }

    fn json(&self) -> Value {
        json!({
            "ruleType": self.rule_type, "ruleArguments": self.rule_arguments,
            "shouldApplyNormalization": self.should_apply_normalization,
        })
    }
}

fn domain_looks_right(value: &str) -> bool {
    value.contains('.') && email_looks_right(&format!("a@{value}"))
}

/// `A` is a letter, `9` a digit, everything else itself.
fn fits_format(format: &str, value: &str) -> bool {
    format.chars().count() == value.chars().count()
        && format.chars().zip(value.chars()).all(|(wanted, got)| match wanted {
            'A' => got.is_alphabetic(),
            '9' => got.is_ascii_digit(),
            other => got == other,
        })
}

impl Portal {
    /// `/crm/property-validations/{version}/{objectTypeId}/…`
    pub(crate) fn validation_calls(
        &mut self,
        method: &Method,
        kind: Kind,
        tail: &[&str],
        call: &Call,
    ) -> Result<Reply, Refusal> {
        let all = |name: &str| self.rules(kind).validations.get(name).map(Vec::as_slice).unwrap_or_default();
        let rules = |name: &str| all(name).iter().map(Validation::json).collect::<Vec<_>>();
        match (method.as_str(), tail) {
            ("GET", []) => {
                let results: Vec<Value> = self
                    .rules(kind)
                    .validations
                    .keys()
                    .map(|name| json!({"propertyName": name, "propertyValidationRules": rules(name)}))
                    .collect();
                Ok(Reply::json(200, json!({"results": results})))
            }
            ("GET", [name]) => {
                self.known_property(kind, name)?;
                Ok(Reply::json(200, json!({"results": rules(name)})))
            }
            ("GET", [name, "rule-type", rule]) => all(name)
                .iter()
                .find(|one| one.rule_type == *rule)
                .map(|one| Reply::json(200, one.json()))
                .ok_or_else(Refusal::not_found),
            ("PUT", [name, "rule-type", rule]) => {
                self.known_property(kind, name)?;
                if !TYPES.contains(rule) {
                    return Err(Refusal::invalid(format!("Unknown rule type: {rule}")));
                }
                let arguments = call.body["ruleArguments"].as_array().cloned().unwrap_or_default();
                let validation = Validation {
                    rule_type: (*rule).to_owned(),
                    rule_arguments: arguments.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect(),
                    should_apply_normalization: call.body["shouldApplyNormalization"].as_bool().unwrap_or(false),
                };
                let list = self.rules[kind.place()].validations.entry((*name).to_owned()).or_default();
                list.retain(|one| one.rule_type != *rule);
                list.push(validation);
                Ok(Reply::empty(204).changed())
            }
            (_, [] | [_] | [_, "rule-type", _]) => Err(Refusal::wrong_method()),
            _ => Err(Refusal::not_found()),
        }
    }

    fn known_property(&self, kind: Kind, name: &str) -> Result<(), Refusal> {
        self.table(kind).schema.id(name).map(drop).ok_or_else(Refusal::not_found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_type_takes_the_good_and_refuses_the_bad() {
        for (rule, arguments, good, wrong) in [
            ("MIN_LENGTH", "3", "abc", "ab"),
            ("MAX_LENGTH", "3", "äöü", "abcd"),
            ("MIN_NUMBER", "5", "5", "4.9"),
            ("MAX_NUMBER", "5", "-7", "5.1"),
            ("DECIMAL", "2", "1.25", "1.255"),
            ("ALPHANUMERIC", "", "R2 D2", "R2-D2"),
            ("WHITESPACE", "", "one", "o ne"),
            ("EMAIL", "", "a@b.de", "a@b"),
            ("EMAIL_ALLOWED_DOMAINS", "ours.example", "a@ours.example", "a@theirs.example"),
            ("DOMAIN", "", "northquay.example", "north quay"),
            ("URL", "", "https://a.example/x", "a.example"),
            ("PHONE_NUMBER_WITH_EXPLICIT_COUNTRY_CODE", "", "+49 30 1234567", "030 1234567"),
            ("START_DATE", "2026-01-01", "2026-01-01", "2025-12-31"),
            ("END_DATE", "2026-01-01", "2026-01-01", "2026-01-02"),
            ("FORMAT", "AA-99", "ab-12", "ab-1x"),
        ] {
            let rule = Validation {
                rule_type: rule.to_owned(),
                rule_arguments: vec![arguments.to_owned()],
                should_apply_normalization: false,
            };
            assert_eq!(rule.check(good), Ok(()), "{rule:?} {good}");
            assert!(rule.check(wrong).is_err(), "{rule:?} {wrong}");
            assert_eq!(rule.code(), rule.rule_type);
        }
    }
}
