//! How long work says where it is; the command line draws bars, tests say nothing.

/// Hears about the steps of a run.
pub trait Progress: Send + Sync {
    /// A step begins; `total` is known for most.
    fn begin(&self, step: &str, total: Option<u64>);
    /// So many more are done.
    fn advance(&self, count: u64);
    /// The step is done, with a sentence of what came out.
    fn end(&self, sentence: &str);
    /// Something a person should know, but need not act on now.
    fn note(&self, sentence: &str);
}

/// Says nothing.
pub struct Quiet;

impl Progress for Quiet {
    fn begin(&self, _step: &str, _total: Option<u64>) {}
    fn advance(&self, _count: u64) {}
    fn end(&self, _sentence: &str) {}
    fn note(&self, _sentence: &str) {}
}
