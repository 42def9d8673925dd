//! evergreen.yaml read into checked settings, with file, line and column in every complaint.
//!
//! The file is read into a tree that remembers where everything stands ([`tree`]), the tree is held against the JSON Schema of
//! the settings (unknown keys, wrong kinds), then turned into [`Config`], whose values, rules and names are checked. All
//! complaints of a file come together. Nothing here reads the environment or the disk: references such as `${HUBSPOT_TOKEN}`
//! are resolved later, with the environment passed in.

mod config;
mod cross;
mod error;
mod load;
mod manual;
mod place;
mod reference;
mod rules;
mod schema;
mod shape;
mod tree;

pub use config::{Config, Dns, OAuth, Portal, Provider, Smartlead, Table};
pub use error::{ConfigError, ConfigErrors};
pub use load::{Loaded, load};
pub use manual::reference;
pub use reference::{Reference, Secret};
pub use schema::schema;

/// The file a new project begins with: every section with its defaults, explained. It is valid as it stands.
pub const TEMPLATE: &str = include_str!("evergreen.yaml");

/// The template for the sandbox on this machine: private addresses are allowed and handoff goes into `campaign`.
#[must_use]
pub fn template_for_sandbox(campaign: &str) -> String {
    TEMPLATE
        .replace("allow_private_addresses: false", "allow_private_addresses: true ")
        .replace("  enabled: false  ", "  enabled: true   ")
        .replace("campaign: null  ", &format!("campaign: \"{campaign}\""))
}
