//! Is this the one we asked for? Compares what was asked with what came, and says so only when they plainly differ.

use evergreen_model::Fields;
use evergreen_model::country::fold;
use serde_json::Value;

use crate::document::IdentityKind;
use crate::expression::Body;
use crate::reading::Reading;
use crate::value;
use crate::view::View;

/// What the comparison says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing speaks against it.
    Same,
    /// Somebody else, and why; the reason names no value.
    Another(String),
}

/// Compares. Without anything asked, or with nothing to compare, it is taken for the same.
pub(crate) fn judge(view: &View<'_>, json: Option<&Body>, asked: &Fields, reading: &Reading) -> Verdict {
    if let Some(least) = view.identity.least_confidence
        && reading.confidence < least
    {
        return Verdict::Another(format!("the vendor is only {} of 100 sure", reading.confidence));
    }
    let also: Vec<String> = match (&view.identity.also, json) {
        (Some(places), Some(json)) => places.all().iter().flat_map(|place| texts(&place.find(json))).collect(),
        _ => Vec::new(),
    };
    let sides = Sides { asked, reading, also: &also };
    let why = match view.compare {
        IdentityKind::Person => sides.another_person(),
        IdentityKind::Company => sides.another_company(),
        IdentityKind::Nothing => None,
    };
    why.map_or(Verdict::Same, |why| Verdict::Another(why.to_owned()))
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

struct Sides<'a> {
    asked: &'a Fields,
    reading: &'a Reading,
    also: &'a [String],
}

impl Sides<'_> {
    fn ours(&self, name: &str) -> Option<&str> {
        self.asked.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    fn compare(&self, name: &str, alike: fn(&str, &str) -> bool) -> Option<bool> {
        Some(alike(self.ours(name)?, self.reading.value(name)?))
    }

    fn another_person(&self) -> Option<&'static str> {
        let same_key = self.compare("email", same_text) == Some(true)
            || self.compare("hs_linkedin_url", same_profile) == Some(true);
        let (first, last) = self.names();
        if first == Some(false) && last == Some(false) {
            return Some("another name");
        }
        if same_key {
            return None; // one half of a name may change where a key says it is the same person
        }
        if last == Some(false) {
            return Some("another family name");
        }
        if first == Some(false) {
            return Some("another given name");
        }
        let by_key = self.ours("email").is_some() || self.ours("hs_linkedin_url").is_some();
        if !by_key && self.place() == Some(false) {
            return Some("another company"); // found by name and company: a namesake
        }
        let by_profile = self.ours("email").is_none() && self.ours("hs_linkedin_url").is_some();
        if by_profile
            && self.compare("hs_linkedin_url", same_profile) == Some(false)
            && first.is_none()
            && last.is_none()
        {
            return Some("another profile");
        }
        None
    }

    /// Whether given and family name agree, either way round.
    fn names(&self) -> (Option<bool>, Option<bool>) {
        let first = self.compare("firstname", given_alike);
        let last = self.compare("lastname", family_alike);
        let crossed = |mine: &str, theirs: &str| match (self.ours(mine), self.reading.value(theirs)) {
            (Some(mine), Some(theirs)) => family_alike(mine, theirs),
            _ => false,
        };
        if first == Some(false)
            && last == Some(false)
            && crossed("firstname", "lastname")
            && crossed("lastname", "firstname")
        {
            return (Some(true), Some(true));
        }
        if first.is_none()
            && last.is_none()
            && let Some(full) = self.reading.value("full_name")
        {
            let has = |name: &str| self.ours(name).map(|part| words(full).iter().any(|word| near(&fold(part), word)));
            // A whole name may hold a nickname or an initial; only the family name says that it is another.
            return (None, has("lastname").map(|found| found || words(full).len() < 2));
        }
        (first, last)
    }

    /// Whether the answer is from the company that was asked about, where both sides say.
    fn place(&self) -> Option<bool> {
        let domains = self.domain();
        let firms = self.ours("company").zip(self.reading.value("company")).map(|(a, b)| firm_alike(a, b));
        match (domains, firms) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), _) | (_, Some(false)) => Some(false),
            (None, None) => None,
        }
    }

    fn domain(&self) -> Option<bool> {
        let asked = value::domain(self.ours("domain")?)?;
        let also = self.also.iter().filter_map(|alias| value::domain(alias)).any(|alias| same_site(&asked, &alias));
        let theirs = value::domain(self.reading.value("domain")?)?;
        Some(also || same_site(&asked, &theirs))
    }

    fn another_company(&self) -> Option<&'static str> {
        let names = self
            .ours("name")
            .zip(self.reading.value("name"))
            .map(|(a, b)| firm_alike(a, b) || self.also.iter().any(|other| firm_alike(a, other)));
        match (self.domain(), names) {
            (Some(true), _) | (None, Some(true) | None) | (Some(false), Some(true)) => None,
            (Some(false), _) => Some("another domain"),
            (None, Some(false)) => Some("another company name"),
        }
    }
}

fn same_text(ours: &str, theirs: &str) -> bool {
    ours.eq_ignore_ascii_case(theirs)
}

fn same_profile(ours: &str, theirs: &str) -> bool {
    let bare = |url: &str| value::linkedin(url, "in").map(|url| url.trim_end_matches('/').to_lowercase());
    bare(ours) == bare(theirs)
}

/// The same host, or one inside the other: `eu.acme.com` belongs to `acme.com`.
fn same_site(ours: &str, theirs: &str) -> bool {
    ours == theirs || ours.ends_with(&format!(".{theirs}")) || theirs.ends_with(&format!(".{ours}"))
}

fn words(text: &str) -> Vec<String> {
    fold(text).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Two spellings of one word.
fn near(ours: &str, theirs: &str) -> bool {
    ours == theirs || strsim::jaro_winkler(ours, theirs) >= 0.88
}

/// Family names agree when any part of one is a part of the other: double names, names of marriage, particles.
fn family_alike(ours: &str, theirs: &str) -> bool {
    let (ours, theirs) = (words(ours), words(theirs));
    if ours.is_empty() || theirs.is_empty() {
        return true;
    }
    let initial =
        |a: &[String], b: &[String]| a.len() == 1 && a[0].len() == 1 && b.iter().any(|word| word.starts_with(&a[0]));
    near(&ours.concat(), &theirs.concat())
        || ours.iter().any(|mine| mine.len() > 1 && theirs.iter().any(|other| near(mine, other)))
        || initial(&ours, &theirs)
        || initial(&theirs, &ours)
}

/// Given names agree when one may be short for the other; nicknames that share no letter at the front are not known here.
fn given_alike(ours: &str, theirs: &str) -> bool {
    let (ours, theirs) = (words(ours), words(theirs));
    let (Some(mine), Some(other)) = (ours.first(), theirs.first()) else {
        return true;
    };
    let short = |a: &str, b: &str| a.chars().next() == b.chars().next();
    short(mine, other) || near(mine, other) || strsim::jaro_winkler(mine, other) >= 0.7 || nickname(mine, other)
}

/// The common nicknames that begin with another letter.
const NICKNAMES: &[&[&str]] = &[
    &["robert", "bob", "bobby"],
    &["william", "bill", "billy", "liam"],
    &["richard", "dick", "rick"],
    &["margaret", "peggy", "meg", "greta"],
    &["elizabeth", "liz", "beth", "betty", "lisa"],
    &["edward", "ted", "ned"],
    &["theodore", "ted"],
    &["alexander", "sasha", "xander", "lex"],
    &["alexandra", "sasha", "sandra"],
    &["antonio", "toni", "tony"],
    &["anthony", "tony"],
    &["katherine", "kate", "cathy"],
    &["james", "jim", "jamie"],
    &["john", "jack"],
    &["joseph", "pepe"],
    &["jose", "pepe"],
    &["francisco", "paco", "pancho"],
    &["henry", "hank", "harry"],
    &["christina", "tina"],
    &["susan", "sue"],
    &["eugene", "gene"],
    &["albert", "bert"],
    &["frederick", "rick", "fred"],
    &["andrew", "drew"],
    &["ignacio", "nacho"],
];

fn nickname(ours: &str, theirs: &str) -> bool {
    NICKNAMES.iter().any(|names| names.contains(&ours) && names.contains(&theirs))
}

/// Company names agree when what is left without legal forms is alike or one begins the other.
fn firm_alike(ours: &str, theirs: &str) -> bool {
    const FORMS: &[&str] = &[
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "llc",
        "ltd",
        "limited",
        "gmbh",
        "ag",
        "sa",
        "sas",
        "srl",
        "spa",
        "bv",
        "nv",
        "oy",
        "ab",
        "as",
        "kg",
        "plc",
        "group",
        "holding",
        "holdings",
        "sl",
        "the",
    ];
    let core = |text: &str| -> String {
        words(text).into_iter().filter(|word| !FORMS.contains(&word.as_str())).collect::<Vec<_>>().join(" ")
    };
    let (mine, other) = (core(ours), core(theirs));
    if mine.is_empty() || other.is_empty() {
        return true;
    }
    near(&mine, &other) || mine.starts_with(&other) || other.starts_with(&mine)
}
