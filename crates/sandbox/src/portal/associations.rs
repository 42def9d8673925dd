//! Association calls between contacts and companies: defaults, labels, batches and reads.

use axum::http::Method;
use serde_json::{Value, json};

use super::errors::Refusal;
use super::objects::text;
use super::record::{Kind, Source, Stamp};
use super::{Portal, action};
use crate::clock::Millis;
use crate::wire::{Call, Reply};

const READ_MAX: usize = 1_000;
const WRITE_MAX: usize = 2_000;
const PAGE_MAX: usize = 500;

/// The unlabelled type, and the primary one, of a direction.
fn type_ids(from: Kind) -> (u64, u64) {
    match from {
        Kind::Contact => (279, 1),
        Kind::Company => (280, 2),
    }
}

fn other(kind: Kind) -> Kind {
    match kind {
        Kind::Contact => Kind::Company,
        Kind::Company => Kind::Contact,
    }
}

/// Orders a pair as (contact, company).
fn pair(from: Kind, from_id: u64, to_id: u64) -> (u64, u64) {
    match from {
        Kind::Contact => (from_id, to_id),
        Kind::Company => (to_id, from_id),
    }
}

impl Portal {
    /// `…/objects/{version}/{from}/{id}/associations/…`
    pub(crate) fn associations_of(
        &mut self,
        method: &Method,
        from: Kind,
        id: &str,
        tail: &[&str],
        call: &Call,
        at: Millis,
    ) -> Result<Reply, Refusal> {
        let stamp = Stamp { at, source: Source::Integration(self.caller) };
        match (method.as_str(), tail) {
            ("GET", [to]) => {
                possible(from, to)?;
                let id = self.existing(from, Some(id.to_owned()))?;
                self.association_page(from, id, call)
            }
            ("PUT", ["default", to, to_id]) => {
                possible(from, to)?;
                let (from_id, to_id) = self.both(from, Some(id.to_owned()), Some((*to_id).to_owned()))?;
                let (contact, company) = pair(from, from_id, to_id);
                let changed = self.associate(contact, company, false, stamp);
                let answer = action(at, both_directions(from, from_id, to_id));
                Ok(mark(Reply::json(200, answer), changed))
            }
            ("PUT", [to, to_id]) => {
                possible(from, to)?;
                let (from_id, to_id) = self.both(from, Some(id.to_owned()), Some((*to_id).to_owned()))?;
                let primary = wants_primary(from, &call.body)?;
                let (contact, company) = pair(from, from_id, to_id);
                let changed = self.associate(contact, company, primary, stamp);
                Ok(mark(Reply::json(201, labelled(from, from_id, to_id)), changed))
            }
            ("DELETE", [to, to_id]) => {
                possible(from, to)?;
                let changed = match (id.parse(), to_id.parse()) {
                    (Ok(from_id), Ok(to_id)) => {
                        let (contact, company) = pair(from, from_id, to_id);
                        self.dissociate(contact, company, stamp)
                    }
                    _ => false,
                };
                Ok(mark(Reply::empty(204), changed))
            }
            _ => Err(Refusal::not_found()),
        }
    }

    /// `/crm/associations/{version}/{from}/{to}/…`
    pub(crate) fn associations_batch(
        &mut self,
        method: &Method,
        from: Kind,
        to: Kind,
        tail: &[&str],
        call: &Call,
        at: Millis,
    ) -> Result<Reply, Refusal> {
        possible(from, to.plural())?;
        match (method.as_str(), tail) {
            ("GET", ["labels"]) => Ok(labels(from)),
            ("POST", ["batch", verb]) => {
                let inputs = inputs(&call.body, if *verb == "read" { READ_MAX } else { WRITE_MAX })?;
                match *verb {
                    "read" => Ok(self.associations_read(from, inputs, at)),
                    "create" => self.associations_write(from, inputs, true, at),
                    "archive" => Ok(self.associations_archive(from, inputs, at)),
                    _ => Err(Refusal::not_found()),
                }
            }
            ("POST", ["batch", "associate", "default"]) => {
                self.associations_write(from, inputs(&call.body, WRITE_MAX)?, false, at)
            }
            _ => Err(Refusal::not_found()),
        }
    }

    fn existing(&self, kind: Kind, id: Option<String>) -> Result<u64, Refusal> {
        let id = id.unwrap_or_default();
        id.parse().ok().filter(|id| self.table(kind).live(*id).is_some()).ok_or_else(|| {
            let mut refusal =
                Refusal::new(404, "OBJECT_NOT_FOUND", format!("No {} with ID {id} exists", kind.singular()));
            refusal.context.push(("id", vec![id]));
            refusal
        })
    }

    fn both(&self, from: Kind, from_id: Option<String>, to_id: Option<String>) -> Result<(u64, u64), Refusal> {
        Ok((self.existing(from, from_id)?, self.existing(other(from), to_id)?))
    }

    /// Every record associated with `id`, with its labels.
    fn ends(&self, from: Kind, id: u64) -> Vec<(u64, Value)> {
        let (unlabelled, primary) = type_ids(from);
        let plain = json!({"category": "HUBSPOT_DEFINED", "typeId": unlabelled, "label": null});
        let end = |to: u64, is_primary: bool| {
            let mut types = vec![plain.clone()];
            if is_primary {
                types.insert(0, json!({"category": "HUBSPOT_DEFINED", "typeId": primary, "label": "Primary"}));
            }
            (to, json!({"toObjectId": to, "associationTypes": types}))
        };
        match from {
            Kind::Contact => {
                let primary = self.links.primary_of(id);
                let mut companies = self.links.companies_of(id).to_vec();
                companies.sort_unstable();
                companies.into_iter().map(|company| end(company, primary == Some(company))).collect()
            }
            Kind::Company => self
                .links
                .contacts_of(id)
                .map(|contact| end(contact, self.links.primary_of(contact) == Some(id)))
                .collect(),
        }
    }

    fn association_page(&self, from: Kind, id: u64, call: &Call) -> Result<Reply, Refusal> {
        let limit = call
            .filled("limit")
            .map_or(Some(PAGE_MAX), |text| text.parse().ok())
            .filter(|limit| (1..=PAGE_MAX).contains(limit))
            .ok_or_else(|| Refusal::invalid("limit must be between 1 and 500"))?;
        let after: u64 = call.filled("after").and_then(|text| text.parse().ok()).unwrap_or(0);
        let mut ends = self.ends(from, id).into_iter().filter(|(to, _)| *to > after);
        let page: Vec<(u64, Value)> = ends.by_ref().take(limit).collect();
        let last = page.last().map(|(to, _)| *to);
        let mut body = json!({"results": page.into_iter().map(|(_, end)| end).collect::<Vec<_>>()});
        if let (Some(last), Some(_)) = (last, ends.next()) {
            body["paging"] = json!({"next": {"after": last.to_string()}});
        }
        Ok(Reply::json(200, body))
    }

    fn associations_read(&self, from: Kind, inputs: &[Value], at: Millis) -> Reply {
        let mut results = Vec::new();
        let mut errors = Vec::new();
        for input in inputs {
            let id = text(&input["id"]).unwrap_or_default();
            let ends = match id.parse() {
                Ok(number) => self.ends(from, number),
                Err(_) => Vec::new(),
            };
            if ends.is_empty() {
                let mut refusal = Refusal::new(
                    404,
                    "OBJECT_NOT_FOUND",
                    format!("No {} is associated with {} {id}.", other(from).singular(), from.singular()),
                );
                refusal.sub_category = Some("crm.associations.NO_ASSOCIATIONS_FOUND");
                refusal.context.push(("fromObjectId", vec![id]));
                refusal.context.push(("fromObjectType", vec![from.singular().to_owned()]));
                errors.push(refusal.element(&[]));
            } else {
                let to: Vec<Value> = ends.into_iter().map(|(_, end)| end).collect();
                results.push(json!({"from": {"id": id}, "to": to}));
            }
        }
        partial(200, at, results, errors)
    }

    fn associations_write(
        &mut self,
        from: Kind,
        inputs: &[Value],
        with_labels: bool,
        at: Millis,
    ) -> Result<Reply, Refusal> {
        let stamp = Stamp { at, source: Source::Integration(self.caller) };
        let mut results = Vec::new();
        let mut errors = Vec::new();
        let mut changed = false;
        for input in inputs {
            let (from_id, to_id) = match self.both(from, text(&input["from"]["id"]), text(&input["to"]["id"])) {
                Ok(both) => both,
                Err(refusal) => {
                    errors.push(refusal.element(&[]));
                    continue;
                }
            };
            let primary = with_labels && wants_primary(from, &input["types"])?;
            let (contact, company) = pair(from, from_id, to_id);
            changed |= self.associate(contact, company, primary, stamp);
            if with_labels {
                results.push(labelled(from, from_id, to_id));
            } else {
                results.extend(both_directions(from, from_id, to_id));
            }
        }
        let status = if with_labels { 201 } else { 200 };
        Ok(mark(partial(status, at, results, errors), changed))
    }

    fn associations_archive(&mut self, from: Kind, inputs: &[Value], at: Millis) -> Reply {
        let stamp = Stamp { at, source: Source::Integration(self.caller) };
        let mut changed = false;
        for input in inputs {
            let from_id = text(&input["from"]["id"]).and_then(|id| id.parse().ok());
            for to in input["to"].as_array().into_iter().flatten() {
                let to_id = text(&to["id"]).and_then(|id| id.parse().ok());
                if let (Some(from_id), Some(to_id)) = (from_id, to_id) {
                    let (contact, company) = pair(from, from_id, to_id);
                    changed |= self.dissociate(contact, company, stamp);
                }
            }
        }
        mark(Reply::empty(204), changed)
    }
}

fn mark(reply: Reply, changed: bool) -> Reply {
    if changed { reply.changed() } else { reply }
}

fn partial(status: u16, at: Millis, results: Vec<Value>, errors: Vec<Value>) -> Reply {
    let mut answer = action(at, results);
    if errors.is_empty() {
        return Reply::json(status, answer);
    }
    answer["numErrors"] = json!(errors.len());
    answer["errors"] = Value::Array(errors);
    Reply::json(207, answer)
}

fn inputs(body: &Value, max: usize) -> Result<&[Value], Refusal> {
    let list = body["inputs"].as_array().ok_or_else(|| Refusal::bad_json("inputs is missing or not a list"))?;
    if list.len() > max {
        return Err(Refusal::too_many(max));
    }
    Ok(list)
}

fn possible(from: Kind, to: &str) -> Result<(), Refusal> {
    match Kind::parse(to) {
        Some(to) if to == other(from) => Ok(()),
        Some(to) => {
            Err(Refusal::invalid(format!("No default association exists between {} and {}", from.upper(), to.upper())))
        }
        None => Err(Refusal::invalid(format!("Unable to infer object type from: {to}"))),
    }
}

fn wants_primary(from: Kind, types: &Value) -> Result<bool, Refusal> {
    let (unlabelled, primary) = type_ids(from);
    let ids: Vec<u64> =
        types.as_array().into_iter().flatten().filter_map(|one| one["associationTypeId"].as_u64()).collect();
    if ids.is_empty() || ids.iter().any(|id| *id != unlabelled && *id != primary) {
        return Err(Refusal::invalid(format!(
            "One or more association types are invalid for {} to {}",
            from.type_id(),
            other(from).type_id()
        )));
    }
    Ok(ids.contains(&primary))
}

fn both_directions(from: Kind, from_id: u64, to_id: u64) -> Vec<Value> {
    let one = |from: Kind, from_id: u64, to_id: u64| {
        json!({
            "from": {"id": from_id.to_string()}, "to": {"id": to_id.to_string()},
            "associationSpec": {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_ids(from).0},
        })
    };
    vec![one(from, from_id, to_id), one(other(from), to_id, from_id)]
}

fn labelled(from: Kind, from_id: u64, to_id: u64) -> Value {
    json!({
        "fromObjectTypeId": from.type_id(), "fromObjectId": from_id.to_string(),
        "toObjectTypeId": other(from).type_id(), "toObjectId": to_id.to_string(), "labels": [],
    })
}

fn labels(from: Kind) -> Reply {
    let (unlabelled, primary) = type_ids(from);
    Reply::json(
        200,
        json!({"results": [
            {"category": "HUBSPOT_DEFINED", "typeId": unlabelled, "label": null},
            {"category": "HUBSPOT_DEFINED", "typeId": primary, "label": "Primary"},
        ]}),
    )
}
