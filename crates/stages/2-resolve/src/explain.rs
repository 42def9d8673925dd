//! Explain: says in words what two subjects agree and disagree on, and how much each of it counts.

use evergreen_model::Fields;

use crate::compare::company::{CompanyNameLevel, Country, DomainLevel};
use crate::compare::contact::{Employer, MailboxLevel, Name};
use crate::compare::{Agreement, CompanyComparison, Comparison, ContactComparison};
use crate::score::{Scored, company_weights, contact_weights};

/// One line per comparison that says something, the heaviest first, each with its match weight in bits; then the rule
/// that decided, if one did.
pub(crate) fn why(a: &Fields, b: &Fields, comparison: &Comparison, scored: &Scored) -> Vec<String> {
    let mut lines = match comparison {
        Comparison::Contact(pair) => contact_lines(a, b, pair),
        Comparison::Company(pair) => company_lines(a, b, pair),
    };
    lines.retain(|(_, bits)| *bits != 0.0);
    lines.sort_by(|x, y| y.1.abs().total_cmp(&x.1.abs()).then_with(|| x.0.cmp(&y.0)));
    let weighed = lines.into_iter().map(|(text, bits)| format!("{text} ({bits:+.1} bits)"));
    weighed.chain(scored.rule.map(str::to_owned)).collect()
}

fn contact_lines(a: &Fields, b: &Fields, pair: &ContactComparison) -> Vec<(String, f64)> {
    let weights = contact_weights(pair);
    let name = match pair.name {
        Name::Same => "same name",
        Name::Nickname => "same surname, given name a short form",
        Name::Swapped => "first and last name swapped",
        Name::Typo => "name one typing mistake apart",
        Name::Compound => "same given name, surname with more words",
        Name::Initial => "same surname and initial",
        Name::SurnameUnknown => "same given name, surname not known in full",
        Name::GivenUnknown => "same surname, given name missing",
        Name::GivenDiffers => "same surname, different given names",
        Name::SurnameDiffers => "same given name, different surnames",
        Name::Different => "different names",
        Name::Unknown | Name::Neither => "name unknown",
    };
    let name =
        if pair.is_common_name && pair.name.agrees() { format!("{name} (a common one)") } else { name.to_owned() };
    let mailbox = match pair.mailbox {
        MailboxLevel::Same => "same email address",
        MailboxLevel::SameRole => "same team address",
        MailboxLevel::Typo => "email one typing mistake apart",
        MailboxLevel::SameLocal => "same mailbox name at another host",
        MailboxLevel::OtherSpelling => "two mailboxes of one name at one company",
        MailboxLevel::OtherAtSameFirm => "two mailboxes at one company",
        MailboxLevel::Unknown => "",
    };
    let employer = match pair.employer {
        Employer::SameDomain => "same company domain",
        Employer::SameName => "same company name",
        Employer::SimilarName => "similar company name",
        Employer::Different => "different companies",
        Employer::Unknown => "",
    };
    let employer_fields =
        if pair.employer == Employer::SameDomain { ["domain", "email"] } else { ["company", "domain"] };
    vec![
        (format!("{name}: {}", both(&full_name(a), &full_name(b))), weights.name),
        (shown(mailbox, a, b, &["email"]), weights.mailbox),
        (shown(employer, a, b, &employer_fields), weights.employer),
        (shown(agreement("LinkedIn profile", pair.linkedin), a, b, &["hs_linkedin_url"]), weights.linkedin),
        (shown(agreement("phone", pair.phone), a, b, &["phone", "mobilephone"]), weights.phone),
        (shown(agreement("city", pair.city), a, b, &["city"]), weights.city),
        (shown(agreement("country", pair.country), a, b, &["country"]), weights.country),
        (shown(agreement("job title", pair.title), a, b, &["jobtitle"]), weights.title),
    ]
}

fn company_lines(a: &Fields, b: &Fields, pair: &CompanyComparison) -> Vec<(String, f64)> {
    let weights = company_weights(pair);
    let name = match pair.name {
        CompanyNameLevel::Same => "same name",
        CompanyNameLevel::Typo => "name one typing mistake apart",
        CompanyNameLevel::OtherName => "name of one is domain, alias or LinkedIn name of the other",
        CompanyNameLevel::Acronym => "initials of the name",
        CompanyNameLevel::Beginning => "one name begins like the other",
        CompanyNameLevel::Different => "different names",
        CompanyNameLevel::Unknown => "",
    };
    let domain = match pair.domain {
        DomainLevel::Same => "same domain",
        DomainLevel::OtherEnding => "domain with another ending",
        DomainLevel::Different => "different domains",
        DomainLevel::Unknown => "",
    };
    let country = match pair.country {
        Country::Same => "same country",
        Country::Different => "different countries",
        Country::SeemsDifferent => "different countries by phone, domain or legal form",
        Country::Unknown => "",
    };
    vec![
        (shown(name, a, b, &["name"]), weights.name),
        (shown(domain, a, b, &["domain", "website"]), weights.domain),
        (shown(agreement("LinkedIn page", pair.linkedin), a, b, &["linkedin_company_page"]), weights.linkedin),
        (shown(agreement("phone", pair.phone), a, b, &["phone"]), weights.phone),
        (shown(agreement("street", pair.street), a, b, &["address"]), weights.street),
        (shown(agreement("city", pair.city), a, b, &["city"]), weights.city),
        (shown(country, a, b, &["country"]), weights.country),
        (shown(agreement("legal form", pair.form), a, b, &["name"]), weights.form),
    ]
}

fn agreement(what: &'static str, level: Agreement) -> String {
    match level {
        Agreement::Same => format!("same {what}"),
        Agreement::Similar => format!("similar {what}"),
        Agreement::Different => format!("different {what}"),
        Agreement::Unknown => String::new(),
    }
}

fn full_name(fields: &Fields) -> String {
    let part = |name: &str| fields.get(name).map_or("", String::as_str);
    format!("{} {}", part("firstname"), part("lastname")).trim().to_owned()
}

/// The text with both values, each the first of the fields that is there.
fn shown(text: impl AsRef<str>, a: &Fields, b: &Fields, fields: &[&str]) -> String {
    let first = |of: &Fields| fields.iter().find_map(|name| of.get(*name)).cloned().unwrap_or_default();
    format!("{}: {}", text.as_ref(), both(&first(a), &first(b)))
}

fn both(a: &str, b: &str) -> String {
    if a == b { a.to_owned() } else { format!("{} / {}", or_dash(a), or_dash(b)) }
}

fn or_dash(value: &str) -> &str {
    if value.is_empty() { "–" } else { value }
}
