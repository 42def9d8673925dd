//! The form of a manifest: what may stand in the YAML file of a provider.

mod answer;
mod auth;
mod charge;
mod field;
mod later;
mod rule;

use std::collections::BTreeMap;

use evergreen_model::Entity;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::template::Template;

pub use answer::{Confidence, Identity, IdentityKind, Rows};
pub use auth::{Algorithm, Auth, ClientPlace, Encoding, Hmac, OAuth};
pub use charge::{ChargeRule, Meter, Tokens};
pub use field::FieldRule;
pub use later::{Account, Asynchronous, Bulk, Callback, SignatureKey};
pub use rule::{Rule, When};

use crate::expression::Path;

/// One provider: its card, how to reach it, and what it can be asked.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Short name, used in waterfalls: `hunter`. Lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// The vendor's name for people: `Hunter.io`.
    pub title: String,
    /// Where its interface is described.
    #[serde(default)]
    pub docs: Option<String>,
    /// When the facts below were last checked, `2026-11-23`.
    pub checked_on: String,
    /// What to know about the origin of the data and the law before using it.
    pub legal: String,
    /// Where the data come from; decides which of them a project may be forbidden to use.
    #[serde(default)]
    pub origin: Origin,
    /// True where a person must switch the provider on after reading `legal`: data taken from LinkedIn, text written by a model.
    #[serde(default)]
    pub off_by_default: bool,
    /// Price of one credit, in the project's currency (as US dollars when nothing else is said). Overridden by the configuration.
    pub money_per_credit: f64,
    /// True where a repeated question is answered without a second charge. Decides whether a lost answer may be asked again.
    pub repeats_free: bool,
    /// Root of all addresses, without final slash. Overridden by the configuration.
    pub base_url: String,
    /// How the key is sent.
    #[serde(default)]
    pub auth: Auth,
    /// How fast it may be asked.
    #[serde(default)]
    pub limits: Limits,
    /// Longest wait for an answer, in milliseconds; default 30,000.
    #[serde(default = "default_timeout_ms")]
    pub timeout_ms: u64,
    /// Headers of every request.
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    /// Where answers say how long to wait, beside the header `Retry-After` and words such as "in 30 seconds", which are always heard.
    #[serde(default)]
    pub retry_after: Vec<RetrySource>,
    /// Rules for every answer, tried in order after the operation's own; the first that matches says how the answer reads.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Free questions about the account, by name; the one called `balance` is how the rest of the credits is read.
    #[serde(default)]
    pub account: BTreeMap<String, Account>,
    /// What it can be asked, by name.
    pub operations: BTreeMap<String, Operation>,
}

fn default_timeout_ms() -> u64 {
    30_000
}

/// Where the data come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A data broker's compilation.
    #[default]
    Broker,
    /// Public web pages.
    PublicWeb,
    /// Taken from LinkedIn profiles.
    Linkedin,
    /// Measured, as a mail server's or a telephone network's own answer.
    Measured,
    /// Written by a language model: inferred, never observed.
    Model,
    /// The user's own.
    Own,
}

/// How fast a provider may be asked.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Rolling windows; all of them hold.
    #[serde(default)]
    pub windows: Vec<Window>,
    /// Most requests on their way at the same time; default 4.
    #[serde(default = "default_concurrency")]
    pub concurrency: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { windows: Vec::new(), concurrency: default_concurrency() }
    }
}

fn default_concurrency() -> usize {
    4
}

/// At most `count` requests within any `ms` milliseconds.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Requests.
    pub count: u32,
    /// Length of the window, in milliseconds.
    pub ms: u64,
    /// True where the vendor counts from the full minute, hour or day instead of looking back.
    #[serde(default)]
    pub fixed: bool,
}

/// Where an answer says how long to wait.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RetrySource {
    /// A response header.
    #[serde(default)]
    pub header: Option<String>,
    /// A place in the JSON body.
    #[serde(default)]
    pub body: Option<Path>,
}

/// One thing a provider can be asked.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// What it answers, from what, at what price; a sentence for people.
    pub about: String,
    /// What recorded samples call it, where that differs.
    #[serde(default)]
    pub also_called: Vec<String>,
    /// Contact or company.
    pub entity: Entity,
    /// Sets of inputs of which one must be complete; the first complete one is sent.
    pub needs: Vec<Vec<String>>,
    /// Further inputs that are sent when they are there.
    #[serde(default)]
    pub accepts: Vec<String>,
    /// Inputs that are no field of a record, such as the text of a page; sent when they are there.
    #[serde(default)]
    pub takes: Vec<String>,
    /// The most one call can cost, in credits.
    pub price_max: f64,
    /// Whose credits: the name of the vendor's meter, where it has several. Unset: `NAME.credits`.
    #[serde(default)]
    pub pool: Option<String>,
    /// How fast this operation may be asked, where it has limits of its own beside the provider's.
    #[serde(default)]
    pub limits: Option<Limits>,
    /// How long an answer stays good, in days.
    pub fresh_days: u32,
    /// Another root of the address than the provider's, for vendors with several hosts.
    #[serde(default)]
    pub base_url: Option<String>,
    /// What is sent.
    pub request: Request,
    /// Texts of the answer that hold JSON of their own: a name to where the text stands. The rules find it under that name at the top
    /// of the answer; a code fence around it is taken off, and what is no JSON is not there.
    #[serde(default)]
    pub unpack: BTreeMap<String, Path>,
    /// The key under which a good answer stands: `data`, or `result.data`. An answer without it is malformed; with `null` there it is a
    /// miss.
    #[serde(default)]
    pub envelope: Option<String>,
    /// Rules for the answers of this operation, tried in order before the provider's.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Field to where its value stands in the answer. A field of a record, or one of the facts that no record holds: `email_status`,
    /// `phone_type`, `employee_range`, ….
    #[serde(default)]
    pub fields: BTreeMap<String, FieldRule>,
    /// What the operation is for. Where none of these can be read, the rest only repeats the question: nothing was found.
    #[serde(default)]
    pub finds: Vec<String>,
    /// An object of the answer whose every wanted key is a field: columns a user invents.
    #[serde(default)]
    pub columns: Option<Path>,
    /// Further records in the answer, for operations that list.
    #[serde(default)]
    pub rows: Option<Rows>,
    /// Whether the answer is about the one we asked for.
    #[serde(default)]
    pub identity: Identity,
    /// What an answer costs; the first rule that matches. None matching: nothing.
    #[serde(default)]
    pub charge: Vec<ChargeRule>,
    /// How sure the vendor is.
    #[serde(default)]
    pub confidence: Option<Confidence>,
    /// How several questions go into one call.
    #[serde(default)]
    pub bulk: Option<Bulk>,
    /// How the answer is fetched later, or delivered.
    #[serde(default)]
    pub asynchronous: Option<Asynchronous>,
}

/// What is sent. Templates see the inputs (empty when missing), `wanted` (the fields the call should fill) and `target` (the first of
/// them: the mandatory field the call is made for). Parameters that come out empty are not sent.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// Path behind the base address, with leading slash. Inputs in it are percent-encoded.
    pub path: Template,
    /// Query parameters.
    #[serde(default)]
    pub query: BTreeMap<String, Template>,
    /// Headers beside the provider's.
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    /// JSON body, with templates in its texts. `{"$each": item}` repeats an item for every question of a bulk call, `{"$json": text}`
    /// is a template that comes out as JSON of its own.
    #[serde(default)]
    pub body: Option<serde_json::Value>,
}

/// HTTP methods a question may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
}

impl Method {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}
