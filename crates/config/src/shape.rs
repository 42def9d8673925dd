//! Holds the file against the schema: unknown keys, wrong kinds, words that are no choice. All faults at once.

use evergreen_rules::nearest;
use serde_json::Value as Json;

use crate::error::{ConfigError, Spot};
use crate::schema::Part;
use crate::tree::{Node, Value};

/// What the check found besides faults.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// The complaints.
    pub(crate) errors: Vec<ConfigError>,
    /// The rules of the file.
    pub(crate) rules: Vec<Node>,
    /// Where values stand that must not be shown.
    pub(crate) secrets: Vec<Spot>,
}

/// Checks a file and takes out of the tree what is wrong, so that the rest can be read and checked further.
pub(crate) fn check(tree: &mut Node, schema: &Json, text: &str) -> Findings {
    let mut walk = Walk { root: schema, text, findings: Findings::default() };
    if !matches!(tree.value, Value::Map(_)) {
        let message = format!("the file must hold sections such as `portal:`, not {}", tree.kind());
        walk.findings.errors.push(ConfigError::new(tree.at, "", message));
        tree.value = Value::Map(Vec::new());
    }
    walk.fits(tree, schema);
    walk.findings
}

struct Walk<'a> {
    root: &'a Json,
    text: &'a str,
    findings: Findings,
}

impl Walk<'_> {
    /// Whether the value can stay in the tree.
    fn fits(&mut self, node: &mut Node, rules: &Json) -> bool {
        let part = Part::of(self.root, rules);
        if part.name == Some("Secret")
            && !matches!(&node.value, Value::Text(text) if text.starts_with("${") && !text.contains(":-"))
        {
            self.findings.secrets.push(node.at);
        }
        if node.value == Value::Null {
            // A section whose lines are all commented out, or "not set": its default counts.
            return part.optional;
        }
        match part.kind() {
            "object" => self.section(node, &part),
            "array" => self.list(node, &part),
            "string" => self.word(node, &part),
            "integer" => self.integer(node, &part),
            "number" => match node.value {
                Value::Integer(_) | Value::Number(_) => true,
                _ => self.wrong(node, &part, "a number"),
            },
            "boolean" => match node.value {
                Value::Flag(_) => true,
                _ => self.wrong(node, &part, "`true` or `false`"),
            },
            _ => true,
        }
    }

    fn section(&mut self, node: &mut Node, part: &Part<'_>) -> bool {
        let Value::Map(entries) = &mut node.value else {
            return self.wrong(node, part, "a section with keys of its own");
        };
        let mut whole = true;
        let known: Vec<&str> = part.properties().map(|(name, _)| name.as_str()).collect();
        entries.retain_mut(|(key, child)| {
            let rules =
                part.rules.get("properties").and_then(|properties| properties.get(key.as_str())).or(part.additional());
            let Some(rules) = rules else {
                let guess = nearest(key, known.iter().copied());
                let error = ConfigError::new(child.key, &child.path, format!("there is no key `{key}` here"));
                self.findings.errors.push(match guess {
                    Some(_) => error.meant(guess),
                    None => error.help(format!("known keys: {}", known.join(", "))),
                });
                return false;
            };
            self.fits(child, rules)
        });
        for key in part.required().filter(|key| !entries.iter().any(|(name, _)| name == key)) {
            whole = false;
            let complained = self.findings.errors.iter().any(|error| error.path == format!("{}.{key}", node.path));
            if !complained {
                self.findings.errors.push(ConfigError::new(node.key, &node.path, format!("`{key}:` is missing here")));
            }
        }
        whole
    }

    fn list(&mut self, node: &mut Node, part: &Part<'_>) -> bool {
        if part.name == Some("Groups") && matches!(node.value, Value::Text(_)) {
            // One name alone stands for a list of one.
            let single = node.clone();
            node.value = Value::List(vec![single]);
        }
        let Value::List(items) = &mut node.value else { return self.wrong(node, part, "a list") };
        let Some(rules) = part.rules.get("items") else { return true };
        items.retain_mut(|item| {
            if item.value == Value::Null {
                self.findings.errors.push(ConfigError::new(item.at, &item.path, "this item of the list is empty"));
                return false;
            }
            self.fits(item, rules)
        });
        true
    }

    fn word(&mut self, node: &mut Node, part: &Part<'_>) -> bool {
        if matches!(node.value, Value::Flag(_) | Value::Integer(_) | Value::Number(_)) {
            // `project: 2026` means the text, as it is written.
            let written = self.text.get(node.at.byte..).unwrap_or_default();
            let written: String = written.chars().take(node.at.length).collect();
            node.value = Value::Text(written.trim().to_owned());
        }
        let Value::Text(text) = &node.value else { return self.wrong(node, part, "a text") };
        if let Some(words) = part.words()
            && !words.contains(&text.as_str())
        {
            let error = ConfigError::new(node.at, &node.path, format!("`{text}` is none of: {}", words.join(", ")));
            self.findings.errors.push(error.meant(nearest(text, words.iter().copied())));
            return false;
        }
        match part.name {
            Some("Expression") => self.findings.rules.push(node.clone()),
            Some("Reference" | "Secret") => {}
            _ if text.contains("${") => {
                let message = "the environment is not read here: `${…}` works in addresses and keys only";
                self.findings
                    .errors
                    .push(ConfigError::new(node.at, &node.path, message).help("write the value itself"));
                return false;
            }
            _ => {}
        }
        true
    }

    fn integer(&mut self, node: &Node, part: &Part<'_>) -> bool {
        let number = match node.value {
            Value::Integer(number) => number,
            Value::Number(number) if number.fract() == 0.0 => return self.out_of_range(node, part),
            _ => return self.wrong(node, part, "a whole number"),
        };
        let limit = |name: &str| part.rules.get(name).and_then(Json::as_i64);
        let below = limit("minimum").is_some_and(|least| number < least);
        let above = limit("maximum").or(most(part.rules)).is_some_and(|most| number > most);
        if below || above {
            return self.out_of_range(node, part);
        }
        true
    }

    fn out_of_range(&mut self, node: &Node, part: &Part<'_>) -> bool {
        let least = part.rules.get("minimum").and_then(Json::as_i64).unwrap_or(i64::MIN);
        let most = part.rules.get("maximum").and_then(Json::as_i64).or(most(part.rules));
        let message = match most {
            Some(most) => format!("this number must lie between {least} and {most}"),
            None => format!("this number must be {least} or more"),
        };
        self.findings.errors.push(ConfigError::new(node.at, &node.path, message));
        false
    }

    fn wrong(&mut self, node: &Node, part: &Part<'_>, wanted: &str) -> bool {
        let message = format!("this must be {wanted}, not {}", node.kind());
        let error = ConfigError::new(node.at, &node.path, message);
        let quoted_number = matches!(&node.value, Value::Text(text) if text.parse::<f64>().is_ok());
        let help = match (part.kind(), &node.value) {
            ("array", Value::Text(_)) => Some("put it into square brackets"),
            ("integer" | "number", Value::Text(_)) if quoted_number => Some("leave out the quotes"),
            _ => None,
        };
        self.findings.errors.push(match help {
            Some(help) => error.help(help),
            None => error,
        });
        false
    }
}

/// The largest number of an integer's own width.
fn most(rules: &Json) -> Option<i64> {
    match rules.get("format")?.as_str()? {
        "uint8" => Some(i64::from(u8::MAX)),
        "uint16" => Some(i64::from(u16::MAX)),
        "uint32" => Some(i64::from(u32::MAX)),
        "int32" => Some(i64::from(i32::MAX)),
        _ => None,
    }
}
