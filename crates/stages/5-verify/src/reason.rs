//! Why a record is held or refused, in a sentence a sales person understands, with the date of the next try.

use evergreen_model::{EmailVerdict, Gate, Reason, Verdicts};
use jiff::Timestamp;

use crate::address::Fault;
use crate::typo;

/// The reason of a hold or a refusal; `None` when the record passed. The code is the verdict's own, or `score-too-low`.
#[must_use]
pub fn reason(verdicts: &Verdicts) -> Option<Reason> {
    let (word, next) = match &verdicts.gate {
        Gate::Pass => return None,
        Gate::Hold => ("Held", String::new()),
        Gate::Reject { retry_at } => ("Rejected", format!(" Next try {}.", day(*retry_at, verdicts.at))),
    };
    let (code, why) = why(verdicts);
    let meant = meant(verdicts).map(|address| format!(" Did you mean {address}?")).unwrap_or_default();
    Some(Reason::new(code, format!("{word}: {why}.{meant}{next}")))
}

/// Whether the address itself is proven undeliverable, so that another one should be looked for.
#[must_use]
pub fn definite_invalid(verdicts: &Verdicts) -> bool {
    verdicts.email == EmailVerdict::Invalid
}

fn why(verdicts: &Verdicts) -> (&str, String) {
    let address = verdicts.address.as_deref().unwrap_or("the address");
    let asked = verdicts.domain.as_ref().map(|facts| facts.domain.as_str());
    let domain = asked.or_else(|| address.rsplit_once('@').map(|(_, domain)| domain)).unwrap_or("of the address");
    let code = verdicts.email_reason.as_str();
    if let Some(fault) = Fault::parse(code) {
        return (code, format!("{address} is not an email address, because {fault}"));
    }
    let why = match code {
        "no-email" => "there is no email address".to_owned(),
        "disposable-domain" => format!("{domain} gives out throw-away addresses"),
        "domain-not-found" => format!("the domain {domain} does not exist"),
        "null-mx" => format!("the domain {domain} says that it takes no mail"),
        "no-mail-host" => format!("the domain {domain} has no mail host and no address"),
        "bad-mx" => {
            format!("the domain {domain} names mail hosts that cannot be reached from the internet")
        }
        "address-only" => format!("the domain {domain} names no mail host, so mail may not arrive"),
        "not-asked" => format!("DNS was not asked about {domain}"),
        "dns-timeout" => format!("DNS did not answer in time about {domain}, which says nothing about the address"),
        "dns-servfail" => {
            format!("DNS failed to answer about {domain}, which says nothing about the address")
        }
        "dns-refused" => {
            format!("the DNS resolver refused to answer about {domain}, which says nothing about the address")
        }
        "role-address" => format!("{address} is the address of a function, not of a person"),
        "free-mail" => format!("{address} is a free-mail address, not one of a company"),
        _ if code.starts_with("dns-") => {
            format!("DNS could not answer about {domain}, which says nothing about the address")
        }
        _ => {
            return ("score-too-low", format!("the verification score of {} is too low", verdicts.score));
        }
    };
    (code, why)
}

/// Suggested only where the domain is dead or throw-away (typo domains often are): any other is what its owner says it is.
fn meant(verdicts: &Verdicts) -> Option<String> {
    let doubtful = ["domain-not-found", "null-mx", "no-mail-host", "bad-mx", "address-only", "disposable-domain"];
    verdicts
        .address
        .as_deref()
        .filter(|_| doubtful.contains(&verdicts.email_reason.as_str()))
        .and_then(typo::suggestion)
}

/// `30 Nov`, with the year when it is another one; in UTC.
fn day(date: Timestamp, now: Timestamp) -> String {
    let year = |time: Timestamp| time.strftime("%Y").to_string();
    let format = if year(date) == year(now) { "%-d %b" } else { "%-d %b %Y" };
    date.strftime(format).to_string()
}
