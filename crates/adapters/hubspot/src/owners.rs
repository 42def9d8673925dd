//! The people and queues that can own records, deactivated ones included.

use std::collections::BTreeSet;

use evergreen_model::Owner;
use serde_json::Value;

use crate::call::Ask;
use crate::client::Client;
use crate::error::Error;
use crate::versions::{self, OWNERS_PAGE_MAX};
use crate::wire::{self, str_of};

impl Client {
    /// All owners: the active ones, then the deactivated ones, to which records may still point.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn owners(&self) -> Result<Vec<Owner>, Error> {
        let mut owners: Vec<Owner> = Vec::new();
        let mut known = BTreeSet::new();
        for archived in [false, true] {
            let mut after: Option<String> = None;
            loop {
                let ask = Ask::get(versions::owners())
                    .with("limit", OWNERS_PAGE_MAX.to_string())
                    .with("archived", archived.to_string())
                    .with_some("after", after.as_deref());
                let body = self.expect(&ask).await?;
                let page = wire::results(&body, &ask.name())?.iter().filter_map(owner);
                owners.extend(page.filter(|owner| known.insert(owner.id.clone())));
                after = wire::next_page(&body);
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(owners)
    }
}

fn owner(value: &Value) -> Option<Owner> {
    let names = [str_of(&value["firstName"]), str_of(&value["lastName"])];
    let name = names.into_iter().flatten().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ");
    let email = str_of(&value["email"]).unwrap_or_default();
    Some(Owner {
        id: str_of(&value["id"])?,
        name: if name.is_empty() { email.clone() } else { name },
        email,
        user_id: str_of(&value["userId"]).or_else(|| str_of(&value["userIdIncludingInactive"])),
        teams: value["teams"].as_array().into_iter().flatten().filter_map(|team| str_of(&team["name"])).collect(),
        active: !value["archived"].as_bool().unwrap_or(false),
    })
}
