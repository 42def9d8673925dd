//! Numbers as vendors write them: amounts of money, head counts and bands of them.

/// The first number of a text such as `201-500`, `10,001+`, `$10M-$50M`.
pub(super) fn amounts(text: &str) -> Option<f64> {
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

/// A band of people, `201-500`, whatever words and dashes stand around it; a plain number is no band.
pub(super) fn range(text: &str) -> Option<String> {
    let text: String = text.to_lowercase().replace("employees", "").replace(['–', '—'], "-").replace(" to ", "-");
    let text: String = text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_uppercase();
    let band = text.starts_with(|letter: char| letter.is_ascii_digit()) && (text.ends_with('+') || text.contains('-'));
    let sound = text.chars().all(|letter| letter.is_ascii_digit() || "-+,.KMB".contains(letter));
    (band && sound).then(|| text.replace(',', ""))
}
