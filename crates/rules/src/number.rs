//! Reads numbers, flags and times from the text that lists and portals hold.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

/// A decimal number; thousands separators are read where they are unmistakable (`1,200` and `1,200,000`).
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let parsed = match text.parse::<f64>() {
        Ok(number) => number,
        Err(_) => grouped(text)?,
    };
    parsed.is_finite().then_some(parsed)
}

fn grouped(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let digits = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    let head = first.strip_prefix('-').unwrap_or(first);
    if !digits(head) || head.len() > 3 || !groups.all(|group| group.len() == 3 && digits(group)) {
        return None;
    }
    if !fraction.is_empty() && !digits(fraction) {
        return None;
    }
    text.replace(',', "").parse().ok()
}

/// `true` or `false`, in any case.
pub(crate) fn flag(text: &str) -> Option<bool> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Microseconds since 1970 of an RFC 3339 time, a date (its first moment, UTC) or a date with a time (UTC).
pub(crate) fn time(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp.as_microsecond());
    }
    let civil = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(|date| date.at(0, 0, 0, 0))).ok()?;
    Some(jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()?.as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_lists_write_them() {
        assert_eq!(number(" 12 "), Some(12.0));
        assert_eq!(number("1,200"), Some(1200.0));
        assert_eq!(number("-1,200,000.5"), Some(-1_200_000.5));
        for odd in ["1,20", "12,", ",5", "about 50", "", "NaN", "inf", "1,2,3", "11-50"] {
            assert_eq!(number(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_date_is_its_first_moment() {
        assert_eq!(time("1970-01-02"), Some(86_400_000_000));
        assert_eq!(time("1970-01-01T00:00:01Z"), Some(1_000_000));
        assert_eq!(time("1970-01-01T00:00:01"), Some(1_000_000));
        assert_eq!(time("yesterday"), None);
    }
}
