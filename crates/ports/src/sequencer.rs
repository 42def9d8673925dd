//! The sequencer: where verified, owned contacts are enrolled.

use async_trait::async_trait;
use evergreen_model::Problem;
use std::collections::BTreeMap;

/// A contact to be enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// Verified address.
    pub email: String,
    /// First name.
    pub firstname: Option<String>,
    /// Last name.
    pub lastname: Option<String>,
    /// Company name.
    pub company: Option<String>,
    /// Company website or domain.
    pub website: Option<String>,
    /// Phone, E.164.
    pub phone: Option<String>,
    /// LinkedIn profile.
    pub linkedin: Option<String>,
    /// Merge fields; holds our id under `evergreen_id`.
    pub custom: BTreeMap<String, String>,
}

/// What became of one lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnrollOutcome {
    /// In the campaign now.
    Enrolled,
    /// Was in it already.
    Already,
    /// Refused, with the sequencer's reason: blocked, bounced, unsubscribed, invalid.
    Refused(String),
}

/// Why the sequencer could not be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequencerError(pub Problem);

/// A sequencer such as Smartlead.
#[async_trait]
pub trait Sequencer: Send + Sync {
    /// Checks that the campaign exists and returns its name.
    async fn campaign(&self, id: &str) -> Result<String, SequencerError>;

    /// Addresses (lower case) among `emails` that are in any campaign already.
    async fn enrolled(&self, emails: &[String]) -> Result<Vec<String>, SequencerError>;

    /// Adds leads to a campaign; one outcome per lead, in order. Adding twice is harmless.
    async fn enroll(&self, campaign: &str, leads: &[Lead]) -> Result<Vec<EnrollOutcome>, SequencerError>;
}
