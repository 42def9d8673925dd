//! The form of a manifest: what may stand in the YAML file of a provider.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use evergreen_model::{AnswerOutcome, Entity};
use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::expression::Path;
use crate::template::Template;
use crate::value::Kind;

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
    /// Rules for every answer, tried in order after the operation's own; the first that matches says how the answer reads.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// What it can be asked, by name.
    pub operations: BTreeMap<String, Operation>,
}

fn default_timeout_ms() -> u64 {
    30_000
}

/// How the key is sent.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Auth {
    /// No key.
    #[default]
    None,
    /// In a header.
    Header {
        /// Name of the header.
        name: String,
        /// What stands before the key: `Bearer `.
        #[serde(default)]
        prefix: String,
    },
    /// In a query parameter. Avoid where the vendor offers a header: addresses end up in logs.
    Query {
        /// Name of the parameter.
        name: String,
    },
    /// HTTP basic; the key is `user:password`, or the user alone.
    Basic {},
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
    /// The most one call can cost, in credits.
    pub price_max: f64,
    /// How long an answer stays good, in days.
    pub fresh_days: u32,
    /// What is sent.
    pub request: Request,
    /// The top-level key under which a good answer stands: `data`. An answer without it is malformed; with `null` there it is a miss.
    #[serde(default)]
    pub envelope: Option<String>,
    /// Rules for the answers of this operation, tried in order before the provider's.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Field to where its value stands in the answer.
    pub fields: BTreeMap<String, FieldRule>,
    /// What an answer costs; the first rule that matches. None matching: nothing.
    #[serde(default)]
    pub charge: Vec<ChargeRule>,
    /// How sure the vendor is.
    #[serde(default)]
    pub confidence: Option<Confidence>,
}

/// What is sent. Templates see the inputs (empty when missing), `wanted` (the fields the call should fill) and `target` (the first of
/// them: the mandatory field the call is made for). Parameters that come out empty are not sent.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// Path behind the base address, with leading slash.
    pub path: String,
    /// Query parameters.
    #[serde(default)]
    pub query: BTreeMap<String, Template>,
    /// Headers beside the provider's.
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    /// JSON body, with templates in its texts.
    #[serde(default)]
    pub body: Option<serde_json::Value>,
}

/// HTTP methods a question may use.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
}

/// One way an answer may read.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// When it applies: all the tests that are given hold.
    pub when: When,
    /// How the answer then reads.
    #[serde(deserialize_with = "outcome_word")]
    #[schemars(with = "OutcomeWord")]
    pub outcome: AnswerOutcome,
    /// True where no recording or document proves the rule yet.
    #[serde(default)]
    pub assumed: bool,
}

/// Tests of an answer.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// Statuses and ranges of them: `[404, 500-599]`. Unset: any.
    #[serde(default)]
    pub status: Vec<StatusRange>,
    /// A JMESPath expression over the JSON body that comes out true (neither null, false nor empty).
    #[serde(default)]
    pub body: Option<Path>,
    /// A text that the body contains, whatever its case.
    #[serde(default)]
    pub text: Option<String>,
}

/// One status, `404`, or a range, `500-599`.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(with = "StatusText")]
pub struct StatusRange(pub RangeInclusive<u16>);

/// How a status range is written.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum StatusText {
    /// One status.
    One(u16),
    /// A range: `500-599`.
    Range(String),
}

impl<'de> Deserialize<'de> for StatusRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let range = match StatusText::deserialize(deserializer)? {
            StatusText::One(status) => Some(status..=status),
            StatusText::Range(text) => text
                .split_once('-')
                .and_then(|(from, to)| Some(from.trim().parse().ok()?..=to.trim().parse().ok()?))
                .or_else(|| text.trim().parse().ok().map(|status| status..=status)),
        };
        let fits = |range: &RangeInclusive<u16>| {
            (100..600).contains(range.start()) && (100..600).contains(range.end()) && !range.is_empty()
        };
        range
            .filter(fits)
            .map(StatusRange)
            .ok_or_else(|| D::Error::custom("a status is 100 to 599, or a range such as 500-599"))
    }
}

/// The outcomes, for the schema.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used; the model's type knows no schemas")]
pub enum OutcomeWord {
    /// All wanted fields.
    Hit,
    /// Some wanted fields.
    Partial,
    /// Nothing known.
    Miss,
    /// Several candidates tie.
    Ambiguous,
    /// Not ready yet.
    Pending,
    /// The person or a law forbids it.
    Refused,
    /// The account is empty.
    NoCredits,
    /// Too fast.
    RateLimited,
    /// The key is wrong.
    Auth,
    /// The subscription does not cover it.
    Plan,
    /// The vendor dislikes the inputs.
    InvalidInput,
    /// A passing failure.
    Transient,
    /// Breaks the vendor's own contract.
    Malformed,
}

fn outcome_word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AnswerOutcome, D::Error> {
    let word = String::deserialize(deserializer)?;
    let all = AnswerOutcome::ALL.map(AnswerOutcome::as_str).join(", ");
    AnswerOutcome::parse(&word).ok_or_else(|| D::Error::custom(format!("there is no outcome {word}; there are {all}")))
}

/// Where a field's value stands: a JMESPath expression, or several of which the first usable value counts, and how to read it.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub enum FieldRule {
    /// The place alone; the value is read as text.
    Short(Path),
    /// The place and how to read it.
    Long(LongFieldRule),
}

// By hand, because serde's untagged enums lose the message and the place of a mistake.
impl<'de> Deserialize<'de> for FieldRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrMap;
        impl<'de> Visitor<'de> for TextOrMap {
            type Value = FieldRule;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JMESPath expression, or a map with `from`")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<FieldRule, E> {
                Path::parse(text).map(FieldRule::Short).map_err(E::custom)
            }
            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<FieldRule, M::Error> {
                LongFieldRule::deserialize(MapAccessDeserializer::new(map)).map(FieldRule::Long)
            }
        }
        deserializer.deserialize_any(TextOrMap)
    }
}

/// Where a field's value stands and how to read it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LongFieldRule {
    /// Where it stands; several places are tried in order.
    pub from: Places,
    /// How to read it; default text.
    #[serde(default, rename = "as")]
    pub kind: Kind,
    /// When the value must not be used although it is there: a JMESPath test over the whole body.
    #[serde(default)]
    pub unless: Option<Path>,
}

/// One place or several.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub enum Places {
    /// One.
    One(Path),
    /// Several, the best first.
    Several(Vec<Path>),
}

impl<'de> Deserialize<'de> for Places {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrList;
        impl<'de> Visitor<'de> for TextOrList {
            type Value = Places;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JMESPath expression, or a list of them")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Places, E> {
                Path::parse(text).map(Places::One).map_err(E::custom)
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Places, S::Error> {
                let mut paths = Vec::new();
                while let Some(path) = list.next_element()? {
                    paths.push(path);
                }
                Ok(Places::Several(paths))
            }
        }
        deserializer.deserialize_any(TextOrList)
    }
}

impl FieldRule {
    /// The places to look at, in order.
    pub(crate) fn places(&self) -> &[Path] {
        match self {
            FieldRule::Short(path) | FieldRule::Long(LongFieldRule { from: Places::One(path), .. }) => {
                std::slice::from_ref(path)
            }
            FieldRule::Long(LongFieldRule { from: Places::Several(paths), .. }) => paths,
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            FieldRule::Short(_) => Kind::Text,
            FieldRule::Long(long) => long.kind,
        }
    }

    pub(crate) fn unless(&self) -> Option<&Path> {
        match self {
            FieldRule::Short(_) => None,
            FieldRule::Long(long) => long.unless.as_ref(),
        }
    }
}

/// What an answer costs, when.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChargeRule {
    /// Outcomes for which it holds; unset: any.
    #[serde(default, deserialize_with = "outcome_words")]
    #[schemars(with = "Vec<OutcomeWord>")]
    pub outcomes: Vec<AnswerOutcome>,
    /// A JMESPath test over the JSON body.
    #[serde(default)]
    pub when: Option<Path>,
    /// The vendor's own meter. Where the answer does not carry it, the rule does not match.
    #[serde(default)]
    pub meter: Option<Meter>,
    /// Credits, where there is no meter.
    #[serde(default)]
    pub credits: Option<f64>,
}

fn outcome_words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<AnswerOutcome>, D::Error> {
    #[derive(Deserialize)]
    struct Word(#[serde(deserialize_with = "outcome_word")] AnswerOutcome);
    Ok(Vec::<Word>::deserialize(deserializer)?.into_iter().map(|word| word.0).collect())
}

/// Where the vendor says what an answer cost.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Meter {
    /// A response header.
    Header(String),
    /// A place in the JSON body.
    Body(Path),
}

/// How sure the vendor is, 0 to 100.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confidence {
    /// Where it stands.
    pub from: Path,
    /// What makes it a number out of a hundred: 10 for a scale of 1 to 10. Default 1.
    #[serde(default = "one")]
    pub times: f64,
}

fn one() -> f64 {
    1.0
}
