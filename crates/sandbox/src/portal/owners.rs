//! The portal's owners, inactive ones too, and the calls that read them.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::errors::Refusal;
use crate::clock::{Millis, iso};
use crate::wire::{Call, Reply};
use crate::world::Owner;

#[derive(Debug, Clone, Default)]
pub(crate) struct Owners {
    list: Vec<Owner>,
    /// When an owner last changed; the others are as old as the portal.
    updated: HashMap<String, Millis>,
    place: HashMap<i32, usize>,
    since: Millis,
}

impl Owners {
    pub(crate) fn new(mut list: Vec<Owner>, since: Millis) -> Owners {
        list.sort_by_key(|owner| owner.id.parse::<u64>().unwrap_or(u64::MAX));
        let place = list.iter().enumerate().filter_map(|(at, owner)| Some((owner.id.parse().ok()?, at))).collect();
        Owners { list, updated: HashMap::new(), place, since }
    }

    /// Whether somebody has the id, active or not.
    pub(crate) fn is_known(&self, id: i32) -> bool {
        self.place.contains_key(&id)
    }

    /// Deactivates or reactivates an owner; false when nobody has the id.
    pub(crate) fn set_archived(&mut self, id: &str, archived: bool, at: Millis) -> bool {
        let Some(owner) = self.list.iter_mut().find(|owner| owner.id == id) else {
            return false;
        };
        if owner.archived != archived {
            owner.archived = archived;
            self.updated.insert(id.to_owned(), at);
        }
        true
    }

    /// The name of an owner or user, and that they left where they did.
    pub(crate) fn named(&self, who: &str) -> Option<String> {
        let owner = self.list.iter().find(|owner| owner.id == who || owner.user_id == who)?;
        let name = format!("{} {}", owner.first_name, owner.last_name);
        let name = if name.trim().is_empty() { owner.email.clone() } else { name.trim().to_owned() };
        Some(if owner.archived { format!("{name} (deactivated)") } else { name })
    }

    pub(crate) fn is_active(&self, id: i32) -> bool {
        self.place.get(&id).is_some_and(|at| !self.list[*at].archived)
    }

    /// The user behind an owner id, a user id or an address; the first owner when nothing fits.
    pub(crate) fn user(&self, who: &str) -> u32 {
        self.list
            .iter()
            .find(|owner| owner.user_id == who || owner.id == who || owner.email.eq_ignore_ascii_case(who))
            .and_then(|owner| owner.user_id.parse().ok())
            .or_else(|| who.parse().ok())
            .or_else(|| self.list.first().and_then(|owner| owner.user_id.parse().ok()))
            .unwrap_or(1)
    }

    /// `GET /crm/owners/{version}`.
    pub(crate) fn page(&self, call: &Call) -> Result<Reply, Refusal> {
        let limit = call
            .filled("limit")
            .map_or(Some(100), |text| text.parse::<usize>().ok())
            .filter(|limit| (1..=500).contains(limit))
            .ok_or_else(|| Refusal::invalid("limit must be between 1 and 500"))?;
        let after = call.filled("after").and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        let archived = call.flag("archived");
        let email = call.filled("email");
        let mut matching = self.list.iter().filter(|owner| {
            owner.archived == archived
                && email.is_none_or(|email| owner.email.eq_ignore_ascii_case(email))
                && owner.id.parse::<u64>().is_ok_and(|id| id > after)
        });
        let page: Vec<&Owner> = matching.by_ref().take(limit).collect();
        let mut body = json!({"results": page.iter().map(|owner| self.json(owner)).collect::<Vec<_>>()});
        if let (Some(_), Some(last)) = (matching.next(), page.last()) {
            body["paging"] = json!({"next": {"after": last.id}});
        }
        Ok(Reply::json(200, body))
    }

    /// `GET /crm/owners/{version}/{id}`.
    pub(crate) fn one(&self, call: &Call, id: &str) -> Result<Reply, Refusal> {
        let by_user = call.param("idProperty") == Some("userId");
        self.list
            .iter()
            .find(|owner| {
                owner.archived == call.flag("archived") && id == if by_user { &owner.user_id } else { &owner.id }
            })
            .map(|owner| Reply::json(200, self.json(owner)))
            .ok_or_else(Refusal::not_found)
    }

    fn json(&self, owner: &Owner) -> Value {
        let user = owner.user_id.parse::<u64>().ok();
        let mut body = json!({
            "id": owner.id, "type": if user.is_some() { "PERSON" } else { "QUEUE" },
            "createdAt": iso(self.since), "archived": owner.archived,
            "updatedAt": iso(self.updated.get(&owner.id).copied().unwrap_or(self.since)),
        });
        for (name, text) in [("email", &owner.email), ("firstName", &owner.first_name), ("lastName", &owner.last_name)]
        {
            if !text.is_empty() {
                body[name] = json!(text);
            }
        }
        if let Some(user) = user {
            body["userIdIncludingInactive"] = json!(user);
            if !owner.archived {
                body["userId"] = json!(user);
            }
        }
        if !owner.team_id.is_empty() {
            body["teams"] = json!([{"id": owner.team_id, "name": owner.team_name, "primary": true}]);
        }
        body
    }
}
