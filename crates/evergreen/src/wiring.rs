//! The only place that names concrete adapters: which one stands behind each door.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use evergreen_cli::{House, NewProvider, Place, ProviderCheck, Sandbox, SandboxRequest};
use evergreen_config::{Config, Loaded};
use evergreen_engine::{Decisions, World};
use evergreen_hubspot::{Client, Credential, ForgetfulKeeper, HubSpot, OAuthApp, Tokens};
use evergreen_machine::{Disk, MachineClock, OsChance, SeededChance};
use evergreen_mail::Dns;
use evergreen_model::{Money, Problem, ProviderCard, Remedy};
use evergreen_outbound::{HttpOutbound, PeerLimits};
use evergreen_ports::{Chance, Clock, Outbound, Portal, Provider, Sequencer};
use evergreen_providers::{Connection, Manifest, ManifestProvider, TableProvider};
use evergreen_sequencers::Smartlead;
use evergreen_server::Pages;
use evergreen_store::SqliteStore;
use jiff::Timestamp;

use crate::absent::Absent;
use crate::environment::Environment;
use crate::project;
use crate::provider_files;
use crate::sandboxed;

/// Builds worlds out of the real adapters.
pub struct Wiring;

impl Wiring {
    /// Opens the project of a folder on another clock and with a layer around the way out over HTTP: how tests let time pass without
    /// waiting, and look at what leaves.
    ///
    /// # Errors
    /// When the settings, the store or an adapter cannot be used.
    pub async fn open_with(
        &self,
        place: Place,
        clock: Arc<dyn Clock>,
        around: impl FnOnce(Arc<dyn Outbound>) -> Arc<dyn Outbound> + Send,
    ) -> Result<World, Problem> {
        let environment = Environment::of(&place.folder, place.environment.clone());
        let Loaded { mut config, hash } = load(&place.folder)?;
        leave_out_disabled(&mut config);
        let chance: Arc<dyn Chance> = match place.seed {
            Some(seed) => Arc::new(SeededChance::new(seed)),
            None => Arc::new(OsChance::default()),
        };
        let store = SqliteStore::open(&place.folder.join("evergreen.sqlite"), chance.as_ref()).await?;
        let manifests = manifests(&config, &place.folder)?;
        let outbound = around(outbound(&config, &environment, &manifests, Arc::clone(&clock), Arc::clone(&chance))?);
        let providers = providers(&config, &place.folder, manifests, &environment, &outbound)?;
        let cards: Vec<ProviderCard> = providers.iter().map(|provider| provider.card().clone()).collect();
        let decisions = Decisions::compile(&config, &cards)?;
        let portal: Arc<dyn Portal> = match portal(&config, &environment, Arc::clone(&outbound), Arc::clone(&clock)) {
            Ok(portal) => Arc::new(portal),
            Err(unset) => Arc::new(Absent(unset)), // what needs no portal works without a token
        };
        let resolver = resolver(&config, &environment, Arc::clone(&clock))?;
        let sequencer: Option<Arc<dyn Sequencer>> = match sequencer(&config, &environment, outbound) {
            _ if !config.handoff.enabled => None,
            Ok(sequencer) => Some(Arc::new(sequencer)),
            Err(unset) => Some(Arc::new(Absent(unset))),
        };
        Ok(World {
            clock,
            chance,
            files: Arc::new(Disk),
            store: Arc::new(store),
            portal,
            providers,
            resolver: Arc::new(resolver),
            sequencer,
            folder: place.folder,
            config,
            config_hash: hash,
            decisions,
            progress: place.progress,
        })
    }
}

#[async_trait]
impl House for Wiring {
    async fn open(&self, place: Place) -> Result<World, Problem> {
        let clock: Arc<dyn Clock> = Arc::new(MachineClock::new(place.now));
        self.open_with(place, clock, |outbound| outbound).await
    }

    fn project(&self, demo: bool) -> Vec<(&'static str, &'static str)> {
        project::files(demo)
    }

    async fn sandbox(&self, request: SandboxRequest) -> Result<Box<dyn Sandbox>, Problem> {
        sandboxed::start(request).await
    }

    async fn serve(&self, folder: PathBuf, port: u16) -> Result<(), Problem> {
        let pages = Pages::listen(folder, port).await?;
        if let Some(address) = pages.address() {
            eprintln!("the report is at http://{address}/  (Ctrl-C stops)");
        }
        pages.serve(interrupted()).await;
        Ok(())
    }

    fn check_provider(&self, file: &Path, samples: &[PathBuf]) -> Result<ProviderCheck, Problem> {
        provider_files::check(file, samples)
    }

    fn new_provider(
        &self,
        curl: &str,
        name: Option<&str>,
        answer: Option<&Path>,
        out: Option<&Path>,
    ) -> Result<NewProvider, Problem> {
        provider_files::begin(curl, name, answer, out)
    }

    async fn interrupted(&self) {
        interrupted().await;
    }

    fn now(&self) -> Timestamp {
        evergreen_machine::now()
    }
}

async fn interrupted() {
    let _ = tokio::signal::ctrl_c().await; // without signals the process is ended from outside anyway
}

fn load(folder: &Path) -> Result<Loaded, Problem> {
    let path = folder.join("evergreen.yaml");
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Problem::new(
            "EG-CONFIG-003",
            Remedy::FixSettings,
            format!("there is no project at {}", path.display()),
            error.to_string(),
            "`evergreen init DIR` makes one; --project DIR names another folder",
        )
    })?;
    evergreen_config::load(&path, &text).map_err(Problem::from)
}

/// A provider that is switched off is asked by no waterfall.
fn leave_out_disabled(config: &mut Config) {
    let off: Vec<String> =
        config.providers.iter().filter(|(_, provider)| !provider.enabled).map(|(name, _)| format!("{name}.")).collect();
    for waterfall in [&mut config.enrich.contact, &mut config.enrich.company] {
        waterfall.sources.retain(|step| !off.iter().any(|prefix| step.source.starts_with(prefix.as_str())));
    }
    config.providers.retain(|_, provider| provider.enabled);
}

fn manifests(config: &Config, folder: &Path) -> Result<BTreeMap<String, Manifest>, Problem> {
    let mut manifests = BTreeMap::new();
    for (name, provider) in &config.providers {
        let wanted = provider.manifest.as_deref().unwrap_or(name);
        let shipped = evergreen_providers::shipped().iter().find(|(shipped, _)| *shipped == wanted);
        let manifest = match shipped {
            Some((_, text)) => Manifest::parse(&format!("providers/{wanted}.yaml"), text)?,
            None => {
                let path = folder.join(wanted);
                let text = std::fs::read_to_string(&path).map_err(|error| {
                    Problem::new(
                        "EG-PROVIDER-020",
                        Remedy::FixSettings,
                        format!("provider {name} has no manifest \"{wanted}\""),
                        format!("it does not come with Evergreen, and {} cannot be read: {error}", path.display()),
                        "name a shipped manifest or a YAML file beside evergreen.yaml",
                    )
                })?;
                Manifest::parse(&path.display().to_string(), &text)?
            }
        };
        manifests.insert(name.clone(), manifest);
    }
    Ok(manifests)
}

fn outbound(
    config: &Config,
    environment: &Environment,
    manifests: &BTreeMap<String, Manifest>,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
) -> Result<Arc<dyn Outbound>, Problem> {
    let peers = manifests
        .iter()
        .map(|(name, manifest)| {
            let (windows, concurrency) = manifest.limits();
            let own = config.providers.get(name).and_then(|provider| provider.calls_per_second);
            let windows = own.map_or(windows, |calls| vec![(calls, 1_000)]);
            (manifest.name().to_owned(), PeerLimits { windows, concurrency })
        })
        .collect();
    // The sandbox says so in its variables, so that a project pointed at it needs no change of its settings.
    let sandboxed = environment.get("EVERGREEN_ALLOW_PRIVATE_ADDRESSES").as_deref() == Some("true");
    let options = evergreen_outbound::Options {
        allow_private: config.portal.allow_private_addresses || sandboxed,
        peers,
        ..evergreen_outbound::Options::default()
    };
    Ok(Arc::new(HttpOutbound::new(options, clock, chance)?))
}

fn providers(
    config: &Config,
    folder: &Path,
    manifests: BTreeMap<String, Manifest>,
    environment: &Environment,
    outbound: &Arc<dyn Outbound>,
) -> Result<Vec<Arc<dyn Provider>>, Problem> {
    let lookup = |name: &str| environment.get(name);
    let mut providers: Vec<Arc<dyn Provider>> = Vec::new();
    for (name, manifest) in manifests {
        let Some(settings) = config.providers.get(&name) else { continue };
        let base_url = settings.base_url.as_ref().map(|reference| reference.resolve(&lookup)).transpose()?;
        let connection = Connection {
            base_url,
            // A missing key is the vendor's "wrong key" once it is asked; the other vendors go on.
            key: settings.key.as_ref().and_then(|secret| secret.resolve(&lookup).ok()),
            money_per_credit: settings.money_per_credit.map(Money::from_units),
            repeats_free: settings.repeats_free,
        };
        providers.push(Arc::new(ManifestProvider::new(manifest, connection, Arc::clone(outbound))));
    }
    for (name, table) in &config.tables {
        let path = folder.join(&table.file);
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Problem::new(
                "EG-PROVIDER-021",
                Remedy::FixSettings,
                format!("the table {name} cannot be read"),
                format!("{}: {error}", path.display()),
                "put the file there, or take the table out of evergreen.yaml",
            )
        })?;
        providers.push(Arc::new(TableProvider::new(name, &text, table.entity, &table.key, table.fresh_days)?));
    }
    Ok(providers)
}

fn portal(
    config: &Config,
    environment: &Environment,
    outbound: Arc<dyn Outbound>,
    clock: Arc<dyn Clock>,
) -> Result<HubSpot, Problem> {
    let lookup = |name: &str| environment.get(name);
    let base_url = config.portal.base_url.resolve(&lookup)?;
    let credential = match &config.portal.oauth {
        None => config.portal.token.resolve(&lookup)?.into(),
        Some(oauth) => Credential::OAuth {
            app: OAuthApp {
                client_id: oauth.client_id.resolve(&lookup)?,
                client_secret: oauth.client_secret.resolve(&lookup)?,
                // Only the page where an admin agrees needs it, and that is not here.
                redirect_uri: String::new(),
            },
            tokens: Tokens::from_refresh(oauth.refresh_token.resolve(&lookup)?),
            // A renewal returns the same refresh token; the client says so aloud should that ever change.
            keeper: Arc::new(ForgetfulKeeper),
        },
    };
    let options = evergreen_hubspot::Options {
        tier_limit: config.portal.requests_per_10s,
        share_percent: u32::from(config.portal.share_percent),
    };
    Ok(HubSpot::of(Client::new(outbound, &base_url, credential, options, clock)))
}

fn resolver(config: &Config, environment: &Environment, clock: Arc<dyn Clock>) -> Result<Dns, Problem> {
    let lookup = |name: &str| environment.get(name);
    let address = match &config.dns.resolver {
        Some(reference) => Some(reference.resolve(&lookup)?).filter(|text| !text.is_empty()),
        None => None,
    };
    let address = address.map(|text| parse_address(&text)).transpose()?;
    Dns::new(address, config.dns.timeout_ms, clock)
}

fn parse_address(text: &str) -> Result<SocketAddr, Problem> {
    text.parse().map_err(|_| {
        Problem::new(
            "EG-CONFIG-004",
            Remedy::FixSettings,
            format!("dns.resolver \"{text}\" is no address"),
            "a resolver is an IP address and a port",
            "write 127.0.0.1:53, or leave it empty for the resolver of this machine",
        )
    })
}

fn sequencer(config: &Config, environment: &Environment, outbound: Arc<dyn Outbound>) -> Result<Smartlead, Problem> {
    let lookup = |name: &str| environment.get(name);
    let base_url = config.smartlead.base_url.resolve(&lookup)?;
    let key = config.smartlead.key.resolve(&lookup)?;
    Ok(Smartlead::new(outbound, &base_url, key))
}
