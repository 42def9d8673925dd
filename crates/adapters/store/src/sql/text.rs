//! How values are written into columns: words, JSON and microseconds.

use evergreen_model::call::CallState;
use evergreen_model::review::ReviewState;
use jiff::Timestamp;
use serde::Serialize;

use crate::fault::Fault;

/// A value as JSON.
pub(super) fn json<T: Serialize>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::Mistake(format!("a value cannot be written as JSON: {error}")))
}

/// A value as JSON, or nothing.
pub(super) fn json_or_none<T: Serialize>(value: Option<&T>) -> Result<Option<String>, Fault> {
    value.map(json).transpose()
}

/// A time as microseconds since 1970; what is finer is cut off.
pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// A count as the database's whole number.
pub(super) fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A limit, where 0 stands for the most that one read may return.
pub(super) fn limit_or_most(limit: u32) -> i64 {
    const MOST: i64 = 10_000;
    if limit == 0 { MOST } else { i64::from(limit) }
}

/// The word of a call's state.
pub(super) const fn call_state(state: CallState) -> &'static str {
    match state {
        CallState::Reserved => "reserved",
        CallState::Settled => "settled",
        CallState::Released => "released",
        CallState::Uncertain => "uncertain",
    }
}

/// The word of a review item's state.
pub(super) const fn review_state(state: ReviewState) -> &'static str {
    match state {
        ReviewState::Open => "open",
        ReviewState::Closed => "closed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_columns_are_the_words_in_json() {
        for state in [CallState::Reserved, CallState::Settled, CallState::Released, CallState::Uncertain] {
            assert_eq!(json(&state).unwrap(), format!("\"{}\"", call_state(state)));
        }
        for state in [ReviewState::Open, ReviewState::Closed] {
            assert_eq!(json(&state).unwrap(), format!("\"{}\"", review_state(state)));
        }
    }
}
