//! The client of one portal: made once, cloned freely; all clones share one pace and one token.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use evergreen_ports::{Clock, Outbound};
use serde_json::Value;

use crate::activities::Activities;
use crate::associations::Associations;
use crate::auth::Credential;
use crate::call::{Ask, Line, Reply};
use crate::error::Error;
use crate::lists::Lists;
use crate::object_type::ObjectType;
use crate::objects::Objects;
use crate::pace::{Lane, Pace};
use crate::preferences::Preferences;
use crate::properties::Properties;

/// How fast the portal may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Calls the account allows in any 10 seconds: 100 for Free and Starter, 190 for Professional and Enterprise, 250 with the
    /// add-on; 0 is no limit, for a sandbox without one. A lower limit that the portal names in its answers is obeyed.
    pub tier_limit: u32,
    /// Share of that limit Evergreen uses, 1 to 100 percent; the rest is left to the portal's other apps.
    pub share_percent: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options { tier_limit: 100, share_percent: 100 }
    }
}

/// A client of one portal.
#[derive(Clone)]
pub struct Client {
    pub(crate) line: Arc<Line>,
    lane: Lane,
}

impl Client {
    /// A client of the account the credential belongs to. `base_url` is `https://api.hubapi.com`, or that of a sandbox.
    #[must_use]
    pub fn new(
        outbound: Arc<dyn Outbound>,
        base_url: &str,
        credential: impl Into<Credential>,
        options: Options,
        clock: Arc<dyn Clock>,
    ) -> Client {
        let line = Line {
            outbound,
            base_url: base_url.trim_end_matches('/').to_owned(),
            auth: credential.into().into(),
            pace: Pace::new(options.tier_limit, options.share_percent, &clock),
            clock,
            calls: AtomicU64::new(0),
        };
        Client { line: Arc::new(line), lane: Lane::default() }
    }

    /// The same client in another lane: it shares pace, token and count, and goes before or after the other lanes.
    #[must_use]
    pub fn in_lane(&self, lane: Lane) -> Client {
        Client { line: Arc::clone(&self.line), lane }
    }

    /// The lane of this clone.
    #[must_use]
    pub fn lane(&self) -> Lane {
        self.lane
    }

    /// Calls made so far, by all clones together.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.line.calls.load(Ordering::Relaxed)
    }

    /// Records of a kind.
    #[must_use]
    pub fn objects(&self, kind: impl Into<ObjectType>) -> Objects {
        Objects { client: self.clone(), kind: kind.into() }
    }

    /// Properties and groups of a kind of record.
    #[must_use]
    pub fn properties(&self, kind: impl Into<ObjectType>) -> Properties {
        Properties { client: self.clone(), kind: kind.into() }
    }

    /// Links from one kind of record to another.
    #[must_use]
    pub fn associations(&self, from: impl Into<ObjectType>, to: impl Into<ObjectType>) -> Associations {
        Associations { client: self.clone(), from: from.into(), to: to.into() }
    }

    /// Lists ("segments").
    #[must_use]
    pub fn lists(&self) -> Lists {
        Lists { client: self.clone() }
    }

    /// Who may be written to.
    #[must_use]
    pub fn preferences(&self) -> Preferences {
        Preferences { client: self.clone() }
    }

    /// Logging on the timeline of records.
    #[must_use]
    pub fn activities(&self) -> Activities {
        Activities { client: self.clone() }
    }

    pub(crate) async fn ask(&self, ask: &Ask) -> Result<Reply, Error> {
        self.line.ask(self.lane, ask).await
    }

    pub(crate) async fn expect(&self, ask: &Ask) -> Result<Value, Error> {
        self.line.expect(self.lane, ask).await
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.line.clock
    }
}
