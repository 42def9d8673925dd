//! The search index lags behind the records: for a while it still shows a record as it was before its last changes.

use std::borrow::Cow;

use serde_json::Value;

use super::super::record::Record;
use super::adapter::{moments, rewound};
use crate::chance::draw;
use crate::clock::Millis;

/// How long the index takes to notice a change: mostly between `min` and `max`, sometimes as long as `slow`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Lag {
    pub min_ms: u64,
    pub max_ms: u64,
    pub slow_percent: u64,
    pub slow_ms: u64,
}

impl Lag {
    /// From an admin call: `lag_ms`, or `min_ms`, `max_ms`, `slow_percent`, `slow_ms`.
    pub(crate) fn read(body: &Value) -> Result<Lag, String> {
        if let Some(ms) = body["lag_ms"].as_u64() {
            return Ok(Lag { min_ms: ms, max_ms: ms, ..Lag::default() });
        }
        let number = |name: &str| body[name].as_u64();
        let (Some(min_ms), Some(max_ms)) = (number("min_ms"), number("max_ms")) else {
            return Err("lag_ms, or min_ms and max_ms, must be numbers".to_owned());
        };
        let slow_percent = number("slow_percent").unwrap_or(0).min(100);
        Ok(Lag { min_ms, max_ms: max_ms.max(min_ms), slow_percent, slow_ms: number("slow_ms").unwrap_or(max_ms) })
    }

    fn longest(&self) -> Millis {
        let slow = if self.slow_percent > 0 { self.slow_ms } else { 0 };
        Millis::try_from(self.max_ms.max(slow)).unwrap_or(Millis::MAX / 4)
    }

    fn of(&self, seed: u64, id: u64, at: Millis) -> Millis {
        let parts = [id.to_string(), at.to_string()];
        let throw = |salt: &str| draw(seed, &["index-lag", salt, &parts[0], &parts[1]]);
        let (low, high) = if throw("slow") % 100 < self.slow_percent {
            (self.max_ms, self.slow_ms.max(self.max_ms))
        } else {
            (self.min_ms, self.max_ms)
        };
        Millis::try_from(low + throw("ms") % (high - low + 1)).unwrap_or(Millis::MAX / 4)
    }

    /// The record as the index has it now; none when it does not know it yet. Changes are noticed in their order.
    pub(crate) fn indexed<'a>(&self, seed: u64, record: &'a Record, now: Millis) -> Option<Cow<'a, Record>> {
        let longest = self.longest();
        if longest == 0 || record.updated.max(record.created) + longest <= now {
            return Some(Cow::Borrowed(record));
        }
        let recent = moments(record, now - longest);
        let unnoticed = recent.iter().position(|at| at + self.of(seed, record.id, *at) > now);
        match unnoticed {
            None => Some(Cow::Borrowed(record)),
            Some(at) => rewound(record, recent[at] - 1).map(Cow::Owned),
        }
    }
}
