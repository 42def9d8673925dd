//! The check of the ledger: walks the chain and names the first line that was edited, removed or put in.

use std::fmt;

use crate::store::{LedgerQuery, Store, StoreError};
use evergreen_model::ledger::{chain_hash, genesis};
use evergreen_model::{Problem, Remedy};

/// Where every store remembers number and hash of its last ledger line (`17 <hash>`), so that a cut-off end is noticed too.
pub const LEDGER_HEAD: &str = "ledger:head";

/// Lines read at a time.
const PAGE: u32 = 5_000;

/// Where the ledger no longer is what Evergreen wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerBreak {
    /// The store could not be read, or a line is no longer readable (its number is in the text).
    Store(StoreError),
    /// The content of this line is not what it was when it was written.
    Edited(i64),
    /// This line is gone.
    Missing(i64),
    /// This line does not follow from the one before: it was put in, or the one before was replaced.
    Unchained(i64),
    /// Lines were added after this last genuine one without the store's knowledge.
    Appended(i64),
}

impl fmt::Display for LedgerBreak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LedgerBreak::Store(error) => write!(f, "{}", error.0),
            LedgerBreak::Edited(seq) => write!(f, "ledger line {seq} was edited"),
            LedgerBreak::Missing(seq) => write!(f, "ledger line {seq} is missing"),
            LedgerBreak::Unchained(seq) => write!(f, "ledger line {seq} does not follow from the line before it"),
            LedgerBreak::Appended(seq) => {
                write!(f, "ledger line {} was not written by Evergreen", seq + 1)
            }
        }
    }
}

impl std::error::Error for LedgerBreak {}

impl From<LedgerBreak> for Problem {
    fn from(found: LedgerBreak) -> Problem {
        match found {
            LedgerBreak::Store(error) => error.0,
            other => Problem::new(
                "EG-STORE-011",
                Remedy::AskPerson,
                other.to_string(),
                "the store was changed by something other than Evergreen; what follows in the ledger proves nothing",
                "compare with a backup and find out who had access to the file",
            ),
        }
    }
}

/// Walks the whole ledger in pages and returns how many lines it has.
///
/// # Errors
/// The first break of the chain, with its line number.
pub async fn verify_ledger(store: &dyn Store) -> Result<u64, LedgerBreak> {
    // Read first: a writer beside us may go on, and then the end lies after the head we know of.
    let head = store.remembered(LEDGER_HEAD).await.map_err(LedgerBreak::Store)?;
    let (head_seq, head_hash) = match &head {
        None => (0, genesis()),
        Some(text) => read_head(text).ok_or(LedgerBreak::Edited(0))?,
    };
    let mut last = 0;
    let mut hash = genesis();
    // From below the first number, so that a line put in before it is seen as well.
    let mut after = i64::MIN;
    loop {
        let query = LedgerQuery { after, limit: PAGE, ..LedgerQuery::default() };
        let page = store.ledger(query).await.map_err(LedgerBreak::Store)?;
        if page.is_empty() {
            break;
        }
        for line in page {
            if line.seq <= last {
                return Err(LedgerBreak::Unchained(line.seq));
            }
            if line.seq != last + 1 {
                return Err(LedgerBreak::Missing(last + 1));
            }
            if line.previous != hash {
                return Err(LedgerBreak::Unchained(line.seq));
            }
            if chain_hash(&line.previous, line.seq, &line.entry) != line.hash {
                return Err(LedgerBreak::Edited(line.seq));
            }
            if line.seq == head_seq && line.hash != head_hash {
                return Err(LedgerBreak::Edited(line.seq));
            }
            last = line.seq;
            after = line.seq;
            hash = line.hash;
        }
    }
    if last < head_seq {
        return Err(LedgerBreak::Missing(last + 1));
    }
    if last > head_seq {
        grown_by_evergreen(store, last, &hash, head_seq).await?;
    }
    Ok(u64::try_from(last).unwrap_or_default())
}

/// Lines after the head are fine when a writer has moved the head meanwhile, and foreign when it has not.
async fn grown_by_evergreen(store: &dyn Store, last: i64, hash: &str, known: i64) -> Result<(), LedgerBreak> {
    let head = store.remembered(LEDGER_HEAD).await.map_err(LedgerBreak::Store)?;
    match head.as_deref().and_then(read_head) {
        Some((seq, _)) if seq > last => Ok(()),
        Some((seq, expected)) if seq == last && expected == hash => Ok(()),
        _ => Err(LedgerBreak::Appended(known)),
    }
}

/// Number and hash of the last line, from what the store remembers.
#[must_use]
pub fn read_head(text: &str) -> Option<(i64, String)> {
    let (seq, hash) = text.split_once(' ')?;
    Some((seq.parse().ok()?, hash.to_owned()))
}
