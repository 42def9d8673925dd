//! Signs a request: the key in a header, a parameter or a name and password, a bought token, or a signature over everything.

use evergreen_ports::{HttpRequest, Outbound};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::document::{Auth, ClientPlace, Hmac, OAuth};
use crate::signature::{base64, sign};
use crate::template::{Scope, encode};

/// Signs the requests to one vendor. Keeps a bought token until the vendor refuses it.
pub(crate) struct Signer {
    auth: Auth,
    key: Option<SecretString>,
    title: String,
    token: Mutex<Option<SecretString>>,
}

/// Why a request cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unsigned {
    /// No key is set, or the vendor gave no token for it.
    NoKey(String),
    /// The place that gives out tokens does not answer.
    NoAnswer(String),
    /// The manifest asks for something that is not there.
    Manifest(String),
}

impl Signer {
    pub(crate) fn new(auth: Auth, key: Option<SecretString>, title: String) -> Signer {
        Signer { auth, key, title, token: Mutex::new(None) }
    }

    /// The key, where one is set.
    pub(crate) fn key(&self) -> Option<&str> {
        self.key.as_ref().map(|key| key.expose_secret().trim()).filter(|key| !key.is_empty())
    }

    /// Whether asking again with a new token may help after the vendor called this one wrong.
    pub(crate) fn can_renew(&self) -> bool {
        matches!(self.auth, Auth::Oauth(_))
    }

    /// Forgets the token.
    pub(crate) async fn renew(&self) {
        *self.token.lock().await = None;
    }

    /// Signs. `now` is only asked by signatures with a time in them.
    pub(crate) async fn sign(
        &self,
        request: &mut HttpRequest,
        base_url: &str,
        outbound: &dyn Outbound,
        now: Option<Timestamp>,
    ) -> Result<(), Unsigned> {
        if matches!(self.auth, Auth::None) {
            return Ok(());
        }
        let key = self.key().ok_or_else(|| Unsigned::NoKey(format!("no key is set for {}", self.title)))?;
        match &self.auth {
            Auth::None => {}
            Auth::Header { name, prefix } => request.headers.push((name.to_lowercase(), format!("{prefix}{key}"))),
            Auth::Query { name } => {
                request.query.push((name.clone(), key.to_owned()));
                request.secret_query.push(name.clone());
            }
            Auth::Basic {} => request.headers.push(basic(key)),
            Auth::Oauth(oauth) => {
                let token = self.token(oauth, key, base_url, request, outbound).await?;
                request.headers.push(("authorization".to_owned(), format!("Bearer {}", token.expose_secret())));
            }
            Auth::Hmac(rule) => over_everything(rule, key, request, now).map_err(Unsigned::Manifest)?,
        }
        Ok(())
    }

    async fn token(
        &self,
        oauth: &OAuth,
        key: &str,
        base_url: &str,
        request: &HttpRequest,
        outbound: &dyn Outbound,
    ) -> Result<SecretString, Unsigned> {
        let mut kept = self.token.lock().await; // held over the call, so that a hundred questions buy one token
        if let Some(token) = kept.as_ref() {
            return Ok(token.clone());
        }
        let (id, secret) = key
            .split_once(':')
            .ok_or_else(|| Unsigned::NoKey(format!("the key for {} must be `id:secret`", self.title)))?;
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend(oauth.scope.as_deref().map(|scope| ("scope", scope)));
        form.extend(oauth.extra.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let mut headers = vec![
            ("accept".to_owned(), "application/json".to_owned()),
            ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
        ];
        match oauth.client {
            ClientPlace::Body => form.extend([("client_id", id), ("client_secret", secret)]),
            ClientPlace::Basic => headers.push(basic(key)),
        }
        let body: Vec<String> =
            form.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let url = match oauth.token_url.strip_prefix('/') {
            Some(path) => format!("{base_url}/{path}"),
            None => oauth.token_url.clone(),
        };
        let asked = HttpRequest {
            peer: request.peer.clone(),
            method: "POST".to_owned(),
            url,
            query: Vec::new(),
            secret_query: Vec::new(),
            headers,
            body: Some(body.join("&").into_bytes()),
            timeout_ms: request.timeout_ms,
            repeatable: true, // a second token costs nothing
        };
        let answer = outbound.send(asked).await.map_err(|error| Unsigned::NoAnswer(format!("no token: {error}")))?;
        if answer.status >= 500 || answer.status == 429 {
            return Err(Unsigned::NoAnswer(format!("no token: status {}", answer.status)));
        }
        let given: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        let token = given.get("access_token").and_then(Value::as_str).filter(|_| answer.status < 300);
        let token: SecretString = token
            .ok_or_else(|| {
                Unsigned::NoKey(format!("{} gives no token for this key (status {})", self.title, answer.status))
            })?
            .to_owned()
            .into();
        *kept = Some(token.clone());
        Ok(token)
    }
}

fn basic(key: &str) -> (String, String) {
    let pair = if key.contains(':') { key.to_owned() } else { format!("{key}:") };
    ("authorization".to_owned(), format!("Basic {}", base64(pair.as_bytes())))
}

fn over_everything(rule: &Hmac, key: &str, request: &mut HttpRequest, now: Option<Timestamp>) -> Result<(), String> {
    let (id, secret) = key.split_once(':').unwrap_or(("", key));
    let path = url::Url::parse(&request.url).map_or_else(|_| String::new(), |url| url.path().to_owned());
    let query: Vec<String> =
        request.query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let mut scope = Scope::new();
    for (name, value) in [
        ("method", request.method.clone()),
        ("path", path),
        ("query", query.join("&")),
        ("body", request.body.as_ref().map(|body| String::from_utf8_lossy(body).into_owned()).unwrap_or_default()),
        ("id", id.to_owned()),
    ] {
        scope.insert(name.to_owned(), value.into());
    }
    if let Some(now) = now {
        scope.insert("timestamp".to_owned(), now.as_second().to_string().into());
    }
    let message = rule.over.render_exactly(&scope)?;
    let signature = sign(rule.algorithm, rule.encoding, secret.as_bytes(), message.as_bytes());
    request.headers.push((rule.header.to_lowercase(), format!("{}{signature}", rule.prefix)));
    for (name, template) in &rule.headers {
        request.headers.push((name.to_lowercase(), template.render(&scope)?));
    }
    Ok(())
}
