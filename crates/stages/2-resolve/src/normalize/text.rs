//! Letters: removes what hides the same word behind other letters, such as case, accents and stray spaces.

use std::collections::HashSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

static PLACEHOLDERS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| lines(include_str!("../../data/placeholders.txt")).collect());

/// The lines of a data file without comments.
pub(crate) fn lines(data: &'static str) -> impl Iterator<Item = &'static str> {
    data.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("# "))
}

/// Composes accents, turns every kind of space and control character into one space, and trims; quotes around the whole go too.
pub(crate) fn clean(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut gap = false;
    for letter in value.nfc() {
        if letter.is_whitespace() || letter.is_control() || is_invisible(letter) {
            gap |= !is_invisible(letter);
            continue;
        }
        if gap && !out.is_empty() {
            out.push(' ');
        }
        gap = false;
        out.push(letter);
    }
    // Dropping an invisible letter between two others can let them compose.
    if out.nfc().eq(out.chars()) { out } else { out.nfc().collect() }
}

fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// Whether the value only says that there is none.
pub(crate) fn is_placeholder(value: &str) -> bool {
    PLACEHOLDERS.contains(value.trim().to_lowercase().as_str())
}

/// Plain lower-case letters and digits, everything else one space: `Škoda Auto a.s.` becomes `skoda auto a s`.
pub(crate) fn fold(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for letter in value.chars() {
        if letter.is_ascii() {
            push_folded(&mut out, letter);
            continue;
        }
        match letter {
            '’' | 'ʼ' | '‘' | '`' | '´' | '\u{300}'..='\u{36f}' => {}
            _ => {
                for plain in deunicode::deunicode_char(letter).unwrap_or(" ").chars() {
                    push_folded(&mut out, plain);
                }
            }
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn push_folded(out: &mut String, letter: char) {
    if letter.is_ascii_alphanumeric() {
        out.push(letter.to_ascii_lowercase());
    } else if letter != '\'' && letter != '`' && !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// The folded value without spaces.
pub(crate) fn squash(value: &str) -> String {
    let mut folded = fold(value);
    folded.retain(|letter| letter != ' ');
    folded
}

/// What is left of a folded word when two ways of writing it are read as one: `haering`, `häring` and `harring` are `haring`.
///
/// `ae`, `oe`, `ue` become the plain vowel and doubled letters single, unless fewer than three letters would be left:
/// `Lee` and `Le` are two names.
pub(crate) fn skeleton(folded: &str) -> String {
    let mut out = String::with_capacity(folded.len());
    for letter in folded.chars() {
        match (out.chars().next_back(), letter) {
            (Some('a' | 'o' | 'u'), 'e') => {}
            (Some(before), now) if before == now && before.is_ascii_alphabetic() => {}
            _ => out.push(letter),
        }
    }
    if out.len() < 3 { folded.to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_of_every_kind_become_one() {
        assert_eq!(clean("  Anna\u{a0}\t Maria\u{200b} "), "Anna Maria");
        assert_eq!(clean("e\u{301}"), "é");
    }

    #[test]
    fn umlauts_and_their_transcription_share_a_skeleton() {
        for way in ["Häring", "Haering", "Harring", "HÄRING"] {
            assert_eq!(skeleton(&fold(way)), "haring", "{way}");
        }
        assert_eq!(skeleton(&fold("Doerr")), skeleton(&fold("Dörr")));
        assert_ne!(skeleton(&fold("Lee")), skeleton(&fold("Le")));
    }

    #[test]
    fn fillers_are_no_values_but_the_surname_null_can_be_told_by_its_field() {
        assert!(is_placeholder("N/A") && is_placeholder(" - ") && is_placeholder("(null)"));
        assert!(!is_placeholder("Nadia"));
    }
}
