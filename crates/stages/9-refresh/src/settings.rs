//! Settings of the refresh stage: how long what we know stays good.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long what we know stays good, in days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Earliest refresh of a settled contact, in days after it settled; 1 to 3,650. About 2 % of addresses die per month.
    #[garde(range(min = 1, max = 3_650))]
    pub contact_days_min: u32,
    /// Latest refresh of a settled contact, in days; each contact has its own day between the two, always the same.
    #[garde(range(min = 1, max = 3_650), custom(not_below(self.contact_days_min)))]
    pub contact_days_max: u32,
    /// Refresh of a settled company, in days: a quarter. Spread by 10 % to either side.
    #[garde(range(min = 1, max = 3_650))]
    pub company_days: u32,
    /// Next try of a reject that names no date of its own, in days.
    #[garde(range(min = 1, max = 365))]
    pub reject_days: u32,
    /// A reject is tried until it is this old, in days since it was first seen; then it is treated like a settled
    /// record, so that a dead address does not come back every week for ever.
    #[garde(range(min = 1, max = 3_650))]
    pub reject_expires_days: u32,
    /// How often a contact is offered to the sequencer again when a gate kept it out, in days.
    #[garde(range(min = 1, max = 365))]
    pub handoff_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            contact_days_min: 90,
            contact_days_max: 180,
            company_days: 91,
            reject_days: 7,
            reject_expires_days: 90,
            handoff_days: 7,
        }
    }
}

/// The latest day cannot lie before the earliest.
fn not_below(min: u32) -> impl FnOnce(&u32, &()) -> garde::Result {
    move |max, _| {
        if *max < min {
            return Err(garde::Error::new(format!("must be at least contact_days_min ({min})")));
        }
        Ok(())
    }
}
