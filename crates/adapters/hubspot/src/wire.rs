//! HubSpot's refusals, read leniently because every field may be missing, and the small readers all answers share.

use std::collections::BTreeSet;

use evergreen_ports::PortalError;
use jiff::Timestamp;
use serde_json::Value;

use crate::problem;

/// Why HubSpot refused a call or one row of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// HubSpot's word: a property code such as `INVALID_OPTION` where there is exactly one, else the category.
    pub code: String,
    /// HubSpot's sentence.
    pub message: String,
    /// Properties it complains about.
    pub properties: Vec<String>,
    /// Rows it is about, by trace id.
    pub traces: Vec<String>,
    /// Records it is about, by id.
    pub ids: Vec<String>,
    /// Scopes it asks for.
    pub scopes: Vec<String>,
    /// The record in the way, for conflicts.
    pub existing: Option<String>,
    /// Which limit was hit, for 429.
    pub policy: Option<String>,
    /// What HubSpot's support needs.
    pub correlation_id: Option<String>,
}

impl Refusal {
    /// Reads an error body, or one element of a batch's errors.
    pub(crate) fn read(body: &Value) -> Refusal {
        let message = str_of(&body["message"]).unwrap_or_default();
        let details: Vec<&Value> = body["errors"].as_array().into_iter().flatten().collect();
        let embedded = embedded_details(&message);
        let mut codes: BTreeSet<String> = details.iter().filter_map(|detail| str_of(&detail["code"])).collect();
        let mut properties: BTreeSet<String> =
            details.iter().flat_map(|detail| strings(&detail["context"]["propertyName"])).collect();
        if codes.is_empty() {
            codes.extend(embedded.iter().filter_map(|detail| str_of(&detail["error"])));
        }
        if properties.is_empty() {
            properties.extend(embedded.iter().filter_map(|detail| str_of(&detail["name"])));
        }
        let contexts = || std::iter::once(&body["context"]).chain(details.iter().map(|detail| &detail["context"]));
        let gather = |keys: &[&str]| -> Vec<String> {
            let all: BTreeSet<String> =
                contexts().flat_map(|context| keys.iter().flat_map(|key| strings(&context[*key]))).collect();
            all.into_iter().collect()
        };
        let code = match (codes.len(), codes.first()) {
            (1, Some(code)) => code.clone(),
            _ => {
                str_of(&body["category"]).or_else(|| str_of(&body["errorType"])).unwrap_or_else(|| "UNKNOWN".to_owned())
            }
        };
        Refusal {
            code,
            existing: existing_id(&message),
            message,
            properties: properties.into_iter().collect(),
            traces: gather(&["objectWriteTraceId"]),
            ids: gather(&["ids", "id", "fromObjectId", "toObjectId"]),
            scopes: gather(&["requiredGranularScopes", "requiredScopes"]),
            policy: str_of(&body["policyName"]),
            correlation_id: str_of(&body["correlationId"]),
        }
    }
}

/// The cursor of the next page.
pub(crate) fn next_page(body: &Value) -> Option<String> {
    str_of(&body["paging"]["next"]["after"]).filter(|after| !after.is_empty())
}

/// The list of results that nearly every answer has.
pub(crate) fn results<'a>(body: &'a Value, call: &str) -> Result<&'a Vec<Value>, PortalError> {
    body["results"].as_array().ok_or_else(|| problem::odd(call, "the answer has no list of results"))
}

/// Text, numbers and booleans as text: HubSpot's ids come as either.
pub(crate) fn str_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// A list of texts, or one text.
pub(crate) fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().filter_map(str_of).collect(),
        other => str_of(other).into_iter().collect(),
    }
}

pub(crate) fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(millis) => Timestamp::from_millisecond(millis.as_i64()?).ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// `Property values were not valid: [{"error":…,"name":…}]`: the details that HubSpot puts inside the sentence.
fn embedded_details(message: &str) -> Vec<Value> {
    let Some(start) = message.find("[{") else { return Vec::new() };
    serde_json::Deserializer::from_str(&message[start..])
        .into_iter::<Vec<Value>>()
        .next()
        .and_then(Result::ok)
        .unwrap_or_default()
}

/// `Contact already exists. Existing ID: 12345`
fn existing_id(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("Existing ID:")?;
    let id: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
    (!id.is_empty()).then_some(id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refusal_names_code_property_and_row_however_hubspot_says_it() {
        let modern = Refusal::read(&json!({
            "status": "error", "category": "VALIDATION_ERROR", "message": "Property values were not valid",
            "errors": [{"message": "x", "code": "INVALID_OPTION", "context": {"propertyName": ["industry"]}}],
            "context": {"objectWriteTraceId": ["r7"]}
        }));
        assert_eq!(
            (modern.code.as_str(), modern.properties, modern.traces),
            ("INVALID_OPTION", vec!["industry".to_owned()], vec!["r7".to_owned()])
        );
        let older = Refusal::read(&json!({
            "message": "Property values were not valid: [{\"isValid\":false,\"error\":\"INVALID_EMAIL\",\"name\":\"email\"}] and more",
            "category": "VALIDATION_ERROR"
        }));
        assert_eq!((older.code.as_str(), older.properties), ("INVALID_EMAIL", vec!["email".to_owned()]));
        let conflict =
            Refusal::read(&json!({"message": "Contact already exists. Existing ID: 12345", "category": "CONFLICT"}));
        assert_eq!((conflict.code.as_str(), conflict.existing.as_deref()), ("CONFLICT", Some("12345")));
        assert_eq!(Refusal::read(&json!("<html>")).code, "UNKNOWN");
    }
}
