//! Stage 8, handoff: decides who may enter the sequencer and with what, as a separate gated step after sync.

mod gate;
pub mod settings;

pub use gate::{Candidate, Handed, gate, gate_batch};
pub use settings::Settings;
