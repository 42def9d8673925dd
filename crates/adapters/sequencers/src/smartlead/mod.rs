//! Smartlead: checks campaigns, says who is in one already, and adds leads with all four of its protections on.

mod call;
mod enroll;
mod known;
mod problem;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use evergreen_ports::{EnrollOutcome, Lead, Outbound, Sequencer, SequencerError};
use secrecy::SecretString;

use self::call::{Line, Reply};

/// Leads per add call.
const LEADS_MAX: usize = 400;

/// One Smartlead account.
pub struct Smartlead {
    line: Line,
}

impl Smartlead {
    /// A client; `base_url` is `https://server.smartlead.ai/api/v1`, or that of a sandbox. The key goes into every address and is
    /// named as secret there.
    #[must_use]
    pub fn new(outbound: Arc<dyn Outbound>, base_url: &str, key: SecretString) -> Smartlead {
        Smartlead { line: Line { outbound, base_url: base_url.trim_end_matches('/').to_owned(), key } }
    }
}

#[async_trait]
impl Sequencer for Smartlead {
    async fn campaign(&self, id: &str) -> Result<String, SequencerError> {
        let body = match self.line.get(&format!("/campaigns/{id}"), &[]).await? {
            Reply::Ok(body) => body,
            Reply::Refused(404, _) => return Err(problem::no_campaign(id)),
            Reply::Refused(status, message) => return Err(problem::refused(status, &message, "the campaign")),
        };
        // A missing campaign is an empty object with status 200.
        if wire::text(&body["id"]).is_none() {
            return Err(problem::no_campaign(id));
        }
        if let Some(status @ ("STOPPED" | "ARCHIVED")) = body["status"].as_str() {
            return Err(problem::closed_campaign(id, status));
        }
        Ok(wire::text(&body["name"]).unwrap_or_else(|| id.to_owned()))
    }

    async fn enrolled(&self, emails: &[String]) -> Result<Vec<String>, SequencerError> {
        known::enrolled(&self.line, emails).await
    }

    async fn enroll(&self, campaign: &str, leads: &[Lead]) -> Result<Vec<EnrollOutcome>, SequencerError> {
        let mut outcomes = Vec::with_capacity(leads.len());
        for leads in leads.chunks(LEADS_MAX) {
            outcomes.extend(enroll::add(&self.line, campaign, leads).await?);
        }
        Ok(outcomes)
    }
}
