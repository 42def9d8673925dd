//! The ideal customer profile: ordered rules, of which the first that says yes decides, in three values.

use evergreen_model::{Entity, Fit, Reason, Truth};
use evergreen_rules::{Known, Rule, RuleProblem};

use crate::qualifier::Decision;
use crate::settings::{Icp, UnknownChoice, Verdict};
use crate::subject::Subject;

/// A rule in the settings that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct SettingsProblem {
    /// Where in the configuration: `qualify.icp.rules[2].when`.
    pub path: String,
    /// What is wrong with it.
    pub problem: RuleProblem,
}

#[derive(Clone, Debug)]
struct NamedRule {
    name: String,
    rule: Rule,
    then: Verdict,
    /// Names nothing but company fields, so a company can answer it.
    for_companies: bool,
}

/// The compiled profile.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    rules: Vec<NamedRule>,
    default: Verdict,
    unknown: UnknownChoice,
    retry_days: u32,
}

/// A rule that could not answer, and why.
struct Open<'a> {
    name: &'a str,
    then: Verdict,
    missing: Vec<String>,
}

impl Profile {
    /// Compiles every rule; all mistakes are reported together.
    pub(crate) fn new(settings: &Icp) -> Result<Profile, Vec<SettingsProblem>> {
        // The profile is asked before an address is verified, so no rule of it can wait for a verdict.
        let known = Known::standard().without("verification");
        let mut rules = Vec::new();
        let mut problems = Vec::new();
        for (index, rule) in settings.rules.iter().enumerate() {
            match rule.when.compile(&known) {
                Ok(compiled) => rules.push(NamedRule {
                    name: rule.name.clone(),
                    then: rule.then,
                    for_companies: compiled
                        .fields()
                        .iter()
                        .all(|(object, _)| object == "company" || object == "record"),
                    rule: compiled,
                }),
                Err(problem) => {
                    problems.push(SettingsProblem { path: format!("qualify.icp.rules[{index}].when"), problem })
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Profile {
            rules,
            default: settings.default,
            unknown: settings.unknown_after_enrich,
            retry_days: settings.retry_days,
        })
    }

    pub(crate) fn decide(&self, subject: &Subject<'_>) -> Decision {
        let company = subject.record.entity == Entity::Company;
        let mut open: Vec<Open<'_>> = Vec::new();
        let mut skipped = false;
        let mut decided = None;
        for rule in &self.rules {
            if company && !rule.for_companies {
                skipped = true;
                continue;
            }
            let answer = rule.rule.ask(subject);
            match answer.truth {
                Truth::Yes => {
                    decided = Some(rule);
                    break;
                }
                Truth::No => {}
                Truth::Unknown => open.push(Open { name: &rule.name, then: rule.then, missing: answer.missing }),
            }
        }
        let verdict = decided.map_or(self.default, |rule| rule.then);
        // Rules that cannot answer do not matter where they would decide the same as the one that can.
        if let Some(first) = open.iter().find(|open| open.then != verdict) {
            return self.unknown(subject, first.name, &open);
        }
        if skipped && decided.is_none() && verdict == Verdict::Reject {
            // A company is not refused because it is no person.
            return Decision::Keep { fit: Fit { answer: Truth::Unknown, rule: None, missing: Vec::new() } };
        }
        let name = decided.map(|rule| rule.name.clone());
        match verdict {
            Verdict::Accept => Decision::Keep { fit: Fit { answer: Truth::Yes, rule: name, missing: Vec::new() } },
            Verdict::Reject => {
                let sentence = match decided {
                    Some(rule) => format!("Rejected by ICP rule '{}': {}", rule.name, values(&rule.rule, subject)),
                    None => "Rejected by the ICP: no rule accepts it".to_owned(),
                };
                Decision::Reject { why: Reason::new("icp-no-fit", sentence), retry_days: self.retry_days }
            }
        }
    }

    fn unknown(&self, subject: &Subject<'_>, rule: &str, open: &[Open<'_>]) -> Decision {
        let mut missing: Vec<String> = Vec::new();
        for gap in open.iter().flat_map(|open| &open.missing) {
            if !missing.contains(gap) {
                missing.push(gap.clone());
            }
        }
        let sentence = |what: &str| {
            let needs = missing.join(" and ");
            Reason::new(
                "icp-unknown",
                format!("{what}: ICP rule '{rule}' needs {needs}, which enrichment did not find"),
            )
        };
        match self.unknown {
            _ if !subject.after_enrich => {}
            UnknownChoice::Keep => {}
            UnknownChoice::Hold => return Decision::Hold { why: sentence("Held") },
            UnknownChoice::Reject => {
                return Decision::Reject { why: sentence("Rejected"), retry_days: self.retry_days };
            }
        }
        Decision::Keep { fit: Fit { answer: Truth::Unknown, rule: Some(rule.to_owned()), missing } }
    }
}

/// What the fields of a rule are, for a sentence: `company.numberofemployees is 12`.
fn values(rule: &Rule, subject: &Subject<'_>) -> String {
    use evergreen_rules::Facts;
    let told: Vec<String> = rule
        .fields()
        .into_iter()
        .map(|(object, field)| match subject.get(&object, &field) {
            Some(value) => format!("{object}.{field} is {value}"),
            None => format!("{object}.{field} is missing"),
        })
        .collect();
    if told.is_empty() { rule.source().to_owned() } else { told.join(", ") }
}
