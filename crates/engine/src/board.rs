//! The review board: shows what is held with its evidence and takes a person's answer.

use evergreen_model::{
    Entity, Evidence, LedgerKind, Outcome, Problem, Reason, Record, RecordId, Remedy, Review, ReviewAnswer, ReviewId,
    ReviewKind, ReviewState, Run, RunId, RunState, Stage,
};
use evergreen_ports::Transition;
use evergreen_resolve::Pair;
use serde::Serialize;
use serde_json::json;

use crate::ledger;
use crate::merge;
use crate::qualify::in_days;
use crate::world::World;

/// One item of the board with everything a person needs to decide.
#[derive(Clone, Debug, Serialize)]
pub struct Item {
    /// The item.
    pub review: Review,
    /// The record in question.
    pub left: Option<Record>,
    /// What is known of it.
    pub left_evidence: Vec<Evidence>,
    /// For a pair: the other record.
    pub right: Option<Record>,
    /// What is known of that.
    pub right_evidence: Vec<Evidence>,
}

/// Everything that waits for a person, oldest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn list(world: &World) -> Result<Vec<Item>, Problem> {
    let mut items = Vec::new();
    for review in world.store.reviews(Some(ReviewState::Open)).await? {
        items.push(item(world, review).await?);
    }
    Ok(items)
}

/// One item.
///
/// # Errors
/// `EG-REVIEW-001` when there is no such item.
pub async fn show(world: &World, id: ReviewId) -> Result<Item, Problem> {
    item(world, find(world, id).await?).await
}

async fn find(world: &World, id: ReviewId) -> Result<Review, Problem> {
    world.store.review(id).await?.ok_or_else(|| {
        Problem::new(
            "EG-REVIEW-001",
            Remedy::FixInput,
            format!("there is no review item {}", id.0),
            "items are numbered as `evergreen review` lists them",
            "use one of those numbers",
        )
    })
}

async fn item(world: &World, review: Review) -> Result<Item, Problem> {
    let (left, right) = match &review.kind {
        ReviewKind::Pair { left, right, .. } => (*left, Some(*right)),
        ReviewKind::Record { record } | ReviewKind::Change { record, .. } => (*record, None),
    };
    Ok(Item {
        left: record(world, left).await?,
        left_evidence: world.store.evidence(&[left]).await?,
        right: match right {
            Some(right) => record(world, right).await?,
            None => None,
        },
        right_evidence: match right {
            Some(right) => world.store.evidence(&[right]).await?,
            None => Vec::new(),
        },
        review,
    })
}

async fn record(world: &World, id: RecordId) -> Result<Option<Record>, Problem> {
    Ok(world.store.records(&[id]).await?.into_iter().next())
}

/// Takes a person's answer; the record goes on with the next run.
///
/// # Errors
/// `EG-REVIEW-002` when the answer does not fit the question, `EG-REVIEW-003` when it was answered before.
pub async fn answer(world: &World, id: ReviewId, answer: ReviewAnswer, by: &str) -> Result<Review, Problem> {
    let mut review = find(world, id).await?;
    if review.state == ReviewState::Closed {
        return Err(Problem::new(
            "EG-REVIEW-003",
            Remedy::FixInput,
            format!("review item {} was answered before", id.0),
            format!("by {}", review.by.clone().unwrap_or_default()),
            "nothing to do",
        ));
    }
    let now = world.clock.now();
    let run = run_for(world, &review).await?;
    let mut transition = Transition::default();
    match (&review.kind, answer) {
        (ReviewKind::Pair { left, right, score, why, .. }, ReviewAnswer::Same) => {
            let pair = Pair { left: left.0 as u64, right: right.0 as u64, score: *score, why: why.clone() };
            same(world, &run, *left, *right, &pair, &mut transition).await?;
        }
        (ReviewKind::Pair { left, .. }, ReviewAnswer::Different) => {
            let others_open = other_open(world, id, *left).await?;
            if let Some(mut held) = record(world, *left).await?
                && held.stage == Stage::Held
                && !others_open
            {
                release(&mut held, Stage::Qualify, now);
                transition.records.push(held);
            }
        }
        (ReviewKind::Record { record: id }, ReviewAnswer::Approve) => {
            if let Some(mut held) = record(world, *id).await? {
                let next = next_after(&held);
                approve(&mut held);
                release(&mut held, next, now);
                transition.records.push(held);
            }
        }
        (ReviewKind::Record { record: id }, ReviewAnswer::Reject) => {
            if let Some(mut held) = record(world, *id).await? {
                held.stage = Stage::Rejected;
                held.outcome = Some(Outcome::Rejected);
                held.reason = Some(Reason::new("rejected-by-person", format!("Rejected by {by}.")));
                held.due = in_days(now, world.config.refresh.reject_expires_days);
                transition.records.push(held);
            }
        }
        (ReviewKind::Change { record: id, property, offered, .. }, ReviewAnswer::Approve) => {
            if let Some(mut asked) = record(world, *id).await? {
                asked.approved.insert(property.clone(), offered.clone());
                if asked.stage == Stage::Settled {
                    release(&mut asked, Stage::Plan, now);
                }
                transition.records.push(asked);
            }
        }
        (ReviewKind::Change { record: id, property, offered, .. }, ReviewAnswer::Reject) => {
            if let Some(mut asked) = record(world, *id).await? {
                asked.undone.insert(property.clone(), offered.clone());
                transition.records.push(asked);
            }
        }
        (ReviewKind::Pair { .. }, _) => return Err(unfit(id, "a pair", "same or different")),
        (ReviewKind::Record { .. }, _) => return Err(unfit(id, "a held record", "approve or reject")),
        (ReviewKind::Change { .. }, _) => return Err(unfit(id, "a held change", "approve or reject")),
    }
    review.state = ReviewState::Closed;
    review.answer = Some(answer);
    review.by = Some(by.to_owned());
    review.closed_at = Some(now);
    let sentence = format!("{by} answered review item {}: {answer:?}", id.0).to_lowercase();
    transition.ledger.push(ledger::general(
        now,
        None,
        LedgerKind::Decided,
        sentence,
        json!({ "review": id.0, "answer": answer }),
    ));
    transition.reviews.push(review.clone());
    world.store.commit(transition).await?;
    Ok(review)
}

fn unfit(id: ReviewId, what: &str, answers: &str) -> Problem {
    Problem::new(
        "EG-REVIEW-002",
        Remedy::FixInput,
        format!("review item {} is {what}", id.0),
        format!("it is answered with {answers}"),
        format!("use {answers}"),
    )
}

/// A person's yes stands above the gate: the record passes it from now on.
fn approve(record: &mut Record) {
    if let Some(verdicts) = &mut record.verdicts {
        verdicts.gate = evergreen_model::Gate::Pass;
    }
    if let Some(fit) = &mut record.fit
        && fit.answer == evergreen_model::Truth::Unknown
    {
        fit.answer = evergreen_model::Truth::Yes;
        fit.rule = Some("approved by a person".to_owned());
    }
}

/// Where an approved record goes on: behind the gate that held it.
fn next_after(record: &Record) -> Stage {
    match (&record.verdicts, record.entity) {
        (Some(_), _) if record.owner.is_some() => Stage::Plan,
        (Some(_), _) | (None, Entity::Company) => Stage::Route,
        (None, Entity::Contact) => Stage::Verify,
    }
}

fn release(record: &mut Record, stage: Stage, now: jiff::Timestamp) {
    record.stage = stage;
    record.outcome = None;
    record.reason = None;
    record.due = now;
}

async fn other_open(world: &World, answered: ReviewId, record: RecordId) -> Result<bool, Problem> {
    let open = world.store.reviews(Some(ReviewState::Open)).await?;
    Ok(open.iter().any(|review| {
        review.id != answered && matches!(&review.kind, ReviewKind::Pair { left, .. } if *left == record)
    }))
}

async fn same(
    world: &World,
    run: &Run,
    left: RecordId,
    right: RecordId,
    pair: &Pair,
    transition: &mut Transition,
) -> Result<(), Problem> {
    let (Some(absorbed), Some(survivor)) = (record(world, left).await?, record(world, right).await?) else {
        return Ok(());
    };
    if absorbed.portal_id.is_some() && survivor.portal_id.is_some() {
        // A merge in HubSpot is final: `dedupe --portal` proposes it from this answer, field by field.
        let mut held = absorbed;
        if held.stage == Stage::Held {
            release(&mut held, Stage::Qualify, world.clock.now());
            transition.records.push(held);
        }
        return Ok(());
    }
    let (survivor, absorbed) = if absorbed.portal_id.is_some() { (absorbed, survivor) } else { (survivor, absorbed) };
    let (mut survivor, absorbed) = merge::merge(world, run, survivor, absorbed, pair, transition).await?;
    if survivor.stage == Stage::Settled || survivor.stage == Stage::Held {
        release(&mut survivor, Stage::Qualify, world.clock.now());
    }
    transition.records.extend([survivor, absorbed]);
    Ok(())
}

/// The run an answer belongs to: the one that held the item while it is open, else none in particular.
async fn run_for(world: &World, review: &Review) -> Result<Run, Problem> {
    if let Some(id) = review.run
        && let Some(run) = world.store.run(id).await?
    {
        return Ok(run);
    }
    Ok(Run {
        id: RunId(0),
        purpose: evergreen_model::Purpose::Pipeline,
        state: RunState::Done,
        started_at: world.clock.now(),
        finished_at: None,
        pilot: None,
        config_hash: world.config_hash.clone(),
        observed: true,
        portal_contacts: 0,
    })
}
