//! Stage 7, sync: plans the exact change to the portal, guards it, explains it, and checks it again right before it is made.
//!
//! Pure decisions: the engine reads the portal, hands over what it saw, and performs what comes back. Read `plan.rs` first.

mod condition;
mod estimate;
mod explain;
mod guard;
mod lifecycle;
mod merge;
mod own;
mod plan;
mod planner;
mod recheck;
mod roster;
mod same;
mod schema;
pub mod settings;
mod slip;
mod undo;
mod writer;

pub use estimate::{Estimate, Work, calls_needed};
pub use explain::{explain, left_alone};
pub use guard::{Guarded, Summary, guard};
pub use merge::{MergeDraft, MergedField, propose_merge};
pub use own::{EVERGREEN_ID, NAMES as OWN_PROPERTIES, definitions, watched};
pub use plan::{Draft, Pending, Wanted, plan_record};
pub use planner::Planner;
pub use recheck::{Recheck, recheck};
pub use same::{Meaning, same, same_optional};
pub use schema::{Schema, Unfit};
pub use settings::Settings;
pub use slip::{Overwritten, overwritten, remember_restored};
pub use undo::{Inverse, archive_view, invert, recheck_undo, remember_undo};
pub use writer::{Ours, Writer};
