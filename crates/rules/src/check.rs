//! Checks a parsed rule against the known fields and their kinds, and turns it into a tree that can be answered.

mod calls;
mod names;

use std::ops::Range;

use cel::common::ast::{Expr, IdedExpr, LiteralValue, SourceInfo};
use evergreen_model::field::FieldKind;

use crate::known::Known;
use crate::normal::Form;
use crate::place::Places;
use crate::problem::RuleProblem;
use crate::tree::{FieldRef, Node};

/// The deepest nesting of a rule; answering goes one call deeper for each level.
const DEEPEST: usize = 100;

/// The most parts a rule may come to after `exists` and `all` are written out.
const LARGEST: usize = 5_000;

/// What kind of value an expression has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Text(Form),
    Number,
    Flag,
    Time,
}

impl Type {
    fn of(kind: FieldKind) -> Type {
        match (kind, Form::of(kind)) {
            (_, Some(form)) => Type::Text(form),
            (FieldKind::Flag, None) => Type::Flag,
            (FieldKind::Time, None) => Type::Time,
            (_, None) => Type::Number,
        }
    }

    /// The kind as people say it.
    fn word(self) -> &'static str {
        match self {
            Type::Text(_) => "a text",
            Type::Number => "a number",
            Type::Flag => "true or false",
            Type::Time => "a date",
        }
    }
}

/// A checked expression with its kind.
pub(crate) struct Typed {
    node: Node,
    kind: Type,
}

type Checked<T = Typed> = Result<T, RuleProblem>;

/// The check of one rule.
pub(crate) struct Check<'a> {
    source: &'a str,
    known: &'a Known,
    places: Places<'a>,
    fields: Vec<FieldRef>,
    /// Names bound by `exists` and `all`, innermost last.
    bound: Vec<(String, &'a IdedExpr)>,
    depth: usize,
    size: usize,
}

impl<'a> Check<'a> {
    pub(crate) fn new(source: &'a str, info: &'a SourceInfo, known: &'a Known) -> Self {
        Check {
            source,
            known,
            places: Places::new(source, info),
            fields: Vec::new(),
            bound: Vec::new(),
            depth: 0,
            size: 0,
        }
    }

    /// Checks a whole rule, which must be yes or no.
    pub(crate) fn rule(mut self, expr: &'a IdedExpr) -> Checked<(Node, Vec<FieldRef>)> {
        let node = self.flag(expr, "a rule")?;
        Ok((node, self.fields))
    }

    fn expr(&mut self, expr: &'a IdedExpr) -> Checked {
        self.depth += 1;
        self.size += 1;
        if self.depth > DEEPEST || self.size > LARGEST {
            return Err(RuleProblem::new("the rule is too large; split it into several", self.places.token(expr.id)));
        }
        let checked = match &expr.expr {
            Expr::Literal(literal) => self.literal(expr, literal),
            Expr::Ident(name) => self.name(expr, name),
            Expr::Select(select) => self.select(expr, select),
            Expr::Call(call) => self.call(expr, call),
            Expr::Comprehension(comprehension) => self.comprehension(expr, comprehension),
            Expr::List(_) => {
                self.refuse(expr, "a list only makes sense behind `in`, or before `.exists()` and `.all()`")
            }
            Expr::Map(_) | Expr::Struct(_) => self.refuse(expr, "rules have no objects of their own"),
            Expr::Unspecified => self.refuse(expr, "something is missing here"),
        };
        self.depth -= 1;
        checked
    }

    fn literal(&self, expr: &IdedExpr, literal: &LiteralValue) -> Checked {
        #[expect(clippy::cast_precision_loss, reason = "rules count people and money, not 2^53 things")]
        let (node, kind) = match literal {
            LiteralValue::Boolean(flag) => (Node::Flag(*flag.inner()), Type::Flag),
            LiteralValue::Int(number) => (Node::Number(*number.inner() as f64), Type::Number),
            LiteralValue::UInt(number) => (Node::Number(*number.inner() as f64), Type::Number),
            LiteralValue::Double(number) => (Node::Number(*number.inner()), Type::Number),
            LiteralValue::String(text) => (Node::Text(text.inner().to_owned()), Type::Text(Form::Plain)),
            LiteralValue::Null => {
                return self.refuse(expr, "nothing is compared with null; ask `has(company.country)` instead");
            }
            LiteralValue::Bytes(_) => {
                return self.refuse(expr, "rules know no bytes; leave out the `b` before the quotes");
            }
        };
        Ok(Typed { node, kind })
    }

    /// An expression that must be yes or no.
    fn flag(&mut self, expr: &'a IdedExpr, who: &str) -> Checked<Node> {
        let typed = self.expr(expr)?;
        if typed.kind != Type::Flag {
            let what = self.text(expr);
            return self.refuse(expr, format!("{who} must be true or false, but `{what}` is {}", typed.kind.word()));
        }
        Ok(typed.node)
    }

    /// An expression that must be a text, with the form its comparisons have.
    fn textual(&mut self, expr: &'a IdedExpr, who: &str) -> Checked<(Node, Form)> {
        let typed = self.expr(expr)?;
        match typed.kind {
            Type::Text(form) => Ok((typed.node, form)),
            kind => {
                let what = self.text(expr);
                self.refuse(expr, format!("{who} needs a text, but `{what}` is {}", kind.word()))
            }
        }
    }

    /// An expression that must be a number.
    fn number(&mut self, expr: &'a IdedExpr, who: &str) -> Checked<Node> {
        let typed = self.expr(expr)?;
        if typed.kind == Type::Number {
            return Ok(typed.node);
        }
        let what = self.text(expr);
        let problem = format!("{who} needs a number, but `{what}` is {}", typed.kind.word());
        Err(RuleProblem::new(problem, self.places.whole(expr)).suggest(unquoted(&typed.node)))
    }

    fn field(&mut self, object: &str, field: &str, kind: FieldKind) -> usize {
        let wanted = FieldRef { object: object.to_owned(), field: field.to_owned(), kind };
        if let Some(index) = self.fields.iter().position(|known| *known == wanted) {
            return index;
        }
        self.fields.push(wanted);
        self.fields.len() - 1
    }

    /// The words of an expression as they stand in the rule.
    fn text(&self, expr: &IdedExpr) -> &'a str {
        let range: Range<usize> = self.places.whole(expr);
        self.source.get(range).unwrap_or_default()
    }

    fn refuse<T>(&self, expr: &IdedExpr, message: impl Into<String>) -> Checked<T> {
        Err(RuleProblem::new(message, self.places.whole(expr)))
    }
}

/// A quoted number without its quotes, as a guess at what was meant.
fn unquoted(node: &Node) -> Option<String> {
    match node {
        Node::Text(text) => crate::number::number(text).map(|number| number.to_string()),
        _ => None,
    }
}
