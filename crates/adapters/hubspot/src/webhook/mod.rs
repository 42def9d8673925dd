//! Webhooks: is a delivery from HubSpot, and what happened.

mod event;
mod signature;

pub use event::{Event, EventKey, parse};
pub use signature::{Delivery, Distrust, verify};
