//! The simulated data vendors: each answers from the same truth with its own gaps, mistakes, prices and manners.

mod apollo;
mod hunter;
mod pdl;
mod truth;
mod view;

use std::collections::HashMap;

use crate::clock::Millis;
use crate::stats::{Service, Stats};
use crate::wire::{Call, Reply};
use crate::world::{Company, Person};
use truth::Truth;

/// One credit, in the unit charges are counted in.
const CREDIT: u64 = 1_000_000;
/// Credits a vendor account begins with.
const CREDITS_AT_START: u64 = 1_000_000;

/// An answer and what it costs.
struct Priced {
    reply: Reply,
    micro_credits: u64,
    /// The question in a form that does not depend on parameter order or keys.
    question: String,
}

#[derive(Debug)]
pub(crate) struct Vendors {
    truth: Truth,
    /// Answers already given under an idempotency key.
    given: HashMap<(Service, String), Reply>,
}

impl Vendors {
    pub(crate) fn new(seed: u64, people: Vec<Person>, companies: Vec<Company>) -> Vendors {
        Vendors { truth: Truth::new(seed, people, companies), given: HashMap::new() }
    }

    pub(crate) fn answer(&mut self, vendor: Service, call: &Call, at: Millis, stats: &mut Stats) -> Reply {
        if !call.replayed
            && let Some(refusal) = refuse_key(vendor, call)
        {
            return refusal;
        }
        let given = call.idempotency_key.clone().map(|key| (vendor, key));
        if let Some(reply) = given.as_ref().and_then(|key| self.given.get(key)) {
            stats.answered_free();
            let mut again = reply.clone();
            again.changed = false;
            return again;
        }
        let spent = stats.spent_micro(vendor);
        let priced = match vendor {
            Service::Hunter => hunter::answer(&self.truth, call, at, spent),
            Service::Apollo => apollo::answer(&self.truth, call),
            _ => pdl::answer(&self.truth, call, at, spent),
        };
        // Hunter answers a repeated question free of charge within a billing period; the others bill again.
        let repeat_is_free = vendor == Service::Hunter;
        if priced.micro_credits > 0 && !(repeat_is_free && stats.was_charged(vendor, &priced.question)) {
            stats.charge(vendor, &priced.question, priced.micro_credits);
        }
        let asked = !priced.question.is_empty();
        if asked && let Some(key) = given {
            self.given.insert(key, priced.reply.clone());
        }
        // Misses are remembered too, so that the counts after a crash are the counts before it.
        if asked { priced.reply.changed() } else { priced.reply }
    }
}

/// An answer that is nobody's question: balance, errors.
fn free(reply: Reply) -> Priced {
    Priced { reply, micro_credits: 0, question: String::new() }
}

/// The question of a call: operation and parameters, sorted, lower-cased, without keys.
fn question(operation: &str, call: &Call) -> String {
    let mut parts: Vec<String> = call
        .query
        .iter()
        .filter(|(name, value)| name != "api_key" && !value.is_empty())
        .map(|(name, value)| format!("{name}={}", value.trim().to_lowercase()))
        .collect();
    parts.sort_unstable();
    format!("{operation}?{}", parts.join("&"))
}

fn refuse_key(vendor: Service, call: &Call) -> Option<Reply> {
    let key = match vendor {
        Service::Hunter => call.api_key.as_deref().or(call.bearer.as_deref()),
        _ => call.api_key.as_deref(),
    };
    match (key.unwrap_or_default(), vendor) {
        ("" | "wrong", Service::Hunter) => Some(hunter::wrong_key()),
        ("" | "wrong", Service::Apollo) => Some(apollo::wrong_key()),
        ("" | "wrong", _) => Some(pdl::wrong_key()),
        ("drained", Service::Hunter) => Some(hunter::no_credits()),
        ("drained", Service::Apollo) => Some(apollo::no_credits()),
        ("drained", _) => Some(pdl::no_credits()),
        _ => None,
    }
}
