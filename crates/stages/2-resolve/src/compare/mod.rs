//! Compare: what two subjects agree and disagree on, comparison by comparison, without judging yet.

pub(crate) mod company;
pub(crate) mod contact;

pub(crate) use company::CompanyComparison;
pub(crate) use contact::ContactComparison;

use crate::features::Features;

/// The comparison levels of one pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Comparison {
    Contact(ContactComparison),
    Company(CompanyComparison),
}

/// Two values of a field that can be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Agreement {
    Same,
    Similar,
    Different,
    Unknown,
}

/// Compares two subjects; nothing for a contact and a company. The order of the two makes no difference.
pub(crate) fn compare(a: &Features, b: &Features) -> Option<Comparison> {
    match (a, b) {
        (Features::Contact(a), Features::Contact(b)) => Some(Comparison::Contact(ContactComparison::of(a, b))),
        (Features::Company(a), Features::Company(b)) => Some(Comparison::Company(CompanyComparison::of(a, b))),
        _ => None,
    }
}

/// Equality of two values that can be missing.
fn equality<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> Agreement {
    match (a, b) {
        (Some(a), Some(b)) if a == b => Agreement::Same,
        (Some(_), Some(_)) => Agreement::Different,
        _ => Agreement::Unknown,
    }
}

/// Whether two sorted lists share a value; unknown when one is empty.
fn overlap(a: &[String], b: &[String]) -> Agreement {
    if a.is_empty() || b.is_empty() {
        Agreement::Unknown
    } else if a.iter().any(|value| b.binary_search(value).is_ok()) {
        Agreement::Same
    } else {
        Agreement::Different
    }
}

/// Cities with one typing mistake between them are the same.
fn cities(a: Option<&String>, b: Option<&String>) -> Agreement {
    match (a, b) {
        (Some(a), Some(b)) if a == b || is_typo(a, b) => Agreement::Same,
        (Some(_), Some(_)) => Agreement::Different,
        _ => Agreement::Unknown,
    }
}

/// Whether one typing mistake (a letter wrong, missing, added, or two swapped) turns one word into the other.
pub(crate) fn is_typo(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() < 3 || long.len() - short.len() > 1 {
        return false;
    }
    strsim::osa_distance(a, b) == 1 && (short.len() > 3 || is_swap(a, b))
}

fn is_swap(a: &str, b: &str) -> bool {
    let sorted = |word: &str| {
        let mut bytes = word.as_bytes().to_vec();
        bytes.sort_unstable();
        bytes
    };
    a.len() == b.len() && sorted(a) == sorted(b)
}

/// Jaro-Winkler similarity, 0 to 1, the same in both directions.
pub(crate) fn similarity(a: &str, b: &str) -> f64 {
    if a <= b { strsim::jaro_winkler(a, b) } else { strsim::jaro_winkler(b, a) }
}
