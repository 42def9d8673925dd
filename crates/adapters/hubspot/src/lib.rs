//! The HubSpot client: objects, batches, history, properties, owners, associations, within the portal's limits.
//!
//! It makes only the calls Evergreen needs, paces all of them through one window, and answers for every row it was given.

mod call;
mod define;
mod links;
mod pace;
mod problem;
mod read;
mod versions;
mod wire;
mod write;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use evergreen_model::{Account, DailyUsage, Entity, Owner, PortalProperty};
use evergreen_ports::{
    Clock, Outbound, Page, Portal, PortalError, PropertyDefinition, Reading, Write, WriteKey, WriteOutcome, WriteResult,
};
use jiff::Timestamp;
use secrecy::SecretString;

pub use versions::VERSION;

use crate::call::Line;
use crate::pace::Pace;

/// How fast the portal may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Calls the account allows in any 10 seconds: 100 for Free and Starter, 190 for Professional and Enterprise, 250 with the
    /// add-on; 0 is no limit, for a sandbox without one. A lower limit that the portal names in its answers is obeyed.
    pub tier_limit: u32,
    /// Share of that limit Evergreen uses, 1 to 100 percent; the rest is left to the portal's other apps.
    pub share_percent: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options { tier_limit: 100, share_percent: 100 }
    }
}

/// One HubSpot account.
pub struct HubSpot {
    line: Line,
    /// The `sourceId` of our own writes, once seen.
    own_source_id: Mutex<Option<String>>,
    looked_for_source: AtomicBool,
}

impl HubSpot {
    /// A client of the account the token belongs to. `base_url` is `https://api.hubapi.com`, or that of a sandbox.
    #[must_use]
    pub fn new(
        outbound: Arc<dyn Outbound>,
        base_url: &str,
        token: SecretString,
        options: Options,
        clock: Arc<dyn Clock>,
    ) -> HubSpot {
        let pace = Pace::new(options.tier_limit, options.share_percent, Arc::clone(&clock));
        let base_url = base_url.trim_end_matches('/').to_owned();
        HubSpot {
            line: Line { outbound, base_url, token, pace, clock, calls: AtomicU64::new(0) },
            own_source_id: Mutex::new(None),
            looked_for_source: AtomicBool::new(false),
        }
    }

    /// Learns under which `sourceId` our writes appear, from a record whose `evergreen_id` we have just written; keeps it.
    /// `None` when the newest entry is not that of an app.
    ///
    /// # Errors
    /// When the portal can not be read.
    pub async fn learn_source_id(&self, entity: Entity, id: &str) -> Result<Option<String>, PortalError> {
        let own_key = [write::OWN_KEY.to_owned()];
        let found = read::read(&self.line, entity, None, &[id.to_owned()], &own_key, &own_key).await?;
        let newest = found.first().and_then(|record| record.newest(write::OWN_KEY));
        let source =
            newest.filter(|entry| entry.source_type == "INTEGRATION").and_then(|entry| entry.source_id.clone());
        if source.is_some() {
            self.known_source().clone_from(&source);
        }
        Ok(source)
    }

    /// The first write of this client tells under which name our writes appear; one call, once.
    async fn learn_from(&self, entity: Entity, writes: &[Write], outcome: &WriteOutcome) {
        if self.known_source().is_some() {
            return;
        }
        let sets_key = |write: &Write| {
            matches!(write.key, WriteKey::EvergreenId(_)) || write.properties.contains_key(write::OWN_KEY)
        };
        let written = |wants_new: bool| {
            outcome.results.iter().zip(writes).find_map(|((_, result), write)| match result {
                WriteResult::Done { id, created, .. } if (*created || !wants_new) && sets_key(write) => Some(id),
                _ => None,
            })
        };
        // A creation is certainly by our present app; an id that was there before may be by a former one of ours.
        let written = written(true).or_else(|| written(false));
        // Looked for once: a portal that does not tell would otherwise cost a call per write.
        if let Some(id) = written
            && !self.looked_for_source.swap(true, Ordering::Relaxed)
            && let Err(error) = self.learn_source_id(entity, id).await
        {
            tracing::warn!("our own source id could not be learnt: {}", error.problem());
        }
    }

    fn known_source(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.own_source_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Portal for HubSpot {
    async fn account(&self) -> Result<Account, PortalError> {
        read::account(&self.line).await
    }

    async fn usage(&self) -> Result<Option<DailyUsage>, PortalError> {
        read::usage(&self.line).await
    }

    async fn list(
        &self,
        entity: Entity,
        properties: &[String],
        history: &[String],
        after: Option<&str>,
    ) -> Result<Page, PortalError> {
        read::list(&self.line, entity, properties, history, after).await
    }

    async fn changed(
        &self,
        entity: Entity,
        since: Timestamp,
        properties: &[String],
        after: Option<&str>,
    ) -> Result<Page, PortalError> {
        read::changed(&self.line, entity, since, properties, after).await
    }

    async fn read(
        &self,
        entity: Entity,
        id_property: Option<&str>,
        ids: &[String],
        properties: &[String],
        history: &[String],
    ) -> Result<Reading, PortalError> {
        let records = read::read(&self.line, entity, id_property, ids, properties, history).await?;
        let mut reading = Reading { records, ..Reading::default() };
        if id_property.is_some() {
            return Ok(reading);
        }
        let found: BTreeSet<String> = reading.records.iter().map(|record| record.id.clone()).collect();
        for id in ids.iter().filter(|id| !id.is_empty() && !found.contains(*id)) {
            match read::locate(&self.line, entity, id, properties, history).await? {
                Some(record) => {
                    reading.moved.insert(id.clone(), record.id.clone());
                    if !reading.records.iter().any(|known| known.id == record.id) {
                        reading.records.push(record);
                    }
                }
                None => reading.missing.push(id.clone()),
            }
        }
        Ok(reading)
    }

    async fn write(&self, entity: Entity, writes: &[Write]) -> Result<WriteOutcome, PortalError> {
        let outcome = write::write(&self.line, entity, writes).await?;
        self.learn_from(entity, writes, &outcome).await;
        Ok(outcome)
    }

    async fn associate(&self, pairs: &[(String, String)]) -> Result<WriteOutcome, PortalError> {
        links::associate(&self.line, pairs).await
    }

    async fn dissociate(&self, pairs: &[(String, String)]) -> Result<WriteOutcome, PortalError> {
        links::dissociate(&self.line, pairs).await
    }

    async fn archive(&self, entity: Entity, ids: &[String]) -> Result<WriteOutcome, PortalError> {
        write::archive(&self.line, entity, ids).await
    }

    async fn merge(&self, entity: Entity, primary: &str, other: &str) -> Result<WriteResult, PortalError> {
        write::merge(&self.line, entity, primary, other).await
    }

    async fn owners(&self) -> Result<Vec<Owner>, PortalError> {
        read::owners(&self.line).await
    }

    async fn properties(&self, entity: Entity) -> Result<Vec<PortalProperty>, PortalError> {
        read::properties(&self.line, entity).await
    }

    async fn create_properties(
        &self,
        entity: Entity,
        group: &str,
        definitions: &[PropertyDefinition],
    ) -> Result<(), PortalError> {
        define::create(&self.line, entity, group, definitions).await
    }

    async fn own_source_id(&self) -> Result<Option<String>, PortalError> {
        Ok(self.known_source().clone())
    }

    fn calls(&self) -> u64 {
        self.line.calls.load(Ordering::Relaxed)
    }
}
