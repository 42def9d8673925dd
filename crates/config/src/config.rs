//! The settings of a project: one field per section of evergreen.yaml.

use std::collections::BTreeMap;
use std::path::PathBuf;

use evergreen_model::Entity;
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::reference::{Reference, Secret, by_reference, readable};

/// Everything a project decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What the project is called, in reports.
    #[garde(length(min = 1, max = 100))]
    pub project: String,
    /// The currency of all prices and budgets, by its three-letter code. Nothing is converted.
    #[garde(custom(currency_code))]
    pub currency: String,
    /// The HubSpot account.
    #[garde(dive)]
    pub portal: Portal,
    /// Stage 1: how lists are read.
    #[garde(dive)]
    pub import: evergreen_import::Settings,
    /// Stage 2: when two records are one, and which value of a field counts.
    #[garde(dive)]
    pub resolve: evergreen_resolve::Settings,
    /// Stage 3: who is left alone and who fits.
    #[garde(dive)]
    pub qualify: evergreen_qualify::Settings,
    /// The data vendors, by the name under which `enrich` asks them.
    #[garde(dive)]
    pub providers: BTreeMap<String, Provider>,
    /// Tables of your own, by the name under which `enrich` asks them (`table.NAME`).
    #[garde(dive)]
    pub tables: BTreeMap<String, Table>,
    /// Stage 4: what is bought, in which order, for how much.
    #[garde(dive)]
    pub enrich: evergreen_enrich::Settings,
    /// Stage 5: which addresses may be written and mailed.
    #[garde(dive)]
    pub verify: evergreen_verify::Settings,
    /// Where verification asks about mail domains.
    #[garde(dive)]
    pub dns: Dns,
    /// Stage 6: who owns a record.
    #[garde(dive)]
    pub route: evergreen_route::Settings,
    /// Stage 7: what may be written to the portal.
    #[garde(dive)]
    pub sync: evergreen_sync::Settings,
    /// Stage 8: who may enter the sequencer.
    #[garde(dive)]
    pub handoff: evergreen_handoff::Settings,
    /// The sequencer of stage 8.
    #[garde(dive)]
    pub smartlead: Smartlead,
    /// Stage 9: how long what we know stays good.
    #[garde(dive)]
    pub refresh: evergreen_refresh::Settings,
    /// Lists of your own of who must not be touched: CSV files with the columns `email,domain,reason`, beside this file.
    #[garde(skip)]
    pub suppressions: Vec<PathBuf>,
}

/// The HubSpot account and how hard we may lean on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Portal {
    /// Where its API is. HubSpot itself, or the sandbox.
    #[garde(custom(readable))]
    pub base_url: Reference,
    /// The service key, or the access token of a private app, in it. Not read when `oauth` is set.
    #[garde(custom(by_reference))]
    pub token: Secret,
    /// An OAuth project app in place of a token that does not expire. Unset: `token` is used.
    #[garde(dive)]
    pub oauth: Option<OAuth>,
    /// Share of the portal's limits that Evergreen may use, in percent, 1 to 100; the rest is left to your other apps.
    #[garde(range(min = 1, max = 100))]
    pub share_percent: u8,
    /// Calls the portal allows within ten seconds, 0 to 1000: 100 on Free and Starter, 190 on Professional and Enterprise, 250 with the add-on.
    /// 0 is no limit, which only a sandbox without limits allows.
    #[garde(range(max = 1000))]
    pub requests_per_10s: u32,
    /// Whether the portal, providers and sequencer may have private addresses (`127.0.0.1`, `10.…`): true only for the sandbox.
    #[garde(skip)]
    pub allow_private_addresses: bool,
}

/// An OAuth project app that an admin of the portal has let in. Its access tokens are renewed before they expire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct OAuth {
    /// The app's client id.
    #[garde(custom(readable))]
    pub client_id: Reference,
    /// The app's client secret.
    #[garde(custom(by_reference))]
    pub client_secret: Secret,
    /// The portal's refresh token, from the page where the admin agreed. It does not expire.
    #[garde(custom(by_reference))]
    pub refresh_token: Secret,
}

/// One data vendor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Provider {
    /// What describes it: the name of a manifest that comes with Evergreen, or the path of a YAML file beside this one. Unset: its own name here.
    #[garde(inner(length(min = 1)))]
    pub manifest: Option<String>,
    /// Where its API is, in place of the manifest's address.
    #[garde(inner(custom(readable)))]
    pub base_url: Option<Reference>,
    /// Its key, such as `${HUNTER_API_KEY}`. Unset: none is sent.
    #[garde(inner(custom(by_reference)))]
    pub key: Option<Secret>,
    /// What one credit costs you, in the project's currency, in place of the manifest's list price.
    #[garde(inner(range(min = 0.0, max = 1_000_000.0)))]
    pub money_per_credit: Option<f64>,
    /// Whether the vendor answers a repeated question without a second charge, in place of what the manifest says.
    #[garde(skip)]
    pub repeats_free: Option<bool>,
    /// Most calls in any second, in place of the manifest's limits: what your subscription allows; 1 to 10,000.
    #[garde(inner(range(min = 1, max = 10_000)))]
    pub calls_per_second: Option<u32>,
    /// False leaves it out of every waterfall.
    #[garde(skip)]
    pub enabled: bool,
}

/// One table of your own: a free source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// A CSV file beside this one whose header has field names such as `domain,numberofemployees`.
    #[garde(skip)]
    pub file: PathBuf,
    /// What its lines are about: `contact` or `company`.
    #[serde(default = "company")]
    #[garde(skip)]
    pub entity: Entity,
    /// The field by which a record finds its line, such as `domain` or `email`.
    #[serde(default = "domain")]
    #[garde(length(min = 1))]
    pub key: String,
    /// How long its values count as fresh, in days.
    #[serde(default = "half_a_year")]
    #[garde(range(min = 1, max = 3650))]
    pub fresh_days: u32,
}

/// Where verification asks about mail domains.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Dns {
    /// Address and port of a resolver such as `127.0.0.1:5353`. Unset or empty: the resolver of this machine.
    #[garde(inner(custom(readable)))]
    pub resolver: Option<Reference>,
    /// Longest wait for one answer, in milliseconds; 100 to 60,000.
    #[garde(range(min = 100, max = 60_000))]
    pub timeout_ms: u64,
}

/// The sequencer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Smartlead {
    /// Where its API is.
    #[garde(custom(readable))]
    pub base_url: Reference,
    /// Its key.
    #[garde(custom(by_reference))]
    pub key: Secret,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            project: "evergreen".to_owned(),
            currency: "USD".to_owned(),
            portal: Portal::default(),
            import: Default::default(),
            resolve: Default::default(),
            qualify: Default::default(),
            providers: BTreeMap::new(),
            tables: BTreeMap::new(),
            enrich: Default::default(),
            verify: Default::default(),
            dns: Dns::default(),
            route: Default::default(),
            sync: Default::default(),
            handoff: Default::default(),
            smartlead: Smartlead::default(),
            refresh: Default::default(),
            suppressions: Vec::new(),
        }
    }
}

impl Default for Portal {
    fn default() -> Self {
        Portal {
            base_url: "${HUBSPOT_BASE_URL:-https://api.hubapi.com}".into(),
            token: Secret::in_variable("HUBSPOT_TOKEN"),
            oauth: None,
            share_percent: 100,
            requests_per_10s: 100,
            allow_private_addresses: false,
        }
    }
}

impl Default for Provider {
    fn default() -> Self {
        Provider {
            manifest: None,
            base_url: None,
            key: None,
            money_per_credit: None,
            repeats_free: None,
            calls_per_second: None,
            enabled: true,
        }
    }
}

impl Default for Dns {
    fn default() -> Self {
        Dns { resolver: None, timeout_ms: 5_000 }
    }
}

impl Default for Smartlead {
    fn default() -> Self {
        Smartlead {
            base_url: "${SMARTLEAD_BASE_URL:-https://server.smartlead.ai/api/v1}".into(),
            key: Secret::in_variable("SMARTLEAD_API_KEY"),
        }
    }
}

fn currency_code(code: &str, _context: &()) -> garde::Result {
    if code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Ok(());
    }
    Err(garde::Error::new("a currency is three capital letters such as USD"))
}

fn company() -> Entity {
    Entity::Company
}

fn domain() -> String {
    "domain".to_owned()
}

fn half_a_year() -> u32 {
    180
}

impl Config {
    /// A stable fingerprint of everything decided; formatting, comments and the order of keys do not change it.
    #[must_use]
    pub fn hash(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        blake3::hash(&json).to_hex().to_string()
    }
}
