//! How one call's answer is to be read: the parts of a manifest that have a say in it, gathered for an operation, its poll or its delivery.

use std::collections::BTreeMap;
use std::fmt;

use evergreen_model::Entity;

use crate::document::{ChargeRule, Confidence, FieldRule, Identity, IdentityKind, Operation, Origin, Rows, Rule};
use crate::expression::Path;
use crate::manifest::Manifest;

/// One kind of call that a manifest describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A question, or the start of one that is answered later.
    Operation(String),
    /// Fetching the late answer of an operation.
    Poll(String),
    /// The late answer of an operation, delivered to us.
    Callback(String),
    /// Several questions of an operation at once.
    Bulk(String),
    /// A free question about the account.
    Account(String),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Operation(name) => f.write_str(name),
            Target::Poll(name) => write!(f, "{name} (poll)"),
            Target::Callback(name) => write!(f, "{name} (delivery)"),
            Target::Bulk(name) => write!(f, "{name} (bulk)"),
            Target::Account(name) => write!(f, "account {name}"),
        }
    }
}

/// What has a say in reading an answer.
pub(crate) struct View<'m> {
    pub(crate) entity: Entity,
    pub(crate) unpack: &'m BTreeMap<String, Path>,
    pub(crate) envelope: Option<&'m str>,
    /// Rules in the order they are tried, each list with whose it is.
    pub(crate) rules: Vec<(String, &'m [Rule])>,
    pub(crate) fields: &'m BTreeMap<String, FieldRule>,
    pub(crate) finds: &'m [String],
    pub(crate) columns: Option<&'m Path>,
    pub(crate) rows: Option<&'m Rows>,
    pub(crate) charge: &'m [ChargeRule],
    pub(crate) confidence: Option<&'m Confidence>,
    pub(crate) identity: &'m Identity,
    pub(crate) compare: IdentityKind,
    pub(crate) pool: String,
    pub(crate) price_max: f64,
    /// Where a first answer gives the ticket for a later one.
    pub(crate) ticket: Option<&'m Path>,
    /// The values were written by a model, not observed.
    pub(crate) inferred: bool,
}

impl Manifest {
    /// How the answer of an operation is read; of an asynchronous one, the first.
    pub(crate) fn view<'m>(&'m self, name: &str, operation: &'m Operation) -> View<'m> {
        let compare = operation.identity.compare.unwrap_or(match operation.entity {
            Entity::Contact => IdentityKind::Person,
            Entity::Company => IdentityKind::Company,
        });
        View {
            entity: operation.entity,
            unpack: &operation.unpack,
            envelope: operation.envelope.as_deref(),
            rules: vec![(name.to_owned(), &operation.rules), (self.name().to_owned(), &self.document.rules)],
            fields: &operation.fields,
            finds: &operation.finds,
            columns: operation.columns.as_ref(),
            rows: operation.rows.as_ref(),
            charge: &operation.charge,
            confidence: operation.confidence.as_ref(),
            identity: &operation.identity,
            compare,
            pool: operation.pool.clone().unwrap_or_else(|| format!("{}.credits", self.name())),
            price_max: operation.price_max,
            ticket: operation.asynchronous.as_ref().and_then(|later| later.ticket.as_ref()),
            inferred: self.document.origin == Origin::Model,
        }
    }

    /// How a late answer is read, fetched or delivered.
    pub(crate) fn late_view<'m>(&'m self, name: &str, operation: &'m Operation) -> View<'m> {
        let mut view = self.view(name, operation);
        view.ticket = None;
        if let Some(poll) = operation.asynchronous.as_ref().and_then(|later| later.poll.as_ref()) {
            view.rules.insert(0, (format!("{name}'s poll"), &poll.rules));
            view.envelope = poll.envelope.as_deref().or(view.envelope);
            view.fields = poll.fields.as_ref().unwrap_or(view.fields);
            view.charge = poll.charge.as_deref().unwrap_or(view.charge);
            view.confidence = poll.confidence.as_ref().or(view.confidence);
        }
        view
    }
}
