//! Places in an answer: JMESPath expressions, compiled when the manifest is read.

use std::sync::{Arc, LazyLock};

use jmespath::functions::{ArgumentType, CustomFunction, Signature};
use jmespath::{Context, Rcvar, Runtime, Variable};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// JMESPath's own functions, and `lower`, because vendors write one word in several ways.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut runtime = Runtime::new();
    runtime.register_builtin_functions();
    let lower = |given: &[Rcvar], _: &mut Context<'_>| {
        let word = given.first().and_then(|word| word.as_string()).map(|word| word.to_lowercase());
        Ok(Arc::new(word.map_or(Variable::Null, Variable::String)))
    };
    let takes_anything = Signature::new(vec![ArgumentType::Any], None);
    runtime.register_function("lower", Box::new(CustomFunction::new(takes_anything, Box::new(lower))));
    runtime
});

/// A JMESPath expression; `lower(word)` is added to the language.
#[derive(Clone, JsonSchema)]
#[schemars(with = "String")]
pub struct Path {
    compiled: Arc<jmespath::Expression<'static>>,
}

impl Path {
    pub(crate) fn parse(text: &str) -> Result<Path, String> {
        match RUNTIME.compile(text) {
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

    /// What it makes of a body, as a body of its own.
    pub(crate) fn made_of(&self, body: &Body) -> Option<Body> {
        self.compiled.search(Arc::clone(&body.0)).ok().filter(|found| !found.is_null()).map(Body)
    }

    /// The parts of the list at this place; none where there is no list.
    pub(crate) fn list(&self, body: &Body) -> Vec<Body> {
        let found = self.compiled.search(Arc::clone(&body.0)).ok();
        found
            .as_ref()
            .and_then(|found| found.as_array())
            .map_or_else(Vec::new, |items| items.iter().cloned().map(Body).collect())
    }

    /// A text or number at this place, as text; whole numbers keep every digit.
    pub(crate) fn word(&self, body: &Body) -> Option<String> {
        match self.find(body) {
            Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A number at this place, also one written as a text.
    pub(crate) fn number(&self, body: &Body) -> Option<f64> {
        let number = match self.find(body) {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.filter(|number: &f64| number.is_finite())
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
#[derive(Clone)]
pub(crate) struct Body(Rcvar);

impl Body {
    /// The body as JSON, or `None` when it is none.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Body> {
        let variable: Variable = serde_json::from_slice(bytes).ok()?;
        Some(Body(Arc::new(variable)))
    }

    /// Nothing.
    pub(crate) fn null() -> Body {
        Body(Arc::new(Variable::Null))
    }

    /// The same body with texts that hold JSON opened, each under a name at the top.
    pub(crate) fn unpacked<'p>(self, places: impl Iterator<Item = (&'p String, &'p Path)>) -> Body {
        let opened: Vec<(String, Rcvar)> = places
            .filter_map(|(name, place)| match place.find(&self) {
                Value::String(text) => Some((name.clone(), Body::parse(unfenced(&text).as_bytes())?.0)),
                _ => None,
            })
            .collect();
        match (self.0.as_object(), opened.is_empty()) {
            (Some(object), false) => {
                let mut object = object.clone();
                object.extend(opened);
                Body(Arc::new(Variable::Object(object)))
            }
            _ => self,
        }
    }

    /// Whether the body has something under this key, or under keys joined by dots.
    pub(crate) fn envelope(&self, keys: &str) -> Envelope {
        let mut at = &self.0;
        for key in keys.split('.') {
            match at.as_object().and_then(|object| object.get(key)) {
                None => return Envelope::Absent,
                Some(value) if value.is_null() => return Envelope::Empty,
                Some(value) => at = value,
            }
        }
        match (at.as_object(), at.as_array()) {
            (Some(object), _) if object.is_empty() => Envelope::Empty,
            (_, Some(list)) if list.is_empty() => Envelope::Empty,
            (Some(_), _) => Envelope::Full,
            (_, Some(list)) if list.iter().any(|item| item.is_object()) => Envelope::Full,
            (_, Some(list)) if list.iter().all(|item| item.is_null()) => Envelope::Empty,
            _ => Envelope::Absent,
        }
    }

    /// The keys of the body, when it is an object.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.0.as_object().map_or_else(Vec::new, |object| object.keys().cloned().collect())
    }

    /// What stands under a key of the body.
    pub(crate) fn at(&self, key: &str) -> Value {
        let found = self.0.as_object().and_then(|object| object.get(key));
        found.map_or(Value::Null, |found| serde_json::to_value(&**found).unwrap_or(Value::Null))
    }

    /// Whether the body is null.
    pub(crate) fn is_null(&self) -> bool {
        self.0.is_null()
    }

    /// Whether the body is an object or a list of objects.
    pub(crate) fn is_structured(&self) -> bool {
        self.0.is_object() || self.0.as_array().is_some_and(|items| items.iter().any(|item| item.is_object()))
    }

    /// The body as bytes of JSON.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&*self.0).unwrap_or_default()
    }
}

/// The text inside a code fence, or from the first brace to the last: models talk around the object they were asked for.
fn unfenced(text: &str) -> &str {
    let text = text.trim();
    if text.starts_with('{') || text.starts_with('[') {
        return text;
    }
    match (text.find('{'), text.rfind('}')) {
        (Some(from), Some(to)) if from < to => &text[from..=to],
        _ => text,
    }
}

/// What stands under the key of a good answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Envelope {
    /// No such key, or something that cannot hold fields.
    Absent,
    /// Null or empty.
    Empty,
    /// An object or a list with something in it.
    Full,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(value: &Value) -> Body {
        Body::parse(value.to_string().as_bytes()).expect("JSON")
    }

    #[test]
    fn a_whole_number_of_64_bits_keeps_every_digit() {
        let ticket = Path::parse("request_id").expect("sound");
        let body = Body::parse(br#"{"request_id":-7392645112233445566}"#).expect("JSON");
        assert_eq!(ticket.word(&body).as_deref(), Some("-7392645112233445566"));
    }

    #[test]
    fn json_inside_a_text_is_found_with_and_without_a_fence() {
        let place = Path::parse("content").expect("sound");
        let name = "answer".to_owned();
        for (content, found) in [
            ("{\"a\":1}", json!(1)),
            ("```json\n{\"a\":1}\n```", json!(1)),
            ("Here it is: {\"a\":1}. Anything else?", json!(1)),
            ("{\"a\":", json!(null)),
            ("I do not know", json!(null)),
        ] {
            let opened = body(&json!({ "content": content })).unpacked([(&name, &place)].into_iter());
            assert_eq!(Path::parse("answer.a").expect("sound").find(&opened), found, "{content}");
        }
    }

    #[test]
    fn words_are_compared_whatever_their_case() {
        let test = Path::parse("lower(status) == 'found'").expect("sound");
        assert!(test.holds(&body(&json!({ "status": "FOUND" }))) && !test.holds(&body(&json!({ "status": null }))));
    }

    #[test]
    fn an_envelope_is_full_empty_or_not_there() {
        for (value, key, envelope) in [
            (json!({ "data": { "a": 1 } }), "data", Envelope::Full),
            (json!({ "data": [{ "a": 1 }] }), "data", Envelope::Full),
            (json!({ "data": [null] }), "data", Envelope::Empty),
            (json!({ "data": null }), "data", Envelope::Empty),
            (json!({ "data": {} }), "data", Envelope::Empty),
            (json!({ "data": "busy" }), "data", Envelope::Absent),
            (json!({ "oops": 1 }), "data", Envelope::Absent),
            (json!({ "a": { "b": [{}] } }), "a.b", Envelope::Full),
        ] {
            assert_eq!(body(&value).envelope(key), envelope, "{value}");
        }
    }
}
