//! When is a record due again? One function per way of coming to rest.

use evergreen_model::{Entity, Record, Stage};
use jiff::{SignedDuration, Timestamp};

use crate::settings::Settings;
use crate::spread::place;

/// How a record came to rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It went through: written or already right.
    Settled,
    /// It was refused.
    Rejected {
        /// When the refusing stage wants it tried again; without it, `reject_days` from now.
        retry_at: Option<Timestamp>,
    },
    /// A gate kept it out of the sequencer; it is offered again.
    Gated,
    /// Something happened to it outside (a bounce, a job change, an edit in the CRM): it is due at once.
    Changed,
}

/// When the record is due again. Same record, event and time, same answer; never before `now`.
#[must_use]
pub fn due(record: &Record, event: Event, now: Timestamp, settings: &Settings) -> Timestamp {
    match event {
        Event::Settled => later(now, refresh_seconds(record, settings)),
        Event::Rejected { retry_at } => {
            let expires = later(record.created_at, days(settings.reject_expires_days));
            if now >= expires {
                later(now, refresh_seconds(record, settings))
            } else {
                retry_at.unwrap_or_else(|| later(now, days(settings.reject_days))).max(now)
            }
        }
        Event::Gated => later(now, days(settings.handoff_days)),
        Event::Changed => now,
    }
}

/// The first due date of a record that the portal already had: anywhere within the whole interval, so that a portal of
/// 100,000 contacts is refreshed a little every day from the first day on. Later than `now`, at most one interval.
#[must_use]
pub fn after_reading_portal(record: &Record, now: Timestamp, settings: &Settings) -> Timestamp {
    let whole = match record.entity {
        Entity::Contact => days(settings.contact_days_max.max(settings.contact_days_min)),
        Entity::Company => days(settings.company_days),
    };
    let share = place(&record.evergreen_id, "portal");
    later(now, ((whole as f64 * share) as i64).max(1))
}

/// Whether a record at rest is to be taken into a run now. Records that wait for a person, are suppressed or live on in
/// another record are never due.
#[must_use]
pub fn is_due(record: &Record, now: Timestamp) -> bool {
    matches!(record.stage, Stage::Settled | Stage::Rejected) && record.due <= now
}

/// A record's own refresh interval, in seconds: its place between the two bounds.
fn refresh_seconds(record: &Record, settings: &Settings) -> i64 {
    let (earliest, latest) = match record.entity {
        Entity::Contact => (days(settings.contact_days_min), days(settings.contact_days_max)),
        // A tenth to either side.
        Entity::Company => (days(settings.company_days) * 9 / 10, days(settings.company_days) * 11 / 10),
    };
    let width = (latest - earliest).max(0);
    earliest + (width as f64 * place(&record.evergreen_id, "refresh")) as i64
}

const fn days(count: u32) -> i64 {
    count as i64 * 86_400
}

/// `seconds` after `from`; stays at the end of time rather than failing.
fn later(from: Timestamp, seconds: i64) -> Timestamp {
    from.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}
