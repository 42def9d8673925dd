//! The gate before the sequencer: verified, owned, in the portal, fitting, not suppressed, not enrolled, not too many of one company.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::{Entity, Gate, Reason, Record, Truth, Verdicts};
use evergreen_ports::Lead;
use jiff::{SignedDuration, Timestamp};

use crate::settings::Settings;

/// A contact that may be handed off.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The contact.
    pub record: &'a Record,
    /// Its company, for name and website.
    pub company: Option<&'a Record>,
    /// Whether the suppression list has its address or domain.
    pub suppressed: bool,
    /// Whether the sequencer has it in any campaign already.
    pub already: bool,
    /// The current time.
    pub now: Timestamp,
}

/// Whom a run has handed off so far; kept over its batches so that the limit per company holds for the whole run.
#[derive(Clone, Debug, Default)]
pub struct Handed {
    per_company: BTreeMap<String, u32>,
    addresses: BTreeSet<String>,
}

impl Handed {
    /// Counts a contact that this run has handed off, e.g. before a crash.
    pub fn count(&mut self, record: &Record) {
        if let Some(email) = record.value("email") {
            self.addresses.insert(email.trim().to_lowercase());
        }
        *self.per_company.entry(company_key(record)).or_default() += 1;
    }
}

/// Whether one contact may enter the sequencer, and with what.
///
/// # Errors
/// The first gate that keeps it out.
pub fn gate(candidate: &Candidate<'_>, settings: &Settings) -> Result<Lead, Reason> {
    let record = candidate.record;
    if !settings.enabled {
        return Err(Reason::new("handoff-off", "handoff is switched off in the settings"));
    }
    if record.entity != Entity::Contact {
        return Err(Reason::new("not-a-contact", "only contacts are handed to a sequencer"));
    }
    if candidate.suppressed {
        return Err(Reason::new("suppressed", "the contact or its company is on the suppression list"));
    }
    if record.value("hs_email_optout").is_some_and(|flag| flag.eq_ignore_ascii_case("true")) {
        return Err(Reason::new("unsubscribed", "the contact has unsubscribed from all email"));
    }
    if candidate.already {
        return Err(Reason::new("already-enrolled", "the contact is in a campaign already"));
    }
    let address = proven_address(record, candidate.now, settings)?;
    if record.fit.as_ref().map(|fit| fit.answer) != Some(Truth::Yes) {
        return Err(Reason::new("no-fit", "the contact is not known to fit the ideal customer profile"));
    }
    if record.owner.is_none() {
        return Err(Reason::new("unowned", "nobody owns the contact, so nobody would answer its reply"));
    }
    if record.portal_id.is_none() {
        return Err(Reason::new("not-in-portal", "the contact is not in HubSpot yet"));
    }
    Ok(lead(candidate, address))
}

/// The gates of a batch, in order, with the limit per company and no address twice.
#[must_use]
pub fn gate_batch(candidates: &[Candidate<'_>], settings: &Settings, handed: &mut Handed) -> Vec<Result<Lead, Reason>> {
    let mut answers = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let answer = gate(candidate, settings).and_then(|lead| {
            if handed.addresses.contains(&lead.email) {
                return Err(Reason::new(
                    "same-address",
                    "another contact with this address was handed off in this run",
                ));
            }
            let taken = handed.per_company.get(&company_key(candidate.record)).copied().unwrap_or(0);
            if taken >= settings.per_company_max {
                return Err(Reason::new(
                    "company-limit",
                    format!("{taken} contacts of this company were handed off in this run"),
                ));
            }
            Ok(lead)
        });
        if answer.is_ok() {
            handed.count(candidate.record);
        }
        answers.push(answer);
    }
    answers
}

/// The address that verification let pass, if its verdict may be mailed and is young enough.
fn proven_address(record: &Record, now: Timestamp, settings: &Settings) -> Result<String, Reason> {
    let Some(Verdicts { email, address: Some(address), gate: Gate::Pass, at, .. }) = &record.verdicts else {
        return Err(Reason::new("not-verified", "verification has not let the contact pass"));
    };
    if !settings.allowed_verdicts.contains(email) {
        return Err(Reason::new(
            format!("verdict-{}", email.as_str().replace('_', "-")),
            format!("the settings do not allow mail to addresses with the verdict {}", email.as_str()),
        ));
    }
    let address = address.trim().to_lowercase();
    if record.value("email").is_some_and(|current| current.trim().to_lowercase() != address) {
        return Err(Reason::new("address-changed", "the address has changed since it was verified"));
    }
    let age = now.duration_since(*at);
    if age > SignedDuration::from_hours(24 * i64::from(settings.max_age_days)) {
        let days = age.as_hours() / 24;
        return Err(Reason::new("verification-old", format!("the address was verified {days} days ago")));
    }
    Ok(address)
}

fn lead(candidate: &Candidate<'_>, email: String) -> Lead {
    let record = candidate.record;
    let own = |field: &str| record.value(field).map(str::to_owned);
    let company = |field: &str| candidate.company.and_then(|company| company.value(field)).map(str::to_owned);
    let mut custom = BTreeMap::from([("evergreen_id".to_owned(), record.evergreen_id.clone())]);
    for field in ["jobtitle", "industry", "city", "country"] {
        if let Some(value) = own(field) {
            custom.insert(field.to_owned(), value);
        }
    }
    if let Some(owner) = &record.owner {
        custom.insert("owner_email".to_owned(), owner.owner_email.clone());
    }
    Lead {
        email,
        firstname: own("firstname"),
        lastname: own("lastname"),
        company: own("company").or_else(|| company("name")),
        website: company("domain").or_else(|| own("domain")),
        phone: own("phone").or_else(|| own("mobilephone")),
        linkedin: own("hs_linkedin_url"),
        custom,
    }
}

/// A contact without a company record is counted under its mail domain.
fn company_key(record: &Record) -> String {
    match record.company {
        Some(company) => format!("record {company}"),
        None => record
            .value("email")
            .and_then(|email| email.rsplit_once('@'))
            .map_or_else(|| format!("contact {}", record.id), |(_, domain)| domain.trim().to_lowercase()),
    }
}
