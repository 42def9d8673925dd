//! One record as HubSpot shows it, of any kind.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::{Entity, Fields, HistoryEntry, PortalRecord};
use jiff::Timestamp;
use serde_json::Value;

use crate::wire::{str_of, time};

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// HubSpot's id.
    pub id: String,
    /// Current values of the properties asked for; empty values are absent.
    pub properties: Fields,
    /// History of the properties asked for, newest first.
    pub history: BTreeMap<String, Vec<HistoryEntry>>,
    /// Linked records by kind, each id once, when asked for.
    pub associations: BTreeMap<String, BTreeSet<String>>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// In the recycle bin.
    pub archived: bool,
    /// True when an upsert made it.
    pub new: bool,
    /// Our name for the row it answers.
    pub trace: Option<String>,
    /// What HubSpot did to our values besides storing them.
    pub warnings: Vec<Warning>,
}

/// HubSpot changed a value while storing it, and said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// `PROPERTY_VALUE_NORMALIZED`, …
    pub category: String,
    /// HubSpot's sentence.
    pub message: String,
    /// The property, when told.
    pub property: Option<String>,
    /// The value it was given.
    pub raw: Option<String>,
    /// The value it keeps.
    pub normalized: Option<String>,
}

impl Record {
    /// Reads a record; `None` for anything without an id.
    pub(crate) fn read(value: &Value) -> Option<Record> {
        let id = str_of(&value["id"])?;
        let mut properties = Fields::new();
        for (name, value) in value["properties"].as_object().into_iter().flatten() {
            if let Some(text) = str_of(value).filter(|text| !text.is_empty()) {
                properties.insert(name.clone(), text);
            }
        }
        let history = history(value, &mut properties);
        Some(Record {
            id,
            properties,
            history,
            associations: associations(value),
            created_at: time(&value["createdAt"]).unwrap_or(Timestamp::UNIX_EPOCH),
            updated_at: time(&value["updatedAt"]).unwrap_or(Timestamp::UNIX_EPOCH),
            archived: value["archived"].as_bool().unwrap_or(false),
            new: value["new"].as_bool().unwrap_or(false),
            trace: str_of(&value["objectWriteTraceId"]),
            warnings: value["warnings"].as_array().into_iter().flatten().map(warning).collect(),
        })
    }

    /// As the engine knows records.
    #[must_use]
    pub fn into_portal(self, entity: Entity) -> PortalRecord {
        PortalRecord {
            id: self.id,
            entity,
            properties: self.properties,
            history: self.history,
            created_at: self.created_at,
            updated_at: self.updated_at,
            archived: self.archived,
        }
    }

    /// A value; empty when there is none.
    #[must_use]
    pub fn value(&self, property: &str) -> &str {
        self.properties.get(property).map_or("", String::as_str)
    }
}

fn history(value: &Value, properties: &mut Fields) -> BTreeMap<String, Vec<HistoryEntry>> {
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
    history
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

/// One association appears once per label, so ids are made unique.
fn associations(value: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for (kind, links) in value["associations"].as_object().into_iter().flatten() {
        let ids: BTreeSet<String> = links["results"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|link| str_of(&link["id"]).or_else(|| str_of(&link["toObjectId"])))
            .collect();
        all.insert(kind.clone(), ids);
    }
    all
}

fn warning(value: &Value) -> Warning {
    let context = |key: &str| str_of(&value["context"][key]);
    Warning {
        category: str_of(&value["category"]).unwrap_or_default(),
        message: str_of(&value["message"]).unwrap_or_default(),
        property: context("propertyName"),
        raw: context("rawValue"),
        normalized: context("normalizedValue"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_keeps_who_wrote_each_value_and_drops_empty_ones() {
        let record = Record::read(&json!({
            "id": 101, "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-02T00:00:00Z", "archived": false,
            "properties": {"email": "jane@acme.com", "phone": null, "city": ""},
            "propertiesWithHistory": {"jobtitle": [
                {"value": "CTO", "timestamp": "2026-01-02T00:00:00Z", "sourceType": "CRM_UI", "sourceId": "userId:44"},
                {"value": "", "timestamp": "2026-01-01T00:00:00Z", "sourceType": "INTEGRATION", "sourceId": "8111832"}
            ], "phone": []}
        }))
        .unwrap();
        assert_eq!(record.properties.keys().collect::<Vec<_>>(), ["email", "jobtitle"]);
        assert_eq!(record.history["jobtitle"][0].user_id.as_deref(), Some("44"));
        assert!(!record.history.contains_key("phone"));
    }

    #[test]
    fn an_association_with_two_labels_is_one_link() {
        let record = Record::read(&json!({"id": "1", "associations": {"companies": {"results": [
            {"id": "9", "type": "contact_to_company"}, {"id": "9", "type": "contact_to_company_unlabeled"}]}}}))
        .unwrap();
        assert_eq!(record.associations["companies"].len(), 1);
    }
}
