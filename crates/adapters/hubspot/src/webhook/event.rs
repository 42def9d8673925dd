//! The events of a delivery, and the key by which a repeated one is recognised.

use evergreen_ports::PortalError;
use jiff::Timestamp;
use serde_json::Value;

use crate::problem;
use crate::wire::{str_of, strings, time};

/// Something that happened in the portal. Deliveries repeat and overtake each other: drop known keys, and read the record anew
/// rather than believing the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// HubSpot's number; not guaranteed to be unique.
    pub event_id: String,
    /// Which subscription it belongs to.
    pub subscription_id: String,
    /// The account.
    pub portal_id: String,
    /// `contact.propertyChange`, `object.merge`, `contact.privacyDeletion`, …
    pub kind: String,
    /// The record.
    pub object_id: String,
    /// Its type id, for `object.*` events.
    pub object_type_id: Option<String>,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
    /// Which delivery of it this is, from 0.
    pub attempt: u64,
    /// The property that changed, and its new value.
    pub property: Option<(String, String)>,
    /// Who changed it, as in property history: `CRM_UI`, `INTEGRATION`, …
    pub change_source: Option<String>,
    /// As in property history: `userId:44`, an app id.
    pub source_id: Option<String>,
    /// For a merge: the ids that no longer stand for themselves.
    pub merged: Vec<String>,
    /// For a merge: the id they live on under.
    pub merged_into: Option<String>,
}

/// What makes an event the same as an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventKey(String);

impl EventKey {
    /// As text, to be kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Event {
    /// Subscription, record, property, moment and value.
    #[must_use]
    pub fn key(&self) -> EventKey {
        let (name, value) = self.property.clone().unwrap_or_default();
        let at = self.occurred_at.map_or(0, Timestamp::as_millisecond);
        let parts = [&self.subscription_id, &self.kind, &self.object_id, &name, &at.to_string(), &value];
        // Lengths keep two different events from having one text.
        EventKey(parts.map(|part| format!("{}:{part}", part.len())).join("/"))
    }
}

/// Reads a delivery's body: a list of up to 100 events. Fields nobody knows are passed over.
///
/// # Errors
/// When the body is not a list of events.
pub fn parse(body: &[u8]) -> Result<Vec<Event>, PortalError> {
    let call = "a webhook";
    let events: Vec<Value> =
        serde_json::from_slice(body).map_err(|error| problem::odd(call, format!("the delivery is no list: {error}")))?;
    events
        .iter()
        .map(|value| event(value).ok_or_else(|| problem::odd(call, "an event names no subscription type or record")))
        .collect()
}

fn event(value: &Value) -> Option<Event> {
    let text = |key: &str| str_of(&value[key]);
    let kind = text("subscriptionType").or_else(|| text("eventType"))?;
    let primary = text("newObjectId").or_else(|| text("primaryObjectId"));
    let object_id = text("objectId").or_else(|| primary.clone()).or_else(|| text("fromObjectId"))?;
    let mut merged = strings(&value["mergedObjectIds"]);
    if let (Some(new), Some(old)) = (text("newObjectId"), text("primaryObjectId"))
        && new != old
    {
        merged.push(old);
    }
    Some(Event {
        event_id: text("eventId").unwrap_or_default(),
        subscription_id: text("subscriptionId").unwrap_or_default(),
        portal_id: text("portalId").unwrap_or_default(),
        object_type_id: text("objectTypeId"),
        occurred_at: time(&value["occurredAt"]),
        attempt: value["attemptNumber"].as_u64().unwrap_or(0),
        property: text("propertyName").map(|name| (name, text("propertyValue").unwrap_or_default())),
        change_source: text("changeSource"),
        source_id: text("sourceId"),
        merged_into: if kind.ends_with(".merge") { primary } else { None },
        merged,
        kind,
        object_id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_delivery_has_the_same_key_and_another_value_another() {
        let change = |value: &str, attempt: u8| {
            format!(
                r#"[{{"eventId":{attempt}1,"subscriptionId":5,"portalId":7,"subscriptionType":"contact.propertyChange",
                "objectId":123,"propertyName":"firstname","propertyValue":"{value}","occurredAt":1790000000000,
                "attemptNumber":{attempt},"changeSource":"CRM_UI","sourceId":"userId:44","somethingNew":[1]}}]"#
            )
        };
        let read = |text: String| parse(text.as_bytes()).unwrap().remove(0);
        let (first, again, other) = (read(change("Zoë", 0)), read(change("Zoë", 3)), read(change("Zoe", 0)));
        assert_eq!(first.key(), again.key());
        assert_ne!(first.key(), other.key());
        assert_eq!((first.object_id.as_str(), again.attempt), ("123", 3));
        assert_eq!(first.property, Some(("firstname".to_owned(), "Zoë".to_owned())));
        assert_eq!(first.source_id.as_deref(), Some("userId:44"));
    }

    #[test]
    fn a_merge_tells_which_ids_moved_where() {
        let body = br#"[{"subscriptionType":"contact.merge","objectId":9,"primaryObjectId":1,"mergedObjectIds":[2],"newObjectId":9}]"#;
        let event = parse(body).unwrap().remove(0);
        assert_eq!(event.merged_into.as_deref(), Some("9"));
        assert_eq!(event.merged, ["2", "1"]);
    }

    #[test]
    fn what_is_no_list_of_events_is_told_and_does_not_panic() {
        for body in ["", "{}", "[1]", "[{}]", "<html>", "[{\"subscriptionType\":\"x\"}]"] {
            assert_eq!(parse(body.as_bytes()).unwrap_err().problem().code, "EG-PORTAL-009", "{body}");
        }
        assert!(parse(b"[]").unwrap().is_empty());
    }
}
