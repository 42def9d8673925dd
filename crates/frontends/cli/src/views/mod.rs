//! How Evergreen shows things to people: the report page, the report and plan as text, and tables.

pub mod explain;
pub mod merge;
pub mod page;
pub mod plan;
pub mod plan_page;
pub mod report;
pub mod review;
pub mod table;
pub mod undo;

pub(crate) mod numbers;
pub(crate) mod provider;
pub(crate) mod words;

mod charts;
mod funnel;
mod headline;
mod html;
mod next;
#[cfg(test)]
mod sample;
