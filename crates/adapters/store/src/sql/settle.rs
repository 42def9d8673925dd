//! Settling: the answer to a reserved question, what it cost, and what the ledger says of it.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::call::{Call, CallState};
use evergreen_model::ledger::{LedgerKind, NewLedgerEntry};
use evergreen_model::money::Money;
use evergreen_ports::Settlement;
use serde_json::json;

use super::super::db::Conn;
use super::text::call_state;
use super::{calls, spend};
use crate::fault::Fault;

/// Writes answers, moves the sums along and returns the ledger lines that tell of it.
pub(super) async fn settle(conn: &mut Conn, settlements: &[Settlement]) -> Result<Vec<NewLedgerEntry>, Fault> {
    if settlements.is_empty() {
        return Ok(Vec::new());
    }
    let ids: BTreeSet<i64> = settlements.iter().map(|settlement| settlement.call.0).collect();
    let found = calls::by_number(conn, &ids.into_iter().collect::<Vec<_>>()).await?;
    let mut known: BTreeMap<i64, Call> = found.into_iter().map(|call| (call.id.0, call)).collect();
    let mut changes: BTreeMap<String, i64> = BTreeMap::new();
    let mut lines = Vec::with_capacity(settlements.len());
    for settlement in settlements {
        let call = known
            .get_mut(&settlement.call.0)
            .ok_or_else(|| Fault::Mistake(format!("call {} was never reserved", settlement.call.0)))?;
        check(call, settlement)?;
        let before = calls::counted(call);
        call.state = settlement.state;
        call.answer = settlement.answer.clone();
        call.settled_at = Some(settlement.at);
        let change = calls::counted(call).micros.saturating_sub(before.micros);
        for scope in spend::scopes(call.run, &call.question.provider, call.at) {
            *changes.entry(scope).or_default() += change;
        }
        lines.push(told(call, settlement));
    }
    calls::put(conn, &known.into_values().collect::<Vec<_>>()).await?;
    spend::add(conn, changes).await?;
    Ok(lines)
}

/// A call is settled or released once; a lost answer may still be found, or found never to have been charged.
fn check(call: &Call, settlement: &Settlement) -> Result<(), Fault> {
    let from = call.state;
    let to = settlement.state;
    let allowed = match from {
        CallState::Reserved => to != CallState::Reserved,
        CallState::Uncertain => matches!(to, CallState::Settled | CallState::Released),
        CallState::Settled | CallState::Released => false,
    };
    if !allowed {
        return Err(Fault::Mistake(format!(
            "call {} is {} and cannot become {}",
            call.id.0,
            call_state(from),
            call_state(to)
        )));
    }
    match &settlement.answer {
        None if to == CallState::Settled => {
            Err(Fault::Mistake(format!("call {} cannot be settled without an answer", call.id.0)))
        }
        Some(_) if to == CallState::Released => {
            Err(Fault::Mistake(format!("call {} has an answer and cannot be released", call.id.0)))
        }
        Some(answer) if answer.charge.money < Money::ZERO => {
            Err(Fault::Mistake(format!("call {} cannot cost less than nothing", call.id.0)))
        }
        _ => Ok(()),
    }
}

fn told(call: &Call, settlement: &Settlement) -> NewLedgerEntry {
    let provider = &call.question.provider;
    let reserved = call.reserved.money;
    let (sentence, outcome, charge) = match (&call.answer, call.state) {
        (Some(answer), CallState::Settled) => (
            format!("{provider} answered {} for {} ({})", answer.outcome, answer.charge.money, call.question.operation),
            Some(answer.outcome.as_str()),
            answer.charge,
        ),
        (_, CallState::Released) => {
            (format!("{reserved} set aside for {provider} given back: it was not charged"), None, Default::default())
        }
        _ => (
            format!("the answer of {provider} was lost; {reserved} counts as spent until a person settles it"),
            None,
            call.reserved,
        ),
    };
    NewLedgerEntry {
        at: settlement.at,
        run: Some(call.run),
        kind: LedgerKind::Settled,
        record: Some(call.record),
        sentence,
        details: json!({
            "call": call.id.0,
            "provider": provider,
            "operation": call.question.operation,
            "state": call_state(call.state),
            "outcome": outcome,
            "credits_micros": charge.credits.micros,
            "money_micros": charge.money.micros,
        }),
    }
}
