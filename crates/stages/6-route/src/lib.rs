//! Stage 6, route: gives every record an owner and names the line that won.

pub mod settings;

pub use settings::Settings;
