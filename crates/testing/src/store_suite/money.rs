//! Facts about money: what is set aside, what is refused, what is paid.

use std::sync::Arc;

use evergreen_model::call::{Answer, AnswerOutcome, Call, CallId, CallState};
use evergreen_model::ledger::LedgerKind;
use evergreen_model::money::Money;
use evergreen_model::record::RecordId;
use evergreen_model::run::RunId;
use evergreen_ports::{CallQuery, Ceilings, LedgerQuery, Reservation, ReserveRequest, Settlement, Store, Transition};
use jiff::{SignedDuration, Timestamp};

use super::{commit, ok};
use crate::builders::{answer, charge, day, evidence, question, start};

fn ask(record: i64, provider: &str, key: &str, at_most: i64) -> ReserveRequest {
    ReserveRequest {
        record: RecordId(record),
        question: question(provider, key),
        at_most: charge(at_most),
        fresh_since: day(-30),
    }
}

async fn reserve_at(
    store: &dyn Store,
    at: Timestamp,
    requests: Vec<ReserveRequest>,
    ceilings: &Ceilings,
) -> Vec<Reservation> {
    ok(store.reserve(RunId(1), at, requests, ceilings).await)
}

async fn reserve(store: &dyn Store, requests: Vec<ReserveRequest>) -> Vec<Reservation> {
    reserve_at(store, start(), requests, &Ceilings::default()).await
}

fn reserved(reservation: &Reservation) -> CallId {
    match reservation {
        Reservation::Reserved(call) => *call,
        other => panic!("expected money to be set aside, got {other:?}"),
    }
}

async fn reserve_one(store: &dyn Store, request: ReserveRequest) -> CallId {
    reserved(&reserve(store, vec![request]).await[0])
}

async fn settle(store: &dyn Store, call: CallId, state: CallState, answer: Option<Answer>) {
    let settlement = Settlement { call, state, answer, at: start() };
    commit(store, Transition { settlements: vec![settlement], ..Transition::default() }).await;
}

async fn call(store: &dyn Store, id: CallId) -> Call {
    let after = Some(CallId(id.0 - 1));
    ok(store.calls(CallQuery { after, limit: 1, ..CallQuery::default() }).await).remove(0)
}

/// The second asker is told who is asking.
pub async fn a_question_is_reserved_once(store: Arc<dyn Store>) {
    let first = reserve_one(&*store, ask(1, "hunter", "q1", 100)).await;
    let again = reserve(&*store, vec![ask(2, "hunter", "q1", 100), ask(2, "hunter", "q2", 100)]).await;
    assert_eq!(again[0], Reservation::InFlight(first));
    assert_ne!(reserved(&again[1]), first);
    let kept = call(&*store, first).await;
    let expected = Call {
        id: first,
        run: RunId(1),
        record: RecordId(1),
        question: question("hunter", "q1"),
        state: CallState::Reserved,
        reserved: charge(100),
        answer: None,
        at: start(),
        settled_at: None,
    };
    assert_eq!(kept, expected);
}

/// Two rows of one batch may lead to the same question.
pub async fn a_repeated_question_in_one_request_waits_for_the_first(store: Arc<dyn Store>) {
    let both = reserve(&*store, vec![ask(1, "hunter", "q1", 100), ask(2, "hunter", "q1", 100)]).await;
    assert_eq!(both[1], Reservation::InFlight(reserved(&both[0])));
    assert_eq!(ok(store.calls(CallQuery::default()).await).len(), 1);
}

/// Whatever the vendor said that stays true, a miss and a refusal included.
pub async fn a_fresh_final_answer_is_used_again(store: Arc<dyn Store>) {
    for outcome in AnswerOutcome::ALL.into_iter().filter(|outcome| outcome.is_final()) {
        let key = outcome.as_str();
        let first = reserve_one(&*store, ask(1, "hunter", key, 100)).await;
        settle(&*store, first, CallState::Settled, Some(answer(outcome, 80))).await;
        let again = ok(store.reserve(RunId(2), day(1), vec![ask(9, "hunter", key, 100)], &Ceilings::default()).await);
        assert_eq!(again, [Reservation::Answered { call: first, answer: answer(outcome, 80) }]);
    }
}

/// Too old, or nothing that stays true.
pub async fn an_old_or_passing_answer_is_asked_again(store: Arc<dyn Store>) {
    let first = reserve_one(&*store, ask(1, "hunter", "q1", 100)).await;
    settle(&*store, first, CallState::Settled, Some(answer(AnswerOutcome::Miss, 0))).await;
    let exactly = ReserveRequest { fresh_since: start(), ..ask(1, "hunter", "q1", 100) };
    assert!(matches!(reserve(&*store, vec![exactly]).await[0], Reservation::Answered { .. }));
    let stricter =
        ReserveRequest { fresh_since: start() + SignedDuration::from_secs(1), ..ask(1, "hunter", "q1", 100) };
    let second = reserve_one(&*store, stricter).await;
    assert_ne!(second, first);
    for outcome in AnswerOutcome::ALL.into_iter().filter(|outcome| !outcome.is_final()) {
        let key = outcome.as_str();
        let passing = reserve_one(&*store, ask(1, "hunter", key, 100)).await;
        settle(&*store, passing, CallState::Settled, Some(answer(outcome, 0))).await;
        assert_ne!(reserve_one(&*store, ask(1, "hunter", key, 100)).await, passing, "{outcome}");
    }
}

/// The money comes back as well.
pub async fn a_released_question_can_be_asked_again(store: Arc<dyn Store>) {
    let ceilings = Ceilings { run: Some(Money::from_micros(100)), ..Ceilings::default() };
    let first = reserve_at(&*store, start(), vec![ask(1, "hunter", "q1", 100)], &ceilings).await;
    settle(&*store, reserved(&first[0]), CallState::Released, None).await;
    let second = reserve_at(&*store, start(), vec![ask(1, "hunter", "q1", 100)], &ceilings).await;
    assert_ne!(reserved(&second[0]), reserved(&first[0]));
}

/// Until a person settles it.
pub async fn a_lost_answer_keeps_its_question_and_its_money(store: Arc<dyn Store>) {
    let ceilings = Ceilings { run: Some(Money::from_micros(150)), ..Ceilings::default() };
    let lost = reserve_one(&*store, ask(1, "hunter", "q1", 100)).await;
    settle(&*store, lost, CallState::Uncertain, None).await;
    let asked = vec![ask(1, "hunter", "q1", 10), ask(1, "hunter", "q2", 100)];
    let refused = reserve_at(&*store, start(), asked.clone(), &ceilings).await;
    assert_eq!(refused, [Reservation::InFlight(lost), Reservation::OverBudget("run".into())]);
    settle(&*store, lost, CallState::Settled, Some(answer(AnswerOutcome::Hit, 20))).await;
    let now = reserve_at(&*store, start(), asked, &ceilings).await;
    assert!(matches!(now[0], Reservation::Answered { call, .. } if call == lost));
    reserved(&now[1]);
}

/// Run, record, provider, month.
pub async fn each_ceiling_is_named_when_it_would_break(store: Arc<dyn Store>) {
    reserve_one(&*store, ask(1, "hunter", "q0", 100)).await;
    let limit = Some(Money::from_micros(150));
    let ceilings = [
        ("run", Ceilings { run: limit, ..Ceilings::default() }),
        ("record", Ceilings { record: limit, ..Ceilings::default() }),
        (
            "provider hunter",
            Ceilings { provider: [("hunter".to_owned(), Money::from_micros(150))].into(), ..Ceilings::default() },
        ),
        ("month", Ceilings { month: limit, ..Ceilings::default() }),
    ];
    for (name, ceiling) in &ceilings {
        let answers = reserve_at(&*store, start(), vec![ask(1, "hunter", "over", 51)], ceiling).await;
        assert_eq!(answers, [Reservation::OverBudget((*name).to_owned())]);
        let exactly =
            reserve_at(&*store, start(), vec![ask(1, "hunter", &format!("exactly {name}"), 50)], ceiling).await;
        settle(&*store, reserved(&exactly[0]), CallState::Released, None).await;
    }
    // Another record and another provider have ceilings of their own.
    reserved(&reserve_at(&*store, start(), vec![ask(2, "hunter", "other record", 100)], &ceilings[1].1).await[0]);
    reserved(&reserve_at(&*store, start(), vec![ask(2, "apollo", "other provider", 100)], &ceilings[2].1).await[0]);
    // Another run has its own as well, except for the month.
    let in_next_run = |ceilings: Ceilings, key: &'static str| {
        let store = store.clone();
        async move { ok(store.reserve(RunId(2), start(), vec![ask(1, "hunter", key, 100)], &ceilings).await) }
    };
    let three = Ceilings { month: None, run: limit, record: limit, provider: ceilings[2].1.provider.clone() };
    reserved(&in_next_run(three, "next run").await[0]);
    assert_eq!(in_next_run(ceilings[3].1.clone(), "month").await, [Reservation::OverBudget("month".into())]);
}

/// Within one request, in its order; a cheaper later one may still fit.
pub async fn earlier_items_count_for_later_ones(store: Arc<dyn Store>) {
    let ceilings = Ceilings { record: Some(Money::from_micros(100)), ..Ceilings::default() };
    let asked = vec![
        ask(1, "hunter", "a", 60),
        ask(1, "hunter", "b", 60),
        ask(1, "hunter", "c", 40),
        ask(2, "hunter", "d", 60),
        ask(1, "hunter", "e", 1),
    ];
    let answers = reserve_at(&*store, start(), asked, &ceilings).await;
    reserved(&answers[0]);
    assert_eq!(answers[1], Reservation::OverBudget("record".into()));
    reserved(&answers[2]);
    reserved(&answers[3]);
    assert_eq!(answers[4], Reservation::OverBudget("record".into()));
}

/// Not even a ceiling of nothing.
pub async fn a_free_question_breaks_no_ceiling(store: Arc<dyn Store>) {
    let nothing = Some(Money::ZERO);
    let ceilings = Ceilings {
        run: nothing,
        record: nothing,
        month: nothing,
        provider: [("hunter".to_owned(), Money::ZERO)].into(),
    };
    let answers =
        reserve_at(&*store, start(), vec![ask(1, "hunter", "free", 0), ask(1, "hunter", "paid", 1)], &ceilings).await;
    reserved(&answers[0]);
    assert_eq!(answers[1], Reservation::OverBudget("run".into()));
}

/// What was set aside and not needed is free again.
pub async fn the_real_charge_counts_once_settled(store: Arc<dyn Store>) {
    let ceilings =
        Ceilings { run: Some(Money::from_micros(100)), record: Some(Money::from_micros(100)), ..Ceilings::default() };
    let first = reserve_at(&*store, start(), vec![ask(1, "hunter", "a", 100)], &ceilings).await;
    settle(&*store, reserved(&first[0]), CallState::Settled, Some(answer(AnswerOutcome::Hit, 30))).await;
    let answers =
        reserve_at(&*store, start(), vec![ask(1, "hunter", "b", 71), ask(1, "hunter", "c", 70)], &ceilings).await;
    assert_eq!(answers[0], Reservation::OverBudget("run".into()));
    reserved(&answers[1]);
}

/// In UTC, by the time of the reservation.
pub async fn a_month_begins_anew(store: Arc<dyn Store>) {
    let ceilings = Ceilings { month: Some(Money::from_micros(100)), ..Ceilings::default() };
    let last_moment: Timestamp = "2026-01-31T23:59:59.999999Z".parse().unwrap_or_default();
    let next_moment: Timestamp = "2026-02-01T00:00:00Z".parse().unwrap_or_default();
    let january =
        reserve_at(&*store, last_moment, vec![ask(1, "hunter", "a", 100), ask(1, "hunter", "b", 1)], &ceilings).await;
    assert_eq!(january[1], Reservation::OverBudget("month".into()));
    let february = reserve_at(&*store, next_moment, vec![ask(1, "hunter", "b", 100)], &ceilings).await;
    reserved(&february[0]);
    // Settled in February, the January call still counts in January.
    let late = Settlement { call: reserved(&january[0]), state: CallState::Released, answer: None, at: next_moment };
    commit(&*store, Transition { settlements: vec![late], ..Transition::default() }).await;
    let over = reserve_at(&*store, next_moment, vec![ask(1, "hunter", "c", 1)], &ceilings).await;
    assert_eq!(over, [Reservation::OverBudget("month".into())]);
}

/// A second settlement would be a second payment.
pub async fn a_call_is_settled_only_once(store: Arc<dyn Store>) {
    let attempt = async |call: CallId, state: CallState, answer: Option<Answer>| {
        let settlement = Settlement { call, state, answer, at: start() };
        store.commit(Transition { settlements: vec![settlement], ..Transition::default() }).await
    };
    let hit = || Some(answer(AnswerOutcome::Hit, 10));
    let paid = reserve_one(&*store, ask(1, "hunter", "a", 100)).await;
    assert!(attempt(paid, CallState::Settled, None).await.is_err(), "settled means answered");
    assert!(attempt(paid, CallState::Reserved, None).await.is_err());
    assert!(attempt(paid, CallState::Released, hit()).await.is_err(), "released means not charged");
    assert!(attempt(paid, CallState::Settled, hit()).await.is_ok());
    for state in [CallState::Settled, CallState::Uncertain] {
        assert!(attempt(paid, state, hit()).await.is_err());
    }
    assert!(attempt(paid, CallState::Released, None).await.is_err());
    let given_back = reserve_one(&*store, ask(1, "hunter", "b", 100)).await;
    assert!(attempt(given_back, CallState::Released, None).await.is_ok());
    assert!(attempt(given_back, CallState::Settled, hit()).await.is_err());
    assert!(attempt(CallId(999), CallState::Released, None).await.is_err());
}

/// The answer and the evidence from it are both there or both not.
pub async fn settlement_and_answer_commit_together(store: Arc<dyn Store>) {
    let paid = reserve_one(&*store, ask(1, "hunter", "a", 100)).await;
    commit(&*store, Transition { evidence: vec![evidence(1, 1, &[])], ..Transition::default() }).await;
    let settlement =
        Settlement { call: paid, state: CallState::Settled, answer: Some(answer(AnswerOutcome::Hit, 60)), at: day(1) };
    let clashing = Transition {
        settlements: vec![settlement.clone()],
        evidence: vec![evidence(1, 1, &[])],
        ..Transition::default()
    };
    assert!(store.commit(clashing).await.is_err());
    assert_eq!(call(&*store, paid).await.state, CallState::Reserved);
    let good =
        Transition { settlements: vec![settlement], evidence: vec![evidence(2, 1, &[])], ..Transition::default() };
    commit(&*store, good).await;
    let settled = call(&*store, paid).await;
    assert_eq!(settled.state, CallState::Settled);
    assert_eq!(settled.answer, Some(answer(AnswerOutcome::Hit, 60)));
    assert_eq!(settled.settled_at, Some(day(1)));
    assert_eq!(settled.at, start());
}

/// One line for money set aside, one for how it ended; nothing for what was not reserved.
pub async fn reserving_and_settling_are_told_in_the_ledger(store: Arc<dyn Store>) {
    let asked = vec![ask(1, "hunter", "a", 50_000), ask(2, "hunter", "a", 50_000), ask(3, "hunter", "b", 50_000)];
    let answers = reserve(&*store, asked).await;
    settle(&*store, reserved(&answers[0]), CallState::Settled, Some(answer(AnswerOutcome::Hit, 20_000))).await;
    settle(&*store, reserved(&answers[2]), CallState::Released, None).await;
    let lines = ok(store.ledger(LedgerQuery::default()).await);
    let kinds: Vec<LedgerKind> = lines.iter().map(|line| line.entry.kind).collect();
    assert_eq!(kinds, [LedgerKind::Reserved, LedgerKind::Reserved, LedgerKind::Settled, LedgerKind::Settled]);
    let told = &lines[2].entry;
    assert_eq!((told.record, told.run), (Some(RecordId(1)), Some(RunId(1))));
    assert!(told.sentence.contains("hunter") && told.sentence.contains("$0.02"), "{}", told.sentence);
    assert!(lines[3].entry.sentence.contains("$0.05"), "{}", lines[3].entry.sentence);
}

/// In order of number, in pages.
pub async fn calls_are_found_by_run_record_and_state(store: Arc<dyn Store>) {
    let asked = (1..=5).map(|record| ask(record, "hunter", &format!("q{record}"), 10)).collect();
    let ids: Vec<CallId> = reserve(&*store, asked).await.iter().map(reserved).collect();
    let other = ok(store.reserve(RunId(2), start(), vec![ask(1, "apollo", "other", 10)], &Ceilings::default()).await);
    settle(&*store, ids[1], CallState::Settled, Some(answer(AnswerOutcome::Miss, 0))).await;
    settle(&*store, ids[2], CallState::Uncertain, None).await;
    let found = async |query: CallQuery| ok(store.calls(query).await).iter().map(|call| call.id).collect::<Vec<_>>();
    assert_eq!(found(CallQuery { run: Some(RunId(1)), ..CallQuery::default() }).await, ids);
    assert_eq!(
        found(CallQuery { record: Some(RecordId(1)), ..CallQuery::default() }).await,
        [ids[0], reserved(&other[0])]
    );
    let open = CallQuery { state: Some(CallState::Reserved), run: Some(RunId(1)), ..CallQuery::default() };
    assert_eq!(found(open.clone()).await, [ids[0], ids[3], ids[4]]);
    assert_eq!(found(CallQuery { after: Some(ids[0]), limit: 1, ..open }).await, [ids[3]]);
    assert_eq!(found(CallQuery { state: Some(CallState::Uncertain), ..CallQuery::default() }).await, [ids[2]]);
}
