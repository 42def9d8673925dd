//! Stage 5, verify: turns what DNS and parsing say into verdicts, a score and a gate.
//!
//! In: a record and what DNS says of its domain. Out: [`Verdicts`]. The order of questions is: is there an address, is it
//! written correctly, is it throw-away, does its domain take mail, is it a function, is it free mail. What goes wrong on our
//! side (a dead resolver) is never read as a fact about the address.

pub mod address;
mod country;
mod domain;
mod gate;
mod lists;
mod phone;
mod reason;
mod score;
pub mod settings;
mod typo;

use evergreen_model::{DomainFacts, EmailVerdict, Entity, Record, Verdicts};
use jiff::Timestamp;

pub use reason::{definite_invalid, reason};
pub use settings::Settings;
pub use typo::suggestion;

/// What a judgement is made from.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The contact or company.
    pub record: &'a Record,
    /// What DNS says of the domain that [`domain_of`] names; `None` when nobody asked.
    pub facts: Option<&'a DomainFacts>,
    /// The time of the judgement.
    pub now: Timestamp,
}

/// A verdict on an address with its stable code.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    verdict: EmailVerdict,
    code: String,
}

impl Finding {
    fn new(verdict: EmailVerdict, code: impl Into<String>) -> Self {
        Finding { verdict, code: code.into() }
    }
}

/// The domain to ask DNS about, in ASCII and lower case: of a contact the domain of its address, of a company its own.
/// `None` when there is nothing to ask, because the address is missing or written wrongly.
#[must_use]
pub fn domain_of(record: &Record) -> Option<String> {
    match record.entity {
        // Reserved names are let through here: asking costs nothing and `judge` knows the settings.
        Entity::Contact => {
            address::parse(&address::clean(record.value("email")?), true).ok().map(|address| address.domain)
        }
        Entity::Company => domain::of_company(record),
    }
}

/// Judges a record: its address (of a contact) or its domain (of a company), and its phone.
#[must_use]
pub fn judge(input: &Input<'_>, settings: &Settings) -> Verdicts {
    let Input { record, facts, now } = *input;
    let facts = facts.filter(|facts| domain_of(record).is_some_and(|domain| domain == facts.domain));
    let (finding, address) = match record.entity {
        Entity::Contact => judge_address(record, facts, settings),
        Entity::Company => (domain::judge_company(record, facts), None),
    };
    let phone = phone::judge(record, settings);
    let score = score::score(&finding, facts, phone.as_ref(), record.entity, &settings.scores);
    Verdicts {
        gate: gate::decide(&finding, score, record, now, settings),
        email: finding.verdict,
        email_reason: finding.code,
        address,
        domain: facts.cloned(),
        phone,
        score,
        at: now,
    }
}

fn judge_address(record: &Record, facts: Option<&DomainFacts>, settings: &Settings) -> (Finding, Option<String>) {
    let given = record.value("email").map(address::clean).unwrap_or_default();
    if given.is_empty() {
        return (Finding::new(EmailVerdict::Missing, "no-email"), None);
    }
    let address = match address::parse(&given, settings.allow_reserved_domains) {
        Ok(address) => address,
        Err(fault) => {
            return (Finding::new(EmailVerdict::Invalid, fault.code()), Some(given));
        }
    };
    let finding = if lists::is_disposable(&address.domain, settings) {
        Finding::new(EmailVerdict::Disposable, "disposable-domain")
    } else {
        let on_domain = domain::judge(facts);
        if on_domain.verdict != EmailVerdict::Valid {
            on_domain
        } else if lists::is_role(&address.local, settings) {
            Finding::new(EmailVerdict::Role, "role-address")
        } else if lists::is_free(&address.domain, settings) {
            Finding::new(EmailVerdict::Free, "free-mail")
        } else {
            on_domain
        }
    };
    (finding, Some(address.normal()))
}
