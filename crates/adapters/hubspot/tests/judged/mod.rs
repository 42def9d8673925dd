//! The server of a conformance run, and a way out that writes down what a judge in between finds.

mod records;
mod services;
mod together;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use evergreen_hubspot::{Client, HubSpot, Options};
use evergreen_model::{Entity, Fields};
use evergreen_ports::{Clock, HttpRequest, HttpResponse, Outbound, OutboundError, Portal, PropertyDefinition};
use evergreen_sandbox::{Sandbox, Tier};
use serde_json::{Value, json};

use crate::loopback::{Plain, TOKEN, TestClock, sandbox};

/// A client of the server to be judged. Nothing is expected of what the portal holds already.
pub struct Judged {
    pub client: Client,
    pub hubspot: HubSpot,
    pub outbound: Arc<dyn Outbound>,
    pub clock: Arc<dyn Clock>,
    pub base_url: String,
    /// Makes this run's records, properties and lists its own.
    pub tag: String,
    sandbox: Option<Sandbox>,
}

impl Judged {
    pub fn key(&self, name: &str) -> String {
        format!("eg-{}-{}", self.tag, name.to_lowercase())
    }

    pub fn email(&self, name: &str) -> String {
        format!("{}.{}@acme-judge.com", name.to_lowercase(), self.tag)
    }

    pub fn with_token(&self, token: &str) -> Client {
        let key: secrecy::SecretString = token.into();
        Client::new(Arc::clone(&self.outbound), &self.base_url, key, Options::default(), Arc::clone(&self.clock))
    }

    pub async fn end(self) {
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
    }
}

pub async fn judged() -> Judged {
    let given = std::env::var("EVERGREEN_JUDGE_URL").ok().filter(|url| !url.is_empty());
    let (base_url, token, sandbox) = match given {
        Some(url) => (url, std::env::var("EVERGREEN_JUDGE_TOKEN").unwrap_or_default(), None),
        None => {
            let sandbox = sandbox(Tier::Professional).await;
            (sandbox.base_url(), TOKEN.to_owned(), Some(sandbox))
        }
    };
    let clock: Arc<dyn Clock> = Arc::new(TestClock::new(Duration::from_secs(60)));
    let outbound: Arc<dyn Outbound> = Arc::new(Noted(Plain { timeout: Duration::from_secs(60) }));
    let options = Options { tier_limit: 190, share_percent: 100 };
    let hubspot = HubSpot::new(Arc::clone(&outbound), &base_url, token.into(), options, Arc::clone(&clock));
    let own_key = definition("evergreen_id", true);
    for entity in [Entity::Contact, Entity::Company] {
        hubspot.create_properties(entity, "evergreen", std::slice::from_ref(&own_key)).await.unwrap();
    }
    let tag = format!("{:08x}", RandomState::new().build_hasher().finish() as u32);
    Judged { client: hubspot.client().clone(), hubspot, outbound, clock, base_url, tag, sandbox }
}

/// Sends, and writes down what the judge says about it.
struct Noted(Plain);

#[async_trait]
impl Outbound for Noted {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, OutboundError> {
        let method = request.method.clone();
        let path = request.url.split_once("://").map_or(request.url.as_str(), |(_, rest)| rest);
        let path = path.split_once('/').map_or(String::new(), |(_, path)| format!("/{path}"));
        let response = self.0.send(request).await?;
        if let Some(found) = response.header("sl-violations") {
            let violations: Vec<Value> = serde_json::from_str(found).unwrap_or_else(|_| vec![json!(found)]);
            let lines: String = violations
                .iter()
                .map(|violation| {
                    let line =
                        json!({"method": method, "path": path, "status": response.status, "violation": violation});
                    format!("{line}\n")
                })
                .collect();
            note(&lines);
        }
        Ok(response)
    }
}

/// One write per answer, so that tests that run at the same time do not mix their lines.
fn note(lines: &str) {
    let Ok(path) = std::env::var("EVERGREEN_JUDGE_LOG") else { return };
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(lines.as_bytes()).unwrap();
}

pub fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub fn definition(name: &str, unique: bool) -> PropertyDefinition {
    PropertyDefinition {
        name: name.to_owned(),
        label: name.to_owned(),
        value_type: "string".to_owned(),
        field_type: "text".to_owned(),
        description: "Made by a conformance run".to_owned(),
        options: Vec::new(),
        unique,
    }
}

/// A contact of this run, found by our own key.
pub async fn contact(judged: &Judged, name: &str) -> String {
    let (key, email) = (judged.key(name), judged.email(name));
    let row = fields(&[("evergreen_id", &key), ("email", &email), ("firstname", name)]);
    let contacts = judged.client.objects(Entity::Contact);
    contacts.create(&row, &[], Some("evergreen_id")).await.unwrap().record.id
}

pub async fn company(judged: &Judged, name: &str) -> String {
    let row = fields(&[("evergreen_id", &judged.key(name)), ("name", name)]);
    judged.client.objects(Entity::Company).create(&row, &[], Some("evergreen_id")).await.unwrap().record.id
}
