//! The refused: listed with reason and date, or made due now.

use evergreen_model::{LedgerKind, Problem, Record, Stage};
use evergreen_ports::{Claim, Transition};
use serde_json::json;

use crate::ledger;
use crate::world::World;

const PAGE: u32 = 1_000;

/// Every refused record, in order of id.
///
/// # Errors
/// When the store cannot be read.
pub async fn list(world: &World) -> Result<Vec<Record>, Problem> {
    let mut all = Vec::new();
    loop {
        let after = all.last().map(|record: &Record| record.id);
        let claim =
            Claim { stage: Stage::Rejected, entity: None, run: None, due_by: jiff::Timestamp::MAX, after, limit: PAGE };
        let page = world.store.claim(claim).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// Makes refused records due now, all or those of one reason; returns how many.
///
/// # Errors
/// When the store cannot write.
pub async fn retry(world: &World, reason: Option<&str>) -> Result<u64, Problem> {
    let now = world.clock.now();
    let mut records = list(world).await?;
    records.retain(|record| reason.is_none_or(|code| record.reason.as_ref().is_some_and(|why| why.code == code)));
    let count = records.len() as u64;
    for record in &mut records {
        record.due = now;
    }
    let line = ledger::general(
        now,
        None,
        LedgerKind::Decided,
        format!("{count} rejects made due now"),
        json!({ "reason": reason }),
    );
    world.store.commit(Transition { records, ledger: vec![line], ..Transition::default() }).await?;
    Ok(count)
}
