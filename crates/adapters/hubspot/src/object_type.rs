//! Kinds of records in a portal, by name and by HubSpot's type id.

use evergreen_model::Entity;

/// A kind of record.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectType {
    /// People.
    Contacts,
    /// Organisations.
    Companies,
    /// Sales opportunities.
    Deals,
    /// Support cases.
    Tickets,
    /// Qualified interest before a deal.
    Leads,
    /// Free text on a record's timeline.
    Notes,
    /// One-to-one e-mails on the timeline.
    Emails,
    /// Things to do.
    Tasks,
    /// Telephone calls on the timeline.
    Calls,
    /// Meetings on the timeline.
    Meetings,
    /// LinkedIn messages, SMS, WhatsApp on the timeline.
    Communications,
    /// A custom object, by its type id (`2-123`) or its full name.
    Custom(String),
}

impl ObjectType {
    /// As HubSpot writes it in paths.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            ObjectType::Contacts => "contacts",
            ObjectType::Companies => "companies",
            ObjectType::Deals => "deals",
            ObjectType::Tickets => "tickets",
            ObjectType::Leads => "leads",
            ObjectType::Notes => "notes",
            ObjectType::Emails => "emails",
            ObjectType::Tasks => "tasks",
            ObjectType::Calls => "calls",
            ObjectType::Meetings => "meetings",
            ObjectType::Communications => "communications",
            ObjectType::Custom(name) => name,
        }
    }

    /// HubSpot's type id: `0-1` for contacts.
    #[must_use]
    pub fn type_id(&self) -> &str {
        match self {
            ObjectType::Contacts => "0-1",
            ObjectType::Companies => "0-2",
            ObjectType::Deals => "0-3",
            ObjectType::Tickets => "0-5",
            ObjectType::Leads => "0-136",
            ObjectType::Notes => "0-46",
            ObjectType::Emails => "0-49",
            ObjectType::Tasks => "0-27",
            ObjectType::Calls => "0-48",
            ObjectType::Meetings => "0-47",
            ObjectType::Communications => "0-18",
            ObjectType::Custom(id) => id,
        }
    }

    /// The property that moves with every change.
    #[must_use]
    pub fn modified_property(&self) -> &'static str {
        if *self == ObjectType::Contacts { "lastmodifieddate" } else { "hs_lastmodifieddate" }
    }
}

impl From<Entity> for ObjectType {
    fn from(entity: Entity) -> ObjectType {
        match entity {
            Entity::Contact => ObjectType::Contacts,
            Entity::Company => ObjectType::Companies,
        }
    }
}
