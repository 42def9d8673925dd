//! Webhooks: who listens to what, which events wait, and what became of each delivery.

pub(crate) mod courier;
mod events;
mod routes;
pub(crate) mod signature;

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use crate::chance::draw;
use crate::clock::{Millis, iso};
use crate::portal::services::adapter::Event;

/// Events in one delivery.
const BATCH_MAX: usize = 100;
/// Seconds before each further attempt: ten of them within a day.
const RETRY_S: &[Millis] = &[60, 300, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 24_300];
const SUBSCRIPTIONS_MAX: usize = 1_000;
/// Deliveries kept for the report.
const LOG_MAX: usize = 1_000;

#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    id: u64,
    event_type: String,
    property: Option<String>,
    object_type: Option<String>,
    active: bool,
    created: Millis,
    updated: Millis,
}

/// Where an app wants its events.
#[derive(Debug, Clone)]
struct Target {
    url: String,
    max_concurrent: u64,
    created: Millis,
    updated: Millis,
}

/// How untidy deliveries are.
#[derive(Debug, Clone, Copy)]
struct Manners {
    /// Events wait this long for company.
    batch_ms: Millis,
    duplicate_percent: u64,
    reorder_percent: u64,
    /// Shortens the retry schedule for tests.
    retry_scale: f64,
    /// Sends the v2 signature beside v3, as workflows do; otherwise v1, as subscriptions do.
    second: bool,
}

#[derive(Debug, Clone)]
struct Waiting {
    app: u32,
    event: Value,
    due: Millis,
    attempt: usize,
    order: u64,
}

/// One delivery on its way.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    pub app: u32,
    pub url: String,
    pub events: Vec<Value>,
    pub attempt: usize,
    pub at: Millis,
    /// The older signature is the second version, which also covers the address.
    pub second: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Webhooks {
    seed: u64,
    targets: BTreeMap<u32, Target>,
    subscriptions: BTreeMap<u32, BTreeMap<u64, Subscription>>,
    manners: Manners,
    waiting: Vec<Waiting>,
    log: VecDeque<Value>,
    next_event: u64,
    next_subscription: u64,
    delivered: u64,
    failed: u64,
    given_up: u64,
}

impl Webhooks {
    pub(crate) fn new(seed: u64) -> Webhooks {
        Webhooks {
            seed,
            targets: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            manners: Manners {
                batch_ms: 100,
                duplicate_percent: 0,
                reorder_percent: 0,
                retry_scale: 1.0,
                second: false,
            },
            waiting: Vec::new(),
            log: VecDeque::new(),
            next_event: 1,
            next_subscription: 501,
            delivered: 0,
            failed: 0,
            given_up: 0,
        }
    }

    /// Somebody subscribed to something and said where to send it.
    pub(crate) fn watching(&self) -> bool {
        self.subscriptions.iter().any(|(app, all)| self.targets.contains_key(app) && all.values().any(|one| one.active))
    }

    fn chance(&self, what: &str, number: u64) -> u64 {
        draw(self.seed, &["webhook", what, &number.to_string()])
    }

    /// Turns what happened in a portal into events for those who subscribed.
    pub(crate) fn observe(&mut self, portal: u64, installed: &dyn Fn(u32) -> bool, events: &[Event], at: Millis) {
        let mut fresh = Vec::new();
        for (app, all) in &self.subscriptions {
            if !self.targets.contains_key(app) || !installed(*app) {
                continue;
            }
            for event in events {
                for subscription in all.values().filter(|one| one.active && events::fits(one, event)) {
                    fresh.push((*app, events::body(subscription, event, portal, *app)));
                }
            }
        }
        for (app, mut event) in fresh {
            let number = self.next_event;
            self.next_event += 1;
            event["eventId"] = json!(number);
            let late = self.chance("reorder", number) % 100 < self.manners.reorder_percent;
            let jitter =
                if late { (self.chance("jitter", number) % 4 + 1) as Millis * self.manners.batch_ms } else { 0 };
            let due = at + self.manners.batch_ms + jitter;
            let order = if late { self.chance("order", number) } else { number };
            if self.chance("duplicate", number) % 100 < self.manners.duplicate_percent {
                let again = due + self.manners.batch_ms;
                self.waiting.push(Waiting { app, event: event.clone(), due: again, attempt: 0, order });
            }
            self.waiting.push(Waiting { app, event, due, attempt: 0, order });
        }
    }

    /// Deliveries that are due.
    pub(crate) fn collect(&mut self, at: Millis) -> Vec<Parcel> {
        if self.waiting.iter().all(|one| one.due > at) {
            return Vec::new();
        }
        let (due, later): (Vec<Waiting>, Vec<Waiting>) = self.waiting.drain(..).partition(|one| one.due <= at);
        self.waiting = later;
        let mut groups: BTreeMap<(u32, usize), Vec<Waiting>> = BTreeMap::new();
        for one in due {
            groups.entry((one.app, one.attempt)).or_default().push(one);
        }
        let mut parcels = Vec::new();
        for ((app, attempt), mut group) in groups {
            let Some(url) = self.targets.get(&app).map(|target| target.url.clone()) else {
                continue;
            };
            group.sort_by_key(|one| one.order);
            for batch in group.chunks(BATCH_MAX) {
                let events = batch
                    .iter()
                    .map(|one| {
                        let mut event = one.event.clone();
                        event["attemptNumber"] = json!(attempt);
                        event
                    })
                    .collect();
                parcels.push(Parcel { app, url: url.clone(), events, attempt, at, second: self.manners.second });
            }
        }
        parcels
    }

    /// Books what became of a delivery; a refused one is tried again later.
    pub(crate) fn settle(&mut self, parcel: Parcel, status: Result<u16, String>, at: Millis) {
        let good = status.as_ref().is_ok_and(|status| (200..300).contains(status));
        if self.log.len() >= LOG_MAX {
            self.log.pop_front();
        }
        self.log.push_back(json!({
            "app_id": parcel.app, "url": parcel.url, "attempt": parcel.attempt, "events": parcel.events.len(),
            "status": status.as_ref().ok(), "problem": status.as_ref().err(), "at": iso(at),
        }));
        if good {
            self.delivered += parcel.events.len() as u64;
            return;
        }
        self.failed += 1;
        let Some(wait_s) = RETRY_S.get(parcel.attempt) else {
            self.given_up += parcel.events.len() as u64;
            return;
        };
        let wait = (*wait_s as f64 * 1000.0 * self.manners.retry_scale) as Millis;
        for (place, event) in parcel.events.into_iter().enumerate() {
            self.waiting.push(Waiting {
                app: parcel.app,
                event,
                due: at + wait,
                attempt: parcel.attempt + 1,
                order: place as u64,
            });
        }
    }

    /// The admin call: target, subscriptions and manners of one app's webhooks.
    pub(crate) fn configure(&mut self, body: &Value, at: Millis) -> Result<Value, String> {
        let app = match body["app_id"].as_u64() {
            Some(id) => u32::try_from(id).map_err(|_| "app_id is too large".to_owned())?,
            None => crate::portal::APP_ID as u32,
        };
        if let Some(url) = body["target_url"].as_str() {
            self.set_target(app, url, body["max_concurrent"].as_u64().unwrap_or(10), at)?;
        }
        for wanted in body["subscriptions"].as_array().into_iter().flatten() {
            self.subscribe(app, wanted, at)?;
        }
        let percent = |name: &str, now: u64| body[name].as_u64().map_or(now, |percent| percent.min(100));
        self.manners = Manners {
            batch_ms: body["batch_ms"].as_i64().unwrap_or(self.manners.batch_ms).max(0),
            duplicate_percent: percent("duplicate_percent", self.manners.duplicate_percent),
            reorder_percent: percent("reorder_percent", self.manners.reorder_percent),
            retry_scale: body["retry_scale"].as_f64().unwrap_or(self.manners.retry_scale).max(0.0),
            second: body["signature_version"].as_str().map_or(self.manners.second, |version| version == "v2"),
        };
        Ok(json!({"ok": true, "app_id": app}))
    }

    fn set_target(&mut self, app: u32, url: &str, max_concurrent: u64, at: Millis) -> Result<(), String> {
        let parsed = url::Url::parse(url).map_err(|problem| problem.to_string())?;
        if parsed.scheme() != "http" || parsed.host_str().is_none() {
            return Err("the sandbox delivers to http:// addresses only".to_owned());
        }
        let created = self.targets.get(&app).map_or(at, |target| target.created);
        self.targets.insert(app, Target { url: url.to_owned(), max_concurrent, created, updated: at });
        Ok(())
    }

    fn subscribe(&mut self, app: u32, wanted: &Value, at: Millis) -> Result<Subscription, String> {
        let event_type = wanted["eventType"].as_str().unwrap_or_default();
        let text = |name: &str| wanted[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        events::check(event_type, text("propertyName").is_some(), text("objectTypeId").is_some())?;
        let all = self.subscriptions.entry(app).or_default();
        if all.len() >= SUBSCRIPTIONS_MAX {
            return Err(format!("an app has at most {SUBSCRIPTIONS_MAX} subscriptions"));
        }
        let id = self.next_subscription;
        self.next_subscription += 1;
        let subscription = Subscription {
            id,
            event_type: event_type.to_owned(),
            property: text("propertyName"),
            object_type: text("objectTypeId"),
            active: wanted["active"].as_bool().unwrap_or(true),
            created: at,
            updated: at,
        };
        all.insert(id, subscription.clone());
        Ok(subscription)
    }

    pub(crate) fn report(&self) -> Value {
        json!({
            "waiting": self.waiting.len(), "delivered": self.delivered, "failed_attempts": self.failed,
            "given_up": self.given_up, "deliveries": self.log,
        })
    }
}
