//! Numbers, flags and dates: the plain form a rule or a portal property can read.

/// A number without separators, signs and words: `$1,200` is `1200`, `1.5M` is `1500000`, `51-200` is `51`.
///
/// Of a range the lower end is kept, the only part that is certain. What is no number stays as it is.
#[must_use]
pub fn tidy_number(value: &str) -> String {
    let lower = value.trim().to_lowercase();
    let cleaned = lower.trim_start_matches(['$', '€', '£', '~', '>', '≈', ' ', '+']);
    let cleaned = ["usd", "eur", "gbp", "about", "ca."]
        .iter()
        .fold(cleaned, |rest, word| rest.strip_prefix(word).unwrap_or(rest))
        .trim();
    let end = cleaned
        .char_indices()
        .find(|(at, letter)| {
            !(letter.is_ascii_digit()
                || matches!(letter, '.' | ',' | '\'' | ' ' | '\u{a0}')
                || (*at == 0 && *letter == '-'))
        })
        .map_or(cleaned.len(), |(at, _)| at);
    let (digits, tail) = cleaned.split_at(end);
    let digits = digits.trim().trim_end_matches(['.', ',']);
    if !digits.bytes().any(|byte| byte.is_ascii_digit()) {
        return value.trim().to_owned();
    }
    let tail = tail.trim();
    let (scale, tail) = scale(tail);
    let known_tail = tail.is_empty()
        || tail == "+"
        || tail.starts_with(['-', '–', '—'])
        || tail.starts_with("to ")
        || matches!(tail, "employees" | "people" | "mitarbeiter" | "usd" | "eur" | "gbp" | "$" | "€" | "+ employees");
    match plain(digits).filter(|_| known_tail) {
        Some(number) => shifted(&number, scale),
        None => value.trim().to_owned(),
    }
}

fn scale(tail: &str) -> (usize, &str) {
    for (word, zeros) in [("million", 6), ("mio", 6), ("billion", 9), ("bn", 9), ("k", 3), ("m", 6), ("b", 9)] {
        if let Some(rest) = tail.strip_prefix(word)
            && !rest.starts_with(|letter: char| letter.is_alphabetic())
        {
            return (zeros, rest.trim_start_matches('.').trim());
        }
    }
    (0, tail)
}

/// Digits with at most one decimal point; tells `1,200` (thousands) from `1,5` (decimals).
fn plain(digits: &str) -> Option<String> {
    let compact: String = digits.chars().filter(|letter| !matches!(letter, ' ' | '\'' | '\u{a0}')).collect();
    let last = compact.rfind(['.', ',']);
    let Some(at) = last else { return sane(&compact) };
    let mark = compact.as_bytes()[at] as char;
    let decimals = compact.len() - at - 1;
    let others = compact[..at].chars().any(|letter| letter != mark && matches!(letter, '.' | ','));
    let repeated = compact.matches(mark).count() > 1;
    let is_decimal = !repeated && (others || decimals != 3 || compact[..at].trim_start_matches('-') == "0");
    let (whole, fraction) = if is_decimal { (&compact[..at], &compact[at + 1..]) } else { (compact.as_str(), "") };
    let whole: String = whole.chars().filter(|letter| !matches!(letter, '.' | ',')).collect();
    let fraction = fraction.trim_end_matches('0');
    sane(&if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") })
}

fn sane(number: &str) -> Option<String> {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(whole, fraction)| (whole, Some(fraction)));
    if !rest.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(match fraction {
        // Three decimals would be read as thousands the next time.
        Some(fraction) if fraction.len() == 3 && whole != "0" => format!("{sign}{whole}.{fraction}0"),
        Some(fraction) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{whole}"),
    })
}

fn shifted(number: &str, zeros: usize) -> String {
    if zeros == 0 {
        return number.to_owned();
    }
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut fraction: String = fraction.trim_end_matches('0').to_owned();
    while fraction.len() < zeros {
        fraction.push('0');
    }
    let (moved, rest) = fraction.split_at(zeros);
    let joined = format!("{whole}{moved}");
    let with_rest = if rest.is_empty() { joined } else { format!("{joined}.{rest}") };
    sane(&with_rest).unwrap_or_else(|| number.to_owned())
}

/// `true` or `false` for the usual words of yes and no; anything else stays.
#[must_use]
pub fn tidy_flag(value: &str) -> String {
    match value.trim().to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "ja" | "oui" | "si" | "t" | "on" => "true".to_owned(),
        "false" | "no" | "n" | "0" | "nein" | "non" | "f" | "off" => "false".to_owned(),
        _ => value.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lose_their_separators() {
        for (typed, tidy) in [
            ("1,200", "1200"),
            ("1.200", "1200"),
            ("1 200 000", "1200000"),
            ("$1,234.50", "1234.5"),
            ("1.234,50", "1234.5"),
            ("0.125", "0.125"),
            ("1.5M", "1500000"),
            ("10K+", "10000"),
            ("51-200", "51"),
            ("10,001+", "10001"),
            ("201 - 500 employees", "201"),
            ("-5", "-5"),
            ("many", "many"),
            ("12 rue", "12 rue"),
            ("007", "7"),
        ] {
            assert_eq!(tidy_number(typed), tidy, "{typed}");
            assert_eq!(tidy_number(tidy), tidy, "{typed} again");
        }
    }

    #[test]
    fn yes_and_no_become_flags() {
        assert_eq!(tidy_flag("Yes"), "true");
        assert_eq!(tidy_flag("0"), "false");
        assert_eq!(tidy_flag("maybe"), "maybe");
    }
}
