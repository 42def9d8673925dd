//! Providers as files: reads manifests (YAML), asks the vendors they describe and reads their answers. No Rust per vendor.
//!
//! A manifest does no I/O: [`Manifest::request`] turns a question into a request and [`Manifest::read`] turns a response into an
//! [`Answer`](evergreen_model::Answer), so a recorded answer is a complete test ([`check_samples`]). [`ManifestProvider`] puts the two
//! around the outbound door; [`TableProvider`] answers from a CSV file of the user's own.

mod charge;
mod document;
mod expression;
mod manifest;
mod provider;
mod question;
mod read;
mod request;
mod sample;
mod shipped;
mod table;
mod template;
mod value;

pub use manifest::{Manifest, schema};
pub use provider::{Connection, ManifestProvider};
pub use request::Parts;
pub use sample::{Mismatch, check_samples, skipped_samples};
pub use shipped::shipped;
pub use table::TableProvider;
