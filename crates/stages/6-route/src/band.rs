//! Headcount bands of the territory matrix and how a company size falls into one: `1-50`, `501+`, `200`.

use std::fmt;

/// A span of employee counts, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Band {
    from: u64,
    to: u64,
}

impl Band {
    /// Reads `1-50`, `501+` or a single number; thousands may be separated. `None` for any other form or an empty span.
    pub(crate) fn parse(text: &str) -> Option<Band> {
        let text: String = text
            .chars()
            .filter(|character| !character.is_whitespace() && !matches!(character, ',' | '\'' | '_'))
            .collect();
        let text = text.replace(['–', '—'], "-");
        let (from, to) = if let Some(from) = text.strip_suffix('+') {
            (number(from)?, u64::MAX)
        } else if let Some((from, to)) = text.split_once('-') {
            (number(from)?, number(to)?)
        } else {
            let exact = number(&text)?;
            (exact, exact)
        };
        (from <= to).then_some(Band { from, to })
    }

    /// Whether the whole of `other` lies in this band; a company known only as `11-50` is surely in `1-50`.
    pub(crate) fn holds(self, other: Band) -> bool {
        self.from <= other.from && other.to <= self.to
    }
}

/// Digits, with `.0` allowed because the portal writes numbers so.
fn number(text: &str) -> Option<u64> {
    let whole = text
        .split_once('.')
        .map_or(Some(text), |(whole, rest)| rest.bytes().all(|byte| byte == b'0').then_some(whole))?;
    whole.parse().ok()
}

impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.to) {
            (from, u64::MAX) => write!(f, "{from}+"),
            (from, to) if from == to => write!(f, "{from}"),
            (from, to) => write!(f, "{from}-{to}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_shown_again() {
        for (text, shown) in
            [("1-50", "1-50"), ("501+", "501+"), ("1,001 – 5,000", "1001-5000"), ("200.0", "200"), ("200", "200")]
        {
            assert_eq!(Band::parse(text).map(|band| band.to_string()).as_deref(), Some(shown), "{text}");
        }
        for text in ["", "many", "<50", "50-1", "-50", "12.5", "1-", "+"] {
            assert_eq!(Band::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_span_is_in_a_band_only_as_a_whole() {
        let band = Band::parse("51-500").unwrap();
        assert!(band.holds(Band::parse("51-200").unwrap()) && band.holds(Band::parse("500").unwrap()));
        assert!(!band.holds(Band::parse("201-1000").unwrap()));
    }
}
