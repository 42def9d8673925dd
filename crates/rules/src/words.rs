//! Did you mean: the known word nearest to one that was not found.

/// Below this similarity a guess is more puzzling than none.
const NEAR: f64 = 0.72;

/// The candidate most like `word`, if one is near enough. Case does not count; a word that contains the other counts as near.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let likeness = |candidate: &str| {
        let candidate = candidate.to_lowercase();
        let letters = strsim::normalized_damerau_levenshtein(&word, &candidate);
        let start = strsim::jaro_winkler(&word, &candidate);
        let contained =
            word.len() >= 4 && candidate.len() >= 4 && (candidate.contains(&word) || word.contains(&candidate));
        // Jaro-Winkler alone is generous with words that only share letters, hence the edit distance beside it.
        let mixed = f64::midpoint(letters, start);
        if contained { mixed.max(NEAR) } else { mixed }
    };
    candidates
        .into_iter()
        .map(|candidate| (likeness(candidate), candidate))
        .filter(|(likeness, _)| *likeness >= NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_finds_its_word_and_a_stranger_finds_none() {
        let words = ["numberofemployees", "annualrevenue", "country", "city"];
        assert_eq!(nearest("numberofemployes", words), Some("numberofemployees"));
        assert_eq!(nearest("employees", words), Some("numberofemployees"));
        assert_eq!(nearest("Contry", words), Some("country"));
        assert_eq!(nearest("zebra", words), None);
        assert_eq!(nearest("", words), None);
    }
}
