//! Who may call the portals: bearer tokens with their scopes, the apps behind them, and OAuth.

pub(crate) mod keys;
pub(crate) mod oauth;
mod oauth_routes;
pub(crate) mod scopes;

use serde_json::{Value, json};

use crate::clock::{Millis, iso};
use crate::wire::Reply;

/// On whose behalf a call is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Who {
    pub portal: u64,
    /// Named as the `sourceId` of what the call writes.
    pub app: u32,
}

/// 403: the token is good but was not granted what the call needs.
pub(crate) fn missing_scopes(needed: &[&str], correlation: &str) -> Reply {
    Reply::json(
        403,
        json!({
            "status": "error",
            "message": "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.",
            "correlationId": correlation,
            "errors": [{
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": needed},
            }],
            "links": {"scopes": "https://developers.hubspot.com/scopes"},
            "category": "MISSING_SCOPES",
        }),
    )
}

/// 401: an OAuth access token outlived its half hour.
pub(crate) fn expired(since: Millis, at: Millis, correlation: &str) -> Reply {
    let ago = ((at - since) / 1000).max(0);
    Reply::json(
        401,
        json!({
            "status": "error",
            "message": format!("The OAuth token used to make this call expired {ago} second(s) ago."),
            "correlationId": correlation,
            "category": "EXPIRED_AUTHENTICATION",
            "context": {"expire time": [iso(since)]},
        }),
    )
}

/// Texts of a JSON list, or of one text with spaces between.
pub(crate) fn words(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => text.split_whitespace().map(str::to_owned).collect(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// 429, in the words of the policy that was hit.
pub(crate) fn too_many(full: &crate::limiter::Full, correlation: &str) -> Reply {
    Reply::json(
        429,
        json!({
            "status": "error",
            "message": format!("You have reached your {} limit.", full.policy.to_lowercase()),
            "errorType": "RATE_LIMIT",
            "correlationId": correlation,
            "policyName": full.policy,
            "groupName": full.group,
        }),
    )
}
