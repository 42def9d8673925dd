//! From a question to a request: templates filled in, empty parameters dropped, the key left out.

use evergreen_model::Fields;
use serde_json::Value;

use crate::document::{Document, Method, Operation};
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
        parts(&self.document, found, inputs, wanted)
    }
}

pub(crate) fn parts(
    document: &Document,
    operation: &Operation,
    inputs: &Fields,
    wanted: &[String],
) -> Result<Parts, String> {
    let mut scope = Scope::new();
    for name in operation.needs.iter().flatten().chain(&operation.accepts) {
        let value = inputs.get(name).map_or("", |value| value.trim());
        scope.insert(name.clone(), value.into());
    }
    scope.insert("wanted".into(), wanted.iter().map(String::as_str).collect());
    scope.insert("target".into(), wanted.first().map_or("", String::as_str).into());

    let mut query = Vec::new();
    for (name, template) in &operation.request.query {
        let value = template.render(&scope)?;
        if !value.is_empty() {
            query.push((name.clone(), value));
        }
    }
    let mut headers = Vec::new();
    for (name, template) in document.headers.iter().chain(&operation.request.headers) {
        let value = template.render(&scope)?;
        if !value.is_empty() {
            headers.push((name.clone(), value));
        }
    }
    let body = match &operation.request.body {
        Some(body) => render_json(body, &scope)?,
        None => None,
    };
    let method = match operation.request.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    Ok(Parts { method, path: operation.request.path.clone(), query, headers, body })
}
