//! Domains: finds the registrable domain in whatever was typed as website, host or domain.

/// The registrable domain of a web address or host, lower-case and in ASCII: `https://www.Acme.co.uk/about` is `acme.co.uk`.
///
/// Absent for anything that is no host under a public suffix: single words, IP addresses, a bare suffix.
#[must_use]
pub fn domain_key(value: &str) -> Option<String> {
    let host = host(value)?;
    let ascii = if host.is_ascii() { host.to_ascii_lowercase() } else { idna::domain_to_ascii(&host).ok()? };
    if !is_host(&ascii) {
        return None;
    }
    psl::domain_str(&ascii).map(str::to_owned)
}

/// The part of a registrable domain that was chosen freely: `acme` of `acme.co.uk`.
#[must_use]
pub fn domain_label(domain: &str) -> &str {
    domain.split('.').next().unwrap_or(domain)
}

fn host(value: &str) -> Option<String> {
    let mut rest = value.trim().trim_matches(['<', '>', '"', '\'']);
    if let Some((_, after)) = rest.split_once("://") {
        rest = after;
    }
    let rest = rest.trim_start_matches('/');
    let rest = rest.split(['/', '?', '#', '\\', ' ', ',', ';', '|']).next().unwrap_or(rest);
    // `info@acme.com` in a website column still names the host.
    let rest = rest.rsplit('@').next().unwrap_or(rest);
    let rest = rest.split(':').next().unwrap_or(rest).trim_matches('.');
    let rest = rest.trim();
    (!rest.is_empty()).then(|| rest.to_owned())
}

fn is_host(ascii: &str) -> bool {
    ascii.len() <= 253
        && ascii.contains('.')
        && ascii.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_')
        })
        && ascii.rsplit('.').next().is_some_and(|ending| ending.bytes().any(|byte| byte.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_web_address_gives_its_registrable_domain() {
        for (typed, domain) in [
            ("https://www.Acme.co.uk/about?x=1", Some("acme.co.uk")),
            ("www.acme.com.", Some("acme.com")),
            ("HTTP://acme.com:8080", Some("acme.com")),
            ("mail.dept.acme.com", Some("acme.com")),
            ("info@acme.de", Some("acme.de")),
            ("bücher.example", Some("xn--bcher-kva.example")),
            ("acme.myshopify.com", Some("acme.myshopify.com")),
            ("n/a", None),
            ("acme", None),
            ("co.uk", None),
            ("192.168.0.1", None),
            ("", None),
            ("a b.com", None),
        ] {
            assert_eq!(domain_key(typed).as_deref(), domain, "{typed}");
        }
    }
}
