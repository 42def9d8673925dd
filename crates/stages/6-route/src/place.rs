//! States and sales regions however they are written: `California` is CA, DE lies in DACH; countries are the model's.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

pub(crate) use evergreen_model::country::{code as country, fold};

static STATES: LazyLock<HashMap<(&str, String), String>> = LazyLock::new(|| {
    let mut spellings = HashMap::new();
    for mut columns in rows(include_str!("../data/states.tsv")) {
        let (Some(country), Some(code)) = (columns.next(), columns.next()) else {
            continue;
        };
        for spelling in std::iter::once(code).chain(columns.flat_map(|column| column.split('|'))) {
            spellings.insert((country, fold(spelling)), fold(code));
        }
    }
    spellings
});

fn rows(text: &'static str) -> impl Iterator<Item = std::str::Split<'static, char>> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t'))
}

/// The state in a form to compare: its code where we know the country's states, else its folded name.
pub(crate) fn state(country: Option<&str>, text: &str) -> String {
    let folded = fold(text);
    let known = country.and_then(|country| STATES.get(&(country, folded.clone())));
    known.cloned().unwrap_or(folded)
}

/// Region names, folded, to the codes of their countries.
#[derive(Clone, Debug)]
pub(crate) struct Regions {
    countries: BTreeMap<String, BTreeSet<&'static str>>,
    /// Countries of the settings that nobody knows, in sentences.
    pub(crate) findings: Vec<String>,
}

impl Regions {
    /// The built-in regions, with those of the settings in place of or beside them.
    pub(crate) fn new(own: &BTreeMap<String, Vec<String>>) -> Regions {
        let mut countries = BTreeMap::new();
        let mut findings = Vec::new();
        for mut columns in rows(include_str!("../data/regions.tsv")) {
            let (Some(name), Some(codes)) = (columns.next(), columns.next()) else {
                continue;
            };
            countries.insert(fold(name), codes.split(' ').filter_map(country).collect());
        }
        for (name, members) in own {
            let mut codes = BTreeSet::new();
            for member in members {
                match country(member) {
                    Some(code) => _ = codes.insert(code),
                    None => findings.push(format!("region {name}: the country \"{member}\" is not known")),
                }
            }
            countries.insert(fold(name), codes);
        }
        Regions { countries, findings }
    }

    /// Whether there is a region of that folded name.
    pub(crate) fn has(&self, region: &str) -> bool {
        self.countries.contains_key(region)
    }

    /// Whether the country lies in the region.
    pub(crate) fn contains(&self, region: &str, country: &str) -> bool {
        self.countries.get(region).is_some_and(|countries| countries.contains(country))
    }

    /// Whether the first region lies inside the second and is smaller.
    pub(crate) fn is_inside(&self, inner: &str, outer: &str) -> bool {
        match (self.countries.get(inner), self.countries.get(outer)) {
            (Some(inner), Some(outer)) => inner.len() < outer.len() && inner.is_subset(outer),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_and_states_are_understood_in_every_spelling() {
        for (text, code) in [
            ("Deutschland", "DE"),
            ("UK", "GB"),
            ("U.S.A.", "US"),
            ("united states", "US"),
            ("Schweiz", "CH"),
            ("CAN", "CA"),
        ] {
            assert_eq!(country(text), Some(code), "{text}");
        }
        assert_eq!(state(Some("US"), "California"), state(Some("US"), "CA"));
        assert_eq!(state(Some("CA"), "Québec"), state(Some("CA"), "QC"));
        assert_ne!(state(Some("FR"), "California"), state(Some("US"), "CA"));
    }

    #[test]
    fn every_country_of_a_built_in_region_is_known_and_in_no_two_big_ones() {
        let regions = Regions::new(&BTreeMap::new());
        let big = ["north america", "latam", "emea", "apac"];
        for mut columns in rows(include_str!("../data/regions.tsv")) {
            for code in columns.nth(1).unwrap().split(' ') {
                assert_eq!(country(code), Some(code));
                assert_eq!(big.iter().filter(|region| regions.contains(region, code)).count(), 1, "{code}");
            }
        }
    }

    #[test]
    fn dach_lies_inside_emea_and_not_the_other_way() {
        let regions = Regions::new(&BTreeMap::new());
        assert!(
            regions.is_inside("dach", "emea")
                && !regions.is_inside("emea", "dach")
                && !regions.is_inside("dach", "apac")
        );
    }

    #[test]
    fn a_region_of_the_settings_replaces_the_built_in_one_and_its_faults_are_named() {
        let regions =
            Regions::new(&BTreeMap::from([("DACH".to_owned(), vec!["Germany".to_owned(), "Atlantis".to_owned()])]));
        assert!(regions.contains("dach", "DE") && !regions.contains("dach", "AT"));
        assert_eq!(regions.findings, ["region DACH: the country \"Atlantis\" is not known"]);
    }
}
