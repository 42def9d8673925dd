//! Pipelines and their stages: the default ones of deals and tickets, and what clients add.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::Portal;
use super::super::errors::Refusal;
use crate::clock::{Millis, iso};
use crate::wire::{Call, Reply};

#[derive(Debug, Clone)]
struct Stage {
    id: String,
    label: String,
    order: i64,
    metadata: Map<String, Value>,
    archived: bool,
    created: Millis,
    updated: Millis,
}

#[derive(Debug, Clone)]
struct Pipeline {
    id: String,
    label: String,
    order: i64,
    stages: Vec<Stage>,
    created: Millis,
    updated: Millis,
}

#[derive(Debug, Clone)]
pub(crate) struct Pipelines {
    by_object: BTreeMap<String, Vec<Pipeline>>,
    next: u64,
}

/// Deals: internal value, label, probability.
const DEAL_STAGES: &[(&str, &str, &str)] = &[
    ("appointmentscheduled", "Appointment Scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"),
    ("closedwon", "Closed Won", "1.0"),
    ("closedlost", "Closed Lost", "0.0"),
];

impl Stage {
    fn json(&self) -> Value {
        json!({
            "id": self.id, "label": self.label, "displayOrder": self.order, "metadata": self.metadata,
            "archived": self.archived, "createdAt": iso(self.created), "updatedAt": iso(self.updated),
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        })
    }

    fn read(body: &Value, id: String, at: Millis) -> Result<Stage, Refusal> {
        let metadata = body["metadata"].as_object().cloned().unwrap_or_default();
        if metadata.values().any(|value| !value.is_string()) {
            return Err(Refusal::invalid("metadata values must be strings"));
        }
        Ok(Stage {
            id,
            label: label(body)?,
            order: body["displayOrder"].as_i64().unwrap_or(0),
            metadata,
            archived: false,
            created: at,
            updated: at,
        })
    }
}

impl Pipeline {
    fn json(&self) -> Value {
        json!({
            "id": self.id, "label": self.label, "displayOrder": self.order, "archived": false,
            "createdAt": iso(self.created), "updatedAt": iso(self.updated),
            "stages": self.stages.iter().map(Stage::json).collect::<Vec<_>>(),
        })
    }
}

fn label(body: &Value) -> Result<String, Refusal> {
    body["label"]
        .as_str()
        .filter(|label| !label.is_empty())
        .map(str::to_owned)
        .ok_or_else(|| Refusal::invalid("label is required"))
}

fn plural(object: &str) -> String {
    match object {
        "deal" | "0-3" => "deals".to_owned(),
        "ticket" | "0-5" => "tickets".to_owned(),
        "lead" | "0-136" => "leads".to_owned(),
        other => other.to_owned(),
    }
}

impl Pipelines {
    pub(crate) fn seeded(at: Millis) -> Pipelines {
        let stage = |order: usize, id: &str, label: &str, metadata: Value| Stage {
            id: id.to_owned(),
            label: label.to_owned(),
            order: order as i64,
            metadata: metadata.as_object().cloned().unwrap_or_default(),
            archived: false,
            created: at,
            updated: at,
        };
        let deals = DEAL_STAGES
            .iter()
            .enumerate()
            .map(|(order, (id, label, share))| {
                let closed = id.starts_with("closed").to_string();
                stage(order, id, label, json!({"isClosed": closed, "probability": share}))
            })
            .collect();
        let tickets = ["New", "Waiting on contact", "Waiting on us", "Closed"]
            .iter()
            .enumerate()
            .map(|(order, label)| {
                let state = if *label == "Closed" { "CLOSED" } else { "OPEN" };
                stage(order, &(order + 1).to_string(), label, json!({"ticketState": state}))
            })
            .collect();
        let pipeline = |id: &str, label: &str, stages| Pipeline {
            id: id.to_owned(),
            label: label.to_owned(),
            order: 0,
            stages,
            created: at,
            updated: at,
        };
        Pipelines {
            by_object: BTreeMap::from([
                ("deals".to_owned(), vec![pipeline("default", "Sales Pipeline", deals)]),
                ("tickets".to_owned(), vec![pipeline("0", "Support Pipeline", tickets)]),
            ]),
            next: 900_001,
        }
    }

    pub(crate) fn count(&self, object: &str) -> u64 {
        self.by_object.get(object).map_or(0, |list| list.len() as u64)
    }

    fn fresh(&mut self) -> String {
        self.next += 1;
        self.next.to_string()
    }
}

impl Portal {
    /// Everything below `/crm/pipelines/{version}`.
    pub(crate) fn pipelines(&mut self, call: &Call, rest: &[&str], at: Millis) -> Result<Reply, Refusal> {
        let [object, tail @ ..] = rest else {
            return Err(Refusal::not_found());
        };
        let object = plural(object);
        if !matches!(object.as_str(), "deals" | "tickets" | "leads" | "orders" | "contacts" | "companies") {
            return Err(Refusal::invalid(format!("Unable to infer object type from: {object}")));
        }
        let all = &mut self.services.pipelines;
        if !all.by_object.contains_key(&object) {
            all.by_object.insert(object.clone(), Vec::new());
        }
        match (call.method.as_str(), tail) {
            ("GET", []) => {
                let list: Vec<Value> = all.by_object[&object].iter().map(Pipeline::json).collect();
                Ok(Reply::json(200, json!({"results": list})))
            }
            ("POST", []) => {
                let id = call.body["pipelineId"].as_str().map_or_else(|| all.fresh(), str::to_owned);
                let taken = |one: &Pipeline| one.id == id;
                if all.by_object[&object].iter().any(taken) {
                    return Err(Refusal::new(409, "CONFLICT", format!("There is a pipeline {id} already")));
                }
                let stages = read_stages(all, &call.body, at)?;
                let order = call.body["displayOrder"].as_i64().unwrap_or(0);
                let pipeline = Pipeline { id, label: label(&call.body)?, order, stages, created: at, updated: at };
                let shown = pipeline.json();
                all.by_object.entry(object).or_default().push(pipeline);
                Ok(Reply::json(201, shown).changed())
            }
            (_, []) => Err(Refusal::wrong_method()),
            (method, [id, tail @ ..]) => {
                if method == "PUT" && tail.is_empty() {
                    let stages = read_stages(all, &call.body, at)?;
                    let pipeline = find(all, &object, id)?;
                    pipeline.label = label(&call.body)?;
                    pipeline.order = call.body["displayOrder"].as_i64().unwrap_or(0);
                    pipeline.stages = stages;
                    pipeline.updated = at;
                    return Ok(Reply::json(200, pipeline.json()).changed());
                }
                if method == "DELETE" && tail.is_empty() {
                    find(all, &object, id)?;
                    all.by_object.entry(object).or_default().retain(|one| one.id != *id);
                    return Ok(Reply::empty(204).changed());
                }
                let fresh = all.fresh();
                one_pipeline(find(all, &object, id)?, call, tail, fresh, at)
            }
        }
    }
}

fn find<'a>(all: &'a mut Pipelines, object: &str, id: &str) -> Result<&'a mut Pipeline, Refusal> {
    all.by_object
        .get_mut(object)
        .and_then(|list| list.iter_mut().find(|one| one.id == id))
        .ok_or_else(Refusal::not_found)
}

fn read_stages(all: &mut Pipelines, body: &Value, at: Millis) -> Result<Vec<Stage>, Refusal> {
    let list = body["stages"].as_array().ok_or_else(|| Refusal::invalid("stages is required"))?;
    list.iter()
        .map(|stage| {
            let id = stage["stageId"].as_str().map_or_else(|| all.fresh(), str::to_owned);
            Stage::read(stage, id, at)
        })
        .collect()
}

fn one_pipeline(
    pipeline: &mut Pipeline,
    call: &Call,
    tail: &[&str],
    fresh: String,
    at: Millis,
) -> Result<Reply, Refusal> {
    let body = &call.body;
    match (call.method.as_str(), tail) {
        ("GET", []) => Ok(Reply::json(200, pipeline.json())),
        ("PATCH", []) => {
            if !body["label"].is_null() {
                pipeline.label = label(body)?;
            }
            pipeline.order = body["displayOrder"].as_i64().unwrap_or(pipeline.order);
            pipeline.updated = at;
            Ok(Reply::json(200, pipeline.json()).changed())
        }
        ("GET", ["audit"] | ["stages", _, "audit"]) => Ok(Reply::json(200, json!({"results": []}))),
        ("GET", ["stages"]) => {
            let list: Vec<Value> = pipeline.stages.iter().map(Stage::json).collect();
            Ok(Reply::json(200, json!({"results": list})))
        }
        ("POST", ["stages"]) => {
            let stage = Stage::read(body, body["stageId"].as_str().map_or(fresh, str::to_owned), at)?;
            let shown = stage.json();
            pipeline.stages.push(stage);
            Ok(Reply::json(201, shown).changed())
        }
        (method, ["stages", id]) => {
            let place = pipeline.stages.iter().position(|stage| stage.id == *id).ok_or_else(Refusal::not_found)?;
            match method {
                "GET" => return Ok(Reply::json(200, pipeline.stages[place].json())),
                "DELETE" => {
                    pipeline.stages.remove(place);
                    return Ok(Reply::empty(204).changed());
                }
                "PUT" => {
                    let created = pipeline.stages[place].created;
                    pipeline.stages[place] = Stage { created, ..Stage::read(body, (*id).to_owned(), at)? };
                }
                "PATCH" => {
                    let stage = &mut pipeline.stages[place];
                    if !body["label"].is_null() {
                        stage.label = label(body)?;
                    }
                    stage.order = body["displayOrder"].as_i64().unwrap_or(stage.order);
                    if let Some(metadata) = body["metadata"].as_object() {
                        stage.metadata.extend(metadata.clone());
                    }
                    stage.updated = at;
                }
                _ => return Err(Refusal::wrong_method()),
            }
            Ok(Reply::json(200, pipeline.stages[place].json()).changed())
        }
        _ => Err(Refusal::not_found()),
    }
}
