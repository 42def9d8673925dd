//! The account behind the token: where it lives, what the token may do, how much of the day is used.

use evergreen_model::{Account, DailyUsage};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::auth::Auth;
use crate::call::{Ask, Reply};
use crate::client::Client;
use crate::error::Error;
use crate::problem;
use crate::versions;
use crate::wire::{self, str_of, strings};

/// What a token may do, and as whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenInfo {
    /// What may be done with it.
    pub scopes: Vec<String>,
    /// The app id under which its writes appear in history.
    pub app_id: Option<String>,
}

impl Client {
    /// The account; one call, the cheapest proof that the token works. Scopes are not in it: see [`Client::token_info`].
    ///
    /// # Errors
    /// When HubSpot does not accept the token or can not be asked.
    pub async fn account(&self) -> Result<Account, Error> {
        let ask = Ask::get(versions::account());
        let body = self.expect(&ask).await?;
        let text = |key: &str| str_of(&body[key]).unwrap_or_default();
        let portal_id =
            str_of(&body["portalId"]).ok_or_else(|| problem::odd(&ask.name(), "the account details name no portalId"))?;
        let time_zone = text("timeZone");
        self.line.pace.day.lives_in(&time_zone);
        Ok(Account {
            portal_id,
            account_type: text("accountType"),
            time_zone,
            ui_domain: text("uiDomain"),
            scopes: None,
            app_id: None,
        })
    }

    /// What the token may do, by HubSpot's word; `None` where HubSpot does not tell (perhaps for service keys).
    ///
    /// # Errors
    /// When HubSpot can not be asked.
    pub async fn token_info(&self) -> Result<Option<TokenInfo>, Error> {
        let (scopes, app_id) = match &self.line.auth {
            Auth::Key(key) => {
                let ask = Ask::post(versions::TOKEN_INFO.to_owned(), json!({"tokenKey": key.expose_secret()}));
                match self.ask(&ask).await {
                    Ok(Reply::Ok(body)) => (strings(&body["scopes"]), str_of(&body["appId"])),
                    // This one path is not documented: any refusal, a 403 or a page included, means that it does not tell.
                    Ok(Reply::Refused(..)) => return Ok(None),
                    Err(Error::Portal(evergreen_ports::PortalError::Odd(_))) => return Ok(None),
                    Err(Error::Portal(evergreen_ports::PortalError::Denied(problem))) if problem.code == "EG-PORTAL-002" => {
                        return Ok(None);
                    }
                    Err(error) => return Err(error),
                }
            }
            Auth::OAuth { app, .. } => {
                let token = self.line.auth.bearer(&self.line).await?;
                let line = &self.line;
                let told = app
                    .introspect(&*line.outbound, &line.base_url, &*line.clock, &token, "access_token")
                    .await
                    .map_err(crate::auth::TokenError::into_portal)?;
                (told.scopes, told.app_id)
            }
        };
        Ok((!scopes.is_empty()).then_some(TokenInfo { scopes, app_id }))
    }

    /// Calls used of the day's allowance, by all private apps of the account; `None` when it has no such allowance.
    ///
    /// # Errors
    /// When HubSpot can not be asked.
    pub async fn usage(&self) -> Result<Option<DailyUsage>, Error> {
        let ask = Ask::get(versions::usage());
        let body = match self.ask(&ask).await? {
            Reply::Ok(body) => body,
            // OAuth apps have no daily allowance, and nothing that tells about one.
            Reply::Refused(404, _) => return Ok(None),
            Reply::Refused(status, refusal) => {
                return Err(Error::Refused { status, refusal: Box::new(refusal), call: ask.name() });
            }
        };
        let number = |value: &Value| str_of(value).and_then(|text| text.parse().ok());
        let usage = wire::results(&body, &ask.name())?.first().and_then(|usage| {
            Some(DailyUsage {
                limit: number(&usage["usageLimit"])?,
                used: number(&usage["currentUsage"])?,
                resets_at: wire::time(&usage["resetsAt"]),
            })
        });
        if let Some(usage) = &usage {
            self.line.pace.day.learn(Some(usage.limit), Some(usage.limit.saturating_sub(usage.used)));
        }
        Ok(usage)
    }
}
