//! Stage 3, qualify: suppresses the untouchable and asks whether a record fits the ICP, before money is spent.
//!
//! The order never changes: suppression (own list, unsubscribed, lead status, competitors, customers), then the filters for
//! free-mail and student addresses, then the profile in three values. Addresses of a function such as `info@` are left to
//! verification, because only there it is known whether anything better was found.

mod domains;
mod icp;
mod qualifier;
pub mod settings;
mod subject;

pub use icp::SettingsProblem;
pub use qualifier::{Decision, Qualifier};
pub use settings::Settings;
pub use subject::Subject;
