//! Whether a value fits its property, and the form in which the portal keeps it.

use serde_json::{Value, json};

use super::errors::BadValue;
use super::owners::Owners;
use super::schema::{Property, Type};
use super::write::Manner;
use crate::clock::{DAY_MS, day, iso};

/// A string property takes this many characters.
const TEXT_MAX: usize = 65_536;
/// Typos HubSpot refuses as top-level domains; real ones are not checked against a list.
const TYPO_TLDS: &[&str] = &["con", "cmo", "ocm", "vom", "xom", "comm", "coom"];

/// An accepted value, as kept.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub value: String,
    pub warning: Option<Value>,
}

/// Checks one value. Under the rules of 2026-09 odd dates are normalised with a warning.
pub(crate) fn check(
    property: &Property,
    raw: &Value,
    (owners, archived_too): (&Owners, bool),
    manner: Manner,
) -> Result<Accepted, BadValue> {
    let bad = |code: &'static str, message: String| BadValue { name: property.name.clone(), code, message };
    let lenient_dates = manner.dated;
    if property.read_only && !manner.inside {
        return Err(bad(
            "READ_ONLY_VALUE",
            format!("\"{}\" is a read only property; its value cannot be set.", property.name),
        ));
    }
    let text = match raw {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Array(_) | Value::Object(_) => {
            return Err(bad("INVALID_VALUE", format!("{raw} was not a valid string.")));
        }
    };
    let accepted = |value: String| Ok(Accepted { value, warning: None });
    if text.is_empty() {
        return accepted(text);
    }
    if property.owner {
        return owner(&text, owners, archived_too)
            .map(|()| Accepted { value: text.clone(), warning: None })
            .map_err(|(code, message)| bad(code, message));
    }
    match property.kind {
        Type::Text | Type::Phone if text.chars().count() > TEXT_MAX => {
            Err(bad("VALUE_TOO_LONG", format!("Value is too long. It must be at most {TEXT_MAX} characters.")))
        }
        Type::Text if property.built_in && property.name == "email" => {
            let address = text.trim().to_lowercase();
            if email_looks_right(&address) {
                accepted(address)
            } else {
                Err(bad("INVALID_EMAIL", format!("Email address {text} is invalid")))
            }
        }
        Type::Text | Type::Phone => accepted(text),
        Type::Number => match number(&text) {
            Some(value) => accepted(value),
            None => Err(bad("INVALID_LONG", format!("{text} was not a valid long."))),
        },
        Type::Bool => match text.as_str() {
            "true" | "false" => accepted(text),
            _ => Err(bad("INVALID_OPTION", format!("{text} was not one of the allowed options: [true, false]"))),
        },
        Type::Enumeration if property.external => accepted(text),
        Type::Enumeration => {
            let multiple = property.field_type == "checkbox";
            let wrong = if multiple {
                text.split(';').filter(|part| !part.is_empty()).find(|part| !offered(property, part))
            } else {
                Some(text.as_str()).filter(|part| !offered(property, part))
            };
            match wrong {
                None => accepted(text),
                Some(wrong) => Err(bad(
                    "INVALID_OPTION",
                    format!(
                        "{wrong} was not one of the allowed options: [{}]",
                        property.choices.iter().map(|choice| choice.value.as_str()).collect::<Vec<_>>().join(", ")
                    ),
                )),
            }
        }
        Type::Date => date(&property.name, &text, lenient_dates).map_err(|message| bad("INVALID_DATE", message)),
        Type::DateTime => match instant(&text) {
            Some(at) if lenient_dates && in_seconds(&text) => {
                let value = iso(at * 1000);
                Ok(Accepted { warning: Some(normalised(&property.name, &text, &value)), value })
            }
            Some(at) => accepted(iso(at)),
            None => Err(bad("INVALID_DATE", format!("{text} was not a valid date-time."))),
        },
    }
}

fn offered(property: &Property, value: &str) -> bool {
    property.choices.iter().any(|choice| choice.value == value)
}

fn owner(text: &str, owners: &Owners, archived_too: bool) -> Result<(), (&'static str, String)> {
    let Ok(id) = text.parse::<i32>() else {
        return Err(("INVALID_INTEGER", format!("{text} was not a valid integer (for owner ID).")));
    };
    if owners.is_active(id) || (archived_too && owners.is_known(id)) {
        Ok(())
    } else {
        Err(("INVALID_OWNER_ID", format!("{text} is not a valid owner ID.")))
    }
}

/// Plain digits with an optional sign and one dot, re-formatted as the portal re-formats them.
fn number(text: &str) -> Option<String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !numeric(whole) || !numeric(fraction) || digits.ends_with('.') {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let sign = if text.starts_with('-') { "-" } else { "" };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

fn date(name: &str, text: &str, lenient: bool) -> Result<Accepted, String> {
    if text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok() {
        return Ok(Accepted { value: text.to_owned(), warning: None });
    }
    let mut at = instant(text).ok_or_else(|| format!("{text} was not a valid date."))?;
    let seconds = lenient && in_seconds(text);
    if seconds {
        at *= 1000;
    }
    let from_millis = text.parse::<i64>().is_ok() && !seconds;
    let value = day(at);
    if at % DAY_MS == 0 && from_millis {
        return Ok(Accepted { value, warning: None });
    }
    if !lenient {
        let past = at.rem_euclid(DAY_MS) / 1000;
        return Err(format!(
            "{text} is at {}:{}:{}.{} UTC, not midnight!",
            past / 3600,
            past / 60 % 60,
            past % 60,
            at.rem_euclid(1000)
        ));
    }
    Ok(Accepted { warning: Some(normalised(name, text, &value)), value })
}

/// Ten digits are seconds: as milliseconds they would mean early 1970.
fn in_seconds(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn normalised(name: &str, raw: &str, value: &str) -> Value {
    json!({
        "category": "PROPERTY_VALUE_NORMALIZED",
        "message": format!("{name} was normalized"),
        "context": {"propertyName": name, "rawValue": raw, "normalizedValue": value},
    })
}

/// Epoch milliseconds, or ISO 8601 with a zone.
pub(crate) fn instant(text: &str) -> Option<i64> {
    if let Ok(at) = text.parse::<i64>() {
        return Some(at);
    }
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

/// HubSpot's loose idea of an address.
pub(crate) fn email_looks_right(address: &str) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return false;
    };
    let Some((_, tld)) = domain.rsplit_once('.') else {
        return false;
    };
    !local.is_empty()
        && !local.contains('@')
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && !address.chars().any(|c| c.is_whitespace() || c.is_control() || "<>(),;:\"".contains(c))
        && domain.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        })
        && tld.chars().count() >= 2
        && !TYPO_TLDS.contains(&tld)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_plain_digits_and_lose_empty_fractions() {
        assert_eq!(number("1000.0").as_deref(), Some("1000"));
        assert_eq!(number("-3.50").as_deref(), Some("-3.5"));
        for wrong in ["1,000", "1 000", "1.2.3", "1e5", "", "-", "5."] {
            assert_eq!(number(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn addresses_with_typo_domains_are_refused() {
        assert!(email_looks_right("marta.velasco@northquay.example"));
        for wrong in ["a@b", "a b@c.de", "a@b.con", "@b.de", "a@@b.de", "a..b@c.de"] {
            assert!(!email_looks_right(wrong), "{wrong}");
        }
    }
}
