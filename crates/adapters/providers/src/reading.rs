//! From a response to a reading: ordered rules first, then what the body proves. Pure, so a recorded response is a complete test.

use evergreen_model::{Answer, AnswerOutcome, Charge, Credits, Fields, Money};

use crate::charge::{self, Cost};
use crate::document::{Rule, When};
use crate::expression::{Body, Envelope};
use crate::extract::{self, Extracted};
use crate::identity::{self, Verdict};
use crate::manifest::Manifest;
use crate::view::View;
use crate::wait::{self, RetryAfter};

/// What a vendor sent.
#[derive(Debug, Clone, Copy)]
pub struct Received<'r> {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: &'r [(String, String)],
    /// Body.
    pub body: &'r [u8],
}

/// A response as the manifest reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// How it reads.
    pub outcome: AnswerOutcome,
    /// What it may mean instead, where the vendor uses one message for both.
    pub or: Option<AnswerOutcome>,
    /// Fields of the record, normalised.
    pub fields: Fields,
    /// What it says that no field of the record holds: the status of an address, a band of employees.
    pub facts: Fields,
    /// Further records, for operations that list.
    pub rows: Vec<Fields>,
    /// What it cost.
    pub cost: Cost,
    /// Whose credits.
    pub pool: String,
    /// How sure the vendor is, 0 to 100.
    pub confidence: u8,
    /// Which rule said so, for people.
    pub rule: String,
    /// What was dropped or is odd, for people.
    pub notes: Vec<String>,
    /// When it is worth asking again.
    pub retry_after: Option<RetryAfter>,
    /// By what the late answer is asked for.
    pub ticket: Option<String>,
    /// HTTP status.
    pub status: u16,
}

impl Reading {
    /// A reading that no rule of a manifest was asked about.
    pub(crate) fn unread(outcome: AnswerOutcome, status: u16, note: String) -> Reading {
        Reading {
            outcome,
            or: None,
            fields: Fields::new(),
            facts: Fields::new(),
            rows: Vec::new(),
            cost: Cost::default(),
            pool: String::new(),
            confidence: 0,
            rule: String::new(),
            notes: vec![note],
            retry_after: None,
            ticket: None,
            status,
        }
    }

    /// The outcome as one word, `auth_or_no_credits` where two are possible.
    #[must_use]
    pub fn word(&self) -> String {
        match self.or {
            Some(or) => format!("{}_or_{or}", self.outcome),
            None => self.outcome.to_string(),
        }
    }

    /// Whether the answer has this field or fact.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name) || self.facts.contains_key(name)
    }

    /// The value of a field or fact.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.get(name).or_else(|| self.facts.get(name)).map(String::as_str)
    }

    /// The answer for the engine.
    #[must_use]
    pub fn answer(&self, money_per_credit: Money, latency_ms: u64) -> Answer {
        Answer {
            outcome: self.outcome,
            fields: self.fields.clone(),
            charge: Charge { credits: self.cost.credits, money: self.cost.credits.at(money_per_credit) },
            confidence: self.confidence,
            note: self.notes.join("; "),
            status: self.status,
            latency_ms,
        }
    }

    /// The same answer, but about somebody else: paid, kept for the audit, and without a value.
    fn about_another(&mut self, why: &str) {
        self.outcome = AnswerOutcome::Miss;
        self.fields.clear();
        self.facts.clear();
        self.notes.push(format!("about somebody else: {why}"));
    }
}

impl Manifest {
    /// Reads a response to `operation`. `wanted` are the fields whose presence makes a hit; without any, any field does.
    ///
    /// All wanted fields there: hit. Some, or none of them but others: partial. Nothing usable: miss.
    #[must_use]
    pub fn read(
        &self,
        operation: &str,
        status: u16,
        headers: &[(String, String)],
        body: &[u8],
        wanted: &[String],
    ) -> Answer {
        let money = Money::from_units(self.document.money_per_credit);
        let Some(found) = self.operation(operation) else {
            let note = format!("{} has no operation {operation}", self.name());
            return Reading::unread(AnswerOutcome::Malformed, status, note).answer(money, 0);
        };
        let view = self.view(operation, found);
        self.reading(&view, Received { status, headers, body }, &Fields::new(), wanted).answer(money, 0)
    }

    /// Reads a response. `asked` is what was asked about, to know whether the answer is about the same one; empty where that is unknown.
    pub(crate) fn reading(&self, view: &View<'_>, got: Received<'_>, asked: &Fields, wanted: &[String]) -> Reading {
        let json = Body::parse(got.body).map(|body| body.unpacked(view.unpack.iter()));
        self.reading_of(view, got, json.as_ref(), asked, wanted)
    }

    /// The same for a body that is parsed already.
    pub(crate) fn reading_of(
        &self,
        view: &View<'_>,
        got: Received<'_>,
        json: Option<&Body>,
        asked: &Fields,
        wanted: &[String],
    ) -> Reading {
        let judged = judge(view, got, json);
        let mut reading =
            Reading { rule: judged.rule, ..Reading::unread(AnswerOutcome::Miss, got.status, judged.note) };
        reading.notes.retain(|note| !note.is_empty());
        let whole =
            matches!(judged.outcome, None | Some(AnswerOutcome::Pending | AnswerOutcome::Hit | AnswerOutcome::Partial));
        if let Some(json) = json {
            let mut extracted = if whole { extract::all(view, json, wanted) } else { Extracted::default() };
            if !judged.keep.is_empty() {
                extracted.facts.extend(extract::kept(view, json, judged.keep));
            }
            reading.fields = extracted.fields;
            reading.facts = extracted.facts;
            reading.rows = extracted.rows;
            reading.notes.extend(extracted.notes);
        }
        if judged.outcome.is_none() {
            reading.rule = "the fields that were wanted and found".to_owned();
        }
        reading.outcome = judged.outcome.unwrap_or_else(|| by_fields(&reading, view, wanted));
        let only_echoed = !view.finds.is_empty() && !view.finds.iter().any(|name| reading.has(name));
        if judged.outcome.is_none() && only_echoed {
            reading.outcome = AnswerOutcome::Miss;
            reading.rule = format!("without {} nothing is found", view.finds.join(" or "));
            reading.fields.clear();
            reading.facts.clear();
        }
        reading.or = judged.or;
        reading.cost = charge::cost(view.charge, reading.outcome, got.headers, json);
        reading.pool = reading.cost.pool.clone().unwrap_or_else(|| view.pool.clone());
        if reading.cost.credits > Credits::from_units(view.price_max) {
            reading
                .notes
                .push(format!("cost {} credits, more than the {} declared", reading.cost.credits, view.price_max));
        }
        reading.confidence = extract::confidence(view, json, &reading);
        if matches!(reading.outcome, AnswerOutcome::Hit | AnswerOutcome::Partial)
            && let Verdict::Another(why) = identity::judge(view, json, asked, &reading)
        {
            reading.about_another(&why);
            reading.rule = "identity".to_owned();
        }
        if reading.outcome == AnswerOutcome::Pending {
            reading.ticket = view.ticket.zip(json).and_then(|(place, json)| place.word(json));
        }
        let passes =
            matches!(reading.outcome, AnswerOutcome::Pending | AnswerOutcome::RateLimited | AnswerOutcome::Transient);
        if passes {
            let said = wait::retry_after(&self.document.retry_after, got.headers, json, got.body);
            reading.retry_after = said.or(judged.wait_ms.map(RetryAfter::Ms));
        }
        reading
    }
}

/// What rules and shape say, before the fields have a word.
struct Judged<'m> {
    /// Unset: the fields decide.
    outcome: Option<AnswerOutcome>,
    or: Option<AnswerOutcome>,
    keep: &'m [String],
    wait_ms: Option<u64>,
    rule: String,
    note: String,
}

impl Judged<'_> {
    fn by(outcome: AnswerOutcome, rule: &str, note: String) -> Judged<'static> {
        Judged { outcome: Some(outcome), or: None, keep: &[], wait_ms: None, rule: rule.to_owned(), note }
    }
}

fn judge<'m>(view: &View<'m>, got: Received<'_>, json: Option<&Body>) -> Judged<'m> {
    for (whose, rules) in &view.rules {
        for (at, rule) in rules.iter().enumerate() {
            if matches(&rule.when, got, json) {
                return by_rule(whose, at, rule, got.status);
            }
        }
    }
    let status = got.status;
    let by_status = |outcome| Judged::by(outcome, "what the status usually means", format!("status {status}"));
    match status {
        200..=299 => by_shape(view, json),
        400 | 422 => by_status(AnswerOutcome::InvalidInput),
        401 => by_status(AnswerOutcome::Auth),
        402 => by_status(AnswerOutcome::NoCredits),
        403 => by_status(AnswerOutcome::Plan),
        429 => by_status(AnswerOutcome::RateLimited),
        451 => by_status(AnswerOutcome::Refused),
        408 | 425 | 500..=599 => by_status(AnswerOutcome::Transient),
        _ => Judged::by(
            AnswerOutcome::Malformed,
            "what the status usually means",
            format!("status {status} is not expected of this vendor"),
        ),
    }
}

fn by_rule<'m>(whose: &str, at: usize, rule: &'m Rule, status: u16) -> Judged<'m> {
    let assumed = if rule.assumed { ", assumed" } else { "" };
    Judged {
        outcome: Some(rule.outcome),
        or: rule.or,
        keep: &rule.keep,
        wait_ms: rule.wait_ms,
        rule: format!("rule {} of {whose}: {}{assumed}", at + 1, rule.when),
        note: format!("status {status} read by rule{assumed}"),
    }
}

fn matches(when: &When, got: Received<'_>, json: Option<&Body>) -> bool {
    let status_fits = when.status.is_empty() || when.status.iter().any(|range| range.0.contains(&got.status));
    let body_fits = || when.body.as_ref().is_none_or(|test| json.is_some_and(|json| test.holds(json)));
    let text_fits = || {
        when.text.as_ref().is_none_or(|words| {
            let text = String::from_utf8_lossy(got.body).to_lowercase();
            words.0.iter().any(|word| text.contains(word.as_str()))
        })
    };
    let headers_fit = || {
        when.header.iter().all(|(name, part)| {
            let said = got.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            said.is_some_and(|(_, value)| value.to_lowercase().contains(&part.to_lowercase()))
        })
    };
    status_fits && body_fits() && text_fits() && headers_fit()
}

/// A 2xx is good only when its body has the right shape.
fn by_shape(view: &View<'_>, json: Option<&Body>) -> Judged<'static> {
    let malformed = |note: String| Judged::by(AnswerOutcome::Malformed, "the shape of the answer", note);
    let Some(json) = json else {
        return malformed("the answer is not JSON".to_owned());
    };
    if view.ticket.is_some_and(|ticket| ticket.word(json).is_some()) {
        return Judged::by(AnswerOutcome::Pending, "the ticket in the answer", "the answer comes later".to_owned());
    }
    match view.envelope.map(|key| (key, json.envelope(key))) {
        Some((key, Envelope::Absent)) => malformed(format!("the answer has no `{key}`")),
        Some((_, Envelope::Empty)) => {
            Judged::by(AnswerOutcome::Miss, "the shape of the answer", "nothing known".to_owned())
        }
        None if !json.is_structured() => malformed("the answer is not an object".to_owned()),
        Some((_, Envelope::Full)) | None => {
            Judged { outcome: None, or: None, keep: &[], wait_ms: None, rule: String::new(), note: String::new() }
        }
    }
}

fn by_fields(reading: &Reading, view: &View<'_>, wanted: &[String]) -> AnswerOutcome {
    let counts = |name: &String| view.fields.get(name).and_then(|rule| rule.long()).is_none_or(|long| long.counts);
    if !reading.fields.keys().chain(reading.facts.keys()).any(counts) && reading.rows.is_empty() {
        return AnswerOutcome::Miss;
    }
    if wanted.is_empty() && view.rows.is_some() && reading.rows.is_empty() {
        return AnswerOutcome::Miss; // a list without an item
    }
    if wanted.iter().all(|name| reading.has(name)) { AnswerOutcome::Hit } else { AnswerOutcome::Partial }
}
