//! What a portal offers beside its records: account, limits, preferences, lists, imports, pipelines and the search index's lag.

pub(crate) mod account;
pub(crate) mod adapter;
mod filters;
mod imports;
pub(crate) mod lag;
mod limits;
mod lists;
mod memberships;
mod pipelines;
mod preferences;

use axum::http::Method;
use serde_json::{Value, json};

use super::Portal;
use super::errors::Refusal;
use super::record::Kind;
use crate::clock::Millis;
use crate::wire::{Call, Reply};
use account::Account;
use imports::Imports;
use lag::Lag;
use lists::Lists;
use pipelines::Pipelines;
use preferences::Preferences;

#[derive(Debug, Clone)]
pub(crate) struct Services {
    pub account: Account,
    pub preferences: Preferences,
    pub lists: Lists,
    pub imports: Imports,
    pub pipelines: Pipelines,
    /// How far the search index is behind.
    pub lag: Lag,
}

impl Services {
    pub(crate) fn new(began: Millis) -> Services {
        Services {
            account: Account::first(began),
            preferences: Preferences::new(began),
            lists: Lists::default(),
            imports: Imports::default(),
            pipelines: Pipelines::seeded(began),
            lag: Lag::default(),
        }
    }
}

impl Portal {
    /// Answers the calls beside the records; none when the call is about records.
    pub(crate) fn serve(&mut self, call: &Call, at: Millis) -> Option<Result<Reply, Refusal>> {
        self.run_imports(at);
        let segments = call.segments();
        let (area, rest): (&str, &[&str]) = match segments.as_slice() {
            ["crm", "v3" | "v4", area, rest @ ..] => (area, rest),
            ["crm", area, version, rest @ ..] if is_dated(version) => (area, rest),
            [area @ ("account-info" | "communication-preferences" | "crm-object-schemas"), version, rest @ ..]
                if is_dated(version) || matches!(*version, "v3" | "v4") =>
            {
                (area, rest)
            }
            _ => return None,
        };
        Some(match area {
            "account-info" => self.account(&call.method, rest, at),
            "communication-preferences" => self.preferences(call, rest, at),
            "crm-object-schemas" => self.schemas(&call.method, rest),
            "limits" => self.limits(&call.method, rest),
            "lists" => self.lists(call, rest, at),
            "imports" => self.imports(call, rest, at),
            "pipelines" => self.pipelines(call, rest, at),
            _ => return None,
        })
    }

    /// No custom object types: the list is empty and no name is known.
    fn schemas(&self, method: &Method, rest: &[&str]) -> Result<Reply, Refusal> {
        match (method.as_str(), rest) {
            ("GET", ["schemas"]) | ("POST", ["schemas", "batch", "read"]) => {
                Ok(Reply::json(200, json!({"results": []})))
            }
            ("GET", ["schemas", name]) => Err(Refusal::new(
                404,
                "OBJECT_NOT_FOUND",
                format!("Unable to find object type by its name or id: {name}"),
            )),
            ("POST", ["schemas"]) => {
                Err(Refusal::new(403, "BANNED", "This account's subscription has no custom objects."))
            }
            (_, ["schemas", ..]) => Err(Refusal::wrong_method()),
            _ => Err(Refusal::not_found()),
        }
    }
}

fn is_dated(version: &str) -> bool {
    matches!(version, "2026-09" | "2026-03" | "2027-03-beta")
}

/// An object type as the two tables know it.
fn kind_of(text: &str) -> Result<Kind, Refusal> {
    Kind::parse(text).ok_or_else(|| Refusal::invalid(format!("Unable to infer object type from: {text}")))
}

/// A list of texts; numbers count as texts.
fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(super::objects::text).collect()
}
