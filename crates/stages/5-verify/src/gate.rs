//! What follows from a verdict and a score: pass, hold for a person, or refuse until a date.

use evergreen_model::{EmailVerdict, Entity, Gate, Record};
use jiff::{SignedDuration, Timestamp};

use crate::Finding;
use crate::settings::{GateChoice, Settings};

/// Decides the gate.
pub(crate) fn decide(finding: &Finding, score: u8, record: &Record, now: Timestamp, settings: &Settings) -> Gate {
    match choice(finding, score, record.entity, settings) {
        GateChoice::Pass => Gate::Pass,
        GateChoice::Hold => Gate::Hold,
        GateChoice::Reject => Gate::Reject { retry_at: retry_at(record, now, settings) },
    }
}

fn choice(finding: &Finding, score: u8, entity: Entity, settings: &Settings) -> GateChoice {
    if entity == Entity::Company {
        // Only a domain that certainly does not exist keeps a company out; a firm without a website is still a firm.
        return if finding.code == "domain-not-found" { GateChoice::Reject } else { GateChoice::Pass };
    }
    match finding.verdict {
        // No score can make these deliverable.
        EmailVerdict::Missing | EmailVerdict::Invalid | EmailVerdict::Disposable => GateChoice::Reject,
        EmailVerdict::Role => settings.role,
        EmailVerdict::Free => settings.free,
        EmailVerdict::Unknown if finding.code != "address-only" => settings.unknown,
        EmailVerdict::Valid | EmailVerdict::AcceptAll | EmailVerdict::Unknown => by_score(score, settings),
    }
}

fn by_score(score: u8, settings: &Settings) -> GateChoice {
    if score >= settings.pass_score {
        GateChoice::Pass
    } else if score >= settings.hold_score {
        GateChoice::Hold
    } else {
        GateChoice::Reject
    }
}

fn retry_at(record: &Record, now: Timestamp, settings: &Settings) -> Timestamp {
    let days = |count: u32| SignedDuration::from_hours(24 * i64::from(count));
    let age = now.duration_since(record.created_at);
    let wait = if age > days(settings.expire_days) { settings.late_retry_days } else { settings.retry_days };
    // The end of time is the only date this cannot be added to.
    now.checked_add(days(wait)).unwrap_or(Timestamp::MAX)
}
