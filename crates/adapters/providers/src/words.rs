//! The words of manifests and samples: the fields of a record, the facts that no record holds yet, and the vendors' common names for both.

use evergreen_model::field::{self, FieldKind};
use evergreen_model::{Entity, Fields};
use serde_json::Value;

use crate::value::{self, Kind};

/// What an answer may say that is no field of a record, and how it is read.
pub(crate) const FACTS: &[(&str, Kind)] = &[
    ("email_status", Kind::EmailStatus),
    ("personal_email", Kind::Email),
    ("full_name", Kind::Title),
    ("headline", Kind::Text),
    ("phone_valid", Kind::Flag),
    ("phone_type", Kind::PhoneType),
    ("phone_country", Kind::Text),
    ("carrier", Kind::Text),
    ("employee_count", Kind::Count),
    ("employee_range", Kind::Range),
    ("founded_year", Kind::Year),
    ("revenue", Kind::Amount),
    ("funding_stage", Kind::Text),
    ("funding_total", Kind::Amount),
    ("company_linkedin_url", Kind::LinkedinCompany),
    ("company_phone", Kind::Phone),
    ("company_email", Kind::Email),
    ("technologies", Kind::List),
    ("emails", Kind::List),
    ("email_pattern", Kind::Text),
    ("accept_all", Kind::Flag),
    ("did_you_mean", Kind::Email),
    ("verified_on", Kind::Text),
    ("evidence_url", Kind::Url),
    ("evidence_quote", Kind::Text),
];

/// The kind a fact always has, or `None` when there is no such fact.
pub(crate) fn fact(name: &str) -> Option<Kind> {
    FACTS.iter().find(|(fact, _)| *fact == name).map(|(_, kind)| *kind)
}

/// Whether a record of this kind has the field.
pub(crate) fn is_field(entity: Entity, name: &str) -> bool {
    field::find(entity, name).is_some()
}

/// Whether the record's field is a number.
pub(crate) fn is_number(entity: Entity, name: &str) -> bool {
    field::find(entity, name).is_some_and(|field| field.kind == FieldKind::Number)
}

/// How a name is read when the manifest does not say.
pub(crate) fn usual_kind(entity: Entity, name: &str) -> Kind {
    if is_field(entity, name) { Kind::Text } else { fact(name).unwrap_or(Kind::Text) }
}

/// Our names for a canonical word of a sample, the most exact first. A word without one of ours is its own: a column a user invented.
pub(crate) fn ours(entity: Entity, word: &str) -> Vec<String> {
    let company = entity == Entity::Company;
    let names: &[&str] = match word {
        "first_name" => &["firstname"],
        "last_name" => &["lastname"],
        "title" | "job_title" => &["jobtitle"],
        "mobile_phone" => &["mobilephone"],
        "linkedin_url" | "linkedin_handle" if !company => &["hs_linkedin_url"],
        "linkedin_url" | "company_linkedin_url" | "linkedin_handle" if company => &["linkedin_company_page"],
        "company_name" if company => &["name"],
        "company_name" => &["company"],
        "company_domain" => &["domain"],
        "employee_count" => &["employee_count", "numberofemployees"],
        "revenue" => &["annualrevenue", "revenue"],
        "region" => &["state"],
        "postal_code" => &["zip"],
        other => return vec![other.to_owned()],
    };
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What a recorded request asked about, as far as the vendor's names for it are the common ones.
pub(crate) fn asked(request: &Value) -> Fields {
    let mut found = Fields::new();
    gather(request, &mut found);
    if let Some(full) = found.get("full_name").cloned()
        && let Some((first, last)) = full.split_once(' ')
    {
        found.entry("firstname".to_owned()).or_insert_with(|| first.to_owned());
        found.entry("lastname".to_owned()).or_insert_with(|| last.to_owned());
    }
    found
}

fn gather(value: &Value, found: &mut Fields) {
    match value {
        Value::Object(entries) => {
            for (key, entry) in entries {
                let single = match entry {
                    Value::Array(items) if items.len() == 1 => &items[0],
                    other => other,
                };
                if let Value::String(text) = single {
                    note(key, text, found);
                } else {
                    gather(single, found);
                }
            }
        }
        Value::Array(items) if items.len() == 1 => gather(&items[0], found),
        _ => {}
    }
}

fn note(key: &str, text: &str, found: &mut Fields) {
    let plain: String =
        key.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect();
    let (name, kind) = match plain.as_str() {
        "firstname" | "givenname" => ("firstname", Kind::Text),
        "lastname" | "familyname" => ("lastname", Kind::Text),
        "fullname" => ("full_name", Kind::Text),
        "name" if text.contains(' ') => ("full_name", Kind::Text),
        "email" | "businessemails" | "workemail" => ("email", Kind::Email),
        "linkedinurl" | "linkedinhandle" | "profile" | "profileurl" | "professionalnetworkprofileurls" | "linkedin" => {
            ("hs_linkedin_url", Kind::LinkedinPerson)
        }
        "domain" | "website" | "companywebsite" | "companydomain" => ("domain", Kind::Domain),
        "company" | "companyname" | "organizationname" | "domainorcompany" => match value::domain(text) {
            Some(_) => ("domain", Kind::Domain),
            None => ("company", Kind::Text),
        },
        _ => return,
    };
    if let Ok(text) = value::read(&Value::String(text.to_owned()), kind) {
        found.entry(name.to_owned()).or_insert(text);
    }
}

/// Fields a language model may not fill: what it writes is inferred, and an inferred address or number reaches a stranger.
pub(crate) fn is_contact_detail(entity: Entity, name: &str) -> bool {
    let detail = |kind: FieldKind| matches!(kind, FieldKind::Email | FieldKind::Phone | FieldKind::Url);
    field::find(entity, name).is_some_and(|field| detail(field.kind))
        || fact(name).is_some_and(|kind| matches!(kind, Kind::Email | Kind::Phone | Kind::EmailStatus))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_recorded_request_tells_whom_it_asked_about() {
        for (request, expected) in [
            (json!({ "first_name": "Ana", "domain": "acme.com" }), "domain=acme.com firstname=Ana"),
            (
                json!({ "data": [{ "firstName": "Ana", "website": "https://acme.com" }] }),
                "domain=acme.com firstname=Ana",
            ),
            (
                json!({ "name": "Ana Ruiz", "company": "acme.com" }),
                "domain=acme.com firstname=Ana full_name=Ana Ruiz lastname=Ruiz",
            ),
            (
                json!({ "name": "run", "params": { "profile": ["linkedin.com/in/ana"] } }),
                "hs_linkedin_url=https://www.linkedin.com/in/ana",
            ),
            (json!({ "details": [{ "first_name": "a" }, { "first_name": "b" }] }), ""),
        ] {
            let found: Vec<String> = asked(&request).iter().map(|(name, value)| format!("{name}={value}")).collect();
            assert_eq!(found.join(" "), expected, "{request}");
        }
    }

    #[test]
    fn a_fact_is_never_also_a_field_of_both_kinds_of_record() {
        for (name, _) in FACTS {
            assert!(!(is_field(Entity::Contact, name) && is_field(Entity::Company, name)), "{name}");
        }
    }
}
