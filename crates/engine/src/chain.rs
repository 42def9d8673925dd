//! Reads the hash-chained ledger: its newest lines, and whether every line is as it was written.

use evergreen_model::ledger::{chain_hash, genesis};
use evergreen_model::{LedgerEntry, Problem};
use evergreen_ports::LedgerQuery;
use serde::Serialize;

use crate::world::World;

const PAGE: u32 = 5_000;

/// What a walk along the chain found.
#[derive(Clone, Debug, Serialize)]
pub struct Walked {
    /// Lines read.
    pub lines: u64,
    /// The first line that is not as it was written.
    pub broken: Option<Broken>,
}

/// A line that does not fit the chain.
#[derive(Clone, Debug, Serialize)]
pub struct Broken {
    /// Its number.
    pub seq: i64,
    /// What does not fit.
    pub why: String,
}

/// Walks the whole chain.
///
/// # Errors
/// When the store cannot be read.
pub async fn verify(world: &World) -> Result<Walked, Problem> {
    let mut walked = Walked { lines: 0, broken: None };
    let mut previous = genesis();
    let mut seq = 0;
    loop {
        let page = world.store.ledger(LedgerQuery { after: seq, limit: PAGE, ..LedgerQuery::default() }).await?;
        if page.is_empty() {
            return Ok(walked);
        }
        for line in page {
            let why = if line.seq != seq + 1 {
                Some(format!("line {} is missing", seq + 1))
            } else if line.previous != previous {
                Some("it does not follow the line before it".to_owned())
            } else if line.hash != chain_hash(&previous, line.seq, &line.entry) {
                Some("its content does not fit its hash".to_owned())
            } else {
                None
            };
            walked.lines += 1;
            if let Some(why) = why {
                walked.broken = Some(Broken { seq: line.seq, why });
                return Ok(walked);
            }
            (seq, previous) = (line.seq, line.hash);
        }
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
