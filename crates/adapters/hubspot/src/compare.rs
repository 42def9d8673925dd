//! What was sent held against what is kept: every other text is told, and whether two texts mean the same.

use std::collections::BTreeSet;

use evergreen_model::Fields;
use evergreen_ports::Difference;
use jiff::Timestamp;
use serde_json::Value;

use crate::record::Record;
use crate::wire::str_of;

/// Values kept otherwise than sent, among those the answer shows; HubSpot's own warnings are said aloud.
pub(crate) fn differences_in(sent: &Fields, body: &Value, record: &Record) -> Vec<Difference> {
    let held = &body["properties"];
    let mut differs: Vec<Difference> = sent
        .iter()
        .filter_map(|(property, sent)| {
            let kept = held.get(property).map(|kept| str_of(kept).unwrap_or_default())?;
            (kept != *sent).then(|| Difference { property: property.clone(), sent: sent.clone(), kept })
        })
        .collect();
    for warning in &record.warnings {
        match (&warning.property, &warning.normalized) {
            (Some(property), Some(kept)) => {
                let known = differs.iter().any(|known| known.property == *property);
                if let Some(sent) = sent.get(property).filter(|sent| !known && *sent != kept) {
                    differs.push(Difference { property: property.clone(), sent: sent.clone(), kept: kept.clone() });
                }
            }
            _ => tracing::warn!(record = record.id, "HubSpot warns: {} ({})", warning.message, warning.category),
        }
    }
    differs
}

/// Values a record holds otherwise than sent; an absent value is an empty one.
pub(crate) fn differences(sent: &Fields, record: &Record) -> Vec<Difference> {
    sent.iter()
        .filter(|(property, sent)| record.value(property) != sent.as_str())
        .map(|(property, sent)| Difference {
            property: property.clone(),
            sent: sent.clone(),
            kept: record.value(property).to_owned(),
        })
        .collect()
}

/// Whether HubSpot keeping `kept` means that `sent` was stored: numbers by value, times by instant, choices as sets, the rest by
/// letter, addresses and surrounding spaces aside.
#[must_use]
pub fn means_the_same(sent: &str, kept: &str) -> bool {
    let (sent, kept) = (sent.trim(), kept.trim());
    if sent == kept || (sent.contains('@') && sent.eq_ignore_ascii_case(kept)) {
        return true;
    }
    if let (Some(one), Some(two)) = (number(sent), number(kept)) {
        return one == two;
    }
    if let (Some(one), Some(two)) = (instant(sent), instant(kept)) {
        return one == two;
    }
    if sent.contains(';') || kept.contains(';') {
        let set = |text: &str| -> BTreeSet<String> {
            text.split(';').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        // A leading separator adds to what is there.
        return if sent.starts_with(';') { set(sent).is_subset(&set(kept)) } else { set(sent) == set(kept) };
    }
    false
}

/// Digits with an optional sign and point; a leading zero or plus is a code or a telephone number, not a number.
fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let code = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    (plain && !digits.is_empty() && !code).then(|| text.parse().ok()).flatten()
}

/// A day, a time, or milliseconds that can only be a time.
fn instant(text: &str) -> Option<i64> {
    if let Ok(day) = text.parse::<jiff::civil::Date>()
        && text.len() == 10
    {
        return day.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok().map(|day| day.timestamp().as_millisecond());
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.as_millisecond());
    }
    text.parse::<i64>().ok().filter(|millis| millis.abs() > 100_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_mean_the_same_are_told_from_values_that_do_not() {
        for (sent, kept) in [
            ("5", "5.0"),
            ("-1.50", "-1.5"),
            ("Jane@Acme.COM", "jane@acme.com"),
            (" x ", "x"),
            ("b;a", "a;b"),
            (";c", "a;b;c"),
            ("2026-11-25", "1795564800000"),
            ("2026-11-25T09:00:00Z", "2026-11-25T09:00:00.000Z"),
            ("2026-11-25T10:00:00+01:00", "2026-11-25T09:00:00Z"),
        ] {
            assert!(means_the_same(sent, kept), "{sent} and {kept}");
        }
        for (sent, kept) in [
            ("5", "50"),
            ("007", "7"),
            ("Berlin", "berlin"),
            ("a;b", "a"),
            (";c", "a;b"),
            ("lead", ""),
            ("2026-11-25", "2026-11-26"),
            ("+49", "49"),
        ] {
            assert!(!means_the_same(sent, kept), "{sent} and {kept}");
        }
    }
}
