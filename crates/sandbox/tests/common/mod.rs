//! A tiny world, a started sandbox and a plain HTTP client for the tests.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]
#![allow(dead_code, reason = "every test file uses its own part")]

use evergreen_sandbox::{
    Company, EmailState, Mail, Owner, Person, PortalCompany, PortalContact, Sandbox, SandboxOptions, Tier, World,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const TOKEN: &str = "pat-na1-sandbox";

pub fn pairs(list: &[(&str, &str)]) -> std::collections::BTreeMap<String, String> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn company(id: &str, name: &str, domain: &str, mail: Mail) -> Company {
    Company {
        id: id.into(),
        name: name.into(),
        domain: domain.into(),
        industry: "LOGISTICS_AND_SUPPLY_CHAIN".into(),
        employees: "312".into(),
        founded_year: "2012".into(),
        city: "Baltimore".into(),
        country: "United States".into(),
        linkedin_url: "https://www.linkedin.com/company/northquay".into(),
        phone: "+1 202 555 0143".into(),
        mail,
        spf: true,
        dmarc: true,
        ..Company::default()
    }
}

pub fn world() -> World {
    let people = (0..60)
        .map(|at| Person {
            id: format!("p{at}"),
            firstname: format!("Marta{at}"),
            lastname: format!("Velasco{at}"),
            email: format!("marta{at}@northquay.example"),
            email_state: EmailState::Valid,
            jobtitle: "Head of Revenue Operations".into(),
            seniority: "head".into(),
            company_id: "c1".into(),
            linkedin_url: format!("https://www.linkedin.com/in/marta-{at}"),
            refused: at == 7,
            ..Person::default()
        })
        .collect();
    let owner = |id: &str, user: &str, archived| Owner {
        id: id.into(),
        email: format!("rep{id}@ourfirm.example"),
        first_name: "Rep".into(),
        last_name: id.into(),
        user_id: user.into(),
        archived,
        team_id: "1".into(),
        team_name: "East".into(),
    };
    World {
        people,
        companies: vec![
            company("c1", "Northquay Logistics, Inc.", "northquay.example", Mail::Google),
            company("c2", "Quietharbour", "quietharbour.example", Mail::Dead),
            company("c3", "Nullmail", "nullmail.example", Mail::NullMx),
        ],
        owners: vec![owner("501", "9001", false), owner("502", "9002", false), owner("503", "9003", true)],
        portal_companies: vec![
            PortalCompany {
                id: "2001".into(),
                properties: pairs(&[("name", "Northquay Logistics"), ("domain", "northquay.example")]),
                ..PortalCompany::default()
            },
            PortalCompany {
                id: "2002".into(),
                properties: pairs(&[("name", "Quietharbour")]),
                ..PortalCompany::default()
            },
        ],
        portal_contacts: vec![
            PortalContact {
                id: "1001".into(),
                properties: pairs(&[
                    ("email", "Known@Northquay.example"),
                    ("hs_additional_emails", "alias@northquay.example"),
                    ("firstname", "Ines"),
                    ("jobtitle", "Chief of Staff"),
                    ("lifecyclestage", "opportunity"),
                    ("hubspot_owner_id", "501"),
                    ("associatedcompanyid", "2001"),
                ]),
                human_edited: vec!["jobtitle".into(), "phone".into()],
                edited_by: "9001".into(),
                edited_at: "2026-11-01T10:00:00Z".into(),
            },
            PortalContact {
                id: "1002".into(),
                properties: pairs(&[("email", "second@northquay.example"), ("firstname", "Otto")]),
                ..PortalContact::default()
            },
        ],
        domains: Vec::new(),
    }
}

pub fn options(world: World) -> SandboxOptions {
    SandboxOptions {
        seed: 11,
        port: 0,
        dns_port: 0,
        world,
        tier: Tier::Unlimited,
        journal: None,
        start: "2026-11-23T08:00:00Z".parse().unwrap(),
        token: TOKEN.into(),
    }
}

pub async fn started() -> Sandbox {
    Sandbox::start(options(world())).await.unwrap()
}

/// An answer as the tests look at it.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub head_as_sent: String,
    pub text: String,
}

impl Answer {
    /// A header's value as it was sent.
    pub fn header(&self, name: &str) -> String {
        let line = self.head_as_sent.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:")));
        line.unwrap_or_else(|| panic!("no {name} in {}", self.head)).split_once(':').unwrap().1.trim().to_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }
}

/// Sends one request; `Err` when the connection was cut.
pub async fn send(
    sandbox: &Sandbox,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> std::io::Result<Answer> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut all = vec![("content-type", "application/json")];
    all.extend_from_slice(headers);
    try_send_raw(sandbox, method, path, &all, &body).await
}

/// Sends any text as the body.
pub async fn send_raw(sandbox: &Sandbox, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    try_send_raw(sandbox, method, path, headers, body).await.unwrap()
}

async fn try_send_raw(
    sandbox: &Sandbox,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> std::io::Result<Answer> {
    let base = sandbox.base_url();
    let address = base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await?;
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    request.push_str(body);
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    let all = String::from_utf8_lossy(&bytes).into_owned();
    let (head, text) = all.split_once("\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let status = head[9..12].parse().unwrap();
    Ok(Answer { status, head: head.to_lowercase(), head_as_sent: head.to_owned(), text: text.to_owned() })
}

/// A portal call with the right token.
pub async fn portal(sandbox: &Sandbox, method: &str, path: &str, body: Value) -> Answer {
    let token = format!("Bearer {TOKEN}");
    let body = (!body.is_null()).then_some(&body);
    send(sandbox, method, path, &[("authorization", &token)], body).await.unwrap()
}

pub async fn post(sandbox: &Sandbox, path: &str, body: Value) -> Answer {
    portal(sandbox, "POST", path, body).await
}

pub async fn get(sandbox: &Sandbox, path: &str) -> Answer {
    portal(sandbox, "GET", path, json!(null)).await
}
