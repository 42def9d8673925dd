//! What the command line needs from the house around it: a world to work in, the files of a new project, a sandbox.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
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

/// A manifest, held against recorded answers.
#[derive(Clone, Debug, serde::Serialize)]
pub struct ProviderCheck {
    /// The provider's name, as the manifest says it.
    pub provider: String,
    /// What it can be asked.
    pub operations: Vec<String>,
    /// Every recorded answer it was held against.
    pub samples: Vec<SampleCheck>,
}

/// One recorded answer, as the manifest reads it.
#[derive(Clone, Debug, serde::Serialize)]
pub struct SampleCheck {
    /// The file.
    pub file: PathBuf,
    /// Which call of the manifest it belongs to.
    pub call: String,
    /// How the manifest reads it.
    pub reads: String,
    /// Everything that differs from what the sample expects.
    pub mismatches: Vec<SampleMismatch>,
}

/// One expectation that a reading does not meet.
#[derive(Clone, Debug, serde::Serialize)]
pub struct SampleMismatch {
    /// What differs: the outcome, the charge, a field.
    pub what: String,
    /// As the sample says.
    pub expected: String,
    /// As the manifest reads.
    pub got: String,
    /// What in the manifest said so.
    pub rule: String,
}

/// A manifest that was begun from a curl line.
#[derive(Clone, Debug, serde::Serialize)]
pub struct NewProvider {
    /// The provider's name.
    pub name: String,
    /// The text of the manifest.
    pub manifest: String,
    /// The text of its first sample, where an answer was at hand.
    pub sample: Option<String>,
    /// What a person still has to say.
    pub open: Vec<String>,
    /// The files that were written.
    pub written: Vec<PathBuf>,
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

    /// Holds a manifest against recorded answers: the files and folders named, or those beside the manifest when none is.
    fn check_provider(&self, file: &Path, samples: &[PathBuf]) -> Result<ProviderCheck, Problem>;

    /// Begins a manifest from a curl line and, where one is at hand, a recorded answer; writes it where a folder is named.
    fn new_provider(
        &self,
        curl: &str,
        name: Option<&str>,
        answer: Option<&Path>,
        out: Option<&Path>,
    ) -> Result<NewProvider, Problem>;

    /// Waits until the person presses Ctrl-C.
    async fn interrupted(&self);

    /// The current time of the machine.
    fn now(&self) -> Timestamp;
}
