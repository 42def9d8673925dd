//! Whether two values mean the same, so that nothing is written which would only change the spelling.

use std::collections::BTreeSet;

use evergreen_model::field::FieldKind;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// How values of a property are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Exact text apart from spaces around and between words.
    Text,
    /// Without case.
    Email,
    /// By digits.
    Phone,
    /// Without scheme, `www.`, trailing slash and what only counts visitors; a LinkedIn page is the same in every country.
    Url,
    /// As a number.
    Number,
    /// As true or false.
    Flag,
    /// As an instant, to the millisecond.
    Time,
    /// As a day.
    Day,
    /// As a choice, without case.
    Choice,
    /// As a set of choices, without case.
    Choices,
}

impl From<FieldKind> for Meaning {
    fn from(kind: FieldKind) -> Self {
        match kind {
            FieldKind::Text => Meaning::Text,
            FieldKind::Email => Meaning::Email,
            FieldKind::Phone => Meaning::Phone,
            FieldKind::Url | FieldKind::Domain => Meaning::Url,
            FieldKind::Number => Meaning::Number,
            FieldKind::Flag => Meaning::Flag,
            FieldKind::Time => Meaning::Time,
        }
    }
}

/// Whether two values mean the same.
#[must_use]
pub fn same(meaning: Meaning, one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    if one == other {
        return true;
    }
    if one.is_empty() || other.is_empty() {
        return false;
    }
    match meaning {
        Meaning::Text => words(one) == words(other),
        Meaning::Email => one.to_lowercase() == other.to_lowercase(),
        Meaning::Phone => same_phone(one, other),
        Meaning::Url => bare_url(one) == bare_url(other),
        Meaning::Number => equal_as(number, one, other),
        Meaning::Flag => equal_as(flag, one, other),
        Meaning::Time => equal_as(millis, one, other),
        Meaning::Day => equal_as(day, one, other),
        Meaning::Choice => one.to_lowercase() == other.to_lowercase(),
        Meaning::Choices => choices(one) == choices(other),
    }
}

/// Whether two optional values mean the same; an absent value and an empty one do.
#[must_use]
pub fn same_optional(meaning: Meaning, one: Option<&str>, other: Option<&str>) -> bool {
    same(meaning, one.unwrap_or_default(), other.unwrap_or_default())
}

/// Both must be readable; two unreadable texts are not equal just because neither can be read.
fn equal_as<T: PartialEq>(read: impl Fn(&str) -> Option<T>, one: &str, other: &str) -> bool {
    matches!((read(one), read(other)), (Some(one), Some(other)) if one == other)
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

fn same_phone(one: &str, other: &str) -> bool {
    let (one, other) = (Dialled::read(one), Dialled::read(other));
    if one.digits.len() < 7 || other.digits.len() < 7 || one.extension != other.extension {
        return false;
    }
    if one.international == other.international {
        return one.digits == other.digits;
    }
    // One is written with its country code, the other as dialled at home, maybe with a trunk zero.
    let (abroad, home) = if one.international { (one, other) } else { (other, one) };
    let home = home.digits.trim_start_matches('0');
    home.len() >= 7 && abroad.digits.ends_with(home) && abroad.digits.len() - home.len() <= 3
}

struct Dialled {
    digits: String,
    international: bool,
    extension: String,
}

impl Dialled {
    fn read(text: &str) -> Dialled {
        let lower = text.to_lowercase();
        let cut = lower.find(['x', '#', ';']).or_else(|| lower.find("ext")).unwrap_or(lower.len());
        let (number, extension) = lower.split_at(cut);
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let extension = extension.chars().filter(char::is_ascii_digit).collect();
        match digits.strip_prefix("00") {
            Some(rest) if !number.contains('+') => Dialled { digits: rest.to_owned(), international: true, extension },
            _ => Dialled { international: number.contains('+'), digits, extension },
        }
    }
}

fn bare_url(url: &str) -> String {
    let lower = url.to_lowercase();
    let rest = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
    let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let place = place.strip_prefix("www.").unwrap_or(place);
    let place = match place.split_once('.') {
        Some((country, page)) if country.len() == 2 && page.starts_with("linkedin.com") => page,
        _ => place,
    };
    let place = place.trim_end_matches('/');
    let mut kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !counts_visitors(pair)).collect();
    if place.starts_with("linkedin.com") {
        kept.clear();
    }
    if kept.is_empty() { place.to_owned() } else { format!("{place}?{}", kept.join("&")) }
}

fn counts_visitors(pair: &str) -> bool {
    pair.starts_with("utm_") || pair.starts_with("gclid=") || pair.starts_with("fbclid=")
}

/// `12,500` as `12500`; a comma that does not part thousands stays and makes the number unreadable, because it may be a decimal comma.
pub(crate) fn without_thousands(text: &str) -> String {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let groups: Vec<&str> = whole.split([',', ' ']).collect();
    if groups.len() < 2 || !groups[1..].iter().all(|group| group.len() == 3) {
        return text.to_owned();
    }
    let whole = groups.concat();
    fraction.map_or_else(|| whole.clone(), |fraction| format!("{whole}.{fraction}"))
}

/// A number as the portal reads it: digits, sign, one point; thousands may be parted.
pub(crate) fn number(text: &str) -> Option<f64> {
    let plain = without_thousands(text.trim());
    // Words such as `inf` and `nan` are no numbers to the portal.
    plain.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E')).then_some(())?;
    plain.parse::<f64>().ok().filter(|number| number.is_finite())
}

/// `true` or `false`, whichever way it is written.
pub(crate) fn flag(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "yes" | "1" => Some(true),
        "false" | "no" | "0" => Some(false),
        _ => None,
    }
}

/// An instant in milliseconds, from RFC 3339, a bare date (midnight UTC) or epoch milliseconds.
pub(crate) fn millis(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_millisecond());
    }
    if let Ok(date) = text.parse::<Date>() {
        return Some(TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?.as_millisecond());
    }
    text.parse::<i64>().ok().filter(|millis| millis.abs() >= 100_000_000_000)
}

fn day(text: &str) -> Option<Date> {
    let at = Timestamp::from_millisecond(millis(text)?).ok()?;
    Some(TimeZone::UTC.to_datetime(at).date())
}

/// Days since the portal keeps dates without a time.
pub(crate) fn iso_day(text: &str) -> Option<String> {
    day(text).map(|date| date.to_string())
}

fn choices(text: &str) -> BTreeSet<String> {
    text.split(';').map(|choice| choice.trim().to_lowercase()).filter(|choice| !choice.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_is_not_a_change() {
        let table = [
            (Meaning::Phone, "+1 415-555-0100", "+14155550100", true),
            (Meaning::Phone, "(415) 555-0100", "+14155550100", true),
            (Meaning::Phone, "020 7946 0958", "+442079460958", true),
            (Meaning::Phone, "0044 20 7946 0958", "+442079460958", true),
            (Meaning::Phone, "+1 20 7946 0958", "+44 20 7946 0958", false),
            (Meaning::Phone, "+14155550100 x12", "+14155550100", false),
            (Meaning::Phone, "ask Jane", "call Jim", false),
            (Meaning::Email, "Jane@Acme.com", "jane@acme.com ", true),
            (Meaning::Url, "https://www.LinkedIn.com/in/jane/", "linkedin.com/in/jane", true),
            (Meaning::Url, "www.acme.com", "acme.com", true),
            (Meaning::Url, "acme.com/de", "acme.com", false),
            (Meaning::Number, "5", "5.0", true),
            (Meaning::Number, "about 5", "some 5", false),
            (Meaning::Flag, "Yes", "true", true),
            (Meaning::Time, "2026-11-25T07:00:00Z", "2026-11-25T08:00:00+01:00", true),
            (Meaning::Time, "1764054000000", "2025-11-25T07:00:00.000Z", true),
            (Meaning::Time, "2026-11-25T07:00:00Z", "2026-11-25T07:00:01Z", false),
            (Meaning::Day, "2026-11-25", "2026-11-25T09:30:00Z", true),
            (Meaning::Number, "1,200", "1200.0", true),
            (Meaning::Url, "https://de.linkedin.com/in/jane?trk=x", "www.linkedin.com/in/jane/", true),
            (Meaning::Url, "https://acme.com/?utm_source=mail", "acme.com", true),
            (Meaning::Url, "acme.com/?page=2", "acme.com/?page=3", false),
            (Meaning::Choice, "COMPUTER_SOFTWARE", "computer_software", true),
            (Meaning::Choices, "a;b", ";b; A", true),
            (Meaning::Text, "VP  Sales", " VP Sales", true),
            (Meaning::Text, "VP Sales", "vp sales", false),
            (Meaning::Text, "VP Sales", "", false),
        ];
        for (meaning, one, other, expected) in table {
            assert_eq!(same(meaning, one, other), expected, "{meaning:?}: {one:?} and {other:?}");
            assert_eq!(same(meaning, other, one), expected, "{meaning:?}: {other:?} and {one:?}");
        }
    }
}
