//! What the command line needs from the house around it: a world to work in, the files of a new project, a sandbox.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use evergreen_engine::{Progress, World};
use evergreen_model::Problem;
use jiff::Timestamp;

/// Where and when a command works.
pub struct Place {
    /// The project folder, with `evergreen.yaml` in it.
    pub folder: PathBuf,
    /// Pretend it is this time; the real time when absent.
    pub now: Option<Timestamp>,
    /// Seed of chance; real chance when absent.
    pub seed: Option<u64>,
    /// Values that stand above the environment and `.env`.
    pub environment: BTreeMap<String, String>,
    /// Who hears how far the work is.
    pub progress: Arc<dyn Progress>,
}

/// What kind of sandbox is wanted.
#[derive(Clone, Debug)]
pub struct SandboxRequest {
    /// HTTP port; 0 for any.
    pub port: u16,
    /// DNS port; 0 for any.
    pub dns_port: u16,
    /// Seed of its chance.
    pub seed: u64,
    /// File that keeps its state over a crash.
    pub journal: Option<PathBuf>,
    /// Its clock starts here.
    pub start: Timestamp,
    /// The plan whose limits it has.
    pub tier: SandboxTier,
    /// How late search sees a change, in milliseconds; at once when absent.
    pub lag_ms: Option<u64>,
    /// Load so many made-up contacts before the start.
    pub contacts: Option<u64>,
    /// And so many companies; a tenth of the contacts when absent.
    pub companies: Option<u64>,
}

/// The plan of a portal's account, which decides how many calls it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum SandboxTier {
    /// 100 calls in 10 seconds, 250,000 a day.
    Starter,
    /// 190 calls in 10 seconds, 625,000 a day.
    Professional,
    /// 190 calls in 10 seconds, 1,000,000 a day.
    Enterprise,
    /// No limits.
    Unlimited,
}

/// A running sandbox.
#[async_trait]
pub trait Sandbox: Send + Sync {
    /// Environment variables that point a project at it.
    fn environment(&self) -> BTreeMap<String, String>;
    /// What was done to it before it was handed over, a sentence each.
    fn notes(&self) -> Vec<String>;
    /// Stops it.
    async fn stop(self: Box<Self>);
}

/// Builds worlds; implemented by the wiring, the only place that names concrete adapters.
#[async_trait]
pub trait House: Send + Sync {
    /// Opens the project of a folder.
    async fn open(&self, place: Place) -> Result<World, Problem>;

    /// The files of a new project, or of the demo's: name in the folder and content.
    fn project(&self, demo: bool) -> Vec<(&'static str, &'static str)>;

    /// Starts a sandbox.
    async fn sandbox(&self, request: SandboxRequest) -> Result<Box<dyn Sandbox>, Problem>;

    /// Serves a folder's report page on loopback until interrupted; says where on stderr.
    async fn serve(&self, folder: PathBuf, port: u16) -> Result<(), Problem>;

    /// Waits until the person presses Ctrl-C.
    async fn interrupted(&self);

    /// The current time of the machine.
    fn now(&self) -> Timestamp;
}
