//! Progress bars with counts, rate and ETA on a terminal; plain lines otherwise.

use std::sync::Mutex;
use std::time::Duration;

use evergreen_engine::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Draws on stderr.
pub struct Bars {
    quiet: bool,
    current: Mutex<Option<ProgressBar>>,
}

impl Bars {
    /// Bars, or nothing when quiet.
    pub fn new(quiet: bool) -> Self {
        Bars { quiet, current: Mutex::new(None) }
    }

    fn with(&self, deed: impl FnOnce(&mut Option<ProgressBar>)) {
        if let Ok(mut current) = self.current.lock() {
            deed(&mut current);
        }
    }
}

impl Progress for Bars {
    fn begin(&self, step: &str, total: Option<u64>) {
        if self.quiet {
            return;
        }
        let (bar, template) = match total {
            Some(total) => (ProgressBar::new(total), "{msg:32} {bar:30} {human_pos}/{human_len}  {per_sec}  ETA {eta}"),
            None => (ProgressBar::new_spinner(), "{msg:32} {spinner} {human_pos}  {per_sec}  {elapsed}"),
        };
        bar.set_draw_target(ProgressDrawTarget::stderr()); // hidden by itself when stderr is no terminal
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(step.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        self.with(|current| *current = Some(bar));
    }

    fn advance(&self, count: u64) {
        self.with(|current| {
            if let Some(bar) = current {
                bar.inc(count);
            }
        });
    }

    fn end(&self, sentence: &str) {
        self.with(|current| {
            if let Some(bar) = current.take() {
                bar.finish_and_clear();
                eprintln!("  {sentence}");
            }
        });
    }

    fn note(&self, sentence: &str) {
        if !self.quiet {
            eprintln!("  note: {sentence}");
        }
    }
}
