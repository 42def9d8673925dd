//! Person names: takes titles off, and reads first and last name in the form two records are compared by.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::case::PARTICLES;
use super::text::{fold, lines, skeleton};

static NICKNAMES: LazyLock<HashMap<String, Vec<u16>>> = LazyLock::new(|| {
    let mut groups: HashMap<String, Vec<u16>> = HashMap::new();
    for (number, line) in lines(include_str!("../../data/nicknames.txt")).enumerate() {
        for name in line.split_whitespace() {
            let known = groups.entry(skeleton(name)).or_default();
            let number = u16::try_from(number).unwrap_or(u16::MAX);
            if known.last() != Some(&number) {
                known.push(number);
            }
        }
    }
    groups
});

static COMMON: LazyLock<HashSet<String>> = LazyLock::new(|| {
    lines(include_str!("../../data/common-surnames.txt")).flat_map(str::split_whitespace).map(skeleton).collect()
});

static TITLES: LazyLock<(HashSet<&'static str>, HashSet<&'static str>)> = LazyLock::new(|| {
    let mut titles = (HashSet::new(), HashSet::new());
    for line in lines(include_str!("../../data/honorifics.txt")) {
        let (place, words) = line.split_once(' ').unwrap_or((line, ""));
        let set = if place == "before" { &mut titles.0 } else { &mut titles.1 };
        set.extend(words.split_whitespace());
    }
    titles
});

/// Letters after a name that are also surnames or initials, so they count as titles only behind a comma.
const AMBIGUOUS_AFTER: [&str; 9] = ["ma", "ba", "md", "pe", "rn", "jd", "msc", "bsc", "dds"];

/// A person's name in the form two records are compared by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonName {
    /// Given names in one word without middle initials; one letter when only an initial is known; empty when missing.
    pub first: String,
    /// The first of several given names; empty when there is only one.
    pub head: String,
    /// The initial in front of a later given name, as in `J. Edgar`; empty else.
    pub lead: String,
    /// Surname in one word without particles; one letter when only an initial is known; empty when missing.
    pub last: String,
    /// The words of a surname of several words.
    pub last_parts: Vec<String>,
    /// Whether so many people share the surname that it says little.
    pub is_common: bool,
}

impl PersonName {
    /// Reads first and last name; a single field with a whole name in it is split.
    #[must_use]
    pub fn read(first: &str, last: &str) -> PersonName {
        let (first, last) = (strip_titles(first), strip_titles(last));
        let (first, last) = match (first.is_empty(), last.is_empty()) {
            (false, true) => split_whole(&first),
            (true, false) if last.contains(',') => split_whole(&last),
            _ => (first, last),
        };
        let mut name = PersonName::default();
        name.set_first(&first);
        name.set_last(&last);
        name
    }

    /// Replaces the given name.
    pub(crate) fn set_first(&mut self, first: &str) {
        let folded = fold(first);
        let long: Vec<&str> = folded.split(' ').filter(|word| word.len() > 1).collect();
        self.first = if long.is_empty() { folded.chars().take(1).collect() } else { skeleton(&long.concat()) };
        let leading = folded.split(' ').next().filter(|word| word.len() == 1 && !long.is_empty());
        self.lead = leading.unwrap_or_default().to_owned();
        self.head = if long.len() > 1 { skeleton(long[0]) } else { String::new() };
    }

    /// Replaces the surname.
    pub(crate) fn set_last(&mut self, last: &str) {
        let folded = fold(last);
        let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
        let mut core: Vec<&str> =
            words.iter().copied().filter(|word| word.len() > 1 && !PARTICLES.contains(word)).collect();
        if core.is_empty() {
            core = words;
        }
        self.last = skeleton(&core.concat());
        self.last_parts = if core.len() > 1 { core.iter().map(|word| skeleton(word)).collect() } else { Vec::new() };
        self.is_common = COMMON.contains(&self.last);
    }

    /// Whether neither name is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first.is_empty() && self.last.is_empty()
    }

    /// Whether both names are known in full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.first.len() > 1 && self.last.len() > 1
    }
}

/// The key by which two full names are one: `jürgen müller` and `Juergen Mueller` share it. Absent unless both names are full.
#[must_use]
pub fn person_key(first: &str, last: &str) -> Option<String> {
    let name = PersonName::read(first, last);
    name.is_full().then(|| format!("{} {}", name.first, name.last))
}

/// Whether one given name is a usual short form or variant of the other; both as in [`PersonName`].
#[must_use]
pub fn are_nicknames(a: &str, b: &str) -> bool {
    match (NICKNAMES.get(a), NICKNAMES.get(b)) {
        (Some(left), Some(right)) => left.iter().any(|group| right.contains(group)),
        _ => false,
    }
}

/// Takes titles and degrees off a name: `Dr. Anna` becomes `Anna`, `Doe, PhD` becomes `Doe`.
pub(crate) fn strip_titles(name: &str) -> String {
    let mut rest = name.trim();
    while let Some((word, after)) = rest.split_once(' ') {
        if !TITLES.0.contains(plain(word).as_str()) || after.trim().is_empty() {
            break;
        }
        rest = after.trim_start();
    }
    while let Some((before, word)) = rest.rsplit_once([' ', ',']) {
        let word = plain(word);
        let behind_comma = before.trim_end().ends_with(',') || rest[before.len()..].starts_with(',');
        let is_title = TITLES.1.contains(word.as_str()) && (behind_comma || !AMBIGUOUS_AFTER.contains(&word.as_str()));
        let kept = before.trim_end_matches([' ', ',']);
        if !(is_title || word.is_empty()) || kept.is_empty() {
            break;
        }
        rest = kept;
    }
    rest.trim_matches([' ', ',', ';', '"']).to_owned()
}

fn plain(word: &str) -> String {
    word.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Splits `Jane Q. van Doe` and `van Doe, Jane Q.` into given name and surname; one word is a given name.
fn split_whole(whole: &str) -> (String, String) {
    if let Some((last, first)) = whole.split_once(',') {
        return (first.trim().to_owned(), last.trim().to_owned());
    }
    let words: Vec<&str> = whole.split_whitespace().collect();
    if words.len() < 2 {
        return (whole.to_owned(), String::new());
    }
    let mut start = words.len() - 1;
    while start > 1 && PARTICLES.contains(words[start - 1].to_lowercase().as_str()) {
        start -= 1;
    }
    (words[..start].join(" "), words[start..].join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_has_one_key_however_the_name_is_typed() {
        let key = person_key("Jürgen", "Müller");
        for (first, last) in [
            ("JUERGEN", "MUELLER"),
            ("Dr. Jurgen", "Muller"),
            ("Jürgen A.", "Müller, PhD"),
            ("Müller, Jürgen", ""),
            ("Jürgen Müller", ""),
        ] {
            assert_eq!(person_key(first, last), key, "{first} {last}");
        }
        assert_eq!(person_key("Oscar", "van Heusden"), person_key("oscar", "Heusden"));
        assert_eq!(person_key("Oscar van Heusden", ""), person_key("oscar", "Heusden"));
        assert_eq!(person_key("J.", "Doe"), None);
        assert_eq!(person_key("", ""), None);
    }

    #[test]
    fn several_given_names_keep_the_first() {
        let name = PersonName::read("Hans-Karl", "Knappe");
        assert_eq!((name.first.as_str(), name.head.as_str()), ("hanskarl", "hans"));
        assert_eq!(PersonName::read("Alex A.", "Doe").first, "alex");
        assert_eq!(PersonName::read("A.", "Doe").first, "a");
    }

    #[test]
    fn nicknames_are_known_both_ways() {
        let known = |a: &str, b: &str| are_nicknames(&skeleton(a), &skeleton(b));
        assert!(known("robert", "bob") && known("bob", "robert") && known("william", "bill"));
        assert!(!known("robert", "alice"));
    }

    #[test]
    fn a_title_goes_but_the_surname_ma_stays() {
        assert_eq!(strip_titles("Prof. Dr. Anna"), "Anna");
        assert_eq!(strip_titles("Doe, MBA, PhD"), "Doe");
        assert_eq!(strip_titles("Doe Jr."), "Doe");
        assert_eq!(strip_titles("Yo Ma"), "Yo Ma");
        assert_eq!(strip_titles("Dr."), "Dr.");
    }
}
