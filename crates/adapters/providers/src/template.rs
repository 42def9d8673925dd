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

/// Repeats an item of a body for every question of a bulk call.
const EACH: &str = "$each";
/// A template that comes out as JSON of its own.
const JSON: &str = "$json";

static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    engine.add_filter("handle", |url: &str| handle(url).to_owned());
    engine.add_filter("json", |text: &str| Value::String(text.to_owned()).to_string());
    engine.add_filter("urlencode", |text: &str| encode(text));
    engine
});

impl Template {
    /// The text with the inputs filled in, trimmed.
    pub(crate) fn render(&self, scope: &Scope) -> Result<String, String> {
        if self.is_plain() {
            return Ok(self.0.trim().to_owned());
        }
        let text = self.render_exactly(scope)?;
        Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The text with the inputs filled in and every space kept.
    pub(crate) fn render_exactly(&self, scope: &Scope) -> Result<String, String> {
        ENGINE.render_str(&self.0, scope).map_err(|error| {
            format!("`{}`: {}", self.0, error.detail().map_or_else(|| error.kind().to_string(), str::to_owned))
        })
    }

    /// The text as a path, with the inputs percent-encoded.
    pub(crate) fn render_path(&self, scope: &Scope) -> Result<String, String> {
        if self.is_plain() {
            return Ok(self.0.trim().to_owned());
        }
        let encoded = scope
            .iter()
            .map(|(name, value)| match value.as_str() {
                Some(text) => (name.clone(), encode(text).into()),
                None => (name.clone(), value.clone()),
            })
            .collect();
        self.render(&encoded)
    }

    fn is_plain(&self) -> bool {
        !self.0.contains("{{") && !self.0.contains("{%")
    }

    /// The text between its templates: `/poll/` and `/read` of `/poll/{{ ticket }}/read`.
    pub(crate) fn fixed_parts(&self) -> Vec<&str> {
        let mut parts = Vec::new();
        let mut rest = self.0.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            parts.push(before);
            rest = after.split_once("}}").map_or("", |(_, rest)| rest);
        }
        parts.push(rest);
        parts
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

/// A JSON value with every text in it rendered; empty texts, and what is left empty without them, drop out. `each` are the inputs of the
/// questions of a bulk call, for `$each`.
pub(crate) fn render_json(value: &Value, scope: &Scope, each: &[Scope]) -> Result<Option<Value>, String> {
    Ok(match value {
        Value::String(text) => {
            let text = Template(text.clone()).render(scope)?;
            (!text.is_empty()).then_some(Value::String(text))
        }
        Value::Array(items) => {
            let mut kept = Vec::new();
            for item in items {
                kept.extend(render_json(item, scope, each)?);
            }
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        Value::Object(entries) => {
            if let Some(item) = entries.get(EACH) {
                let mut kept = Vec::new();
                for one in each {
                    kept.extend(render_json(item, one, &[])?);
                }
                return Ok((!kept.is_empty()).then_some(Value::Array(kept)));
            }
            if let Some(Value::String(text)) = entries.get(JSON) {
                let text = Template(text.clone()).render_exactly(scope)?;
                let value = serde_json::from_str(&text).map_err(|error| format!("`{text}` is no JSON: {error}"))?;
                return Ok(Some(value));
            }
            let mut kept = serde_json::Map::new();
            for (key, entry) in entries {
                if let Some(entry) = render_json(entry, scope, each)? {
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

/// Percent-encoded, so that an input cannot become another path or parameter.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scope(pairs: &[(&str, &str)]) -> Scope {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect()
    }

    #[test]
    fn an_input_cannot_leave_its_place_in_a_path() {
        let path = Template("/numbers/{{ phone }}/read".into());
        let rendered = path.render_path(&scope(&[("phone", "../+49 1?x=1")])).expect("renders");
        assert_eq!(rendered, "/numbers/..%2F%2B49%201%3Fx%3D1/read");
        assert_eq!(path.fixed_parts(), ["/numbers/", "/read"]);
    }

    #[test]
    fn a_body_repeats_an_item_for_every_question_and_holds_json_of_its_own() {
        let body = json!({ "rows": { "$each": { "mail": "{{ email }}", "no": "{{ row }}", "gone": "{{ empty }}" } },
            "schema": { "$json": "{\"keep\": {{ word | json }}}" } });
        let rendered = render_json(
            &body,
            &scope(&[("word", "a\"b")]),
            &[
                scope(&[("email", "a@b.co"), ("row", "1"), ("empty", "")]),
                scope(&[("email", ""), ("row", "2"), ("empty", "")]),
            ],
        );
        let expected =
            json!({ "rows": [{ "mail": "a@b.co", "no": "1" }, { "no": "2" }], "schema": { "keep": "a\"b" } });
        assert_eq!(rendered, Ok(Some(expected)));
    }
}
