//! What the facts about a domain mean: does it take mail, certainly not, or can it not be said.

use evergreen_model::{DomainFacts, EmailVerdict, MailHost, Record};

use crate::Finding;
use crate::address;

/// The verdict on any address of the domain, as far as DNS can tell.
pub(crate) fn judge(facts: Option<&DomainFacts>) -> Finding {
    let Some(facts) = facts else {
        return Finding::new(EmailVerdict::Unknown, "not-asked");
    };
    if facts.exists == Some(false) {
        return Finding::new(EmailVerdict::Invalid, "domain-not-found");
    }
    if facts.null_mx {
        return Finding::new(EmailVerdict::Invalid, "null-mx");
    }
    if facts.mx.iter().any(is_usable) {
        return Finding::new(EmailVerdict::Valid, "domain-takes-mail");
    }
    if !facts.mx.is_empty() {
        return Finding::new(EmailVerdict::Invalid, "bad-mx");
    }
    // From here on there is no mail host; whether there is none or we could not see it decides.
    if let Some(failure) = &facts.failure {
        return Finding::new(EmailVerdict::Unknown, format!("dns-{failure}"));
    }
    match (facts.has_address, facts.exists) {
        (true, _) => Finding::new(EmailVerdict::Unknown, "address-only"),
        (false, Some(_)) => Finding::new(EmailVerdict::Invalid, "no-mail-host"),
        (false, None) => Finding::new(EmailVerdict::Unknown, "not-asked"),
    }
}

/// A host mail can be brought to from the internet: a name, not a number and not this machine.
fn is_usable(host: &MailHost) -> bool {
    let name = host.host.trim_end_matches('.');
    let top = name.rsplit('.').next().unwrap_or_default();
    name.contains('.')
        && !top.bytes().all(|byte| byte.is_ascii_digit())
        && !top.eq_ignore_ascii_case("localhost")
        && !name.contains(':')
}

/// A company has no address; what can be proven of it is that its domain exists.
pub(crate) fn judge_company(record: &Record, facts: Option<&DomainFacts>) -> Finding {
    let code = match (of_company(record), facts) {
        (None, _) => "company-without-domain",
        (Some(_), Some(facts)) if facts.exists == Some(false) => "domain-not-found",
        (Some(_), Some(facts)) if facts.exists == Some(true) => "domain-exists",
        (Some(_), Some(facts)) if facts.failure.is_some() => "domain-unknown",
        (Some(_), _) => "not-asked",
    };
    Finding::new(EmailVerdict::Missing, code)
}

/// The domain of a company in ASCII, from its domain or its website.
pub(crate) fn of_company(record: &Record) -> Option<String> {
    let given = record.value("domain").or_else(|| record.value("website"))?.trim();
    let host = given.split_once("://").map_or(given, |(_, rest)| rest);
    let host = host.split(['/', '?', '#', ':']).next()?;
    let host = host.rsplit('@').next()?.trim_end_matches('.');
    let host = host.get(..4).filter(|start| start.eq_ignore_ascii_case("www.")).map_or(host, |_| &host[4..]);
    // A host is checked by the rules of a mail domain.
    address::parse(&format!("x@{host}"), true).ok().map(|address| address.domain)
}
