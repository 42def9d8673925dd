//! Where in the text of a rule an expression stands, as byte ranges fit for underlining.

use std::ops::Range;

use cel::common::ast::{EntryExpr, Expr, IdedExpr, SourceInfo};
use cel::parser::ParseErrors;

use crate::problem::RuleProblem;

/// Finds the places of parsed expressions in their text.
pub(crate) struct Places<'a> {
    source: &'a str,
    info: &'a SourceInfo,
}

impl<'a> Places<'a> {
    pub(crate) fn new(source: &'a str, info: &'a SourceInfo) -> Self {
        Places { source, info }
    }

    /// The whole of an expression, its parts included.
    pub(crate) fn whole(&self, expr: &IdedExpr) -> Range<usize> {
        let token = self.token(expr.id);
        let mut range = token.clone();
        let mut grow = |part: Range<usize>| range = range.start.min(part.start)..range.end.max(part.end);
        match &expr.expr {
            Expr::Call(call) => {
                // A call `name(…)` is filed under its bracket.
                let before = self.source[..token.start].trim_end();
                if before.ends_with(&call.func_name) {
                    grow(before.len() - call.func_name.len()..token.end);
                }
                call.target.iter().for_each(|target| grow(self.whole(target)));
                call.args.iter().for_each(|arg| grow(self.whole(arg)));
            }
            Expr::Select(select) => {
                let operand = self.whole(&select.operand);
                if select.test {
                    // `has(…)` is filed under its bracket; what matters is the field in it.
                    return operand.start..self.after_dot(operand.end, &select.field).end;
                }
                grow(self.after_dot(token.end.max(operand.end), &select.field));
                grow(operand);
            }
            Expr::List(list) => list.elements.iter().for_each(|element| grow(self.whole(element))),
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        grow(self.whole(&entry.value));
                    }
                }
            }
            _ => {}
        }
        range
    }

    /// The token an expression is filed under: an operator, a name, a literal.
    pub(crate) fn token(&self, id: u64) -> Range<usize> {
        let Some((start, stop)) = self.info.offset_for(id) else { return 0..self.source.len() };
        // The parser's end is inclusive, and one before the start for an empty token.
        let start = floor(self.source, start as usize);
        let end = ceil(self.source, (stop as usize).saturating_add(1));
        start..end.max(start)
    }

    /// The field name that follows a dot at or after `from`.
    fn after_dot(&self, from: usize, field: &str) -> Range<usize> {
        let from = floor(self.source, from.saturating_sub(1));
        match self.source[from..].find(field) {
            Some(at) => from + at..from + at + field.len(),
            None => from..from,
        }
    }
}

/// The first of the parser's complaints, in our words and with a byte range.
pub(crate) fn syntax(source: &str, errors: &ParseErrors) -> RuleProblem {
    let Some(error) = errors.errors.first() else {
        return RuleProblem::new("this is not a rule", 0..source.len());
    };
    let (line, column) = error.pos;
    let start = offset(source, line, column);
    let end = source[start..].chars().next().map_or(start, |c| start + c.len_utf8());
    let message = error.msg.strip_prefix("Syntax error: ").unwrap_or(&error.msg);
    // The parser lists every token it could have gone on with; nobody wants to read that.
    let message = message.split(" expecting ").next().unwrap_or(message).trim();
    let message =
        message.replace("'<EOF>'", "end of the rule").replace("<EOF>", "end of the rule").replace(['\n', '\r'], " ");
    RuleProblem::new(format!("the rule cannot be read: {message}"), start..end)
}

/// Byte offset of a line and column, both counted from 1, columns in characters.
fn offset(source: &str, line: isize, column: isize) -> usize {
    let line = usize::try_from(line.max(1)).unwrap_or(1);
    let column = usize::try_from(column.max(1)).unwrap_or(1);
    let start: usize = source.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = &source[start..];
    start + rest.char_indices().nth(column - 1).map_or(rest.len(), |(at, _)| at)
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}
