//! Names in a rule: objects, fields, and what was probably meant by an unknown one.

use cel::common::ast::{ComprehensionExpr, Expr, IdedExpr, SelectExpr, operators};

use super::{Check, Checked, Type, Typed};
use crate::problem::RuleProblem;
use crate::tree::Node;
use crate::words::nearest;

impl<'a> Check<'a> {
    /// A name on its own: bound by `exists` or `all`, or a mistake.
    pub(super) fn name(&mut self, expr: &'a IdedExpr, name: &str) -> Checked {
        if let Some((_, value)) = self.bound.iter().rev().find(|(bound, _)| bound == name) {
            let value = *value;
            return self.expr(value);
        }
        let at = self.places.token(expr.id);
        if self.known.objects().any(|object| object == name) {
            let example = self.known.fields(name).next().unwrap_or("field");
            return Err(RuleProblem::new(
                format!("`{name}` is not a value; name one of its fields, such as `{name}.{example}`"),
                at,
            ));
        }
        Err(RuleProblem::new(format!("there is no `{name}`"), at).suggest(self.meant(name)))
    }

    /// `object.field`, or `has(object.field)`.
    pub(super) fn select(&mut self, expr: &'a IdedExpr, select: &SelectExpr) -> Checked {
        let Expr::Ident(object) = &select.operand.expr else {
            return self.refuse(expr, "fields have no parts; write `object.field`");
        };
        if self.bound.iter().any(|(bound, _)| bound == object) {
            return self.refuse(expr, format!("`{object}` is a value of the list and has no fields"));
        }
        let field = &select.field;
        if let Some(kind) = self.known.kind(object, field) {
            let index = self.field(object, field, kind);
            return Ok(if select.test {
                Typed { node: Node::Has(index), kind: Type::Flag }
            } else {
                Typed { node: Node::Field(index), kind: Type::of(kind) }
            });
        }
        let at = self.places.whole(expr);
        if self.known.fields(object).next().is_none() {
            let suggestion = self.near_object(object, field).or_else(|| self.meant(field));
            let message = format!("there is no object `{object}`; rules know {}", list(self.known.objects()));
            return Err(RuleProblem::new(message, at).suggest(suggestion));
        }
        let near = nearest(field, self.known.fields(object)).map(|near| format!("{object}.{near}"));
        let suggestion = self.exact_elsewhere(field).or(near);
        Err(RuleProblem::new(format!("`{object}` has no field `{field}`"), at).suggest(suggestion))
    }

    /// `[…].exists(x, …)` and `[…].all(x, …)` over a list that is written out.
    pub(super) fn comprehension(&mut self, expr: &'a IdedExpr, comprehension: &'a ComprehensionExpr) -> Checked {
        const ONLY: &str =
            "of the list functions, rules know `.exists(x, …)` and `.all(x, …)` over a list in square brackets";
        let (Expr::List(list), Expr::Call(step)) = (&comprehension.iter_range.expr, &comprehension.loop_step.expr)
        else {
            return self.refuse(expr, ONLY);
        };
        let any = match step.func_name.as_str() {
            operators::LOGICAL_OR => true,
            operators::LOGICAL_AND => false,
            _ => return self.refuse(expr, ONLY),
        };
        let ([_, condition], None) = (step.args.as_slice(), &comprehension.iter_var2) else {
            return self.refuse(expr, ONLY);
        };
        let mut parts = Vec::with_capacity(list.elements.len());
        for element in &list.elements {
            // The element is read outside its own name, so that a rule cannot name itself.
            if !matches!(element.expr, Expr::Literal(_)) {
                return self.refuse(element, "the list before `.exists()` and `.all()` must hold plain values");
            }
            self.bound.push((comprehension.iter_var.clone(), element));
            let part = self.flag(condition, "the condition");
            self.bound.pop();
            parts.push(part?);
        }
        Ok(Typed { node: if any { Node::Or(parts) } else { Node::And(parts) }, kind: Type::Flag })
    }

    /// What an unknown bare name may stand for.
    fn meant(&self, name: &str) -> Option<String> {
        self.exact_elsewhere(name).or_else(|| {
            let objects = self.known.objects();
            objects
                .filter_map(|object| nearest(name, self.known.fields(object)).map(|field| format!("{object}.{field}")))
                .next()
        })
    }

    /// The field of that very name on another object.
    fn exact_elsewhere(&self, field: &str) -> Option<String> {
        // A company's field is meant more often than a contact's where both have it, because rules are about companies.
        let mut objects: Vec<&str> =
            self.known.objects().filter(|object| self.known.kind(object, field).is_some()).collect();
        objects.sort_by_key(|object| *object != "company");
        objects.first().map(|object| format!("{object}.{field}"))
    }

    fn near_object(&self, object: &str, field: &str) -> Option<String> {
        let near = nearest(object, self.known.objects())?;
        let field = nearest(field, self.known.fields(near))?;
        Some(format!("{near}.{field}"))
    }
}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
