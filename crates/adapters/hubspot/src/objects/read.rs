//! Reading: pages of everything, records by id or unique value, held against what was asked.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};

use crate::call::{Ask, Reply};
use crate::error::Error;
use crate::objects::{ABREAST, Objects, Want};
use crate::problem;
use crate::record::Record;
use crate::versions::{self, BATCH_MAX, BATCH_MAX_WITH_HISTORY};
use crate::wire::{self, Refusal};

/// Longer lists of properties do not fit into an address and are fetched by a batch read instead.
const QUERY_MAX: usize = 6_000;
/// A contact's further addresses, by which it is found as well.
const MORE_ADDRESSES: &str = "hs_additional_emails";

/// A page of records.
#[derive(Clone, Debug, Default)]
pub struct RecordPage {
    /// Records, oldest id first.
    pub records: Vec<Record>,
    /// Cursor of the next page.
    pub after: Option<String>,
}

/// What a reading found, held against what was asked.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Records found, each once.
    pub records: Vec<Record>,
    /// Asked id to the id of the record it was merged into, which is among `records`. Only for reads by record id.
    pub moved: BTreeMap<String, String>,
    /// Asked ids or values that no record has.
    pub missing: Vec<String>,
}

impl Objects {
    /// A page of all records, oldest id first.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn page(&self, want: &Want, after: Option<&str>) -> Result<RecordPage, Error> {
        let long = too_long(want);
        let limit = if want.history.is_empty() { BATCH_MAX } else { BATCH_MAX_WITH_HISTORY };
        let mut ask = Ask::get(versions::objects(self.kind.name(), ""))
            .with("limit", limit.to_string())
            .with_all("associations", &want.associations)
            .with_some("after", after);
        if !long {
            ask = ask.with_all("properties", &want.properties).with_all("propertiesWithHistory", &want.history);
        }
        if want.archived {
            ask = ask.with("archived", "true");
        }
        let body = self.client.expect(&ask).await?;
        let records = wire::results(&body, &ask.name())?.iter().filter_map(Record::read).collect();
        let mut page = RecordPage { records, after: wire::next_page(&body) };
        if long {
            self.hydrate(&mut page.records, want).await?;
        }
        Ok(page)
    }

    /// Fills records with the properties wanted, by batch read; links are kept.
    pub(crate) async fn hydrate(&self, records: &mut [Record], want: &Want) -> Result<(), Error> {
        let ids: Vec<String> = records.iter().map(|record| record.id.clone()).collect();
        let read = self.read_plain(None, &ids, want).await?;
        let mut full: BTreeMap<String, Record> = read.into_iter().map(|record| (record.id.clone(), record)).collect();
        for record in records.iter_mut() {
            if let Some(mut new) = full.remove(&record.id) {
                new.associations = std::mem::take(&mut record.associations);
                *record = new;
            }
        }
        Ok(())
    }

    /// One record by id. An id that was merged away answers with the record it lives on in: compare the ids.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked; a record that is not there is `None`.
    pub async fn get(&self, id: &str, want: &Want) -> Result<Option<Record>, Error> {
        self.get_by_key(None, id, want).await
    }

    /// One record by a unique property; `email` finds a contact by any of its addresses.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked; a record that is not there is `None`.
    pub async fn get_by(&self, property: &str, value: &str, want: &Want) -> Result<Option<Record>, Error> {
        self.get_by_key(Some(property), value, want).await
    }

    async fn get_by_key(&self, property: Option<&str>, key: &str, want: &Want) -> Result<Option<Record>, Error> {
        if key.is_empty() {
            return Ok(None);
        }
        let mut ask = Ask::get(versions::objects(self.kind.name(), &format!("/{}", versions::key(key))))
            .with_some("idProperty", property)
            .with_all("associations", &want.associations);
        let long = too_long(want);
        if !long {
            ask = ask.with_all("properties", &want.properties).with_all("propertiesWithHistory", &want.history);
        }
        if want.archived {
            ask = ask.with("archived", "true");
        }
        let record = match self.client.ask(&ask).await? {
            Reply::Ok(body) => Record::read(&body),
            Reply::Refused(404, _) => return Ok(None),
            Reply::Refused(status, refusal) => {
                return Err(Error::Refused { status, refusal: Box::new(refusal), call: ask.name() });
            }
        };
        let mut records = vec![record.ok_or_else(|| problem::odd(&ask.name(), "the record has no id"))?];
        if long {
            self.hydrate(&mut records, want).await?;
        }
        Ok(records.pop())
    }

    /// Any number of records by id, in batches. Ids that were merged away are found under their new id and told in `moved`.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn read(&self, ids: &[String], want: &Want) -> Result<Found, Error> {
        let mut found = Found { records: self.read_plain(None, ids, want).await?, ..Found::default() };
        let mut seen: BTreeSet<String> = found.records.iter().map(|record| record.id.clone()).collect();
        let gone: BTreeSet<&String> = ids.iter().filter(|id| !id.is_empty() && !seen.contains(*id)).collect();
        // A batch leaves merged ids out without a word, or calls them missing; asked singly they lead to where they went.
        // Hence one call per id that is not there; a want without history keeps it small.
        let asked = gone.into_iter().map(|id| async move { (id, self.get(id, want).await) });
        let mut answers = stream::iter(asked.collect::<Vec<_>>()).buffered(ABREAST);
        while let Some((id, record)) = answers.next().await {
            match record? {
                Some(record) => {
                    if record.id != *id {
                        found.moved.insert(id.clone(), record.id.clone());
                    }
                    if seen.insert(record.id.clone()) {
                        found.records.push(record);
                    }
                }
                None => found.missing.push(id.clone()),
            }
        }
        Ok(found)
    }

    /// Any number of records by a unique property. Contacts are found by any of their addresses, so `missing` is judged by all.
    ///
    /// # Errors
    /// When HubSpot refuses (a property that is not unique) or can not be asked.
    pub async fn read_by(&self, property: &str, values: &[String], want: &Want) -> Result<Found, Error> {
        // A batch does not tell which value found which record: the value itself must come back with it.
        let keys = if property == "email" { vec!["email", MORE_ADDRESSES] } else { vec![property] };
        let extra: Vec<String> = keys
            .iter()
            .filter(|key| !want.properties.iter().any(|name| name == *key))
            .map(|key| (*key).to_owned())
            .collect();
        let mut wider = want.clone();
        wider.properties.extend(extra.iter().cloned());
        let mut records = self.read_plain(Some(property), values, &wider).await?;
        let mut held: BTreeSet<String> = BTreeSet::new();
        for record in &mut records {
            held.extend(keys.iter().flat_map(|key| record.value(key).split(';')).map(folded));
            for name in &extra {
                record.properties.remove(name);
            }
        }
        let missing = values.iter().filter(|value| !value.is_empty() && !held.contains(&folded(value)));
        let missing = missing.collect::<BTreeSet<_>>().into_iter().cloned().collect();
        Ok(Found { records, moved: BTreeMap::new(), missing })
    }

    /// Records in batches, each once; what is not there is left out.
    pub(crate) async fn read_plain(
        &self,
        property: Option<&str>,
        keys: &[String],
        want: &Want,
    ) -> Result<Vec<Record>, Error> {
        let keys: BTreeSet<&String> = keys.iter().filter(|key| !key.is_empty()).collect();
        let keys: Vec<&String> = keys.into_iter().collect();
        let size = if want.history.is_empty() { BATCH_MAX } else { BATCH_MAX_WITH_HISTORY };
        let batches: Vec<_> = keys.chunks(size).map(|keys| self.read_batch(property, keys, want)).collect();
        let read: Vec<Vec<Record>> = stream::iter(batches).buffered(ABREAST).try_collect().await?;
        // Two addresses of one contact in two batches find it twice.
        let mut seen = BTreeSet::new();
        Ok(read.into_iter().flatten().filter(|record| seen.insert(record.id.clone())).collect())
    }

    async fn read_batch(&self, property: Option<&str>, keys: &[&String], want: &Want) -> Result<Vec<Record>, Error> {
        let inputs: Vec<Value> = keys.iter().map(|key| json!({"id": key})).collect();
        let mut body = json!({"inputs": inputs, "properties": want.properties, "propertiesWithHistory": want.history});
        if let Some(property) = property {
            body["idProperty"] = json!(property);
        }
        let mut ask = Ask::post(versions::batch(self.kind.name(), "read"), body);
        if want.archived {
            ask = ask.with("archived", "true");
        }
        let answer = match self.client.ask(&ask).await? {
            Reply::Ok(answer) => answer,
            // None of the ids exists.
            Reply::Refused(404, refusal) if refusal.code == "OBJECT_NOT_FOUND" => return Ok(Vec::new()),
            Reply::Refused(status, refusal) => {
                return Err(Error::Refused { status, refusal: Box::new(refusal), call: ask.name() });
            }
        };
        for error in answer["errors"].as_array().into_iter().flatten() {
            let refusal = Refusal::read(error);
            if refusal.code != "OBJECT_NOT_FOUND" {
                return Err(Error::Refused { status: 207, refusal: Box::new(refusal), call: ask.name() });
            }
        }
        Ok(wire::results(&answer, &ask.name())?.iter().filter_map(Record::read).collect())
    }
}

fn too_long(want: &Want) -> bool {
    want.properties.iter().chain(&want.history).map(|name| name.len() + 3).sum::<usize>() > QUERY_MAX
}

/// HubSpot finds values whatever their case, and keeps addresses in lower case.
fn folded(value: &str) -> String {
    value.trim().to_lowercase()
}
