//! Whether an answer is about the person or firm that was asked for; what is not about them counts for nothing.

use evergreen_model::field;
use evergreen_model::{Answer, AnswerOutcome, Entity, Fields, Question};

use crate::name::{bare_domain, domain_alike, family_alike, firm_alike, given_alike, profile};

/// What remains of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Fields that may become evidence.
    pub fields: Fields,
    /// Fields that may not, each with the reason.
    pub dropped: Vec<(String, String)>,
    /// The answer is about somebody else: a paid miss, kept for the audit only.
    pub wrong_person: bool,
}

/// Judges an answer: is it about the one we asked for, and which of its fields may be kept?
///
/// `known` is what was known of the record when the question was asked; the question's own inputs count first.
#[must_use]
pub fn accept(entity: Entity, question: &Question, known: &Fields, answer: &Answer) -> Accepted {
    let refused = match answer.outcome {
        AnswerOutcome::Hit | AnswerOutcome::Partial | AnswerOutcome::Miss | AnswerOutcome::Pending => None,
        AnswerOutcome::Ambiguous => Some("several candidates tie".to_owned()),
        other => Some(format!("the answer is {other}")),
    };
    if let Some(why) = refused {
        return drop_all(answer, &why, false);
    }
    let sides = Sides { asked: &question.inputs, known, got: &answer.fields };
    let stranger = match entity {
        Entity::Contact => sides.wrong_person(),
        Entity::Company => sides.wrong_firm(),
    };
    if let Some(why) = stranger {
        return drop_all(answer, &why, true);
    }
    let mut accepted = Accepted::default();
    for (name, value) in &answer.fields {
        match unusable(entity, name, value) {
            Some(why) => accepted.dropped.push((name.clone(), why.to_owned())),
            None => {
                accepted.fields.insert(name.clone(), value.clone());
            }
        }
    }
    accepted
}

fn drop_all(answer: &Answer, why: &str, wrong_person: bool) -> Accepted {
    let dropped = answer.fields.keys().map(|name| (name.clone(), why.to_owned())).collect();
    Accepted { fields: Fields::new(), dropped, wrong_person }
}

fn unusable(entity: Entity, name: &str, value: &str) -> Option<&'static str> {
    if field::find(entity, name).is_none() {
        Some("the record has no such field")
    } else if value.trim().is_empty() {
        Some("empty")
    } else if value.contains("***") {
        Some("masked")
    } else {
        None
    }
}

/// What was asked, what was known, what came back.
struct Sides<'a> {
    asked: &'a Fields,
    known: &'a Fields,
    got: &'a Fields,
}

impl<'a> Sides<'a> {
    fn ours(&self, name: &str) -> Option<&'a str> {
        filled(self.asked, name).or_else(|| filled(self.known, name))
    }

    /// Both sides of a field, where both have it, compared.
    fn compare(&self, name: &str, alike: impl Fn(&str, &str) -> bool) -> Option<bool> {
        Some(alike(self.ours(name)?, filled(self.got, name)?))
    }

    fn wrong_person(&self) -> Option<String> {
        let mut first = self.compare("firstname", given_alike);
        let mut last = self.compare("lastname", family_alike);
        if first == Some(false) && last == Some(false) && self.swapped() {
            (first, last) = (Some(true), Some(true));
        }
        let email = self.compare("email", |a, b| a.eq_ignore_ascii_case(b));
        let link = self.compare("hs_linkedin_url", |a, b| profile(a) == profile(b));
        let place = self.place();
        let same_key = email == Some(true) || link == Some(true);
        let same_name = first == Some(true) && last == Some(true);

        // An address or link that merely echoes the question proves nothing when the whole name is another.
        if first == Some(false) && last == Some(false) {
            return Some(self.says("lastname", "another name"));
        }
        // One half of a name may change (marriage, middle name) where a key says it is the same person.
        if last == Some(false) && !same_key {
            return Some(self.says("lastname", "another family name"));
        }
        if first == Some(false) && !same_key {
            return Some(self.says("firstname", "another given name"));
        }
        if link == Some(false) && email != Some(true) && !(same_name && place == Some(true)) {
            return Some(self.says("hs_linkedin_url", "another profile"));
        }
        // Found by a key, a new employer is a job change; found by name and firm, it is a namesake.
        let by_key = ["email", "hs_linkedin_url"].iter().any(|key| filled(self.asked, key).is_some());
        if place == Some(false) && !same_key && !(by_key && same_name) {
            return Some(self.says("domain", "another company"));
        }
        None
    }

    /// Given and family name the other way round, as some lists have them.
    fn swapped(&self) -> bool {
        let cross = |ours: &str, theirs: &str, alike: fn(&str, &str) -> bool| matches!((self.ours(ours), filled(self.got, theirs)), (Some(a), Some(b)) if alike(a, b));
        cross("firstname", "lastname", family_alike) && cross("lastname", "firstname", family_alike)
    }

    /// Whether the answer is from the company we asked about, where both sides say.
    fn place(&self) -> Option<bool> {
        let theirs =
            filled(self.got, "domain").map(bare_domain).or_else(|| filled(self.got, "email").and_then(company_host));
        let domains = self.ours("domain").zip(theirs).map(|(a, b)| domain_alike(a, &b));
        let firms = self.compare("company", firm_alike);
        match (domains, firms) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), _) | (_, Some(false)) => Some(false),
            (None, None) => None,
        }
    }

    fn wrong_firm(&self) -> Option<String> {
        let domain = self.compare("domain", domain_alike);
        let name = self.compare("name", firm_alike);
        let link = self.compare("linkedin_company_page", |a, b| profile(a) == profile(b));
        match (domain, name, link) {
            (Some(true), _, _) | (_, Some(true), _) | (_, _, Some(true)) => None,
            (Some(false), _, _) => Some(self.says("domain", "another company")),
            (_, Some(false), _) => Some(self.says("name", "another company")),
            (_, _, Some(false)) => Some(self.says("linkedin_company_page", "another company")),
            (None, None, None) => None,
        }
    }

    fn says(&self, name: &str, what: &str) -> String {
        match (self.ours(name), filled(self.got, name)) {
            (Some(ours), Some(theirs)) => format!("{what}: asked for {ours}, got {theirs}"),
            _ => what.to_owned(),
        }
    }
}

fn filled<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.get(name).map(String::as_str).filter(|value| !value.trim().is_empty())
}

/// Hosts where an address says nothing about the employer; the full list is verification's business.
const PRIVATE_HOSTS: &[&str] = &[
    "aol.com",
    "gmail.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.ru",
    "me.com",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "web.de",
    "yahoo.com",
    "yandex.ru",
];

fn company_host(email: &str) -> Option<String> {
    let host = email.rsplit_once('@')?.1.to_lowercase();
    (!PRIVATE_HOSTS.contains(&host.as_str())).then_some(host)
}
