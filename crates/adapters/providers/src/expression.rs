//! Places in an answer: JMESPath expressions, compiled when the manifest is read.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A JMESPath expression.
#[derive(Clone, JsonSchema)]
#[schemars(with = "String")]
pub struct Path {
    compiled: Arc<jmespath::Expression<'static>>,
}

impl Path {
    pub(crate) fn parse(text: &str) -> Result<Path, String> {
        match jmespath::compile(text) {
            Ok(compiled) => Ok(Path { compiled: Arc::new(compiled) }),
            Err(error) => Err(format!(
                "`{text}` is not a JMESPath expression: {}",
                error.to_string().lines().next().unwrap_or_default()
            )),
        }
    }

    /// The value at this place; `Null` where there is none or the expression does not fit the body.
    pub(crate) fn find(&self, body: &Body) -> Value {
        match self.compiled.search(Arc::clone(&body.0)) {
            Ok(found) => serde_json::to_value(&*found).unwrap_or(Value::Null),
            Err(_) => Value::Null,
        }
    }

    /// Whether it comes out true: neither null, false nor empty.
    pub(crate) fn holds(&self, body: &Body) -> bool {
        self.compiled.search(Arc::clone(&body.0)).is_ok_and(|found| found.is_truthy())
    }
}

impl std::fmt::Debug for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.compiled.as_str())
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Path::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// A JSON body, ready to be searched many times.
pub(crate) struct Body(jmespath::Rcvar);

impl Body {
    /// The body as JSON, or `None` when it is none.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Body> {
        let variable: jmespath::Variable = serde_json::from_slice(bytes).ok()?;
        Some(Body(Arc::new(variable)))
    }

    /// Whether the body is an object with this key, and what stands there.
    pub(crate) fn envelope(&self, key: &str) -> Envelope {
        match self.0.as_object().and_then(|object| object.get(key)) {
            None => Envelope::Absent,
            Some(value) if value.is_null() => Envelope::Empty,
            Some(value) => match value.as_object() {
                Some(object) if object.is_empty() => Envelope::Empty,
                Some(_) => Envelope::Full,
                None if value.as_array().is_some_and(Vec::is_empty) => Envelope::Empty,
                None => Envelope::Absent,
            },
        }
    }

    /// Whether the body is an object at all.
    pub(crate) fn is_object(&self) -> bool {
        self.0.is_object()
    }
}

/// What stands under the key of a good answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Envelope {
    /// No such key, or something that cannot hold fields.
    Absent,
    /// Null or an empty object.
    Empty,
    /// An object with something in it.
    Full,
}
