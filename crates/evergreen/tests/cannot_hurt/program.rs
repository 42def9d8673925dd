//! The program: the real engine over the real HubSpot client and the real store, opened anew for every life.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use evergreen_config::Loaded;
use evergreen_engine::{Decisions, Quiet, World};
use evergreen_hubspot::HubSpot;
use evergreen_machine::SeededChance;
use evergreen_model::Problem;
use evergreen_ports::{Clock, Outbound};
use evergreen_store::SqliteStore;

use crate::fate::Fate;
use crate::machine::{Postman, Shelf, at_once};
use crate::store::MortalStore;
use crate::town::{BASE, Door, TOKEN, Town};

/// Where lists lie in the shelf.
pub const FOLDER: &str = "/project";

const SETTINGS: &str = r#"
project: cannot-hurt
portal: {base_url: "http://portal.test", token: "${HUBSPOT_TOKEN}", requests_per_10s: 190}
suppressions: []
qualify:
  icp: {default: accept, unknown_after_enrich: keep}
resolve:
  survivorship: {jobtitle: newest, phone: newest, city: newest, hs_linkedin_url: newest}
route:
  territories: territories.csv
  fallback: ["ada@ours.example"]
sync:
  contact:
    properties:
      jobtitle: {protect: ours}
      city: {protect: ours}
      hs_linkedin_url: {protect: ours}
      country: {protect: always}
      phone: {protect: fill-empty, backup: phone_evergreen}
  lifecycle:
    protect: ours
    forward:
      - {to: lead, when: 'verification.email == "valid"'}
  guards: {max_share_touched: 1.0, max_creates: 1000000, max_owner_changes: 1000000, max_lifecycle_moves: 1000000}
handoff: {enabled: false}
"#;

/// Properties of contacts that we may write over a person; the witness expects nothing of them.
pub const ALWAYS: &[&str] = &["country"];

fn settings() -> &'static Loaded {
    static READ: OnceLock<Loaded> = OnceLock::new();
    READ.get_or_init(|| match evergreen_config::load(Path::new("evergreen.yaml"), SETTINGS) {
        Ok(loaded) => loaded,
        Err(problem) => panic!("{}", Problem::from(problem)),
    })
}

/// What outlives the program: its store and its folder.
pub struct Remains {
    pub store: Arc<SqliteStore>,
    pub shelf: Shelf,
    seed: u64,
}

impl Remains {
    pub fn new(seed: u64) -> Remains {
        let shelf = Shelf::default();
        shelf.put(
            &Path::new(FOLDER).join("territories.csv"),
            "region,country,state,industry,headcount,lead_source,owner\n,United States,,,,,bo@ours.example\n",
        );
        let store = at_once(SqliteStore::open_memory(&SeededChance::new(seed))).unwrap();
        Remains { store: Arc::new(store), shelf, seed }
    }

    /// Starts the program.
    pub fn open(&self, town: &Arc<Town>, fate: &Arc<Fate>, life: u64) -> World {
        let Loaded { config, hash } = settings().clone();
        let clock: Arc<dyn Clock> = Arc::clone(&town.clock) as _;
        let outbound: Arc<dyn Outbound> = Arc::new(Door { town: Arc::clone(town), fate: Arc::clone(fate) });
        let options = evergreen_hubspot::Options { tier_limit: 190, share_percent: 100 };
        let token = config.portal.token.resolve(&|_| Some(TOKEN.to_owned())).unwrap();
        let portal = HubSpot::new(outbound, BASE, token, options, Arc::clone(&clock));
        let decisions = Decisions::compile(&config, &[]).unwrap_or_else(|problem| panic!("{problem}"));
        World {
            clock,
            chance: Arc::new(SeededChance::new(self.seed ^ (life << 32))),
            files: Arc::new(self.shelf.clone()),
            store: Arc::new(MortalStore { inner: Arc::clone(&self.store), fate: Arc::clone(fate) }),
            portal: Arc::new(portal),
            providers: Vec::new(),
            resolver: Arc::new(Postman),
            sequencer: None,
            folder: PathBuf::from(FOLDER),
            config,
            config_hash: hash,
            decisions,
            progress: Arc::new(Quiet),
        }
    }
}
