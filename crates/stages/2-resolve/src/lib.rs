//! Stage 2, resolve: finds out which rows and records are the same person or company.
//!
//! In this order: [`normalize`] makes values comparable, [`keys`] lets possible duplicates find each other, [`compare`]
//! says what two of them agree on and how probable it is that they are one, [`resolve`] joins them into clusters, and
//! [`survivorship`] chooses the value of each field. Everything is a pure decision over values.

mod block;
mod cluster;
mod compare;
mod explain;
mod features;
pub mod normalize;
mod resolve;
mod score;
pub mod settings;
pub mod survivorship;

pub use block::keys;
pub use resolve::{Cluster, Decided, Pair, Resolution, Subject, compare, resolve};
pub use settings::{Rule, Settings};
