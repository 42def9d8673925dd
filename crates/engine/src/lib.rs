//! The run from top to bottom: carries values between the stages and performs their effects through ports.
//!
//! Read `pipeline.rs` first. Every other file is one step of it, or one question people ask about it afterwards.

pub mod board;
pub mod chain;
pub mod check;
pub mod explain;
pub mod observe;
pub mod pipeline;
pub mod plans;
pub mod progress;
pub mod rejects;
pub mod report;
pub mod status;
pub mod suppress;
pub mod undo;
pub mod world;

mod apply;
mod begin;
mod employers;
mod enrich;
mod golden;
mod handoff;
mod identify;
mod intake;
mod leave;
mod ledger;
mod links;
mod matching;
mod merge;
mod moved;
mod plan;
mod qualify;
mod route;
mod spend;
mod twins;
mod verify;
mod work;

pub use begin::Request;
pub use intake::{Imported, import_list};
pub use pipeline::{apply_plan, propose, run};
pub use progress::{Progress, Quiet};
pub use world::{Decisions, World};
