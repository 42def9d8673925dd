//! Lifecycle: forward by criteria in the portal's own order, back only by criteria that say so, to the recycle stage when the address
//! turned invalid.

use evergreen_model::{Change, EmailVerdict, Entity, Kept};

use crate::condition::{View, holds};
use crate::plan::{UNDONE, Wanted, was_undone};
use crate::planner::{Direction, Planner};
use crate::same::Meaning;
use crate::writer::{Refused, Writer, permit};

pub(crate) const PROPERTY: &str = "lifecyclestage";

/// Where a record belongs.
struct Target {
    /// Place in the portal's order.
    rank: usize,
    /// Internal value.
    value: String,
    /// One sentence.
    why: String,
    /// Whether it may be reached by going back.
    may_go_back: bool,
}

/// The move of a record's stage, if any.
pub(crate) fn stage_move(
    planner: &Planner,
    wanted: &Wanted<'_>,
    view: &View<'_>,
    passes: bool,
) -> Option<Result<Change, Kept>> {
    let entity = wanted.record.entity;
    let schema = planner.schema(entity);
    let current = wanted.portal.and_then(|portal| portal.properties.get(PROPERTY)).map(String::as_str);
    let now = current.map(|current| schema.rank(PROPERTY, current).map(|(rank, _)| rank));
    let Target { rank, value, why, may_go_back } = target(planner, wanted, view, passes, now.flatten())?;
    if now == Some(Some(rank)) {
        return None;
    }
    let rule = planner.settings.lifecycle.protect(entity);
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
    // HubSpot answers a backward move with success and does nothing, so it goes by way of an empty stage or not at all.
    let mut clear_first = false;
    match (current, now) {
        (Some(current), Some(Some(now))) if now > rank && !may_go_back => {
            return kept("backward", format!("\"{current}\" is further than \"{value}\""));
        }
        (Some(_), Some(Some(now))) => clear_first = now > rank,
        (Some(current), _) if !may_go_back => {
            return kept("backward", format!("\"{current}\" has no place in the portal's order of stages"));
        }
        (Some(_), _) => clear_first = true,
        (None, _) => {}
    }
    if was_undone(wanted.record, PROPERTY, Meaning::Choice, &value) {
        return kept("undone", UNDONE.to_owned());
    }
    let writer = wanted.portal.map_or(Writer::Nobody, |portal| {
        planner.writer(portal, PROPERTY, wanted.record.written.get(PROPERTY).map(String::as_str))
    });
    match permit(rule, current.is_none(), &writer, None, Some(wanted.now)) {
        Ok(_) => Some(Ok(Change {
            property: PROPERTY.to_owned(),
            before: current.map(str::to_owned),
            after: value,
            rule,
            reason: if clear_first { format!("{why}; emptied first, because HubSpot moves only forward") } else { why },
            evidence: None,
            clear_first,
        })),
        Err(Refused { code, why }) => kept(code, why),
    }
}

/// The stage the record belongs into. `now` is where it stands.
fn target(planner: &Planner, wanted: &Wanted<'_>, view: &View<'_>, passes: bool, now: Option<usize>) -> Option<Target> {
    let entity = wanted.record.entity;
    if entity == Entity::Contact
        && let Some(verdicts) =
            wanted.record.verdicts.as_ref().filter(|verdicts| verdicts.email == EmailVerdict::Invalid)
    {
        wanted.portal?;
        let (rank, value) = planner.schema(entity).rank(PROPERTY, planner.settings.lifecycle.recycle.as_deref()?)?;
        let why = format!("the address is invalid ({})", verdicts.email_reason);
        return Some(Target { rank, value: value.to_owned(), why, may_go_back: true });
    }
    if !passes {
        return None;
    }
    let furthest = |direction: Direction| {
        let schema = planner.schema(entity);
        planner
            .stages(entity, direction)
            .iter()
            .filter(|(_, rule)| holds(rule, view))
            .filter_map(|(stage, _)| schema.rank(PROPERTY, stage))
            .max_by_key(|(rank, _)| *rank)
    };
    let target = |(rank, value): (usize, &str), may_go_back: bool| Target {
        rank,
        value: value.to_owned(),
        why: format!("the criteria of \"{value}\" hold"),
        may_go_back,
    };
    let forward = furthest(Direction::Forward);
    let backward = now.and_then(|now| furthest(Direction::Backward).filter(|(rank, _)| *rank < now));
    match (forward, backward) {
        // What `forward` asks for is not taken back in the same breath: the record would go to and fro for ever.
        (Some(forward), Some(back)) if forward.0 > back.0 => Some(target(forward, false)),
        (_, Some(back)) => Some(target(back, true)),
        (Some(forward), None) => Some(target(forward, false)),
        (None, None) => None,
    }
}
