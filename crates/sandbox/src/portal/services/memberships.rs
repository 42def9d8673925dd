//! Who is in which list: pages of members, adding and removing by hand, and the lists of one record.

use serde_json::{Value, json};

use super::super::errors::Refusal;
use super::super::objects::text;
use super::super::{Portal, action};
use super::lists::List;
use super::{kind_of, texts};
use crate::clock::{Millis, iso};
use crate::wire::{Call, Reply};

const PAGE_DEFAULT: usize = 100;
const PAGE_MAX: usize = 250;

impl Portal {
    /// `…/{listId}/memberships/…` and `…/records/…`.
    pub(super) fn memberships(&mut self, call: &Call, rest: &[&str], at: Millis) -> Result<Reply, Refusal> {
        match (call.method.as_str(), rest) {
            ("GET", ["records", kind, id, "memberships"]) => {
                let results = self.lists_of(kind, id, at)?;
                Ok(Reply::json(200, json!({"total": results.len(), "results": results})))
            }
            ("POST", ["records", "memberships", "batch", "read"]) => {
                let inputs = call.body["inputs"].as_array();
                let inputs = inputs.ok_or_else(|| Refusal::bad_json("inputs is missing or not a list"))?;
                let mut results = Vec::new();
                for input in inputs {
                    let kind = input["objectTypeId"].as_str().unwrap_or_default();
                    let id = text(&input["recordId"]).unwrap_or_default();
                    results.push(json!({
                        "objectTypeId": kind, "recordId": id, "recordListMemberships": self.lists_of(kind, &id, at)?,
                    }));
                }
                Ok(Reply::json(200, action(at, results)))
            }
            ("GET", [id, "memberships"]) => self.member_page(call, id, false, at),
            ("GET", [id, "memberships", "join-order"]) => self.member_page(call, id, true, at),
            ("PUT", [id, "memberships", "add"]) => self.change_members(id, texts(&call.body), Vec::new(), at),
            ("PUT", [id, "memberships", "remove"]) => self.change_members(id, Vec::new(), texts(&call.body), at),
            ("PUT", [id, "memberships", "add-and-remove"]) => {
                self.change_members(id, texts(&call.body["recordIdsToAdd"]), texts(&call.body["recordIdsToRemove"]), at)
            }
            ("PUT", [id, "memberships", "add-from", source]) => {
                let from = self.members(self.services.lists.live(source)?, at);
                let ids = from.iter().map(|(id, _)| id.to_string()).collect();
                self.change_members(id, ids, Vec::new(), at)?;
                Ok(Reply::empty(204).changed())
            }
            ("DELETE", [id, "memberships"]) => {
                let list = by_hand(self.services.lists.live_mut(id)?)?;
                list.members.clear();
                list.touch(at);
                Ok(Reply::empty(204).changed())
            }
            _ => Err(Refusal::wrong_method()),
        }
    }

    fn lists_of(&self, kind: &str, id: &str, at: Millis) -> Result<Vec<Value>, Refusal> {
        let kind = kind_of(kind)?;
        let id: u64 = id.parse().map_err(|_| Refusal::not_found())?;
        let all = self.services.lists.living().filter(|list| list.kind == kind);
        Ok(all
            .filter_map(|list| {
                let (_, since) = self.members(list, at).into_iter().find(|(member, _)| *member == id)?;
                Some(json!({
                    "listId": list.id.to_string(), "listVersion": 1, "isPublicList": true,
                    "firstAddedTimestamp": iso(since), "lastAddedTimestamp": iso(since),
                }))
            })
            .collect())
    }

    fn member_page(&self, call: &Call, id: &str, by_time: bool, at: Millis) -> Result<Reply, Refusal> {
        let list = self.services.lists.live(id)?;
        let mut members = self.members(list, at);
        if by_time {
            members.sort_by_key(|(id, since)| (*since, *id));
        }
        let limit = match call.filled("limit") {
            None => PAGE_DEFAULT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=PAGE_MAX).contains(limit))
                .ok_or_else(|| Refusal::invalid(format!("limit must be between 1 and {PAGE_MAX}")))?,
        };
        let after = match call.filled("after") {
            None => 0,
            Some(text) => text.parse().map_err(|_| Refusal::invalid("Invalid paging cursor in 'after'."))?,
        };
        let total = members.len();
        let page: Vec<Value> = members
            .iter()
            .skip(after)
            .take(limit)
            .map(|(id, since)| json!({"recordId": id.to_string(), "membershipTimestamp": iso(*since)}))
            .collect();
        let next = after + page.len();
        let mut answer = json!({"results": page, "total": total});
        if next < total {
            answer["paging"] = json!({"next": {"after": next.to_string()}});
        }
        Ok(Reply::json(200, answer))
    }

    fn change_members(
        &mut self,
        id: &str,
        add: Vec<String>,
        remove: Vec<String>,
        at: Millis,
    ) -> Result<Reply, Refusal> {
        let kind = self.services.lists.live(id)?.kind;
        let here = |id: &String| id.parse::<u64>().is_ok_and(|id| self.table(kind).live(id).is_some());
        let (add, missing): (Vec<String>, Vec<String>) = add.into_iter().partition(here);
        let list = by_hand(self.services.lists.live_mut(id)?)?;
        let mut added = Vec::new();
        for one in add {
            if let Ok(number) = one.parse::<u64>()
                && !list.members.contains_key(&number)
            {
                list.members.insert(number, at);
                added.push(one);
            }
        }
        let mut removed = Vec::new();
        for one in remove {
            if one.parse::<u64>().is_ok_and(|number| list.members.remove(&number).is_some()) {
                removed.push(one);
            }
        }
        list.touch(at);
        Ok(Reply::json(
            200,
            json!({"recordsIdsAdded": added, "recordIdsRemoved": removed, "recordIdsMissing": missing}),
        )
        .changed())
    }
}

fn by_hand(list: &mut List) -> Result<&mut List, Refusal> {
    if list.by_filters() {
        let mut refusal = Refusal::invalid("Memberships of DYNAMIC lists cannot be changed by hand.");
        refusal.sub_category = Some("ILS.INVALID_LIST_PROCESSING_TYPE");
        return Err(refusal);
    }
    Ok(list)
}
