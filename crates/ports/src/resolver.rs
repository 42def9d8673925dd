//! The resolver: what DNS says of a mail domain.

use async_trait::async_trait;
use evergreen_model::DomainFacts;

/// Asks DNS.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// MX, address, SPF and DMARC of a domain (ASCII, lower case). Never fails: a dead resolver is `failure` in the facts.
    async fn domain(&self, domain: &str) -> DomainFacts;
}
