//! Answer rules: tests of status, headers and body, and how an answer that passes them reads.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use evergreen_model::AnswerOutcome;
use schemars::JsonSchema;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::expression::Path;

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
    /// What it may mean instead, where the vendor uses one message for both; the balance then tells which.
    #[serde(default, deserialize_with = "maybe_outcome_word")]
    #[schemars(with = "Option<OutcomeWord>")]
    pub or: Option<AnswerOutcome>,
    /// Facts that are kept although the outcome says that nothing was found: the `unknown` of a verifier.
    #[serde(default)]
    pub keep: Vec<String>,
    /// How long to wait before asking again, in milliseconds, where the answer does not say.
    #[serde(default)]
    pub wait_ms: Option<u64>,
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
    /// A text that the body contains, whatever its case; of several, any.
    #[serde(default)]
    pub text: Option<Words>,
    /// Headers and a text each contains, whatever its case; an empty text only asks for the header.
    #[serde(default)]
    pub header: BTreeMap<String, String>,
}

/// One text or several of which any will do.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(with = "WordsForm")]
pub struct Words(pub Vec<String>);

/// How texts are written.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
pub enum WordsForm {
    /// One.
    One(String),
    /// Any of several.
    Several(Vec<String>),
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrList;
        impl<'de> Visitor<'de> for TextOrList {
            type Value = Words;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or a list of texts")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Words, E> {
                Ok(Words(vec![text.to_lowercase()]))
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Words, S::Error> {
                let mut texts = Vec::new();
                while let Some(text) = list.next_element::<String>()? {
                    texts.push(text.to_lowercase());
                }
                Ok(Words(texts))
            }
        }
        deserializer.deserialize_any(TextOrList)
    }
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

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if !self.status.is_empty() {
            let ranges: Vec<String> = self
                .status
                .iter()
                .map(|range| match (range.0.start(), range.0.end()) {
                    (from, to) if from == to => from.to_string(),
                    (from, to) => format!("{from}-{to}"),
                })
                .collect();
            parts.push(format!("status {}", ranges.join(", ")));
        }
        parts.extend(self.body.iter().map(|body| format!("body `{body:?}`")));
        parts.extend(self.text.iter().map(|words| format!("text \"{}\"", words.0.join("\" or \""))));
        parts.extend(self.header.iter().map(|(name, text)| format!("header {name} \"{text}\"")));
        if parts.is_empty() {
            parts.push("anything".to_owned());
        }
        f.write_str(&parts.join(" and "))
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

pub(super) fn outcome_word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AnswerOutcome, D::Error> {
    let word = String::deserialize(deserializer)?;
    let all = AnswerOutcome::ALL.map(AnswerOutcome::as_str).join(", ");
    AnswerOutcome::parse(&word).ok_or_else(|| D::Error::custom(format!("there is no outcome {word}; there are {all}")))
}

fn maybe_outcome_word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<AnswerOutcome>, D::Error> {
    outcome_word(deserializer).map(Some)
}

pub(super) fn outcome_words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<AnswerOutcome>, D::Error> {
    #[derive(Deserialize)]
    struct Word(#[serde(deserialize_with = "outcome_word")] AnswerOutcome);
    Ok(Vec::<Word>::deserialize(deserializer)?.into_iter().map(|word| word.0).collect())
}
