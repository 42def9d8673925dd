//! The batch calls: all or nothing without trace ids, row by row (207) when every row carries its own.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::errors::Refusal;
use super::objects::{PAGE_MAX_WITH_HISTORY, properties_of, text};
use super::record::{Kind, Stamp};
use super::write::{Claims, Draft, Manner};
use super::{Portal, action};
use crate::chance::mix;
use crate::clock::Millis;
use crate::wire::{Call, Reply};

const INPUTS_MAX: usize = 100;

/// One row of a batch write.
struct Row<'a> {
    id: Option<String>,
    id_property: Option<&'a str>,
    body: &'a Value,
    trace: Option<&'a str>,
}

/// Where a row goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Create,
    Update(u64),
    Missing,
    /// An id in the wrong format or of a merged-away record: HubSpot drops the row without a word.
    Nowhere,
}

/// Everything that came of a batch.
#[derive(Default)]
struct Outcome {
    written: Vec<(u64, Value)>,
    refused: Vec<Value>,
    missing_ids: Vec<String>,
    missing_traces: Vec<String>,
}

impl Portal {
    pub(crate) fn batch_read(&self, kind: Kind, call: &Call, at: Millis) -> Result<Reply, Refusal> {
        let body = &call.body;
        let inputs = inputs(body)?;
        let names =
            |key: &str| -> Vec<&str> { body[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect() };
        let wanted = self.wanted(kind, names("properties"), names("propertiesWithHistory"));
        if !wanted.history.is_empty() && inputs.len() > PAGE_MAX_WITH_HISTORY {
            return Err(Refusal::invalid(
                "The maximum number of inputs supported in a batch request for property histories is 50. Please reduce the number of items and try again",
            ));
        }
        if inputs.len() > INPUTS_MAX {
            return Err(Refusal::too_many(INPUTS_MAX));
        }
        let property = body["idProperty"].as_str().filter(|name| !name.is_empty());
        let archived = call.flag("archived");
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut missing = Vec::new();
        for input in inputs {
            let id = text(&input["id"]).ok_or_else(|| Refusal::bad_json("an input has no id"))?;
            let record = if archived {
                id.parse().ok().and_then(|id| self.table(kind).any(id)).filter(|record| record.archived.is_some())
            } else {
                let table = self.table(kind);
                let resolved = if self.settings.batch_read_follows_merges {
                    table.resolve_merged(&id, property)
                } else {
                    table.resolve(&id, property)
                };
                resolved.map_err(|()| not_an_identifier(kind, property))?.and_then(|id| self.table(kind).live(id))
            };
            match record {
                Some(record) if seen.insert(record.id) => {
                    found.push((record.id, Value::Object(self.render(kind, record, &wanted))))
                }
                Some(_) => {}
                None => missing.push(id),
            }
        }
        let mut answer = action(at, self.shuffled(found));
        if missing.is_empty() {
            return Ok(Reply::json(200, answer));
        }
        answer["numErrors"] = json!(1);
        answer["errors"] = json!([Refusal::gone(kind, missing).element(&[])]);
        Ok(Reply::json(207, answer))
    }

    pub(crate) fn batch_archive(&mut self, kind: Kind, body: &Value, at: Millis) -> Result<Reply, Refusal> {
        let inputs = inputs(body)?;
        if inputs.len() > INPUTS_MAX {
            return Err(Refusal::too_many(INPUTS_MAX));
        }
        let stamp = self.by_caller(at);
        let mut changed = false;
        for input in inputs {
            if let Some(id) = text(&input["id"]).and_then(|id| id.parse().ok()) {
                changed |= self.archive(kind, id, stamp);
            }
        }
        let reply = Reply::empty(204);
        Ok(if changed { reply.changed() } else { reply })
    }

    pub(crate) fn batch_write(
        &mut self,
        kind: Kind,
        verb: &str,
        body: &Value,
        manner: Manner,
    ) -> Result<Reply, Refusal> {
        let inputs = inputs(body)?;
        if inputs.len() > INPUTS_MAX {
            return Err(Refusal::too_many(INPUTS_MAX));
        }
        let rows: Vec<Row<'_>> = inputs.iter().map(Row::read).collect();
        if verb != "create" {
            self.check_identifiers(kind, verb, &rows)?;
        }
        let targets = self.targets(kind, verb, &rows)?;
        let traces: HashSet<&str> = rows.iter().filter_map(|row| row.trace).collect();
        let stamp = self.by_caller(manner.at);
        let outcome = if traces.len() == rows.len() {
            self.row_by_row(kind, verb, &rows, &targets, manner, stamp)
        } else {
            self.all_or_nothing(kind, verb, &rows, &targets, manner, stamp)?
        };
        Ok(self.batch_answer(kind, verb, outcome, manner.at))
    }

    /// Only a property that identifies one record may name the rows.
    fn check_identifiers(&self, kind: Kind, verb: &str, rows: &[Row<'_>]) -> Result<(), Refusal> {
        let schema = &self.table(kind).schema;
        let mut seen = HashSet::new();
        let mut doubled = Vec::new();
        for row in rows {
            let id = row.id.as_deref().ok_or_else(|| Refusal::bad_json("an input has no id"))?;
            let property = row.id_property.unwrap_or("hs_object_id");
            let identifies = match property {
                "hs_object_id" => verb == "update" && row.id_property.is_none(),
                // Observed on the live service: batch update refuses e-mail although batch upsert takes it.
                "email" => verb == "upsert" && kind == Kind::Contact,
                name => schema.id(name).is_some_and(|prop| schema.get(prop).unique),
            };
            if !identifies {
                return Err(Refusal::not_unique(kind, property));
            }
            let canonical = if property == "email" { id.trim().to_lowercase() } else { id.to_owned() };
            if !seen.insert((property, canonical)) {
                doubled.push(id.to_owned());
            }
        }
        if doubled.is_empty() { Ok(()) } else { Err(Refusal::duplicate_ids(doubled)) }
    }

    fn targets(&self, kind: Kind, verb: &str, rows: &[Row<'_>]) -> Result<Vec<Target>, Refusal> {
        let mut taken = HashSet::new();
        rows.iter()
            .map(|row| {
                let id = row.id.as_deref().unwrap_or_default();
                let target = match verb {
                    "create" => Target::Create,
                    _ if row.id_property.is_none()
                        && id.parse().map_or(true, |id| self.table(kind).merged_away(id)) =>
                    {
                        Target::Nowhere
                    }
                    _ => match self.table(kind).resolve(id, row.id_property) {
                        Ok(Some(id)) => Target::Update(id),
                        _ if verb == "upsert" => Target::Create,
                        _ => Target::Missing,
                    },
                };
                match target {
                    // Two rows that mean one record, by its main and an additional address say.
                    Target::Update(record) if !taken.insert(record) => {
                        Err(Refusal::duplicate_ids(vec![record.to_string()]))
                    }
                    target => Ok(target),
                }
            })
            .collect()
    }

    fn row_by_row(
        &mut self,
        kind: Kind,
        verb: &str,
        rows: &[Row<'_>],
        targets: &[Target],
        manner: Manner,
        stamp: Stamp,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        for (row, target) in rows.iter().zip(targets) {
            if outcome.sets_aside(row, *target) {
                continue;
            }
            let drafted = self.draft_row(kind, verb, row, *target, manner, &mut Claims::default());
            match drafted {
                Ok((draft, sent)) => {
                    outcome.written.push(self.commit_row(kind, verb, row, *target, draft, &sent, stamp));
                }
                Err(refusal) => {
                    let traces: Vec<&str> = row.trace.into_iter().collect();
                    outcome.refused.push(refusal.element(&traces));
                }
            }
        }
        outcome
    }

    fn all_or_nothing(
        &mut self,
        kind: Kind,
        verb: &str,
        rows: &[Row<'_>],
        targets: &[Target],
        manner: Manner,
        stamp: Stamp,
    ) -> Result<Outcome, Refusal> {
        let mut outcome = Outcome::default();
        let mut claims = Claims::default();
        let mut drafts = Vec::new();
        for (row, target) in rows.iter().zip(targets) {
            if outcome.sets_aside(row, *target) {
                continue;
            }
            let (draft, sent) = self.draft_row(kind, verb, row, *target, manner, &mut claims)?;
            drafts.push((row, *target, draft, sent));
        }
        for (row, target, draft, sent) in drafts {
            outcome.written.push(self.commit_row(kind, verb, row, target, draft, &sent, stamp));
        }
        Ok(outcome)
    }

    fn draft_row(
        &self,
        kind: Kind,
        verb: &str,
        row: &Row<'_>,
        target: Target,
        manner: Manner,
        claims: &mut Claims,
    ) -> Result<(Draft, Map<String, Value>), Refusal> {
        let mut sent = properties_of(row.body)?.clone();
        let id = match target {
            Target::Update(id) => Some(id),
            _ => {
                // A record made by an upsert has the value it was asked for by.
                if let (Some(property), Some(id)) = (row.id_property, &row.id)
                    && verb == "upsert"
                    && !sent.contains_key(property)
                {
                    sent.insert(property.to_owned(), json!(id));
                }
                None
            }
        };
        let mut draft = self.prepare(kind, id, &sent, manner, claims)?;
        if verb == "create" {
            draft.links = self.inline_links(kind, row.body)?;
        }
        Ok((draft, sent))
    }

    #[expect(clippy::too_many_arguments, reason = "one row's full context, used in two places")]
    fn commit_row(
        &mut self,
        kind: Kind,
        verb: &str,
        row: &Row<'_>,
        target: Target,
        draft: Draft,
        sent: &Map<String, Value>,
        stamp: Stamp,
    ) -> (u64, Value) {
        let existing = match target {
            Target::Update(id) => Some(id),
            _ => None,
        };
        let id = self.commit(kind, existing, &draft, stamp);
        let mut body = self.written(kind, id, sent, draft.warnings);
        if let Some(trace) = row.trace {
            body.insert("objectWriteTraceId".to_owned(), json!(trace));
        }
        if verb == "upsert" {
            body.insert("new".to_owned(), json!(existing.is_none()));
        }
        (id, Value::Object(body))
    }

    fn batch_answer(&self, kind: Kind, verb: &str, outcome: Outcome, at: Millis) -> Reply {
        let changed = !outcome.written.is_empty();
        let mut errors = outcome.refused;
        if !outcome.missing_ids.is_empty() {
            let traces: Vec<&str> = outcome.missing_traces.iter().map(String::as_str).collect();
            errors.push(Refusal::gone(kind, outcome.missing_ids).element(&traces));
        }
        let mut answer = action(at, self.shuffled(outcome.written));
        let status = if !errors.is_empty() {
            answer["numErrors"] = json!(errors.len());
            answer["errors"] = Value::Array(errors);
            207
        } else if verb == "create" {
            201
        } else {
            200
        };
        let reply = Reply::json(status, answer);
        if changed { reply.changed() } else { reply }
    }

    /// Results come in an order of their own: clients must match rows by id or trace id.
    fn shuffled(&self, mut results: Vec<(u64, Value)>) -> Vec<Value> {
        results.sort_by_key(|(id, _)| mix(self.seed, *id));
        results.into_iter().map(|(_, body)| body).collect()
    }
}

impl<'a> Row<'a> {
    fn read(input: &'a Value) -> Row<'a> {
        Row {
            id: text(&input["id"]),
            id_property: input["idProperty"].as_str().filter(|name| !name.is_empty()),
            body: input,
            trace: input["objectWriteTraceId"].as_str(),
        }
    }
}

impl Outcome {
    /// Books a row that names no record; false when it can be written.
    fn sets_aside(&mut self, row: &Row<'_>, target: Target) -> bool {
        if target == Target::Missing {
            self.missing_ids.extend(row.id.clone());
            self.missing_traces.extend(row.trace.map(str::to_owned));
        }
        matches!(target, Target::Missing | Target::Nowhere)
    }
}

fn inputs(body: &Value) -> Result<&Vec<Value>, Refusal> {
    body["inputs"].as_array().ok_or_else(|| Refusal::bad_json("inputs is missing or not a list"))
}

fn not_an_identifier(kind: Kind, property: Option<&str>) -> Refusal {
    Refusal::invalid(format!(
        "The property {} is not a unique identifier property of {}",
        property.unwrap_or_default(),
        kind.plural()
    ))
}
