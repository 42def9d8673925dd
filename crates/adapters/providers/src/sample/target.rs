//! Which call of a manifest a recorded exchange belongs to: by the name it was recorded under, then by its address.

use evergreen_model::Fields;
use serde_json::Value;

use super::text;
use crate::document::Request;
use crate::expression::{Body, Path};
use crate::manifest::Manifest;
use crate::view::Target;
use crate::words;

struct Call<'m> {
    target: Target,
    names: Vec<&'m str>,
    /// Root and request; a delivery has none.
    request: Option<(&'m str, &'m Request)>,
    /// A test over a delivery.
    when: Option<&'m Path>,
}

/// The call, or `None` when the manifest describes none like it.
pub(super) fn of(manifest: &Manifest, sample: &Value) -> Option<Target> {
    let delivery = sample.get("webhook").is_some();
    let calls = calls(manifest);
    let of_its_kind: Vec<&Call<'_>> = calls.iter().filter(|call| call.request.is_none() == delivery).collect();
    let name = text(sample, "operation");
    let mut named: Vec<&Call<'_>> = of_its_kind.iter().copied().filter(|call| call.names.contains(&name)).collect();
    if delivery {
        let webhook = &sample["webhook"];
        let raw = webhook.get("raw_body").and_then(Value::as_str).map(str::to_owned);
        let body = Body::parse(raw.unwrap_or_else(|| webhook["body"].to_string()).as_bytes());
        let fits = |call: &&Call<'_>| call.when.is_none_or(|when| body.as_ref().is_some_and(|body| when.holds(body)));
        let all = if named.is_empty() { of_its_kind } else { named };
        return all.into_iter().find(fits).map(|call| call.target.clone());
    }
    let (url, method) = (text(&sample["request"], "url"), text(&sample["request"], "method"));
    if named.is_empty() {
        named = of_its_kind;
        named.retain(|call| call.request.is_some_and(|(_, request)| request.method.as_str() == method));
        let close = named.iter().max_by_key(|call| call.likeness(url)).filter(|call| call.likeness(url) > 0)?;
        return Some(close.target.clone());
    }
    // Of several with the same name, the one at the same address; the first where none is.
    let best = named.iter().map(|call| call.likeness(url)).max()?;
    named.into_iter().find(|call| call.likeness(url) == best).map(|call| call.target.clone())
}

impl Call<'_> {
    /// How much of the address is this call's: nothing, the path, or host and path.
    fn likeness(&self, url: &str) -> usize {
        let Some((root, request)) = self.request else { return 0 };
        let (Ok(url), Ok(root)) = (url::Url::parse(url), url::Url::parse(root)) else { return 0 };
        let path = url.path();
        let mut rest = match path.strip_prefix(root.path().trim_end_matches('/')) {
            Some(rest) => rest,
            None => path,
        };
        let parts = request.path.fixed_parts();
        for (at, part) in parts.iter().enumerate() {
            let found = if at == 0 { rest.strip_prefix(part) } else { rest.split_once(part).map(|(_, after)| after) };
            match found {
                Some(after) => rest = after,
                None => return 0,
            }
        }
        let ends_here = rest.is_empty()
            || (parts.len() > 1 && parts.last().is_some_and(|last| last.is_empty()) && !rest.contains('/'));
        if !ends_here {
            return 0;
        }
        let fixed: usize = parts.iter().map(|part| part.len()).sum();
        fixed + if url.host_str() == root.host_str() { 1_000 } else { 0 }
    }
}

fn calls(manifest: &Manifest) -> Vec<Call<'_>> {
    let document = &manifest.document;
    let mut calls = Vec::new();
    for (name, operation) in &document.operations {
        let root = operation.base_url.as_deref().unwrap_or(&document.base_url);
        let own = std::iter::once(name.as_str()).chain(others(&operation.also_called));
        calls.push(Call {
            target: Target::Operation(name.clone()),
            names: own.collect(),
            request: Some((root, &operation.request)),
            when: None,
        });
        if let Some(bulk) = &operation.bulk {
            calls.push(Call {
                target: Target::Bulk(name.clone()),
                names: others(&bulk.also_called).collect(),
                request: Some((root, &bulk.request)),
                when: None,
            });
        }
        let later = operation.asynchronous.as_ref();
        if let Some(poll) = later.and_then(|later| later.poll.as_ref()) {
            calls.push(Call {
                target: Target::Poll(name.clone()),
                names: others(&poll.also_called).collect(),
                request: Some((root, &poll.request)),
                when: None,
            });
        }
        if let Some(callback) = later.and_then(|later| later.callback.as_ref()) {
            calls.push(Call {
                target: Target::Callback(name.clone()),
                names: others(&callback.also_called).collect(),
                request: None,
                when: callback.when.as_ref(),
            });
        }
    }
    for (name, account) in &document.account {
        calls.push(Call {
            target: Target::Account(name.clone()),
            names: std::iter::once(name.as_str()).chain(others(&account.also_called)).collect(),
            request: Some((&document.base_url, &account.request)),
            when: None,
        });
    }
    calls
}

fn others(names: &[String]) -> impl Iterator<Item = &str> {
    names.iter().map(String::as_str)
}

/// The questions of a recorded bulk request: the mark of each, or its place where it has none, and what it asked about.
pub(super) fn asked_rows(body: &Value, echo: Option<&Path>) -> Vec<(String, Fields)> {
    let Some(items) = body.as_object().and_then(|body| body.values().find_map(Value::as_array)) else {
        return Vec::new();
    };
    let one = |(at, item): (usize, &Value)| {
        let mark = echo.and_then(|place| place.word(&Body::parse(item.to_string().as_bytes())?));
        (mark.unwrap_or_else(|| at.to_string()), words::asked(item))
    };
    items.iter().enumerate().map(one).collect()
}
