//! What can be set about the way out: limits per peer, patience, and whether private addresses are allowed.

use std::collections::BTreeMap;

/// Settings of [`HttpOutbound`](crate::HttpOutbound).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Allows addresses of the own machine and network; for the sandbox and for a provider on the own premises. Default false.
    pub allow_private: bool,
    /// Limits by peer name; peers that are not listed get [`PeerLimits::default`].
    pub peers: BTreeMap<String, PeerLimits>,
    /// How often a request is repeated after its first try; default 4.
    pub retries: u32,
    /// First wait before a repetition, in milliseconds, doubled each time and drawn with full jitter; default 500.
    pub backoff_ms: u64,
    /// Longest wait before a repetition, in milliseconds. A longer `Retry-After` is not waited for: the answer is handed back. Default 30,000.
    pub backoff_max_ms: u64,
    /// Failures in a row after which a peer is left alone; default 10.
    pub failures_to_open: u32,
    /// How long a failing peer is left alone before one request may probe it, in milliseconds; default 30,000.
    pub open_ms: u64,
    /// Longest wait for a connection, in milliseconds; default 10,000.
    pub connect_timeout_ms: u64,
    /// Largest answer taken, in bytes; default 16 MiB.
    pub body_max_bytes: usize,
    /// How we introduce ourselves.
    pub user_agent: String,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            allow_private: false,
            peers: BTreeMap::new(),
            retries: 4,
            backoff_ms: 500,
            backoff_max_ms: 30_000,
            failures_to_open: 10,
            open_ms: 30_000,
            connect_timeout_ms: 10_000,
            body_max_bytes: 16 * 1024 * 1024,
            user_agent: concat!("evergreen/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

impl Options {
    /// The limits of a peer.
    #[must_use]
    pub fn limits(&self, peer: &str) -> PeerLimits {
        self.peers.get(peer).cloned().unwrap_or_default()
    }
}

/// How fast and how broadly a peer may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerLimits {
    /// Rolling windows: at most so many requests within any so many milliseconds. All of them hold.
    pub windows: Vec<(u32, u64)>,
    /// Most requests on their way at the same time.
    pub concurrency: usize,
}

impl Default for PeerLimits {
    fn default() -> Self {
        PeerLimits { windows: Vec::new(), concurrency: 8 }
    }
}
