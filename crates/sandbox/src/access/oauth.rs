//! OAuth's memory: apps, codes, refresh tokens and what was issued from them.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Who, words};
use crate::chance::draw;
use crate::clock::Millis;

/// Access tokens live half an hour.
pub(crate) const ACCESS_MS: Millis = 1_800_000;
/// A code waits this long for its exchange.
pub(crate) const CODE_MS: Millis = 600_000;

/// An app that portals can install.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub id: u32,
    pub client_id: String,
    pub client_secret: String,
    /// Empty takes any.
    pub redirect_uris: Vec<String>,
    /// The install is refused unless `scope` names all of these.
    pub required_scopes: Vec<String>,
    /// Privately distributed: shares the private limits instead of the marketplace's.
    pub private: bool,
    /// Opens the webhook settings of the app.
    pub developer_key: String,
}

impl App {
    /// The app behind a sandbox's first token.
    pub(crate) fn first(id: u32) -> App {
        App {
            id,
            client_id: "sandbox-client-id".to_owned(),
            client_secret: "sandbox-client-secret".to_owned(),
            redirect_uris: Vec::new(),
            required_scopes: Vec::new(),
            private: false,
            developer_key: "sandbox-developer-key".to_owned(),
        }
    }

    /// From an admin call's body; what is not said is as for the first app.
    pub(crate) fn read(body: &Value) -> Result<App, String> {
        let id = body["app_id"].as_u64().and_then(|id| u32::try_from(id).ok()).ok_or("app_id must be a number")?;
        let text = |name: &str, or: String| body[name].as_str().map_or(or, str::to_owned);
        Ok(App {
            id,
            client_id: text("client_id", format!("client-{id}")),
            client_secret: text("client_secret", format!("secret-{id}")),
            redirect_uris: words(&body["redirect_uris"]),
            required_scopes: words(&body["required_scopes"]),
            private: body["private"].as_bool().unwrap_or(false),
            developer_key: text("developer_key", format!("developer-{id}")),
        })
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "app_id": self.id, "client_id": self.client_id, "client_secret": self.client_secret,
            "redirect_uris": self.redirect_uris, "required_scopes": self.required_scopes,
            "private": self.private, "developer_key": self.developer_key,
        })
    }
}

/// What an installing person agreed to.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub who: Who,
    pub user: u32,
    pub scopes: Vec<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub grant: Grant,
    pub redirect_uri: String,
    pub expires: Millis,
    /// PKCE: the verifier must hash to this, or be it.
    pub challenge: Option<String>,
    pub hashed: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Refresh {
    pub grant: Grant,
    pub revoked: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct OAuth {
    seed: u64,
    issued: u64,
    pub apps: BTreeMap<u32, App>,
    pub codes: BTreeMap<String, Code>,
    pub refreshes: BTreeMap<String, Refresh>,
}

impl OAuth {
    pub(crate) fn new(seed: u64, first: App) -> OAuth {
        OAuth {
            seed,
            issued: 0,
            apps: BTreeMap::from([(first.id, first)]),
            codes: BTreeMap::new(),
            refreshes: BTreeMap::new(),
        }
    }

    pub(crate) fn by_client(&self, client_id: &str) -> Option<&App> {
        self.apps.values().find(|app| app.client_id == client_id)
    }

    /// A secret that looks random, and is the same when the journal is read back.
    pub(crate) fn secret(&mut self, kind: &str) -> String {
        self.issued += 1;
        let count = self.issued.to_string();
        let part = |salt: &str| draw(self.seed, &["oauth", kind, salt, &count]);
        let bytes: Vec<u8> = ["a", "b", "c", "d"].iter().flat_map(|salt| part(salt).to_le_bytes()).collect();
        format!("{kind}-{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The app is gone from the portal: its refresh tokens name a hub nobody knows.
    pub(crate) fn uninstall(&mut self, who: Who) -> bool {
        let before = self.refreshes.len();
        self.refreshes.retain(|_, refresh| refresh.grant.who != who);
        before != self.refreshes.len()
    }
}

/// PKCE's S256.
pub(crate) fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes()))
}
