//! Which country a text means: `Deutschland`, `GERMANY`, `DE` and `DEU` are all DE.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::settings::Settings;

static SPELLINGS: LazyLock<HashMap<String, &str>> = LazyLock::new(|| {
    let mut spellings = HashMap::new();
    for line in include_str!("../data/countries.tsv").lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let Some(code) = columns.next() else { continue };
        for spelling in std::iter::once(code).chain(columns.flat_map(|column| column.split('|'))) {
            spellings.entry(fold(spelling)).or_insert(code);
        }
    }
    spellings
});

/// The two-letter code of a country however it is written; `None` when nobody would know.
pub(crate) fn code(text: &str, settings: &Settings) -> Option<String> {
    let folded = fold(text);
    let own = settings.countries.iter().find(|(spelling, _)| fold(spelling) == folded);
    own.map(|(_, code)| code.to_ascii_uppercase()).or_else(|| SPELLINGS.get(&folded).map(|code| (*code).to_owned()))
}

/// Lower case, no accents, one space between words, no leading "the".
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.to_lowercase().nfkd().filter(|character| !is_combining_mark(*character)) {
        match character {
            'ß' => folded.push_str("ss"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'ı' => folded.push('i'),
            'đ' => folded.push('d'),
            'æ' => folded.push_str("ae"),
            '&' => folded.push_str(" and "),
            _ if character.is_alphanumeric() => folded.push(character),
            _ => folded.push(' '),
        }
    }
    let folded = folded.split_whitespace().collect::<Vec<_>>().join(" ");
    folded.strip_prefix("the ").map(str::to_owned).unwrap_or(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_found_in_lists_is_understood() {
        let settings =
            Settings { countries: [("Lower Saxony".to_owned(), "de".to_owned())].into(), ..Settings::default() };
        let cases = [
            ("Deutschland", "DE"),
            ("GERMANY", "DE"),
            ("de", "DE"),
            ("U.S.A.", "US"),
            ("USA", "US"),
            ("United States of America", "US"),
            ("UK", "GB"),
            ("England", "GB"),
            ("Österreich", "AT"),
            ("The Netherlands", "NL"),
            ("Holland", "NL"),
            ("España", "ES"),
            ("Türkiye", "TR"),
            ("PRC", "CN"),
            ("Korea", "KR"),
            ("CAN", "CA"),
            ("Brasil", "BR"),
            ("Schweiz", "CH"),
            ("Sverige", "SE"),
            ("lower saxony", "DE"),
            ("Czechia", "CZ"),
        ];
        for (text, expected) in cases {
            assert_eq!(code(text, &settings).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(code("Atlantis", &settings), None);
    }
}
