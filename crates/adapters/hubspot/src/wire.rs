//! HubSpot's JSON: refusals and records, read leniently because every field may be missing.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::{Entity, Fields, HistoryEntry, PortalRecord};
use jiff::Timestamp;
use serde_json::Value;

/// Why HubSpot refused a call or one row of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Refusal {
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

/// One record as HubSpot shows it.
pub(crate) fn record(entity: Entity, value: &Value) -> Option<PortalRecord> {
    let id = str_of(&value["id"])?;
    let mut properties = Fields::new();
    for (name, value) in value["properties"].as_object().into_iter().flatten() {
        if let Some(text) = str_of(value).filter(|text| !text.is_empty()) {
            properties.insert(name.clone(), text);
        }
    }
    let mut history = BTreeMap::new();
    for (name, entries) in value["propertiesWithHistory"].as_object().into_iter().flatten() {
        let mut entries: Vec<HistoryEntry> =
            entries.as_array().into_iter().flatten().filter_map(history_entry).collect();
        // Newest first is HubSpot's habit and our protection's need; a stable sort keeps its order among equal times.
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
        if let Some(newest) = entries.first()
            && !newest.value.is_empty()
            && value["properties"].get(name).is_none()
        {
            properties.entry(name.clone()).or_insert_with(|| newest.value.clone());
        }
        if !entries.is_empty() {
            history.insert(name.clone(), entries);
        }
    }
    Some(PortalRecord {
        id,
        entity,
        properties,
        history,
        created_at: time(&value["createdAt"]).unwrap_or(Timestamp::UNIX_EPOCH),
        updated_at: time(&value["updatedAt"]).unwrap_or(Timestamp::UNIX_EPOCH),
        archived: value["archived"].as_bool().unwrap_or(false),
    })
}

fn history_entry(value: &Value) -> Option<HistoryEntry> {
    let source_type = str_of(&value["sourceType"]).unwrap_or_else(|| "UNKNOWN".to_owned());
    let source_id = str_of(&value["sourceId"]);
    let user_of_source = source_id.as_deref().and_then(|id| id.strip_prefix("userId:")).map(str::to_owned);
    Some(HistoryEntry {
        value: str_of(&value["value"]).unwrap_or_default(),
        at: time(&value["timestamp"])?,
        user_id: str_of(&value["updatedByUserId"]).or(user_of_source),
        source_type,
        source_id,
    })
}

/// Companies of a listed contact; one association appears once per label, so ids are made unique.
pub(crate) fn companies_of(value: &Value) -> BTreeSet<String> {
    value["associations"]["companies"]["results"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|association| str_of(&association["id"]).or_else(|| str_of(&association["toObjectId"])))
        .collect()
}

/// The cursor of the next page.
pub(crate) fn next_page(body: &Value) -> Option<String> {
    str_of(&body["paging"]["next"]["after"]).filter(|after| !after.is_empty())
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
fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().filter_map(str_of).collect(),
        other => str_of(other).into_iter().collect(),
    }
}

fn time(value: &Value) -> Option<Timestamp> {
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

    #[test]
    fn a_record_keeps_who_wrote_each_value_and_drops_empty_ones() {
        let record = record(
            Entity::Contact,
            &json!({
                "id": 101, "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-02T00:00:00Z", "archived": false,
                "properties": {"email": "jane@acme.com", "phone": null, "city": ""},
                "propertiesWithHistory": {"jobtitle": [
                    {"value": "CTO", "timestamp": "2026-01-02T00:00:00Z", "sourceType": "CRM_UI", "sourceId": "userId:44"},
                    {"value": "", "timestamp": "2026-01-01T00:00:00Z", "sourceType": "INTEGRATION", "sourceId": "8111832"}
                ], "phone": []}
            }),
        )
        .unwrap();
        assert_eq!(record.properties.keys().collect::<Vec<_>>(), ["email", "jobtitle"]);
        assert_eq!(record.newest("jobtitle").unwrap().user_id.as_deref(), Some("44"));
        assert!(!record.history.contains_key("phone"));
    }
}
