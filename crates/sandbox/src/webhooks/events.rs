//! The events themselves: which subscription one fits, and its body.

use serde_json::{Value, json};

use super::Subscription;
use crate::portal::services::adapter::{Event, Happened};

const DEEDS: &[&str] =
    &["creation", "deletion", "propertyChange", "merge", "restore", "associationChange", "privacyDeletion"];
const OBJECTS: &[&str] = &["contact", "company", "deal", "ticket", "product", "line_item", "object"];

/// Whether a subscription may be made.
pub(super) fn check(event_type: &str, has_property: bool, has_object_type: bool) -> Result<(), String> {
    let known = event_type.split_once('.').is_some_and(|(object, deed)| {
        OBJECTS.contains(&object) && DEEDS.contains(&deed) && (deed != "privacyDeletion" || object == "contact")
    });
    if !known {
        return Err(format!("Invalid eventType: {event_type}"));
    }
    if event_type.ends_with(".propertyChange") && !has_property {
        return Err("propertyName is required for propertyChange subscriptions".to_owned());
    }
    if event_type.starts_with("object.") && !has_object_type {
        return Err("objectTypeId is required for object subscriptions".to_owned());
    }
    Ok(())
}

fn deed(event: &Event) -> &'static str {
    match event.what {
        Happened::Created => "creation",
        Happened::Value { .. } => "propertyChange",
        Happened::Archived => "deletion",
        Happened::Restored => "restore",
        Happened::Merged { .. } => "merge",
        Happened::Erased => "privacyDeletion",
        Happened::Associated { .. } => "associationChange",
    }
}

pub(super) fn fits(subscription: &Subscription, event: &Event) -> bool {
    let Some((object, wanted)) = subscription.event_type.split_once('.') else {
        return false;
    };
    let same_object = match object {
        "object" => subscription.object_type.as_deref() == Some(event.kind.type_id()),
        name => name == event.kind.singular(),
    };
    let same_property = match (&event.what, &subscription.property) {
        (Happened::Value { name, .. }, Some(property)) => name == property,
        _ => true,
    };
    same_object && wanted == deed(event) && same_property
}

/// An event as it is delivered, but for its number and attempt.
pub(super) fn body(subscription: &Subscription, event: &Event, portal: u64, app: u32) -> Value {
    let mut body = json!({
        "subscriptionId": subscription.id, "portalId": portal, "appId": app, "occurredAt": event.at,
        "subscriptionType": subscription.event_type, "attemptNumber": 0, "changeSource": event.source,
    });
    if !event.source_id.is_empty() {
        body["sourceId"] = json!(event.source_id);
    }
    if subscription.event_type.starts_with("object.") {
        body["objectTypeId"] = json!(event.kind.type_id());
    }
    if !matches!(event.what, Happened::Associated { .. }) {
        body["objectId"] = json!(event.id);
    }
    match &event.what {
        Happened::Created => body["changeFlag"] = json!("CREATED"),
        Happened::Archived => body["changeFlag"] = json!("DELETED"),
        Happened::Restored => body["changeFlag"] = json!("RESTORED"),
        Happened::Value { name, value } => {
            body["propertyName"] = json!(name);
            body["propertyValue"] = json!(value);
        }
        Happened::Merged { primary, other, moved } => {
            body["primaryObjectId"] = json!(primary);
            body["mergedObjectIds"] = json!([other]);
            body["numberOfPropertiesMoved"] = json!(moved);
            if event.id != *primary {
                body["newObjectId"] = json!(event.id);
            }
        }
        Happened::Erased => {}
        Happened::Associated { to_kind, to, removed, primary } => {
            body["associationType"] = json!(format!("{}_TO_{}", event.kind.upper(), to_kind.upper()));
            body["fromObjectId"] = json!(event.id);
            body["toObjectId"] = json!(to);
            body["associationRemoved"] = json!(removed);
            body["isPrimaryAssociation"] = json!(primary);
        }
    }
    body
}
