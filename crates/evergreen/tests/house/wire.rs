//! What leaves the program in a test: every request is remembered, waits for an answer are short, and time moves instead of passing.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use evergreen_ports::{Clock, HttpRequest, HttpResponse, Outbound, OutboundError};
use jiff::{SignedDuration, Timestamp};

/// A request as it left, without headers, which hold the keys.
#[derive(Clone, Debug)]
pub struct Sent {
    pub peer: String,
    pub method: String,
    pub path: String,
    /// Query and body, as text.
    pub text: String,
}

/// Something that happens in the portal at the very moment before a request leaves.
pub struct Moment {
    /// Part of the path of the request.
    pub before: String,
    /// Text that must stand in its body.
    pub about: String,
    /// Address of the sandbox, method, path and body of what happens.
    pub call: (String, String, String, String),
}

/// Remembers every request of every program that was started in a town.
pub struct Watch {
    sent: Mutex<Vec<Sent>>,
    moments: Mutex<Vec<Moment>>,
    patience_ms: AtomicU64,
}

impl Default for Watch {
    fn default() -> Self {
        Watch { sent: Mutex::default(), moments: Mutex::default(), patience_ms: AtomicU64::new(10_000) }
    }
}

impl Watch {
    /// The longest wait for one answer from now on.
    pub fn patience_ms(&self, ms: u64) {
        self.patience_ms.store(ms, Ordering::Relaxed);
    }

    /// Everything that was sent so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// Requests to one peer so far.
    pub fn count(&self, peer: &str) -> usize {
        self.sent.lock().unwrap().iter().filter(|sent| sent.peer == peer).count()
    }

    /// Forgets what was sent.
    pub fn clear(&self) {
        self.sent.lock().unwrap().clear();
    }

    /// Lets something happen once, right before the first request that fits.
    pub fn right_before(&self, moment: Moment) {
        self.moments.lock().unwrap().push(moment);
    }

    /// What was ordered and has not happened.
    pub fn still_to_come(&self) -> usize {
        self.moments.lock().unwrap().len()
    }

    pub(super) fn around(self: Arc<Self>, inner: Arc<dyn Outbound>) -> Arc<dyn Outbound> {
        Arc::new(Watched { watch: self, inner })
    }
}

struct Watched {
    watch: Arc<Watch>,
    inner: Arc<dyn Outbound>,
}

#[async_trait::async_trait]
impl Outbound for Watched {
    async fn send(&self, mut request: HttpRequest) -> Result<HttpResponse, OutboundError> {
        let query: Vec<String> = request.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let body = request.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let path = request.url.splitn(4, '/').nth(3).unwrap_or_default().to_owned();
        let due = {
            let mut moments = self.watch.moments.lock().unwrap();
            let fits = |moment: &Moment| path.contains(&moment.before) && body.contains(&moment.about);
            moments.iter().position(fits).map(|at| moments.remove(at))
        };
        if let Some(Moment { call: (base, method, to, text), .. }) = due {
            let (status, answer) = super::call(&base, &method, &to, Some(super::TOKEN), &text).await;
            assert!(status < 300, "{answer}");
        }
        let sent = Sent {
            peer: request.peer.clone(),
            method: request.method.clone(),
            path,
            text: format!("{} {body}", query.join("&")),
        };
        self.watch.sent.lock().unwrap().push(sent);
        request.timeout_ms = request.timeout_ms.min(self.watch.patience_ms.load(Ordering::Relaxed));
        self.inner.send(request).await
    }
}

/// A clock that ticks with the machine's and jumps over every wait.
pub struct HurriedClock {
    start: Timestamp,
    since: Instant,
    skipped_us: AtomicI64,
}

impl HurriedClock {
    pub fn new(start: Timestamp) -> Self {
        HurriedClock { start, since: Instant::now(), skipped_us: AtomicI64::new(0) }
    }

    fn elapsed_us(&self) -> i64 {
        i64::try_from(self.since.elapsed().as_micros()).unwrap()
    }
}

#[async_trait::async_trait]
impl Clock for HurriedClock {
    fn now(&self) -> Timestamp {
        let since_start = self.elapsed_us() + self.skipped_us.load(Ordering::SeqCst);
        Timestamp::from_microsecond(self.start.as_microsecond() + since_start).unwrap()
    }

    async fn sleep(&self, duration: SignedDuration) {
        let until = self.now() + duration;
        // Others who wait for an answer get their turn before time jumps.
        tokio::time::sleep(Duration::from_millis(1)).await;
        let skipped = until.as_microsecond() - self.start.as_microsecond() - self.elapsed_us();
        self.skipped_us.fetch_max(skipped, Ordering::SeqCst);
    }
}
