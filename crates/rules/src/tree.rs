//! A checked rule as a tree, and how it is answered in three values.

use std::borrow::Cow;
use std::collections::BTreeSet;

use evergreen_model::field::FieldKind;
use regex::Regex;

use crate::normal::Form;
use crate::number;
use crate::rule::Facts;
use crate::value::{Value, finite};

/// A field a rule names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldRef {
    pub(crate) object: String,
    pub(crate) field: String,
    pub(crate) kind: FieldKind,
}

/// One comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compare {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// One sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sum {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// One question about a part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Start,
    End,
    Anywhere,
}

/// One change of a single value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Lower,
    Upper,
    Trim,
    Size,
    Negate,
    ToNumber,
    ToTime,
    Form(Form),
}

/// A checked expression.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Flag(bool),
    Number(f64),
    Text(String),
    Time(i64),
    /// Index into the rule's fields.
    Field(usize),
    Has(usize),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    If(Box<[Node; 3]>),
    Compare(Compare, Box<[Node; 2]>),
    OneOf(Box<Node>, BTreeSet<String>),
    Sum(Sum, Box<[Node; 2]>),
    Join(Box<[Node; 2]>),
    Part(Part, Box<[Node; 2]>),
    Matches(Box<Node>, Regex),
    Turn(Turn, Box<Node>),
}

/// What a tree is answered from.
pub(crate) struct Ground<'a> {
    pub(crate) fields: &'a [FieldRef],
    pub(crate) facts: &'a dyn Facts,
}

impl Ground<'_> {
    /// The text of a field; an empty value is a missing one, as in HubSpot.
    fn text(&self, index: usize) -> Option<String> {
        let field = self.fields.get(index)?;
        self.facts.get(&field.object, &field.field).filter(|value| !value.trim().is_empty())
    }

    fn value<'v>(&self, index: usize) -> Value<'v> {
        let (Some(field), Some(text)) = (self.fields.get(index), self.text(index)) else { return Value::Unknown };
        match field.kind {
            FieldKind::Number => number::number(&text).map_or(Value::Unknown, Value::Number),
            FieldKind::Flag => number::flag(&text).map_or(Value::Unknown, Value::Flag),
            FieldKind::Time => number::time(&text).map_or(Value::Unknown, Value::Time),
            FieldKind::Text | FieldKind::Email | FieldKind::Phone | FieldKind::Url | FieldKind::Domain => {
                Value::Text(Cow::Owned(text))
            }
        }
    }

    /// The field's name, with a note when it has a value that cannot be read.
    fn gap(&self, index: usize) -> String {
        let Some(field) = self.fields.get(index) else { return String::new() };
        let name = format!("{}.{}", field.object, field.field);
        let wanted = match field.kind {
            FieldKind::Number => "a number",
            FieldKind::Flag => "true or false",
            FieldKind::Time => "a date",
            _ => return name,
        };
        match self.text(index) {
            Some(text) => format!("{name} ({text:?} is not {wanted})"),
            None => name,
        }
    }
}

impl Node {
    /// What it comes to.
    pub(crate) fn answer<'n>(&'n self, ground: &Ground<'_>) -> Value<'n> {
        match self {
            Node::Flag(flag) => Value::Flag(*flag),
            Node::Number(number) => Value::Number(*number),
            Node::Text(text) => Value::Text(Cow::Borrowed(text)),
            Node::Time(time) => Value::Time(*time),
            Node::Field(index) => ground.value(*index),
            Node::Has(index) => Value::Flag(ground.text(*index).is_some()),
            Node::Not(inner) => match inner.answer(ground) {
                Value::Flag(flag) => Value::Flag(!flag),
                _ => Value::Unknown,
            },
            // A single "no" decides an "and", a single "yes" an "or", whatever is unknown beside it.
            Node::And(parts) => decided(parts, ground, false),
            Node::Or(parts) => decided(parts, ground, true),
            Node::If(parts) => {
                let [when, then, otherwise] = parts.as_ref();
                match when.answer(ground) {
                    Value::Flag(true) => then.answer(ground),
                    Value::Flag(false) => otherwise.answer(ground),
                    // Both ways lead to one value: then it does not matter that the way is unknown.
                    _ => {
                        let (then, otherwise) = (then.answer(ground), otherwise.answer(ground));
                        if then == otherwise { then } else { Value::Unknown }
                    }
                }
            }
            Node::Compare(how, sides) => {
                let [left, right] = sides.as_ref();
                let left = left.answer(ground);
                if left.is_unknown() {
                    return Value::Unknown;
                }
                match left.order(&right.answer(ground)) {
                    Some(order) => Value::Flag(match how {
                        Compare::Equal => order.is_eq(),
                        Compare::NotEqual => order.is_ne(),
                        Compare::Less => order.is_lt(),
                        Compare::LessOrEqual => order.is_le(),
                        Compare::Greater => order.is_gt(),
                        Compare::GreaterOrEqual => order.is_ge(),
                    }),
                    None => Value::Unknown,
                }
            }
            Node::OneOf(inner, words) => match inner.answer(ground) {
                Value::Text(text) => Value::Flag(words.contains(text.as_ref())),
                _ => Value::Unknown,
            },
            Node::Sum(how, sides) => {
                let [left, right] = sides.as_ref();
                match (left.answer(ground), right.answer(ground)) {
                    (Value::Number(a), Value::Number(b)) => finite(match how {
                        Sum::Add => a + b,
                        Sum::Subtract => a - b,
                        Sum::Multiply => a * b,
                        Sum::Divide => a / b,
                        Sum::Remainder => a % b,
                    }),
                    _ => Value::Unknown,
                }
            }
            Node::Join(sides) => {
                let [left, right] = sides.as_ref();
                match (left.answer(ground), right.answer(ground)) {
                    (Value::Text(a), Value::Text(b)) => Value::Text(Cow::Owned(format!("{a}{b}"))),
                    _ => Value::Unknown,
                }
            }
            Node::Part(how, sides) => {
                let [whole, part] = sides.as_ref();
                match (whole.answer(ground), part.answer(ground)) {
                    (Value::Text(whole), Value::Text(part)) => Value::Flag(match how {
                        Part::Start => whole.starts_with(part.as_ref()),
                        Part::End => whole.ends_with(part.as_ref()),
                        Part::Anywhere => whole.contains(part.as_ref()),
                    }),
                    _ => Value::Unknown,
                }
            }
            Node::Matches(inner, pattern) => match inner.answer(ground) {
                Value::Text(text) => Value::Flag(pattern.is_match(&text)),
                _ => Value::Unknown,
            },
            Node::Turn(turn, inner) => turned(*turn, inner.answer(ground)),
        }
    }

    /// The parts, in reading order.
    pub(crate) fn parts(&self) -> &[Node] {
        match self {
            Node::Not(inner) | Node::OneOf(inner, _) | Node::Matches(inner, _) | Node::Turn(_, inner) => {
                std::slice::from_ref(inner.as_ref())
            }
            Node::And(parts) | Node::Or(parts) => parts,
            Node::If(parts) => parts.as_ref(),
            Node::Compare(_, sides) | Node::Sum(_, sides) | Node::Join(sides) | Node::Part(_, sides) => sides.as_ref(),
            Node::Flag(_) | Node::Number(_) | Node::Text(_) | Node::Time(_) | Node::Field(_) | Node::Has(_) => &[],
        }
    }

    /// Why it is unknown: the fields whose absence matters, those that another part has made irrelevant left out.
    pub(crate) fn gaps(&self, ground: &Ground<'_>, found: &mut Vec<String>) {
        let before = found.len();
        match self {
            Node::Field(index) => note(ground.gap(*index), found),
            Node::If(parts) => {
                let [when, then, otherwise] = parts.as_ref();
                match when.answer(ground) {
                    Value::Flag(true) => then.gaps(ground, found),
                    Value::Flag(false) => otherwise.gaps(ground, found),
                    _ => when.gaps(ground, found),
                }
            }
            _ => {
                for part in self.parts() {
                    if part.answer(ground).is_unknown() {
                        part.gaps(ground, found);
                    }
                }
            }
        }
        if found.len() == before
            && !matches!(self, Node::Field(_))
            && self.parts().iter().all(|part| !part.answer(ground).is_unknown())
        {
            // Every part is known and still there is no value: the sum or the reading itself has none.
            let what = match self {
                Node::Sum(..) => "a sum without a result (division by zero)".to_owned(),
                Node::Turn(turn, inner) => unread(*turn, inner.answer(ground)),
                _ => return,
            };
            note(what, found);
        }
    }
}

fn unread(turn: Turn, value: Value<'_>) -> String {
    let wanted = if turn == Turn::ToTime { "a date" } else { "a number" };
    match value {
        Value::Text(text) => format!("{text:?} is not {wanted}"),
        _ => format!("a value that is not {wanted}"),
    }
}

fn note(gap: String, found: &mut Vec<String>) {
    if !found.contains(&gap) {
        found.push(gap);
    }
}

fn decided<'v>(parts: &[Node], ground: &Ground<'_>, deciding: bool) -> Value<'v> {
    let mut unknown = false;
    for part in parts {
        match part.answer(ground) {
            Value::Flag(flag) if flag == deciding => return Value::Flag(deciding),
            Value::Flag(_) => {}
            _ => unknown = true,
        }
    }
    if unknown { Value::Unknown } else { Value::Flag(!deciding) }
}

#[expect(clippy::cast_precision_loss, reason = "no text has 2^53 letters")]
fn turned(turn: Turn, value: Value<'_>) -> Value<'_> {
    match (turn, value) {
        (Turn::Negate, Value::Number(number)) => Value::Number(-number),
        (Turn::ToNumber, Value::Number(number)) => Value::Number(number),
        (Turn::Lower, Value::Text(text)) => Value::Text(Cow::Owned(text.to_lowercase())),
        (Turn::Upper, Value::Text(text)) => Value::Text(Cow::Owned(text.to_uppercase())),
        (Turn::Trim, Value::Text(text)) => Value::Text(Cow::Owned(text.trim().to_owned())),
        (Turn::Size, Value::Text(text)) => Value::Number(text.chars().count() as f64),
        (Turn::ToNumber, Value::Text(text)) => number::number(&text).map_or(Value::Unknown, Value::Number),
        (Turn::ToTime, Value::Text(text)) => number::time(&text).map_or(Value::Unknown, Value::Time),
        (Turn::ToTime, Value::Time(time)) => Value::Time(time),
        (Turn::Form(form), Value::Text(text)) => Value::Text(form.apply(text)),
        _ => Value::Unknown,
    }
}
