//! When the program dies: a moment drawn beforehand, counted over portal calls and commits.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

/// One life of the program.
pub struct Fate {
    /// Moments left to live; below zero for a life without end.
    left: AtomicI64,
    dead: AtomicBool,
    death: Notify,
    pub diary: Arc<Diary>,
}

impl Fate {
    /// Dies after so many moments; `None` lives on.
    pub fn new(moments: Option<usize>, diary: Arc<Diary>) -> Fate {
        let left = moments.map_or(-1, |moments| i64::try_from(moments).unwrap() + 1);
        Fate { left: AtomicI64::new(left), dead: AtomicBool::new(false), death: Notify::new(), diary }
    }

    /// A moment at which the program may die; then it never goes on.
    pub async fn moment(&self, what: &str) {
        if !self.dead.load(Ordering::Relaxed) {
            if self.left.load(Ordering::Relaxed) < 0 || self.left.fetch_sub(1, Ordering::Relaxed) != 1 {
                return;
            }
            self.diary.write(|| format!("✝ the program dies {what}"));
            self.dead.store(true, Ordering::Relaxed);
            self.death.notify_one();
        }
        std::future::pending::<()>().await;
    }

    /// The same around the store, where fewer words are wasted.
    pub async fn store_moment(&self, what: &str) {
        self.moment(what).await;
    }

    /// Returns when the program is dead.
    pub async fn died(&self) {
        self.death.notified().await;
    }
}

/// What happened, in order, for the one who has to understand a failed seed.
#[derive(Default)]
pub struct Diary {
    pub aloud: bool,
    lines: Mutex<Vec<String>>,
}

impl Diary {
    pub fn new(aloud: bool) -> Diary {
        Diary { aloud, lines: Mutex::default() }
    }

    /// Writes a line; costs nothing when nobody reads.
    pub fn write(&self, line: impl FnOnce() -> String) {
        if self.aloud {
            self.lines.lock().unwrap().push(line());
        }
    }

    pub fn text(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }
}
