//! Countries however they are written: `Deutschland`, `GERMANY`, `DEU` and `de` are DE, and what a domain or a phone number says about the country.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The countries by everything they can be found by.
struct Table {
    by_spelling: HashMap<String, &'static str>,
    names: HashMap<&'static str, &'static str>,
    by_calling_code: HashMap<&'static str, &'static str>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table { by_spelling: HashMap::new(), names: HashMap::new(), by_calling_code: HashMap::new() };
    for (code, three_letters, name, calling_code, others) in rows() {
        table.names.insert(code, name);
        if !calling_code.is_empty() {
            table.by_calling_code.insert(calling_code, code);
        }
        for spelling in [code, three_letters, name].into_iter().chain(others.split('|')) {
            let folded = fold(spelling);
            if let Some(joined) = joined(&folded) {
                table.by_spelling.entry(joined).or_insert(code);
            }
            table.by_spelling.entry(folded).or_insert(code);
        }
    }
    table.by_spelling.remove("");
    table
});

/// Endings that are a country's on paper and everybody's in use.
const OPEN_ENDINGS: [&str; 36] = [
    "ac", "ag", "ai", "am", "bz", "cc", "cf", "co", "cx", "dj", "eu", "fm", "ga", "gg", "gl", "gq", "gs", "im", "io",
    "la", "ly", "me", "ml", "ms", "nu", "pw", "sc", "sh", "so", "st", "tk", "to", "tv", "vc", "vg", "ws",
];

/// Two-letter code, three-letter code, name, calling code and further spellings.
fn rows() -> impl Iterator<Item = (&'static str, &'static str, &'static str, &'static str, &'static str)> {
    include_str!("../data/countries.tsv").lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut columns = line.split('\t');
        Some((columns.next()?, columns.next()?, columns.next()?, columns.next()?, columns.next()?))
    })
}

/// The two-letter code, in capitals, of a country in any usual spelling; `None` when nobody would know.
#[must_use]
pub fn code(text: &str) -> Option<&'static str> {
    let folded = fold(text);
    let spellings = &TABLE.by_spelling;
    spellings.get(&folded).or_else(|| spellings.get(&joined(&folded)?)).copied()
}

/// The English name we show for a two-letter code in capitals.
#[must_use]
pub fn name(code: &str) -> Option<&'static str> {
    TABLE.names.get(code).copied()
}

/// The country of a lower-case host name's ending, unless the ending is used all over the world.
#[must_use]
pub fn of_domain(domain: &str) -> Option<&'static str> {
    let ending = domain.rsplit('.').next()?;
    if OPEN_ENDINGS.contains(&ending) {
        return None;
    }
    let code = if ending == "uk" { "GB".to_owned() } else { ending.to_ascii_uppercase() };
    TABLE.names.get_key_value(code.as_str()).map(|(code, _)| *code)
}

/// The country a phone number in international form (`+49 …`) calls; `None` for the prefixes that countries share, 1 and 7.
///
/// Where small territories use the code of a big neighbour, the big one.
#[must_use]
pub fn of_phone(number: &str) -> Option<&'static str> {
    let digits: String = number.strip_prefix('+')?.chars().filter(char::is_ascii_digit).take(3).collect();
    (1..=digits.len()).find_map(|length| TABLE.by_calling_code.get(&digits[..length])).copied()
}

/// Lower case, no accents, words of letters and digits with one space between, no leading "the".
#[must_use]
pub fn fold(text: &str) -> String {
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

/// A folded text without its spaces: `U.A.E.` is `uae`. Not for two letters, or `n/a` would be Namibia.
fn joined(folded: &str) -> Option<String> {
    let joined = folded.replace(' ', "");
    (joined.len() > 2).then_some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_found_in_lists_is_understood() {
        for (text, expected) in [
            ("Deutschland", "DE"),
            ("GERMANY", "DE"),
            ("de", "DE"),
            ("DEU", "DE"),
            ("U.S.A.", "US"),
            ("U.S.", "US"),
            ("USA", "US"),
            ("United States of America", "US"),
            ("UK", "GB"),
            ("u.k.", "GB"),
            ("England", "GB"),
            ("U.A.E.", "AE"),
            ("Österreich", "AT"),
            ("The Netherlands", "NL"),
            ("Holland", "NL"),
            ("Pays-Bas", "NL"),
            ("España", "ES"),
            ("Türkiye", "TR"),
            ("P.R. China", "CN"),
            ("People's Republic of China", "CN"),
            ("Hongkong", "HK"),
            ("Viet Nam", "VN"),
            ("Korea", "KR"),
            ("S. Korea", "KR"),
            ("CAN", "CA"),
            ("Brasil", "BR"),
            ("Schweiz", "CH"),
            ("Sverige", "SE"),
            ("Magyarország", "HU"),
            ("Srbija", "RS"),
            ("Czech Republic", "CZ"),
            ("Côte d’Ivoire", "CI"),
        ] {
            assert_eq!(code(text), Some(expected), "{text}");
        }
        for text in ["Atlantis", "", " - ", "n/a", "N.A."] {
            assert_eq!(code(text), None, "{text}");
        }
    }

    #[test]
    fn every_line_of_the_table_is_read_and_its_name_and_codes_find_it() {
        let lines = include_str!("../data/countries.tsv").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(rows().count(), lines);
        for (two_letters, three_letters, english, ..) in rows() {
            for text in [two_letters, three_letters, english] {
                assert_eq!(code(text), Some(two_letters), "{text}");
            }
        }
        assert_eq!(name("CZ"), Some("Czechia"));
        assert_eq!(name("XX"), None);
    }

    #[test]
    fn no_spelling_belongs_to_two_countries() {
        for (two_letters, _, _, _, others) in rows() {
            for spelling in others.split('|').filter(|spelling| !spelling.is_empty()) {
                assert_eq!(code(spelling), Some(two_letters), "{spelling}");
            }
        }
    }

    #[test]
    fn an_ending_tells_the_country_unless_everybody_uses_it() {
        assert_eq!(of_domain("acme.co.uk"), Some("GB"));
        assert_eq!(of_domain("acme.com.tr"), Some("TR"));
        assert_eq!(of_domain("acme.de"), Some("DE"));
        for domain in ["acme.io", "acme.com", "acme.tk", "acme.museum", ""] {
            assert_eq!(of_domain(domain), None, "{domain}");
        }
    }

    #[test]
    fn a_calling_code_tells_the_country_unless_countries_share_it() {
        for (number, expected) in [
            ("+4930901820", Some("DE")),
            ("+44 20 7183 8750", Some("GB")),
            ("+353 1 234 5678", Some("IE")),
            ("+14155552671", None),
            ("+79161234567", None),
            ("030 901820", None),
            ("+", None),
        ] {
            assert_eq!(of_phone(number), expected, "{number}");
        }
    }
}
