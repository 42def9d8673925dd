//! From a question to a request: templates filled in, empty parameters dropped, the key left out.

use std::collections::BTreeMap;

use evergreen_model::{Fields, Question};
use serde_json::Value;

use crate::document::{Document, Operation, Request};
use crate::manifest::Manifest;
use crate::template::{Scope, render_json};

/// A request without base address and key.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Path behind the base address.
    pub path: String,
    /// Query parameters, by name.
    pub query: Vec<(String, String)>,
    /// Headers beside authentication.
    pub headers: Vec<(String, String)>,
    /// JSON body.
    pub body: Option<Value>,
}

impl Manifest {
    /// The request that asks `operation` about `inputs`. `wanted` are the missing fields, mandatory ones first.
    ///
    /// # Errors
    /// A sentence, when there is no such operation or a template does not come out.
    pub fn request(&self, operation: &str, inputs: &Fields, wanted: &[String]) -> Result<Parts, String> {
        let found = self.operation(operation).ok_or_else(|| format!("{} has no operation {operation}", self.name()))?;
        let scope = scope(found, inputs, wanted, "");
        parts(&self.document, &found.request, &scope, &[])
    }
}

/// What the templates of an operation see. `callback` is the address to which an answer may be delivered, empty where there is none.
pub(crate) fn scope(operation: &Operation, inputs: &Fields, wanted: &[String], callback: &str) -> Scope {
    let mut scope = Scope::new();
    for name in operation.needs.iter().flatten().chain(&operation.accepts).chain(&operation.takes) {
        let value = inputs.get(name).map_or("", |value| value.trim());
        scope.insert(name.clone(), value.into());
    }
    scope.insert("wanted".into(), wanted.iter().map(String::as_str).collect());
    scope.insert("target".into(), wanted.first().map_or("", String::as_str).into());
    scope.insert("callback".into(), callback.into());
    scope
}

/// The request of a bulk call over several questions.
pub(crate) fn bulk_parts(
    document: &Document,
    operation: &Operation,
    request: &Request,
    questions: &[&Question],
    wanted: &[String],
) -> Result<Parts, String> {
    let each: Vec<Scope> = questions
        .iter()
        .map(|question| {
            let mut scope = scope(operation, &question.inputs, wanted, "");
            scope.insert("row".into(), question.key.as_str().into());
            scope
        })
        .collect();
    let mut outer = scope(operation, &Fields::new(), wanted, "");
    outer.insert("row".into(), "".into());
    parts(document, request, &outer, &each)
}

pub(crate) fn parts(document: &Document, request: &Request, scope: &Scope, each: &[Scope]) -> Result<Parts, String> {
    let filled = |templates: &mut dyn Iterator<Item = (&String, &crate::template::Template)>| {
        let mut pairs = Vec::new();
        for (name, template) in templates {
            let value = template.render(scope)?;
            if !value.is_empty() {
                pairs.push((name.clone(), value));
            }
        }
        Ok::<_, String>(pairs)
    };
    let body = match &request.body {
        Some(body) => render_json(body, scope, each)?,
        None => None,
    };
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    // The call's own header stands above the provider's of the same name.
    for (name, value) in filled(&mut document.headers.iter().chain(&request.headers))? {
        headers.insert(name.to_lowercase(), value);
    }
    Ok(Parts {
        method: request.method.as_str(),
        path: request.path.render_path(scope)?,
        query: filled(&mut request.query.iter())?,
        headers: headers.into_iter().collect(),
        body,
    })
}
