//! Which domains give out throw-away or free mailboxes, and which names before the `@` are a function.

use std::collections::HashSet;
use std::sync::LazyLock;

use evergreen_model::mailbox::{self, upward};

use crate::settings::Settings;

/// Rarer than the ones the model knows: enough to label an address, not to refuse or merge a record.
static RARE_FREE: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("../data/free-domains.txt").lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
});

/// Whether the domain, or one it lies under, gives out throw-away addresses.
pub(crate) fn is_disposable(domain: &str, settings: &Settings) -> bool {
    listed(domain, mailbox::is_disposable, &settings.disposable_domains, settings)
}

/// Whether the domain, or one it lies under, gives out free mailboxes.
pub(crate) fn is_free(domain: &str, settings: &Settings) -> bool {
    let built_in = |name: &str| mailbox::is_free_mail(name) || RARE_FREE.contains(name);
    listed(domain, built_in, &settings.free_domains, settings)
}

/// Whether the name before the `@` is a function: `sales`, `sales-team`, `Sales+web`.
pub(crate) fn is_role(local: &str, settings: &Settings) -> bool {
    let name = mailbox::without_tag(local);
    if among(&settings.never_listed, &name) {
        return false;
    }
    let joined = mailbox::without_marks(&name);
    mailbox::is_role(&name) || [name, joined].iter().any(|word| among(&settings.role_names, word))
}

fn listed(domain: &str, built_in: impl Fn(&str) -> bool, further: &[String], settings: &Settings) -> bool {
    // The nearest word wins: `never_listed` on a domain frees what lies under it.
    for name in upward(domain) {
        if among(&settings.never_listed, name) {
            return false;
        }
        if built_in(name) || among(further, name) {
            return true;
        }
    }
    false
}

fn among(list: &[String], word: &str) -> bool {
    list.iter().any(|listed| listed.trim().eq_ignore_ascii_case(word))
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
