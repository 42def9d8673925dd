//! Lifecycle: forward by criteria in the portal's own order, to the recycle stage when the address turned invalid, never back.

use evergreen_model::{Change, EmailVerdict, Kept};

use crate::condition::{View, holds};
use crate::plan::Wanted;
use crate::planner::Planner;
use crate::writer::{Refused, Writer, permit};

pub(crate) const PROPERTY: &str = "lifecyclestage";

/// The move of a contact's stage, if any.
pub(crate) fn stage_move(
    planner: &Planner,
    wanted: &Wanted<'_>,
    view: &View<'_>,
    passes: bool,
) -> Option<Result<Change, Kept>> {
    let (rank, value, why) = target(planner, wanted, view, passes)?;
    let schema = planner.schema(wanted.record.entity);
    let current = wanted.portal.and_then(|portal| portal.properties.get(PROPERTY)).map(String::as_str);
    if current.is_some_and(|current| schema.rank(PROPERTY, current).is_some_and(|(now, _)| now == rank)) {
        return None;
    }
    let rule = planner.settings.lifecycle.protect;
    let kept = |code: &str, why: String| {
        Some(Err(Kept {
            property: PROPERTY.to_owned(),
            current: current.map(str::to_owned),
            offered: value.clone(),
            rule,
            code: code.to_owned(),
            why,
        }))
    };
    // HubSpot answers a backward move with success and does nothing, so it is not even tried.
    if let Some(current) = current {
        match schema.rank(PROPERTY, current) {
            Some((now, _)) if now > rank => {
                return kept("backward", format!("\"{current}\" is further than \"{value}\""));
            }
            None => return kept("backward", format!("\"{current}\" has no place in the portal's order of stages")),
            Some(_) => {}
        }
    }
    let writer = wanted.portal.map_or(Writer::Nobody, |portal| {
        planner.writer(portal, PROPERTY, wanted.record.written.get(PROPERTY).map(String::as_str))
    });
    match permit(rule, current.is_none(), &writer, Some(wanted.now)) {
        Ok(_) => Some(Ok(Change {
            property: PROPERTY.to_owned(),
            before: current.map(str::to_owned),
            after: value,
            rule,
            reason: why,
            evidence: None,
            clear_first: false,
        })),
        Err(Refused { code, why }) => kept(code, why),
    }
}

/// The stage the contact belongs into: rank in the portal's order, internal value, and why.
fn target(planner: &Planner, wanted: &Wanted<'_>, view: &View<'_>, passes: bool) -> Option<(usize, String, String)> {
    let schema = planner.schema(wanted.record.entity);
    let invalid = wanted.record.verdicts.as_ref().is_some_and(|verdicts| verdicts.email == EmailVerdict::Invalid);
    if invalid {
        wanted.portal?;
        let (rank, value) = schema.rank(PROPERTY, planner.settings.lifecycle.recycle.as_deref()?)?;
        let why = wanted.record.verdicts.as_ref().map_or("", |verdicts| verdicts.email_reason.as_str());
        return Some((rank, value.to_owned(), format!("the address is invalid ({why})")));
    }
    if !passes {
        return None;
    }
    planner
        .stages()
        .filter(|(_, rule)| holds(rule, view))
        .filter_map(|(stage, _)| schema.rank(PROPERTY, stage))
        .max_by_key(|(rank, _)| *rank)
        .map(|(rank, value)| (rank, value.to_owned(), format!("the criteria of \"{value}\" hold")))
}
