//! Links between records: made, read, labelled, taken away, up to a thousand at a time, each pair answered for.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_ports::WriteResult;
use serde_json::{Value, json};

use crate::call::{Ask, Reply};
use crate::client::Client;
use crate::error::Error;
use crate::object_type::ObjectType;
use crate::objects::LinkType;
use crate::pace::Class;
use crate::versions::{self, LINKS_MAX, OWNERS_PAGE_MAX, part};
use crate::wire::{self, Refusal, str_of};

/// Links from one kind of record to another.
#[derive(Clone)]
pub struct Associations {
    pub(crate) client: Client,
    pub(crate) from: ObjectType,
    pub(crate) to: ObjectType,
}

/// A linked record and what the link means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// Its id.
    pub to: String,
    /// Every meaning of the link.
    pub labels: Vec<Label>,
}

/// A meaning of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Category and number.
    pub kind: LinkType,
    /// What people see; the unlabelled link has none.
    pub label: Option<String>,
}

/// What became of each pair, in the order asked: done, failed, or unaccounted.
#[derive(Clone, Debug, Default)]
#[must_use = "an ignored outcome is a vanished link"]
pub struct LinkOutcome {
    /// Pair to result.
    pub results: Vec<((String, String), WriteResult)>,
    /// What ended the batch early, when something did; the pairs behind it are unaccounted.
    pub stopped: Option<Error>,
}

#[derive(Clone, Copy)]
enum Verb {
    Link,
    LinkAs,
    Unlink,
    Unlabel,
}

impl Verb {
    fn path(self) -> &'static str {
        match self {
            Verb::Link => "/batch/associate/default",
            Verb::LinkAs => "/batch/create",
            Verb::Unlink => "/batch/archive",
            Verb::Unlabel => "/batch/labels/archive",
        }
    }

    fn takes_away(self) -> bool {
        matches!(self, Verb::Unlink | Verb::Unlabel)
    }
}

impl Associations {
    /// Links pairs with the default, unlabelled link; doing it twice is harmless.
    pub async fn link(&self, pairs: &[(String, String)]) -> LinkOutcome {
        self.each(Verb::Link, pairs, |from, to| json!({"from": {"id": from}, "to": {"id": to}})).await
    }

    /// Links pairs with these meanings, in place of those they had; doing it twice is harmless.
    pub async fn link_as(&self, pairs: &[(String, String)], types: &[LinkType]) -> LinkOutcome {
        let types: Vec<Value> = types.iter().map(LinkType::body).collect();
        self.each(Verb::LinkAs, pairs, |from, to| json!({"from": {"id": from}, "to": {"id": to}, "types": types})).await
    }

    /// Takes all links between these pairs away; doing it twice is harmless.
    pub async fn unlink(&self, pairs: &[(String, String)]) -> LinkOutcome {
        self.each(Verb::Unlink, pairs, |from, to| json!({"from": {"id": from}, "to": [{"id": to}]})).await
    }

    /// Takes single meanings of links away; the unlabelled one takes all others with it.
    pub async fn unlabel(&self, pairs: &[(String, String)], types: &[LinkType]) -> LinkOutcome {
        let types: Vec<Value> = types.iter().map(LinkType::body).collect();
        let input = |from: &str, to: &str| json!({"from": {"id": from}, "to": {"id": to}, "types": types});
        self.each(Verb::Unlabel, pairs, input).await
    }

    /// Everything one record is linked to.
    ///
    /// # Errors
    /// When HubSpot refuses (no such record) or can not be asked.
    pub async fn of(&self, id: &str) -> Result<Vec<Linked>, Error> {
        let path = versions::objects(self.from.name(), &format!("/{}/associations/{}", part(id), self.to.name()));
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let ask = Ask::get(path.clone())
                .with("limit", OWNERS_PAGE_MAX.to_string())
                .with_some("after", after.as_deref())
                .in_class(Class::Associations);
            let body = self.client.expect(&ask).await?;
            all.extend(wire::results(&body, &ask.name())?.iter().filter_map(linked));
            after = wire::next_page(&body);
            if after.is_none() {
                return Ok(merged(all));
            }
        }
    }

    /// What each of these records is linked to; a record without links, or that is not there, has an empty list.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn of_all(&self, ids: &[String]) -> Result<BTreeMap<String, Vec<Linked>>, Error> {
        let mut all: BTreeMap<String, Vec<Linked>> = BTreeMap::new();
        let unique: BTreeSet<&String> = ids.iter().filter(|id| !id.is_empty()).collect();
        all.extend(unique.iter().map(|id| ((*id).clone(), Vec::new())));
        let mut waiting: Vec<Value> = unique.into_iter().map(|id| json!({"id": id})).collect();
        while !waiting.is_empty() {
            let now: Vec<Value> = waiting.drain(..waiting.len().min(LINKS_MAX)).collect();
            let path = versions::associations(self.from.name(), self.to.name(), "/batch/read");
            let ask = Ask::post(path, json!({"inputs": now})).in_class(Class::Associations);
            let body = match self.client.ask(&ask).await? {
                Reply::Ok(body) => body,
                // None of them has links.
                Reply::Refused(404, _) => continue,
                Reply::Refused(status, refusal) => {
                    return Err(Error::Refused { status, refusal: Box::new(refusal), call: ask.name() });
                }
            };
            for result in wire::results(&body, &ask.name())? {
                let Some(id) = str_of(&result["from"]["id"]) else { continue };
                all.entry(id.clone())
                    .or_default()
                    .extend(result["to"].as_array().into_iter().flatten().filter_map(linked));
                // A record with very many links is told in pages of its own.
                waiting.extend(wire::next_page(result).map(|after| json!({"id": id, "after": after})));
            }
        }
        Ok(all.into_iter().map(|(id, links)| (id, merged(links))).collect())
    }

    /// The meanings a link of this kind can have in this portal.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn labels(&self) -> Result<Vec<Label>, Error> {
        let ask = Ask::get(self.path("/labels")).in_class(Class::Associations);
        let body = self.client.expect(&ask).await?;
        Ok(wire::results(&body, &ask.name())?.iter().filter_map(label).collect())
    }

    /// Makes a new meaning; tells its numbers in both directions.
    ///
    /// # Errors
    /// When HubSpot refuses (the name is taken) or can not be asked.
    pub async fn create_label(&self, name: &str, label_text: &str) -> Result<Vec<Label>, Error> {
        let body = json!({"name": name, "label": label_text});
        let ask = Ask::creation(self.path("/labels"), body).in_class(Class::Associations);
        let body = self.client.expect(&ask).await?;
        Ok(wire::results(&body, &ask.name())?.iter().filter_map(label).collect())
    }

    /// Removes a meaning from the portal, and so from all links.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn delete_label(&self, id: u32) -> Result<(), Error> {
        let ask = Ask::new("DELETE", self.path(&format!("/labels/{id}"))).in_class(Class::Associations);
        self.client.expect(&ask).await.map(drop)
    }

    async fn each(&self, verb: Verb, pairs: &[(String, String)], input: impl Fn(&str, &str) -> Value) -> LinkOutcome {
        let mut outcome = LinkOutcome::default();
        let mut waiting: Vec<Vec<(String, String)>> = pairs.chunks(LINKS_MAX).map(<[_]>::to_vec).rev().collect();
        while let Some(batch) = waiting.pop() {
            let inputs: Vec<Value> = batch.iter().map(|(from, to)| input(from, to)).collect();
            let ask = Ask::post(self.path(verb.path()), json!({"inputs": inputs})).in_class(Class::Associations);
            match self.client.ask(&ask).await {
                Ok(Reply::Ok(body)) => outcome.results.extend(read_answer(verb, batch, &body)),
                Ok(Reply::Refused(_, refusal)) if batch.len() == 1 => {
                    outcome.results.extend(batch.into_iter().map(|pair| (pair, failed(&refusal))));
                }
                Ok(Reply::Refused(..)) => {
                    let (left, right) = batch.split_at(batch.len() / 2);
                    waiting.extend([right.to_vec(), left.to_vec()]);
                }
                Err(error) => {
                    outcome.stopped = Some(error);
                    let rest = batch.into_iter().chain(waiting.into_iter().rev().flatten());
                    outcome.results.extend(rest.map(|pair| (pair, WriteResult::Unaccounted)));
                    break;
                }
            }
        }
        outcome
    }

    fn path(&self, rest: &str) -> String {
        versions::associations(self.from.name(), self.to.name(), rest)
    }
}

fn read_answer(verb: Verb, batch: Vec<(String, String)>, body: &Value) -> Vec<((String, String), WriteResult)> {
    let mut linked: BTreeSet<(String, String)> = BTreeSet::new();
    for result in body["results"].as_array().into_iter().flatten() {
        // The default link answers with pairs, the labelled one with flat ids.
        let from = str_of(&result["from"]["id"]).or_else(|| str_of(&result["fromObjectId"]));
        let to = str_of(&result["to"]["id"]).or_else(|| str_of(&result["toObjectId"]));
        linked.extend(from.zip(to));
    }
    let refusals: Vec<Refusal> = body["errors"].as_array().into_iter().flatten().map(Refusal::read).collect();
    let result = |pair: &(String, String)| {
        // A refusal names the id that is missing, not the pair; it counts before a result, because ids of two kinds may coincide.
        let about = |refusal: &&Refusal| refusal.ids.contains(&pair.0) || refusal.ids.contains(&pair.1);
        match refusals.iter().find(about) {
            Some(refusal) => failed(refusal),
            // Taking away shows nothing of what is gone: no body, an empty one, or an empty list.
            None if linked.contains(pair) || (verb.takes_away() && refusals.is_empty()) => done(pair),
            None => WriteResult::Unaccounted,
        }
    };
    batch
        .into_iter()
        .map(|pair| {
            let result = result(&pair);
            (pair, result)
        })
        .collect()
}

fn done(pair: &(String, String)) -> WriteResult {
    WriteResult::Done { id: pair.0.clone(), created: false, differs: Vec::new() }
}

fn failed(refusal: &Refusal) -> WriteResult {
    WriteResult::Failed {
        code: refusal.code.clone(),
        message: refusal.message.clone(),
        properties: refusal.properties.clone(),
        existing: None,
    }
}

fn linked(value: &Value) -> Option<Linked> {
    let labels = value["associationTypes"].as_array().into_iter().flatten().filter_map(label).collect();
    Some(Linked { to: str_of(&value["toObjectId"])?, labels })
}

fn label(value: &Value) -> Option<Label> {
    let id = str_of(&value["typeId"]).or_else(|| str_of(&value["associationTypeId"]))?.parse().ok()?;
    let category = str_of(&value["category"]).or_else(|| str_of(&value["associationCategory"])).unwrap_or_default();
    Some(Label { kind: LinkType { category, id }, label: str_of(&value["label"]) })
}

/// One entry per linked record, whatever the pages.
fn merged(links: Vec<Linked>) -> Vec<Linked> {
    let mut all: BTreeMap<String, Vec<Label>> = BTreeMap::new();
    for link in links {
        let labels = all.entry(link.to).or_default();
        for label in link.labels {
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
    }
    all.into_iter().map(|(to, labels)| Linked { to, labels }).collect()
}
