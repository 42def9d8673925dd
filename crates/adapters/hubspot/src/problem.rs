//! What can go wrong with the portal as a whole, in words for people; a single refused record is an outcome, not a problem.

use evergreen_model::{Problem, Remedy};
use evergreen_ports::{OutboundError, PortalError};
use jiff::{SignedDuration, Timestamp};

use crate::wire::Refusal;

/// EG-PORTAL-001: the token is missing, wrong, expired or revoked.
pub(crate) fn wrong_token(refusal: &Refusal) -> PortalError {
    PortalError::Denied(Problem::new(
        "EG-PORTAL-001",
        Remedy::FixSettings,
        "HubSpot does not accept the token",
        said(refusal),
        "make a service key under Development → Keys → Service keys and put it into HUBSPOT_TOKEN",
    ))
}

/// EG-PORTAL-002: the token works but lacks a scope.
pub(crate) fn missing_scope(refusal: &Refusal, call: &str) -> PortalError {
    let scopes = if refusal.scopes.is_empty() {
        "the scope that HubSpot names for it".to_owned()
    } else {
        refusal.scopes.join(", ")
    };
    PortalError::Denied(Problem::new(
        "EG-PORTAL-002",
        Remedy::FixSettings,
        format!("HubSpot does not let us call {call}"),
        said(refusal),
        format!("give the key {scopes} in HubSpot, then run `evergreen check`"),
    ))
}

/// EG-PORTAL-003: still too fast after all waits.
pub(crate) fn too_fast(refusal: &Refusal) -> PortalError {
    PortalError::Unavailable(Problem::new(
        "EG-PORTAL-003",
        Remedy::RetryLater,
        "HubSpot keeps answering that we are too fast",
        said(refusal),
        "other apps may use up the account's limit: lower portal.share_percent, or run again later; nothing is lost",
    ))
}

/// EG-PORTAL-004: the account's calls of today are used up.
pub(crate) fn day_used_up(refusal: &Refusal, until: Timestamp) -> PortalError {
    used_up(said(refusal), Some(until))
}

/// EG-PORTAL-004 again, without asking: the portal has said so today already.
pub(crate) fn day_still_used_up(until: Option<Timestamp>) -> PortalError {
    used_up("HubSpot has said so already, and asking again would only count as one more error".to_owned(), until)
}

fn used_up(why: String, until: Option<Timestamp>) -> PortalError {
    let when = until.map_or_else(String::new, |until| format!(" ({} UTC at the earliest)", until.strftime("%F %R")));
    PortalError::Unavailable(Problem::new(
        "EG-PORTAL-004",
        Remedy::RetryLater,
        "the HubSpot account has used up its calls of today",
        why,
        format!("run again after midnight in the portal's time zone{when}; the run goes on where it stopped"),
    ))
}

/// EG-PORTAL-011: background work stops so that handoffs and syncs still have calls today.
pub(crate) fn day_reserved(left: u64, limit: u64) -> PortalError {
    PortalError::Unavailable(Problem::new(
        "EG-PORTAL-011",
        Remedy::RetryLater,
        "background work in HubSpot stops for today",
        format!("only {left} of the account's {limit} calls of today are left, and they are kept for handoffs and syncs"),
        "run again after midnight in the portal's time zone; handoffs and syncs go on meanwhile",
    ))
}

/// EG-PORTAL-012: the account is being moved to another data centre.
pub(crate) fn moving_house(refusal: &Refusal, wait: SignedDuration) -> PortalError {
    PortalError::Unavailable(Problem::new(
        "EG-PORTAL-012",
        Remedy::RetryLater,
        "the HubSpot account is being moved to another data centre",
        said(refusal),
        format!("run again in {} minutes or more; a move can take a day, and nothing is lost", (wait.as_secs() + 59) / 60),
    ))
}

/// EG-PORTAL-013: the portal has uninstalled the app or withdrawn its consent.
pub(crate) fn consent_withdrawn(refusal: &Refusal) -> PortalError {
    PortalError::Denied(Problem::new(
        "EG-PORTAL-013",
        Remedy::AskPerson,
        "the HubSpot account no longer lets this app in",
        said(refusal),
        "an admin of the account must install the app again; until then nothing is read or written",
    ))
}

/// EG-PORTAL-014: the app itself is set up wrongly.
pub(crate) fn app_refused(refusal: &Refusal, error: &str) -> PortalError {
    let why = if error.is_empty() { said(refusal) } else { format!("{} ({error})", said(refusal)) };
    PortalError::Denied(Problem::new(
        "EG-PORTAL-014",
        Remedy::FixSettings,
        "HubSpot gives this app no token",
        why,
        "compare client id, client secret, redirect address and scopes with the app in HubSpot; a code works only once",
    ))
}

/// EG-PORTAL-015: a search that HubSpot would not take.
pub(crate) fn search_too_large(why: impl Into<String>) -> PortalError {
    PortalError::Odd(Problem::new(
        "EG-PORTAL-015",
        Remedy::ReportBug,
        "a search is larger than HubSpot takes",
        why,
        "use fewer filters or shorter values, or read by id instead of searching",
    ))
}

/// EG-PORTAL-016: the token works but can not do all that is configured.
pub(crate) fn scopes_missing(missing: &[crate::scopes::Missing]) -> Problem {
    let list: Vec<String> = missing.iter().map(ToString::to_string).collect();
    let scopes: std::collections::BTreeSet<&str> = missing.iter().map(|missing| missing.scope.as_str()).collect();
    Problem::new(
        "EG-PORTAL-016",
        Remedy::FixSettings,
        "the HubSpot token can not do all that is asked of it",
        list.join("; "),
        format!("give the key {} in HubSpot, then run `evergreen check`", scopes.into_iter().collect::<Vec<_>>().join(", ")),
    )
}

/// EG-PORTAL-005: HubSpot fails on its own side.
pub(crate) fn outage(status: u16, refusal: &Refusal, call: &str) -> PortalError {
    PortalError::Unavailable(Problem::new(
        "EG-PORTAL-005",
        Remedy::RetryLater,
        format!("HubSpot failed on {call}: status {status}"),
        said(refusal),
        "see status.hubspot.com and run again later; the run goes on where it stopped",
    ))
}

/// EG-PORTAL-006 to 008: no answer came at all.
pub(crate) fn no_answer(error: &OutboundError, base_url: &str) -> PortalError {
    match error {
        OutboundError::Unreachable(text) => PortalError::Unavailable(Problem::new(
            "EG-PORTAL-006",
            Remedy::RetryLater,
            format!("HubSpot cannot be reached at {base_url}"),
            text.clone(),
            "check the network and HUBSPOT_BASE_URL, then run again",
        )),
        OutboundError::Forbidden(text) => PortalError::Denied(Problem::new(
            "EG-PORTAL-007",
            Remedy::FixSettings,
            format!("the address {base_url} is not allowed"),
            text.clone(),
            "point HUBSPOT_BASE_URL to HubSpot, or allow private addresses if this is a sandbox",
        )),
        OutboundError::Timeout(text) | OutboundError::Broken(text) | OutboundError::Open(text) => {
            PortalError::Unavailable(Problem::new(
                "EG-PORTAL-008",
                Remedy::RetryLater,
                "HubSpot does not answer",
                text.clone(),
                "run again later; what was sent is looked up first, so nothing is made twice",
            ))
        }
    }
}

/// EG-PORTAL-009: an answer we do not understand.
pub(crate) fn odd(call: &str, why: impl Into<String>) -> PortalError {
    PortalError::Odd(Problem::new(
        "EG-PORTAL-009",
        Remedy::ReportBug,
        format!("HubSpot answered {call} with something unexpected"),
        why,
        "check that HUBSPOT_BASE_URL is HubSpot's API and not a web page or a proxy; else report it with this text",
    ))
}

/// EG-PORTAL-010: HubSpot refuses a call that is not about single records.
pub(crate) fn refused(status: u16, refusal: &Refusal, call: &str) -> PortalError {
    PortalError::Odd(Problem::new(
        "EG-PORTAL-010",
        Remedy::ReportBug,
        format!("HubSpot refused {call}: status {status}"),
        said(refusal),
        "correct what the message names in HubSpot or the settings; else report it with this text",
    ))
}

fn said(refusal: &Refusal) -> String {
    let message = if refusal.message.is_empty() { "HubSpot gave no reason" } else { &refusal.message };
    match &refusal.correlation_id {
        Some(id) => format!("HubSpot says: {message} (correlation {id})"),
        None => format!("HubSpot says: {message}"),
    }
}
