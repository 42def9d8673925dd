//! Which domains give out throw-away or free mailboxes, and which names before the `@` are a function.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::settings::Settings;

static DISPOSABLE: LazyLock<HashSet<&str>> = LazyLock::new(|| lines(include_str!("../data/disposable-domains.txt")));
static FREE: LazyLock<HashSet<&str>> = LazyLock::new(|| lines(include_str!("../data/free-domains.txt")));
static ROLES: LazyLock<HashSet<&str>> = LazyLock::new(|| lines(include_str!("../data/role-names.txt")));

fn lines(text: &'static str) -> HashSet<&'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// Whether the domain, or one it lies under, gives out throw-away addresses.
pub(crate) fn is_disposable(domain: &str, settings: &Settings) -> bool {
    listed(domain, &DISPOSABLE, &settings.disposable_domains, settings)
}

/// Whether the domain, or one it lies under, gives out free mailboxes.
pub(crate) fn is_free(domain: &str, settings: &Settings) -> bool {
    listed(domain, &FREE, &settings.free_domains, settings)
}

/// Whether the name before the `@` is a function: `sales`, `sales-team`, `Sales+web`.
pub(crate) fn is_role(local: &str, settings: &Settings) -> bool {
    let name = local.to_lowercase();
    let name = name.split('+').next().unwrap_or_default();
    let joined: String = name.chars().filter(|character| !matches!(character, '.' | '-' | '_')).collect();
    let is = |list: &[String], word: &str| list.iter().any(|listed| listed.trim().eq_ignore_ascii_case(word));
    if is(&settings.never_listed, name) {
        return false;
    }
    [name, joined.as_str()].into_iter().any(|word| ROLES.contains(word) || is(&settings.role_names, word))
}

fn listed(domain: &str, built_in: &HashSet<&str>, further: &[String], settings: &Settings) -> bool {
    let is = |list: &[String], name: &str| list.iter().any(|listed| listed.trim().eq_ignore_ascii_case(name));
    // The nearest word wins: `never_listed` on a domain frees what lies under it.
    for name in parents(domain) {
        if is(&settings.never_listed, name) {
            return false;
        }
        if built_in.contains(name) || is(further, name) {
            return true;
        }
    }
    false
}

/// The domain and every domain it lies under, down to two labels.
fn parents(domain: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(domain), |name| name.split_once('.').map(|(_, rest)| rest))
        .filter(|name| name.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subdomain_of_a_listed_domain_is_listed() {
        let settings = Settings::default();
        assert!(is_disposable("mailinator.com", &settings));
        assert!(is_disposable("a.b.mailinator.com", &settings));
        assert!(!is_disposable("acme-mailinator.com", &settings));
        assert!(is_free("gmail.com", &settings) && !is_free("acme.com", &settings));
    }

    #[test]
    fn a_throw_away_domain_is_not_called_free() {
        assert!(!is_free("mailinator.com", &Settings::default()));
    }

    #[test]
    fn a_function_is_found_in_every_spelling_and_a_name_is_not() {
        let settings = Settings::default();
        for local in ["info", "Sales", "sales-team", "no.reply", "support+web", "hr"] {
            assert!(is_role(local, &settings), "{local}");
        }
        for local in ["jane.doe", "paris", "france", "jsales", "alexa", "m.ir"] {
            assert!(!is_role(local, &settings), "{local}");
        }
    }

    #[test]
    fn the_settings_add_to_the_lists_and_take_from_them() {
        let settings = Settings {
            free_domains: vec!["Freebox.example".to_owned()],
            role_names: vec!["frontdesk7".to_owned()],
            never_listed: vec!["gmx.de".to_owned(), "hello".to_owned()],
            ..Settings::default()
        };
        assert!(is_free("freebox.example", &settings) && !is_free("gmx.de", &settings));
        assert!(is_role("frontdesk7", &settings) && !is_role("hello", &settings));
    }
}
