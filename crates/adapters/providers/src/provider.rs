//! A vendor behind its manifest: asks through the outbound door and never fails, because what goes wrong is an outcome.

use std::sync::Arc;

use async_trait::async_trait;
use evergreen_model::{Answer, AnswerOutcome, Charge, Fields, Money, ProviderCard, Question};
use evergreen_ports::{HttpRequest, Outbound, OutboundError, Provider};
use secrecy::{ExposeSecret, SecretString};

use crate::document::{Auth, Operation};
use crate::manifest::Manifest;
use crate::question;
use crate::read::unread;

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
    base_url: String,
    key: Option<SecretString>,
    outbound: Arc<dyn Outbound>,
}

/// Tells the way out whether a 429 is worth waiting for; never sent.
const RETRY_429: &str = "x-evergreen-retry-429";

impl ManifestProvider {
    /// The vendor of a manifest, reached through `outbound`.
    #[must_use]
    pub fn new(manifest: Manifest, connection: Connection, outbound: Arc<dyn Outbound>) -> ManifestProvider {
        let mut card = manifest.card();
        card.money_per_credit = connection.money_per_credit.unwrap_or(card.money_per_credit);
        card.repeats_free = connection.repeats_free.unwrap_or(card.repeats_free);
        let base_url = connection.base_url.unwrap_or_else(|| manifest.document.base_url.clone());
        ManifestProvider {
            card,
            base_url: base_url.trim_end_matches('/').to_owned(),
            key: connection.key,
            outbound,
            manifest,
        }
    }

    fn request(&self, operation: &Operation, question: &Question, wanted: &[String]) -> Result<HttpRequest, String> {
        let parts = self.manifest.request(&question.operation, &question.inputs, wanted)?;
        let mut request = HttpRequest {
            peer: self.card.name.clone(),
            method: parts.method.to_owned(),
            url: format!("{}{}", self.base_url, parts.path),
            query: parts.query,
            secret_query: Vec::new(),
            headers: parts.headers,
            body: parts.body.map(|body| body.to_string().into_bytes()),
            timeout_ms: self.manifest.document.timeout_ms,
            repeatable: self.card.repeats_free,
        };
        request.headers.push(("accept".to_owned(), "application/json".to_owned()));
        if request.body.is_some() {
            request.headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        // Vendors that know the header answer a repeated question without a second charge; the others ignore it.
        request.headers.push(("idempotency-key".to_owned(), question.key.clone()));
        if !self.manifest.waits_out_429(operation) {
            request.headers.push((RETRY_429.to_owned(), "no".to_owned()));
        }
        self.sign(&mut request)?;
        Ok(request)
    }

    fn sign(&self, request: &mut HttpRequest) -> Result<(), String> {
        let auth = &self.manifest.document.auth;
        if matches!(auth, Auth::None) {
            return Ok(());
        }
        let key = self.key.as_ref().map(ExposeSecret::expose_secret).filter(|key| !key.trim().is_empty());
        let key = key.ok_or_else(|| format!("no key is set for {}", self.card.title))?.trim();
        match auth {
            Auth::None => {}
            Auth::Header { name, prefix } => request.headers.push((name.to_lowercase(), format!("{prefix}{key}"))),
            Auth::Query { name } => {
                request.query.push((name.clone(), key.to_owned()));
                request.secret_query.push(name.clone());
            }
            Auth::Basic {} => {
                let pair = if key.contains(':') { key.to_owned() } else { format!("{key}:") };
                request.headers.push(("authorization".to_owned(), format!("Basic {}", base64(pair.as_bytes()))));
            }
        }
        Ok(())
    }

    /// What a call without an answer means. Status 0 says that none came; a charge says that the vendor may have billed it all the same.
    fn unanswered(&self, question: &Question, error: &OutboundError) -> Answer {
        let may_have_been_billed =
            matches!(error, OutboundError::Timeout(_) | OutboundError::Broken(_)) && !self.card.repeats_free;
        let note = if may_have_been_billed {
            format!("the answer was lost: {error}")
        } else {
            format!("nobody answered: {error}")
        };
        let mut answer = unread(AnswerOutcome::Transient, 0, note);
        if may_have_been_billed {
            let price = self
                .card
                .operations
                .iter()
                .find(|operation| operation.name == question.operation)
                .map(|operation| operation.price_max);
            let credits = price.unwrap_or_default();
            answer.charge = Charge { credits, money: credits.at(self.card.money_per_credit) };
        }
        answer
    }
}

#[async_trait]
impl Provider for ManifestProvider {
    fn card(&self) -> &ProviderCard {
        &self.card
    }

    fn question(&self, operation: &str, known: &Fields) -> Option<Question> {
        let operation = self.card.operations.iter().find(|card| card.name == operation)?;
        question::question(&self.card.name, operation, known)
    }

    async fn ask(&self, question: &Question, wanted: &[String]) -> Answer {
        let Some(operation) = self.manifest.operation(&question.operation) else {
            return unread(
                AnswerOutcome::Malformed,
                0,
                format!("{} has no operation {}", self.card.name, question.operation),
            );
        };
        let request = match self.request(operation, question, wanted) {
            Ok(request) => request,
            Err(why) if self.key.is_none() => return unread(AnswerOutcome::Auth, 0, why),
            Err(why) => return unread(AnswerOutcome::InvalidInput, 0, why),
        };
        match self.outbound.send(request).await {
            Ok(response) => {
                let mut answer = self.manifest.read_at(
                    &question.operation,
                    response.status,
                    &response.headers,
                    &response.body,
                    wanted,
                    self.card.money_per_credit,
                );
                answer.latency_ms = response.latency_ms;
                answer
            }
            Err(error) => self.unanswered(question, &error),
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let joined = chunk.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let index = (joined >> (18 - 6 * at) & 63) as usize;
            text.push(if at <= chunk.len() { char::from(ALPHABET[index]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("user:pass", "dXNlcjpwYXNz")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
