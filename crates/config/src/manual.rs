//! The reference of evergreen.yaml for people, generated from the schema and the defaults.

use std::fmt::Write;

use serde_json::Value;

use crate::config::Config;
use crate::schema::{Part, schema};

/// `docs/reference/config.md`: every key with its kind, default and meaning.
#[must_use]
pub fn reference() -> String {
    let root = schema();
    let defaults = serde_json::to_value(Config::default()).unwrap_or_default();
    let mut manual = Manual { root: &root, text: String::new() };
    manual.text.push_str(
        "# Every key of evergreen.yaml: its kind, its default and what it does\n\n\
         Generated from the program; do not edit. Every key may be left out; its default then counts. Addresses may name variables\n\
         of the environment as `${NAME}` or `${NAME:-default}`, secrets are given as `${NAME}` only. `NAME` in a heading stands for\n\
         a name of your own choosing, `[]` for each item of a list. Rules are CEL expressions over `contact`, `company`, `record` and,\n\
         after verification, `verification`; see the field lists at the end.\n",
    );
    manual.section("", &root, Some(&defaults), 0);
    manual.fields();
    manual.text
}

struct Manual<'a> {
    root: &'a Value,
    text: String,
}

impl<'a> Manual<'a> {
    /// One section as a table, then the sections within it.
    fn section(&mut self, path: &str, rules: &'a Value, defaults: Option<&Value>, depth: usize) {
        let part = Part::of(self.root, rules);
        let heading = if path.is_empty() { "The file" } else { path };
        let _ = write!(self.text, "\n{} {}\n\n", "#".repeat((depth + 2).min(4)), code(heading, !path.is_empty()));
        if let Some(description) = part.description() {
            let _ = writeln!(self.text, "{}\n", description.replace('\n', " "));
        }
        self.text.push_str("| key | kind | default | meaning |\n|---|---|---|---|\n");
        let mut inner = Vec::new();
        for (name, rules) in part.properties() {
            let child = Part::of(self.root, rules);
            let default = defaults.and_then(|defaults| defaults.get(name)).or_else(|| rules.get("default"));
            let shown = match (default, part.required().any(|required| required == name)) {
                (_, true) => "required".to_owned(),
                (Some(Value::Object(map)), _) if !map.is_empty() => "see below".to_owned(),
                (None | Some(Value::Null), _) => "unset".to_owned(),
                (Some(default), _) => format!("`{}`", default.to_string().trim_matches('"').replace('|', "\\|")),
            };
            let meaning = rules.get("description").and_then(Value::as_str).or(child.description()).unwrap_or_default();
            let _ = writeln!(self.text, "| `{name}` | {} | {shown} | {} |", kind(self.root, &child), cell(meaning));
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            if let Some((path, rules)) = nested(self.root, &child, path, rules) {
                let defaults =
                    defaults.and_then(|defaults| defaults.get(name)).filter(|_| path.ends_with(name.as_str()));
                inner.push((path, rules, defaults));
            }
        }
        for (path, rules, defaults) in inner {
            self.section(&path, rules, defaults, depth + 1);
        }
    }

    /// The fields rules may name.
    fn fields(&mut self) {
        use evergreen_model::{Entity, field};
        for entity in [Entity::Contact, Entity::Company] {
            let _ = write!(
                self.text,
                "\n## Fields of a {}\n\n| field | meaning | kind |\n|---|---|---|\n",
                entity.as_str()
            );
            for field in field::fields(entity) {
                let kind = format!("{:?}", field.kind).to_lowercase();
                let _ = writeln!(self.text, "| `{}.{}` | {} | {kind} |", entity.as_str(), field.name, field.label);
            }
        }
        self.text.push_str(
            "\nRules also know `record.source` (the lead source) and, in `sync`, `verification.email` (the verdict's word),\n\
             `verification.score` (0 to 100) and `verification.phone` (the line type, or `invalid`).\n",
        );
    }
}

/// The section within a value, if there is one: of itself, of each item, or behind each name.
fn nested<'a>(root: &'a Value, part: &Part<'a>, path: String, rules: &'a Value) -> Option<(String, &'a Value)> {
    let has_keys = |rules: &'a Value| Part::of(root, rules).properties().next().is_some();
    match part.kind() {
        "object" if has_keys(rules) => Some((path, rules)),
        "object" => part.additional().filter(|rules| has_keys(rules)).map(|rules| (format!("{path}.NAME"), rules)),
        "array" => part.rules.get("items").filter(|rules| has_keys(rules)).map(|rules| (format!("{path}[]"), rules)),
        _ => None,
    }
}

fn kind(root: &Value, part: &Part<'_>) -> String {
    match (part.name, part.kind()) {
        (Some("Expression"), _) => "rule".to_owned(),
        (Some("Secret"), _) => "secret reference".to_owned(),
        (Some("Reference"), _) => "text with references".to_owned(),
        (_, "string") => match part.words() {
            Some(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
            None => "text".to_owned(),
        },
        (_, "integer") => "whole number".to_owned(),
        (_, "number") => "number".to_owned(),
        (_, "boolean") => "`true`, `false`".to_owned(),
        (_, "array") => match part.rules.get("items") {
            Some(items) => format!("list of: {}", kind(root, &Part::of(root, items))),
            None => "list".to_owned(),
        },
        (_, "object") => match part.additional() {
            Some(additional) => format!("names to: {}", kind(root, &Part::of(root, additional))),
            None => "section".to_owned(),
        },
        _ => "any".to_owned(),
    }
}

fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}

fn code(text: &str, is_code: bool) -> String {
    if is_code { format!("`{text}`") } else { text.to_owned() }
}
