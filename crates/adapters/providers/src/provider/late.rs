//! Answers that come later: tickets are kept so that asking again fetches instead of paying again, and deliveries are read once.

use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};

use evergreen_model::{AnswerOutcome, Question};
use evergreen_ports::Provider;
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};

use super::{ManifestProvider, received};
use crate::late::{NotRead, Secrets, Ticket, delivery_path, is_delivery_path};
use crate::reading::Reading;

/// Where late answers are delivered, and what proves that they are.
#[derive(Debug, Clone)]
pub struct Deliveries {
    /// The public address in front of the secret path, without final slash.
    pub base_url: String,
    /// From this the secret path of every question is made.
    pub path_secret: SecretString,
    /// With this a vendor signs, where it is not the key.
    pub signing_secret: Option<SecretString>,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq)]
pub enum Delivered {
    /// The answer; asking the question again gives the same one without a call.
    Answer(Box<Reading>),
    /// It had come before; nothing changes.
    Again,
    /// Only a hint that the answer is ready: ask again.
    Hint,
}

/// Where a late answer stands.
#[derive(Debug, Clone)]
pub(super) enum Late {
    /// Not there yet; how often it was looked for.
    Waiting(Ticket, u64),
    /// Delivered, and not told yet.
    Here(Box<Reading>),
    /// Delivered and told.
    Told,
}

impl ManifestProvider {
    /// The ticket by which the answer to a question is waited for.
    #[must_use]
    pub fn ticket(&self, question: &Question) -> Option<Ticket> {
        match self.lates().get(&question.key) {
            Some(Late::Waiting(ticket, _)) => Some(ticket.clone()),
            _ => None,
        }
    }

    /// Takes up a ticket again that an earlier process kept, so that the question is fetched and not started anew.
    pub fn resume(&self, question: &Question, ticket: Ticket) {
        self.lates().insert(question.key.clone(), Late::Waiting(ticket, 0));
    }

    /// Reads what came to the address of a question. `path` is the last part of the address it came to.
    ///
    /// # Errors
    /// [`NotRead`], when the address is not the question's, the signature is wrong or the shape unknown.
    pub fn receive(
        &self,
        question: &Question,
        path: &str,
        headers: &[(String, String)],
        body: &[u8],
        wanted: &[String],
    ) -> Result<Delivered, NotRead> {
        let deliveries = self.deliveries.as_ref().ok_or(NotRead::NoCallback)?;
        if !is_delivery_path(deliveries.path_secret.expose_secret(), &question.key, path) {
            return Err(NotRead::Unsigned);
        }
        let secrets = Secrets {
            key: self.signer.key(),
            deliveries: deliveries.signing_secret.as_ref().map(|secret| secret.expose_secret()),
        };
        let name = &question.operation;
        let (reading, ticket) = self.manifest.read_delivery(name, headers, body, &secrets, &question.inputs, wanted)?;
        if self.manifest.delivery_is_hint_only(name) || reading.outcome == AnswerOutcome::Pending {
            return Ok(Delivered::Hint);
        }
        let mut lates = self.lates();
        match lates.get(&question.key) {
            Some(Late::Here(_) | Late::Told) => return Ok(Delivered::Again),
            Some(Late::Waiting(waited, _)) if ticket.as_ref().is_some_and(|ticket| *ticket != waited.id) => {
                return Err(NotRead::Shapeless); // another question's answer at this one's address
            }
            _ => {}
        }
        lates.insert(question.key.clone(), Late::Here(Box::new(reading.clone())));
        Ok(Delivered::Answer(Box::new(reading)))
    }

    /// The address to which the answer to a question may be delivered; empty where there is none.
    pub(super) fn delivery_address(&self, question: &Question) -> String {
        match (&self.deliveries, self.manifest.callback(&question.operation)) {
            (Some(deliveries), Some(callback)) if !callback.hint_only => {
                let path = delivery_path(deliveries.path_secret.expose_secret(), &question.key);
                format!("{}/{path}", deliveries.base_url.trim_end_matches('/'))
            }
            _ => String::new(),
        }
    }

    pub(super) fn is_late(&self, question: &Question) -> bool {
        matches!(self.lates().get(&question.key), Some(Late::Waiting(..) | Late::Here(_)))
    }

    /// Keeps the ticket, and waits as long as the caller is patient.
    pub(super) async fn wait_for(
        &self,
        question: &Question,
        wanted: &[String],
        ticket: Ticket,
        first: Reading,
        latency_ms: u64,
    ) -> (Reading, u64) {
        let wait_ms = ticket.wait_ms.max(1);
        self.lates().insert(question.key.clone(), Late::Waiting(ticket, 0));
        let (mut reading, mut latency_ms) = (first, latency_ms);
        let mut waited_ms = 0;
        while let Some(clock) = &self.clock
            && reading.outcome == AnswerOutcome::Pending
            && self.is_late(question)
        {
            let asked_for = reading.retry_after.map_or(wait_ms, |after| after.ms_from(clock.now()).max(1));
            waited_ms += asked_for;
            if waited_ms > self.patience_ms {
                break;
            }
            clock.sleep(SignedDuration::from_millis(i64::try_from(asked_for).unwrap_or(i64::MAX))).await;
            let (mut later, again_ms) = self.look_again(question, wanted).await;
            later.cost.credits += reading.cost.credits; // what the first answer cost is paid, whatever the later ones say
            for (name, value) in std::mem::take(&mut reading.fields) {
                later.fields.entry(name).or_insert(value);
            }
            reading = later;
            latency_ms += again_ms;
        }
        (reading, latency_ms)
    }

    /// Asks for the answer of a question that was started before: what was delivered, or what the ticket gives.
    pub(super) async fn look_again(&self, question: &Question, wanted: &[String]) -> (Reading, u64) {
        let (ticket, looks) = {
            let mut lates = self.lates();
            match lates.get_mut(&question.key) {
                Some(Late::Here(reading)) => {
                    let reading = (**reading).clone();
                    lates.insert(question.key.clone(), Late::Told);
                    return (reading, 0);
                }
                Some(Late::Waiting(ticket, looks)) => {
                    *looks += 1;
                    (ticket.clone(), *looks)
                }
                Some(Late::Told) | None => {
                    return (Reading::unread(AnswerOutcome::Malformed, 0, "nothing was started".to_owned()), 0);
                }
            }
        };
        let Some(operation) = self.manifest.operation(&ticket.operation) else {
            return (Reading::unread(AnswerOutcome::Malformed, 0, "no such operation".to_owned()), 0);
        };
        if looks.saturating_mul(ticket.wait_ms.max(1)) > ticket.deadline_ms.max(1) {
            self.lates().remove(&question.key);
            let mut reading = Reading::unread(
                AnswerOutcome::Transient,
                0,
                format!("the answer was lost: not ready after {} looks", looks - 1),
            );
            reading.cost.estimated = true;
            reading.cost.credits = evergreen_model::Credits::from_units(operation.price_max);
            return (reading, 0);
        }
        let parts = match self.manifest.poll_request(&ticket, &question.inputs, wanted) {
            Ok(parts) => parts,
            Err(why) => return (self.still_pending(why), 0), // it will be delivered
        };
        let waits = self.manifest.waits_out_429(operation);
        let (reading, latency_ms) = match self.send_to(&self.root(Some(operation)), parts, "", waits, true).await {
            Ok(got) => {
                let reading = self.manifest.read_late(&ticket.operation, received(&got), &question.inputs, wanted);
                (self.told_apart(reading).await, got.latency_ms)
            }
            // Looking is free, so a lost look is only a look to repeat.
            Err(reading) if reading.outcome == AnswerOutcome::Transient => {
                (self.still_pending(reading.notes.join("; ")), 0)
            }
            Err(reading) => (reading, 0),
        };
        let goes_on = matches!(
            reading.outcome,
            AnswerOutcome::Pending | AnswerOutcome::RateLimited | AnswerOutcome::Transient | AnswerOutcome::Auth
        );
        if !goes_on {
            self.lates().remove(&question.key);
        }
        (reading, latency_ms)
    }

    fn still_pending(&self, why: String) -> Reading {
        let mut reading = Reading::unread(AnswerOutcome::Pending, 0, why);
        reading.pool = format!("{}.credits", self.card().name);
        reading
    }

    fn lates(&self) -> MutexGuard<'_, BTreeMap<String, Late>> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
