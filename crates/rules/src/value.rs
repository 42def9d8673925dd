//! A value while a rule is being answered; unknown is a value like any other.

use std::borrow::Cow;
use std::cmp::Ordering;

/// What a part of a rule comes to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    /// A field it needs is missing or unreadable.
    Unknown,
    Flag(bool),
    Number(f64),
    Text(Cow<'a, str>),
    /// Microseconds since 1970.
    Time(i64),
}

impl Value<'_> {
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self, Value::Unknown)
    }

    /// Order of two values of one kind; none when one is unknown.
    pub(crate) fn order(&self, other: &Value<'_>) -> Option<Ordering> {
        match (self, other) {
            (Value::Flag(a), Value::Flag(b)) => Some(a.cmp(b)),
            (Value::Number(a), Value::Number(b)) => a.partial_cmp(b),
            (Value::Text(a), Value::Text(b)) => Some(a.as_ref().cmp(b.as_ref())),
            (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

/// A number, unless the sum left the range of numbers.
pub(crate) fn finite<'a>(number: f64) -> Value<'a> {
    if number.is_finite() { Value::Number(number) } else { Value::Unknown }
}
