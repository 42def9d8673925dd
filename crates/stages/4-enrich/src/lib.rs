//! Stage 4, enrich: decides which source to ask next for a missing field and what it may cost.
//!
//! Nothing here asks anybody: [`next`] says whom to ask, the engine asks, [`accept`] judges the answer.

mod condition;
mod identity;
mod name;
mod price;
pub mod settings;
mod waterfall;

pub use identity::{Accepted, accept};
pub use price::{PriceRange, price_range};
pub use settings::{Budget, Settings, Step, Waterfall, ceilings};
pub use waterfall::{Ask, Attempt, Next, SettingsProblem, Waterfalls, inputs, next};
