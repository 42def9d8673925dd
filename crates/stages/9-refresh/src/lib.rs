//! Stage 9, refresh: decides when a record is due again.
//!
//! In: a record, what just happened to it, the time. Out: the time it is due. Nothing else is decided here; the engine
//! takes what is due into its next run.

mod due;
mod settings;
mod spread;

pub use due::{Event, after_reading_portal, due, is_due};
pub use settings::Settings;
