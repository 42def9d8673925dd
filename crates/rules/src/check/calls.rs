//! Operators and functions in a rule: which exist, and what kinds they take.

use std::collections::BTreeSet;

use cel::common::ast::{CallExpr, Expr, IdedExpr, operators as op};
use regex::RegexBuilder;

use super::{Check, Checked, Type, Typed, unquoted};
use crate::normal::Form;
use crate::number;
use crate::problem::RuleProblem;
use crate::tree::{Compare, Node, Part, Sum, Turn};
use crate::words::nearest;

/// The functions of rules, all of which can be written before or behind their first argument: `lower(x)`, `x.lower()`.
const FUNCTIONS: [&str; 15] = [
    "contains",
    "double",
    "endsWith",
    "has",
    "int",
    "lower",
    "lowerAscii",
    "matches",
    "number",
    "size",
    "startsWith",
    "timestamp",
    "trim",
    "upper",
    "upperAscii",
];

/// A pattern larger than this after compilation would slow every answer.
const LARGEST_PATTERN: usize = 1 << 20;

impl<'a> Check<'a> {
    pub(super) fn call(&mut self, expr: &'a IdedExpr, call: &'a CallExpr) -> Checked {
        let args: Vec<&IdedExpr> = call.target.iter().map(AsRef::as_ref).chain(&call.args).collect();
        match (call.func_name.as_str(), args.as_slice()) {
            (op::LOGICAL_AND | op::LOGICAL_OR, _) => self.logic(call, &args),
            (op::LOGICAL_NOT, [inner]) => Ok(flag(Node::Not(Box::new(self.flag(inner, "`!`")?)))),
            (op::CONDITIONAL, [when, then, otherwise]) => self.choice(when, then, otherwise),
            (op::EQUALS, [left, right]) => self.compare(Compare::Equal, left, right),
            (op::NOT_EQUALS, [left, right]) => self.compare(Compare::NotEqual, left, right),
            (op::LESS, [left, right]) => self.compare(Compare::Less, left, right),
            (op::LESS_EQUALS, [left, right]) => self.compare(Compare::LessOrEqual, left, right),
            (op::GREATER, [left, right]) => self.compare(Compare::Greater, left, right),
            (op::GREATER_EQUALS, [left, right]) => self.compare(Compare::GreaterOrEqual, left, right),
            (op::IN, [value, list]) => self.one_of(value, list),
            (op::ADD, [left, right]) => self.add(left, right),
            (op::SUBSTRACT, [left, right]) => self.sum(Sum::Subtract, "`-`", left, right),
            (op::MULTIPLY, [left, right]) => self.sum(Sum::Multiply, "`*`", left, right),
            (op::DIVIDE, [left, right]) => self.sum(Sum::Divide, "`/`", left, right),
            (op::MODULO, [left, right]) => self.sum(Sum::Remainder, "`%`", left, right),
            (op::NEGATE, [inner]) => {
                let inner = self.number(inner, "`-`")?;
                Ok(number_of(turn(Turn::Negate, inner)))
            }
            (op::INDEX | op::OPT_INDEX | op::OPT_SELECT, _) => {
                self.refuse(expr, "rules know no square brackets behind a value")
            }
            (name, args) => self.function(expr, name, args),
        }
    }

    fn logic(&mut self, call: &'a CallExpr, args: &[&'a IdedExpr]) -> Checked {
        let and = call.func_name == op::LOGICAL_AND;
        let mut parts = Vec::with_capacity(args.len());
        for arg in args {
            // The parser makes a balanced tree of a chain; one flat list is answered faster.
            match (self.flag(arg, if and { "`&&`" } else { "`||`" })?, and) {
                (Node::And(inner), true) | (Node::Or(inner), false) => parts.extend(inner),
                (part, _) => parts.push(part),
            }
        }
        Ok(flag(if and { Node::And(parts) } else { Node::Or(parts) }))
    }

    fn choice(&mut self, when: &'a IdedExpr, then: &'a IdedExpr, otherwise: &'a IdedExpr) -> Checked {
        let condition = self.flag(when, "the condition before `?`")?;
        let (then_typed, otherwise_typed) = (self.expr(then)?, self.expr(otherwise)?);
        let kind = match (then_typed.kind, otherwise_typed.kind) {
            (Type::Text(a), Type::Text(b)) => Type::Text(a.join(b)),
            (a, b) if a == b => a,
            (a, b) => {
                return self.refuse(
                    otherwise,
                    format!("both ways behind `?` must be of one kind, but they are {} and {}", a.word(), b.word()),
                );
            }
        };
        Ok(Typed { node: Node::If(Box::new([condition, then_typed.node, otherwise_typed.node])), kind })
    }

    fn compare(&mut self, how: Compare, left: &'a IdedExpr, right: &'a IdedExpr) -> Checked {
        let (left_typed, right_typed) = (self.expr(left)?, self.expr(right)?);
        let (left_node, right_node) = self.alike(left, left_typed, right, right_typed)?;
        Ok(flag(Node::Compare(how, Box::new([left_node, right_node]))))
    }

    /// Two sides brought to one kind and form, or the reason why they cannot be compared.
    fn alike(&self, left: &IdedExpr, left_typed: Typed, right: &IdedExpr, right_typed: Typed) -> Checked<(Node, Node)> {
        match (left_typed.kind, right_typed.kind) {
            (Type::Text(a), Type::Text(b)) => {
                let form = a.join(b);
                Ok((in_form(form, left_typed.node), in_form(form, right_typed.node)))
            }
            (Type::Time, Type::Text(_)) => Ok((left_typed.node, self.date(right, right_typed.node)?)),
            (Type::Text(_), Type::Time) => Ok((self.date(left, left_typed.node)?, right_typed.node)),
            (a, b) if a == b => Ok((left_typed.node, right_typed.node)),
            (a, b) => {
                // The literal is more likely the mistake than the field.
                let wrong = if matches!(left.expr, Expr::Literal(_)) { left } else { right };
                let wrong_node = if std::ptr::eq(wrong, left) { &left_typed.node } else { &right_typed.node };
                let suggestion = match (a, b) {
                    (Type::Number, _) | (_, Type::Number) => unquoted(wrong_node),
                    (Type::Flag, _) | (_, Type::Flag) => as_flag(wrong_node),
                    _ => None,
                };
                let (left_text, right_text) = (self.text(left), self.text(right));
                let message = format!(
                    "`{left_text}` is {} and `{right_text}` is {}: they cannot be compared",
                    a.word(),
                    b.word()
                );
                Err(RuleProblem::new(message, self.places.whole(wrong)).suggest(suggestion))
            }
        }
    }

    /// A text literal beside a date, read as a date.
    fn date(&self, expr: &IdedExpr, node: Node) -> Checked<Node> {
        match &node {
            Node::Text(text) => match number::time(text) {
                Some(time) => Ok(Node::Time(time)),
                None => self.refuse(expr, format!("`{}` is not a date such as \"2026-01-31\"", self.text(expr))),
            },
            _ => self.refuse(
                expr,
                format!("`{0}` is a text; write `timestamp({0})` to compare it with a date", self.text(expr)),
            ),
        }
    }

    fn one_of(&mut self, value: &'a IdedExpr, list: &'a IdedExpr) -> Checked {
        let Expr::List(elements) = &list.expr else {
            let at = self.places.whole(value).start..self.places.whole(list).end;
            let hint = matches!(list.expr, Expr::Select(_))
                .then(|| format!("{}.contains({})", self.text(list), self.text(value)));
            return Err(RuleProblem::new("`in` needs a list in square brackets behind it", at).suggest(hint));
        };
        let sought = self.expr(value)?;
        let mut words = BTreeSet::new();
        let mut others = Vec::new();
        for element in &elements.elements {
            let candidate = self.expr(element)?;
            let sought = Typed { node: sought.node.clone(), kind: sought.kind };
            let form = match sought.kind {
                Type::Text(form) => form,
                _ => Form::Plain,
            };
            let (left, right) = self.alike(value, sought, element, candidate)?;
            match right {
                Node::Text(word) if form.apply(word.as_str().into()) == word.as_str() => {
                    words.insert(word);
                }
                right => others.push(Node::Compare(Compare::Equal, Box::new([left, right]))),
            }
        }
        if !words.is_empty() {
            let form = match sought.kind {
                Type::Text(form) => form,
                _ => Form::Plain,
            };
            others.push(Node::OneOf(Box::new(in_form(form, sought.node)), words));
        }
        Ok(flag(if others.len() == 1 { others.swap_remove(0) } else { Node::Or(others) }))
    }

    fn add(&mut self, left: &'a IdedExpr, right: &'a IdedExpr) -> Checked {
        let (left_typed, right_typed) = (self.expr(left)?, self.expr(right)?);
        let sides = Box::new([left_typed.node, right_typed.node]);
        match (left_typed.kind, right_typed.kind) {
            (Type::Number, Type::Number) => Ok(number_of(Node::Sum(Sum::Add, sides))),
            (Type::Text(_), Type::Text(_)) => Ok(Typed { node: Node::Join(sides), kind: Type::Text(Form::Plain) }),
            (a, b) => self
                .refuse(right, format!("`+` adds two numbers or joins two texts, not {} and {}", a.word(), b.word())),
        }
    }

    fn sum(&mut self, how: Sum, who: &str, left: &'a IdedExpr, right: &'a IdedExpr) -> Checked {
        let sides = Box::new([self.number(left, who)?, self.number(right, who)?]);
        Ok(number_of(Node::Sum(how, sides)))
    }

    fn function(&mut self, expr: &'a IdedExpr, name: &str, args: &[&'a IdedExpr]) -> Checked {
        let who = format!("`{name}`");
        match (name, args) {
            ("startsWith", [whole, part]) => self.part(Part::Start, &who, whole, part),
            ("endsWith", [whole, part]) => self.part(Part::End, &who, whole, part),
            ("contains", [whole, part]) => self.part(Part::Anywhere, &who, whole, part),
            ("matches", [text, pattern]) => self.matches(text, pattern),
            ("lower" | "lowerAscii", [inner]) => self.reshaped(Turn::Lower, &who, inner),
            ("upper" | "upperAscii", [inner]) => self.reshaped(Turn::Upper, &who, inner),
            ("trim", [inner]) => self.reshaped(Turn::Trim, &who, inner),
            ("size", [inner]) => {
                let (node, _) = self.textual(inner, &who)?;
                Ok(number_of(turn(Turn::Size, node)))
            }
            ("double" | "int" | "number", [inner]) => {
                let typed = self.expr(inner)?;
                match typed.kind {
                    Type::Text(_) | Type::Number => Ok(number_of(turn(Turn::ToNumber, typed.node))),
                    kind => self.refuse(inner, format!("{who} reads a text as a number, but this is {}", kind.word())),
                }
            }
            ("timestamp", [inner]) => {
                let typed = self.expr(inner)?;
                match (typed.kind, typed.node) {
                    (Type::Text(_), text @ Node::Text(_)) => {
                        Ok(Typed { node: self.date(inner, text)?, kind: Type::Time })
                    }
                    (Type::Text(_) | Type::Time, node) => {
                        Ok(Typed { node: turn(Turn::ToTime, node), kind: Type::Time })
                    }
                    (kind, _) => {
                        self.refuse(inner, format!("{who} reads a text as a date, but this is {}", kind.word()))
                    }
                }
            }
            (name, _) if FUNCTIONS.contains(&name) => {
                self.refuse(expr, format!("{who} takes {} here, not {}", usual(name), args.len()))
            }
            _ => {
                let at = self.named(expr, name);
                let message = format!("there is no function {who}");
                Err(RuleProblem::new(message, at).suggest(nearest(name, FUNCTIONS).map(str::to_owned)))
            }
        }
    }

    fn part(&mut self, how: Part, who: &str, whole: &'a IdedExpr, part: &'a IdedExpr) -> Checked {
        let (whole, whole_form) = self.textual(whole, who)?;
        let (part, _) = self.textual(part, who)?;
        let form = whole_form.of_parts();
        Ok(flag(Node::Part(how, Box::new([in_form(form, whole), in_form(form, part)]))))
    }

    fn matches(&mut self, text: &'a IdedExpr, pattern: &'a IdedExpr) -> Checked {
        let (node, form) = self.textual(text, "`matches`")?;
        let (Node::Text(pattern_text), _) = self.textual(pattern, "`matches`")? else {
            return self.refuse(pattern, "the pattern of `matches` must be written out in quotes");
        };
        let built = RegexBuilder::new(&pattern_text)
            .case_insensitive(form.of_parts() == Form::Folded)
            .size_limit(LARGEST_PATTERN)
            .build();
        match built {
            Ok(regex) => Ok(flag(Node::Matches(Box::new(node), regex))),
            Err(error) => {
                let text = error.to_string();
                let why = text.lines().last().unwrap_or_default().trim().trim_start_matches("error: ");
                self.refuse(pattern, format!("this is not a regular expression: {why}"))
            }
        }
    }

    fn reshaped(&mut self, how: Turn, who: &str, inner: &'a IdedExpr) -> Checked {
        let (node, form) = self.textual(inner, who)?;
        Ok(Typed { node: turn(how, node), kind: Type::Text(form) })
    }

    /// The function's name where it stands in the rule.
    fn named(&self, expr: &IdedExpr, name: &str) -> std::ops::Range<usize> {
        let whole = self.places.whole(expr);
        match self.source.get(whole.clone()).and_then(|text| text.find(name)) {
            Some(at) => whole.start + at..whole.start + at + name.len(),
            None => whole,
        }
    }
}

fn flag(node: Node) -> Typed {
    Typed { node, kind: Type::Flag }
}

fn number_of(node: Node) -> Typed {
    Typed { node, kind: Type::Number }
}

fn turn(how: Turn, node: Node) -> Node {
    Node::Turn(how, Box::new(node))
}

/// The value in a form; a literal is brought into it once, here.
fn in_form(form: Form, node: Node) -> Node {
    match (form, node) {
        (Form::Plain, node) => node,
        (form, Node::Text(text)) => Node::Text(form.apply(text.into()).into_owned()),
        (form, node) => turn(Turn::Form(form), node),
    }
}

fn as_flag(node: &Node) -> Option<String> {
    match node {
        Node::Text(text) => number::flag(text).map(|flag| flag.to_string()),
        _ => None,
    }
}

fn usual(function: &str) -> &'static str {
    match function {
        "contains" | "endsWith" | "matches" | "startsWith" => "a text and one more text",
        "has" => "one field, such as `company.country`,",
        _ => "one value",
    }
}
