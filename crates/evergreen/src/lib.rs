//! The program: wires concrete adapters to the engine and starts the command line.

mod absent;
mod environment;
mod project;
mod provider_files;
mod sandboxed;
mod wiring;

pub use wiring::Wiring;
