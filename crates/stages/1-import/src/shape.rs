//! Brings a value into the form its field wants: addresses, numbers, dates, flags.

use evergreen_model::Entity;
use evergreen_model::field::{Field, FieldKind};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::{names, sniff};

/// The value in its field's form, or none when it is something else and belongs to the extra fields.
pub(crate) fn shape(entity: Entity, field: &Field, value: &str) -> Option<String> {
    match (field.name, field.kind) {
        ("lifecyclestage", _) => lifecycle(value),
        ("hs_lead_status", _) => Some(value.trim().to_uppercase().replace([' ', '-'], "_")),
        // Exports show the owner's name; only the id can be used.
        ("hubspot_owner_id", _) => value.bytes().all(|byte| byte.is_ascii_digit()).then(|| value.to_owned()),
        ("hs_linkedin_url", _) => {
            (!sniff::is_company_page(value) && !value.contains("linkedin.com/sales/")).then(|| value.to_owned())
        }
        ("linkedin_company_page", _) => (!sniff::is_person_page(value)).then(|| value.to_owned()),
        ("website", _) => (!value.contains("linkedin.com/")).then(|| value.to_owned()),
        ("lastname", _) => Some(names::without_degrees(value)),
        ("founded_year", _) => {
            value.get(..4).filter(|year| year.bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned)
        }
        ("domain", _) if entity == Entity::Contact && value.contains('@') => {
            host(value.rsplit('@').next().unwrap_or_default())
        }
        (_, FieldKind::Email) => Some(email(value)),
        (_, FieldKind::Phone) => phone(value),
        (_, FieldKind::Domain) => host(value),
        (_, FieldKind::Number) => number(value),
        (_, FieldKind::Flag) => flag(value).map(str::to_owned),
        (_, FieldKind::Time) => time(value),
        (_, FieldKind::Text | FieldKind::Url) => Some(value.to_owned()),
    }
}

/// The first address of a cell, without `mailto:` and display name; other text is kept as it is for verification to judge.
fn email(value: &str) -> String {
    let parts = value
        .split([';', ',', '|', '<', '>', ' ', '\n'])
        .map(|part| part.trim().trim_start_matches("mailto:").trim_matches(['"', '\'', '.']));
    let mut with_sign = parts.filter(|part| part.contains('@') && part.len() > 2);
    with_sign.next().map_or_else(|| value.to_owned(), str::to_owned)
}

/// Dialable text. `4.91512E+12` lost its digits to a spreadsheet.
fn phone(value: &str) -> Option<String> {
    let text = value.trim_start_matches("tel:").trim();
    // Google joins several numbers by `:::`.
    let text = text.split(":::").next().unwrap_or_default().trim();
    let scientific = text.contains(['e', 'E']) && text.parse::<f64>().is_ok() && text.contains(['+', '.']);
    (!scientific && text.bytes().any(|byte| byte.is_ascii_digit())).then(|| text.to_owned())
}

/// The host of a web address or bare domain, lower case, without `www.`.
fn host(value: &str) -> Option<String> {
    let lower = value.trim().to_lowercase();
    let rest = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host).trim_end_matches('.');
    (host.contains('.') && !host.contains(char::is_whitespace)).then(|| host.to_owned())
}

/// `$1.2M`, `1,200`, `1.200,50` as a plain decimal number. Ranges (`51-200`) are no number.
fn number(value: &str) -> Option<String> {
    let lower = value.to_lowercase();
    let text: String = lower.chars().filter(|char| !char.is_whitespace() && !"$€£¥'’~".contains(*char)).collect();
    let text = text
        .trim_start_matches("usd")
        .trim_start_matches("eur")
        .trim_end_matches("usd")
        .trim_end_matches("eur")
        .trim_end_matches('+');
    let digits_end = text.find(|char: char| !char.is_ascii_digit() && char != '.' && char != ',').unwrap_or(text.len());
    let (digits, unit) = text.split_at(digits_end);
    let factor = match unit {
        "" => 1.0,
        "k" | "tsd" => 1e3,
        "m" | "mn" | "mio" | "mil" | "million" => 1e6,
        "b" | "bn" | "mrd" | "billion" => 1e9,
        _ => return None,
    };
    let grouped = |separator: char| {
        let groups: Vec<&str> = digits.split(separator).collect();
        groups.len() > 1 && (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3)
    };
    let plain = match (digits.rfind(','), digits.rfind('.')) {
        (Some(comma), Some(dot)) if comma > dot => digits.replace('.', "").replace(',', "."),
        (Some(_), Some(_)) => digits.replace(',', ""),
        (Some(_), None) if grouped(',') => digits.replace(',', ""),
        (Some(_), None) => digits.replace(',', "."),
        (None, Some(_)) if grouped('.') && unit.is_empty() => digits.replace('.', ""),
        _ => digits.to_owned(),
    };
    let amount = plain.parse::<f64>().ok()? * factor;
    (amount.is_finite() && amount < 1e15)
        .then(|| if amount.fract() == 0.0 { format!("{amount:.0}") } else { format!("{amount}") })
}

fn flag(value: &str) -> Option<&'static str> {
    match value.to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "x" | "ja" | "oui" | "si" | "sí" | "wahr" | "vrai" | "opted out"
        | "unsubscribed" => Some("true"),
        "false" | "no" | "n" | "0" | "nein" | "non" | "nee" | "falsch" | "faux" | "subscribed" | "opted in" => {
            Some("false")
        }
        _ => None,
    }
}

/// Dates as tools write them; `04/05/2024` may be two days, so it is none.
fn time(value: &str) -> Option<String> {
    if let Ok(time) = value.parse::<Timestamp>() {
        return Some(time.to_string());
    }
    let utc = |time: DateTime| TimeZone::UTC.to_timestamp(time).ok().map(|time| time.to_string());
    for format in ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M", "%Y/%m/%d %H:%M"] {
        if let Ok(time) = DateTime::strptime(format, value) {
            return utc(time);
        }
    }
    for format in
        ["%Y-%m-%d", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d"]
    {
        if let Ok(date) = Date::strptime(format, value) {
            return utc(date.to_datetime(jiff::civil::Time::midnight()));
        }
    }
    let parts: Vec<i16> = value.split('/').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [left, middle, year] = parts.as_slice() else {
        return None;
    };
    let (day, month) = match (*left, *middle) {
        (day @ 13..=31, month @ 1..=12) | (month @ 1..=12, day @ 13..=31) => (day, month),
        (same, other @ 1..=12) if same == other => (same, other),
        _ => return None,
    };
    let date = Date::new(*year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok().filter(|_| *year > 1_900)?;
    utc(date.to_datetime(jiff::civil::Time::midnight()))
}

fn lifecycle(value: &str) -> Option<String> {
    const STAGES: [&str; 8] = [
        "subscriber",
        "lead",
        "marketingqualifiedlead",
        "salesqualifiedlead",
        "opportunity",
        "customer",
        "evangelist",
        "other",
    ];
    let plain: String = value.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match plain.as_str() {
        "mql" => Some("marketingqualifiedlead".into()),
        "sql" => Some("salesqualifiedlead".into()),
        // A stage of the portal's own has a number for a name.
        _ if STAGES.contains(&plain.as_str())
            || (!plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit())) =>
        {
            Some(plain)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_take_the_form_of_their_field() {
        assert_eq!(email("Jane <jane@a.co>; b@c.de"), "jane@a.co");
        assert_eq!(email("mailto:jane@a.co"), "jane@a.co");
        assert_eq!(email("jane at a.co"), "jane at a.co");
        assert_eq!(host("https://WWW.Acme.com/de?x=1"), Some("acme.com".into()));
        assert_eq!(host("Acme"), None);
        for (raw, wanted) in [
            ("1,200", "1200"),
            ("1.200", "1200"),
            ("$1.2M", "1200000"),
            ("12k", "12000"),
            ("1.234,5", "1234.5"),
            ("250", "250"),
            ("10,001+", "10001"),
        ] {
            assert_eq!(number(raw).as_deref(), Some(wanted), "{raw}");
        }
        assert_eq!(number("51-200"), None);
        for raw in [
            "25 Nov 2024",
            "2024-11-25",
            "25.11.2024",
            "11/25/2024",
            "25/11/2024",
            "2024-11-25T00:00:00Z",
            "2024-11-25 00:00",
        ] {
            assert_eq!(time(raw).as_deref(), Some("2024-11-25T00:00:00Z"), "{raw}");
        }
        assert_eq!(time("04/05/2024"), None);
        assert_eq!(phone("4.91512E+12"), None);
        assert_eq!(lifecycle("Marketing Qualified Lead"), Some("marketingqualifiedlead".into()));
    }
}
