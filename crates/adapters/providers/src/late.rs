//! Answers that come later: the ticket, fetching by it, and deliveries to a secret address.

use evergreen_model::{AnswerOutcome, Fields};
use serde::{Deserialize, Serialize};

use crate::document::{Asynchronous, Callback, Operation, SignatureKey};
use crate::expression::Body;
use crate::manifest::Manifest;
use crate::reading::{Reading, Received};
use crate::request::{Parts, parts, scope};
use crate::signature;

/// By what a late answer is asked for. Keep it: whoever asks again without it pays again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The operation that was started.
    pub operation: String,
    /// The vendor's word for it; digits are kept as they came.
    pub id: String,
    /// When to look, counted from now, in milliseconds.
    pub wait_ms: u64,
    /// After how many milliseconds from the start to give up.
    pub deadline_ms: u64,
}

/// Why a delivery is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    /// The operation takes no deliveries.
    #[error("this operation takes no deliveries")]
    NoCallback,
    /// The signature is missing or wrong.
    #[error("the signature is missing or wrong")]
    Unsigned,
    /// It is no JSON, or not of the shape the manifest describes.
    #[error("the delivery has not the shape the manifest describes")]
    Shapeless,
}

impl Manifest {
    pub(crate) fn late(&self, operation: &str) -> Option<(&Operation, &Asynchronous)> {
        let operation = self.operation(operation)?;
        Some((operation, operation.asynchronous.as_ref()?))
    }

    /// The ticket of a first answer, when the rest comes later.
    #[must_use]
    pub fn ticket(&self, operation: &str, reading: &Reading) -> Option<Ticket> {
        let (_, later) = self.late(operation)?;
        let id = reading.ticket.clone().filter(|_| reading.outcome == AnswerOutcome::Pending)?;
        Some(Ticket { operation: operation.to_owned(), id, wait_ms: later.wait_ms, deadline_ms: later.deadline_ms })
    }

    /// The request that fetches a late answer.
    ///
    /// # Errors
    /// A sentence, when the vendor only delivers.
    pub fn poll_request(&self, ticket: &Ticket, inputs: &Fields, wanted: &[String]) -> Result<Parts, String> {
        let (operation, later) =
            self.late(&ticket.operation).ok_or_else(|| format!("{} is not asynchronous", ticket.operation))?;
        let poll = later.poll.as_ref().ok_or_else(|| format!("{} is delivered, not fetched", ticket.operation))?;
        let mut scope = scope(operation, inputs, wanted, "");
        scope.insert("ticket".into(), ticket.id.as_str().into());
        parts(&self.document, &poll.request, &scope, &[])
    }

    /// Reads a fetched answer.
    #[must_use]
    pub fn read_late(&self, operation: &str, got: Received<'_>, asked: &Fields, wanted: &[String]) -> Reading {
        match self.operation(operation) {
            Some(found) => self.reading(&self.late_view(operation, found), got, asked, wanted),
            None => {
                let note = format!("{} has no operation {operation}", self.name());
                Reading::unread(AnswerOutcome::Malformed, got.status, note)
            }
        }
    }

    pub(crate) fn callback(&self, operation: &str) -> Option<&Callback> {
        self.late(operation)?.1.callback.as_ref()
    }

    /// Whether a delivery is only a hint to fetch the answer, because anybody could send it.
    #[must_use]
    pub fn delivery_is_hint_only(&self, operation: &str) -> bool {
        self.callback(operation).is_some_and(|callback| callback.hint_only)
    }

    /// Reads a delivery: its signature first, then its body as if it had been fetched. The second value is the ticket it names, if it
    /// does.
    ///
    /// # Errors
    /// [`NotRead`], when it is not signed as it should be or has another shape.
    pub fn read_delivery(
        &self,
        operation: &str,
        headers: &[(String, String)],
        body: &[u8],
        secrets: &Secrets<'_>,
        asked: &Fields,
        wanted: &[String],
    ) -> Result<(Reading, Option<String>), NotRead> {
        let callback = self.callback(operation).ok_or(NotRead::NoCallback)?;
        if !self.delivery_is_signed(operation, headers, body, secrets).unwrap_or(true) {
            return Err(NotRead::Unsigned);
        }
        let found = self.operation(operation).ok_or(NotRead::NoCallback)?;
        let json = Body::parse(body).ok_or(NotRead::Shapeless)?;
        let ticket = callback.ticket.as_ref().and_then(|place| place.word(&json));
        let status = match &callback.status {
            Some(place) => {
                place.number(&json).filter(|status| (100.0..600.0).contains(status)).ok_or(NotRead::Shapeless)? as u16
            }
            None => 200,
        };
        let view = self.late_view(operation, found);
        let answer = match &callback.answer {
            Some(place) => place.made_of(&json).unwrap_or_else(Body::null),
            None => json,
        };
        let answer = answer.unpacked(view.unpack.iter());
        let bytes = answer.to_bytes();
        let got = Received { status, headers: &[], body: &bytes };
        Ok((self.reading_of(&view, got, Some(&answer), asked, wanted), ticket))
    }

    /// Whether a delivery carries the right signature; `None` where the vendor signs nothing.
    pub(crate) fn delivery_is_signed(
        &self,
        operation: &str,
        headers: &[(String, String)],
        body: &[u8],
        secrets: &Secrets<'_>,
    ) -> Option<bool> {
        let rule = self.callback(operation)?.signature.as_ref()?;
        let secret = match rule.key {
            SignatureKey::ApiKey => secrets.key,
            SignatureKey::Secret => secrets.deliveries,
        };
        let said =
            headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(&rule.header)).map(|(_, value)| value.as_str());
        let given = said.and_then(|said| said.trim().strip_prefix(rule.prefix.as_str()));
        Some(secret.zip(given).is_some_and(|(secret, given)| {
            signature::is_signed(rule.algorithm, rule.encoding, secret.as_bytes(), body, given)
        }))
    }
}

/// What deliveries are signed with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Secrets<'s> {
    /// The key with which the vendor is asked.
    pub key: Option<&'s str>,
    /// A secret for deliveries alone.
    pub deliveries: Option<&'s str>,
}

/// The secret part of the address to which the answer to a question is delivered: nobody can guess it, and it needs no memory.
#[must_use]
pub fn delivery_path(secret: &str, question_key: &str) -> String {
    let key = blake3::derive_key("evergreen 2026-11 delivery address", secret.as_bytes());
    blake3::keyed_hash(&key, question_key.as_bytes()).to_hex()[..40].to_owned()
}

/// Whether a delivery came to the secret address of this question.
#[must_use]
pub fn is_delivery_path(secret: &str, question_key: &str, given: &str) -> bool {
    signature::same(delivery_path(secret, question_key).as_bytes(), given.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_for_deliveries_is_its_questions_own() {
        let path = delivery_path("s3cret", "question one");
        assert!(is_delivery_path("s3cret", "question one", &path) && path.len() == 40);
        assert!(
            !is_delivery_path("s3cret", "question two", &path) && !is_delivery_path("other", "question one", &path)
        );
        assert!(!is_delivery_path("s3cret", "question one", &path[..39]));
    }
}
