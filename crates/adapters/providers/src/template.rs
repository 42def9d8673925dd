//! Texts with inputs in them: `{{ firstname }} {{ lastname }}`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use minijinja::{Environment, UndefinedBehavior};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A text with inputs in it, in Jinja's form.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(with = "String")]
pub struct Template(pub(crate) String);

/// What templates see.
pub(crate) type Scope = BTreeMap<String, minijinja::Value>;

static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    engine.add_filter("handle", |url: &str| handle(url).to_owned());
    engine
});

impl Template {
    /// The text with the inputs filled in, trimmed.
    pub(crate) fn render(&self, scope: &Scope) -> Result<String, String> {
        if !self.0.contains("{{") && !self.0.contains("{%") {
            return Ok(self.0.trim().to_owned());
        }
        match ENGINE.render_str(&self.0, scope) {
            Ok(text) => Ok(text.split_whitespace().collect::<Vec<_>>().join(" ")),
            Err(error) => {
                Err(format!("`{}`: {}", self.0, error.detail().map_or_else(|| error.kind().to_string(), str::to_owned)))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            Value::Bool(flag) => flag.to_string(),
            Value::Number(number) => number.to_string(),
            _ => return Err(serde::de::Error::custom("a template is a text")),
        };
        match ENGINE.template_from_str(&text) {
            Ok(_) => Ok(Template(text)),
            Err(error) => Err(serde::de::Error::custom(format!("`{text}` is not a template: {error}"))),
        }
    }
}

/// A JSON value with every text in it rendered; empty texts, and what is left empty without them, drop out.
pub(crate) fn render_json(value: &Value, scope: &Scope) -> Result<Option<Value>, String> {
    Ok(match value {
        Value::String(text) => {
            let text = Template(text.clone()).render(scope)?;
            (!text.is_empty()).then_some(Value::String(text))
        }
        Value::Array(items) => {
            let mut kept = Vec::new();
            for item in items {
                kept.extend(render_json(item, scope)?);
            }
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        Value::Object(entries) => {
            let mut kept = serde_json::Map::new();
            for (key, entry) in entries {
                if let Some(entry) = render_json(entry, scope)? {
                    kept.insert(key.clone(), entry);
                }
            }
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        other => Some(other.clone()),
    })
}

/// The last part of a profile address: `marta-velasco` of `https://www.linkedin.com/in/marta-velasco/`.
pub(crate) fn handle(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    path.rsplit('/').next().unwrap_or_default()
}
