//! Capital letters in names: repairs names typed all in capitals or all in lower case and leaves every other as it is.

use std::collections::HashSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::text::lines;

pub(crate) static PARTICLES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| lines(include_str!("../../data/particles.txt")).flat_map(str::split_whitespace).collect());

/// The name as its bearer would write it, if it was typed without regard to case: `O'BRIEN`, `mcdonald`, `VAN DER BERG`.
pub(crate) fn fix_name(name: &str, is_given: bool) -> String {
    let upper = name.chars().any(char::is_uppercase);
    let lower = name.chars().any(char::is_lowercase);
    if upper == lower || (is_given && looks_like_initials(name)) {
        return name.to_owned();
    }
    let words: Vec<&str> = name.split(' ').collect();
    let last = words.len() - 1;
    let fixed: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(index, word)| {
            let small = word.to_lowercase();
            // A particle needs a word after it, and a given name starts with a capital whatever it is.
            if index < last && (!is_given || index > 0) && PARTICLES.contains(small.as_str()) {
                small
            } else {
                fix_word(word)
            }
        })
        .collect();
    fixed.join(" ").nfc().collect()
}

/// `JP`, `DJ`, `J.`, `J.P.`: capitals without a vowel between them.
fn looks_like_initials(name: &str) -> bool {
    let letters: Vec<char> = name.chars().filter(|letter| letter.is_alphabetic()).collect();
    let dotted = name.contains('.') && name.split(['.', ' ', '-']).all(|part| part.chars().count() <= 1);
    let vowelless = letters.len() == 2
        && !letters.iter().any(|letter| "aeiouyäöüåøæ".contains(letter.to_lowercase().next().unwrap_or('a')));
    name.chars().any(char::is_uppercase) && (dotted || vowelless)
}

fn fix_word(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut start = true;
    let mut part = 0;
    for letter in word.chars() {
        if matches!(letter, '-' | '\'' | '’' | '.' | '(' | '/') {
            // `O'Brien` and `D'Angelo`, but `Mar'i`: only after a single letter.
            start = !matches!(letter, '\'' | '’') || part == 1;
            out.push(letter);
            part = 0;
            continue;
        }
        if start {
            push_capital(&mut out, letter);
        } else if letter == 'İ' {
            out.push('i');
        } else {
            out.extend(letter.to_lowercase());
        }
        start = false;
        part += 1;
    }
    raise_after_mc(&out)
}

/// One capital, also where the capital of one letter is two: `ß` starts a word as `Ss`.
fn push_capital(out: &mut String, letter: char) {
    let mut capitals = letter.to_uppercase();
    out.extend(capitals.next());
    out.extend(capitals.flat_map(char::to_lowercase));
}

/// `Mcdonald` becomes `McDonald`; `Mac` is left alone because `Macey` and `Machado` are names too.
fn raise_after_mc(word: &str) -> String {
    match word.strip_prefix("Mc") {
        Some(rest) if rest.chars().count() > 2 => {
            let mut letters = rest.chars();
            let mut out = "Mc".to_owned();
            if let Some(first) = letters.next() {
                push_capital(&mut out, first);
            }
            out + letters.as_str()
        }
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_typed_without_case_get_it_back() {
        for (typed, wanted) in [
            ("O'BRIEN", "O'Brien"),
            ("o’brien", "O’Brien"),
            ("mcdonald", "McDonald"),
            ("VAN DER BERG", "van der Berg"),
            ("de la cruz", "de la Cruz"),
            ("van", "Van"),
            ("albu-dobre", "Albu-Dobre"),
            ("SØRENSEN MADSEN", "Sørensen Madsen"),
            ("İNCİ", "İnci"),
            ("MACHADO", "Machado"),
            ("weiß", "Weiß"),
            ("李", "李"),
        ] {
            assert_eq!(fix_name(typed, false), wanted, "{typed}");
        }
    }

    #[test]
    fn mixed_case_is_left_alone() {
        for name in ["deVries", "McDonald", "van Heusden", "LaToya", "D'Angelo"] {
            assert_eq!(fix_name(name, false), name);
        }
    }

    #[test]
    fn initials_stay_capital() {
        for name in ["JP", "DJ", "J.", "J.P.", "J. P."] {
            assert_eq!(fix_name(name, true), name);
        }
        assert_eq!(fix_name("LI", true), "Li");
        assert_eq!(fix_name("jp", true), "Jp");
    }
}
