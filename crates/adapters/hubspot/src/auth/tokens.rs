//! The tokens of one portal, and who keeps them between starts.

use async_trait::async_trait;
use evergreen_ports::PortalError;
use jiff::Timestamp;
use secrecy::SecretString;

/// What the token endpoint gives.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Sent with every call; lives half an hour. Empty when only the refresh token is known.
    pub access: SecretString,
    /// Buys the next access token; does not expire by itself.
    pub refresh: SecretString,
    /// When the access token ends.
    pub expires_at: Timestamp,
    /// The portal that granted it, when told.
    pub portal_id: Option<String>,
    /// What may be done with it; empty when not told.
    pub scopes: Vec<String>,
}

impl Tokens {
    /// Tokens of which only the refresh token is known: the first call renews.
    #[must_use]
    pub fn from_refresh(refresh: SecretString) -> Tokens {
        Tokens {
            access: SecretString::from(String::new()),
            refresh,
            expires_at: Timestamp::UNIX_EPOCH,
            portal_id: None,
            scopes: Vec::new(),
        }
    }
}

/// Keeps renewed tokens, so that a restart goes on with them.
#[async_trait]
pub trait TokenKeeper: Send + Sync {
    /// Stores these in place of the former ones.
    ///
    /// # Errors
    /// When they can not be stored; the call that needed them fails then, rather than losing them.
    async fn keep(&self, tokens: &Tokens) -> Result<(), PortalError>;
}

/// Keeps nothing: enough while HubSpot returns the same refresh token each time, as it does today.
pub struct ForgetfulKeeper;

#[async_trait]
impl TokenKeeper for ForgetfulKeeper {
    async fn keep(&self, _: &Tokens) -> Result<(), PortalError> {
        Ok(())
    }
}
