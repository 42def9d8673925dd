//! Calls: every question that money was set aside for, and its answer.

use evergreen_model::call::{Answer, Call, CallId, CallState, Charge};
use evergreen_model::money::{Credits, Money};
use evergreen_model::record::RecordId;
use evergreen_model::run::RunId;
use evergreen_ports::CallQuery;
use sqlx::QueryBuilder;

use super::super::db::{Conn, Db, Row};
use super::cells::Cells;
use super::text::{call_state, json, json_or_none, limit_or_most, micros};
use super::{insert, select_in};
use crate::fault::Fault;

const COLUMNS: &str = "id, run, record, question, state, reserved_credits, reserved_money, answer, at, settled_at";

const STATES: [CallState; 4] = [CallState::Reserved, CallState::Settled, CallState::Released, CallState::Uncertain];

/// What a call weighs against ceilings.
pub(super) fn counted(call: &Call) -> Money {
    match call.state {
        CallState::Settled => call.answer.as_ref().map_or(Money::ZERO, |answer| answer.charge.money),
        CallState::Reserved | CallState::Uncertain => call.reserved.money,
        CallState::Released => Money::ZERO,
    }
}

/// Writes calls, new ones and changed ones.
pub(super) async fn put(conn: &mut Conn, calls: &[Call]) -> Result<(), Fault> {
    let lines = calls
        .iter()
        .map(|call| Ok((call, json(&call.question)?, json_or_none(call.answer.as_ref())?)))
        .collect::<Result<Vec<_>, Fault>>()?;
    insert(
        conn,
        "INSERT INTO calls (id, run, record, provider, question_key, question, state, reserved_credits, reserved_money, \
         counted, outcome, answer, at, settled_at) ",
        " ON CONFLICT (id) DO UPDATE SET state = excluded.state, counted = excluded.counted, outcome = excluded.outcome, \
         answer = excluded.answer, settled_at = excluded.settled_at",
        &lines,
        |values, (call, question, answer)| {
            values
                .push_bind(call.id.0)
                .push_bind(call.run.0)
                .push_bind(call.record.0)
                .push_bind(call.question.provider.as_str())
                .push_bind(call.question.key.as_str())
                .push_bind(question.as_str())
                .push_bind(call_state(call.state))
                .push_bind(call.reserved.credits.micros)
                .push_bind(call.reserved.money.micros)
                .push_bind(counted(call).micros)
                .push_bind(call.answer.as_ref().map(|answer| answer.outcome.as_str()))
                .push_bind(answer.as_deref())
                .push_bind(micros(call.at))
                .push_bind(call.settled_at.map(micros));
        },
    )
    .await
}

/// Calls by number, in order of number.
pub(super) async fn by_number(conn: &mut Conn, ids: &[i64]) -> Result<Vec<Call>, Fault> {
    let rows = select_in(
        conn,
        |query| {
            query.push("SELECT ").push(COLUMNS).push(" FROM calls WHERE id IN");
        },
        ids,
        "ORDER BY id",
    )
    .await?;
    rows.iter().map(read).collect()
}

/// Calls that bear on these questions: still open, or answered at `fresh_since` (microseconds) or later.
pub(super) async fn about(conn: &mut Conn, keys: &[String], fresh_since: i64) -> Result<Vec<Call>, Fault> {
    let mut found = Vec::new();
    // The statement ends with a condition that needs a value, so it is not a `select_in`.
    for piece in super::pieces(keys) {
        let mut query = QueryBuilder::<Db>::new(format!("SELECT {COLUMNS} FROM calls WHERE question_key IN ("));
        let mut list = query.separated(", ");
        for key in piece {
            list.push_bind(key.clone());
        }
        query.push(") AND (state IN ('reserved', 'uncertain') OR (state = 'settled' AND settled_at >= ");
        query.push_bind(fresh_since).push(")) ORDER BY id");
        for row in query.build().fetch_all(&mut *conn).await? {
            found.push(read(&row)?);
        }
    }
    Ok(found)
}

/// Calls in order of number, for people and for what goes on after a crash.
pub(in super::super) async fn find(conn: &mut Conn, asked: &CallQuery) -> Result<Vec<Call>, Fault> {
    let limit = limit_or_most(asked.limit);
    let mut found: Vec<i64> = Vec::new();
    // Each state is a walk of its own: the few open calls are found without passing the many settled ones.
    for state in STATES {
        if asked.state.is_some_and(|wanted| wanted != state) {
            continue;
        }
        let mut query = QueryBuilder::<Db>::new("SELECT id FROM calls WHERE state = ");
        query.push_bind(call_state(state));
        query.push(" AND id > ").push_bind(asked.after.map_or(i64::MIN, |call| call.0));
        if let Some(run) = asked.run {
            query.push(" AND run = ").push_bind(run.0);
        }
        if let Some(record) = asked.record {
            query.push(" AND record = ").push_bind(record.0);
        }
        query.push(" ORDER BY id LIMIT ").push_bind(limit);
        for row in query.build().fetch_all(&mut *conn).await? {
            found.push(Cells::of(&row).int()?);
        }
    }
    found.sort_unstable();
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    by_number(conn, &found).await
}

fn read(row: &Row) -> Result<Call, Fault> {
    let mut cells = Cells::of(row);
    Ok(Call {
        id: CallId(cells.int()?),
        run: RunId(cells.int()?),
        record: RecordId(cells.int()?),
        question: cells.json()?,
        state: cells.word()?,
        reserved: Charge { credits: Credits::from_micros(cells.int()?), money: Money::from_micros(cells.int()?) },
        answer: cells.json_or_none::<Answer>()?,
        at: cells.time()?,
        settled_at: cells.time_or_none()?,
    })
}
