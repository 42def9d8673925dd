//! What a manifest says that contradicts itself or names things that do not exist; every mistake with its line.

use std::collections::BTreeMap;

use evergreen_model::field;
use evergreen_model::{Entity, Fields, Question};

use crate::document::{Auth, ChargeRule, Document, FieldRule, Operation, Request};
use crate::request;
use crate::template::Scope;
use crate::words;

pub(crate) struct Mistake {
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// Every mistake of a manifest that is well formed.
pub(crate) fn mistakes(document: &Document, text: &str) -> Vec<Mistake> {
    let mut found = Vec::new();
    let mut say = |key: &str, what: String| found.push(Mistake { line: line_of(text, key), text: what });

    if !plain(&document.name) {
        say("name", format!("the name `{}` must be of lower-case letters, digits, - and _", document.name));
    }
    if url::Url::parse(&document.base_url).is_err() {
        say("base_url", format!("`{}` is not an address", document.base_url));
    }
    if !(0.0..=1e6).contains(&document.money_per_credit) {
        say("money_per_credit", "a price is 0 or more".to_owned());
    }
    if document.operations.is_empty() {
        say("operations", "a provider without operations answers nothing".to_owned());
    }
    if let Auth::Oauth(oauth) = &document.auth
        && !oauth.token_url.starts_with('/')
        && url::Url::parse(&oauth.token_url).is_err()
    {
        say("token_url", format!("`{}` is neither an address nor a path", oauth.token_url));
    }
    for (name, account) in &document.account {
        if let Err(why) = request::parts(document, &account.request, &Scope::new(), &[]) {
            say(name, format!("account {name}: {why}"));
        }
        if !account.request.path.0.starts_with('/') {
            say(name, format!("account {name}: `path` must begin with a slash"));
        }
    }
    for (name, operation) in &document.operations {
        for what in of_operation(document, name, operation) {
            say(name, format!("{name}: {what}"));
        }
    }
    found
}

fn plain(name: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_".contains(letter);
    !name.is_empty() && name.chars().all(allowed)
}

fn of_operation(document: &Document, name: &str, operation: &Operation) -> Vec<String> {
    let mut found = Vec::new();
    let mut say = |what: String| found.push(what);
    if !plain(name) {
        say("the name must be of lower-case letters, digits, - and _".to_owned());
    }
    if operation.needs.is_empty() || operation.needs.iter().any(Vec::is_empty) {
        say("`needs` must hold at least one set of inputs".to_owned());
    }
    if operation.fields.is_empty() && operation.rows.is_none() && operation.columns.is_none() {
        say("`fields` is empty, so it can fill nothing".to_owned());
    }
    if !(0.0..=1e6).contains(&operation.price_max) {
        say("`price_max` is 0 or more".to_owned());
    }
    if operation.base_url.as_ref().is_some_and(|url| url::Url::parse(url).is_err()) {
        say("its `base_url` is not an address".to_owned());
    }
    for text in names(operation) {
        say(text);
    }
    let later = operation.asynchronous.as_ref();
    let of_poll = later.and_then(|later| later.poll.as_ref()?.charge.as_ref());
    let of_bulk = operation.bulk.as_ref().map(|bulk| (&bulk.charge, f64::INFINITY));
    let lists = std::iter::once((&operation.charge, operation.price_max));
    for (rules, most) in lists.chain(of_poll.map(|rules| (rules, operation.price_max))).chain(of_bulk) {
        for text in of_charges(rules, most) {
            say(text);
        }
    }
    if later.is_some_and(|later| later.poll.is_none() && later.callback.is_none()) {
        say("`asynchronous` has neither a `poll` nor a `callback`, so the answer never comes".to_owned());
    }
    if operation.bulk.as_ref().is_some_and(|bulk| bulk.most < 2) {
        say("`bulk.most` must be at least 2".to_owned());
    }
    let requests = std::iter::once(&operation.request)
        .chain(operation.bulk.iter().map(|bulk| &bulk.request))
        .chain(later.iter().filter_map(|later| later.poll.as_ref()).map(|poll| &poll.request));
    for request in requests {
        if !request.path.0.starts_with('/') {
            say("`path` must begin with a slash".to_owned());
        }
        if let Err(why) = rendered(document, operation, request) {
            say(why);
        }
    }
    found
}

/// Every template is filled once with nothing and once with everything, so that a slip in a name is found here.
fn rendered(document: &Document, operation: &Operation, request: &Request) -> Result<(), String> {
    for value in ["", "x"] {
        let inputs: Fields = operation
            .needs
            .iter()
            .flatten()
            .chain(&operation.accepts)
            .chain(&operation.takes)
            .map(|name| (name.clone(), value.to_owned()))
            .collect();
        let mut scope = request::scope(operation, &inputs, &[], value);
        scope.insert("ticket".into(), value.into());
        request::parts(document, request, &scope, &[])?;
        let question = Question {
            provider: document.name.clone(),
            operation: String::new(),
            entity: operation.entity,
            inputs,
            key: value.to_owned(),
        };
        if operation.bulk.as_ref().is_some_and(|bulk| std::ptr::eq(&bulk.request, request)) {
            request::bulk_parts(document, operation, request, &[&question], &[])?;
        }
    }
    Ok(())
}

fn of_charges(rules: &[ChargeRule], price_max: f64) -> Vec<String> {
    let mut found = Vec::new();
    let mut guessed = false;
    for rule in rules {
        let ways = [rule.meter.is_some(), rule.credits.is_some(), rule.tokens.is_some()];
        if ways.iter().filter(|given| **given).count() != 1 {
            found.push("a charge rule has either `credits`, a `meter` or `tokens`".to_owned());
        }
        if rule.credits.is_some_and(|credits| credits > price_max) {
            found.push("a charge rule costs more than `price_max`".to_owned());
        }
        if rule.meter.is_some() && guessed {
            found.push("the vendor's own meter stands before the rules that guess".to_owned());
        }
        guessed |= rule.meter.is_none();
    }
    found
}

/// Names of fields, facts and inputs that do not exist.
fn names(operation: &Operation) -> Vec<String> {
    let entity = operation.entity;
    let poll = operation.asynchronous.as_ref().and_then(|later| later.poll.as_ref()?.fields.as_ref());
    let inputs = operation.needs.iter().flatten().filter(|name| !operation.takes.contains(*name));
    let mut unknown: Vec<&String> =
        inputs.chain(&operation.accepts).filter(|name| !words::is_field(entity, name)).collect();
    let of_record = |fields: &BTreeMap<String, FieldRule>| -> Vec<String> {
        fields.keys().filter(|name| !words::is_field(entity, name) && words::fact(name).is_none()).cloned().collect()
    };
    let of_fields: Vec<String> =
        of_record(&operation.fields).into_iter().chain(poll.map(of_record).unwrap_or_default()).collect();
    unknown.extend(&of_fields);
    let of_rows: Vec<&String> = operation.rows.iter().flat_map(|rows| rows.fields.keys()).collect();
    let either = |name: &str| {
        words::is_field(Entity::Contact, name) || words::is_field(Entity::Company, name) || words::fact(name).is_some()
    };
    unknown.extend(of_rows.into_iter().filter(|name| !either(name)));
    unknown.sort();
    unknown.dedup();
    let mut found: Vec<String> = unknown.into_iter().map(|name| no_such_field(entity, name)).collect();
    let kept = operation.rules.iter().flat_map(|rule| &rule.keep);
    found.extend(
        kept.filter(|name| !operation.fields.contains_key(*name))
            .map(|name| format!("a rule keeps `{name}`, which is no field of it")),
    );
    found.extend(
        operation
            .finds
            .iter()
            .filter(|name| !operation.fields.contains_key(*name))
            .map(|name| format!("it `finds` `{name}`, which is no field of it")),
    );
    let with = operation.fields.values().filter_map(|rule| rule.long()?.with.as_ref());
    found.extend(
        with.filter(|name| !operation.fields.contains_key(*name))
            .map(|name| format!("a field goes only with `{name}`, which is no field of it")),
    );
    found
}

fn no_such_field(entity: Entity, name: &str) -> String {
    let known = field::fields(entity).iter().map(|field| field.name).chain(words::FACTS.iter().map(|(fact, _)| *fact));
    let nearest = known.max_by(|a, b| strsim::jaro_winkler(name, a).total_cmp(&strsim::jaro_winkler(name, b)));
    let hint = nearest.map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"));
    format!("a {} has no field `{name}`{hint}", entity.as_str())
}

/// The line on which a key stands first; 1 when it does not.
fn line_of(text: &str, key: &str) -> usize {
    let is_key =
        |line: &str| line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':'));
    text.lines().position(is_key).map_or(1, |at| at + 1)
}
