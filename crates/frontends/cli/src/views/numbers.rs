//! Numbers, money, shares and times as people read them, and values from lists made safe to print.

use jiff::Timestamp;

/// `1,234,567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 record` or `1,234 records`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// `$12.34`; under a dollar with up to four decimals, because prices per record are fractions of a cent.
pub fn money(amount: f64) -> String {
    if !amount.is_finite() {
        return "not known".to_owned();
    }
    let sign = if amount < 0.0 { "-" } else { "" };
    let size = amount.abs();
    if size > 0.0 && size < 0.000_05 {
        return format!("{sign}under $0.0001");
    }
    let mut text = if size < 1.0 { format!("{size:.4}") } else { format!("{size:.2}") };
    while text.ends_with('0') && text.len() - text.find('.').unwrap_or(0) > 3 {
        text.pop();
    }
    format!("{sign}${}", grouped(&text))
}

/// `$12.3400`: always four decimals, for a column whose sum must be seen to hold.
pub fn exact_money(amount: f64) -> String {
    if !amount.is_finite() {
        return "not known".to_owned();
    }
    let sign = if amount < 0.0 { "-" } else { "" };
    format!("{sign}${}", grouped(&format!("{:.4}", amount.abs())))
}

/// `1,234` or `12.4`: vendor credits with at most two decimals.
pub fn credits(amount: f64) -> String {
    if !amount.is_finite() {
        return "not known".to_owned();
    }
    let text = format!("{amount:.2}");
    grouped(text.trim_end_matches('0').trim_end_matches('.'))
}

fn grouped(decimal: &str) -> String {
    let (whole, rest) = match decimal.find('.') {
        Some(point) => decimal.split_at(point),
        None => (decimal, ""),
    };
    match whole.parse::<u64>() {
        Ok(whole) => format!("{}{rest}", count(whole)),
        Err(_) => decimal.to_owned(),
    }
}

/// `61.2 %`, never rounded up to all or down to nothing; `none` when there is no denominator.
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "none".to_owned();
    }
    let percent = part as f64 * 100.0 / whole as f64;
    if part == 0 || part == whole {
        format!("{percent:.0} %")
    } else if percent < 0.1 {
        "under 0.1 %".to_owned()
    } else if part < whole && percent > 99.9 {
        "99.9 %".to_owned()
    } else {
        format!("{percent:.1} %")
    }
}

/// `612 of 1,000 (61.2 %)`: a count with its denominator.
pub fn of(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "0 of 0".to_owned();
    }
    format!("{} of {} ({})", count(part), count(whole), share(part, whole))
}

/// `3 Nov 2026, 09:12 UTC`.
pub fn time(at: Timestamp) -> String {
    at.strftime("%-d %b %Y, %H:%M UTC").to_string()
}

/// A value from a list or a vendor on one line: control and direction characters become `�`, so that it can neither steer a terminal
/// nor turn the text around it, and what is longer than `limit` characters ends in `…`.
pub fn plain(value: &str, limit: usize) -> String {
    let mut text: String = value
        .chars()
        .take(limit + 1)
        .map(|letter| match letter {
            '\n' | '\r' | '\t' => ' ',
            _ if letter.is_control() => '\u{fffd}',
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            _ => letter,
        })
        .collect();
    if text.chars().count() > limit {
        text = text.chars().take(limit.saturating_sub(1)).collect();
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_thousands_separators() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn money_has_two_to_four_decimals() {
        let shown = [0.0, 0.5, 0.0301, 0.12, 0.125, 18.424, 12_345.6, 0.000_01, -2.5, f64::NAN].map(money);
        let wanted = [
            "$0.00",
            "$0.50",
            "$0.0301",
            "$0.12",
            "$0.125",
            "$18.42",
            "$12,345.60",
            "under $0.0001",
            "-$2.50",
            "not known",
        ];
        assert_eq!(shown, wanted);
    }

    #[test]
    fn a_money_column_lines_up() {
        assert_eq!([8.275, 11.48, 1_234.5].map(exact_money), ["$8.2750", "$11.4800", "$1,234.5000"]);
    }

    #[test]
    fn credits_lose_their_idle_zeros() {
        assert_eq!([0.0, 100.0, 62.4, 1_234.25].map(credits), ["0", "100", "62.4", "1,234.25"]);
    }

    #[test]
    fn a_share_never_claims_all_or_nothing_wrongly() {
        assert_eq!(share(0, 0), "none");
        assert_eq!(share(0, 5), "0 %");
        assert_eq!(share(5, 5), "100 %");
        assert_eq!(share(99_999, 100_000), "99.9 %");
        assert_eq!(share(1, 100_000), "under 0.1 %");
        assert_eq!(of(612, 1_000), "612 of 1,000 (61.2 %)");
    }

    #[test]
    fn a_value_can_not_steer_the_terminal() {
        assert_eq!(plain("a\u{1b}[31mb\u{202e}c\nd", 40), "a\u{fffd}[31mb\u{fffd}c d");
        assert_eq!(plain("abcdef", 4), "abc…");
        assert_eq!(plain("abcd", 4), "abcd");
    }
}
