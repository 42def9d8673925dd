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

/// The same host, one inside the other (`eu.acme.com` belongs to `acme.com`), or one brand in two countries (`acme.de`, `acme.co.uk`).
fn same_site(ours: &str, theirs: &str) -> bool {
    let inside = ours == theirs || ours.ends_with(&format!(".{theirs}")) || theirs.ends_with(&format!(".{ours}"));
    inside || brand(ours).is_some_and(|name| name.len() >= 4 && brand(theirs) == Some(name))
}

/// The name in front of the endings: `acme` of `www.acme.co.uk`.
fn brand(host: &str) -> Option<&str> {
    const SHARED: &[&str] = &["co", "com", "org", "net", "ac", "gov", "edu", "gob", "or", "ne"];
    let mut labels = host.rsplit('.').skip(1);
    labels.find(|label| !SHARED.contains(label))
}

fn words(text: &str) -> Vec<String> {
    fold(text).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Two spellings of one word; `Mueller` is `Müller`, whichever way the dots were lost.
fn near(ours: &str, theirs: &str) -> bool {
    let plain = |word: &str| word.replace("ae", "a").replace("oe", "o").replace("ue", "u");
    let long = ours.len() >= 4 && theirs.len() >= 4;
    ours == theirs || plain(ours) == plain(theirs) || long && strsim::jaro_winkler(ours, theirs) >= 0.92
}

/// Words that many family names begin with and that say nothing alone.
const PARTICLES: &[&str] =
    &["van", "von", "der", "den", "del", "dos", "das", "las", "los", "bin", "abu", "ter", "ten", "mac"];

/// Family names agree when any part of one is a part of the other: double names, names of marriage.
fn family_alike(ours: &str, theirs: &str) -> bool {
    let (ours, theirs) = (words(ours), words(theirs));
    if ours.is_empty() || theirs.is_empty() {
        return true;
    }
    let initial = |a: &[String], b: &[String]| {
        a.len() == 1 && a[0].chars().count() == 1 && b.iter().any(|word| word.starts_with(&a[0]))
    };
    let weighs = |word: &&String| word.len() >= 3 && !PARTICLES.contains(&word.as_str());
    near(&ours.concat(), &theirs.concat())
        || ours.iter().filter(weighs).any(|mine| theirs.iter().filter(weighs).any(|other| near(mine, other)))
        || initial(&ours, &theirs)
        || initial(&theirs, &ours)
}

/// Given names agree when any part of one is, or is short for, a part of the other.
fn given_alike(ours: &str, theirs: &str) -> bool {
    let (ours, theirs) = (words(ours), words(theirs));
    let alike = |mine: &String, other: &String| {
        let (short, long) = if mine.len() <= other.len() { (mine, other) } else { (other, mine) };
        let begins = (short.chars().count() == 1 || short.len() >= 3) && long.starts_with(short.as_str());
        begins || near(mine, other) || nickname(mine, other)
    };
    ours.is_empty()
        || theirs.is_empty()
        || near(&ours.concat(), &theirs.concat())
        || ours.iter().any(|mine| theirs.iter().any(|other| alike(mine, other)))
}

/// Nicknames that are not the beginning of the name.
const NICKNAMES: &[&[&str]] = &[
    &["michael", "mike", "mick", "micky"],
    &["christopher", "kit"],
    &["thomas", "tommy"],
    &["daniel", "danny"],
    &["katherine", "kathryn", "katie", "kitty"],
    &["stephen", "steven", "steve"],
    &["jennifer", "jen", "jenny"],
    &["nicholas", "nikolas", "klaus"],
    &["peter", "pedro", "pete"],
    &["charles", "charlie", "chuck"],
    &["barbara", "babs"],
    &["lawrence", "larry"],
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

#[cfg(test)]
mod tests {
    use evergreen_model::AnswerOutcome;

    use super::*;

    fn fields(text: &str) -> Fields {
        text.split(';')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    fn verdict(asked: &str, came: &str, also: &[&str], person: bool) -> Option<&'static str> {
        let mut reading = Reading::unread(AnswerOutcome::Hit, 200, String::new());
        reading.fields = fields(came);
        let also: Vec<String> = also.iter().map(ToString::to_string).collect();
        let sides = Sides { asked: &fields(asked), reading: &reading, also: &also };
        if person { sides.another_person() } else { sides.another_company() }
    }

    #[test]
    fn a_person_is_recognised_as_a_table() {
        const JANE: &str = "firstname=Jane;lastname=Doe;domain=acme.com";
        for (asked, came, another) in [
            (JANE, "firstname=Jane;lastname=Doe;domain=acme.com", false),
            (JANE, "email=jane@acme.com", false),
            (JANE, "firstname=J.;lastname=Doe-Smith;domain=eu.acme.com", false),
            (JANE, "firstname=Doe;lastname=Jane", false), // the other way round
            (JANE, "firstname=Jane;lastname=Doe;domain=acme.co.uk", false),
            (JANE, "firstname=Jane;lastname=Doe;domain=other.com", true), // a namesake
            (JANE, "firstname=Jane;lastname=Stone;domain=acme.com", true),
            (JANE, "firstname=Petra;lastname=Doe;domain=acme.com", true),
            (JANE, "full_name=Jane Doe", false),
            (JANE, "full_name=Olga Petrova", true),
            ("firstname=Bob;lastname=de Vries;domain=a.com", "firstname=Robert;lastname=Vries", false),
            ("firstname=Bob;lastname=van der Boer;domain=a.com", "firstname=Bob;lastname=van der Vries", true),
            ("firstname=Jan;lastname=Müller;domain=a.com", "firstname=Jan;lastname=Mueller", false),
            // Found by an address: a new employer or name is a change, not another person.
            (
                "email=jane@acme.com;firstname=Jane;lastname=Doe",
                "email=jane@acme.com;firstname=Jane;lastname=Stone",
                false,
            ),
            ("email=jane@acme.com", "firstname=Olga;lastname=Petrova;domain=other.com", false),
            ("email=jane@acme.com;firstname=Jane;lastname=Doe", "firstname=Olga;lastname=Petrova", true),
            (
                "hs_linkedin_url=https://www.linkedin.com/in/jane",
                "hs_linkedin_url=https://www.linkedin.com/in/olga",
                true,
            ),
            ("", "firstname=Olga", false),
        ] {
            assert_eq!(verdict(asked, came, &[], true).is_some(), another, "{asked} / {came}");
        }
    }

    #[test]
    fn a_company_is_recognised_by_its_domain_its_aliases_and_its_name() {
        for (asked, came, also, another) in [
            ("domain=acme.com", "domain=acme.com", &[][..], false),
            ("domain=acme.com", "domain=www.acme.com", &[], false),
            ("domain=acme.com", "domain=bigfish.com", &["acme.com"], false), // bought
            ("domain=acme.com;name=Acme Inc", "domain=bigfish.com;name=ACME", &[], false),
            ("domain=acme.com", "domain=bigfish.com", &[], true),
            ("name=Acme GmbH", "name=Acme", &[], false),
            ("name=Acme", "name=Bigfish", &[], true),
            ("domain=acme.com", "name=Anything", &[], false),
        ] {
            assert_eq!(verdict(asked, came, also, false).is_some(), another, "{asked} / {came}");
        }
    }
}
