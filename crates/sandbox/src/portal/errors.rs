//! HubSpot's refusals, word for word, both as a whole answer and as one element of a 207.

use serde_json::{Map, Value, json};

use super::record::Kind;
use crate::wire::Reply;

pub(crate) const PORTAL_ID: u64 = 148_900_001;

/// Why a call, or one row of a batch, was not carried out.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub status: u16,
    pub category: &'static str,
    pub message: String,
    pub sub_category: Option<&'static str>,
    pub details: Vec<Value>,
    pub context: Vec<(&'static str, Vec<String>)>,
}

/// One bad property value.
#[derive(Debug, Clone)]
pub(crate) struct BadValue {
    pub name: String,
    pub code: &'static str,
    pub message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, category: &'static str, message: impl Into<String>) -> Refusal {
        Refusal {
            status,
            category,
            message: message.into(),
            sub_category: None,
            details: Vec::new(),
            context: Vec::new(),
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Refusal {
        Refusal::new(400, "VALIDATION_ERROR", message)
    }

    pub(crate) fn bad_json(problem: &str) -> Refusal {
        Refusal::invalid(format!("Invalid input JSON: {problem}"))
    }

    pub(crate) fn not_found() -> Refusal {
        Refusal::new(404, "OBJECT_NOT_FOUND", "resource not found")
    }

    pub(crate) fn wrong_method() -> Refusal {
        Refusal::new(405, "VALIDATION_ERROR", "Method Not Allowed")
    }

    pub(crate) fn email_taken(owner: Option<u64>) -> Refusal {
        Refusal::new(
            409,
            "CONFLICT",
            match owner {
                Some(id) => format!("Contact already exists. Existing ID: {id}"),
                None => "Contact already exists.".to_owned(),
            },
        )
    }

    /// All bad values of one record, both embedded in the message and as `errors[]`.
    pub(crate) fn values(bad: Vec<BadValue>) -> Refusal {
        let embedded: Vec<Value> = bad
            .iter()
            .map(|value| {
                json!({
                    "isValid": false,
                    "message": value.message,
                    "error": value.code,
                    "name": value.name,
                    "localizedErrorMessage": value.message,
                    "portalId": PORTAL_ID,
                })
            })
            .collect();
        let mut refusal = Refusal::invalid(format!("Property values were not valid: {}", Value::Array(embedded)));
        refusal.details = bad
            .into_iter()
            .map(|value| {
                json!({
                    "message": value.message,
                    "code": value.code,
                    "context": {"propertyName": [value.name]},
                })
            })
            .collect();
        refusal
    }

    pub(crate) fn duplicate_ids(ids: Vec<String>) -> Refusal {
        let mut refusal =
            Refusal::invalid(format!("Duplicate IDs found in batch input: [{}]. IDs must be unique", ids.join(", ")));
        refusal.context.push(("ids", ids));
        refusal
    }

    pub(crate) fn not_unique(kind: Kind, property: &str) -> Refusal {
        Refusal::invalid(format!(
            "Unable to perform update/upsert by non-unique {} property {property} in portal ID {PORTAL_ID}",
            kind.type_id()
        ))
    }

    pub(crate) fn too_many(limit: usize) -> Refusal {
        Refusal::invalid(format!(
            "The maximum number of inputs supported in a batch request is {limit}. Please reduce the number of items and try again"
        ))
    }

    pub(crate) fn gone(kind: Kind, ids: Vec<String>) -> Refusal {
        let mut refusal = Refusal::new(
            404,
            "OBJECT_NOT_FOUND",
            format!(
                "Could not get some {} objects, they may be deleted or not exist. Check that ids are valid.",
                kind.upper()
            ),
        );
        refusal.context.push(("ids", ids));
        refusal
    }

    /// As one element of a 207's `errors`.
    pub(crate) fn element(&self, traces: &[&str]) -> Value {
        let mut body = self.common();
        if !traces.is_empty() {
            let context = body.entry("context").or_insert_with(|| Value::Object(Map::new()));
            if let Some(context) = context.as_object_mut() {
                context.insert("objectWriteTraceId".to_owned(), json!(traces));
            }
        }
        Value::Object(body)
    }

    /// As the whole answer.
    pub(crate) fn reply(&self, correlation: &str) -> Reply {
        let mut body = self.common();
        body.insert("correlationId".to_owned(), json!(correlation));
        Reply::json(self.status, Value::Object(body))
    }

    fn common(&self) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("status".to_owned(), json!("error"));
        body.insert("category".to_owned(), json!(self.category));
        body.insert("message".to_owned(), json!(self.message));
        if let Some(sub) = self.sub_category {
            body.insert("subCategory".to_owned(), json!(sub));
        }
        if !self.details.is_empty() {
            body.insert("errors".to_owned(), json!(self.details));
        }
        if !self.context.is_empty() {
            let context: Map<String, Value> =
                self.context.iter().map(|(name, values)| ((*name).to_owned(), json!(values))).collect();
            body.insert("context".to_owned(), Value::Object(context));
        }
        body
    }
}

/// 401: no token, or not this portal's.
pub(crate) fn unauthenticated(correlation: &str) -> Reply {
    Reply::json(
        401,
        json!({
            "status": "error",
            "message": "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
            "correlationId": correlation,
            "category": "INVALID_AUTHENTICATION",
        }),
    )
}

/// 429 of the policy that was hit.
pub(crate) fn rate_limited(policy: &str, correlation: &str) -> Reply {
    Reply::json(
        429,
        json!({
            "status": "error",
            "message": format!("You have reached your {} limit.", policy.to_lowercase()),
            "errorType": "RATE_LIMIT",
            "correlationId": correlation,
            "policyName": policy,
            "groupName": format!("publicapi:private_app-api-calls-ten-secondly:{}:{PORTAL_ID}", super::APP_ID),
        }),
    )
}
