//! Everything outside the program: the portal, the people who work in it, the weather on the way to it, and the witness.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use evergreen_ports::{Clock, HttpRequest, HttpResponse, Outbound, OutboundError};
use evergreen_sandbox::{Offline, OfflineAnswer};
use serde_json::{Value, json};

use crate::book::{Book, Cell, Made, Sent};
use crate::dice::Dice;
use crate::fate::{Diary, Fate};
use crate::machine::JumpingClock;

pub const BASE: &str = "http://portal.test";
pub const TOKEN: &str = "pat-simulation";
pub const OBJECTS: &str = "/crm/objects/2026-09";

/// How wild it is, each in thousandths of all calls.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// Somebody acts between two calls.
    pub acts: usize,
    /// Somebody edits a property exactly between our last look and our write of it.
    pub slips: usize,
    /// Something happens to the call itself.
    pub storms: usize,
}

impl Weather {
    pub const CALM: Weather = Weather { acts: 0, slips: 0, storms: 0 };
}

pub struct Town {
    offline: Offline,
    pub clock: Arc<JumpingClock>,
    pub dice: Mutex<Dice>,
    pub weather: Mutex<Weather>,
    pub book: Mutex<Book>,
    pub diary: Arc<Diary>,
}

/// One property of one record as the portal shows it.
pub fn shown(record: &Value, property: &str) -> String {
    let cell = &record["properties"][property];
    cell.as_str().or_else(|| cell["value"].as_str()).unwrap_or_default().to_owned()
}

impl Town {
    pub fn new(offline: Offline, clock: Arc<JumpingClock>, dice: Dice, diary: Arc<Diary>) -> Town {
        let (weather, book) = (Mutex::new(Weather::CALM), Mutex::default());
        Town { offline, clock, dice: Mutex::new(dice), weather, book, diary }
    }

    /// A call of somebody else, which meets no weather.
    pub fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let answer = self.raw(method, path, body.to_string().as_bytes());
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
    }

    fn raw(&self, method: &str, path: &str, body: &[u8]) -> OfflineAnswer {
        let headers = [("authorization", format!("Bearer {TOKEN}")), ("content-type", "application/json".to_owned())];
        let headers = headers.map(|(name, value)| (name.to_owned(), value));
        self.offline.call(self.clock.now(), method, path, &headers, if method == "GET" { b"" } else { body })
    }

    /// Everything the portal holds: object to id to record.
    pub fn state(&self) -> BTreeMap<String, BTreeMap<String, Value>> {
        let (status, state) = self.call("GET", "/__sandbox/state", &Value::Null);
        assert_eq!(status, 200, "{state}");
        ["contacts", "companies"]
            .into_iter()
            .map(|object| {
                let records = state[object].as_object().into_iter().flatten();
                let live = records.filter(|(_, record)| record["archived"].as_bool() != Some(true));
                (object.to_owned(), live.map(|(id, record)| (id.clone(), record.clone())).collect())
            })
            .collect()
    }

    pub fn read(&self, object: &str, id: &str) -> Option<Value> {
        self.state().get(object)?.get(id).cloned()
    }

    /// Everything that may go wrong with one request of ours.
    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, OutboundError> {
        let weather = *self.weather.lock().unwrap();
        let mut dice = self.dice.lock().unwrap();
        self.clock.pass_ms(dice.between(5, 400) as i64);
        let call = {
            let mut book = self.book.lock().unwrap();
            book.calls += 1;
            book.calls
        };
        let path = request.url.trim_start_matches(BASE).to_owned();
        let mut body: Value =
            request.body.as_deref().and_then(|body| serde_json::from_slice(body).ok()).unwrap_or(Value::Null);
        self.diary.write(|| format!("#{call} {} {path}", request.method));
        if dice.permille(weather.acts) {
            self.somebody_acts(&mut dice);
        }
        if changes_properties(&path) && dice.permille(weather.slips) {
            self.somebody_slips_in(&path, &body, &mut dice);
        }
        let storm = dice.permille(weather.storms).then(|| *dice.pick(STORMS));
        if let Some(storm) = storm {
            self.book.lock().unwrap().count(storm.name());
            self.diary.write(|| format!("   storm: {}", storm.name()));
        }
        match storm {
            Some(Storm::TooMany) => {
                return Ok(refused(
                    429,
                    json!({"status": "error", "message": "ten secondly", "errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}),
                ));
            }
            Some(Storm::Locked) => return Ok(refused(423, json!({"status": "error", "message": "locked"}))),
            Some(Storm::BadGateway) => return Ok(refused(502, Value::Null)),
            Some(Storm::ResetBefore) => return Err(OutboundError::Broken("reset by a storm".to_owned())),
            Some(Storm::TimeoutBefore) => return Err(OutboundError::Timeout("no answer came".to_owned())),
            Some(Storm::RowNotDone) => forget_an_input(&mut body, &mut dice, &path),
            _ => {}
        }
        let query: Vec<String> =
            request.query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let full = if query.is_empty() { path.clone() } else { format!("{path}?{}", query.join("&")) };
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let answer = self.raw(&request.method, &full, &bytes);
        self.witness(call, &request.method, &path, &body, &answer);
        match storm {
            Some(Storm::ResetAfter) => return Err(OutboundError::Broken("reset by a storm".to_owned())),
            Some(Storm::TimeoutAfter) => return Err(OutboundError::Timeout("no answer came".to_owned())),
            Some(Storm::BadGatewayAfter) => return Ok(refused(502, Value::Null)),
            _ => {}
        }
        let mut bytes = answer.body;
        if storm == Some(Storm::RowNotTold) {
            bytes = without_a_result(&bytes, &mut dice, &path);
        }
        Ok(HttpResponse { status: answer.status, headers: answer.headers, body: bytes, latency_ms: 50, tries: 1 })
    }

    /// Writes down what a request of ours did.
    fn witness(&self, call: u64, method: &str, path: &str, body: &Value, answer: &OfflineAnswer) {
        let Some((object, deed)) = deed_of(method, path) else { return };
        let mut book = self.book.lock().unwrap();
        let text = |value: &Value| value.as_str().map(str::to_owned).unwrap_or_else(|| value.to_string());
        let single = [body.clone()];
        let inputs = body["inputs"].as_array().map_or(&single[..], Vec::as_slice);
        let results: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        for input in inputs {
            let properties: BTreeMap<String, String> = input["properties"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.clone(), text(value)))
                .collect();
            let key = match deed.as_str() {
                "create" => properties.get("evergreen_id").cloned().unwrap_or_default(),
                "one" => path.rsplit('/').next().unwrap_or_default().to_owned(),
                _ => text(&input["id"]),
            };
            self.diary.write(|| format!("   {deed} {object} {key} {properties:?}"));
            book.sent.push(Sent { call, object: object.clone(), deed: deed.clone(), key, properties });
        }
        for result in results["results"].as_array().into_iter().flatten() {
            let new = result["new"].as_bool() == Some(true) || deed == "create";
            let made = (deed == "upsert" || deed == "create") && new;
            if let (true, Some(id)) = (made, result["id"].as_str()) {
                let record = self.read(&object, id).unwrap_or(Value::Null);
                let value = |name: &str| shown(&record, name).to_lowercase();
                let who = match object.as_str() {
                    "contacts" => format!("{} {}", value("firstname"), value("lastname")),
                    _ => format!("{} {}", value("name"), value("domain")),
                };
                self.diary.write(|| format!("   made {object} {id} about {who}"));
                book.made.push(Made { object: object.clone(), id: id.to_owned(), who });
            }
        }
    }
}

/// The object and deed of a request that changes something, `associate` and reads left out.
fn deed_of(method: &str, path: &str) -> Option<(String, String)> {
    let rest = path.strip_prefix(OBJECTS)?.trim_start_matches('/');
    let parts: Vec<&str> = rest.split('/').collect();
    match (method, parts.as_slice()) {
        ("POST", [object, "batch", deed @ ("update" | "upsert" | "create" | "archive")]) => {
            Some(((*object).to_owned(), (*deed).to_owned()))
        }
        ("POST", [object, "merge"]) => Some(((*object).to_owned(), "merge".to_owned())),
        ("POST", [object]) => Some(((*object).to_owned(), "create".to_owned())),
        ("PATCH" | "DELETE", [object, _]) => Some(((*object).to_owned(), "one".to_owned())),
        _ => None,
    }
}

/// Whether somebody can slip in between our look and this write.
pub fn changes_properties(path: &str) -> bool {
    path.ends_with("/batch/update") || path.ends_with("/batch/upsert")
}

/// The cell of an input that is written by HubSpot id.
pub fn cell(object: &str, id: &str, property: &str) -> Cell {
    (object.to_owned(), id.to_owned(), property.to_owned())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Storm {
    TooMany,
    Locked,
    BadGateway,
    BadGatewayAfter,
    ResetBefore,
    ResetAfter,
    TimeoutBefore,
    TimeoutAfter,
    /// A row is neither done nor told of.
    RowNotDone,
    /// A row is done and not told of.
    RowNotTold,
}

const STORMS: &[Storm] = &[
    Storm::TooMany,
    Storm::Locked,
    Storm::BadGateway,
    Storm::BadGatewayAfter,
    Storm::BadGatewayAfter,
    Storm::ResetBefore,
    Storm::ResetAfter,
    Storm::ResetAfter,
    Storm::TimeoutBefore,
    Storm::TimeoutAfter,
    Storm::RowNotDone,
    Storm::RowNotTold,
];

impl Storm {
    fn name(self) -> &'static str {
        match self {
            Storm::TooMany => "429",
            Storm::Locked => "423",
            Storm::BadGateway => "502",
            Storm::BadGatewayAfter => "502 after commit",
            Storm::ResetBefore => "reset",
            Storm::ResetAfter => "reset after commit",
            Storm::TimeoutBefore => "timeout",
            Storm::TimeoutAfter => "timeout after commit",
            Storm::RowNotDone => "row dropped, not done",
            Storm::RowNotTold => "row dropped, done",
        }
    }
}

fn refused(status: u16, body: Value) -> HttpResponse {
    let body = if body.is_null() { b"<html>no</html>".to_vec() } else { body.to_string().into_bytes() };
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    HttpResponse { status, headers, body, latency_ms: 50, tries: 1 }
}

fn forget_an_input(body: &mut Value, dice: &mut Dice, path: &str) {
    if let Some(inputs) = body["inputs"].as_array_mut().filter(|inputs| changes_properties(path) && inputs.len() > 1) {
        inputs.remove(dice.below(inputs.len()));
    }
}

fn without_a_result(bytes: &[u8], dice: &mut Dice, path: &str) -> Vec<u8> {
    let Ok(mut body) = serde_json::from_slice::<Value>(bytes) else { return bytes.to_vec() };
    if let Some(results) =
        body["results"].as_array_mut().filter(|results| changes_properties(path) && !results.is_empty())
    {
        results.remove(dice.below(results.len()));
    }
    body.to_string().into_bytes()
}

fn encoded(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// The program's only way out.
pub struct Door {
    pub town: Arc<Town>,
    pub fate: Arc<Fate>,
}

#[async_trait]
impl Outbound for Door {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, OutboundError> {
        self.fate.moment("before a call").await;
        tokio::task::yield_now().await; // calls that are on their way together overtake each other
        let answer = self.town.answer(&request);
        self.fate.moment("after a call").await;
        answer
    }
}
