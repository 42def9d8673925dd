//! Remembers what DNS said of a domain, and lets only one question about a domain be on its way at a time.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use evergreen_model::DomainFacts;
use jiff::{SignedDuration, Timestamp};

/// A domain that takes mail is asked again after a day: mail hosts seldom move.
const GOOD: SignedDuration = SignedDuration::from_hours(24);
/// A domain that takes none, after five minutes: somebody may be repairing it.
const BAD: SignedDuration = SignedDuration::from_mins(5);
/// A resolver that could not say, after half a minute.
const FAILED: SignedDuration = SignedDuration::from_secs(30);
/// Most domains remembered, about 100 MB; above it the stale ones go, and if that is not enough, all.
const DOMAINS_MAX: usize = 200_000;

type Slot = Arc<tokio::sync::Mutex<Option<Remembered>>>;

struct Remembered {
    facts: DomainFacts,
    until: Timestamp,
}

/// Domain to what is known of it.
#[derive(Default)]
pub(crate) struct Cache {
    slots: Mutex<HashMap<String, Slot>>,
}

impl Cache {
    /// What is remembered of the domain, or what `ask` finds; the others who want the same domain wait for that.
    pub(crate) async fn get_or_ask<F>(&self, domain: &str, now: Timestamp, ask: F) -> DomainFacts
    where
        F: Future<Output = DomainFacts>,
    {
        let slot = self.slot(domain, now);
        let mut remembered = slot.lock().await;
        if let Some(known) = remembered.as_ref().filter(|known| known.until > now) {
            return known.facts.clone();
        }
        let facts = ask.await;
        let until = now.checked_add(life(&facts)).unwrap_or(Timestamp::MAX);
        *remembered = Some(Remembered { facts: facts.clone(), until });
        facts
    }

    fn slot(&self, domain: &str, now: Timestamp) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= DOMAINS_MAX {
            // A slot that is locked has a question on its way and stays.
            slots.retain(|_, slot| {
                slot.try_lock().map_or(true, |known| known.as_ref().is_some_and(|known| known.until > now))
            });
        }
        if slots.len() >= DOMAINS_MAX {
            slots.retain(|_, slot| slot.try_lock().is_err());
        }
        Arc::clone(slots.entry(domain.to_owned()).or_default())
    }
}

fn life(facts: &DomainFacts) -> SignedDuration {
    match facts {
        _ if facts.failure.is_some() => FAILED,
        _ if facts.mx.is_empty() => BAD,
        _ => GOOD,
    }
}
