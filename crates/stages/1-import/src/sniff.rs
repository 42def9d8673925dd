//! Looks at values: what is a column whose header says nothing, and does a row look like data at all?

use evergreen_model::Entity;

/// Share of a column's values that must agree.
const SHARE: f64 = 0.6;

type Test = fn(&str) -> bool;

/// The field a column's values speak for. Values that could be many things (names, cities, ids) speak for none.
pub(crate) fn field_of(entity: Entity, normal_header: &str, values: &[&str]) -> Option<&'static str> {
    if values.is_empty() || is_about_somebody_else(normal_header) {
        return None;
    }
    let share = |test: Test| values.iter().filter(|value| test(value)).count() as f64 / values.len() as f64;
    let contact = entity == Entity::Contact;
    let candidates: [(Test, Option<&'static str>); 6] = [
        (is_email, contact.then_some("email")),
        (is_person_page, contact.then_some("hs_linkedin_url")),
        (is_company_page, (!contact).then_some("linkedin_company_page")),
        (is_phone, Some("phone")),
        (is_domain, Some("domain")),
        (is_web_address, Some("website")),
    ];
    candidates.into_iter().find(|(test, _)| share(*test) >= SHARE).and_then(|(_, field)| field)
}

/// Addresses of the owner, the manager or the sender are not the person's own.
pub(crate) fn is_about_somebody_else(normal_header: &str) -> bool {
    const WORDS: &[&str] = &[
        "owner",
        "manager",
        "assistant",
        "referr",
        "createdby",
        "modifiedby",
        "addedby",
        "updatedby",
        "assigned",
        "salesrep",
        "accountexecutive",
        "supervisor",
        "spouse",
        "sender",
        "replyto",
        "besitzer",
        "proprietaire",
        "propietario",
        "photo",
        "picture",
        "image",
        "avatar",
        "logo",
        "facebook",
        "twitter",
        "fax",
    ];
    WORDS.iter().any(|word| normal_header.contains(word))
}

/// Whether a cell can only be data, never a header.
pub(crate) fn looks_like_data(cell: &str) -> bool {
    let cell = cell.trim();
    is_email(cell)
        || is_person_page(cell)
        || is_company_page(cell)
        || is_phone(cell)
        || cell.starts_with("http://")
        || cell.starts_with("https://")
}

/// Something@host.tld without spaces.
pub(crate) fn is_email(value: &str) -> bool {
    let Some((local, host)) = value.rsplit_once('@') else {
        return false;
    };
    !local.is_empty()
        && host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.')
        && !value.contains(char::is_whitespace)
        && !value.contains('/')
}

pub(crate) fn is_person_page(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    ["linkedin.com/in/", "linkedin.com/pub/", "linkedin.com/mwlite/in/"].iter().any(|part| value.contains(part))
}

pub(crate) fn is_company_page(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    ["linkedin.com/company/", "linkedin.com/school/", "linkedin.com/showcase/", "linkedin.com/sales/company/"]
        .iter()
        .any(|part| value.contains(part))
}

/// A number with a sign of being dialled: `+`, a leading zero, brackets or groups. Bare digits may be ids.
pub(crate) fn is_phone(value: &str) -> bool {
    let value = value.trim().trim_start_matches('\'');
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let allowed = value.chars().all(|char| char.is_ascii_digit() || " +-().\u{a0}/".contains(char));
    let groups = value.split([' ', '-', '.', '(', ')', '/']).filter(|group| !group.is_empty()).count();
    let dialled = value.starts_with('+')
        || value.starts_with("00")
        || value.starts_with('(')
        || (groups >= 3 && !looks_like_date(value));
    (7..=15).contains(&digits) && allowed && dialled
}

fn looks_like_date(value: &str) -> bool {
    let parts: Vec<&str> = value.split(['-', '.', '/', ' ']).collect();
    parts.len() == 3
        && parts.iter().any(|part| part.len() == 4)
        && parts.iter().all(|part| part.len() <= 4)
        && value.len() <= 10
}

/// A bare host name: `acme.co.uk`.
pub(crate) fn is_domain(value: &str) -> bool {
    let value = value.trim().trim_start_matches("www.").trim_start_matches("WWW.");
    let mut labels = value.rsplit('.');
    let top = labels.next().unwrap_or_default();
    let rest: Vec<&str> = labels.collect();
    (2..=24).contains(&top.len())
        && top.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !rest.is_empty()
        && rest.iter().all(|label| !label.is_empty() && label.chars().all(|char| char.is_alphanumeric() || char == '-'))
}

pub(crate) fn is_web_address(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    let host = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
    host.is_some_and(|host| {
        is_domain(host.split(['/', '?', '#', ':']).next().unwrap_or_default()) && !host.contains("linkedin.com/")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_speak_for_their_column() {
        let of = |values: &[&str]| field_of(Entity::Contact, "x1", values);
        assert_eq!(of(&["a@b.co", "c@d.org", "?"]), Some("email"));
        assert_eq!(of(&["https://www.linkedin.com/in/a", "linkedin.com/in/b"]), Some("hs_linkedin_url"));
        assert_eq!(of(&["+49 30 1234567", "(404) 555-8480"]), Some("phone"));
        assert_eq!(of(&["acme.com", "beta.co.uk"]), Some("domain"));
        assert_eq!(of(&["https://acme.com/de", "http://beta.io"]), Some("website"));
        assert_eq!(of(&["10023456", "10023457"]), None);
        assert_eq!(of(&["2024-11-25", "25.11.2024"]), None);
        assert_eq!(field_of(Entity::Contact, "contactowneremail", &["a@b.co"]), None);
    }
}
