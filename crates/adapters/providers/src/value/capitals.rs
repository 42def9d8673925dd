//! Capitals for names and titles that came all in lower case.

const SMALL_WORDS: &[&str] =
    &["and", "of", "the", "for", "in", "at", "to", "de", "la", "von", "van", "der", "da", "do"];
const INITIALS: &[&str] = &[
    "ai", "avp", "b2b", "ceo", "cfo", "chro", "cio", "ciso", "cmo", "coo", "cpo", "cro", "cso", "cto", "evp", "hr",
    "it", "pr", "qa", "saas", "seo", "svp", "uk", "us", "usa", "ux", "vp",
];

/// Capitals for a text that came all in lower case; anything else was written by somebody who knew.
pub(super) fn with_capitals(text: &str) -> String {
    if text.chars().any(char::is_uppercase) {
        return text.to_owned();
    }
    let mut words = Vec::new();
    for (at, word) in text.split(' ').enumerate() {
        let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric());
        words.push(if INITIALS.contains(&bare) {
            word.to_uppercase()
        } else if at > 0 && SMALL_WORDS.contains(&word) {
            word.to_owned()
        } else {
            capitals(word)
        });
    }
    words.join(" ")
}

fn capitals(word: &str) -> String {
    let mut result = String::new();
    let mut fresh = true;
    for letter in word.chars() {
        if fresh && letter.is_alphabetic() {
            result.extend(letter.to_uppercase());
        } else {
            result.push(letter);
        }
        fresh = matches!(letter, '-' | '/' | '(' | '&');
    }
    result
}
