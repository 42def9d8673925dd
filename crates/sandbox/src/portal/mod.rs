//! The HubSpot-compatible portal: its tables, and which call goes where.

mod associations;
mod batch;
pub(crate) mod errors;
mod links;
mod objects;
mod owners;
mod properties;
pub(crate) mod record;
mod render;
mod route;
mod schema;
mod search;
mod seed;
pub(crate) mod services;
mod table;
mod values;
mod write;

use axum::http::Method;
use serde_json::json;

use crate::clock::{Millis, iso};
use crate::wire::{Call, Reply};
use errors::Refusal;
use links::Links;
use owners::Owners;
use record::Kind;
use route::{Area, Route};
use table::Table;

pub(crate) use objects::text;
pub(crate) use values::instant;
pub(crate) use write::HumanEdit;

/// The app behind the portal's token; history entries of API writes name it.
pub(crate) const APP_ID: &str = "1001";
/// The file import the portal was filled with before the story begins.
pub(crate) const IMPORT_ID: u64 = 7001;

#[derive(Debug)]
pub(crate) struct Portal {
    seed: u64,
    contacts: Table,
    companies: Table,
    links: Links,
    owners: Owners,
    next_id: u64,
    /// The app behind the call being answered.
    caller: u32,
    /// What happened since somebody last asked; none when nobody listens.
    changes: Option<Vec<services::adapter::Change>>,
    pub services: services::Services,
}

impl Portal {
    fn table(&self, kind: Kind) -> &Table {
        match kind {
            Kind::Contact => &self.contacts,
            Kind::Company => &self.companies,
        }
    }

    fn table_mut(&mut self, kind: Kind) -> &mut Table {
        match kind {
            Kind::Contact => &mut self.contacts,
            Kind::Company => &mut self.companies,
        }
    }

    /// Answers one call. `changed` on the answer tells whether it must be remembered.
    pub(crate) fn answer(&mut self, call: &Call, at: Millis, correlation: &str) -> Reply {
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
                self.associations_batch(&call.method, from, to, tail, call, at)
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
        let lenient_dates = dated;
        match (method.as_str(), tail) {
            ("GET", []) => self.list(kind, call),
            ("POST", []) => self.create_one(kind, call, lenient_dates, at),
            ("POST", ["search"]) => self.search(kind, &call.body, at),
            ("POST", ["batch", "read"]) => self.batch_read(kind, call, at),
            ("POST", ["batch", "archive"]) => self.batch_archive(kind, &call.body, at),
            ("POST", ["batch", verb @ ("create" | "update" | "upsert")]) => {
                self.batch_write(kind, verb, &call.body, lenient_dates, at)
            }
            ("GET", [id]) => self.read_one(kind, id, call),
            ("PATCH", [id]) => self.update_one(kind, id, call, lenient_dates, at),
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
