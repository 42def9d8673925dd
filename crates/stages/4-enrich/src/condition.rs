//! The condition of a source: a rule over the record and its company that must say yes before money is spent.

use evergreen_model::{Entity, Truth};
use evergreen_rules::{Expression, Known, Rule};

use crate::waterfall::Ask;

#[derive(Debug)]
pub(crate) struct Condition(Rule);

impl Condition {
    /// Compiles against what is known before verification.
    pub(crate) fn compile(expression: &Expression) -> Result<Condition, String> {
        let known = Known::standard().without("verification");
        expression.compile(&known).map(Condition).map_err(|problem| problem.to_string())
    }

    /// Whether it says yes. "Not known" is not yes: nothing is bought on a guess.
    pub(crate) fn holds(&self, ask: &Ask<'_>) -> bool {
        let facts = |object: &str, field: &str| -> Option<String> {
            let (fields, field) = match (object, ask.entity) {
                ("contact", Entity::Contact) | ("company", Entity::Company) => (Some(ask.known), field),
                ("company", Entity::Contact) => (ask.company, field),
                ("record", _) if field == "source" => (Some(ask.known), "lead_source"),
                _ => (None, field),
            };
            fields?.get(field).cloned()
        };
        self.0.ask(&facts).truth == Truth::Yes
    }
}
