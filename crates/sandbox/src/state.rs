//! The sandbox's whole state and the one function that answers a call, live or replayed from the journal.

use crate::chance::draw;
use crate::clock::Millis;
use crate::faults::{Faults, rate_limited};
use crate::limiter::{Limiter, Pace};
use crate::portal::Portal;
use crate::portal::errors::{self, unauthenticated};
use crate::sequencer::Sequencer;
use crate::stats::{Service, Stats, class};
use crate::vendors::Vendors;
use crate::wire::{Call, Reply};
use crate::world::EmailState;
use crate::{SandboxOptions, SandboxProblem};

#[derive(Debug)]
pub(crate) struct State {
    pub portal: Portal,
    pub vendors: Vendors,
    pub sequencer: Sequencer,
    pub limiter: Limiter,
    pub faults: Faults,
    pub stats: Stats,
    token: String,
    seed: u64,
    answered: u64,
}

impl State {
    pub(crate) fn new(options: SandboxOptions) -> Result<State, SandboxProblem> {
        let start = options.start.as_millisecond();
        let world = options.world;
        let portal = Portal::new(options.seed, start, world.owners, world.portal_companies, world.portal_contacts)?;
        let dead = world
            .people
            .iter()
            .filter(|person| person.email_state == EmailState::Dead)
            .map(|person| person.email.to_lowercase());
        Ok(State {
            portal,
            sequencer: Sequencer::new(options.seed, start, dead),
            vendors: Vendors::new(options.seed, world.people, world.companies),
            limiter: Limiter::new(options.tier),
            faults: Faults::default(),
            stats: Stats::default(),
            token: options.token,
            seed: options.seed,
            answered: 0,
        })
    }

    /// A correlation id: looks like HubSpot's, repeats for a seed and a position.
    pub(crate) fn correlation(&mut self) -> String {
        self.answered += 1;
        let count = self.answered.to_string();
        let (high, low) = (draw(self.seed, &["correlation", &count]), draw(self.seed, &["correlation-low", &count]));
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            low >> 52,
            low & 0xffff_ffff_ffff
        )
    }

    /// Answers one call at a moment of the sandbox's clock.
    pub(crate) fn answer(&mut self, call: &Call, at: Millis) -> Reply {
        let Some(service) = Service::of(&call.path) else {
            return self.admin(call, at);
        };
        self.stats.called(class(call.method.as_str(), &call.path));
        match service {
            Service::Portal => self.portal_call(call, at),
            _ if !call.replayed && !self.limiter.vendor(call.arrived, service) => {
                self.stats.rate_limited(service);
                rate_limited(service, "")
            }
            Service::Smartlead => self.sequencer.answer(call, at),
            vendor => self.vendors.answer(vendor, call, at, &mut self.stats),
        }
    }

    fn portal_call(&mut self, call: &Call, at: Millis) -> Reply {
        let correlation = self.correlation();
        if call.replayed {
            return self.portal.answer(call, at, &correlation);
        }
        if call.bearer.as_deref() != Some(self.token.as_str()) {
            return unauthenticated(&correlation);
        }
        let search = call.path.trim_end_matches('/').ends_with("/search");
        let policy = match self.limiter.portal(call.arrived, search) {
            Pace::Go => None,
            Pace::TenSecondly => Some("TEN_SECONDLY_ROLLING"),
            Pace::Secondly => Some("SECONDLY"),
            Pace::Daily => Some("DAILY"),
        };
        let mut reply = match policy {
            Some(policy) => {
                self.stats.rate_limited(Service::Portal);
                errors::rate_limited(policy, &correlation)
            }
            None => self.portal.answer(call, at, &correlation),
        };
        if !search {
            reply.headers.extend(self.limiter.headers());
        }
        reply.header("x-hubspot-correlation-id", correlation)
    }
}
