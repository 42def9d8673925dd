//! The one way out over HTTP: pacing, retry, timeout, circuit breaker, private addresses refused.
//!
//! The order of the layers, from the caller to the wire: guard (is the address allowed?) → retry → breaker (is the peer alive?) →
//! concurrency → pace (the vendor's rolling windows) → one try with its timeout. Pace stands inside retry, so a repeated request
//! counts against the window like any other; the breaker stands inside retry, so a peer that dies during a retry is left alone.
//!
//! System proxies are not used: behind one, the check for private addresses would see the proxy's address only.

mod breaker;
mod guard;
mod options;
mod pace;
mod peer;
mod retry;
mod wire;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use evergreen_model::Problem;
use evergreen_ports::{Chance, Clock, HttpRequest, HttpResponse, Outbound, OutboundError};

pub use options::{Options, PeerLimits};

use crate::peer::Peer;
use crate::retry::{Policy, Verdict};
use crate::wire::Wire;

/// A request header that is not sent: with the value `no`, an answer 429 is handed back at once instead of being waited out. For vendors
/// whose 429 means an empty account (Hunter) rather than haste.
pub const RETRY_429: &str = "x-evergreen-retry-429";

/// Sends requests over HTTP(S), with one pace, one concurrency and one circuit breaker per peer.
pub struct HttpOutbound {
    options: Options,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    wire: Wire,
    peers: Mutex<BTreeMap<String, Arc<Peer>>>,
}

impl HttpOutbound {
    /// A way out with these options.
    ///
    /// # Errors
    /// `EG-OUTBOUND-001` when the TLS library cannot start, for example because the system has no root certificates.
    pub fn new(options: Options, clock: Arc<dyn Clock>, chance: Arc<dyn Chance>) -> Result<HttpOutbound, Problem> {
        let wire = Wire::new(&options, Arc::clone(&clock))?;
        Ok(HttpOutbound { options, clock, chance, wire, peers: Mutex::new(BTreeMap::new()) })
    }

    fn peer(&self, name: &str) -> Arc<Peer> {
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || Arc::new(Peer::new(self.options.limits(name), &self.options, Arc::clone(&self.clock)));
        Arc::clone(peers.entry(name.to_owned()).or_insert_with(make))
    }
}

#[async_trait]
impl Outbound for HttpOutbound {
    async fn send(&self, mut request: HttpRequest) -> Result<HttpResponse, OutboundError> {
        let policy = Policy::of(&mut request, &self.options);
        let ready = self.wire.prepare(&request)?;
        let peer = self.peer(&request.peer);
        let mut tries = 0;
        loop {
            let turn = match peer.turn().await {
                Ok(turn) => turn,
                Err(open) => return Err(open),
            };
            tries += 1;
            let mut result = self.wire.send(&ready).await;
            turn.finish(&result);
            if let Ok(response) = &mut result {
                response.tries = tries;
            }
            match policy.judge(&result, tries, self.clock.now(), self.chance.draw()) {
                Verdict::Done => {
                    report(&ready, &result, tries);
                    return result;
                }
                Verdict::Repeat { after, peer_wide } => {
                    tracing::debug!(peer = %request.peer, tries, wait_ms = after.as_millis() as i64, "{} is repeated", ready.shown());
                    if peer_wide {
                        peer.pause_until(self.clock.now(), after);
                    }
                    self.clock.sleep(after).await;
                }
            }
        }
    }
}

fn report(request: &wire::Ready, result: &Result<HttpResponse, OutboundError>, tries: u32) {
    match result {
        Ok(response) => {
            tracing::debug!(
                status = response.status,
                latency_ms = response.latency_ms,
                tries,
                "{} answered",
                request.shown()
            );
        }
        Err(error) => tracing::debug!(tries, %error, "{} failed", request.shown()),
    }
}
