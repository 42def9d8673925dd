//! Mailboxes that say little about a person or an employer: free-mail and throw-away domains, and names before the `@` that are a function.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

static FREE_MAIL: LazyLock<HashSet<&str>> = LazyLock::new(|| lines(include_str!("../data/free-mail.txt")).collect());
static DISPOSABLE: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lines(include_str!("../data/disposable-domains.txt")).collect());
/// Names of functions, and whether they may lead longer names.
static ROLES: LazyLock<HashMap<&str, bool>> = LazyLock::new(|| {
    let entry = |line: &'static str| line.strip_suffix(" *").map_or((line, false), |name| (name, true));
    lines(include_str!("../data/role-names.txt")).map(entry).collect()
});

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Whether exactly this lower-case domain is well known to give a mailbox to anyone; see [`upward`] for subdomains.
#[must_use]
pub fn is_free_mail(domain: &str) -> bool {
    let brand = || domain.split_once('.').filter(|(_, ending)| is_usual_ending(ending)).map(|(name, _)| name);
    FREE_MAIL.contains(domain) || brand().is_some_and(|name| FREE_MAIL.contains(format!("{name}.*").as_str()))
}

/// `com`, `net`, `org`, `de`, `co.uk`, `com.br`: the endings a service takes to be at home in a country.
fn is_usual_ending(ending: &str) -> bool {
    let is_country = |ending: &str| ending.len() == 2;
    match ending.split_once('.') {
        Some((second, country)) => matches!(second, "co" | "com") && is_country(country),
        None => matches!(ending, "com" | "net" | "org") || is_country(ending),
    }
}

/// Whether exactly this lower-case domain gives out throw-away addresses; see [`upward`] for subdomains.
#[must_use]
pub fn is_disposable(domain: &str) -> bool {
    DISPOSABLE.contains(domain)
}

/// Whether the name before the `@` is a function: `sales`, `no-reply`, `Human.Resources`, `support+web`.
#[must_use]
pub fn is_role(local: &str) -> bool {
    let name = without_tag(local);
    ROLES.contains_key(name.as_str()) || ROLES.contains_key(without_marks(&name).as_str())
}

/// Whether the name before the `@` begins with a function and says more after it: `sales.emea`, `info_de`.
#[must_use]
pub fn begins_with_role(local: &str) -> bool {
    let name = without_tag(local);
    name.split_once(['.', '_']).is_some_and(|(first, _)| ROLES.get(first).is_some_and(|leads| *leads))
}

/// The name before the `@` in lower case and without `+tag`.
#[must_use]
pub fn without_tag(local: &str) -> String {
    local.split('+').next().unwrap_or_default().to_lowercase()
}

/// A name before the `@` without dots, hyphens and underscores.
#[must_use]
pub fn without_marks(name: &str) -> String {
    name.replace(['.', '-', '_'], "")
}

/// The domain and every domain it lies under that still has a dot: `mail.acme.com`, `acme.com`.
pub fn upward(domain: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(domain), |domain| domain.split_once('.').map(|(_, rest)| rest))
        .filter(|domain| domain.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_mail_is_known_in_every_country_and_companies_are_not_free_mail() {
        for domain in ["gmail.com", "yahoo.co.uk", "hotmail.fr", "hotmail.com.ar", "gmx.net", "qq.com", "21cn.com"] {
            assert!(is_free_mail(domain), "{domain}");
        }
        for domain in ["acme.com", "yahoo-fans.com", "live-nation.com", "live.bbc.uk", "live.events", "com", ""] {
            assert!(!is_free_mail(domain), "{domain}");
        }
    }

    #[test]
    fn no_domain_is_both_free_and_throw_away() {
        assert!(is_disposable("mailinator.com") && !is_free_mail("mailinator.com"));
        assert_eq!(DISPOSABLE.iter().find(|domain| is_free_mail(domain)), None);
    }

    #[test]
    fn a_function_is_found_in_every_spelling_and_a_name_is_not() {
        for local in ["info", "Sales", "sales-team", "no.reply", "no-reply", "support+web", "hr"] {
            assert!(is_role(local), "{local}");
        }
        for local in ["jane.doe", "paris", "france", "jsales", "alexa", "m.ir", "+x", ""] {
            assert!(!is_role(local), "{local}");
        }
    }

    #[test]
    fn a_function_may_lead_a_longer_name_but_short_and_personal_words_may_not() {
        assert!(begins_with_role("sales.emea") && begins_with_role("Info_de"));
        for local in ["it.jones", "dev.patel", "salesny", "sales", "jane.sales"] {
            assert!(!begins_with_role(local), "{local}");
        }
    }

    #[test]
    fn a_domain_lies_under_its_parents_down_to_two_labels() {
        assert_eq!(upward("a.mail.acme.com").collect::<Vec<_>>(), ["a.mail.acme.com", "mail.acme.com", "acme.com"]);
        assert_eq!(upward("com").count(), 0);
    }
}
