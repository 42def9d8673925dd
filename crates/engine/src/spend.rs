//! Money performed: reserve, ask, settle, in waves small enough that a crash leaves only a handful of calls in doubt.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use evergreen_model::call::{CallId, CallState};
use evergreen_model::{Answer, AnswerOutcome, Charge, Credits, LedgerKind, Problem, Question, RecordId, RunId};
use evergreen_ports::{CallQuery, Provider, Reservation, ReserveRequest, Settlement, Transition};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::ledger;
use crate::world::World;

/// One question of a wave.
pub(crate) struct Ask {
    pub(crate) record: RecordId,
    pub(crate) question: Question,
    pub(crate) wanted: Vec<String>,
}

/// What came of it.
pub(crate) enum Told {
    /// An answer, bought now or before.
    Answer(CallId, Answer),
    /// Somebody else of this wave asks the same: look again in the next wave.
    Later,
    /// Asked before a crash, the answer is lost and asking again would cost again.
    Lost,
    /// A ceiling would be broken: `run`, `month`, `record`, `provider hunter`.
    OverBudget(String),
}

/// Asks a wave of questions, at most a few dozen; each is reserved before and settled after, in one transaction each.
pub(crate) async fn wave(world: &World, run: RunId, asks: &[Ask]) -> Result<Vec<Told>, Problem> {
    let now = world.clock.now();
    let ceilings = evergreen_enrich::ceilings(&world.config.enrich);
    let requests = asks.iter().map(|ask| request(world, ask, now)).collect();
    let reservations = world.store.reserve(run, now, requests, &ceilings).await?;

    let sent: Vec<(usize, CallId)> = reservations
        .iter()
        .enumerate()
        .filter_map(|(index, reservation)| match reservation {
            Reservation::Reserved(call) => Some((index, *call)),
            _ => None,
        })
        .collect();
    let answers = join_all(sent.iter().map(|(index, _)| ask(world, &asks[*index]))).await;

    let mut transition = Transition::default();
    let mut told: BTreeMap<usize, Told> = BTreeMap::new();
    for ((index, call), answer) in sent.into_iter().zip(answers) {
        let state = state_of(&answer);
        // A question that was not charged and not answered is as if it had never been asked.
        let kept = (state != CallState::Released).then(|| answer.clone());
        let settlement = Settlement { call, state, answer: kept, at: world.clock.now() };
        transition.settlements.push(settlement);
        told.insert(index, Told::Answer(call, answer));
    }
    if !transition.settlements.is_empty() {
        world.store.commit(transition).await?;
    }

    let ours: BTreeSet<CallId> = reservations
        .iter()
        .filter_map(|reservation| match reservation {
            Reservation::Reserved(call) => Some(*call),
            _ => None,
        })
        .collect();
    let mut all = Vec::with_capacity(asks.len());
    for (index, reservation) in reservations.into_iter().enumerate() {
        all.push(match reservation {
            Reservation::Reserved(_) => told.remove(&index).unwrap_or(Told::Later),
            Reservation::Answered { call, answer } => Told::Answer(call, answer),
            Reservation::InFlight(call) if ours.contains(&call) => Told::Later,
            Reservation::InFlight(_) => Told::Lost,
            Reservation::OverBudget(which) => Told::OverBudget(which),
        });
    }
    Ok(all)
}

fn request(world: &World, ask: &Ask, now: Timestamp) -> ReserveRequest {
    let card = world.provider(&ask.question.provider).map(|provider| provider.card());
    let operation =
        card.and_then(|card| card.operations.iter().find(|operation| operation.name == ask.question.operation));
    let credits = operation.map_or(Credits::ZERO, |operation| operation.price_max);
    let money = card.map(|card| credits.at(card.money_per_credit)).unwrap_or_default();
    let fresh_days = operation.map_or(0, |operation| operation.fresh_days);
    let fresh_since = now.checked_sub(SignedDuration::from_hours(24 * i64::from(fresh_days))).unwrap_or(Timestamp::MIN);
    ReserveRequest {
        record: ask.record,
        question: ask.question.clone(),
        at_most: Charge { credits, money },
        fresh_since,
    }
}

async fn ask(world: &World, ask: &Ask) -> Answer {
    let provider: Option<&Arc<dyn Provider>> = world.provider(&ask.question.provider);
    match provider {
        Some(provider) => provider.ask(&ask.question, &ask.wanted).await,
        None => Answer {
            outcome: AnswerOutcome::Plan,
            fields: BTreeMap::new(),
            charge: Charge::default(),
            confidence: 0,
            note: format!("no provider {} is configured", ask.question.provider),
            status: 0,
            latency_ms: 0,
        },
    }
}

/// An answer that never came but may have been charged stays in doubt; any other settles.
fn state_of(answer: &Answer) -> CallState {
    if answer.status == 0 && answer.charge.credits > Credits::ZERO {
        CallState::Uncertain
    } else if answer.outcome.is_final() || answer.charge.credits > Credits::ZERO {
        CallState::Settled
    } else {
        CallState::Released
    }
}

/// Calls that a crash left between reserve and settle: where the vendor repeats for free the money is freed and the question
/// asked again; elsewhere the charge is in doubt, counted as spent and listed, and the question is not asked again.
pub(crate) async fn recover(world: &World, run: RunId) -> Result<(), Problem> {
    let query = CallQuery { run: Some(run), state: Some(CallState::Reserved), ..CallQuery::default() };
    let left = world.store.calls(query).await?;
    if left.is_empty() {
        return Ok(());
    }
    let now = world.clock.now();
    let mut transition = Transition::default();
    let mut doubtful = 0;
    for call in left {
        let repeats_free = world.provider(&call.question.provider).is_some_and(|provider| provider.card().repeats_free);
        let state = if repeats_free { CallState::Released } else { CallState::Uncertain };
        if state == CallState::Uncertain {
            doubtful += 1;
            let sentence = format!(
                "{} {}: the answer was lost in a crash and may have been charged",
                call.question.provider, call.question.operation
            );
            transition.ledger.push(ledger::about(
                now,
                run,
                LedgerKind::Settled,
                call.record,
                sentence,
                json!({ "call": call.id.0 }),
            ));
        }
        transition.settlements.push(Settlement { call: call.id, state, answer: None, at: now });
    }
    world.store.commit(transition).await?;
    if doubtful > 0 {
        world.progress.note(&format!(
            "{doubtful} provider calls were under way when the program stopped; they count as spent and are listed by `evergreen status`"
        ));
    }
    Ok(())
}
