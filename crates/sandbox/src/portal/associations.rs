//! Association calls between any two kinds: defaults, labels, batches and reads.

use axum::http::Method;
use serde_json::{Value, json};

use super::errors::Refusal;
use super::labels::{label, label_of};
use super::link_types::{self, Label};
use super::links::{Joining, Ref};
use super::objects::text;
use super::record::Kind;
use super::{Portal, action};
use crate::clock::Millis;
use crate::wire::{Call, Reply};

const READ_MAX: usize = 1_000;
const WRITE_MAX: usize = 2_000;
const PAGE_MAX: usize = 500;

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
        let stamp = self.by_caller(at);
        match (method.as_str(), tail) {
            ("GET", [to]) => {
                let to = possible(from, to)?;
                let id = self.existing(from, Some(id.to_owned()))?;
                self.association_page((from, id), to, call)
            }
            ("PUT", ["default", to, to_id]) => {
                let to = possible(from, to)?;
                let (one, other) = self.both((from, Some(id.to_owned())), (to, Some((*to_id).to_owned())))?;
                let changed = self.associate(one, other, Joining::Plain, stamp);
                let answer = action(at, both_directions(one, other));
                Ok(mark(Reply::json(200, answer), changed))
            }
            ("PUT", [to, to_id]) => {
                let to = possible(from, to)?;
                let (one, other) = self.both((from, Some(id.to_owned())), (to, Some((*to_id).to_owned())))?;
                let labels = self.wanted_labels(from, to, &call.body)?;
                let changed = self.associate(one, other, Joining::Replace(&labels), stamp);
                Ok(mark(Reply::json(201, self.labelled(one, other)), changed))
            }
            ("DELETE", [to, to_id]) => {
                let to = possible(from, to)?;
                let changed = match (id.parse(), to_id.parse()) {
                    (Ok(from_id), Ok(to_id)) => self.dissociate((from, from_id), (to, to_id), stamp),
                    _ => false,
                };
                Ok(mark(Reply::empty(204), changed))
            }
            (_, [_] | [_, _] | ["default", _, _]) => Err(Refusal::wrong_method()),
            _ => Err(Refusal::not_found()),
        }
    }

    /// `/crm/associations/{version}/{from}/{to}/…`
    #[expect(clippy::too_many_arguments, reason = "the parts of one path, used once")]
    pub(crate) fn associations_batch(
        &mut self,
        method: &Method,
        from: Kind,
        to: Kind,
        tail: &[&str],
        call: &Call,
        dated: bool,
        at: Millis,
    ) -> Result<Reply, Refusal> {
        possible(from, to.plural())?;
        match (method.as_str(), tail) {
            (_, ["labels", rest @ ..]) => self.label_calls(method, (from, to), rest, &call.body),
            ("POST", ["batch", rest @ ..]) => {
                let inputs = inputs(&call.body, if rest == ["read"] { READ_MAX } else { WRITE_MAX })?;
                match rest {
                    ["read"] => Ok(self.associations_read(from, to, inputs, at)),
                    ["create"] => self.associations_write(from, to, inputs, true, at),
                    ["associate", "default"] => self.associations_write(from, to, inputs, false, at),
                    ["archive"] => Ok(self.associations_archive(from, to, inputs, dated, at)),
                    ["labels", "archive"] => self.labels_archive(from, to, inputs, dated, at),
                    _ => Err(Refusal::not_found()),
                }
            }
            (_, ["batch", ..]) => Err(Refusal::wrong_method()),
            _ => Err(Refusal::not_found()),
        }
    }

    fn existing(&self, kind: Kind, id: Option<String>) -> Result<u64, Refusal> {
        let id = id.unwrap_or_default();
        self.table(kind).resolve_merged(&id, None).ok().flatten().ok_or_else(|| {
            let mut refusal =
                Refusal::new(404, "OBJECT_NOT_FOUND", format!("No {} with ID {id} exists", kind.singular()));
            refusal.context.push(("id", vec![id]));
            refusal
        })
    }

    fn both(&self, from: (Kind, Option<String>), to: (Kind, Option<String>)) -> Result<(Ref, Ref), Refusal> {
        Ok(((from.0, self.existing(from.0, from.1)?), (to.0, self.existing(to.0, to.1)?)))
    }

    /// The labels a body asks for, checked against what the two kinds allow.
    fn wanted_labels(&self, from: Kind, to: Kind, types: &Value) -> Result<Vec<Label>, Refusal> {
        let types = types.as_array().map(Vec::as_slice).unwrap_or_default();
        let labels: Option<Vec<Label>> = types.iter().map(label).collect();
        labels
            .filter(|labels| !labels.is_empty() && labels.iter().all(|label| self.links.allows(from, to, *label)))
            .ok_or_else(|| {
                Refusal::invalid(format!(
                    "One or more association types are invalid for {} to {}",
                    from.type_id(),
                    to.type_id()
                ))
            })
    }

    /// The far end of a pair, with its types: named labels first, then the unlabelled one.
    fn end(&self, from: Ref, to: Ref) -> Value {
        let labels = self.links.labels(from, to).unwrap_or_default();
        let mut types: Vec<Value> =
            labels.iter().map(|label| label_of(*label, self.label_text(from.0, to.0, *label).as_deref())).collect();
        types.extend(link_types::unlabelled(from.0, to.0).map(|id| label_of(Label::own(id), None)));
        json!({"toObjectId": to.1, "associationTypes": types})
    }

    fn association_page(&self, from: Ref, to: Kind, call: &Call) -> Result<Reply, Refusal> {
        let limit = call
            .filled("limit")
            .map_or(Some(PAGE_MAX), |text| text.parse().ok())
            .filter(|limit| (1..=PAGE_MAX).contains(limit))
            .ok_or_else(|| Refusal::invalid("limit must be between 1 and 500"))?;
        let after = call.filled("after").and_then(|text| text.parse().ok()).unwrap_or(0);
        let (ends, next) = self.ends_page(from, to, after, limit);
        let mut body = json!({"results": ends});
        if let Some(next) = next {
            body["paging"] = json!({"next": {"after": next.to_string()}});
        }
        Ok(Reply::json(200, body))
    }

    /// Up to `limit` ends after an id, and the cursor when there are more.
    fn ends_page(&self, from: Ref, to: Kind, after: u64, limit: usize) -> (Vec<Value>, Option<u64>) {
        let mut ends = self.links.of(from, to).filter(|id| *id > after);
        let page: Vec<u64> = ends.by_ref().take(limit).collect();
        let next = ends.next().and(page.last().copied());
        (page.into_iter().map(|id| self.end(from, (to, id))).collect(), next)
    }

    fn associations_read(&self, from: Kind, to: Kind, inputs: &[Value], at: Millis) -> Reply {
        let mut results = Vec::new();
        let mut errors = Vec::new();
        for input in inputs {
            let id = text(&input["id"]).unwrap_or_default();
            let after = text(&input["after"]).and_then(|text| text.parse().ok()).unwrap_or(0);
            let (ends, next) = match id.parse() {
                Ok(number) => self.ends_page((from, number), to, after, PAGE_MAX),
                Err(_) => (Vec::new(), None),
            };
            if ends.is_empty() {
                let mut refusal = Refusal::new(
                    404,
                    "OBJECT_NOT_FOUND",
                    format!("No {} is associated with {} {id}.", to.singular(), from.singular()),
                );
                refusal.sub_category = Some("crm.associations.NO_ASSOCIATIONS_FOUND");
                refusal.context.push(("fromObjectId", vec![id]));
                refusal.context.push(("fromObjectType", vec![from.singular().to_owned()]));
                errors.push(refusal.element(&[]));
                continue;
            }
            let mut result = json!({"from": {"id": id}, "to": ends});
            if let Some(next) = next {
                result["paging"] = json!({"next": {"after": next.to_string()}});
            }
            results.push(result);
        }
        partial(200, at, results, errors)
    }

    fn associations_write(
        &mut self,
        from: Kind,
        to: Kind,
        inputs: &[Value],
        with_labels: bool,
        at: Millis,
    ) -> Result<Reply, Refusal> {
        let stamp = self.by_caller(at);
        let mut results = Vec::new();
        let mut errors = Vec::new();
        let mut changed = false;
        for input in inputs {
            let pair = self.both((from, text(&input["from"]["id"])), (to, text(&input["to"]["id"])));
            let (one, other) = match pair {
                Ok(both) => both,
                Err(refusal) => {
                    errors.push(refusal.element(&[]));
                    continue;
                }
            };
            if with_labels {
                let labels = self.wanted_labels(from, to, &input["types"])?;
                changed |= self.associate(one, other, Joining::Add(&labels), stamp);
                results.push(self.labelled(one, other));
            } else {
                changed |= self.associate(one, other, Joining::Plain, stamp);
                results.extend(both_directions(one, other));
            }
        }
        let reply = partial(if with_labels { 201 } else { 200 }, at, results, errors);
        // The plain association knows no 207: what could not be joined stands beside the results of a 200.
        let reply = if with_labels { reply } else { Reply { status: 200, ..reply } };
        Ok(mark(reply, changed))
    }

    fn associations_archive(&mut self, from: Kind, to: Kind, inputs: &[Value], dated: bool, at: Millis) -> Reply {
        let stamp = self.by_caller(at);
        let mut changed = false;
        for input in inputs {
            let from_id = text(&input["from"]["id"]).and_then(|id| id.parse().ok());
            for end in input["to"].as_array().into_iter().flatten() {
                let to_id = text(&end["id"]).and_then(|id| id.parse().ok());
                if let (Some(from_id), Some(to_id)) = (from_id, to_id) {
                    changed |= self.dissociate((from, from_id), (to, to_id), stamp);
                }
            }
        }
        mark(taken_off(dated, at), changed)
    }

    fn labels_archive(
        &mut self,
        from: Kind,
        to: Kind,
        inputs: &[Value],
        dated: bool,
        at: Millis,
    ) -> Result<Reply, Refusal> {
        let stamp = self.by_caller(at);
        let mut changed = false;
        for input in inputs {
            let id = |key: &str| text(&input[key]["id"]).and_then(|id| id.parse().ok());
            let (Some(from_id), Some(to_id)) = (id("from"), id("to")) else {
                continue;
            };
            let labels = self.wanted_labels(from, to, &input["types"])?;
            changed |= self.strip((from, from_id), (to, to_id), &labels, stamp);
        }
        Ok(mark(taken_off(dated, at), changed))
    }

    fn labelled(&self, from: Ref, to: Ref) -> Value {
        let labels: Vec<String> = self
            .links
            .labels(from, to)
            .unwrap_or_default()
            .iter()
            .filter_map(|label| self.label_text(from.0, to.0, *label))
            .collect();
        json!({
            "fromObjectTypeId": from.0.type_id(), "fromObjectId": from.1.to_string(),
            "toObjectTypeId": to.0.type_id(), "toObjectId": to.1.to_string(), "labels": labels,
        })
    }
}

/// The dated specs answer removals with 200 and a frame, the older ones with 204.
fn taken_off(dated: bool, at: Millis) -> Reply {
    if dated { Reply::json(200, action(at, Vec::new())) } else { Reply::empty(204) }
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

/// The other kind, when the two can be associated at all.
fn possible(from: Kind, to: &str) -> Result<Kind, Refusal> {
    match Kind::parse(to) {
        Some(to) if link_types::unlabelled(from, to).is_some() => Ok(to),
        Some(to) => {
            Err(Refusal::invalid(format!("No default association exists between {} and {}", from.upper(), to.upper())))
        }
        None => Err(Refusal::invalid(format!("Unable to infer object type from: {to}"))),
    }
}

fn both_directions(from: Ref, to: Ref) -> Vec<Value> {
    let one = |from: Ref, to: Ref| {
        json!({
            "from": {"id": from.1.to_string()}, "to": {"id": to.1.to_string()},
            "associationSpec": {
                "associationCategory": "HUBSPOT_DEFINED",
                "associationTypeId": link_types::unlabelled(from.0, to.0),
            },
        })
    };
    vec![one(from, to), one(to, from)]
}
