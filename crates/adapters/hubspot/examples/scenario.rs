//! Plays the judges' scenario with our client, or checks the signatures of deliveries; `cargo xtask judges` runs both.
//!
//! `scenario URL TOKEN REFRESH_TOKEN` does what `judges/scenario.*` do with HubSpot's own clients, so that the portals they leave
//! behind can be compared. `scenario signatures` reads deliveries, one line of JSON each, and says what the verifier thinks.
#![allow(clippy::unwrap_used, reason = "a judge may fail loudly anywhere")]

#[path = "../tests/loopback/mod.rs"]
mod loopback;

use std::io::BufRead;
use std::sync::Arc;
use std::time::Duration;

use evergreen_hubspot::{
    Client, Credential, Filter, ForgetfulKeeper, OAuthApp, Options, Parts, Row, RowKey, Search, Test, Tokens, Want,
    webhook,
};
use evergreen_model::{Entity, Fields};
use evergreen_ports::{Clock, HttpRequest, Outbound, PropertyDefinition};
use loopback::{Plain, TestClock};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["signatures"] => signatures(),
        [base, token, refresh] => Scene::new(base, token, refresh).play().await,
        _ => panic!("usage: scenario URL TOKEN REFRESH_TOKEN, or scenario signatures"),
    }
}

fn signatures() {
    for line in std::io::stdin().lock().lines() {
        let case: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let text = |name: &str| case[name].as_str().unwrap();
        let delivery = webhook::Delivery {
            method: text("method"),
            uri: text("uri"),
            body: text("body").as_bytes(),
            signature: case["signature"].as_str(),
            timestamp: Some(text("timestamp")),
        };
        let sent = jiff::Timestamp::from_millisecond(text("timestamp").parse().unwrap()).unwrap();
        println!(
            "{}",
            match webhook::verify(&text("secret").into(), &delivery, sent) {
                Ok(()) => "trusted",
                Err(webhook::Distrust::Forged) => "forged",
                Err(webhook::Distrust::Stale) => "stale",
                Err(webhook::Distrust::Unsigned) => "unsigned",
            }
        );
    }
}

struct Scene {
    outbound: Arc<dyn Outbound>,
    clock: Arc<dyn Clock>,
    base: String,
    refresh: String,
    client: Client,
    checks: u32,
}

impl Scene {
    fn new(base: &str, token: &str, refresh: &str) -> Scene {
        let outbound: Arc<dyn Outbound> = Arc::new(Plain { timeout: Duration::from_secs(20) });
        let clock: Arc<dyn Clock> = Arc::new(TestClock::new(Duration::from_secs(30)));
        let key: secrecy::SecretString = token.into();
        let client = Client::new(Arc::clone(&outbound), base, key, Options::default(), Arc::clone(&clock));
        Scene { outbound, clock, base: base.to_owned(), refresh: refresh.to_owned(), client, checks: 0 }
    }

    fn check(&mut self, fact: &str, holds: bool) {
        assert!(holds, "{fact}: it is not so");
        self.checks += 1;
    }

    async fn play(mut self) {
        let contacts = self.client.objects(Entity::Contact);
        let properties = self.client.properties(Entity::Contact);
        let definitions = [definition("judge_key", "Judge key", true), definition("judge_note", "Judge note", false)];
        properties.create_missing("judges", &definitions).await.unwrap();
        let key = properties.get("judge_key").await.unwrap();
        self.check("a created property is read back", key.is_some());

        let anna = contacts.create(&person("anna", "Anna"), &[], None).await.unwrap().record;
        self.check("a contact is created", anna.value("email") == "anna@acme-judge.com");
        let duplicate = contacts.create(&fields(&[("email", "anna@acme-judge.com")]), &[], None).await;
        self.check(
            "a duplicate is a conflict",
            matches!(duplicate, Err(evergreen_hubspot::Error::Refused { status: 409, .. })),
        );
        let bert = contacts.create(&person("bert", "Bert"), &[], None).await.unwrap().record;

        let asked = [anna.id.clone(), "999999999".to_owned()];
        let read = contacts.read(&asked, &Want::values(&["email"])).await.unwrap();
        self.check("a batch read tells the missing id", read.records.len() == 1 && read.missing == ["999999999"]);

        let known = fields(&[("judge_key", "anna"), ("jobtitle", "Head of Sales")]);
        let rows = [row("anna", known), row("cleo", person("cleo", "Cleo"))];
        let Parts { done, failed, unaccounted, stopped } = contacts.upsert_all(&rows).await.into_parts();
        assert!(failed.is_empty() && unaccounted.is_empty() && stopped.is_none(), "{failed:?} {unaccounted:?}");
        let fresh: Vec<bool> = ["anna", "cleo"].map(|trace| done[trace].created).into();
        self.check("an upsert tells new from known", fresh == [false, true]);

        let email = Filter::new("email", Test::Eq("anna@acme-judge.com".to_owned()));
        let (page, total) = contacts.search(&Search::all_of(&[email], &["email", "jobtitle"]), 0).await.unwrap();
        self.check("the search finds her", total == 1 && page.records[0].value("jobtitle") == "Head of Sales");

        let firm = fields(&[("name", "Acme Judge"), ("domain", "firm-judge.com")]);
        let firm = self.client.objects(Entity::Company).create(&firm, &[], None).await.unwrap().record;
        let associations = self.client.associations(Entity::Contact, Entity::Company);
        let outcome = associations.link(&[(anna.id.clone(), firm.id.clone())]).await;
        assert!(outcome.stopped.is_none(), "{outcome:?}");
        let linked = associations.of(&anna.id).await.unwrap();
        self.check("the link is read back", linked.iter().any(|linked| linked.to == firm.id));

        let owners = self.client.owners().await.unwrap();
        let owner = owners.iter().filter(|owner| owner.active).map(|owner| owner.id.parse::<u64>().unwrap()).min();
        self.check("there are owners", owner.is_some());
        let owned = fields(&[("hubspot_owner_id", &owner.unwrap().to_string())]);
        contacts.update(&anna.id, &owned).await.unwrap();

        let mut dora = person("dora", "Dora");
        dora.insert("phone".to_owned(), "+49 30 123456".to_owned());
        let dora = contacts.create(&dora, &[], None).await.unwrap().record;
        let merged = contacts.merge(&bert.id, &dora.id).await.unwrap();
        let kept = contacts.get(&dora.id, &Want::values(&["firstname", "phone"])).await.unwrap().unwrap();
        self.check("the merged id leads to the survivor", kept.id == merged.id && kept.value("firstname") == "Bert");

        let renewed = self.renewed().objects(Entity::Contact);
        let written = renewed.update(&anna.id, &fields(&[("city", "Köln")])).await.unwrap();
        self.check("the renewed token is taken", written.record.value("city") == "Köln");

        self.order(json!({"kind": "429", "route_prefix": "/crm/", "count": 1})).await;
        let late = contacts.update(&anna.id, &fields(&[("judge_note", "after a refusal")])).await.unwrap();
        self.check("a 429 is repeated", late.record.value("judge_note") == "after a refusal");
        println!("judged: {} facts", self.checks);
    }

    /// A client that knows a refresh token only, and so renews before its first call.
    fn renewed(&self) -> Client {
        let credential = Credential::OAuth {
            app: OAuthApp {
                client_id: "sandbox-client-id".to_owned(),
                client_secret: "sandbox-client-secret".into(),
                redirect_uri: "http://localhost/back".to_owned(),
            },
            tokens: Tokens::from_refresh(self.refresh.as_str().into()),
            keeper: Arc::new(ForgetfulKeeper),
        };
        Client::new(Arc::clone(&self.outbound), &self.base, credential, Options::default(), Arc::clone(&self.clock))
    }

    async fn order(&self, fault: Value) {
        let request = HttpRequest {
            peer: "admin".to_owned(),
            method: "POST".to_owned(),
            url: format!("{}/__sandbox/fault", self.base),
            query: Vec::new(),
            secret_query: Vec::new(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: Some(fault.to_string().into_bytes()),
            timeout_ms: 1_000,
            repeatable: false,
        };
        assert_eq!(self.outbound.send(request).await.unwrap().status, 200);
    }
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn person(key: &str, first: &str) -> Fields {
    let email = format!("{key}@acme-judge.com");
    fields(&[("judge_key", key), ("email", &email), ("firstname", first), ("lastname", "Zoë-Straße")])
}

fn row(key: &str, properties: Fields) -> Row {
    let unique = RowKey::Unique { property: "judge_key".to_owned(), value: key.to_owned() };
    Row { trace: key.to_owned(), key: unique, properties, links: Vec::new() }
}

fn definition(name: &str, label: &str, unique: bool) -> PropertyDefinition {
    PropertyDefinition {
        name: name.to_owned(),
        label: label.to_owned(),
        value_type: "string".to_owned(),
        field_type: "text".to_owned(),
        description: "Made by a judge".to_owned(),
        options: Vec::new(),
        unique,
    }
}
