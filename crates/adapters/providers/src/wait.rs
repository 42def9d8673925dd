//! How long to wait before asking again, in every form vendors say it.

use jiff::Timestamp;

use crate::document::RetrySource;
use crate::expression::Body;

/// When an answer says it is worth asking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// After so many milliseconds.
    Ms(u64),
    /// At this time.
    At(Timestamp),
}

impl RetryAfter {
    /// Milliseconds from `now`.
    #[must_use]
    pub fn ms_from(self, now: Timestamp) -> u64 {
        match self {
            RetryAfter::Ms(ms) => ms,
            RetryAfter::At(then) => u64::try_from(then.as_millisecond() - now.as_millisecond()).unwrap_or(0),
        }
    }
}

/// What an answer says about waiting: `Retry-After` first, then where the manifest says it stands, then words such as "in 30 seconds".
pub(crate) fn retry_after(
    sources: &[RetrySource],
    headers: &[(String, String)],
    json: Option<&Body>,
    body: &[u8],
) -> Option<RetryAfter> {
    let header =
        |name: &str| headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str());
    header("retry-after")
        .and_then(read)
        .or_else(|| {
            sources.iter().find_map(|source| {
                let said = source.header.as_deref().and_then(header).map(str::to_owned);
                said.or_else(|| source.body.as_ref()?.word(json?)).and_then(|text| read(&text))
            })
        })
        .or_else(|| in_words(&String::from_utf8_lossy(body)))
}

/// `30`, `6s`, `120ms`, an epoch second, an HTTP date, or a date with time.
fn read(text: &str) -> Option<RetryAfter> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        if !number.is_finite() || number < 0.0 {
            return None;
        }
        // Nobody waits thirty years: a number so large is a point in time.
        return if number > 1e9 {
            Timestamp::from_second(number as i64).ok().map(RetryAfter::At)
        } else {
            Some(RetryAfter::Ms((number * 1e3) as u64))
        };
    }
    let number_before = |unit: &str| text.strip_suffix(unit).and_then(|number| number.trim().parse::<f64>().ok());
    if let Some(ms) = number_before("ms") {
        return Some(RetryAfter::Ms(ms.max(0.0) as u64));
    }
    if let Some(seconds) = number_before("s") {
        return Some(RetryAfter::Ms((seconds.max(0.0) * 1e3) as u64));
    }
    let dated = jiff::fmt::rfc2822::parse(text).map(|time| time.timestamp()).ok();
    let dated = dated.or_else(|| text.parse().ok()).or_else(|| text.replace(' ', "T").parse().ok());
    let dated = dated.or_else(|| format!("{}Z", text.replace(' ', "T")).parse().ok());
    dated.map(RetryAfter::At)
}

/// "try again in 30 seconds", "wait 2 minutes".
fn in_words(text: &str) -> Option<RetryAfter> {
    let words: Vec<&str> =
        text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.windows(2).find_map(|pair| {
        let number: u64 = pair[0].parse().ok().filter(|number| *number <= 86_400)?;
        match pair[1].to_lowercase().as_str() {
            "second" | "seconds" | "sec" | "secs" => Some(RetryAfter::Ms(number * 1_000)),
            "minute" | "minutes" | "min" | "mins" => Some(RetryAfter::Ms(number * 60_000)),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_understood_in_every_form() {
        let now: Timestamp = "2026-11-23T08:00:00Z".parse().expect("a time");
        for (text, ms) in [
            ("30", 30_000),
            ("1.5", 1_500),
            ("6s", 6_000),
            ("120ms", 120),
            ("Mon, 23 Nov 2026 08:01:00 GMT", 60_000),
            ("2026-11-23T08:00:10Z", 10_000),
            ("2026-11-23 08:00:10", 10_000),
            ("1795420810", 10_000), // an epoch second
            ("Mon, 23 Nov 2020 08:01:00 GMT", 0),
        ] {
            assert_eq!(read(text).map(|wait| wait.ms_from(now)), Some(ms), "{text}");
        }
        assert_eq!(read("soon"), None);
        assert_eq!(in_words("Not ready, try again in 30 seconds"), Some(RetryAfter::Ms(30_000)));
        assert_eq!(in_words("600 times per hour"), None);
    }
}
