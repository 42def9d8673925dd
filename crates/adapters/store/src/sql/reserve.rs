//! Reserving: money is set aside before a question is asked, or it is said why not.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use evergreen_model::call::{Call, CallId, CallState};
use evergreen_model::ledger::{LedgerKind, NewLedgerEntry};
use evergreen_model::money::Money;
use evergreen_model::run::RunId;
use evergreen_ports::{Ceilings, Reservation, ReserveRequest};
use jiff::Timestamp;
use serde_json::json;

use super::super::db::Conn;
use super::text::micros;
use super::{calls, ledger, numbers, spend};
use crate::fault::Fault;

/// Sets money aside for questions, in order; earlier ones count for later ones.
pub(in super::super) async fn reserve(
    conn: &mut Conn,
    run: RunId,
    at: Timestamp,
    requests: &[ReserveRequest],
    ceilings: &Ceilings,
) -> Result<Vec<Reservation>, Fault> {
    if let Some(request) = requests.iter().find(|request| request.at_most.money < Money::ZERO) {
        return Err(Fault::Mistake(format!("a question to {} may cost less than nothing", request.question.provider)));
    }
    let past = Past::read(conn, requests).await?;
    let mut spent = Spent::read(conn, run, at, requests).await?;
    let mut next = numbers::allocate(conn, numbers::Kind::Call, requests.len() as u64).await?;

    let mut reserved: Vec<Call> = Vec::new();
    let mut open: HashMap<&str, CallId> = HashMap::new();
    let mut answers = Vec::with_capacity(requests.len());
    for request in requests {
        let key = request.question.key.as_str();
        let answer = if let Some(answered) = past.fresh_answer(request) {
            answered
        } else if let Some(call) = open.get(key).copied().or_else(|| past.open(key)) {
            Reservation::InFlight(call)
        } else if let Some(ceiling) = spent.ceiling_broken_by(request, ceilings) {
            Reservation::OverBudget(ceiling)
        } else {
            let id = CallId(next);
            next += 1;
            spent.add(request);
            open.insert(key, id);
            reserved.push(new_call(id, run, at, request));
            Reservation::Reserved(id)
        };
        answers.push(answer);
    }

    calls::put(conn, &reserved).await?;
    spend::add(conn, spent.changes()).await?;
    let lines: Vec<NewLedgerEntry> = reserved.iter().map(told).collect();
    ledger::append(conn, &lines.iter().collect::<Vec<_>>()).await?;
    Ok(answers)
}

fn new_call(id: CallId, run: RunId, at: Timestamp, request: &ReserveRequest) -> Call {
    Call {
        id,
        run,
        record: request.record,
        question: request.question.clone(),
        state: CallState::Reserved,
        reserved: request.at_most,
        answer: None,
        at,
        settled_at: None,
    }
}

fn told(call: &Call) -> NewLedgerEntry {
    let Call { question, reserved, .. } = call;
    NewLedgerEntry {
        at: call.at,
        run: Some(call.run),
        kind: LedgerKind::Reserved,
        record: Some(call.record),
        sentence: format!("up to {} set aside to ask {} ({})", reserved.money, question.provider, question.operation),
        details: json!({
            "call": call.id.0,
            "provider": question.provider,
            "operation": question.operation,
            "question": question.key,
            "credits_micros": reserved.credits.micros,
            "money_micros": reserved.money.micros,
        }),
    }
}

/// What was asked before about the same questions.
struct Past {
    calls: HashMap<String, Vec<Call>>,
}

impl Past {
    async fn read(conn: &mut Conn, requests: &[ReserveRequest]) -> Result<Past, Fault> {
        let keys: BTreeSet<&str> = requests.iter().map(|request| request.question.key.as_str()).collect();
        let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
        let fresh_since = requests.iter().map(|request| micros(request.fresh_since)).min().unwrap_or(i64::MAX);
        let mut calls: HashMap<String, Vec<Call>> = HashMap::new();
        for call in calls::about(conn, &keys, fresh_since).await? {
            calls.entry(call.question.key.clone()).or_default().push(call);
        }
        Ok(Past { calls })
    }

    fn about(&self, key: &str) -> &[Call] {
        self.calls.get(key).map_or(&[], Vec::as_slice)
    }

    /// The newest answer that is final and young enough.
    fn fresh_answer(&self, request: &ReserveRequest) -> Option<Reservation> {
        let since = micros(request.fresh_since);
        self.about(&request.question.key)
            .iter()
            .filter(|call| call.state == CallState::Settled)
            .filter_map(|call| Some((call.settled_at.map(micros)?, call.id, call.answer.as_ref()?)))
            .filter(|(settled_at, _, answer)| *settled_at >= since && answer.outcome.is_final())
            .max_by_key(|(settled_at, id, _)| (*settled_at, *id))
            .map(|(_, call, answer)| Reservation::Answered { call, answer: answer.clone() })
    }

    /// A call whose answer is not known yet, or was lost.
    fn open(&self, key: &str) -> Option<CallId> {
        self.about(key)
            .iter()
            .find(|call| matches!(call.state, CallState::Reserved | CallState::Uncertain))
            .map(|call| call.id)
    }
}

/// What counts against the ceilings so far, this request's earlier items included.
struct Spent {
    run: RunId,
    at: Timestamp,
    sums: BTreeMap<String, Money>,
    records: BTreeMap<i64, Money>,
    changes: BTreeMap<String, i64>,
}

impl Spent {
    async fn read(conn: &mut Conn, run: RunId, at: Timestamp, requests: &[ReserveRequest]) -> Result<Spent, Fault> {
        let scopes: BTreeSet<String> =
            requests.iter().flat_map(|request| spend::scopes(run, &request.question.provider, at)).collect();
        let records: BTreeSet<i64> = requests.iter().map(|request| request.record.0).collect();
        Ok(Spent {
            run,
            at,
            sums: spend::sums(conn, &scopes.into_iter().collect::<Vec<_>>()).await?,
            records: spend::of_records(conn, run, &records.into_iter().collect::<Vec<_>>()).await?,
            changes: BTreeMap::new(),
        })
    }

    /// The first ceiling that this question would break. A free question breaks none.
    fn ceiling_broken_by(&self, request: &ReserveRequest, ceilings: &Ceilings) -> Option<String> {
        let cost = request.at_most.money;
        if cost == Money::ZERO {
            return None;
        }
        let provider = &request.question.provider;
        let breaks = |spent: Money, ceiling: Option<Money>| ceiling.is_some_and(|ceiling| spent + cost > ceiling);
        if breaks(self.sum(&spend::of_run(self.run)), ceilings.run) {
            return Some("run".to_owned());
        }
        let of_record = self.records.get(&request.record.0).copied().unwrap_or_default();
        if breaks(of_record, ceilings.record) {
            return Some("record".to_owned());
        }
        if breaks(self.sum(&spend::of_provider(self.run, provider)), ceilings.provider.get(provider).copied()) {
            return Some(format!("provider {provider}"));
        }
        if breaks(self.sum(&spend::of_month(self.at)), ceilings.month) {
            return Some("month".to_owned());
        }
        None
    }

    fn sum(&self, scope: &str) -> Money {
        self.sums.get(scope).copied().unwrap_or_default()
    }

    fn add(&mut self, request: &ReserveRequest) {
        let cost = request.at_most.money;
        for scope in spend::scopes(self.run, &request.question.provider, self.at) {
            *self.changes.entry(scope.clone()).or_default() += cost.micros;
            *self.sums.entry(scope).or_default() += cost;
        }
        *self.records.entry(request.record.0).or_default() += cost;
    }

    fn changes(self) -> BTreeMap<String, i64> {
        self.changes
    }
}
