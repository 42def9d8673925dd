//! What can go wrong with the sequencer as a whole, in words for people; a single refused lead is an outcome.

use evergreen_model::{Problem, Remedy};
use evergreen_ports::{OutboundError, SequencerError};

/// EG-SEQUENCER-001: the key is wrong.
pub(super) fn wrong_key(message: &str) -> SequencerError {
    SequencerError(Problem::new(
        "EG-SEQUENCER-001",
        Remedy::FixSettings,
        "Smartlead does not accept the key",
        format!("Smartlead says: {message}"),
        "copy the key from Smartlead under Settings → API and put it into SMARTLEAD_API_KEY",
    ))
}

/// EG-SEQUENCER-002: the campaign is not there.
pub(super) fn no_campaign(id: &str) -> SequencerError {
    SequencerError(Problem::new(
        "EG-SEQUENCER-002",
        Remedy::FixSettings,
        format!("campaign {id} does not exist at Smartlead"),
        "Smartlead does not know this campaign id",
        "take the number from the address of the campaign in Smartlead and put it under handoff.campaign",
    ))
}

/// EG-SEQUENCER-002: the campaign is over.
pub(super) fn closed_campaign(id: &str, status: &str) -> SequencerError {
    SequencerError(Problem::new(
        "EG-SEQUENCER-002",
        Remedy::FixSettings,
        format!("campaign {id} takes no more leads"),
        format!("its status at Smartlead is {status}, which is final"),
        "name a running or drafted campaign under handoff.campaign",
    ))
}

/// EG-SEQUENCER-003: still too fast after all waits.
pub(super) fn too_fast(message: &str) -> SequencerError {
    SequencerError(Problem::new(
        "EG-SEQUENCER-003",
        Remedy::RetryLater,
        "Smartlead keeps answering that we are too fast",
        format!("Smartlead says: {message}"),
        "run again in a few minutes; who is enrolled already is not added twice",
    ))
}

/// EG-SEQUENCER-004: Smartlead fails on its own side.
pub(super) fn outage(status: u16, message: &str) -> SequencerError {
    SequencerError(Problem::new(
        "EG-SEQUENCER-004",
        Remedy::RetryLater,
        format!("Smartlead failed: status {status}"),
        format!("Smartlead says: {message}"),
        "run again later; who is enrolled already is not added twice",
    ))
}

/// EG-SEQUENCER-005: the plan's lead allowance is spent.
pub(super) fn allowance_spent() -> SequencerError {
    SequencerError(Problem::new(
        "EG-SEQUENCER-005",
        Remedy::FixSettings,
        "Smartlead takes no more leads",
        "the lead allowance of the Smartlead plan is spent",
        "raise the plan or wait for its renewal, then run again; nobody was enrolled by this call",
    ))
}

/// EG-SEQUENCER-006: no answer came.
pub(super) fn no_answer(error: &OutboundError) -> SequencerError {
    let remedy = if matches!(error, OutboundError::Forbidden(_)) { Remedy::FixSettings } else { Remedy::RetryLater };
    SequencerError(Problem::new(
        "EG-SEQUENCER-006",
        remedy,
        "Smartlead does not answer",
        error.to_string(),
        "check the network and SMARTLEAD_BASE_URL, then run again; who is enrolled already is not added twice",
    ))
}

/// EG-SEQUENCER-007: an answer we do not understand, or a refusal that is not about single leads.
pub(super) fn refused(status: u16, message: &str, about: &str) -> SequencerError {
    SequencerError(Problem::new(
        "EG-SEQUENCER-007",
        Remedy::ReportBug,
        format!("Smartlead refused {about}: status {status}"),
        format!("Smartlead says: {message}"),
        "correct what the message names; else report it with this text",
    ))
}
