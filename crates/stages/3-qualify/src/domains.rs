//! Mail domains: what stands behind the `@`, the domains above it, and lists and patterns of them.

use std::collections::BTreeSet;

use evergreen_model::mailbox::{is_free_mail, upward};

/// The domain of an address, lower case.
pub(crate) fn of_address(address: &str) -> Option<String> {
    let (_, domain) = address.rsplit_once('@')?;
    bare(domain)
}

/// A host name or web address as a bare lower-case domain, without `www.`.
pub(crate) fn bare(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let text = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    let host = text.split(['/', '?', '#', ':']).next().unwrap_or_default().trim_end_matches('.');
    let host = host.strip_prefix("www.").unwrap_or(host);
    (host.contains('.') && !host.contains(char::is_whitespace)).then(|| host.to_owned())
}

/// The domain that somebody registered: `acme.co.uk` for `mail.acme.co.uk`.
pub(crate) fn registered(domain: &str) -> Option<&str> {
    psl::domain_str(domain)
}

/// A set of domains, in which subdomains are found too.
#[derive(Clone, Debug, Default)]
pub(crate) struct Domains(BTreeSet<String>);

impl Domains {
    pub(crate) fn new<'a>(domains: impl IntoIterator<Item = &'a str>) -> Self {
        Domains(domains.into_iter().filter_map(bare).collect())
    }

    /// The entry under which a domain is listed.
    pub(crate) fn find(&self, domain: &str) -> Option<&str> {
        upward(domain).find_map(|domain| self.0.get(domain)).map(String::as_str)
    }
}

/// Whether a domain, or one above it, gives a mailbox to anyone, by the well-known ones or `more`.
pub(crate) fn is_free(domain: &str, more: &Domains) -> bool {
    upward(domain).any(is_free_mail) || more.find(domain).is_some()
}

/// Whether a domain, or one above it, looks like the pattern.
pub(crate) fn looks_like(domain: &str, pattern: &str) -> bool {
    upward(domain).any(|domain| glob(domain.as_bytes(), pattern.to_lowercase().as_bytes()))
}

/// `*` is any letters, `?` one.
fn glob(text: &[u8], pattern: &[u8]) -> bool {
    let (mut at, mut in_pattern) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(in_pattern) {
            Some(b'*') => {
                retry = Some((at, in_pattern + 1));
                in_pattern += 1;
            }
            Some(&letter) if letter == b'?' || letter == text[at] => {
                at += 1;
                in_pattern += 1;
            }
            _ => match retry {
                // The last star takes one letter more.
                Some((from, resume)) => {
                    at = from + 1;
                    retry = Some((at, resume));
                    in_pattern = resume;
                }
                None => return false,
            },
        }
    }
    pattern[in_pattern..].iter().all(|letter| *letter == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Reject;

    #[test]
    fn subdomains_are_listed_with_their_parent_and_strangers_are_not() {
        let domains = Domains::new(["Acme.com", "www.other.co.uk"]);
        assert_eq!(domains.find("mail.acme.com"), Some("acme.com"));
        assert_eq!(domains.find("other.co.uk"), Some("other.co.uk"));
        assert_eq!(domains.find("notacme.com"), None);
        assert_eq!(domains.find("com"), None);
    }

    #[test]
    fn free_mail_is_what_everybody_knows_and_what_the_settings_add() {
        let more = Domains::new(["posta.example"]);
        for domain in ["gmail.com", "gmx.de", "yahoo.co.uk", "austin.rr.com", "posta.example", "mx.posta.example"] {
            assert!(is_free(domain, &more), "{domain}");
        }
        assert!(!is_free("acme.com", &more));
    }

    #[test]
    fn universities_look_like_universities_and_companies_do_not() {
        let student =
            |domain: &str| Reject::default().student_domains.iter().any(|pattern| looks_like(domain, pattern));
        for domain in [
            "mit.edu",
            "g.ucla.edu",
            "ox.ac.uk",
            "student.manchester.ac.uk",
            "uni-koeln.de",
            "cs.uni-bonn.de",
            "stud.ntnu.no",
            "unsw.edu.au",
        ] {
            assert!(student(domain), "{domain}");
        }
        for domain in
            ["acme.com", "education.com", "student.com", "unilever.com", "community-bank.com", "ac.com", "edu-tech.io"]
        {
            assert!(!student(domain), "{domain}");
        }
    }

    #[test]
    fn odd_texts_are_no_domains() {
        assert_eq!(of_address("jane"), None);
        assert_eq!(of_address("jane@"), None);
        assert_eq!(of_address("Jane@Mail.Acme.com "), Some("mail.acme.com".to_owned()));
        assert_eq!(bare("https://www.acme.com/en?x=1"), Some("acme.com".to_owned()));
        assert_eq!(bare("n/a"), None);
    }
}
