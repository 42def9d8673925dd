//! Normalise: the clean value we keep of each field, and the keys by which two values are the same.
//!
//! Everything here is pure and idempotent: tidying twice is tidying once.

mod case;
pub mod city;
pub mod company;
pub mod domain;
pub mod email;
pub mod linkedin;
pub mod number;
pub mod person;
pub mod phone;
pub(crate) mod text;

use evergreen_model::country;
use evergreen_model::field::{self, FieldKind};
use evergreen_model::{Entity, Fields};

pub use city::city_key;
pub use company::company_key;
pub use domain::domain_key;
pub use email::{email_key, is_free_mail, is_role};
pub use linkedin::{Page, linkedin_key};
pub use person::person_key;
pub use phone::phone_key;

/// The clean, presentable form of a value, or nothing when the value says nothing.
///
/// `region` helps to read phone numbers: a two-letter code or the name of a country.
#[must_use]
pub fn tidy(entity: Entity, field: &str, value: &str, region: Option<&str>) -> Option<String> {
    let value = text::clean(value);
    let is_name = matches!((entity, field), (Entity::Contact, "firstname" | "lastname"));
    // `Null` and `None` are surnames; `NULL` and `null` are an export's fillers.
    let may_be_name =
        is_name && value.chars().next().is_some_and(char::is_uppercase) && value.chars().any(char::is_lowercase);
    if value.is_empty() || (text::is_placeholder(&value) && !may_be_name) {
        return None;
    }
    let tidied = match (field, field::find(entity, field).map(|known| known.kind)) {
        ("hs_linkedin_url", _) => linkedin::tidy_linkedin(&value, Page::Person)?,
        ("linkedin_company_page", _) => linkedin::tidy_linkedin(&value, Page::Company)?,
        ("domain" | "website", _) => domain_key(&value)?,
        ("country", _) => country::code(&value).and_then(country::name).map_or(value, str::to_owned),
        ("firstname" | "lastname", _) if is_name => tidy_name(&value, field == "firstname")?,
        ("city", _) => case::fix_name(&value, false),
        (_, Some(FieldKind::Email)) => text::clean(&email::tidy_email(&value)),
        (_, Some(FieldKind::Phone)) => phone::tidy_phone(&value, region.and_then(country::code).or(region))?,
        (_, Some(FieldKind::Number)) => number::tidy_number(&value),
        (_, Some(FieldKind::Flag)) => number::tidy_flag(&value),
        _ => value,
    };
    (!tidied.is_empty()).then_some(tidied)
}

/// All fields tidied, country first because phone numbers are read by it; empty fields are dropped.
///
/// A contact without company domain gets that of its website or of its work address; a free-mail domain is no company's.
/// A company without domain gets that of its website.
#[must_use]
pub fn tidy_fields(entity: Entity, fields: &Fields) -> Fields {
    tidy_fields_in(entity, fields, None)
}

/// As [`tidy_fields`], reading phone numbers by `default_region` (two letters) when neither the country field nor the
/// ending of the domain tells the country.
#[must_use]
pub fn tidy_fields_in(entity: Entity, fields: &Fields, default_region: Option<&str>) -> Fields {
    let mut tidied = Fields::new();
    for (name, value) in fields.iter().filter(|(name, _)| !is_phone(entity, name)) {
        if let Some(clean) = tidy(entity, name, value, None) {
            tidied.insert(name.clone(), clean);
        }
    }
    fill_domain(entity, &mut tidied);
    let region = region_of(&tidied).or(default_region);
    for (name, value) in fields.iter().filter(|(name, _)| is_phone(entity, name)) {
        if let Some(clean) = tidy(entity, name, value, region) {
            tidied.insert(name.clone(), clean);
        }
    }
    tidied
}

fn is_phone(entity: Entity, name: &str) -> bool {
    field::find(entity, name).is_some_and(|known| known.kind == FieldKind::Phone)
}

fn region_of(tidied: &Fields) -> Option<&'static str> {
    let named = tidied.get("country").and_then(|country| country::code(country));
    let by_domain = || tidied.get("domain").and_then(|domain| country::of_domain(domain));
    let by_email = || tidied.get("email").and_then(|email| country::of_domain(email.rsplit('@').next()?));
    named.or_else(by_domain).or_else(by_email)
}

fn fill_domain(entity: Entity, tidied: &mut Fields) {
    if entity == Entity::Contact && tidied.get("domain").is_some_and(|domain| is_free_mail(domain)) {
        tidied.remove("domain");
    }
    if tidied.contains_key("domain") {
        return;
    }
    let website = tidied.get("website").filter(|website| !is_free_mail(website)).cloned();
    let from_email = || {
        let key = email_key(tidied.get("email").filter(|_| entity == Entity::Contact)?)?;
        domain_key(key.rsplit('@').next()?).filter(|domain| !is_free_mail(domain))
    };
    if let Some(domain) = website.or_else(from_email) {
        tidied.insert("domain".to_owned(), domain);
    }
}

fn tidy_name(value: &str, is_given: bool) -> Option<String> {
    let stripped = person::strip_titles(value);
    let bare = stripped
        .trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '-' | '_' | '*' | ',' | ';' | '"'));
    if !bare.chars().any(char::is_alphanumeric) {
        return None;
    }
    Some(text::clean(&case::fix_name(bare, is_given)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn contact(field: &str, value: &str, region: Option<&str>) -> Option<String> {
        tidy(Entity::Contact, field, value, region)
    }

    #[test]
    fn every_field_has_its_clean_form() {
        for (field, typed, region, tidied) in [
            ("email", " Jane@ACME.com ", None, Some("jane@acme.com")),
            ("firstname", "ANNA-LENA", None, Some("Anna-Lena")),
            ("firstname", "Dr. anna", None, Some("Anna")),
            ("lastname", "VAN DER BERG", None, Some("van der Berg")),
            ("lastname", "Null", None, Some("Null")),
            ("lastname", "NULL", None, None),
            ("lastname", "Doe, PhD", None, Some("Doe")),
            ("phone", "030 901820", Some("Germany"), Some("+4930901820")),
            ("phone", "(415) 555-2671", Some("US"), Some("+14155552671")),
            ("hs_linkedin_url", "linkedin.com/in/Jane/", None, Some("https://www.linkedin.com/in/jane")),
            ("website", "https://www.acme.com/x", None, Some("acme.com")),
            ("country", "Deutschland", None, Some("Germany")),
            ("country", "Atlantis", None, Some("Atlantis")),
            ("city", "NEW YORK", None, Some("New York")),
            ("jobtitle", "  VP   Sales ", None, Some("VP Sales")),
            ("jobtitle", "n/a", None, None),
            ("hs_email_optout", "Yes", None, Some("true")),
            ("unheard_of", " a  b ", None, Some("a b")),
            ("email", "   ", None, None),
        ] {
            assert_eq!(contact(field, typed, region).as_deref(), tidied, "{field}: {typed}");
        }
        assert_eq!(tidy(Entity::Company, "numberofemployees", "1,200", None).as_deref(), Some("1200"));
        assert_eq!(tidy(Entity::Company, "name", "ACME GmbH", None).as_deref(), Some("ACME GmbH"));
    }

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_contact_gets_its_domain_from_website_or_work_address() {
        let domain = |pairs: &[(&str, &str)]| tidy_fields(Entity::Contact, &fields(pairs)).get("domain").cloned();
        assert_eq!(domain(&[("email", "jo@mail.acme.com")]).as_deref(), Some("acme.com"));
        assert_eq!(domain(&[("email", "jo@acme.com"), ("website", "www.other.com")]).as_deref(), Some("other.com"));
        assert_eq!(domain(&[("email", "jo@acme.com"), ("domain", "gmail.com")]).as_deref(), Some("acme.com"));
        assert_eq!(domain(&[("email", "jo@gmail.com")]), None);
    }

    #[test]
    fn a_phone_is_read_by_country_then_by_domain_then_by_the_default() {
        let phone = |pairs: &[(&str, &str)], region| {
            tidy_fields_in(Entity::Contact, &fields(pairs), region).get("phone").cloned()
        };
        assert_eq!(phone(&[("phone", "030 901820"), ("country", "DE")], Some("US")).as_deref(), Some("+4930901820"));
        assert_eq!(phone(&[("phone", "030 901820"), ("email", "a@b.de")], Some("US")).as_deref(), Some("+4930901820"));
        assert_eq!(phone(&[("phone", "415 555 2671")], Some("US")).as_deref(), Some("+14155552671"));
        assert_eq!(phone(&[("phone", "415 555 2671")], None).as_deref(), Some("415 555 2671"));
    }

    fn messy() -> impl Strategy<Value = String> {
        prop_oneof![
            "\\PC{0,24}",
            "[ A-Za-zäöüßéİıŁ.,'’\\-@+/:0-9]{0,24}",
            "(MR|dr|von|Mc|O')?[ .]?[A-Z]{1,8}([ -,][a-z.]{1,6})?( PhD|, MBA)?",
            "(https?://)?(www\\.)?(linkedin\\.com/)?(in|company|pub)/[a-zA-Z%0-9\\-/]{1,20}",
            "[+0(]{0,3}[0-9() .\\-/]{3,18}( ?(x|ext\\.?) ?[0-9]{1,4})?",
            "[<\"mailto: ]{0,8}[a-zA-Z.+_]{1,8}@[a-zA-Z.\\-]{1,12}[>;. ]{0,3}",
            "[$€~-]?[0-9.,' ]{1,12}(k|M|bn|\\+|-[0-9]{2})?",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn tidying_twice_is_tidying_once(value in messy(), region in prop::option::of("(US|DE|GB|France|xx)")) {
            for entity in [Entity::Contact, Entity::Company] {
                for known in field::fields(entity) {
                    if let Some(once) = tidy(entity, known.name, &value, region.as_deref()) {
                        let twice = tidy(entity, known.name, &once, region.as_deref());
                        prop_assert_eq!(twice.as_deref(), Some(once.as_str()), "{} of {:?}", known.name, value);
                    }
                }
            }
        }

        #[test]
        fn tidying_all_fields_twice_is_tidying_them_once(values in prop::collection::vec(messy(), 8)) {
            let names = ["email", "domain", "website", "phone", "country", "firstname", "lastname", "hs_linkedin_url"];
            let raw: Fields = names.iter().map(|name| (*name).to_owned()).zip(values).collect();
            for entity in [Entity::Contact, Entity::Company] {
                let once = tidy_fields_in(entity, &raw, Some("US"));
                prop_assert_eq!(&tidy_fields_in(entity, &once, Some("US")), &once);
            }
        }

        #[test]
        fn keys_of_a_tidied_value_are_those_of_the_value(value in messy()) {
            let tidied = |name: &str| tidy(Entity::Contact, name, &value, None).unwrap_or_default();
            prop_assert_eq!(email_key(&tidied("email")), email_key(&text::clean(&value)));
            prop_assert_eq!(linkedin_key(&tidied("hs_linkedin_url"), Page::Person), linkedin_key(&text::clean(&value), Page::Person));
        }
    }
}
