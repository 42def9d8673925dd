//! Stage 6, route: gives every record an owner and names the line that won.
//!
//! Who owns a record, in this order: its own active owner in the CRM; the active owner of its company; the most specific
//! line of the territory matrix that matches; the fallback; nobody, and then a person is asked.
//!
//! The most specific line is the one with the most filled columns. Among equals the rarer column counts: state, country,
//! region, headcount, industry, lead source; then the earlier line. A region that lies inside another (DACH inside EMEA)
//! comes first: once a line of the inner region matches, lines that name only the outer region are out, whatever else they say.

mod assign;
mod band;
mod explain;
mod matrix;
mod place;
mod roster;
mod rotation;
pub mod settings;
mod subject;

pub use assign::{Assignment, Router};
pub use matrix::{Matrix, MatrixProblem};
pub use rotation::Rotation;
pub use settings::Settings;
pub use subject::Subject;
