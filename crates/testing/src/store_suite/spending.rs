//! Random walks over money: whatever the order of reserving, settling, releasing and losing answers, no ceiling breaks and no question is asked twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use evergreen_model::call::{AnswerOutcome, Call, CallId, CallState};
use evergreen_model::money::Money;
use evergreen_model::record::RecordId;
use evergreen_model::run::RunId;
use evergreen_ports::{CallQuery, Ceilings, Reservation, ReserveRequest, Settlement, Store, Transition};
use jiff::Timestamp;

use super::{commit, ok};
use crate::SeededChance;
use crate::builders::{answer, charge, day, question};

const PROVIDERS: [&str; 3] = ["hunter", "apollo", "pdl"];
const RUNS: u64 = 2;
const RECORDS: u64 = 5;
const KEYS: u64 = 60;
const PRICE_MAX: u64 = 60;

fn ceilings() -> Ceilings {
    Ceilings {
        run: Some(Money::from_micros(300)),
        record: Some(Money::from_micros(120)),
        provider: [("hunter".to_owned(), Money::from_micros(110)), ("apollo".to_owned(), Money::from_micros(150))]
            .into(),
        month: Some(Money::from_micros(400)),
    }
}

fn random_requests(chance: &SeededChance) -> Vec<ReserveRequest> {
    (0..=chance.below(4))
        .map(|_| {
            let key = chance.below(KEYS);
            ReserveRequest {
                record: RecordId(1 + chance.below(RECORDS) as i64),
                question: question(PROVIDERS[key as usize % PROVIDERS.len()], &format!("q{key}")),
                at_most: charge(chance.below(PRICE_MAX) as i64),
                fresh_since: Timestamp::UNIX_EPOCH,
            }
        })
        .collect()
}

fn random_end(chance: &SeededChance, call: &Call, at: Timestamp) -> Settlement {
    let outcome = *chance.pick(&[AnswerOutcome::Hit, AnswerOutcome::Miss, AnswerOutcome::Transient]);
    let real = chance.below(call.reserved.money.micros as u64 + 1) as i64;
    let settled = (CallState::Settled, Some(answer(outcome, real)));
    let (state, answer) = match chance.below(4) {
        0 => (CallState::Released, None),
        1 if call.state == CallState::Reserved => (CallState::Uncertain, None),
        _ => settled,
    };
    Settlement { call: call.id, state, answer, at }
}

fn is_open(call: &Call) -> bool {
    matches!(call.state, CallState::Reserved | CallState::Uncertain)
}

/// Adds up all calls from scratch and holds them against the ceilings.
fn check(calls: &[Call], seed: u64) {
    let limits = ceilings();
    let mut sums: BTreeMap<String, (i64, Option<Money>)> = BTreeMap::new();
    let mut open = BTreeSet::new();
    let mut finally: BTreeMap<&str, CallId> = BTreeMap::new();
    for call in calls {
        let counts = match call.state {
            CallState::Settled => call.answer.as_ref().map_or(0, |answer| answer.charge.money.micros),
            CallState::Reserved | CallState::Uncertain => call.reserved.money.micros,
            CallState::Released => 0,
        };
        let (run, record, provider) = (call.run.0, call.record.0, call.question.provider.as_str());
        let month = call.at.strftime("%Y-%m").to_string();
        for (scope, limit) in [
            (format!("run {run}"), limits.run),
            (format!("run {run} record {record}"), limits.record),
            (format!("run {run} provider {provider}"), limits.provider.get(provider).copied()),
            (format!("month {month}"), limits.month),
        ] {
            let sum = sums.entry(scope).or_insert((0, limit));
            sum.0 += counts;
        }
        if is_open(call) {
            assert!(
                open.insert(call.question.key.as_str()),
                "seed {seed}: {} is asked twice at once",
                call.question.key
            );
        }
        // Every answer stays fresh in this test, so nothing may be asked after a final one.
        if let Some(first) = finally.get(call.question.key.as_str()) {
            panic!(
                "seed {seed}: {} was answered by call {} and asked again by call {}",
                call.question.key, first.0, call.id.0
            );
        }
        if call.state == CallState::Settled && call.answer.as_ref().is_some_and(|answer| answer.outcome.is_final()) {
            finally.insert(call.question.key.as_str(), call.id);
        }
    }
    for (scope, (sum, limit)) in sums {
        assert!(limit.is_none_or(|limit| sum <= limit.micros), "seed {seed}: {scope} spent {sum} of {limit:?}");
    }
}

async fn all_calls(store: &dyn Store) -> Vec<Call> {
    ok(store.calls(CallQuery::default()).await)
}

/// One after the other, checked after each.
pub async fn no_order_of_events_breaks_a_ceiling_or_asks_twice(store: Arc<dyn Store>) {
    let seed = 20_260_115;
    let chance = SeededChance::new(seed);
    let mut refused = 0;
    let mut reserved = 0;
    for turn in 0..150 {
        // From the middle of January into April, so that months end on the way.
        let at = day(turn / 2);
        let calls = all_calls(&*store).await;
        let open: Vec<&Call> = calls.iter().filter(|call| is_open(call)).collect();
        if !open.is_empty() && chance.percent(60) {
            let end = random_end(&chance, chance.pick::<&Call>(&open), at);
            commit(&*store, Transition { settlements: vec![end], ..Transition::default() }).await;
        } else {
            // New runs begin on the way, with ceilings of their own.
            let run = RunId(1 + turn / 30 + chance.below(RUNS) as i64);
            for answer in ok(store.reserve(run, at, random_requests(&chance), &ceilings()).await) {
                match answer {
                    Reservation::Reserved(_) => reserved += 1,
                    Reservation::OverBudget(_) => refused += 1,
                    Reservation::Answered { .. } | Reservation::InFlight(_) => {}
                }
            }
        }
        check(&all_calls(&*store).await, seed);
    }
    assert!(reserved > 5 && refused > 5, "the walk met too little: {reserved} reserved, {refused} refused");
}

/// Several workers at once, each settling what it reserved, checked at the end.
pub async fn workers_side_by_side_break_no_ceiling_and_ask_nothing_twice(store: Arc<dyn Store>) {
    let mut workers = Vec::new();
    for worker in 0..4u64 {
        let store = store.clone();
        workers.push(tokio::spawn(async move {
            let chance = SeededChance::new(worker);
            for _ in 0..20 {
                let run = RunId(1 + chance.below(RUNS) as i64);
                let answers = ok(store.reserve(run, day(0), random_requests(&chance), &ceilings()).await);
                for answer in answers {
                    if let Reservation::Reserved(id) = answer
                        && chance.percent(80)
                    {
                        let after = Some(CallId(id.0 - 1));
                        let mine =
                            ok(store.calls(CallQuery { after, limit: 1, ..CallQuery::default() }).await).remove(0);
                        let end = random_end(&chance, &mine, day(0));
                        commit(&*store, Transition { settlements: vec![end], ..Transition::default() }).await;
                    }
                }
            }
        }));
    }
    for worker in workers {
        assert!(worker.await.is_ok());
    }
    let calls = all_calls(&*store).await;
    assert!(!calls.is_empty());
    check(&calls, 0);
}
