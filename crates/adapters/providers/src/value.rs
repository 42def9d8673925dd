//! How a value of an answer is read: placeholders, masks and booleans are no values; the rest becomes normalised text.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

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
        Kind::Title => Some(with_capitals(&text)),
        Kind::Email => {
            if is_placeholder_address(&text) {
                return Err(NoValue::Placeholder);
            }
            email(&text)
        }
        Kind::Phone => phone(&text),
        Kind::Url => url(&text),
        Kind::Domain => domain(&text),
        Kind::LinkedinPerson => linkedin(&text, "in"),
        Kind::LinkedinCompany => linkedin(&text, "company"),
        Kind::Number => text.replace(',', "").parse::<f64>().ok().filter(|number| number.is_finite()).map(show),
        Kind::Headcount => amounts(&text).filter(|least| *least >= 1.0).map(show),
        Kind::Amount => amounts(&text).filter(|least| *least > 0.0).map(show),
        Kind::Year => text.parse::<u16>().ok().filter(|year| (1000..=2200).contains(year)).map(|year| year.to_string()),
    };
    read.ok_or(NoValue::WrongKind)
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
    "true",
    "false",
];

fn is_placeholder(text: &str) -> bool {
    let low = text.to_lowercase();
    PLACEHOLDERS.contains(&low.as_str())
}

fn is_masked(text: &str) -> bool {
    text.contains("**") || text.contains("••") || text.contains("xxxx@") || text.to_lowercase().contains("xxx-xxx")
}

/// Addresses that vendors show in place of one they do not give: `email_not_unlocked@domain.com`.
fn is_placeholder_address(text: &str) -> bool {
    let low = text.to_lowercase();
    let local = low.split('@').next().unwrap_or_default();
    let sentence =
        ["not_unlocked", "not-unlocked", "notunlocked", "not_available", "not_found", "email_not", "unlock_email"];
    sentence.iter().any(|word| local.contains(word))
        || ["noemail", "no-email", "no_email", "none", "null", "unknown", "n-a", "na", "undefined", "locked", "hidden"]
            .contains(&local)
}

fn email(text: &str) -> Option<String> {
    let text = text.strip_prefix("mailto:").unwrap_or(text).to_lowercase();
    let (local, host) = text.rsplit_once('@')?;
    let sound = !local.is_empty() && !local.contains('@') && host.contains('.') && !text.contains(char::is_whitespace);
    (sound && !host.starts_with('.') && !host.ends_with('.')).then(|| text.clone())
}

fn phone(text: &str) -> Option<String> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().any(char::is_alphabetic);
    match (digits, letters) {
        (0..=5, _) => None,
        (_, true) => text.to_lowercase().contains('x').then(|| text.to_owned()), // an extension: keep it as written
        (_, false) if text.starts_with('+') => {
            Some(format!("+{}", text.chars().filter(char::is_ascii_digit).collect::<String>()))
        }
        (_, false) => Some(text.to_owned()),
    }
}

fn url(text: &str) -> Option<String> {
    let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let parsed = url::Url::parse(&full).ok()?;
    parsed.host_str().filter(|host| host.contains('.'))?;
    Some(full)
}

/// A bare host name.
pub(crate) fn domain(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let rest = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host).trim_end_matches('.');
    (host.contains('.') && !host.contains(char::is_whitespace) && !host.starts_with('.')).then(|| host.to_owned())
}

/// `https://www.linkedin.com/in/marta-velasco`, from an address or a bare handle.
pub(crate) fn linkedin(text: &str, kind: &str) -> Option<String> {
    let low = text.trim().to_lowercase();
    let path = match low.split_once("linkedin.com/") {
        Some((_, path)) => path,
        None if low.contains("://") || low.contains('.') && low.contains('/') => return None,
        None => low.as_str(),
    };
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let (place, handle) = match (parts.next()?, parts.next()) {
        (handle, None) => (kind, handle),
        (place, Some(handle)) => (place, handle),
    };
    let allowed: &[&str] = if kind == "in" { &["in", "pub"] } else { &["company", "school", "showcase"] };
    (allowed.contains(&place) && !handle.contains(char::is_whitespace))
        .then(|| format!("https://www.linkedin.com/{place}/{handle}"))
}

/// The first number of a text such as `201-500`, `10,001+`, `$10M-$50M`.
fn amounts(text: &str) -> Option<f64> {
    let start = text.find(|letter: char| letter.is_ascii_digit())?;
    if text[..start].contains('<') {
        return None;
    }
    let rest = &text[start..];
    let end =
        rest.find(|letter: char| !(letter.is_ascii_digit() || letter == '.' || letter == ',')).unwrap_or(rest.len());
    let number: f64 = rest[..end].replace(',', "").trim_end_matches('.').parse().ok()?;
    let unit = rest[end..].trim_start().chars().next().map(|letter| letter.to_ascii_lowercase());
    // In `10-50M` both ends are millions.
    let unit = match unit {
        Some('-' | '–') => rest
            .chars()
            .rev()
            .find(|letter| letter.is_alphabetic() || letter.is_ascii_digit())
            .map(|letter| letter.to_ascii_lowercase()),
        unit => unit,
    };
    let times = match unit {
        Some('k') => 1e3,
        Some('m') => 1e6,
        Some('b') => 1e9,
        _ => 1.0,
    };
    Some(number * times)
}

const SMALL_WORDS: &[&str] =
    &["and", "of", "the", "for", "in", "at", "to", "de", "la", "von", "van", "der", "da", "do"];
const INITIALS: &[&str] = &[
    "ai", "avp", "b2b", "ceo", "cfo", "chro", "cio", "ciso", "cmo", "coo", "cpo", "cro", "cso", "cto", "evp", "hr",
    "it", "pr", "qa", "saas", "seo", "svp", "uk", "us", "usa", "ux", "vp",
];

/// Capitals for a text that came all in lower case; anything else was written by somebody who knew.
fn with_capitals(text: &str) -> String {
    if text.chars().any(char::is_uppercase) {
        return text.to_owned();
    }
    let mut words = Vec::new();
    for (at, word) in text.split(' ').enumerate() {
        let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric());
        words.push(if INITIALS.contains(&bare) {
            word.to_uppercase()
        } else if at > 0 && SMALL_WORDS.contains(&word) {
            word.to_owned()
        } else {
            capitals(word)
        });
    }
    words.join(" ")
}

fn capitals(word: &str) -> String {
    let mut result = String::new();
    let mut fresh = true;
    for letter in word.chars() {
        if fresh && letter.is_alphabetic() {
            result.extend(letter.to_uppercase());
        } else {
            result.push(letter);
        }
        fresh = matches!(letter, '-' | '/' | '(' | '&');
    }
    result
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
