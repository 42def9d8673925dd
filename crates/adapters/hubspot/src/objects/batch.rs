//! Writing in batches: one bad row never blocks the others, and no row goes unanswered.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use evergreen_model::Fields;
use futures::stream::{self, StreamExt};
use serde_json::{Value, json};

use crate::call::{Ask, Reply};
use crate::compare;
use crate::error::Error;
use crate::judge::backoff;
use crate::object_type::ObjectType;
use crate::objects::{ABREAST, BatchOutcome, Objects, Parts, Want, Written};
use crate::record::Record;
use crate::versions::{self, BATCH_MAX};
use crate::wire::{Refusal, str_of};

/// How often rows of a creation are sent again after a look that did not find them.
const CREATIONS: u32 = 3;

/// One row of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Names the row in the outcome; unique within the call. Sent as `objectWriteTraceId`.
    pub trace: String,
    /// Which record it is.
    pub key: RowKey,
    /// Properties to set; an empty text clears.
    pub properties: Fields,
    /// Links from the start; only for new records.
    pub links: Vec<Link>,
}

/// Which record a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowKey {
    /// A new one.
    New,
    /// By HubSpot's id.
    Id(String),
    /// By a unique property.
    Unique {
        /// Its name.
        property: String,
        /// The value.
        value: String,
    },
}

impl RowKey {
    fn text(&self) -> &str {
        match self {
            RowKey::New => "",
            RowKey::Id(text) | RowKey::Unique { value: text, .. } => text,
        }
    }
}

/// A link to an existing record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The kind of the other record.
    pub kind: ObjectType,
    /// Its id.
    pub to: String,
    /// What the link means; see [`LinkType`].
    pub types: Vec<LinkType>,
}

/// The meaning of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkType {
    /// `HUBSPOT_DEFINED`, `USER_DEFINED` or `INTEGRATOR_DEFINED`.
    pub category: String,
    /// HubSpot's number for it.
    pub id: u32,
}

impl LinkType {
    /// One of HubSpot's own.
    #[must_use]
    pub fn hubspot(id: u32) -> LinkType {
        LinkType { category: "HUBSPOT_DEFINED".to_owned(), id }
    }

    pub(crate) fn body(&self) -> Value {
        json!({"associationCategory": self.category, "associationTypeId": self.id})
    }
}

impl Link {
    pub(crate) fn body(&self) -> Value {
        json!({"to": {"id": self.to}, "types": self.types.iter().map(LinkType::body).collect::<Vec<_>>()})
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Create,
    Update,
    Upsert,
}

impl Verb {
    fn word(self) -> &'static str {
        match self {
            Verb::Create => "create",
            Verb::Update => "update",
            Verb::Upsert => "upsert",
        }
    }
}

impl Objects {
    /// Creates rows (keys are ignored). `find_by` names a unique property in every row: after a lost answer the rows are looked for
    /// by it before those not found are sent again; without it they stay unaccounted.
    pub async fn create_all(&self, rows: &[Row], find_by: Option<&str>) -> BatchOutcome {
        let rows: Vec<Row> = rows.iter().map(|row| Row { key: RowKey::New, ..row.clone() }).collect();
        let mut parts = self.run(Verb::Create, &rows).await;
        let Some(property) = find_by else { return BatchOutcome(parts) };
        for attempt in 1..=CREATIONS {
            if !matches!(parts.stopped, Some(Error::Lost(_))) || parts.unaccounted.is_empty() {
                break;
            }
            self.client.clock().sleep(backoff(attempt)).await;
            let open: Vec<&Row> = rows.iter().filter(|row| parts.unaccounted.contains(&row.trace)).collect();
            let found = match self.look_for(property, &open).await {
                Ok(found) => found,
                Err(error) => {
                    parts.stopped = Some(error);
                    break;
                }
            };
            let (there, again): (Vec<&Row>, Vec<&Row>) = open.into_iter().partition(|row| found.contains_key(&row.trace));
            parts.done.extend(there.iter().filter_map(|row| {
                let record = found.get(&row.trace)?.clone();
                let differs = compare::differences(&row.properties, &record);
                Some((row.trace.clone(), Written { record, created: true, differs }))
            }));
            let again: Vec<Row> = again.into_iter().cloned().collect();
            let more = self.run(Verb::Create, &again).await;
            parts.done.extend(more.done);
            parts.failed.extend(more.failed);
            (parts.unaccounted, parts.stopped) = (more.unaccounted, more.stopped);
        }
        BatchOutcome(parts)
    }

    async fn look_for(&self, property: &str, rows: &[&Row]) -> Result<BTreeMap<String, Record>, Error> {
        let values: Vec<String> = rows.iter().filter_map(|row| row.properties.get(property).cloned()).collect();
        let wanted: BTreeSet<&str> =
            rows.iter().flat_map(|row| row.properties.keys()).map(String::as_str).chain([property]).collect();
        let want = Want::values(&wanted.into_iter().collect::<Vec<_>>());
        let records = self.read_plain(Some(property), &values, &want).await?;
        let found = rows.iter().filter_map(|row| {
            let value = row.properties.get(property)?;
            let record = records.iter().find(|record| compare::means_the_same(value, record.value(property)))?;
            Some((row.trace.clone(), record.clone()))
        });
        Ok(found.collect())
    }

    /// Changes rows, found by id or by a unique property of our own. Rows that HubSpot passes over are looked up.
    pub async fn update_all(&self, rows: &[Row]) -> BatchOutcome {
        self.write_known(Verb::Update, rows).await
    }

    /// Creates or changes rows, found by a unique property. Repeating it is harmless. A row by id is an update.
    pub async fn upsert_all(&self, rows: &[Row]) -> BatchOutcome {
        let (by_id, by_key): (Vec<Row>, Vec<Row>) =
            rows.iter().cloned().partition(|row| matches!(row.key, RowKey::Id(_)));
        let mut parts = self.write_known(Verb::Upsert, &by_key).await.0;
        if !by_id.is_empty() && parts.stopped.is_none() {
            let more = self.write_known(Verb::Update, &by_id).await.0;
            parts.done.extend(more.done);
            parts.failed.extend(more.failed);
            parts.unaccounted.extend(more.unaccounted);
            parts.stopped = more.stopped;
        } else {
            parts.unaccounted.extend(by_id.into_iter().map(|row| row.trace));
        }
        BatchOutcome(parts)
    }

    async fn write_known(&self, verb: Verb, rows: &[Row]) -> BatchOutcome {
        let mut parts = self.run(verb, rows).await;
        if parts.stopped.is_none() {
            self.look_up(rows, &mut parts).await;
        }
        BatchOutcome(parts)
    }

    /// Moves records to the recycle bin, 100 at a time; those already there count as done, and HubSpot does not tell them apart.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked; what went before is archived.
    pub async fn archive_all(&self, ids: &[String]) -> Result<(), Error> {
        for ids in ids.chunks(BATCH_MAX) {
            let unique: BTreeSet<&String> = ids.iter().filter(|id| !id.is_empty()).collect();
            let inputs: Vec<Value> = unique.into_iter().map(|id| json!({"id": id})).collect();
            self.client.expect(&Ask::post(versions::batch(self.kind.name(), "archive"), json!({"inputs": inputs}))).await?;
        }
        Ok(())
    }

    async fn run(&self, verb: Verb, rows: &[Row]) -> Parts {
        let mut parts = Parts::default();
        // Two writes to one record must not share a batch and must keep their order, so the second waits for the next wave.
        'waves: for wave in waves(rows) {
            let batches: Vec<_> = wave.chunks(BATCH_MAX).map(|rows| self.write_batch(verb, rows.to_vec())).collect();
            let mut running = stream::iter(batches).buffered(ABREAST);
            while let Some(batch) = running.next().await {
                parts.done.extend(batch.done);
                parts.failed.extend(batch.failed);
                // The portal is down or denies us; the batches behind would only wait for the same end.
                if batch.stopped.is_some() {
                    parts.stopped = batch.stopped;
                    break 'waves;
                }
            }
        }
        let open = |row: &&Row| !parts.done.contains_key(&row.trace) && !parts.failed.contains_key(&row.trace);
        parts.unaccounted = rows.iter().filter(open).map(|row| row.trace.clone()).collect();
        parts
    }

    /// One batch. When HubSpot refuses it as a whole, the rows it names are taken out, or it is halved until the bad row stands
    /// alone.
    async fn write_batch(&self, verb: Verb, rows: Vec<&Row>) -> Parts {
        let mut parts = Parts::default();
        let mut waiting = VecDeque::from([rows]);
        let path = versions::batch(self.kind.name(), verb.word());
        while let Some(rows) = waiting.pop_front() {
            if rows.is_empty() {
                continue;
            }
            let inputs: Vec<Value> = rows.iter().map(|row| input(verb, row)).collect();
            let mut ask = Ask::post(path.clone(), json!({"inputs": inputs}));
            ask.harmless = verb != Verb::Create;
            match self.client.ask(&ask).await {
                Ok(Reply::Ok(body)) => read_answer(&rows, &body, &mut parts),
                Ok(Reply::Refused(_, refusal)) => {
                    if let [row] = rows.as_slice() {
                        parts.failed.insert(row.trace.clone(), refusal);
                        continue;
                    }
                    let (named, rest): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| is_about(&refusal, row));
                    if named.is_empty() {
                        let (left, right) = rows.split_at(rows.len() / 2);
                        waiting.extend([left.to_vec(), right.to_vec()]);
                    } else {
                        parts.failed.extend(named.iter().map(|row| (row.trace.clone(), refusal.clone())));
                        waiting.push_back(rest);
                    }
                }
                Err(error) => {
                    parts.stopped = Some(error);
                    break;
                }
            }
        }
        parts
    }

    /// HubSpot leaves rows out without a word (merged records, for one). They are read once: there and as written means done.
    async fn look_up(&self, rows: &[Row], parts: &mut Parts) {
        let open = parts.unaccounted.clone();
        for row in rows.iter().filter(|row| open.contains(&row.trace)) {
            let wanted: Vec<&str> = row.properties.keys().map(String::as_str).collect();
            // One by one, because an answer about a merged record does not say which id was asked.
            let found = match &row.key {
                RowKey::New => continue,
                RowKey::Id(id) => self.get(id, &Want::values(&wanted)).await,
                RowKey::Unique { property, value } => self.get_by(property, value, &Want::values(&wanted)).await,
            };
            let record = match found {
                Ok(Some(record)) => record,
                Ok(None) => continue,
                Err(error) => {
                    parts.stopped = Some(error);
                    return;
                }
            };
            if let RowKey::Id(asked) = &row.key
                && *asked != record.id
            {
                parts.failed.insert(row.trace.clone(), merged(asked, &record.id));
                parts.unaccounted.remove(&row.trace);
            } else if row.properties.iter().all(|(name, sent)| compare::means_the_same(sent, record.value(name))) {
                let differs = compare::differences(&row.properties, &record);
                parts.done.insert(row.trace.clone(), Written { record, created: false, differs });
                parts.unaccounted.remove(&row.trace);
            }
        }
    }
}

fn merged(asked: &str, into: &str) -> Refusal {
    Refusal {
        code: "MERGED".to_owned(),
        message: format!("record {asked} was merged into {into}"),
        existing: Some(into.to_owned()),
        ..Refusal::default()
    }
}

/// Rows in waves, no record twice in one.
fn waves(rows: &[Row]) -> Vec<Vec<&Row>> {
    let mut waves: Vec<Vec<&Row>> = Vec::new();
    let mut times_seen: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows {
        let seen = match &row.key {
            RowKey::New => &mut 0,
            key => times_seen.entry(key.text().to_lowercase()).or_default(),
        };
        if waves.len() <= *seen {
            waves.push(Vec::new());
        }
        if let Some(wave) = waves.get_mut(*seen) {
            wave.push(row);
        }
        *seen += 1;
    }
    waves
}

fn input(verb: Verb, row: &Row) -> Value {
    let mut input = json!({"properties": row.properties, "objectWriteTraceId": row.trace});
    match &row.key {
        RowKey::New => {}
        RowKey::Id(id) => input["id"] = json!(id),
        RowKey::Unique { property, value } => {
            input["id"] = json!(value);
            input["idProperty"] = json!(property);
        }
    }
    if verb == Verb::Create {
        input["associations"] = row.links.iter().map(Link::body).collect();
    }
    input
}

/// Matches results and errors with rows: order means nothing, so by trace, else by id.
fn read_answer(rows: &[&Row], body: &Value, parts: &mut Parts) {
    for value in body["results"].as_array().into_iter().flatten() {
        let Some(record) = Record::read(value) else { continue };
        let row = rows.iter().find(|row| match (&record.trace, &row.key) {
            (Some(trace), _) => row.trace == *trace,
            (None, RowKey::Id(asked)) => *asked == record.id,
            (None, RowKey::Unique { property, value: asked }) => {
                str_of(&value["properties"][property]).is_some_and(|held| held.eq_ignore_ascii_case(asked))
            }
            (None, RowKey::New) => false,
        });
        let Some(row) = row else { continue };
        if let RowKey::Id(asked) = &row.key
            && *asked != record.id
        {
            // Written, but to the record the asked one lives on in: the caller must know before it writes there again.
            parts.failed.insert(row.trace.clone(), merged(asked, &record.id));
            continue;
        }
        let differs = compare::differences_in(&row.properties, value, &record);
        let created = record.new || row.key == RowKey::New;
        parts.done.insert(row.trace.clone(), Written { record, created, differs });
    }
    for error in body["errors"].as_array().into_iter().flatten() {
        let refusal = Refusal::read(error);
        for row in rows.iter().filter(|row| is_about(&refusal, row)) {
            if !parts.done.contains_key(&row.trace) {
                parts.failed.entry(row.trace.clone()).or_insert_with(|| refusal.clone());
            }
        }
    }
}

fn is_about(refusal: &Refusal, row: &Row) -> bool {
    let key = row.key.text();
    refusal.traces.contains(&row.trace)
        || (refusal.traces.is_empty() && !key.is_empty() && refusal.ids.iter().any(|id| id == key))
}
