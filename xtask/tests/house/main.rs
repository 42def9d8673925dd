//! The house rules that no compiler knows: who imports whom, what each file says first, pages that must exist.
//!
//! Every complaint says how to repair it.

mod files;
mod first_lines;
mod layers;
mod problems;
mod reference;
mod tidy;
