//! A HubSpot-compatible portal, simulated providers, sequencer and DNS server over real sockets, for staging, demos and tests.
//!
//! It shares no code with what it judges: the rules here are written from the vendors' documented behaviour,
//! so a misunderstanding in the client cannot hide in a shared helper.

// Vendor answers have more fields than the default allows one `json!` to have.
#![recursion_limit = "256"]

mod access;
mod admin;
mod chance;
mod clock;
mod dns;
mod faults;
mod gauge;
mod generate;
mod house;
mod journal;
mod limiter;
mod multipart;
mod offline;
mod portal;
mod requests;
mod sequencer;
mod server;
mod snapshot;
mod socket;
mod state;
mod stats;
mod tenants;
mod ui;
mod vendors;
mod webhooks;
mod wire;
mod world;

use std::net::SocketAddr;
use std::path::PathBuf;

pub use offline::{Offline, OfflineAnswer, OfflineFault};
pub use world::{Company, EmailState, Mail, MailDomain, Owner, Person, PortalCompany, PortalContact, World};

/// The account's plan, which decides how many calls the portal answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// 190 calls in any 10 seconds, 5 searches a second.
    Professional,
    /// As Professional, with a larger day.
    Enterprise,
    /// 100 calls in any 10 seconds, 5 searches a second.
    Starter,
    /// No limits anywhere (vendors included), for benches.
    Unlimited,
}

/// How to start a sandbox.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// Decides every "random" choice: vendor misses, wrong persons, result order.
    pub seed: u64,
    /// TCP port for all HTTP; 0 takes any free one.
    pub port: u16,
    /// UDP (and TCP) port for DNS; 0 takes any free one.
    pub dns_port: u16,
    /// Who exists, and what the portal already holds.
    pub world: World,
    /// The portal's plan.
    pub tier: Tier,
    /// Where to keep the journal that survives a crash; none keeps everything in memory.
    pub journal: Option<PathBuf>,
    /// What the sandbox's clock says when it starts; it runs on in real time.
    pub start: jiff::Timestamp,
    /// The bearer token of the first portal, with every scope; more portals and tokens are added by admin calls.
    pub token: String,
}

/// Why a sandbox could not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxProblem {
    /// A port is taken or not allowed.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The journal cannot be read or written.
    #[error("cannot use the journal {path}")]
    Journal {
        /// Where the journal is.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line in the middle of the journal is not what the sandbox wrote.
    #[error("journal line {line} is damaged: {reason}")]
    JournalLine {
        /// One-based line number.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A world file lacks a column.
    #[error("{file} has no column \"{column}\"")]
    MissingColumn {
        /// The world file.
        file: String,
        /// The column it must have.
        column: String,
    },
    /// A world file, or the world it describes, contradicts itself.
    #[error("{file}: {reason}")]
    World {
        /// The world file.
        file: String,
        /// What is wrong, with the line or id.
        reason: String,
    },
}

/// A running sandbox; dropping it leaves the tasks to the runtime, [`Sandbox::stop`] ends them.
#[derive(Debug)]
pub struct Sandbox {
    http: SocketAddr,
    dns: SocketAddr,
    running: server::Running,
}

impl Sandbox {
    /// Binds the sockets, replays the journal and begins to answer.
    ///
    /// # Errors
    /// When a port is taken, the journal is unreadable, or the world contradicts itself.
    pub async fn start(options: SandboxOptions) -> Result<Sandbox, SandboxProblem> {
        server::start(options).await
    }

    /// Where everything HTTP answers, without a trailing slash: `http://127.0.0.1:PORT`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.http)
    }

    /// Where the DNS server answers, over UDP and (where the port was free) TCP.
    pub fn dns_addr(&self) -> SocketAddr {
        self.dns
    }

    /// Stops answering and closes every connection.
    pub async fn stop(self) {
        self.running.stop().await;
    }
}
