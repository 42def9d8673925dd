//! Stage 2, resolve: finds out which rows and records are the same person or company.

pub mod normalize;
pub mod settings;
pub use settings::{Rule, Settings};
