//! Email addresses: the tidy form we keep, the key two records are compared by, and which mailboxes are nobody's own.

use std::collections::HashSet;
use std::sync::LazyLock;

use evergreen_model::mailbox;

use super::text::lines;

static FILLERS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    lines(include_str!("../../data/placeholder-locals.txt")).flat_map(str::split_whitespace).collect()
});

/// Host names that documents and tests use and nobody receives mail at.
const FILLER_DOMAINS: [&str; 9] = [
    "example.com",
    "example.org",
    "example.net",
    "test.com",
    "none.com",
    "noemail.com",
    "unknown.com",
    "domain.com",
    "email.invalid",
];

/// An address without its wrapping, trimmed and in lower case: `"Jo" <mailto:Jo@ACME.com>` is `jo@acme.com`.
///
/// Anything without `@` is kept as typed, so that verification can say what is wrong with it.
#[must_use]
pub fn tidy_email(value: &str) -> String {
    let mut rest = value.trim();
    if let (Some(open), Some(close)) = (rest.rfind('<'), rest.rfind('>'))
        && open < close
        && rest[open..close].contains('@')
    {
        rest = &rest[open + 1..close];
    }
    let mut lower = rest.trim().to_lowercase();
    while let Some(after) = lower.strip_prefix("mailto:") {
        lower = after.trim().to_owned();
    }
    let trimmed = lower.trim_matches([' ', '<', '>', '"', '\'', ',', ';', '.', ':', '(', ')']);
    if trimmed.contains('@') { trimmed.to_owned() } else { lower.trim().to_owned() }
}

/// The key by which two addresses are one mailbox: without `+tag`, and without dots where the provider ignores them.
///
/// Absent for what is no address and for fillers such as `none@none.com`.
#[must_use]
pub fn email_key(value: &str) -> Option<String> {
    let tidy = tidy_email(value);
    let (local, domain) = tidy.rsplit_once('@')?;
    let domain = match domain.trim_matches('.') {
        "googlemail.com" => "gmail.com",
        other => other,
    };
    let before_tag = local.split('+').next().unwrap_or(local);
    let local = if before_tag.is_empty() { local } else { before_tag };
    let spaced = tidy.chars().any(char::is_whitespace);
    if local.is_empty() || !domain.contains('.') || spaced || local.contains('@') || is_filler(local, domain) {
        return None;
    }
    let local = if domain == "gmail.com" { local.replace('.', "") } else { local.to_owned() };
    (!local.is_empty()).then(|| format!("{local}@{domain}"))
}

fn is_filler(local: &str, domain: &str) -> bool {
    let repeated = domain.split('.').next() == Some(local);
    let known_host = FILLER_DOMAINS.contains(&domain);
    (FILLERS.contains(local) && (repeated || known_host || is_free_mail(domain) || local.len() > 4 || local.len() < 3))
        || (known_host && (FILLERS.contains(local) || repeated))
}

/// Whether anybody can have an address there, free or throw-away, so that the domain says nothing about the employer.
#[must_use]
pub fn is_free_mail(domain: &str) -> bool {
    mailbox::is_free_mail(domain) || mailbox::is_disposable(domain)
}

/// Whether the part before the `@` is a task or a team, as in `info@` or `sales.emea@`.
#[must_use]
pub fn is_role(local: &str) -> bool {
    mailbox::is_role(local) || mailbox::begins_with_role(local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_and_case_go() {
        for (typed, tidy) in [
            (" Jo@ACME.com ", "jo@acme.com"),
            ("\"Jo Doe\" <mailto:Jo@ACME.com>", "jo@acme.com"),
            ("mailto:jo@acme.com", "jo@acme.com"),
            ("jo@acme.com;", "jo@acme.com"),
            ("not an address", "not an address"),
        ] {
            assert_eq!(tidy_email(typed), tidy, "{typed}");
        }
    }

    #[test]
    fn one_mailbox_has_one_key() {
        for (typed, key) in [
            ("Jo.Doe+news@gmail.com", Some("jodoe@gmail.com")),
            ("jodoe@googlemail.com", Some("jodoe@gmail.com")),
            ("jo.doe+x@acme.com", Some("jo.doe@acme.com")),
            ("none@none.com", None),
            ("noemail@noemail.com", None),
            ("unknown@unknown.com", None),
            ("test@test.com", None),
            ("no-reply@example.com", None),
            ("jane@example.com", Some("jane@example.com")),
            ("n/a", None),
            ("jo@acme", None),
            ("jo doe@acme.com", None),
            ("info@acme.com", Some("info@acme.com")),
        ] {
            assert_eq!(email_key(typed).as_deref(), key, "{typed}");
        }
    }

    #[test]
    fn free_mail_is_known_in_every_country() {
        for domain in ["gmail.com", "yahoo.co.uk", "hotmail.fr", "qq.com", "outlook.com"] {
            assert!(is_free_mail(domain), "{domain}");
        }
        for domain in ["acme.com", "yahoo-fans.com", "live-nation.com"] {
            assert!(!is_free_mail(domain), "{domain}");
        }
    }

    #[test]
    fn role_mailboxes_are_told_from_people() {
        assert!(is_role("info") && is_role("sales.emea") && is_role("no-reply"));
        assert!(!is_role("it.jones") && !is_role("salesny") && !is_role("jane"));
    }
}
