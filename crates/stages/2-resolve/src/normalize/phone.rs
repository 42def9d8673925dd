//! Phone numbers: the international form we keep and the digits two records are compared by.

use rlibphonenumber::enums::Region;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};

/// The number as `+14155550100` (with ` ext 12` where there is an extension) if it is valid in the region or as typed
/// with `+`; else the text, with only digits and separators kept. Absent without any digit.
///
/// `region` is a two-letter code.
#[must_use]
pub fn tidy_phone(value: &str, region: Option<&str>) -> Option<String> {
    let cleaned = readable(value)?;
    let region = region.and_then(|code| Region::from_code(code).ok());
    if let Some(number) = PHONE_NUMBER_UTIL.parse(&cleaned, region).ok().filter(rlibphonenumber::PhoneNumber::is_valid)
    {
        let formatted = number.format_as(PhoneNumberFormat::E164).into_owned();
        return Some(match number.extension.as_deref() {
            Some(extension) if !extension.is_empty() => format!("{formatted} ext {extension}"),
            _ => formatted,
        });
    }
    Some(cleaned)
}

/// Digits with their separators; a `+` only in front; an extension as ` ext 12`.
fn readable(value: &str) -> Option<String> {
    let lower = value.to_lowercase();
    let (number, extension) = split_extension(&lower);
    let mut out = String::with_capacity(number.len());
    for letter in number.chars() {
        let digit = letter.to_digit(10).or_else(|| wide_digit(letter));
        if let Some(digit) = digit.and_then(|digit| char::from_digit(digit, 10)) {
            out.push(digit);
        } else if letter == '+' || letter == '＋' {
            if out.is_empty() {
                out.push('+');
            }
        } else if matches!(letter, '(' | ')' | '.' | '/' | '-' | ' ' | '\u{a0}' | '–' | '‑')
            && out.ends_with(|before: char| before.is_ascii_digit())
        {
            out.push(if letter == '.' || letter == '/' || letter == '-' { letter } else { ' ' });
        }
    }
    let out = out.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    if !out.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(match extension {
        Some(extension) => format!("{out} ext {extension}"),
        None => out.to_owned(),
    })
}

fn wide_digit(letter: char) -> Option<u32> {
    ('０'..='９').contains(&letter).then(|| letter as u32 - '０' as u32)
}

fn split_extension(lower: &str) -> (&str, Option<String>) {
    for mark in ["extension", "ext.", "ext", "durchwahl", " dw", "#", " x", "x"] {
        if let Some(at) = lower.rfind(mark) {
            let digits: String = lower[at + mark.len()..].chars().filter(|letter| !" .:".contains(*letter)).collect();
            let before = &lower[..at];
            if (1..=6).contains(&digits.len())
                && digits.bytes().all(|byte| byte.is_ascii_digit())
                && before.bytes().filter(u8::is_ascii_digit).count() >= 6
            {
                return (before, Some(digits));
            }
        }
    }
    (lower, None)
}

/// The last eight digits, which a number keeps whether it was typed with the country's prefix or without.
///
/// Absent for short numbers and for fillers such as `00000000` or `12345678`.
#[must_use]
pub fn phone_key(value: &str) -> Option<String> {
    let number = value.split(" ext ").next().unwrap_or(value);
    let digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).collect();
    if digits.len() < 7 {
        return None;
    }
    let tail = &digits[digits.len().saturating_sub(8)..];
    let same = tail.iter().all(|digit| *digit == tail[0]);
    let ascending = tail.windows(2).all(|pair| pair[1] == pair[0] + 1 || (pair[0] == b'9' && pair[1] == b'0'));
    let descending = tail.windows(2).all(|pair| pair[0] == pair[1] + 1);
    if same || ascending || descending {
        return None;
    }
    String::from_utf8(tail.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valid_number_becomes_international() {
        for (typed, region, tidy) in [
            ("(415) 555-2671", Some("US"), "+14155552671"),
            ("020 7183 8750", Some("GB"), "+442071838750"),
            ("+49 30 901820", None, "+4930901820"),
            ("0033 1 70 18 99 00", Some("FR"), "+33170189900"),
            ("+1 415-555-2671 x12", None, "+14155552671 ext 12"),
            ("tel: +14155552671", None, "+14155552671"),
        ] {
            assert_eq!(tidy_phone(typed, region).as_deref(), Some(tidy), "{typed}");
        }
    }

    #[test]
    fn an_invalid_number_stays_readable_text() {
        assert_eq!(tidy_phone("call 12 34", Some("US")).as_deref(), Some("12 34"));
        assert_eq!(tidy_phone("(415) 555-2671", None).as_deref(), Some("415 555-2671"));
        assert_eq!(tidy_phone("n/a", Some("US")), None);
    }

    #[test]
    fn a_number_has_one_key_with_and_without_prefix() {
        assert_eq!(phone_key("+44 20 4574 9513"), phone_key("020 4574 9513"));
        assert_eq!(phone_key("+442045749513 ext 12"), phone_key("02045749513"));
        assert_eq!(phone_key("0000000000"), None);
        assert_eq!(phone_key("12345678"), None);
        assert_eq!(phone_key("12345"), None);
    }
}
