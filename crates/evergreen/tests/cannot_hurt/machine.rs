//! The machine of the simulation: a clock that jumps, files in memory, mail domains that all take mail, a store that may die.

use std::collections::BTreeMap;
use std::future::Future;
use std::io::{Cursor, ErrorKind, Result, Write};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use async_trait::async_trait;
use evergreen_model::DomainFacts;
use evergreen_model::verdict::MailHost;
use evergreen_ports::{Clock, Files, ReadSeek, Resolver};
use jiff::{SignedDuration, Timestamp};

/// A clock that moves when somebody waits or a call takes its time.
pub struct JumpingClock(AtomicI64);

impl JumpingClock {
    pub fn new(now: Timestamp) -> JumpingClock {
        JumpingClock(AtomicI64::new(now.as_microsecond()))
    }

    pub fn pass_ms(&self, ms: i64) {
        self.0.fetch_add(ms * 1_000, Ordering::Relaxed);
    }
}

#[async_trait]
impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::Relaxed)).unwrap()
    }

    async fn sleep(&self, duration: SignedDuration) {
        // Rounded up: who waits for a nanosecond must not find that no time has passed.
        let until = self.0.load(Ordering::Relaxed) + i64::try_from(duration.as_micros()).unwrap() + 1;
        tokio::task::yield_now().await; // others get their turn before time jumps
        self.0.fetch_max(until, Ordering::Relaxed);
    }
}

/// Files in memory; they survive a crash.
#[derive(Default, Clone)]
pub struct Shelf(Arc<Mutex<BTreeMap<PathBuf, Vec<u8>>>>);

impl Shelf {
    pub fn put(&self, path: &Path, text: &str) {
        self.0.lock().unwrap().insert(path.to_owned(), text.as_bytes().to_vec());
    }
}

impl Files for Shelf {
    fn open(&self, path: &Path) -> Result<Box<dyn ReadSeek>> {
        let found = self.0.lock().unwrap().get(path).cloned().ok_or(ErrorKind::NotFound)?;
        Ok(Box::new(Cursor::new(found)))
    }

    fn create(&self, path: &Path) -> Result<Box<dyn Write + Send>> {
        self.0.lock().unwrap().insert(path.to_owned(), Vec::new());
        self.append(path)
    }

    fn append(&self, path: &Path) -> Result<Box<dyn Write + Send>> {
        self.0.lock().unwrap().entry(path.to_owned()).or_default();
        Ok(Box::new(Sheet { shelf: self.clone(), path: path.to_owned() }))
    }

    fn exists(&self, path: &Path) -> bool {
        self.0.lock().unwrap().contains_key(path)
    }
}

struct Sheet {
    shelf: Shelf,
    path: PathBuf,
}

impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.shelf.0.lock().unwrap().entry(self.path.clone()).or_default().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Every domain takes mail.
pub struct Postman;

#[async_trait]
impl Resolver for Postman {
    async fn domain(&self, domain: &str) -> DomainFacts {
        DomainFacts {
            domain: domain.to_owned(),
            exists: Some(true),
            mx: vec![MailHost { host: "aspmx.l.google.com".to_owned(), preference: 1 }],
            null_mx: false,
            has_address: true,
            spf: true,
            dmarc: true,
            failure: None,
        }
    }
}

/// Finishes a future on this thread, sleeping while another thread works for it. So a store that answers from a thread of its own
/// answers at once as far as the simulation can see, and the order of everything is that of the seed.
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    // Unconstrained: tokio would have a long turn wait for the next one, which never comes here.
    let mut future = pin!(tokio::task::unconstrained(future));
    let waker = Waker::from(Arc::new(Waiting(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return done;
        }
        thread::park();
    }
}

struct Waiting(Thread);

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
