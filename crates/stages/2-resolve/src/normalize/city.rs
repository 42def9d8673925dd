//! Cities: reads all names of a city as one key.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::text::{fold, lines};

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
    fn a_city_has_one_key_under_all_its_names() {
        assert_eq!(city_key("München"), city_key("Munich"));
        assert_eq!(city_key("New York, NY"), city_key("New York City"));
        assert_eq!(city_key("Bengaluru"), city_key("bangalore"));
        assert_eq!(city_key(" - "), None);
    }
}
