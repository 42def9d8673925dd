//! Countries: reads any usual spelling as its two-letter code, and knows what an internet ending says about the country.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::text::{fold, lines, squash};

struct Countries {
    by_spelling: HashMap<String, &'static str>,
    names: HashMap<&'static str, &'static str>,
}

static COUNTRIES: LazyLock<Countries> = LazyLock::new(|| {
    let mut by_spelling = HashMap::new();
    let mut names = HashMap::new();
    for line in lines(include_str!("../../data/countries.txt")) {
        let mut parts = line.split('|');
        let (Some(code), Some(name), Some(others)) = (parts.next(), parts.next(), parts.next()) else { continue };
        names.insert(code, name);
        for spelling in [code, name].into_iter().chain(others.split(',')) {
            by_spelling.insert(squash(spelling), code);
        }
    }
    by_spelling.remove("");
    Countries { by_spelling, names }
});

static CITIES: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let mut map = HashMap::new();
    for line in lines(include_str!("../../data/cities.txt")) {
        let mut words = line.split_whitespace();
        let Some(first) = words.next() else { continue };
        map.insert(first, first);
        map.extend(words.map(|word| (word, first)));
    }
    map
});

/// Endings that are a country's on paper and everybody's in use.
const OPEN_ENDINGS: [&str; 16] =
    ["io", "co", "ai", "me", "tv", "cc", "ly", "gg", "to", "fm", "am", "sh", "so", "ws", "vc", "eu"];

/// The two-letter code of a country written in any usual way: `Deutschland`, `U.S.A.`, `de`.
#[must_use]
pub fn country_code(country: &str) -> Option<&'static str> {
    COUNTRIES.by_spelling.get(&squash(country)).copied()
}

/// The name we show for a two-letter code.
#[must_use]
pub fn country_name(code: &str) -> Option<&'static str> {
    COUNTRIES.names.get(code).copied()
}

/// The country of a host's ending, unless the ending is used all over the world.
#[must_use]
pub fn country_of_domain(domain: &str) -> Option<&'static str> {
    let ending = domain.rsplit('.').next()?;
    if ending.len() != 2 || OPEN_ENDINGS.contains(&ending) {
        return None;
    }
    country_code(if ending == "uk" { "gb" } else { ending })
}

/// What two ways of writing a city have in common: `München` and `Munich` have one key, `New York, NY` and `New York` too.
#[must_use]
pub fn city_key(city: &str) -> Option<String> {
    let before_comma = city.split([',', '(', '/']).next().unwrap_or(city);
    let folded = fold(before_comma);
    let words: Vec<&str> =
        folded.split(' ').filter(|word| !matches!(*word, "city" | "greater" | "area" | "metropolitan")).collect();
    let key = words.concat();
    if key.is_empty() {
        return None;
    }
    Some(CITIES.get(key.as_str()).map_or(key, |name| (*name).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_known_by_code_name_and_local_name() {
        for (spelling, code) in [
            ("Deutschland", "DE"),
            ("u.s.a.", "US"),
            ("United States of America", "US"),
            ("England", "GB"),
            ("The Netherlands", "NL"),
            ("Türkiye", "TR"),
            ("Magyarország", "HU"),
            ("España", "ES"),
            ("KR", "KR"),
            ("Czechia", "CZ"),
        ] {
            assert_eq!(country_code(spelling), Some(code), "{spelling}");
        }
        assert_eq!(country_code("Atlantis"), None);
        assert_eq!(country_name("CZ"), Some("Czechia"));
    }

    #[test]
    fn an_ending_tells_the_country_unless_everybody_uses_it() {
        assert_eq!(country_of_domain("acme.co.uk"), Some("GB"));
        assert_eq!(country_of_domain("acme.com.tr"), Some("TR"));
        assert_eq!(country_of_domain("acme.io"), None);
        assert_eq!(country_of_domain("acme.com"), None);
    }

    #[test]
    fn a_city_has_one_key_under_all_its_names() {
        assert_eq!(city_key("München"), city_key("Munich"));
        assert_eq!(city_key("New York, NY"), city_key("New York City"));
        assert_eq!(city_key("Bengaluru"), city_key("bangalore"));
        assert_eq!(city_key(" - "), None);
    }
}
