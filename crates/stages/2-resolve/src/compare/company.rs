//! Companies compared: name, domain, LinkedIn, phone, address, place and legal form, each with its levels.

use super::{Agreement, cities, equality, is_typo, overlap, similarity};
use crate::features::CompanyFeatures;

/// From this length a company's name is taken to be chosen only once, other evidence aside.
const RARE_NAME_LETTERS: usize = 10;

/// What two companies agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CompanyComparison {
    pub name: CompanyNameLevel,
    /// Whether the name is long enough that hardly two companies chose it by chance.
    pub is_rare_name: bool,
    pub domain: DomainLevel,
    pub linkedin: Agreement,
    pub phone: Agreement,
    pub street: Agreement,
    pub city: Agreement,
    pub country: Country,
    pub form: Agreement,
}

/// The two names without their legal forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum CompanyNameLevel {
    Same,
    /// A typing mistake or a small difference.
    Typo,
    /// A domain, alias or LinkedIn slug on one side is the name on the other.
    OtherName,
    /// First letters on one side, the name on the other.
    Acronym,
    /// One is the beginning of the other: parent and child, or a shortened name.
    Beginning,
    Different,
    Unknown,
}

/// The two domains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum DomainLevel {
    Same,
    /// The same name under another ending: `acme.com` and `acme.de`.
    OtherEnding,
    Different,
    Unknown,
}

/// The two countries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Country {
    Same,
    /// Named on both sides and different.
    Different,
    /// Different as far as phone, domain and legal form tell.
    SeemsDifferent,
    Unknown,
}

impl CompanyComparison {
    pub(crate) fn of(a: &CompanyFeatures, b: &CompanyFeatures) -> CompanyComparison {
        CompanyComparison {
            name: names(a, b),
            is_rare_name: a.name.core.len().min(b.name.core.len()) >= RARE_NAME_LETTERS,
            domain: domains(a, b),
            linkedin: equality(a.linkedin.as_ref(), b.linkedin.as_ref()),
            phone: overlap(&a.phones, &b.phones),
            street: streets(&a.street, &b.street),
            city: cities(a.city.as_ref(), b.city.as_ref()),
            country: countries(a, b),
            form: forms(a, b),
        }
    }
}

fn names(a: &CompanyFeatures, b: &CompanyFeatures) -> CompanyNameLevel {
    let (x, y) = (&a.name, &b.name);
    let known_as = |one: &CompanyFeatures, other: &CompanyFeatures| {
        let names = [&other.name.core, &other.name.plain];
        let others = one.other_names.iter().chain(std::iter::once(&one.label)).filter(|name| name.len() >= 4);
        others.into_iter().any(|name| names.contains(&name))
    };
    if x.is_empty() || y.is_empty() {
        return if known_as(a, b) || known_as(b, a) { CompanyNameLevel::OtherName } else { CompanyNameLevel::Unknown };
    }
    if x.core == y.core || x.plain == y.plain {
        return CompanyNameLevel::Same;
    }
    let swapped_words = {
        let sorted = |words: &[String]| {
            let mut words = words.to_vec();
            words.sort_unstable();
            words
        };
        x.words.len() > 1 && x.words.len() == y.words.len() && sorted(&x.words) == sorted(&y.words)
    };
    // A number is never a typing mistake: Fund 2 and Fund 3 are two.
    let digits = |core: &str| core.chars().filter(char::is_ascii_digit).collect::<String>();
    let close =
        is_typo(&x.core, &y.core) || (x.core.len().min(y.core.len()) >= 8 && similarity(&x.core, &y.core) >= 0.965);
    if swapped_words || close {
        return if digits(&x.core) == digits(&y.core) { CompanyNameLevel::Typo } else { CompanyNameLevel::Different };
    }
    let acronym = |long: &str, short: &str| long.len() >= 3 && long == short;
    if acronym(&x.acronym, &y.plain) || acronym(&y.acronym, &x.plain) {
        return CompanyNameLevel::Acronym;
    }
    if known_as(a, b) || known_as(b, a) {
        return CompanyNameLevel::OtherName;
    }
    let (short, long) = if x.words.len() <= y.words.len() { (&x.words, &y.words) } else { (&y.words, &x.words) };
    let begins = short.len() < long.len() && long.starts_with(short) && short.concat().len() >= 4;
    if begins || similarity(&x.core, &y.core) >= 0.93 {
        CompanyNameLevel::Beginning
    } else {
        CompanyNameLevel::Different
    }
}

fn domains(a: &CompanyFeatures, b: &CompanyFeatures) -> DomainLevel {
    match equality(a.domain.as_ref(), b.domain.as_ref()) {
        Agreement::Same => DomainLevel::Same,
        Agreement::Unknown => DomainLevel::Unknown,
        _ if a.label == b.label && !a.label.is_empty() => DomainLevel::OtherEnding,
        _ => DomainLevel::Different,
    }
}

fn streets(a: &str, b: &str) -> Agreement {
    match (a.is_empty(), b.is_empty()) {
        (false, false) if a == b => Agreement::Same,
        (false, false) if similarity(a, b) >= 0.93 => Agreement::Similar,
        (false, false) => Agreement::Different,
        _ => Agreement::Unknown,
    }
}

fn countries(a: &CompanyFeatures, b: &CompanyFeatures) -> Country {
    match (&a.country, &b.country) {
        (Some(x), Some(y)) if x == y => Country::Same,
        (Some(_), Some(_)) if a.country_is_named && b.country_is_named => Country::Different,
        (Some(_), Some(_)) => Country::SeemsDifferent,
        _ => Country::Unknown,
    }
}

fn forms(a: &CompanyFeatures, b: &CompanyFeatures) -> Agreement {
    let foreign = |one: &CompanyFeatures, other: &CompanyFeatures| match (one.form, &other.country) {
        (Some(form), Some(country)) => other.country_is_named && !form.exists_in(country),
        _ => false,
    };
    match (a.form, b.form) {
        (Some(x), Some(y)) if !x.agrees_with(y) => Agreement::Different,
        _ if foreign(a, b) || foreign(b, a) => Agreement::Different,
        (Some(_), Some(_)) => Agreement::Same,
        _ => Agreement::Unknown,
    }
}
