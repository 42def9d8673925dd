//! Calls of another shape than one question, one answer: many questions at once, answers that come later, and the account itself.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::auth::{Algorithm, Encoding};
use super::charge::ChargeRule;
use super::field::FieldRule;
use super::rule::Rule;
use super::{Confidence, Request};
use crate::expression::Path;

/// Several questions in one call. Rows of the answer are joined to questions by identity, never by their position.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bulk {
    /// What recorded samples call it.
    #[serde(default)]
    pub also_called: Vec<String>,
    /// Most questions in one call.
    pub most: usize,
    /// What is sent; `{"$each": item}` in its body repeats an item, and templates in it also see `row`, a mark of the question.
    pub request: Request,
    /// Rules for the answer as a whole, before the provider's.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// The list of rows in the answer; `@` where the answer is the list.
    pub rows: Path,
    /// How one row is read.
    #[serde(default)]
    pub row: Row,
    /// Where a row repeats the mark `row` of its question. Unset or missing: the row's own address, profile or name and company decide.
    #[serde(default)]
    pub echo: Option<Path>,
    /// Where a row repeats what it was asked by: a profile, an address, a domain.
    #[serde(default)]
    pub asked: Option<Path>,
    /// What the whole call cost; unset or not said: what its rows cost.
    #[serde(default)]
    pub charge: Vec<ChargeRule>,
}

/// How one row of a bulk answer is read: like the answer to a single question.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What makes a row the answer of the single operation: `{person: @}`. Unset: it already is.
    #[serde(default)]
    pub answer: Option<Path>,
    /// Where a row has a status of its own. Unset: the call's.
    #[serde(default)]
    pub status: Option<Path>,
}

/// An answer that is fetched or delivered later.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asynchronous {
    /// Where the first answer gives the ticket, a text or a whole number of any size. An answer with a ticket is pending. Unset: the
    /// answer is only delivered, or the same request fetches it.
    #[serde(default)]
    pub ticket: Option<Path>,
    /// How long to wait before the first and between later looks, in milliseconds; default 30,000.
    #[serde(default = "default_wait_ms")]
    pub wait_ms: u64,
    /// After how many milliseconds to give up; default an hour. A vendor that answers "not ready" to unknown tickets is asked no longer.
    #[serde(default = "default_deadline_ms")]
    pub deadline_ms: u64,
    /// How the answer is fetched.
    #[serde(default)]
    pub poll: Option<Poll>,
    /// How the answer is delivered.
    #[serde(default)]
    pub callback: Option<Callback>,
}

fn default_wait_ms() -> u64 {
    30_000
}

fn default_deadline_ms() -> u64 {
    3_600_000
}

/// How a late answer is fetched. What it does not say is as in its operation.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Poll {
    /// What recorded samples call it.
    #[serde(default)]
    pub also_called: Vec<String>,
    /// What is sent; templates see `ticket`.
    pub request: Request,
    /// The key under which a good answer stands.
    #[serde(default)]
    pub envelope: Option<String>,
    /// Rules, before the operation's and the provider's.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Where fields stand, if elsewhere than in the operation's answer.
    #[serde(default)]
    pub fields: Option<BTreeMap<String, FieldRule>>,
    /// What it costs, if otherwise than the operation.
    #[serde(default)]
    pub charge: Option<Vec<ChargeRule>>,
    /// How sure the vendor is, if said elsewhere.
    #[serde(default)]
    pub confidence: Option<Confidence>,
}

/// How a late answer is delivered to us. The address carries a secret path, so that nobody else can deliver; a delivery is read like the
/// polled answer, and a second one changes nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Callback {
    /// What recorded samples call it.
    #[serde(default)]
    pub also_called: Vec<String>,
    /// Which deliveries are meant for this operation, where all come to one address: a JMESPath test over the delivery.
    #[serde(default)]
    pub when: Option<Path>,
    /// What makes a delivery the polled answer: `{webhook_result: @}`. Unset: it already is.
    #[serde(default)]
    pub answer: Option<Path>,
    /// Where a delivery says the status the answer would have had. Unset: 200.
    #[serde(default)]
    pub status: Option<Path>,
    /// Where a delivery names its ticket.
    #[serde(default)]
    pub ticket: Option<Path>,
    /// How a delivery is signed, where it is.
    #[serde(default)]
    pub signature: Option<Signature>,
    /// True where a delivery is only a hint to ask again, because anybody could send it.
    #[serde(default)]
    pub hint_only: bool,
}

/// How a delivery is signed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The header that carries it.
    pub header: String,
    /// What stands before it.
    #[serde(default)]
    pub prefix: String,
    /// How it is made, over the raw body.
    #[serde(default)]
    pub algorithm: Algorithm,
    /// How its bytes are written.
    #[serde(default)]
    pub encoding: Encoding,
    /// With which secret.
    #[serde(default)]
    pub key: SignatureKey,
}

/// With which secret a delivery is signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignatureKey {
    /// The key with which the vendor is asked.
    #[default]
    ApiKey,
    /// A secret of its own.
    Secret,
}

/// A free question about the account.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// What recorded samples call it.
    #[serde(default)]
    pub also_called: Vec<String>,
    /// What is sent.
    pub request: Request,
    /// Rules, before the provider's.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Credits left, by pool: `{credits: data.remaining}`. Without any, the call only tells whether the key is good.
    #[serde(default)]
    pub pools: BTreeMap<String, Path>,
}
