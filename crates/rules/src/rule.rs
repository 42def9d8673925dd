//! A rule: compiled once, asked for every record.

use std::fmt;

use cel::parser::Parser;
use evergreen_model::Truth;

use crate::check::Check;
use crate::known::Known;
use crate::place;
use crate::problem::RuleProblem;
use crate::tree::{FieldRef, Ground, Node};
use crate::value::Value;

/// The longest rule, in bytes. Longer ones are lists that belong into a file, and the parser's time grows with them.
const LONGEST: usize = 20_000;

/// Room for the parser, which goes one call deeper per operator of a chain such as `1 + 1 + 1 …`; only what is used is taken.
const STACK: usize = 512 << 20;

/// Where a rule reads the values of fields.
pub trait Facts {
    /// The value of a field as text; `None` when there is none. An empty text counts as none.
    fn get(&self, object: &str, field: &str) -> Option<String>;
}

impl<F: Fn(&str, &str) -> Option<String>> Facts for F {
    fn get(&self, object: &str, field: &str) -> Option<String> {
        self(object, field)
    }
}

/// What a rule says of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleAnswer {
    /// Yes, no, or not known yet.
    pub truth: Truth,
    /// When unknown, why: `company.numberofemployees`, with a note behind a blank where the value is there but unreadable:
    /// `company.numberofemployees ("about 50" is not a number)`. Empty otherwise.
    pub missing: Vec<String>,
}

/// A compiled rule.
///
/// # What does a rule say when the headcount is missing?
/// ```
/// use evergreen_model::Truth;
/// use evergreen_rules::{Known, Rule};
///
/// let rule = Rule::compile(r#"company.numberofemployees >= 50 && company.country == "US""#, &Known::standard())?;
/// let german = |_: &str, field: &str| (field == "country").then(|| "DE".to_owned());
/// let american = |_: &str, field: &str| (field == "country").then(|| "US".to_owned());
/// assert_eq!(rule.ask(&german).truth, Truth::No);
/// assert_eq!(rule.ask(&american).missing, ["company.numberofemployees"]);
/// # Ok::<(), evergreen_rules::RuleProblem>(())
/// ```
#[derive(Clone)]
pub struct Rule {
    source: String,
    fields: Vec<FieldRef>,
    tree: Node,
}

impl Rule {
    /// Compiles a rule against the fields it may name.
    ///
    /// # Errors
    /// The first mistake, with its place: text that is no CEL, an unknown object, field or function, kinds that cannot be
    /// compared, a pattern that is no regular expression, or an expression that is not yes or no.
    pub fn compile(source: &str, known: &Known) -> Result<Rule, RuleProblem> {
        if source.trim().is_empty() {
            return Err(RuleProblem::new("the rule is empty", 0..source.len()));
        }
        if source.len() > LONGEST {
            return Err(RuleProblem::new(format!("the rule is longer than {LONGEST} bytes"), 0..source.len()));
        }
        let failed = || RuleProblem::new("the rule cannot be read", 0..source.len());
        // The parser is recursive and not ours: a thread of its own gives it room and keeps a panic of it from us.
        std::thread::scope(|scope| {
            std::thread::Builder::new()
                .name("rule".to_owned())
                .stack_size(STACK)
                .spawn_scoped(scope, || compiled(source, known))
                .map_err(|_| failed())?
                .join()
                .map_err(|_| failed())?
        })
    }

    /// Asks the rule.
    #[must_use]
    pub fn ask(&self, facts: &dyn Facts) -> RuleAnswer {
        let ground = Ground { fields: &self.fields, facts };
        let truth = match self.tree.answer(&ground) {
            Value::Flag(true) => Truth::Yes,
            Value::Flag(false) => Truth::No,
            _ => Truth::Unknown,
        };
        let mut missing = Vec::new();
        if truth == Truth::Unknown {
            self.tree.gaps(&ground, &mut missing);
        }
        RuleAnswer { truth, missing }
    }

    /// The text it was compiled from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The fields it names, as object and field, each once, in reading order.
    #[must_use]
    pub fn fields(&self) -> Vec<(String, String)> {
        self.fields.iter().map(|field| (field.object.clone(), field.field.clone())).collect()
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rule").field(&self.source).finish()
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source && self.fields == other.fields
    }
}

fn compiled(source: &str, known: &Known) -> Result<Rule, RuleProblem> {
    let (expr, info) = Parser::new().parse_with_source_info(source).map_err(|errors| place::syntax(source, &errors))?;
    let (tree, fields) = Check::new(source, &info, known).rule(&expr)?;
    Ok(Rule { source: source.to_owned(), fields, tree })
}
