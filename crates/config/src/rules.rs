//! Compiles every rule of the file at load, and complains at the very word.

use evergreen_rules::{Known, Rule};

use crate::error::ConfigError;
use crate::place;
use crate::tree::{Node, Value};

/// The complaints about the rules of a file.
pub(crate) fn check(rules: &[Node], text: &str) -> Vec<ConfigError> {
    let everything = Known::standard();
    // Qualify and enrich come before verification: a rule that asks for its verdict there would wait for ever.
    let before_verification = Known::standard().without("verification");
    let mut errors = Vec::new();
    for node in rules {
        let Value::Text(source) = &node.value else { continue };
        let early = node.path.starts_with("qualify.") || node.path.starts_with("enrich.");
        let known = if early { &before_verification } else { &everything };
        if let Err(problem) = Rule::compile(source, known) {
            let at = place::within(text, node.at, source, &problem.at);
            errors.push(ConfigError::new(at, &node.path, problem.message).meant(problem.suggestion));
        }
    }
    errors
}
