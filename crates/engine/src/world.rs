//! The world a run lives in: its doors, its settings and the decisions compiled from them.

use std::path::PathBuf;
use std::sync::Arc;

use evergreen_config::Config;
use evergreen_enrich::Waterfalls;
use evergreen_model::{Problem, ProviderCard, Remedy};
use evergreen_ports::{Chance, Clock, Files, Portal, Provider, Resolver, Sequencer, Store};
use evergreen_qualify::Qualifier;

use crate::progress::Progress;

/// Everything the engine may touch. Concrete adapters are chosen in `wiring.rs` alone.
pub struct World {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
    /// Disk.
    pub files: Arc<dyn Files>,
    /// Everything we know.
    pub store: Arc<dyn Store>,
    /// HubSpot.
    pub portal: Arc<dyn Portal>,
    /// Vendors and own tables, in the order of the configuration.
    pub providers: Vec<Arc<dyn Provider>>,
    /// DNS.
    pub resolver: Arc<dyn Resolver>,
    /// The sequencer, when handoff is on.
    pub sequencer: Option<Arc<dyn Sequencer>>,
    /// Where the project lies: relative paths in the settings start here.
    pub folder: PathBuf,
    /// The checked configuration.
    pub config: Config,
    /// Hash of the configuration; a plan is bound to it.
    pub config_hash: String,
    /// Rules compiled once.
    pub decisions: Decisions,
    /// Who hears how far we are.
    pub progress: Arc<dyn Progress>,
}

/// The stages' rules, compiled from the settings once per process.
pub struct Decisions {
    /// Suppression and ICP.
    pub qualifier: Qualifier,
    /// Whom to ask next.
    pub waterfalls: Waterfalls,
}

impl Decisions {
    /// Compiles the rules.
    ///
    /// # Errors
    /// `EG-CONFIG-002` naming each rule that does not compile.
    pub fn compile(config: &Config, cards: &[ProviderCard]) -> Result<Self, Problem> {
        let mut faults = Vec::new();
        let qualifier = Qualifier::new(&config.qualify)
            .map_err(|problems| faults.extend(problems.iter().map(ToString::to_string)))
            .ok();
        let waterfalls = Waterfalls::new(&config.enrich, cards)
            .map_err(|problems| faults.extend(problems.iter().map(ToString::to_string)))
            .ok();
        match (qualifier, waterfalls) {
            (Some(qualifier), Some(waterfalls)) => Ok(Decisions { qualifier, waterfalls }),
            _ => Err(Problem::new(
                "EG-CONFIG-002",
                Remedy::FixSettings,
                format!("{} of the settings cannot be used: {}", faults.len(), faults.join("; ")),
                "rules are checked against the known fields and providers before anything runs",
                "correct them in evergreen.yaml; `evergreen check` shows each with its place",
            )),
        }
    }
}

impl World {
    /// The provider of that name.
    pub(crate) fn provider(&self, name: &str) -> Option<&Arc<dyn Provider>> {
        self.providers.iter().find(|provider| provider.card().name == name)
    }
}
