//! Lists ("segments"): made by hand, as a snapshot, or kept by filters; found, renamed, deleted and brought back.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::Portal;
use super::super::errors::Refusal;
use super::super::objects::text;
use super::super::record::Kind;
use super::{filters, kind_of, texts};
use crate::clock::{Millis, iso};
use crate::wire::{Call, Reply};

/// How long the portal takes to fill a list that filters keep.
const FILLING_MS: Millis = 500;
const SEARCH_MAX: usize = 500;
const SEARCH_REACH: usize = 10_000;

#[derive(Debug, Clone)]
pub(super) struct List {
    pub id: u64,
    pub name: String,
    pub kind: Kind,
    pub processing: String,
    pub filter: Value,
    /// Who is in it since when, for lists that filters do not keep.
    pub members: BTreeMap<u64, Millis>,
    pub ready: Millis,
    version: u64,
    created: Millis,
    updated: Millis,
    deleted: Option<Millis>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Lists {
    all: BTreeMap<u64, List>,
}

impl List {
    pub(super) fn by_filters(&self) -> bool {
        self.processing == "DYNAMIC"
    }

    pub(super) fn touch(&mut self, at: Millis) {
        self.version += 1;
        self.updated = at;
    }

    fn core(&self, at: Millis) -> Map<String, Value> {
        let mut body = Map::new();
        for (name, value) in [
            ("listId", json!(self.id.to_string())),
            ("listVersion", json!(self.version)),
            ("name", json!(self.name)),
            ("objectTypeId", json!(self.kind.type_id())),
            ("processingStatus", json!(if at < self.ready { "PROCESSING" } else { "COMPLETE" })),
            ("processingType", json!(self.processing)),
            ("createdAt", json!(iso(self.created))),
            ("updatedAt", json!(iso(self.updated))),
            ("filtersUpdatedAt", json!(iso(self.created))),
        ] {
            body.insert(name.to_owned(), value);
        }
        if let Some(deleted) = self.deleted {
            body.insert("deletedAt".to_owned(), json!(iso(deleted)));
        }
        body
    }
}

impl Lists {
    pub(super) fn live(&self, id: &str) -> Result<&List, Refusal> {
        id.parse()
            .ok()
            .and_then(|id: u64| self.all.get(&id))
            .filter(|list| list.deleted.is_none())
            .ok_or_else(|| missing(id))
    }

    pub(super) fn live_mut(&mut self, id: &str) -> Result<&mut List, Refusal> {
        id.parse()
            .ok()
            .and_then(|id: u64| self.all.get_mut(&id))
            .filter(|list| list.deleted.is_none())
            .ok_or_else(|| missing(id))
    }

    pub(super) fn living(&self) -> impl Iterator<Item = &List> {
        self.all.values().filter(|list| list.deleted.is_none())
    }

    fn free_name(&self, name: &str, but: Option<u64>) -> Result<(), Refusal> {
        if self.living().any(|list| list.name == name && Some(list.id) != but) {
            let mut refusal = Refusal::invalid(format!("List name {name} is already in use."));
            refusal.sub_category = Some("ILS.DUPLICATE_LIST_NAMES");
            return Err(refusal);
        }
        Ok(())
    }
}

fn missing(id: &str) -> Refusal {
    let mut refusal = Refusal::new(404, "OBJECT_NOT_FOUND", format!("List does not exist with ID {id}."));
    refusal.sub_category = Some("ILS.LIST_NOT_FOUND");
    refusal
}

impl Portal {
    /// Everything below `/crm/lists/{version}`.
    pub(crate) fn lists(&mut self, call: &Call, rest: &[&str], at: Millis) -> Result<Reply, Refusal> {
        let filters = call.flag("includeFilters");
        match (call.method.as_str(), rest) {
            ("POST", []) => self.create_list(&call.body, at),
            ("GET", []) => {
                let all = &self.services.lists;
                let found: Vec<Value> = call
                    .list("listIds")
                    .iter()
                    .filter_map(|id| all.live(id).ok())
                    .map(|list| self.list_json(list, filters, at))
                    .collect();
                Ok(Reply::json(200, json!({"lists": found})))
            }
            ("GET", ["object-type-id", kind, "name", name]) => {
                let kind = kind_of(kind)?;
                let name = super::preferences::decode(name);
                let list = self.services.lists.living().find(|list| list.kind == kind && list.name == name);
                let list = list.ok_or_else(|| missing(&name))?;
                Ok(Reply::json(200, json!({"list": self.list_json(list, filters, at)})))
            }
            ("POST", ["search"]) => self.search_lists(&call.body, at),
            ("POST", ["all"]) => self.all_lists(&call.body, at),
            ("GET", ["idmapping"]) => {
                let id = call.filled("legacyListId").unwrap_or_default();
                self.services.lists.live(id)?;
                Ok(Reply::json(200, json!({"legacyListId": id, "listId": id})))
            }
            ("POST", ["idmapping"]) => {
                let (known, unknown): (Vec<String>, Vec<String>) =
                    texts(&call.body).into_iter().partition(|id| self.services.lists.live(id).is_ok());
                let known: Vec<Value> = known.iter().map(|id| json!({"legacyListId": id, "listId": id})).collect();
                Ok(Reply::json(200, json!({"legacyListIdsToIdsMapping": known, "missingLegacyListIds": unknown})))
            }
            (_, ["records", ..]) | (_, [_, "memberships", ..]) => self.memberships(call, rest, at),
            ("GET", [id]) => {
                let list = self.services.lists.live(id)?;
                Ok(Reply::json(200, json!({"list": self.list_json(list, filters, at)})))
            }
            ("DELETE", [id]) => {
                self.services.lists.live_mut(id)?.deleted = Some(at);
                Ok(Reply::empty(204).changed())
            }
            ("PUT", [id, "restore"]) => {
                let number: u64 = id.parse().map_err(|_| missing(id))?;
                self.services.lists.all.get_mut(&number).ok_or_else(|| missing(id))?.deleted = None;
                Ok(Reply::empty(204).changed())
            }
            ("PUT", [id, "update-list-name"]) => {
                let name = call.filled("listName").ok_or_else(|| Refusal::invalid("listName is required"))?;
                let own = self.services.lists.live(id)?.id;
                self.services.lists.free_name(name, Some(own))?;
                let list = self.services.lists.live_mut(id)?;
                list.name = name.to_owned();
                list.touch(at);
                self.updated(id, filters, at)
            }
            ("PUT", [id, "update-list-filters"]) => {
                filters::understood(&call.body["filterBranch"])?;
                let list = self.services.lists.live_mut(id)?;
                if !list.by_filters() {
                    return Err(Refusal::invalid("Only DYNAMIC lists have filters that can be changed"));
                }
                list.filter = call.body["filterBranch"].clone();
                list.ready = at + FILLING_MS;
                list.touch(at);
                self.updated(id, true, at)
            }
            (_, [] | ["search" | "all"] | [_]) => Err(Refusal::wrong_method()),
            _ => Err(Refusal::not_found()),
        }
    }

    fn updated(&self, id: &str, filters: bool, at: Millis) -> Result<Reply, Refusal> {
        let list = self.services.lists.live(id)?;
        Ok(Reply::json(200, json!({"updatedList": self.list_json(list, filters, at)})).changed())
    }

    fn create_list(&mut self, body: &Value, at: Millis) -> Result<Reply, Refusal> {
        let name = body["name"].as_str().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| Refusal::invalid("name is required"))?.to_owned();
        let kind = kind_of(body["objectTypeId"].as_str().unwrap_or_default())?;
        let processing = body["processingType"].as_str().unwrap_or_default().to_owned();
        self.services.lists.free_name(&name, None)?;
        let filter = body["filterBranch"].clone();
        match processing.as_str() {
            "MANUAL" => {}
            "DYNAMIC" | "SNAPSHOT" => {
                if filter.is_null() {
                    return Err(Refusal::invalid(format!("filterBranch is required for {processing} lists")));
                }
                filters::understood(&filter)?;
            }
            other => return Err(Refusal::invalid(format!("Invalid processingType: {other}"))),
        }
        let members = if processing == "SNAPSHOT" {
            self.matching(kind, &filter).into_iter().map(|id| (id, at)).collect()
        } else {
            BTreeMap::new()
        };
        let id = self.services.lists.all.keys().next_back().map_or(1, |last| last + 1);
        let ready = if processing == "DYNAMIC" { at + FILLING_MS } else { at };
        let list = List {
            id,
            name,
            kind,
            processing,
            filter,
            members,
            ready,
            version: 1,
            created: at,
            updated: at,
            deleted: None,
        };
        let shown = self.list_json(&list, false, at);
        self.services.lists.all.insert(id, list);
        Ok(Reply::json(200, json!({"list": shown})).changed())
    }

    pub(super) fn matching(&self, kind: Kind, filter: &Value) -> Vec<u64> {
        self.table(kind)
            .from(0)
            .filter(|record| record.archived.is_none() && self.belongs(kind, record, filter))
            .map(|record| record.id)
            .collect()
    }

    /// Who is in a list: the kept members that still exist, or what the filters say.
    pub(super) fn members(&self, list: &List, at: Millis) -> Vec<(u64, Millis)> {
        if list.by_filters() {
            if at < list.ready {
                return Vec::new();
            }
            return self.matching(list.kind, &list.filter).into_iter().map(|id| (id, list.ready)).collect();
        }
        let table = self.table(list.kind);
        list.members.iter().filter(|(id, _)| table.live(**id).is_some()).map(|(id, since)| (*id, *since)).collect()
    }

    fn list_json(&self, list: &List, filters: bool, at: Millis) -> Value {
        let mut body = list.core(at);
        body.insert("size".to_owned(), json!(self.members(list, at).len()));
        if filters && !list.filter.is_null() {
            body.insert("filterBranch".to_owned(), list.filter.clone());
        }
        Value::Object(body)
    }

    fn found_json(&self, list: &List, wanted: &[String], at: Millis) -> Value {
        let mut more = Map::new();
        for name in wanted {
            let value = match name.as_str() {
                "hs_list_size" => self.members(list, at).len().to_string(),
                "hs_list_id" => list.id.to_string(),
                "hs_createdate" => list.created.to_string(),
                _ => continue,
            };
            more.insert(name.clone(), json!(value));
        }
        let mut body = list.core(at);
        body.insert("additionalProperties".to_owned(), Value::Object(more));
        Value::Object(body)
    }

    fn chosen(&self, body: &Value) -> Result<Vec<&List>, Refusal> {
        let ids = texts(&body["listIds"]);
        let types = texts(&body["processingTypes"]);
        let kind = body["objectTypeId"].as_str().map(kind_of).transpose()?;
        let query = body["query"].as_str().unwrap_or_default().to_lowercase();
        let all = self.services.lists.living();
        Ok(all
            .filter(|list| ids.is_empty() || ids.contains(&list.id.to_string()))
            .filter(|list| types.is_empty() || types.contains(&list.processing))
            .filter(|list| kind.is_none_or(|kind| kind == list.kind))
            .filter(|list| query.is_empty() || list.name.to_lowercase().contains(&query))
            .collect())
    }

    fn search_lists(&self, body: &Value, at: Millis) -> Result<Reply, Refusal> {
        let offset = body["offset"].as_u64().unwrap_or(0) as usize;
        let count = (body["count"].as_u64().unwrap_or(20) as usize).min(SEARCH_MAX);
        if offset >= SEARCH_REACH {
            return Err(Refusal::invalid(format!("offset must be less than {SEARCH_REACH}")));
        }
        let found = self.chosen(body)?;
        let wanted = texts(&body["additionalProperties"]);
        let page: Vec<Value> =
            found.iter().skip(offset).take(count).map(|list| self.found_json(list, &wanted, at)).collect();
        let next = offset + page.len();
        Ok(Reply::json(
            200,
            json!({"lists": page, "hasMore": next < found.len(), "offset": next, "total": found.len()}),
        ))
    }

    fn all_lists(&self, body: &Value, at: Millis) -> Result<Reply, Refusal> {
        let after: u64 = text(&body["after"]).and_then(|after| after.parse().ok()).unwrap_or(0);
        let count = (body["count"].as_u64().unwrap_or(20) as usize).clamp(1, SEARCH_MAX);
        let mut found = self.chosen(body)?;
        let total = found.len();
        found.retain(|list| list.id > after);
        let wanted = texts(&body["additionalProperties"]);
        let page: Vec<Value> = found.iter().take(count).map(|list| self.found_json(list, &wanted, at)).collect();
        let mut answer = json!({"results": page, "total": total});
        if found.len() > count {
            answer["paging"] = json!({"next": {"after": found[count - 1].id.to_string()}});
        }
        Ok(Reply::json(200, answer))
    }
}
