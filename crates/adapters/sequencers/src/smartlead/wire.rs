//! Smartlead's JSON: ids that are text here and numbers there, counters with three names, refusals in four shapes.

use std::collections::BTreeSet;

use evergreen_ports::Lead;
use serde_json::{Map, Value, json};

/// Most custom fields per lead.
const CUSTOM_FIELDS_MAX: usize = 20;

/// Text and numbers as text.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Numbers, also those written as text.
fn count(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Smartlead's sentence, in whichever of its four shapes it comes.
pub(super) fn message(body: &Value) -> Option<String> {
    text(&body["error"]["message"])
        .or_else(|| text(&body["message"]))
        .or_else(|| text(&body["error"]))
        .or_else(|| text(&body["errorCode"]))
}

/// The body of an add call. Each `true` among the settings would take a protection away.
pub(super) fn add_body(leads: &[&Lead]) -> Value {
    let list: Vec<Value> = leads.iter().map(|lead| lead_json(lead)).collect();
    json!({
        "lead_list": list,
        "settings": {
            "ignore_global_block_list": false,
            "ignore_unsubscribe_list": false,
            "ignore_duplicate_leads_in_other_campaign": false,
            "ignore_community_bounce_list": false,
        },
    })
}

fn lead_json(lead: &Lead) -> Value {
    let mut fields = Map::new();
    fields.insert("email".to_owned(), json!(lead.email));
    let optional = [
        ("first_name", &lead.firstname),
        ("last_name", &lead.lastname),
        ("company_name", &lead.company),
        ("website", &lead.website),
        ("phone_number", &lead.phone),
        ("linkedin_profile", &lead.linkedin),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            fields.insert(name.to_owned(), json!(value));
        }
    }
    // Our id first: it is how events find their way back.
    let own = lead.custom.iter().filter(|(name, _)| *name == "evergreen_id");
    let others = lead.custom.iter().filter(|(name, _)| *name != "evergreen_id");
    let custom: Map<String, Value> =
        own.chain(others).take(CUSTOM_FIELDS_MAX).map(|(name, value)| (name.clone(), json!(value))).collect();
    fields.insert("custom_fields".to_owned(), Value::Object(custom));
    Value::Object(fields)
}

/// What an add call says it did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Added {
    pub accepted: u64,
    pub already: u64,
    pub elsewhere: u64,
    pub blocked: u64,
    pub bounced: u64,
    pub stopped: u64,
    pub invalid: BTreeSet<String>,
    pub unsubscribed: BTreeSet<String>,
    pub allowance_spent: bool,
}

impl Added {
    pub(super) fn read(body: &Value) -> Added {
        let first = |names: &[&str]| names.iter().find_map(|name| count(&body[*name])).unwrap_or(0);
        Added {
            accepted: first(&["upload_count", "inserted_count", "added_count"]),
            already: first(&["already_added_to_campaign"]),
            elsewhere: first(&["duplicate_count", "skipped_count"]),
            blocked: first(&["block_count", "blocked_count"]),
            bounced: first(&["bounce_count"]),
            stopped: first(&["lead_import_stopped_count"]),
            invalid: addresses(&body["invalid_emails"]),
            unsubscribed: addresses(&body["unsubscribed_leads"]),
            allowance_spent: body["is_lead_limit_exhausted"].as_bool().unwrap_or(false),
        }
    }

    /// Why a lead that is not in the campaign afterwards was refused; Smartlead gives numbers, not names.
    pub(super) fn likely_reason(&self) -> String {
        let reasons = [
            (self.stopped > 0 && self.allowance_spent, "lead allowance spent"),
            (self.blocked > 0, "blocked"),
            (self.bounced > 0, "bounced before"),
            (self.elsewhere > 0, "in another campaign"),
        ];
        let likely: Vec<&str> = reasons.into_iter().filter(|(applies, _)| *applies).map(|(_, reason)| reason).collect();
        if likely.is_empty() { "refused without a reason".to_owned() } else { likely.join(" or ") }
    }
}

/// A list of addresses, bare or in objects.
fn addresses(value: &Value) -> BTreeSet<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| text(item).or_else(|| text(&item["email"])))
        .map(|email| email.to_lowercase())
        .collect()
}

/// One page of a campaign's leads.
pub(super) struct LeadsPage {
    pub total: u64,
    /// Address in lower case and when it was put into the campaign.
    pub leads: Vec<(String, String)>,
}

impl LeadsPage {
    pub(super) fn read(body: &Value) -> LeadsPage {
        let lead = |entry: &Value| {
            let email = text(&entry["lead"]["email"])?.to_lowercase();
            Some((email, text(&entry["created_at"]).unwrap_or_default()))
        };
        LeadsPage {
            total: count(&body["total_leads"]).unwrap_or(0),
            leads: body["data"].as_array().into_iter().flatten().filter_map(lead).collect(),
        }
    }
}
