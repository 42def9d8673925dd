//! How a value of an answer is read: placeholders, masks and booleans are no values; the rest becomes normalised text.

mod address;
mod capitals;
mod measure;
mod verdict;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

pub(crate) use address::{domain, linkedin};

/// How to read a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// As it stands, trimmed.
    #[default]
    Text,
    /// A person's or place's name or a title: words that came all in lower case get capitals.
    Title,
    /// An e-mail address, lower case.
    Email,
    /// A phone number: digits with a leading plus where the vendor gave one.
    Phone,
    /// A web address with scheme.
    Url,
    /// A bare host name, from an address or web address.
    Domain,
    /// A LinkedIn profile, from an address or handle.
    LinkedinPerson,
    /// A LinkedIn company page, from an address or handle.
    LinkedinCompany,
    /// A number.
    Number,
    /// A number of people; of a band such as `201-500` the lower end, because that many there are at least.
    Headcount,
    /// An amount of money as a plain number; understands `54M` and `$10M-$50M` (the lower end).
    Amount,
    /// A year.
    Year,
    /// A number of people that was counted: a band or zero is none.
    Count,
    /// A band of people: `201-500`.
    Range,
    /// What is known of an address: `valid`, `invalid`, `accept_all`, `risky`, `disposable`, `do_not_mail`, `unknown`.
    EmailStatus,
    /// What kind of line a phone number is: `mobile`, `landline`, `voip`, `toll_free`, ….
    PhoneType,
    /// True or false; the only kind whose value may be a boolean.
    Flag,
    /// Several texts, joined by `; `.
    List,
}

/// Why something is not a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoValue {
    /// Nothing is there.
    Absent,
    /// True or false instead of the value: it exists, but is not licensed.
    Flag,
    /// A text that stands for "we have none".
    Placeholder,
    /// Partly hidden.
    Masked,
    /// Not of the kind that was expected.
    WrongKind,
}

impl NoValue {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            NoValue::Absent => "absent",
            NoValue::Flag => "a flag instead of a value",
            NoValue::Placeholder => "a placeholder",
            NoValue::Masked => "masked",
            NoValue::WrongKind => "not of the expected kind",
        }
    }
}

/// Reads a value.
pub(crate) fn read(value: &Value, kind: Kind) -> Result<String, NoValue> {
    match (kind, value) {
        (Kind::Flag, _) => return flag(value),
        (Kind::EmailStatus, Value::Bool(good)) => return Ok(if *good { "valid" } else { "invalid" }.to_owned()),
        (Kind::EmailStatus, Value::String(text)) if !text.trim().is_empty() => {
            return verdict::email_status(text).map(str::to_owned).ok_or(NoValue::WrongKind);
        }
        (Kind::List, Value::Array(items)) => return list(items),
        _ => {}
    }
    let text = match value {
        Value::Null => return Err(NoValue::Absent),
        Value::Bool(_) => return Err(NoValue::Flag),
        Value::Number(number) => plain_number(number),
        Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Value::Array(items) if items.is_empty() => return Err(NoValue::Absent),
        Value::Array(_) | Value::Object(_) => return Err(NoValue::WrongKind),
    };
    if text.is_empty() {
        return Err(NoValue::Absent);
    }
    if is_placeholder(&text) {
        return Err(NoValue::Placeholder);
    }
    if is_masked(&text) {
        return Err(NoValue::Masked);
    }
    let read = match kind {
        Kind::Text => Some(text),
        Kind::Title => Some(capitals::with_capitals(&text)),
        Kind::Email => {
            if address::is_placeholder_address(&text) {
                return Err(NoValue::Placeholder);
            }
            address::email(&text)
        }
        Kind::Phone => address::phone(&text),
        Kind::Url => address::url(&text),
        Kind::Domain => address::domain(&text),
        Kind::LinkedinPerson => address::linkedin(&text, "in"),
        Kind::LinkedinCompany => address::linkedin(&text, "company"),
        Kind::Number => text.replace(',', "").parse::<f64>().ok().filter(|number| number.is_finite()).map(show),
        Kind::Headcount => measure::amounts(&text).filter(|least| *least >= 1.0).map(show),
        Kind::Amount => measure::amounts(&text).filter(|least| *least > 0.0).map(show),
        Kind::Year => text.parse::<u16>().ok().filter(|year| (1000..=2200).contains(year)).map(|year| year.to_string()),
        Kind::Count => {
            text.replace(',', "").parse::<f64>().ok().filter(|count| count.is_finite() && *count >= 1.0).map(show)
        }
        Kind::Range => measure::range(&text),
        Kind::PhoneType => verdict::phone_type(&text).map(str::to_owned),
        Kind::List => Some(text),
        Kind::EmailStatus | Kind::Flag => None,
    };
    read.ok_or(NoValue::WrongKind)
}

fn flag(value: &Value) -> Result<String, NoValue> {
    match value {
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Null => Err(NoValue::Absent),
        Value::String(text) => match text.trim().to_lowercase().as_str() {
            "true" | "yes" => Ok("true".to_owned()),
            "false" | "no" => Ok("false".to_owned()),
            "" => Err(NoValue::Absent),
            _ => Err(NoValue::WrongKind),
        },
        _ => Err(NoValue::WrongKind),
    }
}

fn list(items: &[Value]) -> Result<String, NoValue> {
    let texts: Vec<String> = items.iter().filter_map(|item| read(item, Kind::Text).ok()).collect();
    if texts.is_empty() { Err(NoValue::Absent) } else { Ok(texts.join("; ")) }
}

/// A number as text, whole numbers without a decimal point.
pub(crate) fn plain_number(number: &serde_json::Number) -> String {
    match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(whole), _, _) => whole.to_string(),
        (_, Some(whole), _) => whole.to_string(),
        (_, _, Some(decimal)) => show(decimal),
        _ => number.to_string(),
    }
}

fn show(number: f64) -> String {
    // Rust prints whole floats without a point already.
    format!("{number}")
}

const PLACEHOLDERS: &[&str] = &[
    "-",
    "--",
    "---",
    "?",
    ".",
    "(none)",
    "n/a",
    "n.a.",
    "#n/a",
    "na",
    "nil",
    "none",
    "not available",
    "not found",
    "not provided",
    "null",
    "nan",
    "tbd",
    "undefined",
    "unknown",
    "unavailable",
    "no data",
    "hidden",
    "locked",
    "redacted",
    "[redacted]",
    "<hidden>",
    "[hidden]",
    "not disclosed",
    "undisclosed",
    "confidential",
    "no email",
    "no email found",
    "not specified",
    "true",
    "false",
];

fn is_placeholder(text: &str) -> bool {
    let low = text.to_lowercase();
    PLACEHOLDERS.contains(&low.as_str())
}

fn is_masked(text: &str) -> bool {
    // A single star also marks a footnote; two letters hidden are not.
    let hidden = ["**", "••", "xxxx@", "…@", "...@"];
    hidden.iter().any(|mark| text.contains(mark))
        || text.to_lowercase().contains("xxx-xxx")
        || text.contains('@') && text.contains('*')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_read_as_a_table() {
        for (value, kind, expected) in [
            (json!(" Head  of Sales "), Kind::Text, Ok("Head of Sales")),
            (json!("head of revenue operations"), Kind::Title, Ok("Head of Revenue Operations")),
            (json!("svp, sales"), Kind::Title, Ok("SVP, Sales")),
            (json!("McArthur"), Kind::Title, Ok("McArthur")),
            (json!("jean-luc"), Kind::Title, Ok("Jean-Luc")),
            (json!("Jane@Acme.COM"), Kind::Email, Ok("jane@acme.com")),
            (json!("email_not_unlocked@domain.com"), Kind::Email, Err(NoValue::Placeholder)),
            (json!("j***@acme.com"), Kind::Email, Err(NoValue::Masked)),
            (json!("not an address"), Kind::Email, Err(NoValue::WrongKind)),
            (json!(true), Kind::Email, Err(NoValue::Flag)),
            (json!("true"), Kind::Text, Err(NoValue::Placeholder)),
            (json!("N/A"), Kind::Text, Err(NoValue::Placeholder)),
            (json!("null"), Kind::Text, Err(NoValue::Placeholder)),
            (json!(null), Kind::Text, Err(NoValue::Absent)),
            (json!([]), Kind::Text, Err(NoValue::Absent)),
            (json!({"a": 1}), Kind::Text, Err(NoValue::WrongKind)),
            (json!(312.0), Kind::Number, Ok("312")),
            (json!(312), Kind::Headcount, Ok("312")),
            (json!("201-500"), Kind::Headcount, Ok("201")),
            (json!("10,001+"), Kind::Headcount, Ok("10001")),
            (json!(0), Kind::Headcount, Err(NoValue::WrongKind)),
            (json!("$10M-$50M"), Kind::Amount, Ok("10000000")),
            (json!("10-50M"), Kind::Amount, Ok("10000000")),
            (json!(54_000_000.0), Kind::Amount, Ok("54000000")),
            (json!("+1 202-555-0143"), Kind::Phone, Ok("+12025550143")),
            (json!("0151 234567"), Kind::Phone, Ok("0151 234567")),
            (json!("call us"), Kind::Phone, Err(NoValue::WrongKind)),
            (json!("http://www.Acme.com/about"), Kind::Domain, Ok("acme.com")),
            (json!("linkedin.com/in/Marta"), Kind::LinkedinPerson, Ok("https://www.linkedin.com/in/marta")),
            (json!("marta-velasco"), Kind::LinkedinPerson, Ok("https://www.linkedin.com/in/marta-velasco")),
            (json!("company/acme"), Kind::LinkedinCompany, Ok("https://www.linkedin.com/company/acme")),
            (json!("https://www.linkedin.com/company/acme"), Kind::LinkedinPerson, Err(NoValue::WrongKind)),
            (json!("https://twitter.com/marta"), Kind::LinkedinPerson, Err(NoValue::WrongKind)),
            (json!(2012), Kind::Year, Ok("2012")),
            (json!(12), Kind::Year, Err(NoValue::WrongKind)),
        ] {
            assert_eq!(read(&value, kind), expected.map(str::to_owned), "{value} as {kind:?}");
        }
    }

    #[test]
    fn reading_twice_is_reading_once() {
        for (text, kind) in [
            ("JANE@acme.com", Kind::Email),
            ("http://www.acme.com", Kind::Domain),
            ("in/marta", Kind::LinkedinPerson),
            ("vp of sales", Kind::Title),
        ] {
            let once = read(&json!(text), kind).expect("a value");
            assert_eq!(read(&json!(once.clone()), kind).expect("a value"), once);
        }
    }
}
