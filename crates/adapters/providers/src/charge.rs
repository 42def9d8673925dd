//! What an answer cost: the vendor's own meter where there is one, else the manifest's rule; never a guess from the status.

use evergreen_model::{AnswerOutcome, Credits};

use crate::document::{ChargeRule, Meter, Tokens};
use crate::expression::Body;

/// What an answer cost, and how we know.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cost {
    /// Credits.
    pub credits: Credits,
    /// Whose credits, where the rule names another pool than the operation's.
    pub pool: Option<String>,
    /// Tokens read and written, where they are what is paid.
    pub tokens: Option<(u64, u64)>,
    /// True where the amount is only what was set aside.
    pub estimated: bool,
    /// How it was found, for people: `the vendor's meter`, `rule 2`.
    pub basis: String,
}

/// What an answer cost; nothing where no rule matches.
pub(crate) fn cost(
    rules: &[ChargeRule],
    outcome: AnswerOutcome,
    headers: &[(String, String)],
    body: Option<&Body>,
) -> Cost {
    let found = rules.iter().enumerate().find_map(|(at, rule)| {
        let (credits, tokens) = apply(rule, outcome, headers, body)?;
        let basis =
            if rule.meter.is_some() { "the vendor's own meter".to_owned() } else { format!("charge rule {}", at + 1) };
        Some(Cost { credits, pool: rule.pool.clone(), tokens, estimated: rule.estimate, basis })
    });
    found.unwrap_or_else(|| Cost { basis: "no charge rule matches".to_owned(), ..Cost::default() })
}

type Amount = (Credits, Option<(u64, u64)>);

fn apply(
    rule: &ChargeRule,
    outcome: AnswerOutcome,
    headers: &[(String, String)],
    body: Option<&Body>,
) -> Option<Amount> {
    if !rule.outcomes.is_empty() && !rule.outcomes.contains(&outcome) {
        return None;
    }
    if let Some(when) = &rule.when
        && !body.is_some_and(|body| when.holds(body))
    {
        return None;
    }
    if let Some(tokens) = &rule.tokens {
        return by_tokens(tokens, body?);
    }
    let once = match &rule.meter {
        Some(Meter::Header(name)) => headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .and_then(|(_, value)| value.trim().parse().ok()),
        Some(Meter::Body(path)) => path.number(body?),
        None => rule.credits,
    };
    let once = once.filter(|amount: &f64| amount.is_finite() && *amount >= 0.0).map(Credits::from_units)?;
    let times = match &rule.per {
        Some(per) => (per.count.list(body?).len() as u64).div_ceil(u64::from(per.every.max(1))),
        None => 1,
    };
    let mut credits = Credits::from_micros(once.micros.saturating_mul(i64::try_from(times).unwrap_or(i64::MAX)));
    for term in &rule.plus {
        if body.is_some_and(|body| term.when.holds(body)) {
            credits += Credits::from_units(term.credits);
        }
    }
    Some((credits, None))
}

fn by_tokens(rule: &Tokens, body: &Body) -> Option<Amount> {
    let count = |place: &crate::expression::Path| {
        place.number(body).filter(|count| (0.0..=1e12).contains(count)).map(|count| count as u64)
    };
    let (input, output) = (count(&rule.input)?, count(&rule.output)?);
    // A price per million is the price of one in millionths; a begun millionth counts, so that no ceiling is undershot.
    let micros = (input as f64 * rule.input_per_million + output as f64 * rule.output_per_million).ceil();
    Some((Credits::from_micros(micros as i64), Some((input, output))))
}
