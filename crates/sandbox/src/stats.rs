//! Counts of what was asked: calls per route class, refusals for pace, and what each vendor charged for which question.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

/// Who answers a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Service {
    Portal,
    Hunter,
    Apollo,
    Pdl,
    Smartlead,
}

impl Service {
    pub(crate) const COUNT: usize = 5;

    pub(crate) fn of(path: &str) -> Option<Service> {
        match path.trim_start_matches('/').split('/').next()? {
            "crm"
            | "account-info"
            | "oauth"
            | "communication-preferences"
            | "crm-object-schemas"
            | "app-webhooks"
            | "webhooks"
            | "appinstalls" => Some(Service::Portal),
            "hunter" => Some(Service::Hunter),
            "apollo" => Some(Service::Apollo),
            "pdl" => Some(Service::Pdl),
            "smartlead" => Some(Service::Smartlead),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Service::Portal => "portal",
            Service::Hunter => "hunter",
            Service::Apollo => "apollo",
            Service::Pdl => "pdl",
            Service::Smartlead => "smartlead",
        }
    }
}

/// What one vendor charged for one question.
#[derive(Debug, Default, Clone, Copy)]
struct Charged {
    times: u64,
    micro_credits: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Stats {
    calls: BTreeMap<String, u64>,
    rate_limited: BTreeMap<&'static str, u64>,
    faults: BTreeMap<String, u64>,
    charges: HashMap<(Service, String), Charged>,
    totals: BTreeMap<&'static str, Charged>,
    repeats_answered_free: u64,
}

impl Stats {
    /// Counts a call under a class such as `POST contacts/batch/read`.
    pub(crate) fn called(&mut self, class: String) {
        *self.calls.entry(class).or_default() += 1;
    }

    pub(crate) fn rate_limited(&mut self, service: Service) {
        *self.rate_limited.entry(service.name()).or_default() += 1;
    }

    pub(crate) fn faulted(&mut self, kind: &str) {
        *self.faults.entry(kind.to_owned()).or_default() += 1;
    }

    pub(crate) fn answered_free(&mut self) {
        self.repeats_answered_free += 1;
    }

    /// The question was charged before.
    pub(crate) fn was_charged(&self, vendor: Service, question: &str) -> bool {
        self.charges.contains_key(&(vendor, question.to_owned()))
    }

    /// Books a charge, in millionths of the vendor's credit.
    pub(crate) fn charge(&mut self, vendor: Service, question: &str, micro_credits: u64) {
        for charged in [
            self.charges.entry((vendor, question.to_owned())).or_default(),
            self.totals.entry(vendor.name()).or_default(),
        ] {
            charged.times += 1;
            charged.micro_credits += micro_credits;
        }
    }

    /// Millionths of a credit the vendor charged so far.
    pub(crate) fn spent_micro(&self, vendor: Service) -> u64 {
        self.totals.get(vendor.name()).map_or(0, |total| total.micro_credits)
    }

    /// Everything counted, in a stable order.
    pub(crate) fn report(&self) -> Value {
        let mut questions: BTreeMap<&str, BTreeMap<&str, Value>> = BTreeMap::new();
        let mut doubles = Vec::new();
        for ((vendor, question), charged) in &self.charges {
            questions
                .entry(vendor.name())
                .or_default()
                .insert(question, json!({"charges": charged.times, "micro_credits": charged.micro_credits}));
            if charged.times > 1 {
                doubles.push((vendor.name(), question.as_str(), charged.times));
            }
        }
        doubles.sort_unstable();
        let totals: BTreeMap<&str, Value> = self
            .totals
            .iter()
            .map(|(vendor, total)| (*vendor, json!({"charges": total.times, "micro_credits": total.micro_credits})))
            .collect();
        json!({
            "calls": self.calls,
            "rate_limited": self.rate_limited,
            "faults": self.faults,
            "charges": totals,
            "questions": questions,
            "repeats_answered_free": self.repeats_answered_free,
            "double_charges": doubles.iter().map(|(vendor, question, times)| {
                json!({"vendor": vendor, "question": question, "charges": times})
            }).collect::<Vec<_>>(),
        })
    }
}

/// Folds a path to its class: ids and versions out, verbs in.
pub(crate) fn class(method: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let version = matches!(part, "v3" | "v4" | "2026-09" | "2026-03" | "2027-03-beta");
        if version {
            continue;
        }
        let id = part.bytes().all(|b| b.is_ascii_digit()) || part.contains('@');
        parts.push(if id { "{id}" } else { part });
    }
    format!("{method} /{}", parts.join("/"))
}
