//! Association labels: HubSpot's own and the portal's, shown, made, renamed and removed.

use axum::http::Method;
use serde_json::{Value, json};

use super::Portal;
use super::changes::What;
use super::errors::Refusal;
use super::link_types::{self, Label};
use super::links::{CustomLabel, Ref};
use super::record::{Kind, Stamp};
use crate::wire::Reply;

/// Labels a portal makes are numbered from here.
const FIRST_CUSTOM: u16 = 100;

/// A type as bodies name it: category and type id.
pub(crate) fn label(body: &Value) -> Option<Label> {
    let id = body["associationTypeId"].as_u64().and_then(|id| u16::try_from(id).ok())?;
    match body["associationCategory"].as_str() {
        Some("HUBSPOT_DEFINED") | None => Some(Label::own(id)),
        Some("USER_DEFINED") => Some(Label { custom: true, id }),
        Some(_) => None,
    }
}

/// A type as answers show it; the unlabelled one has no `label`.
pub(crate) fn label_of(label: Label, text: Option<&str>) -> Value {
    let mut body = json!({"category": label.category(), "typeId": label.id});
    if let Some(text) = text {
        body["label"] = json!(text);
    }
    body
}

impl Portal {
    pub(super) fn label_text(&self, from: Kind, to: Kind, label: Label) -> Option<String> {
        if label.custom {
            let custom = self.links.custom.iter().find(|one| (one.from, one.to, one.id) == (from, to, label.id))?;
            return Some(custom.label.clone());
        }
        link_types::defined(from, to).find(|one| one.id == label.id)?.label.map(str::to_owned)
    }

    /// `/crm/associations/{version}/{from}/{to}/labels…`
    pub(super) fn label_calls(
        &mut self,
        method: &Method,
        (from, to): (Kind, Kind),
        tail: &[&str],
        body: &Value,
    ) -> Result<Reply, Refusal> {
        match (method.as_str(), tail) {
            ("GET", []) => {
                let own = link_types::defined(from, to).map(|one| label_of(Label::own(one.id), one.label));
                let custom = self.links.custom.iter().filter(|one| (one.from, one.to) == (from, to));
                let custom = custom.map(|one| label_of(Label { custom: true, id: one.id }, Some(&one.label)));
                Ok(Reply::json(200, json!({"results": own.chain(custom).collect::<Vec<_>>()})))
            }
            ("POST", []) => self.make_label(from, to, body),
            ("PUT", []) => self.rename_label(from, to, body),
            ("DELETE", [id]) => {
                let id: u16 = id.parse().map_err(|_| Refusal::not_found())?;
                let inverse = self
                    .links
                    .custom
                    .iter()
                    .find(|one| (one.from, one.to, one.id) == (from, to, id))
                    .map(|one| one.inverse)
                    .ok_or_else(Refusal::not_found)?;
                self.links.forget(from, to, Label { custom: true, id });
                self.links.custom.retain(|one| {
                    (one.from, one.to, one.id) != (from, to, id) && (one.from, one.to, one.id) != (to, from, inverse)
                });
                Ok(Reply::empty(204).changed())
            }
            (_, [] | [_]) => Err(Refusal::wrong_method()),
            _ => Err(Refusal::not_found()),
        }
    }

    /// A new label and its inverse; answers with both type ids.
    fn make_label(&mut self, from: Kind, to: Kind, body: &Value) -> Result<Reply, Refusal> {
        let required = |key: &str| {
            body[key]
                .as_str()
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
                .ok_or_else(|| Refusal::invalid(format!("Some required fields were not set: [{key}]")))
        };
        let (label, name) = (required("label")?, required("name")?);
        let inverse_label = body["inverseLabel"].as_str().filter(|text| !text.is_empty());
        let taken = self
            .links
            .custom
            .iter()
            .any(|one| (one.from, one.to) == (from, to) && (one.name == name || one.label == label));
        if taken {
            return Err(Refusal::new(
                409,
                "OBJECT_ALREADY_EXISTS",
                format!("An association label '{name}' already exists."),
            ));
        }
        let next = self.links.custom.iter().map(|one| one.id + 1).max().unwrap_or(FIRST_CUSTOM);
        // A label between two records of one kind that reads the same both ways has one id.
        let same = from == to && inverse_label.is_none();
        let inverse = if same { next } else { next + 1 };
        let back = inverse_label.unwrap_or(&label).to_owned();
        self.links.custom.push(CustomLabel { from, to, id: next, inverse, label: label.clone(), name: name.clone() });
        let mut results = vec![label_of(Label { custom: true, id: next }, Some(&label))];
        if !same {
            results.push(label_of(Label { custom: true, id: inverse }, Some(&back)));
            self.links.custom.push(CustomLabel { from: to, to: from, id: inverse, inverse: next, label: back, name });
        }
        Ok(Reply::json(200, json!({"results": results})).changed())
    }

    fn rename_label(&mut self, from: Kind, to: Kind, body: &Value) -> Result<Reply, Refusal> {
        let id = body["associationTypeId"].as_u64().and_then(|id| u16::try_from(id).ok()).unwrap_or_default();
        let text = body["label"]
            .as_str()
            .filter(|text| !text.is_empty())
            .ok_or_else(|| Refusal::invalid("Some required fields were not set: [label]"))?;
        let custom = &mut self.links.custom;
        let one = custom
            .iter_mut()
            .find(|one| (one.from, one.to, one.id) == (from, to, id))
            .ok_or_else(Refusal::not_found)?;
        text.clone_into(&mut one.label);
        let inverse = one.inverse;
        if let Some(back) = body["inverseLabel"].as_str()
            && let Some(other) = custom.iter_mut().find(|one| (one.from, one.to, one.id) == (to, from, inverse))
        {
            back.clone_into(&mut other.label);
        }
        Ok(Reply::empty(204).changed())
    }

    /// Takes single labels off a pair.
    pub(super) fn strip(&mut self, from: Ref, to: Ref, labels: &[Label], stamp: Stamp) -> bool {
        let changed = self.links.strip(from, to, labels);
        if changed {
            let what = match self.links.labels(from, to) {
                Some(_) => What::Associated { to, primary: self.links.primary(from, to.0) == Some(to.1) },
                None => What::Dissociated { to },
            };
            self.note(from.0, from.1, stamp, what);
            self.links_changed(from, to, stamp);
        }
        changed
    }
}
