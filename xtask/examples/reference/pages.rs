//! The pages of docs/reference/ that are made from the code: each one's place and text.

use std::path::Path;

use serde_json::Value;

/// One generated page.
pub struct Page {
    /// Where it lies, from the root of the repository.
    pub path: &'static str,
    /// What it says.
    pub text: String,
}

/// Every generated page, as the code says it now.
pub fn all() -> Vec<Page> {
    vec![
        Page { path: "docs/reference/evergreen.schema.json", text: json(evergreen_config::schema()) },
        Page { path: "docs/reference/config.md", text: markdown(&evergreen_config::reference()) },
        Page { path: "docs/reference/cli.md", text: markdown(&evergreen_cli::reference()) },
        Page { path: "docs/reference/provider.schema.json", text: json(evergreen_providers::schema()) },
    ]
}

/// One sentence per page that is not as the code says.
pub fn differences(root: &Path) -> Vec<String> {
    let told = |page: &Page| {
        let found = match std::fs::read_to_string(root.join(page.path)) {
            Ok(text) if text == page.text => return None,
            Ok(text) => {
                let line = 1 + text.lines().zip(page.text.lines()).take_while(|(old, new)| old == new).count();
                format!("differs from the code from line {line} on")
            }
            Err(error) => format!("cannot be read ({error})"),
        };
        Some(format!("{} {found}\n  fix: run cargo xtask docs", page.path))
    };
    all().iter().filter_map(told).collect()
}

fn json(schema: Value) -> String {
    let mut text = serde_json::to_string_pretty(&sorted(schema)).unwrap_or_default();
    text.push('\n');
    text
}

fn markdown(text: &str) -> String {
    // Help texts are padded to the right; no editor would keep that.
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n").trim_end())
}

/// Keys in order, whether or not another crate of the same build asks serde_json to keep theirs.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by(|one, two| one.0.cmp(&two.0));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
