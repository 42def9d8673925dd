//! The HubSpot-compatible portal: its tables, and which call goes where.

mod activities;
mod associations;
mod auto_company;
mod batch;
pub(crate) mod changes;
pub(crate) mod dossier;
pub(crate) mod errors;
mod inside;
mod kind;
mod labels;
mod link_types;
pub(crate) mod links;
mod load;
mod merge;
mod objects;
mod owners;
mod properties;
pub(crate) mod record;
mod render;
mod route;
mod rules;
pub(crate) mod schema;
mod search;
mod seed;
pub(crate) mod services;
mod settings;
pub(crate) mod source;
mod stages;
mod table;
mod validations;
mod values;
pub(crate) mod wording;
mod write;

use std::collections::HashSet;

use axum::http::Method;
use serde_json::json;

use crate::clock::{Millis, iso};
use crate::wire::{Call, Reply};
use changes::Change;
use errors::Refusal;
use links::Links;
use owners::Owners;
use record::{Kind, Stamp};
use route::{Area, Route};
use rules::Rules;
use settings::Settings;
use source::{Source, WriterId, Writers};
use table::Table;
use write::Manner;

pub(crate) use inside::HumanEdit;
pub(crate) use objects::text;
pub(crate) use values::instant;

/// The app behind the portal's token; history entries of API writes name it.
pub(crate) const APP_ID: u64 = 1001;
/// The file import the portal was filled with before the story begins.
pub(crate) const IMPORT_ID: u64 = 7001;

#[derive(Debug, Clone)]
pub(crate) struct Portal {
    seed: u64,
    tables: Vec<Table>,
    links: Links,
    owners: Owners,
    writers: Writers,
    /// The app behind the call being answered.
    caller: WriterId,
    settings: Settings,
    rules: Vec<Rules>,
    /// Addresses that were deleted on a privacy request.
    blocked: HashSet<Box<str>>,
    /// Contacts the company worker has yet to look at, and when it will.
    waiting: Vec<(Millis, u64)>,
    /// What happened since somebody last asked; none when nobody listens.
    changes: Option<Vec<Change>>,
    next_id: u64,
    pub services: services::Services,
}

impl Portal {
    fn table(&self, kind: Kind) -> &Table {
        &self.tables[kind.place()]
    }

    fn table_mut(&mut self, kind: Kind) -> &mut Table {
        &mut self.tables[kind.place()]
    }

    /// Says whose token the next calls carry; histories of what they write name this app.
    pub(crate) fn called_by(&mut self, app: u64) {
        self.caller = self.writers.id(&Source::app(app));
    }

    /// The stamp of the call being answered.
    fn by_caller(&self, at: Millis) -> Stamp {
        Stamp { at, writer: self.caller }
    }

    /// Answers one call. `changed` on the answer tells whether it must be remembered.
    pub(crate) fn answer(&mut self, call: &Call, at: Millis, correlation: &str) -> Reply {
        self.catch_up(at);
        self.dispatch(call, at).unwrap_or_else(|refusal| refusal.reply(correlation))
    }

    fn dispatch(&mut self, call: &Call, at: Millis) -> Result<Reply, Refusal> {
        if let Some(problem) = &call.body_problem {
            return Err(Refusal::bad_json(problem));
        }
        if let Some(answer) = self.serve(call, at) {
            return answer;
        }
        let segments = call.segments();
        let route = Route::parse(&segments).ok_or_else(Refusal::not_found)?;
        let rest: &[&str] = &route.rest;
        match (route.area, rest) {
            (Area::Objects, [kind, tail @ ..]) => {
                let kind = object(kind)?;
                self.objects(&call.method, kind, tail, call, route.dated, at)
            }
            (Area::Associations, [from, to, tail @ ..]) => {
                let (from, to) = (object(from)?, object(to)?);
                self.associations_batch(&call.method, from, to, tail, call, route.by_date, at)
            }
            (Area::Validations, [kind, tail @ ..]) => {
                let kind = object(kind)?;
                self.validation_calls(&call.method, kind, tail, call)
            }
            (Area::Properties, [kind, tail @ ..]) => {
                let kind = object(kind)?;
                self.properties(&call.method, kind, tail, call, at)
            }
            (Area::Owners, []) if call.method == Method::GET => self.owners.page(call),
            (Area::Owners, [id]) if call.method == Method::GET => self.owners.one(call, id),
            (Area::Owners, _) => Err(Refusal::wrong_method()),
            _ => Err(Refusal::not_found()),
        }
    }

    fn objects(
        &mut self,
        method: &Method,
        kind: Kind,
        tail: &[&str],
        call: &Call,
        dated: bool,
        at: Millis,
    ) -> Result<Reply, Refusal> {
        let manner = Manner::api(dated, at);
        match (method.as_str(), tail) {
            ("GET", []) => self.list(kind, call),
            ("POST", []) => self.create_one(kind, call, manner),
            ("POST", ["search"]) => self.search(kind, &call.body, at),
            ("POST", ["merge"]) => self.merge_call(kind, &call.body, self.by_caller(at)),
            ("POST", ["gdpr-delete"]) => self.gdpr_call(kind, &call.body, at),
            ("POST", ["batch", "read"]) => self.batch_read(kind, call, at),
            ("POST", ["batch", "archive"]) => self.batch_archive(kind, &call.body, at),
            ("POST", ["batch", verb @ ("create" | "update" | "upsert")]) => {
                self.batch_write(kind, verb, &call.body, manner)
            }
            ("GET", [id]) => self.read_one(kind, id, call),
            ("PATCH", [id]) => self.update_one(kind, id, call, manner),
            ("DELETE", [id]) => self.archive_one(kind, id, at),
            (_, [id, "associations", tail @ ..]) => self.associations_of(method, kind, id, tail, call, at),
            (_, [] | [_] | ["batch", _]) => Err(Refusal::wrong_method()),
            _ => Err(Refusal::not_found()),
        }
    }
}

fn object(text: &str) -> Result<Kind, Refusal> {
    Kind::parse(text).ok_or_else(|| Refusal::invalid(format!("Unable to infer object type from: {text}")))
}

/// The frame around every batch-like answer.
fn action(at: Millis, results: Vec<serde_json::Value>) -> serde_json::Value {
    json!({"status": "COMPLETE", "startedAt": iso(at), "completedAt": iso(at), "results": results})
}
