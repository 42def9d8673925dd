//! Reads the hash-chained ledger: its newest lines, and whether every line is as it was written.

use evergreen_model::{LedgerEntry, Problem};
use evergreen_ports::{LedgerQuery, verify_ledger};
use serde::Serialize;

use crate::world::World;

const PAGE: u32 = 5_000;

/// What a walk along the chain found.
#[derive(Clone, Debug, Serialize)]
pub struct Walked {
    /// Lines, when all of them are as they were written.
    pub lines: Option<u64>,
    /// The first line that is not, in words.
    pub broken: Option<Problem>,
}

/// Walks the whole chain; a break is an answer, not an error.
pub async fn verify(world: &World) -> Walked {
    match verify_ledger(world.store.as_ref()).await {
        Ok(lines) => Walked { lines: Some(lines), broken: None },
        Err(broken) => Walked { lines: None, broken: Some(broken.into()) },
    }
}

/// The newest lines, oldest of them first.
///
/// # Errors
/// When the store cannot be read.
pub async fn newest(world: &World, count: u32) -> Result<Vec<LedgerEntry>, Problem> {
    let mut last: Vec<LedgerEntry> = Vec::new();
    let mut after = 0;
    loop {
        let page = world.store.ledger(LedgerQuery { after, limit: PAGE, ..LedgerQuery::default() }).await?;
        let Some(end) = page.last() else { return Ok(last) };
        after = end.seq;
        last.extend(page);
        let surplus = last.len().saturating_sub(count as usize);
        last.drain(..surplus);
    }
}
