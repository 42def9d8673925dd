//! The single-record calls: list, read, create, update, archive.

use serde_json::{Map, Value, json};

use super::Portal;
use super::errors::Refusal;
use super::link_types::Label;
use super::links::Ref;
use super::record::Kind;
use super::render::Wanted;
use super::write::{Claims, Manner};
use crate::clock::Millis;
use crate::wire::{Call, Reply};

const PAGE_DEFAULT: usize = 10;
const PAGE_MAX: usize = 100;
/// Histories are heavy: half the page.
pub(crate) const PAGE_MAX_WITH_HISTORY: usize = 50;

impl Portal {
    fn wanted_by_query(&self, kind: Kind, call: &Call) -> Wanted {
        let mut wanted = self.wanted(kind, call.list("properties"), call.list("propertiesWithHistory"));
        for name in call.list("associations") {
            if let Some(kind) = Kind::parse(name).filter(|kind| !wanted.associations.contains(kind)) {
                wanted.associations.push(kind);
            }
        }
        wanted
    }

    pub(crate) fn list(&self, kind: Kind, call: &Call) -> Result<Reply, Refusal> {
        let wanted = self.wanted_by_query(kind, call);
        let max = if wanted.history.is_empty() { PAGE_MAX } else { PAGE_MAX_WITH_HISTORY };
        let limit = match call.filled("limit") {
            None => PAGE_DEFAULT,
            Some(text) => text.parse().ok().filter(|limit| (1..=max).contains(limit)).ok_or_else(|| {
                Refusal::invalid(format!("Invalid page size. The limit must be between 1 and {max}."))
            })?,
        };
        let after = match call.filled("after") {
            None => 0,
            Some(text) => text.parse().map_err(|_| Refusal::invalid("Invalid paging cursor in 'after'."))?,
        };
        let archived = call.flag("archived");
        let mut matching = self.table(kind).from(after).filter(|record| record.archived.is_some() == archived);
        let page: Vec<_> = matching.by_ref().take(limit).collect();
        let mut body = json!({
            "results": page
                .iter()
                .map(|record| Value::Object(self.render(kind, record, &wanted)))
                .collect::<Vec<_>>()
        });
        if let (Some(last), Some(_)) = (page.last(), matching.next()) {
            body["paging"] = json!({"next": {
                "after": last.id.to_string(),
                "link": format!("https://api.hubapi.com{}?after={}", call.path, last.id),
            }});
        }
        Ok(Reply::json(200, body))
    }

    fn find(&self, kind: Kind, id: &str, call: &Call) -> Result<u64, Refusal> {
        let property = call.filled("idProperty");
        self.table(kind)
            .resolve_merged(id, property)
            .map_err(|()| Refusal::not_unique(kind, property.unwrap_or_default()))?
            .ok_or_else(Refusal::not_found)
    }

    pub(crate) fn read_one(&self, kind: Kind, id: &str, call: &Call) -> Result<Reply, Refusal> {
        let table = self.table(kind);
        let record = if call.flag("archived") {
            id.parse().ok().and_then(|id| table.any(id)).filter(|record| record.archived.is_some())
        } else {
            table.live(self.find(kind, id, call)?)
        }
        .ok_or_else(Refusal::not_found)?;
        let wanted = self.wanted_by_query(kind, call);
        Ok(Reply::json(200, Value::Object(self.render(kind, record, &wanted))))
    }

    pub(crate) fn create_one(&mut self, kind: Kind, call: &Call, manner: Manner) -> Result<Reply, Refusal> {
        let properties = properties_of(&call.body)?;
        let mut draft = self.prepare(kind, None, properties, manner, &mut Claims::default())?;
        draft.links = self.inline_links(kind, &call.body)?;
        let id = self.commit(kind, None, &draft, self.by_caller(manner.at));
        let body = self.written(kind, id, properties, draft.warnings);
        Ok(Reply::json(201, Value::Object(body)).header("location", format!("{}/{id}", call.path)).changed())
    }

    pub(crate) fn update_one(&mut self, kind: Kind, id: &str, call: &Call, manner: Manner) -> Result<Reply, Refusal> {
        let id = self.find(kind, id, call)?;
        let properties = properties_of(&call.body)?;
        let draft = self.prepare(kind, Some(id), properties, manner, &mut Claims::default())?;
        self.commit(kind, Some(id), &draft, self.by_caller(manner.at));
        let body = self.written(kind, id, properties, draft.warnings);
        Ok(Reply::json(200, Value::Object(body)).changed())
    }

    pub(crate) fn archive_one(&mut self, kind: Kind, id: &str, at: Millis) -> Result<Reply, Refusal> {
        let stamp = self.by_caller(at);
        let archived = id.parse().is_ok_and(|id| self.archive(kind, id, stamp));
        let reply = Reply::empty(204);
        Ok(if archived { reply.changed() } else { reply })
    }

    /// A record as a write answers it: what was sent and the defaults.
    pub(crate) fn written(
        &self,
        kind: Kind,
        id: u64,
        sent: &Map<String, Value>,
        warnings: Vec<Value>,
    ) -> Map<String, Value> {
        let names = kind.default_properties().iter().copied().chain(sent.keys().map(String::as_str));
        let wanted = self.wanted(kind, names, []);
        let mut body = match self.table(kind).any(id) {
            Some(record) => self.render(kind, record, &wanted),
            None => Map::new(),
        };
        if !warnings.is_empty() {
            body.insert("warnings".to_owned(), Value::Array(warnings));
        }
        body
    }

    /// `POST O/gdpr-delete`: gone for good, and the addresses are blocked.
    pub(crate) fn gdpr_call(&mut self, kind: Kind, body: &Value, at: Millis) -> Result<Reply, Refusal> {
        let id = text(&body["objectId"])
            .filter(|id| !id.is_empty())
            .ok_or_else(|| Refusal::invalid("Some required fields were not set: [objectId]"))?;
        let by_email = kind == Kind::Contact && body["idProperty"].as_str() == Some("email");
        let stamp = self.by_caller(at);
        let changed = if by_email {
            self.gdpr_delete(kind, None, Some(&id), stamp)
        } else {
            let number = self
                .table(kind)
                .resolve_merged(&id, None)
                .ok()
                .flatten()
                .or_else(|| id.parse().ok().filter(|id| self.table(kind).any(*id).is_some()))
                .ok_or_else(|| Refusal::gone(kind, vec![id]))?;
            self.gdpr_delete(kind, Some(number), None, stamp)
        };
        let reply = Reply::empty(204);
        Ok(if changed { reply.changed() } else { reply })
    }

    /// The records a create body names in `associations`, with their labels.
    pub(crate) fn inline_links(&self, kind: Kind, body: &Value) -> Result<Vec<(Ref, Vec<Label>)>, Refusal> {
        let list = body["associations"].as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter()
            .map(|association| {
                let wrong = || Refusal::invalid(format!("Invalid association in create request: {association}"));
                let labels: Vec<Label> = association["types"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(super::labels::label)
                    .collect::<Option<_>>()
                    .filter(|labels: &Vec<Label>| !labels.is_empty())
                    .ok_or_else(wrong)?;
                // Which kind the other record is follows from the type ids.
                let fits = |to: &Kind| labels.iter().all(|label| self.links.allows(kind, *to, *label));
                let to = Kind::ALL.into_iter().find(fits).ok_or_else(wrong)?;
                let id = text(&association["to"]["id"])
                    .and_then(|id| id.parse().ok())
                    .filter(|id| self.table(to).live(*id).is_some())
                    .ok_or_else(wrong)?;
                Ok(((to, id), labels))
            })
            .collect()
    }
}

/// The `properties` object of a write body.
pub(crate) fn properties_of(body: &Value) -> Result<&Map<String, Value>, Refusal> {
    body["properties"].as_object().ok_or_else(|| Refusal::bad_json("properties is missing or not an object"))
}

/// An id that came as text or as a number.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
