//! The sandbox's whole state and the one function that answers a call, live or replayed from the journal.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::access::keys::{Keys, Scopes, Token};
use crate::access::oauth::{App, OAuth};
use crate::access::{self, Who, scopes};
use crate::chance::draw;
use crate::clock::Millis;
use crate::faults::{Faults, rate_limited};
use crate::limiter::{Class, Limiter, Visit};
use crate::portal::Portal;
use crate::portal::errors::{self, unauthenticated};
use crate::sequencer::Sequencer;
use crate::stats::{Service, Stats, class};
use crate::vendors::Vendors;
use crate::webhooks::Webhooks;
use crate::wire::{Call, Reply};
use crate::world::{EmailState, Owner};
use crate::{SandboxOptions, SandboxProblem, Tier};

/// The user behind the token a sandbox starts with.
const TOKEN_USER: u32 = 1;

#[derive(Debug)]
pub(crate) struct State {
    /// The portal a sandbox starts with.
    pub portal: Portal,
    /// Portals added since, by their id.
    pub portals: BTreeMap<u64, Portal>,
    pub keys: Keys,
    pub oauth: OAuth,
    /// Refresh tokens whose portal removed the app.
    pub oauth_uninstalled: BTreeSet<String>,
    pub webhooks: Webhooks,
    pub vendors: Vendors,
    pub sequencer: Sequencer,
    pub limiter: Limiter,
    pub faults: Faults,
    pub stats: Stats,
    /// Whom every further portal has as owners.
    pub owners: Vec<Owner>,
    pub start: Millis,
    pub tier: Tier,
    pub seed: u64,
    answered: u64,
}

impl State {
    pub(crate) fn new(options: SandboxOptions) -> Result<State, SandboxProblem> {
        let start = options.start.as_millisecond();
        let world = options.world;
        let owners = world.owners.clone();
        let portal = Portal::new(options.seed, start, world.owners, world.portal_companies, world.portal_contacts)?;
        let dead = world
            .people
            .iter()
            .filter(|person| person.email_state == EmailState::Dead)
            .map(|person| person.email.to_lowercase());
        let mut limiter = Limiter::new(options.tier);
        limiter.open(errors::PORTAL_ID, options.tier, portal.services.account.zone());
        let app = crate::portal::APP_ID as u32;
        let mut keys = Keys::default();
        keys.add(
            options.token,
            Token {
                who: Who { portal: errors::PORTAL_ID, app },
                scopes: Scopes::All,
                user: TOKEN_USER,
                marketplace: false,
                expires: None,
            },
        );
        Ok(State {
            portal,
            portals: BTreeMap::new(),
            keys,
            oauth: OAuth::new(options.seed, App::first(app)),
            oauth_uninstalled: BTreeSet::new(),
            webhooks: Webhooks::new(options.seed),
            sequencer: Sequencer::new(options.seed, start, dead),
            vendors: Vendors::new(options.seed, world.people, world.companies),
            limiter,
            faults: Faults::default(),
            stats: Stats::default(),
            owners,
            start,
            tier: options.tier,
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
            let reply = self.admin(call, at);
            self.emit(call, at);
            return reply;
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
        let first = call.segments().first().copied().unwrap_or_default().to_owned();
        let reply = match first.as_str() {
            "oauth" => self.oauth_call(call, at, &correlation),
            "app-webhooks" | "webhooks" => {
                let reply = self.webhook_settings(call, at, &correlation);
                self.emit(call, at);
                reply
            }
            _ => self.authorized_call(call, at, &correlation),
        };
        reply.header("x-hubspot-correlation-id", correlation)
    }

    fn authorized_call(&mut self, call: &Call, at: Millis, correlation: &str) -> Reply {
        if call.replayed {
            let app = crate::portal::APP_ID as u32;
            let who = call.who.get().copied().unwrap_or(Who { portal: errors::PORTAL_ID, app });
            return self.carry_out(call, who, at, correlation);
        }
        let Some(token) = call.bearer.as_deref().and_then(|bearer| self.keys.get(bearer)).cloned() else {
            return unauthenticated(correlation);
        };
        if let Some(end) = token.expires.filter(|end| *end <= at) {
            return access::expired(end, at, correlation);
        }
        let who = token.who;
        let _ = call.who.set(who);
        let visit =
            Visit { who, class: Class::of(&call.path), marketplace: token.marketplace, arrived: call.arrived, at };
        let allowed = self.limiter.portal(&visit);
        let mut reply = match allowed {
            Err(full) => {
                self.stats.rate_limited(Service::Portal);
                access::too_many(&full, correlation)
            }
            Ok(()) => match scopes::needed(call).iter().find(|need| !token.scopes.covers(need)) {
                Some(missing) => access::missing_scopes(&missing.named(), correlation),
                None => self.carry_out(call, who, at, correlation),
            },
        };
        if visit.class != Class::Search {
            reply.headers.extend(self.limiter.headers(&visit));
        }
        reply
    }

    /// What a call means once it is known whose it is.
    fn carry_out(&mut self, call: &Call, who: Who, at: Millis, correlation: &str) -> Reply {
        match call.segments().as_slice() {
            ["appinstalls", _, "external-install"] if call.method == axum::http::Method::DELETE => {
                return self.uninstall(who);
            }
            ["account-info", _, "api-usage", "daily", "private-apps"] => return self.usage(who.portal, at),
            _ => {}
        }
        let Some(portal) = self.portal_mut(who.portal) else {
            return unauthenticated(correlation);
        };
        portal.called_by(u64::from(who.app));
        let mut reply = portal.answer(call, at, correlation);
        if who.portal != errors::PORTAL_ID {
            crate::tenants::rename(&mut reply, who.portal);
        }
        self.emit(call, at);
        reply
    }

    fn usage(&mut self, portal: u64, at: Millis) -> Reply {
        let (used, limit, resets) = self.limiter.usage(portal, at);
        Reply::json(
            200,
            json!({"results": [{
                "name": "private-apps-api-calls-daily", "usageLimit": limit, "currentUsage": used,
                "collectedAt": crate::clock::iso(at), "fetchStatus": "SUCCESS",
                "resetsAt": crate::clock::iso(resets),
            }]}),
        )
    }

    /// Hands what changed in the portals to the webhooks.
    fn emit(&mut self, call: &Call, at: Millis) {
        let watching = self.webhooks.watching();
        for portal in std::iter::once(&mut self.portal).chain(self.portals.values_mut()) {
            let events = portal.take_events();
            portal.listen(watching);
            if !call.replayed && !events.is_empty() {
                let id = portal.services.account.id;
                let installed = |app: u32| self.keys.has(Who { portal: id, app });
                self.webhooks.observe(id, &installed, &events, at);
            }
        }
    }

    /// Everything counted.
    pub(crate) fn report(&self) -> Value {
        let mut report = self.stats.report();
        report["limits"] = self.limiter.report();
        report["webhooks"] = self.webhooks.report();
        report
    }
}
