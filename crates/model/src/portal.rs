//! What the portal shows: its records with history, owners and properties, free of transport.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::evidence::Fields;
use crate::record::Entity;

/// The account behind a token, and what the token may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// HubSpot's account id.
    pub portal_id: String,
    /// `STANDARD`, `SANDBOX`, `DEVELOPER_TEST`, …
    pub account_type: String,
    /// IANA or HubSpot name of the account's time zone; its midnight resets the daily limit.
    pub time_zone: String,
    /// Host of the pages people see, for links to records.
    pub ui_domain: String,
    /// What the token may do; absent when the portal does not tell.
    pub scopes: Option<Vec<String>>,
    /// The app id of the token, under which our writes appear in history; absent when the portal does not tell.
    pub app_id: Option<String>,
}

/// How much of the day's calls is used, by all apps of the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DailyUsage {
    /// Calls allowed a day.
    pub limit: u64,
    /// Calls made today.
    pub used: u64,
    /// When the count starts anew.
    pub resets_at: Option<Timestamp>,
}

/// One entry of a property's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// The value it was set to; empty when cleared.
    pub value: String,
    /// When.
    pub at: Timestamp,
    /// HubSpot's `sourceType`: `CRM_UI`, `INTEGRATION`, `IMPORT`, …
    pub source_type: String,
    /// HubSpot's `sourceId`: our app id for our own writes.
    pub source_id: Option<String>,
    /// The user who did it, for writes by people.
    pub user_id: Option<String>,
}

/// A record as the portal shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalRecord {
    /// HubSpot record id.
    pub id: String,
    /// Contact or company.
    pub entity: Entity,
    /// Current values; empty values are absent.
    pub properties: Fields,
    /// History per property, newest first; only what was asked for.
    pub history: BTreeMap<String, Vec<HistoryEntry>>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// In the recycle bin.
    pub archived: bool,
}

impl PortalRecord {
    /// The newest history entry of a property.
    #[must_use]
    pub fn newest(&self, property: &str) -> Option<&HistoryEntry> {
        self.history.get(property).and_then(|entries| entries.first())
    }
}

/// A sales person or queue that can own records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Owner id: what `hubspot_owner_id` takes.
    pub id: String,
    /// Address.
    pub email: String,
    /// Full name.
    pub name: String,
    /// User id: what history shows; not an owner id.
    pub user_id: Option<String>,
    /// Teams by name.
    pub teams: Vec<String>,
    /// False when deactivated.
    pub active: bool,
}

/// One choice of an enumeration property.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PropertyOption {
    /// The internal value that is written.
    pub value: String,
    /// What people see.
    pub label: String,
}

/// A property of an object in the portal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalProperty {
    /// Internal name.
    pub name: String,
    /// What people see.
    pub label: String,
    /// HubSpot's `type`: string, number, enumeration, datetime, …
    pub value_type: String,
    /// HubSpot's `fieldType`: text, select, …
    pub field_type: String,
    /// Property group.
    pub group: String,
    /// Choices in the portal's order, for enumerations.
    pub options: Vec<PropertyOption>,
    /// Values are unique across records, so it can be an upsert key.
    pub unique: bool,
    /// Cannot be written.
    pub read_only: bool,
    /// For people, why it exists.
    pub description: String,
}
