//! What verification says of an email, a domain and a phone.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An answer in three values: a rule over missing data is not "no".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Truth {
    /// Holds.
    Yes,
    /// Does not hold.
    No,
    /// Cannot be said yet: a field is missing.
    Unknown,
}

/// One mail host of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailHost {
    /// MX preference; lower is tried first.
    pub preference: u16,
    /// Host name without trailing dot.
    pub host: String,
}

/// What DNS says of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainFacts {
    /// The domain asked for, ASCII, lower case.
    pub domain: String,
    /// False for NXDOMAIN; unset when the resolver could not say.
    pub exists: Option<bool>,
    /// Mail hosts in order of preference.
    pub mx: Vec<MailHost>,
    /// RFC 7505: the domain says it takes no mail.
    pub null_mx: bool,
    /// Has an A or AAAA record (the RFC 5321 fallback when there is no MX).
    pub has_address: bool,
    /// Publishes an SPF record.
    pub spf: bool,
    /// Publishes a DMARC record.
    pub dmarc: bool,
    /// Why the resolver could not say: `timeout`, `servfail`, `refused`.
    pub failure: Option<String>,
}

/// The verdict on an address, in the industry's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailVerdict {
    /// Everything we could ask says yes.
    Valid,
    /// Mail cannot be delivered.
    Invalid,
    /// The domain takes mail for any name.
    AcceptAll,
    /// Could not be decided.
    Unknown,
    /// A throw-away domain.
    Disposable,
    /// A function, not a person: `info@`.
    Role,
    /// A free-mail address: may be a person, is no company address.
    Free,
    /// There is no address.
    Missing,
}

impl EmailVerdict {
    /// The word in tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            EmailVerdict::Valid => "valid",
            EmailVerdict::Invalid => "invalid",
            EmailVerdict::AcceptAll => "accept_all",
            EmailVerdict::Unknown => "unknown",
            EmailVerdict::Disposable => "disposable",
            EmailVerdict::Role => "role",
            EmailVerdict::Free => "free",
            EmailVerdict::Missing => "missing",
        }
    }
}

/// The verdict on a phone number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneVerdict {
    /// Parses and is valid for its region.
    pub valid: bool,
    /// International form, when it parses.
    pub e164: Option<String>,
    /// ISO 3166 region, when known.
    pub region: Option<String>,
    /// `mobile`, `fixed`, `fixed_or_mobile`, `voip`, `toll_free`, `premium`, `other`.
    pub line_type: String,
    /// Why it is not valid, for people.
    pub note: Option<String>,
}

/// What the gate decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "gate", rename_all = "lowercase")]
pub enum Gate {
    /// May be written and handed off.
    Pass,
    /// A person decides.
    Hold,
    /// Refused until the retry date.
    Reject {
        /// When it is tried again.
        retry_at: Timestamp,
    },
}

/// Everything verification said of one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdicts {
    /// Verdict on the address.
    pub email: EmailVerdict,
    /// Why, in a stable code: `domain-not-found`, `null-mx`, `syntax-…`.
    pub email_reason: String,
    /// The address the verdict is about.
    pub address: Option<String>,
    /// What DNS said of its domain.
    pub domain: Option<DomainFacts>,
    /// Verdict on the phone, when there is one.
    pub phone: Option<PhoneVerdict>,
    /// Verification score, 0 to 100.
    pub score: u8,
    /// What follows.
    pub gate: Gate,
    /// When it was asked.
    pub at: Timestamp,
}
