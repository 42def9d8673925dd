//! What an answer cost: the vendor's own meter where there is one, else the manifest's rule; never a guess from the status.

use evergreen_model::{AnswerOutcome, Credits};
use serde_json::Value;

use crate::document::{ChargeRule, Meter};
use crate::expression::Body;

/// The credits of an answer; nothing where no rule matches.
pub(crate) fn credits(
    rules: &[ChargeRule],
    outcome: AnswerOutcome,
    headers: &[(String, String)],
    body: Option<&Body>,
) -> Credits {
    rules.iter().find_map(|rule| apply(rule, outcome, headers, body)).unwrap_or(Credits::ZERO)
}

fn apply(
    rule: &ChargeRule,
    outcome: AnswerOutcome,
    headers: &[(String, String)],
    body: Option<&Body>,
) -> Option<Credits> {
    if !rule.outcomes.is_empty() && !rule.outcomes.contains(&outcome) {
        return None;
    }
    if let Some(when) = &rule.when
        && !body.is_some_and(|body| when.holds(body))
    {
        return None;
    }
    let amount = match &rule.meter {
        Some(Meter::Header(name)) => headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .and_then(|(_, value)| value.trim().parse().ok()),
        Some(Meter::Body(path)) => match path.find(body?) {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        },
        None => rule.credits,
    };
    amount.filter(|amount: &f64| amount.is_finite() && *amount >= 0.0).map(Credits::from_units)
}
