//! Splits a whole name into first and last name: titles go, particles stay with the last name.

/// Words before or after a name that are no part of it.
const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "dr",
    "prof",
    "professor",
    "sir",
    "herr",
    "hr",
    "frau",
    "mme",
    "mlle",
    "monsieur",
    "madame",
    "sr",
    "sra",
    "srta",
    "dhr",
    "mevr",
    "mw",
    "drs",
    "dipl-ing",
    "dipling",
    "dott",
];
/// Titles that are also names (`Phil`, `Don`), so only with their dot.
const DOTTED_TITLES: &[&str] =
    &["m", "fr", "phil", "med", "jur", "nat", "rer", "hc", "mag", "ing", "ir", "hon", "rev", "don", "sig", "lic", "pd"];
const DEGREES: &[&str] = &[
    "jr", "sr", "ii", "iii", "iv", "phd", "md", "mba", "msc", "bsc", "ma", "ba", "cpa", "cfa", "pmp", "esq", "llm",
    "llb", "jd", "dds", "rn", "cissp", "acca", "fca", "shrm-cp", "shrm-scp", "pe", "emba", "mphil", "csm", "ceng",
    "cipd", "mcipd",
];
/// Small words that begin a last name.
const PARTICLES: &[&str] = &[
    "van", "von", "vom", "zu", "zum", "zur", "de", "del", "della", "dello", "dei", "degli", "di", "da", "das", "do",
    "dos", "du", "des", "der", "den", "ter", "ten", "te", "la", "le", "el", "al", "bin", "ibn", "ben", "bint", "st",
    "san", "santa", "af", "av", "'t",
];

/// First and last name; either may be missing. `None` when nothing of a name is left.
pub(crate) fn split(full: &str) -> Option<(Option<String>, Option<String>)> {
    let plain = without_remarks(full);
    let (before_comma, after_comma) = match plain.split_once(',') {
        Some((left, right)) => (left.to_owned(), right.replace(',', " ")),
        None => (plain, String::new()),
    };
    let left = words(&before_comma);
    let right = words(&after_comma);
    // `Doe, Jane` against `Jane Doe, PhD`, whose right side is only degrees.
    if !right.is_empty() && !left.is_empty() {
        // `Berg, Jan van den`: the particles belong to the last name.
        let firsts = right.iter().rposition(|word| !is_particle(word)).map_or(right.len(), |at| at + 1);
        let last = [&right[firsts..], &left[..]].concat();
        return Some((Some(right[..firsts].join(" ")), Some(last.join(" "))));
    }
    let words = if left.is_empty() { right } else { left };
    match words.as_slice() {
        [] => None,
        [only] => Some((Some(only.clone()), None)),
        [first, rest @ ..] => {
            // Everything up to a particle or the last word is first name: `Juan Carlos de la Cruz`.
            let last_at = rest
                .iter()
                .position(|word| is_particle(word))
                .filter(|at| *at + 1 < rest.len())
                .unwrap_or(rest.len() - 1);
            let firsts = std::iter::once(first).chain(&rest[..last_at]).cloned().collect::<Vec<_>>().join(" ");
            Some((Some(firsts), Some(rest[last_at..].join(" "))))
        }
    }
}

/// A last name without the degrees behind its comma: `Weber, PhD`.
pub(crate) fn without_degrees(last: &str) -> String {
    match last.split_once(',') {
        Some((name, rest)) if !name.trim().is_empty() && words(&rest.replace(',', " ")).is_empty() => {
            name.trim().to_owned()
        }
        _ => last.to_owned(),
    }
}

/// Drops `(she/her)`, nicknames in quotes and pictures.
fn without_remarks(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut closing: Option<char> = None;
    for char in name.chars() {
        match (closing, char) {
            (Some(end), char) if char == end => closing = None,
            (Some(_), _) => {}
            (None, '(') => closing = Some(')'),
            (None, '[') => closing = Some(']'),
            (None, '"') => closing = Some('"'),
            (None, '“') => closing = Some('”'),
            (None, char)
                if char.is_alphanumeric() || char.is_whitespace() || "-.,'’`´·".contains(char) || is_mark(char) =>
            {
                text.push(char)
            }
            (None, '|' | '/' | '•') => break,
            (None, _) => text.push(' '),
        }
    }
    text
}

/// Accents written as characters of their own.
fn is_mark(char: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&char)
}

fn words(part: &str) -> Vec<String> {
    let mut words: Vec<&str> =
        part.split_whitespace().flat_map(split_titles).filter(|word| word.chars().any(char::is_alphanumeric)).collect();
    while words.first().is_some_and(|word| is_title(word)) {
        words.remove(0);
    }
    while words.last().is_some_and(|word| is_degree(word)) {
        words.pop();
    }
    words.into_iter().map(|word| word.trim_matches([',', '`', '´']).to_owned()).collect()
}

/// `Dr.Hans` is two words; `J.R.` and `hans.meier` are one.
fn split_titles(word: &str) -> Vec<&str> {
    match word.split_once('.') {
        Some((title, rest)) if is_title(title) && !rest.is_empty() => vec![title, rest],
        _ => vec![word],
    }
}

fn bare(word: &str) -> String {
    word.chars().filter(|char| *char != '.').flat_map(char::to_lowercase).collect()
}

fn is_title(word: &str) -> bool {
    let text = bare(word);
    TITLES.contains(&text.as_str()) || (word.ends_with('.') && DOTTED_TITLES.contains(&text.as_str()))
}

fn is_degree(word: &str) -> bool {
    let text = bare(word);
    let capitals = word.chars().filter(|char| char.is_alphabetic()).all(char::is_uppercase);
    // `Ma` and `Ba` are last names, `MA` and `BA` degrees.
    DEGREES.contains(&text.as_str()) && (text.len() > 2 || capitals || word.ends_with('.') || text == "jr")
}

fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&bare(word).as_str())
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn whole_names_are_split() {
        let cases = [
            ("Jane Doe", "Jane", "Doe"),
            ("Doe, Jane", "Jane", "Doe"),
            ("Dr. Hans Müller", "Hans", "Müller"),
            ("Prof. Dr.Hans-Peter von der Heide", "Hans-Peter", "von der Heide"),
            ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
            ("Juan Carlos de la Cruz", "Juan Carlos", "de la Cruz"),
            ("van den Berg, Jan", "Jan", "van den Berg"),
            ("Berg, Jan van den", "Jan", "van den Berg"),
            ("Jane Doe, PhD, MBA", "Jane", "Doe"),
            ("John Smith Jr.", "John", "Smith"),
            ("Jane Doe (She/Her)", "Jane", "Doe"),
            ("Robert \"Bob\" Stone", "Robert", "Stone"),
            ("Jane Doe 🚀 | Growth", "Jane", "Doe"),
            ("Mary Ann Lee", "Mary Ann", "Lee"),
            ("Yo-Yo Ma", "Yo-Yo", "Ma"),
            ("M. Jean Dupont", "Jean", "Dupont"),
            ("Dr. phil. Phil Miller", "Phil", "Miller"),
            ("Don Draper", "Don", "Draper"),
            ("Seán O'Brien", "Seán", "O'Brien"),
        ];
        for (full, first, last) in cases {
            assert_eq!(split(full), Some((Some(first.to_owned()), Some(last.to_owned()))), "{full}");
        }
        assert_eq!(split("Madonna"), Some((Some("Madonna".into()), None)));
        assert_eq!(super::without_degrees("Weber, PhD"), "Weber");
        assert_eq!(super::without_degrees("Weber, Smith"), "Weber, Smith");
        assert_eq!(split("Dr."), None);
        assert_eq!(split("🚀"), None);
    }
}
