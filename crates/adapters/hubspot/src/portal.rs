//! The client as Evergreen's portal: the engine's words on one side, HubSpot's on the other.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use evergreen_model::{Account, DailyUsage, Entity, Owner, PortalProperty};
use evergreen_ports::{
    Clock, Outbound, Page, Portal, PortalError, PropertyDefinition, Reading, Write, WriteKey, WriteOutcome, WriteResult,
};
use jiff::Timestamp;

use crate::account::TokenInfo;
use crate::associations::LinkOutcome;
use crate::auth::Credential;
use crate::client::{Client, Options};
use crate::error::Error;
use crate::objects::{OWN_KEY, Parts, Row, RowKey, Want};
use crate::pace::Lane;
use crate::wire::Refusal;

/// One HubSpot account, as the engine knows it.
#[derive(Clone)]
pub struct HubSpot {
    client: Client,
    memory: Arc<Memory>,
}

/// What is learnt once, by all clones.
#[derive(Default)]
struct Memory {
    /// The `sourceId` of our own writes, once seen.
    own_source_id: Mutex<Option<String>>,
    looked_for_source: AtomicBool,
    /// What the token may do, once asked; the inner `None` is "HubSpot does not tell".
    token: Mutex<Option<Option<TokenInfo>>>,
}

impl HubSpot {
    /// The account the credential belongs to. `base_url` is `https://api.hubapi.com`, or that of a sandbox.
    #[must_use]
    pub fn new(
        outbound: Arc<dyn Outbound>,
        base_url: &str,
        credential: impl Into<Credential>,
        options: Options,
        clock: Arc<dyn Clock>,
    ) -> HubSpot {
        HubSpot::of(Client::new(outbound, base_url, credential, options, clock))
    }

    /// An account whose client is there already; the pace is shared with all its clones.
    #[must_use]
    pub fn of(client: Client) -> HubSpot {
        HubSpot { client, memory: Arc::default() }
    }

    /// The client beneath, for what the port does not know: lists, activities, preferences.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The same account in another lane.
    #[must_use]
    pub fn in_lane(&self, lane: Lane) -> HubSpot {
        HubSpot { client: self.client.in_lane(lane), memory: Arc::clone(&self.memory) }
    }

    /// Learns under which `sourceId` our writes appear, from a record whose `evergreen_id` we have just written; keeps it.
    /// `None` when the newest entry is not that of an app.
    ///
    /// # Errors
    /// When the portal can not be read.
    pub async fn learn_source_id(&self, entity: Entity, id: &str) -> Result<Option<String>, PortalError> {
        let own_key = vec![OWN_KEY.to_owned()];
        let want = Want { properties: own_key.clone(), history: own_key, ..Want::default() };
        let found = self.client.objects(entity).read_plain(None, &[id.to_owned()], &want).await?;
        let newest = found.first().and_then(|record| record.history.get(OWN_KEY)?.first());
        let source =
            newest.filter(|entry| entry.source_type == "INTEGRATION").and_then(|entry| entry.source_id.clone());
        if source.is_some() {
            lock(&self.memory.own_source_id).clone_from(&source);
        }
        Ok(source)
    }

    /// The first write of this client tells under which name our writes appear; one call, once.
    async fn learn_from(&self, entity: Entity, writes: &[Write], outcome: &WriteOutcome) {
        if lock(&self.memory.own_source_id).is_some() {
            return;
        }
        let sets_key =
            |write: &Write| matches!(write.key, WriteKey::EvergreenId(_)) || write.properties.contains_key(OWN_KEY);
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
            && !self.memory.looked_for_source.swap(true, Ordering::Relaxed)
            && let Err(error) = self.learn_source_id(entity, id).await
        {
            tracing::warn!("our own source id could not be learnt: {}", error.problem());
        }
    }

    async fn token_info(&self) -> Option<TokenInfo> {
        let known = lock(&self.memory.token).clone();
        if let Some(known) = known {
            return known;
        }
        match self.client.token_info().await {
            Ok(told) => {
                *lock(&self.memory.token) = Some(told.clone());
                told
            }
            Err(error) => {
                tracing::debug!("what the token may do could not be asked: {error}");
                None
            }
        }
    }

    fn links(&self) -> crate::associations::Associations {
        self.client.associations(Entity::Contact, Entity::Company)
    }
}

#[async_trait]
impl Portal for HubSpot {
    async fn account(&self) -> Result<Account, PortalError> {
        let mut account = self.client.account().await?;
        if let Some(told) = self.token_info().await {
            account.scopes = Some(told.scopes);
            account.app_id = told.app_id;
        }
        Ok(account)
    }

    async fn usage(&self) -> Result<Option<DailyUsage>, PortalError> {
        Ok(self.client.usage().await?)
    }

    async fn list(
        &self,
        entity: Entity,
        properties: &[String],
        history: &[String],
        after: Option<&str>,
    ) -> Result<Page, PortalError> {
        let associations = if entity == Entity::Contact { vec!["companies".to_owned()] } else { Vec::new() };
        let want = Want { associations, ..want(properties, history) };
        let page = self.client.objects(entity).page(&want, after).await?;
        let companies = page.records.iter().flat_map(|record| {
            let ids = record.associations.get("companies").into_iter().flatten();
            ids.map(|company| (record.id.clone(), company.clone())).collect::<Vec<_>>()
        });
        let companies = companies.collect();
        let records = page.records.into_iter().map(|record| record.into_portal(entity)).collect();
        Ok(Page { records, companies, after: page.after })
    }

    async fn changed(
        &self,
        entity: Entity,
        since: Timestamp,
        properties: &[String],
        after: Option<&str>,
    ) -> Result<Page, PortalError> {
        let page = self.client.objects(entity).changed_page(since, properties, after).await?;
        let records = page.records.into_iter().map(|record| record.into_portal(entity)).collect();
        Ok(Page { records, companies: Vec::new(), after: page.after })
    }

    async fn read(
        &self,
        entity: Entity,
        id_property: Option<&str>,
        ids: &[String],
        properties: &[String],
        history: &[String],
    ) -> Result<Reading, PortalError> {
        let objects = self.client.objects(entity);
        let want = want(properties, history);
        let found = match id_property {
            None => objects.read(ids, &want).await?,
            Some(property) => objects.read_by(property, ids, &want).await?,
        };
        let records = found.records.into_iter().map(|record| record.into_portal(entity)).collect();
        Ok(Reading { records, moved: found.moved, missing: found.missing })
    }

    async fn write(&self, entity: Entity, writes: &[Write]) -> Result<WriteOutcome, PortalError> {
        let before = self.client.calls();
        let rows: Vec<Row> = writes.iter().map(row).collect();
        let mut parts = self.client.objects(entity).upsert_all(&rows).await.into_parts();
        if let Some(error) = parts.stopped.take() {
            // What was written must not be forgotten because a later batch failed: the rest is unaccounted, and the next call says why.
            if parts.done.is_empty() {
                return Err(error.into());
            }
            tracing::warn!("the portal failed in the middle of a write: {error}");
        }
        let calls = self.client.calls().saturating_sub(before);
        let results = writes.iter().map(|write| (write.trace.clone(), result(&mut parts, &write.trace))).collect();
        let outcome = WriteOutcome { results, calls };
        self.learn_from(entity, writes, &outcome).await;
        Ok(outcome)
    }

    async fn associate(&self, pairs: &[(String, String)]) -> Result<WriteOutcome, PortalError> {
        let before = self.client.calls();
        let outcome = self.links().link(pairs).await;
        linked(outcome, self.client.calls().saturating_sub(before))
    }

    async fn dissociate(&self, pairs: &[(String, String)]) -> Result<WriteOutcome, PortalError> {
        let before = self.client.calls();
        let outcome = self.links().unlink(pairs).await;
        linked(outcome, self.client.calls().saturating_sub(before))
    }

    async fn archive(&self, entity: Entity, ids: &[String]) -> Result<WriteOutcome, PortalError> {
        let before = self.client.calls();
        self.client.objects(entity).archive_all(ids).await?;
        let done = |id: &String| (id.clone(), WriteResult::Done { id: id.clone(), created: false, differs: Vec::new() });
        let results = ids.iter().map(done).collect();
        Ok(WriteOutcome { results, calls: self.client.calls().saturating_sub(before) })
    }

    async fn merge(&self, entity: Entity, primary: &str, other: &str) -> Result<WriteResult, PortalError> {
        match self.client.objects(entity).merge(primary, other).await {
            Ok(record) => Ok(WriteResult::Done { id: record.id, created: false, differs: Vec::new() }),
            Err(Error::Refused { refusal, .. }) => Ok(failed(*refusal)),
            Err(Error::Lost(error)) => {
                tracing::warn!("whether {other} was merged into {primary} is not known: {}", error.problem());
                Ok(WriteResult::Unaccounted)
            }
            Err(Error::Portal(error)) => Err(error),
        }
    }

    async fn owners(&self) -> Result<Vec<Owner>, PortalError> {
        Ok(self.client.owners().await?)
    }

    async fn properties(&self, entity: Entity) -> Result<Vec<PortalProperty>, PortalError> {
        Ok(self.client.properties(entity).all().await?)
    }

    async fn create_properties(
        &self,
        entity: Entity,
        group: &str,
        definitions: &[PropertyDefinition],
    ) -> Result<(), PortalError> {
        Ok(self.client.properties(entity).create_missing(group, definitions).await?)
    }

    async fn own_source_id(&self) -> Result<Option<String>, PortalError> {
        Ok(lock(&self.memory.own_source_id).clone())
    }

    fn calls(&self) -> u64 {
        self.client.calls()
    }
}

fn want(properties: &[String], history: &[String]) -> Want {
    Want { properties: properties.to_vec(), history: history.to_vec(), ..Want::default() }
}

fn row(write: &Write) -> Row {
    let key = match &write.key {
        WriteKey::Id(id) => RowKey::Id(id.clone()),
        WriteKey::EvergreenId(value) => RowKey::Unique { property: OWN_KEY.to_owned(), value: value.clone() },
    };
    Row { trace: write.trace.clone(), key, properties: write.properties.clone(), links: Vec::new() }
}

fn result(parts: &mut Parts, trace: &str) -> WriteResult {
    if let Some(done) = parts.done.remove(trace) {
        return WriteResult::Done { id: done.record.id, created: done.created, differs: done.differs };
    }
    parts.failed.remove(trace).map_or(WriteResult::Unaccounted, failed)
}

fn failed(refusal: Refusal) -> WriteResult {
    WriteResult::Failed {
        code: refusal.code,
        message: refusal.message,
        properties: refusal.properties,
        existing: refusal.existing,
    }
}

fn linked(outcome: LinkOutcome, calls: u64) -> Result<WriteOutcome, PortalError> {
    let LinkOutcome { results, stopped } = outcome;
    if let Some(error) = stopped {
        if results.iter().all(|(_, result)| *result == WriteResult::Unaccounted) {
            return Err(error.into());
        }
        tracing::warn!("the portal failed while linking: {error}");
    }
    let results = results.into_iter().map(|((from, to), result)| (format!("{from}:{to}"), result)).collect();
    Ok(WriteOutcome { results, calls })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
