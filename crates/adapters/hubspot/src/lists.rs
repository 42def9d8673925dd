//! Lists ("segments" in HubSpot's pages): made, found, filled, emptied, removed.

use serde_json::{Value, json};

use crate::call::Ask;
use crate::client::Client;
use crate::error::Error;
use crate::object_type::ObjectType;
use crate::problem;
use crate::versions::{self, MEMBERS_MAX, part};
use crate::wire::{self, str_of, strings};

/// Ids per change of membership; HubSpot takes far more, but a smaller body is a smaller loss.
const CHANGE_MAX: usize = 10_000;

/// The lists of a portal.
#[derive(Clone)]
pub struct Lists {
    pub(crate) client: Client,
}

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// HubSpot's id.
    pub id: String,
    /// What people see; unique in a portal.
    pub name: String,
    /// Type id of its members: `0-1`.
    pub object_type_id: String,
    /// `MANUAL`, `DYNAMIC` or `SNAPSHOT`.
    pub processing: String,
    /// Members, when told.
    pub size: Option<u64>,
}

/// What a change of membership did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "an ignored outcome is a vanished row"]
pub struct Membership {
    /// Now in the list, and not before.
    pub added: Vec<String>,
    /// No longer in the list.
    pub removed: Vec<String>,
    /// No such records.
    pub missing: Vec<String>,
}

impl Lists {
    /// Makes a list that people and programs fill; one of that name and kind is returned as it is.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn create(&self, name: &str, kind: &ObjectType) -> Result<List, Error> {
        let body = json!({"name": name, "objectTypeId": kind.type_id(), "processingType": "MANUAL"});
        let ask = Ask::creation(versions::lists(""), body);
        match self.client.expect(&ask).await {
            Ok(body) => read(&body["list"], &ask.name()),
            // The name is taken, or the answer was lost: then it is there.
            Err(error) => self.by_name(name, kind).await?.ok_or(error),
        }
    }

    /// One list; `None` when there is none of that id.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn get(&self, id: &str) -> Result<Option<List>, Error> {
        self.one(Ask::get(versions::lists(&format!("/{}", part(id))))).await
    }

    /// One list by name; `None` when there is none.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn by_name(&self, name: &str, kind: &ObjectType) -> Result<Option<List>, Error> {
        let rest = format!("/object-type-id/{}/name/{}", kind.type_id(), part(name));
        self.one(Ask::get(versions::lists(&rest))).await
    }

    async fn one(&self, ask: Ask) -> Result<Option<List>, Error> {
        match self.client.expect(&ask).await {
            Ok(body) => read(&body["list"], &ask.name()).map(Some),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lists whose name contains the text; an empty text finds all.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn search(&self, text: &str) -> Result<Vec<List>, Error> {
        let mut all = Vec::new();
        loop {
            let body = json!({
                "query": text, "listIds": [], "additionalProperties": ["hs_list_size"], "offset": all.len(), "count": 100,
            });
            let ask = Ask::post(versions::lists("/search"), body);
            let body = self.client.expect(&ask).await?;
            let page: Vec<&Value> = body["lists"].as_array().into_iter().flatten().collect();
            let last = page.is_empty() || body["hasMore"].as_bool() != Some(true);
            for list in page {
                all.push(read(list, &ask.name())?);
            }
            if last {
                return Ok(all);
            }
        }
    }

    /// Gives a list another name.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn rename(&self, id: &str, name: &str) -> Result<(), Error> {
        let path = versions::lists(&format!("/{}/update-list-name", part(id)));
        self.client.expect(&Ask::new("PUT", path).with("listName", name)).await.map(drop)
    }

    /// Removes a list, not its members; HubSpot can restore it for 90 days.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        match self.client.expect(&Ask::new("DELETE", versions::lists(&format!("/{}", part(id))))).await {
            Err(error) if !error.is_not_found() => Err(error),
            _ => Ok(()),
        }
    }

    /// The ids of all members.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn members(&self, id: &str) -> Result<Vec<String>, Error> {
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let ask = Ask::get(versions::lists(&format!("/{}/memberships", part(id))))
                .with("limit", MEMBERS_MAX.to_string())
                .with_some("after", after.as_deref());
            let body = self.client.expect(&ask).await?;
            all.extend(wire::results(&body, &ask.name())?.iter().filter_map(|member| str_of(&member["recordId"])));
            after = wire::next_page(&body);
            if after.is_none() {
                return Ok(all);
            }
        }
    }

    /// Puts records into a manual list; those already in are fine.
    ///
    /// # Errors
    /// When HubSpot refuses (a dynamic list) or can not be asked; what went before is in.
    pub async fn add(&self, id: &str, records: &[String]) -> Result<Membership, Error> {
        self.change(id, "add", records).await
    }

    /// Takes records out of a manual list.
    ///
    /// # Errors
    /// When HubSpot refuses (a dynamic list) or can not be asked; what went before is out.
    pub async fn remove(&self, id: &str, records: &[String]) -> Result<Membership, Error> {
        self.change(id, "remove", records).await
    }

    async fn change(&self, id: &str, verb: &str, records: &[String]) -> Result<Membership, Error> {
        let mut all = Membership::default();
        for some in records.chunks(CHANGE_MAX) {
            let path = versions::lists(&format!("/{}/memberships/{verb}", part(id)));
            let ask = Ask { body: Some(json!(some)), ..Ask::new("PUT", path) };
            let body = self.client.expect(&ask).await?;
            // HubSpot's own spelling, and the one it should have.
            let gather = |names: &[&str]| names.iter().flat_map(|name| strings(&body[*name])).collect::<Vec<_>>();
            all.added.extend(gather(&["recordsIdsAdded", "recordIdsAdded"]));
            all.removed.extend(gather(&["recordIdsRemoved", "recordsIdsRemoved"]));
            all.missing.extend(gather(&["recordIdsMissing", "recordsIdsMissing"]));
        }
        Ok(all)
    }
}

fn read(list: &Value, call: &str) -> Result<List, Error> {
    let text = |key: &str| str_of(&list[key]).unwrap_or_default();
    Ok(List {
        id: str_of(&list["listId"]).ok_or_else(|| problem::odd(call, "the list has no listId"))?,
        name: text("name"),
        object_type_id: text("objectTypeId"),
        processing: text("processingType"),
        size: str_of(&list["size"])
            .or_else(|| str_of(&list["additionalProperties"]["hs_list_size"]))
            .and_then(|size| size.parse().ok()),
    })
}
