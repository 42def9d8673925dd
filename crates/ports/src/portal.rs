//! The portal: HubSpot, or the sandbox that speaks its language.

use async_trait::async_trait;
use evergreen_model::evidence::Fields;
use std::collections::BTreeMap;

use evergreen_model::portal::{Account, DailyUsage, Owner, PortalProperty, PortalRecord, PropertyOption};
use evergreen_model::{Entity, Problem};
use jiff::Timestamp;

/// Why the portal could not be asked at all. A single refused record is a [`WriteResult`], not an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortalError {
    /// Token missing, wrong or without a scope; waiting does not help.
    Denied(Problem),
    /// Limits, outage or network; retries inside the client are used up.
    Unavailable(Problem),
    /// The portal answered something we do not understand.
    Odd(Problem),
}

impl PortalError {
    /// What people read.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        match self {
            PortalError::Denied(problem) | PortalError::Unavailable(problem) | PortalError::Odd(problem) => problem,
        }
    }

    /// What people read, owned.
    #[must_use]
    pub fn into_problem(self) -> Problem {
        match self {
            PortalError::Denied(problem) | PortalError::Unavailable(problem) | PortalError::Odd(problem) => problem,
        }
    }
}

/// One page of a listing.
#[derive(Clone, Debug)]
pub struct Page {
    /// Records, oldest id first.
    pub records: Vec<PortalRecord>,
    /// For a contact listing: contact id to the ids of its companies.
    pub companies: Vec<(String, String)>,
    /// Cursor of the next page.
    pub after: Option<String>,
}

/// What a reading found, held against what was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Records found, each once.
    pub records: Vec<PortalRecord>,
    /// Asked id to the id of the record it was merged into; that record is among `records`. Only for reads by record id.
    pub moved: BTreeMap<String, String>,
    /// Asked ids that no record has (deleted, or never there).
    pub missing: Vec<String>,
}

/// A value that the portal keeps otherwise than it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Internal property name.
    pub property: String,
    /// What was sent.
    pub sent: String,
    /// What the portal holds now; empty when it holds nothing.
    pub kept: String,
}

/// How a written record is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteKey {
    /// Update by HubSpot record id.
    Id(String),
    /// Upsert by our own unique property `evergreen_id`.
    EvergreenId(String),
}

/// One record to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// Names the row in the answer; unique within the call. Sent as `objectWriteTraceId`.
    pub trace: String,
    /// How it is found.
    pub key: WriteKey,
    /// Properties to set; an empty text clears.
    pub properties: Fields,
}

/// What became of one write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteResult {
    /// Written.
    Done {
        /// HubSpot record id.
        id: String,
        /// True when the upsert made it.
        created: bool,
        /// Values kept otherwise than sent: normalised (`5` as `5.0`), or silently ignored (a lifecycle stage moving backward).
        differs: Vec<Difference>,
    },
    /// Refused.
    Failed {
        /// HubSpot's category or code: `INVALID_OPTION`, `CONFLICT`; `MERGED` when the record lives on as `existing`.
        code: String,
        /// HubSpot's message.
        message: String,
        /// Properties it complains about, when it says.
        properties: Vec<String>,
        /// For a conflict, the id of the record in the way.
        existing: Option<String>,
    },
    /// Neither in the results nor in the errors: must be read again.
    Unaccounted,
}

/// The answer to a batch: one result per write, by trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "an ignored outcome is a vanished row"]
pub struct WriteOutcome {
    /// Trace to result, in the order asked.
    pub results: Vec<(String, WriteResult)>,
    /// Portal calls this took.
    pub calls: u64,
}

/// A property to be created under our group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyDefinition {
    /// Internal name.
    pub name: String,
    /// What people see.
    pub label: String,
    /// HubSpot's `type`.
    pub value_type: String,
    /// HubSpot's `fieldType`.
    pub field_type: String,
    /// For people, why it exists.
    pub description: String,
    /// Choices of an enumeration.
    pub options: Vec<PropertyOption>,
    /// Upsert key.
    pub unique: bool,
}

/// One HubSpot account.
#[async_trait]
pub trait Portal: Send + Sync {
    /// The account, and what the token may do there; the cheapest proof that the token works.
    async fn account(&self) -> Result<Account, PortalError>;

    /// Calls used of the day's allowance; absent when the account has none (OAuth apps).
    async fn usage(&self) -> Result<Option<DailyUsage>, PortalError>;

    /// A page of all records, with current values of `properties`. `history` names the properties whose history is wanted;
    /// with it a page is 50 at most, without 100.
    async fn list(
        &self,
        entity: Entity,
        properties: &[String],
        history: &[String],
        after: Option<&str>,
    ) -> Result<Page, PortalError>;

    /// A page of the records changed at `since` or later, oldest change first, by the search index: it lags seconds to minutes, so
    /// callers overlap and expect a record twice. Archived records and associations are not told.
    async fn changed(
        &self,
        entity: Entity,
        since: Timestamp,
        properties: &[String],
        after: Option<&str>,
    ) -> Result<Page, PortalError>;

    /// Reads records by id (or by `id_property`, e.g. `email`), any number of them, in batches; what was not found is told.
    /// `history` names the properties whose history is wanted; with it a batch is 50, without 100.
    async fn read(
        &self,
        entity: Entity,
        id_property: Option<&str>,
        ids: &[String],
        properties: &[String],
        history: &[String],
    ) -> Result<Reading, PortalError>;

    /// Writes any number of records, in batches of 100. Every write gets a result.
    async fn write(&self, entity: Entity, writes: &[Write]) -> Result<WriteOutcome, PortalError>;

    /// Links contacts to companies (ids), default association. One result per pair, trace = `contact:company`.
    async fn associate(&self, pairs: &[(String, String)]) -> Result<WriteOutcome, PortalError>;

    /// Takes links between contacts and companies away. One result per pair, trace = `contact:company`.
    async fn dissociate(&self, pairs: &[(String, String)]) -> Result<WriteOutcome, PortalError>;

    /// Moves records to the recycle bin; those already there count as done. One result per id, trace = id.
    async fn archive(&self, entity: Entity, ids: &[String]) -> Result<WriteOutcome, PortalError>;

    /// Merges `other` into `primary`; can not be taken back. `Done` tells the surviving id, which may be a new one.
    async fn merge(&self, entity: Entity, primary: &str, other: &str) -> Result<WriteResult, PortalError>;

    /// All owners, deactivated ones included.
    async fn owners(&self) -> Result<Vec<Owner>, PortalError>;

    /// All properties of an object.
    async fn properties(&self, entity: Entity) -> Result<Vec<PortalProperty>, PortalError>;

    /// Creates the group if missing and the properties; one that exists already is fine.
    async fn create_properties(
        &self,
        entity: Entity,
        group: &str,
        definitions: &[PropertyDefinition],
    ) -> Result<(), PortalError>;

    /// The `sourceId` under which our own writes appear in history, if known.
    async fn own_source_id(&self) -> Result<Option<String>, PortalError>;

    /// Calls made so far by this client.
    fn calls(&self) -> u64;
}
