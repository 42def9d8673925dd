//! Who we are to HubSpot: a key that never expires, or an OAuth app whose tokens are renewed before they do.

mod oauth;
mod tokens;

use std::sync::Arc;

use evergreen_ports::PortalError;
use futures::lock::Mutex;
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};

pub use oauth::{Introspection, OAuthApp, TokenError, authorize_url};
pub use tokens::{ForgetfulKeeper, TokenKeeper, Tokens};

use crate::call::Line;

/// A token is renewed when less of its half hour than this is left.
const EARLY: SignedDuration = SignedDuration::from_mins(3);

/// How a client shows who it is.
#[derive(Clone)]
pub enum Credential {
    /// A service key, or the token of a private or static-auth app: does not expire.
    Key(SecretString),
    /// An OAuth app with the tokens of one portal; renewed tokens are given to the keeper.
    OAuth {
        /// The app.
        app: OAuthApp,
        /// The tokens of this portal.
        tokens: Tokens,
        /// Keeps what a renewal returns, so that the next start knows it.
        keeper: Arc<dyn TokenKeeper>,
    },
}

impl From<SecretString> for Credential {
    fn from(key: SecretString) -> Credential {
        Credential::Key(key)
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Credential::Key(_) => "a key",
            Credential::OAuth { .. } => "an OAuth app",
        })
    }
}

/// The credential at work.
pub(crate) enum Auth {
    Key(SecretString),
    OAuth { app: OAuthApp, tokens: Mutex<Tokens>, keeper: Arc<dyn TokenKeeper> },
}

impl From<Credential> for Auth {
    fn from(credential: Credential) -> Auth {
        match credential {
            Credential::Key(key) => Auth::Key(key),
            Credential::OAuth { app, tokens, keeper } => Auth::OAuth { app, tokens: Mutex::new(tokens), keeper },
        }
    }
}

impl Auth {
    /// The token for the next call, renewed first when it is about to expire. While one task renews, the others wait for it.
    pub(crate) async fn bearer(&self, line: &Line) -> Result<SecretString, PortalError> {
        match self {
            Auth::Key(key) => Ok(key.clone()),
            Auth::OAuth { app, tokens, keeper } => {
                let mut tokens = tokens.lock().await;
                if tokens.access.expose_secret().is_empty() || tokens.expires_at <= line.clock.now() + EARLY {
                    *tokens = renew(line, app, &tokens, keeper.as_ref()).await?;
                }
                Ok(tokens.access.clone())
            }
        }
    }

    /// HubSpot did not accept this token. True when there is another one to try: renewed now, or meanwhile by somebody else.
    pub(crate) async fn renew_after(&self, line: &Line, refused: &SecretString) -> Result<bool, PortalError> {
        match self {
            Auth::Key(_) => Ok(false),
            Auth::OAuth { app, tokens, keeper } => {
                let mut tokens = tokens.lock().await;
                if tokens.access.expose_secret() == refused.expose_secret() {
                    *tokens = renew(line, app, &tokens, keeper.as_ref()).await?;
                }
                Ok(true)
            }
        }
    }
}

async fn renew(
    line: &Line,
    app: &OAuthApp,
    old: &Tokens,
    keeper: &dyn TokenKeeper,
) -> Result<Tokens, PortalError> {
    let new = app.refresh_on(&*line.outbound, &line.base_url, &*line.clock, old).await.map_err(TokenError::into_portal)?;
    keeper.keep(&new).await?;
    Ok(new)
}
