//! A vendor behind its manifest: asks through the outbound door and never fails, because what goes wrong is an outcome.

mod bulk;
mod late;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use evergreen_model::{Answer, AnswerOutcome, Charge, Credits, Fields, Money, ProviderCard, Question};
use evergreen_ports::{Clock, HttpRequest, HttpResponse, Outbound, OutboundError, Provider};
use secrecy::SecretString;

use crate::account::{AccountReading, BALANCE};
use crate::auth::{Signer, Unsigned};
use crate::document::Operation;
use crate::manifest::Manifest;
use crate::question;
use crate::reading::{Reading, Received};
use crate::request::{Parts, parts, scope};

pub use late::{Delivered, Deliveries};

/// What the project says about a provider beside its manifest.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// Another root of all addresses: a sandbox, a gateway.
    pub base_url: Option<String>,
    /// The key.
    pub key: Option<SecretString>,
    /// What one credit costs under the project's own contract.
    pub money_per_credit: Option<Money>,
    /// Whether repeated questions are free, where it differs from the manifest.
    pub repeats_free: Option<bool>,
}

/// One vendor, ready to be asked.
pub struct ManifestProvider {
    manifest: Manifest,
    card: ProviderCard,
    /// The project's own root of all addresses, which stands above every host of the manifest.
    base_url: Option<String>,
    signer: Signer,
    outbound: Arc<dyn Outbound>,
    clock: Option<Arc<dyn Clock>>,
    patience_ms: u64,
    deliveries: Option<Deliveries>,
    late: Mutex<BTreeMap<String, late::Late>>,
}

/// Tells the way out whether a 429 is worth waiting for; never sent.
const RETRY_429: &str = "x-evergreen-retry-429";

/// What came back from a call, or why nothing did.
type Sent = Result<HttpResponse, Reading>;

impl ManifestProvider {
    /// The vendor of a manifest, reached through `outbound`.
    #[must_use]
    pub fn new(manifest: Manifest, connection: Connection, outbound: Arc<dyn Outbound>) -> ManifestProvider {
        let mut card = manifest.card();
        card.money_per_credit = connection.money_per_credit.unwrap_or(card.money_per_credit);
        card.repeats_free = connection.repeats_free.unwrap_or(card.repeats_free);
        ManifestProvider {
            base_url: connection.base_url.map(|url| url.trim_end_matches('/').to_owned()),
            signer: Signer::new(manifest.document.auth.clone(), connection.key, card.title.clone()),
            card,
            outbound,
            manifest,
            clock: None,
            patience_ms: 0,
            deliveries: None,
            late: Mutex::default(),
        }
    }

    /// With a clock: signatures may carry the time, and a question whose answer comes later waits for it up to `patience_ms` within
    /// the call. Without, such a question is pending until it is asked again.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>, patience_ms: u64) -> ManifestProvider {
        self.clock = Some(clock);
        self.patience_ms = patience_ms;
        self
    }

    /// With a public address to which late answers may be delivered.
    #[must_use]
    pub fn with_deliveries(mut self, deliveries: Deliveries) -> ManifestProvider {
        self.deliveries = Some(deliveries);
        self
    }

    /// Asks, and returns everything the answer said: also the facts that no record holds yet.
    pub async fn inquire(&self, question: &Question, wanted: &[String]) -> Reading {
        self.inquire_timed(question, wanted).await.0
    }

    async fn inquire_timed(&self, question: &Question, wanted: &[String]) -> (Reading, u64) {
        let name = &question.operation;
        let Some(operation) = self.manifest.operation(name) else {
            let note = format!("{} has no operation {name}", self.card.name);
            return (Reading::unread(AnswerOutcome::Malformed, 0, note), 0);
        };
        if self.is_late(question) {
            return self.look_again(question, wanted).await;
        }
        let callback = self.delivery_address(question);
        let filled = parts(
            &self.manifest.document,
            &operation.request,
            &scope(operation, &question.inputs, wanted, &callback),
            &[],
        );
        let filled = match filled {
            Ok(filled) => filled,
            Err(why) => return (Reading::unread(AnswerOutcome::InvalidInput, 0, why), 0),
        };
        let waits = self.manifest.waits_out_429(operation);
        let (reading, latency_ms) = match self.send(operation, filled, &question.key, waits).await {
            Ok(got) => {
                let view = self.manifest.view(name, operation);
                let reading = self.manifest.reading(&view, received(&got), &question.inputs, wanted);
                (self.told_apart(reading).await, got.latency_ms)
            }
            Err(mut reading) => {
                self.may_have_been_billed(&mut reading, operation.price_max);
                (reading, 0)
            }
        };
        match self.manifest.ticket(name, &reading) {
            Some(ticket) => self.wait_for(question, wanted, ticket, reading, latency_ms).await,
            None => (reading, latency_ms),
        }
    }

    /// Asks how many credits are left; `None` where the vendor does not say.
    pub async fn balance(&self) -> Option<AccountReading> {
        let parts = self.manifest.account_request(BALANCE).ok()?;
        let got = self.send_to(&self.root(None), parts, "", true, true).await;
        Some(match got {
            Ok(got) => self.manifest.read_account(BALANCE, received(&got)),
            Err(reading) => AccountReading { reading, pools: BTreeMap::new() },
        })
    }

    /// One message for two causes: the balance tells which.
    async fn told_apart(&self, mut reading: Reading) -> Reading {
        let Some(or) = reading.or.take() else {
            return reading;
        };
        let Some(account) = self.balance().await else {
            reading.notes.push(format!("or {or}: the vendor says the same for both"));
            return reading;
        };
        let empty = account.pools.values().all(|left| *left <= Credits::ZERO);
        let both = [reading.outcome, or];
        reading.outcome = match account.reading.outcome {
            AnswerOutcome::Hit if empty && both.contains(&AnswerOutcome::NoCredits) => AnswerOutcome::NoCredits,
            AnswerOutcome::Hit => AnswerOutcome::Transient, // the key is good and credits are left: it will pass
            outcome if both.contains(&outcome) => outcome,
            _ => reading.outcome,
        };
        reading.notes.push(format!("the balance says {}", reading.outcome));
        reading
    }

    fn root(&self, operation: Option<&Operation>) -> String {
        let own = operation.and_then(|operation| operation.base_url.as_deref());
        let root = self.base_url.as_deref().or(own).unwrap_or(&self.manifest.document.base_url);
        root.trim_end_matches('/').to_owned()
    }

    async fn send(&self, operation: &Operation, parts: Parts, key: &str, waits_429: bool) -> Sent {
        self.send_to(&self.root(Some(operation)), parts, key, waits_429, self.card.repeats_free).await
    }

    /// Sends, with a new token once where the old one is refused.
    async fn send_to(&self, root: &str, parts: Parts, key: &str, waits_429: bool, repeatable: bool) -> Sent {
        let mut request = HttpRequest {
            peer: self.card.name.clone(),
            method: parts.method.to_owned(),
            url: format!("{root}{}", parts.path),
            query: parts.query,
            secret_query: Vec::new(),
            headers: parts.headers,
            body: parts.body.map(|body| body.to_string().into_bytes()),
            timeout_ms: self.manifest.document.timeout_ms,
            repeatable,
        };
        let mut add = |name: &str, value: &str| {
            if !request.headers.iter().any(|(known, _)| known == name) {
                request.headers.push((name.to_owned(), value.to_owned()));
            }
        };
        add("accept", "application/json");
        if request.body.is_some() {
            add("content-type", "application/json");
        }
        if !key.is_empty() {
            // Vendors that know the header answer a repeated question without a second charge; the others ignore it.
            add("idempotency-key", key);
        }
        if !waits_429 {
            add(RETRY_429, "no");
        }
        let got = self.signed(request.clone(), root).await?;
        if got.status == 401 && self.signer.can_renew() {
            self.signer.renew().await;
            return self.signed(request, root).await;
        }
        Ok(got)
    }

    async fn signed(&self, mut request: HttpRequest, root: &str) -> Sent {
        let now = self.clock.as_ref().map(|clock| clock.now());
        self.signer.sign(&mut request, root, self.outbound.as_ref(), now).await.map_err(|why| {
            let (outcome, note) = match why {
                Unsigned::NoKey(note) => (AnswerOutcome::Auth, note),
                Unsigned::NoAnswer(note) => (AnswerOutcome::Transient, note),
                Unsigned::Manifest(note) => (AnswerOutcome::InvalidInput, note),
            };
            let mut reading = Reading::unread(outcome, 0, note);
            reading.rule = NOT_SENT.to_owned();
            reading
        })?;
        self.outbound.send(request).await.map_err(|error| {
            let lost = matches!(error, OutboundError::Timeout(_) | OutboundError::Broken(_)) && !self.card.repeats_free;
            let note = if lost { format!("the answer was lost: {error}") } else { format!("nobody answered: {error}") };
            let mut reading = Reading::unread(AnswerOutcome::Transient, 0, note);
            reading.rule = if lost { LOST.to_owned() } else { NOT_SENT.to_owned() };
            reading
        })
    }

    /// What a call without an answer means. Status 0 says that none came; a charge says that the vendor may have billed it all the same.
    fn may_have_been_billed(&self, reading: &mut Reading, price_max: f64) {
        if reading.rule == LOST {
            reading.cost.credits = Credits::from_units(price_max);
            reading.cost.estimated = true;
        }
    }

    fn answer(&self, reading: &Reading, latency_ms: u64) -> Answer {
        let mut answer = reading.answer(self.card.money_per_credit, latency_ms);
        let credits = reading.cost.credits;
        answer.charge = Charge { credits, money: credits.at(self.card.money_per_credit) };
        answer
    }
}

/// The answer was lost after sending, and the vendor bills repeats.
const LOST: &str = "lost after sending";
/// Nothing was sent, or a repeat is free.
const NOT_SENT: &str = "not billed";

fn received(got: &HttpResponse) -> Received<'_> {
    Received { status: got.status, headers: &got.headers, body: &got.body }
}

#[async_trait]
impl Provider for ManifestProvider {
    fn card(&self) -> &ProviderCard {
        &self.card
    }

    fn question(&self, operation: &str, known: &Fields) -> Option<Question> {
        let takes = self.manifest.operation(operation).map_or(&[][..], |operation| &operation.takes);
        let operation = self.card.operations.iter().find(|card| card.name == operation)?;
        question::question(&self.card.name, operation, takes, known)
    }

    async fn ask(&self, question: &Question, wanted: &[String]) -> Answer {
        let (reading, latency_ms) = self.inquire_timed(question, wanted).await;
        self.answer(&reading, latency_ms)
    }

    fn most_at_once(&self, operation: &str) -> usize {
        self.manifest.bulk_most(operation)
    }

    async fn ask_many(&self, questions: &[Question], wanted: &[String]) -> Vec<Answer> {
        self.ask_together(questions, wanted).await
    }
}
