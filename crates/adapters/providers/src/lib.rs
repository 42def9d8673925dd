//! Providers as files: reads manifests (YAML), asks the vendors they describe and reads their answers. No Rust per vendor.
//!
//! A manifest does no I/O: [`Manifest::request`] turns a question into a request and [`Manifest::read`] turns a response into an
//! [`Answer`](evergreen_model::Answer), so a recorded answer is a complete test ([`check_sample`]). [`ManifestProvider`] puts the two
//! around the outbound door; [`TableProvider`] answers from a CSV file of the user's own; [`scaffold`] begins a manifest from a curl
//! line.

mod account;
mod auth;
mod bulk;
mod charge;
mod document;
mod expression;
mod extract;
mod identity;
mod late;
mod manifest;
mod mistakes;
mod provider;
mod question;
mod reading;
mod request;
mod sample;
mod scaffold;
mod shipped;
mod signature;
mod table;
mod template;
mod value;
mod view;
mod wait;
mod words;

pub use account::{AccountReading, BALANCE};
pub use bulk::BulkReading;
pub use charge::Cost;
pub use document::Origin;
pub use late::{NotRead, Secrets, Ticket, delivery_path, is_delivery_path};
pub use manifest::{Manifest, Pace, schema};
pub use provider::{Connection, Delivered, Deliveries, ManifestProvider};
pub use reading::{Reading, Received};
pub use request::Parts;
pub use sample::{Checked, Mismatch, check_sample, check_samples};
pub use scaffold::{Scaffold, scaffold};
pub use shipped::shipped;
pub use table::TableProvider;
pub use view::Target;
pub use wait::RetryAfter;
