//! Company names: takes legal forms and fillers off, and reads the name in the form two records are compared by.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::text::{fold, lines, skeleton};

/// A legal form such as GmbH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegalForm {
    /// Forms of one class can be the same company: `ltd` for Limited, Ltd. and Co., Ltd.
    pub class: &'static str,
    /// Two-letter codes of the countries that know it, separated by commas; `*` for many.
    pub countries: &'static str,
}

impl LegalForm {
    /// Whether the form exists in that country, as far as we know.
    #[must_use]
    pub fn exists_in(self, country: &str) -> bool {
        self.countries == "*" || self.countries.split(',').any(|code| code == country)
    }

    /// Whether one company can be written with either form.
    #[must_use]
    pub fn agrees_with(self, other: LegalForm) -> bool {
        self.class == other.class || self.class == "any" || other.class == "any"
    }
}

static FORMS: LazyLock<HashMap<&'static str, LegalForm>> = LazyLock::new(|| {
    lines(include_str!("../../data/legal-forms.txt"))
        .filter_map(|line| {
            let mut parts = line.split('|');
            Some((parts.next()?, LegalForm { class: parts.next()?, countries: parts.next()? }))
        })
        .collect()
});

static WORDS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let mut map = HashMap::new();
    for line in lines(include_str!("../../data/words.txt")) {
        let mut words = line.split_whitespace();
        let Some(first) = words.next() else { continue };
        map.insert(first, first);
        map.extend(words.map(|word| (word, first)));
    }
    map
});

/// Forms that stand in front of a name.
const FRONT_FORMS: [&str; 11] = ["pt", "ooo", "oao", "zao", "pao", "ao", "tov", "uab", "sia", "cv", "sa"];
/// Words that say nothing between two others.
const GLUE: [&str; 8] = ["and", "und", "et", "y", "e", "og", "och", "ve"];
/// Marks behind which another name of the same company stands.
const ALIAS_MARKS: [&str; 8] = ["formerly", "fka", "dba", "trading as", "ta", "aka", "doing business as", "vormals"];
/// The longest legal form, in words.
const FORM_WORDS_MAX: usize = 8;

/// A company's name in the form two records are compared by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompanyName {
    /// The words without legal form in one word, abbreviations spelled out; empty when there is no name.
    pub core: String,
    /// The same with abbreviations as typed; what a domain is made from.
    pub plain: String,
    /// The words of the core.
    pub words: Vec<String>,
    /// First letters, for names of three words and more; empty else.
    pub acronym: String,
    /// The legal form, if one was named.
    pub form: Option<LegalForm>,
    /// Another name given with it, in the form of `core`; empty else.
    pub alias: String,
}

impl CompanyName {
    /// Reads a company's name.
    #[must_use]
    pub fn read(name: &str) -> CompanyName {
        let joined = join_initials(cut_register_tail(name));
        let folded = fold(&joined);
        let (main, alias) = split_alias(&folded);
        let (words, form) = strip_forms(merge_single_letters(&main));
        let words = with_plain_numbers(without_glue(words));
        let spelled: Vec<String> = words
            .iter()
            .map(|word| WORDS.get(word.as_str()).map_or_else(|| word.clone(), |full| (*full).to_owned()))
            .collect();
        let acronym = if words.len() >= 3 {
            words.iter().filter_map(|word| word.chars().next()).collect()
        } else {
            String::new()
        };
        let alias = alias
            .map(|other| skeleton(&without_glue(strip_forms(merge_single_letters(&other)).0).concat()))
            .unwrap_or_default();
        CompanyName {
            core: skeleton(&spelled.concat()),
            plain: skeleton(&words.concat()),
            words: spelled.iter().map(|word| skeleton(word)).collect(),
            acronym,
            form,
            alias,
        }
    }

    /// Whether there is no name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.core.is_empty()
    }
}

/// The key by which two company names are one: `Acme Intl. GmbH` and `ACME International` share it.
#[must_use]
pub fn company_key(name: &str) -> Option<String> {
    let core = CompanyName::read(name).core;
    (!core.is_empty()).then_some(core)
}

/// Cuts the register's mark off American filers: `ACME CORP /DE/`.
fn cut_register_tail(name: &str) -> &str {
    let trimmed = name.trim();
    match trimmed.strip_suffix('/').and_then(|rest| rest.rfind('/').map(|at| (rest, at))) {
        Some((rest, at)) if (2..=4).contains(&(rest.len() - at - 1)) && at > 0 => trimmed[..at].trim_end(),
        _ => trimmed,
    }
}

/// Joins dotted and slashed initials: `S.p.A.` is `SpA`, `A/S` is `AS`; other dots become spaces.
fn join_initials(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut run = 0;
    for letter in name.chars() {
        match letter {
            '.' | '/' if run == 1 => run = 0,
            '.' | '/' => {
                out.push(' ');
                run = 0;
            }
            _ if letter.is_alphanumeric() => {
                run += 1;
                out.push(letter);
            }
            _ => {
                run = 0;
                out.push(letter);
            }
        }
    }
    out
}

fn split_alias(folded: &str) -> (String, Option<String>) {
    let padded = format!(" {folded} ");
    for mark in ALIAS_MARKS {
        if let Some(at) = padded.find(&format!(" {mark} "))
            && at > 0
        {
            let after = padded[at + mark.len() + 2..].trim();
            return (padded[..at].trim().to_owned(), (!after.is_empty()).then(|| after.to_owned()));
        }
    }
    (folded.to_owned(), None)
}

/// `s r o` is `sro`, `j b hunt` is `jb hunt`.
fn merge_single_letters(folded: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut open = false;
    for word in folded.split(' ').filter(|word| !word.is_empty()) {
        let single = word.len() == 1;
        match out.last_mut() {
            Some(before) if single && open => before.push_str(word),
            _ => out.push(word.to_owned()),
        }
        open = single;
    }
    out
}

/// Takes legal forms off the end and the front, but never the last word.
fn strip_forms(mut words: Vec<String>) -> (Vec<String>, Option<LegalForm>) {
    let mut form: Option<LegalForm> = None;
    while words.len() > 1 {
        let longest = (1..=FORM_WORDS_MAX.min(words.len() - 1))
            .rev()
            .find_map(|count| FORMS.get(words[words.len() - count..].join(" ").as_str()).map(|form| (count, *form)));
        let Some((count, found)) = longest else { break };
        words.truncate(words.len() - count);
        if form.is_none_or(|known| known.class == "any" || known.countries == "*") {
            form = Some(found);
        }
    }
    if words.len() > 1 && FRONT_FORMS.contains(&words[0].as_str()) {
        let front = words.remove(0);
        form = form.or_else(|| FORMS.get(front.as_str()).copied());
    }
    (words, form)
}

fn without_glue(words: Vec<String>) -> Vec<String> {
    let many = words.len() > 1;
    let last = words.len().saturating_sub(1);
    words
        .into_iter()
        .enumerate()
        .filter(|(at, word)| {
            !(many && ((*at == 0 && word == "the") || (*at > 0 && *at < last && GLUE.contains(&word.as_str()))))
        })
        .map(|(_, word)| word)
        .collect()
}

/// `Fund III` is `fund 3`, because folding doubled letters would make one of Fund II and Fund III.
fn with_plain_numbers(words: Vec<String>) -> Vec<String> {
    let roman = [("ii", "2"), ("iii", "3"), ("iv", "4"), ("vi", "6"), ("vii", "7"), ("viii", "8"), ("ix", "9")];
    let plain =
        |word: String| roman.iter().find(|(roman, _)| *roman == word).map_or(word, |(_, digit)| (*digit).to_owned());
    words.into_iter().enumerate().map(|(at, word)| if at == 0 { word } else { plain(word) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_company_has_one_key_under_every_legal_form() {
        for (key, spellings) in [
            (
                "acme",
                &[
                    "Acme GmbH",
                    "ACME Inc.",
                    "acme, LLC",
                    "Acme S.p.A.",
                    "Acme A/S",
                    "Acme Co., Ltd.",
                    "The Acme Company",
                    "PT Acme Tbk",
                ][..],
            ),
            ("mirius", &["Mirius GmbH & Co. KG", "Mirius GmbH & Co KG", "MIRIUS"]),
            ("alpinegrid", &["Alpinegrid AB (publ)", "Alpinegrid"]),
            ("emlakonut", &["Emlak Konut A.Ş.", "EMLAK KONUT ANONIM SIRKETI", "Emlak Konut"]),
            (
                "eastpointechnologies",
                &["Eastpoint Technologies sro", "Eastpoint Technologies s.r.o.", "Eastpoint Tech"],
            ),
            ("pafalysystems", &["Pafaly Systems", "Pafaly Sys."]),
            ("muler", &["Müller AG", "Mueller"]),
            ("savageholdings", &["Savage Holdings Ltda"]),
        ] {
            for spelling in spellings {
                assert_eq!(company_key(spelling).as_deref(), Some(key), "{spelling}");
            }
        }
    }

    #[test]
    fn parent_and_child_keep_different_keys() {
        assert_ne!(company_key("Acme Holdings"), company_key("Acme"));
        assert_ne!(company_key("Acme (India)"), company_key("Acme"));
        assert_ne!(company_key("Acme Income Fund II"), company_key("Acme Income Fund III"));
    }

    #[test]
    fn a_name_made_of_a_legal_form_keeps_its_last_word() {
        assert_eq!(company_key("SE").as_deref(), Some("se"));
        assert_eq!(company_key("Limited Company").as_deref(), Some("limited"));
        assert_eq!(company_key(" - "), None);
    }

    #[test]
    fn another_name_in_brackets_is_an_alias() {
        let name = CompanyName::read("Freedom Tax Inc (d/b/a Liberty Tax Service)");
        assert_eq!((name.core.as_str(), name.alias.as_str()), ("fredomtax", "libertytaxservice"));
        assert_eq!(company_key("ACME CORP /DE/").as_deref(), Some("acme"));
    }

    #[test]
    fn the_legal_form_tells_the_country() {
        let form = CompanyName::read("Evers Interactive B.V.").form.unwrap();
        assert!(form.exists_in("NL") && !form.exists_in("US"));
        assert!(!form.agrees_with(CompanyName::read("Evers Interactive Corp.").form.unwrap()));
    }
}
