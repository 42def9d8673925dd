//! The verification score, 0 to 100: the verdict's points plus and minus what else is known, from the published table.

use evergreen_model::{DomainFacts, EmailVerdict, Entity, PhoneVerdict};

use crate::Finding;
use crate::settings::Scores;

/// Adds up the score.
pub(crate) fn score(
    finding: &Finding,
    facts: Option<&DomainFacts>,
    phone: Option<&PhoneVerdict>,
    entity: Entity,
    scores: &Scores,
) -> u8 {
    let base = match entity {
        Entity::Contact => address_points(finding, scores),
        Entity::Company => company_points(finding, scores),
    };
    let refused = base == 0 || matches!(finding.verdict, EmailVerdict::Invalid | EmailVerdict::Disposable);
    let mut points = i32::from(base);
    if let Some(facts) = facts.filter(|facts| !refused && facts.failure.is_none() && !facts.mx.is_empty()) {
        points -= if facts.spf { 0 } else { i32::from(scores.no_spf_penalty) };
        points -= if facts.dmarc { 0 } else { i32::from(scores.no_dmarc_penalty) };
    }
    if !refused && phone.is_some_and(|phone| phone.valid) {
        points += i32::from(scores.phone_bonus);
    }
    u8::try_from(points.clamp(0, 100)).unwrap_or(0)
}

fn address_points(finding: &Finding, scores: &Scores) -> u8 {
    match finding.verdict {
        EmailVerdict::Valid => scores.valid,
        EmailVerdict::AcceptAll => scores.accept_all,
        EmailVerdict::Unknown if finding.code == "address-only" => scores.address_only,
        EmailVerdict::Unknown => scores.unknown,
        EmailVerdict::Role => scores.role,
        EmailVerdict::Free => scores.free,
        EmailVerdict::Disposable => scores.disposable,
        EmailVerdict::Invalid => scores.invalid,
        EmailVerdict::Missing => scores.missing,
    }
}

fn company_points(finding: &Finding, scores: &Scores) -> u8 {
    match finding.code.as_str() {
        "domain-exists" => scores.valid,
        "domain-not-found" => scores.invalid,
        _ => scores.unknown,
    }
}
