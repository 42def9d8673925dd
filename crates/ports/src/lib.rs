//! The doors to the outside world as traits: clock, chance, store, portal, providers, resolver, sequencer.
//!
//! A stage decides, the engine performs through these doors, `wiring.rs` says which adapter stands behind each.

pub mod chance;
pub mod clock;
pub mod files;
pub mod ledger;
pub mod outbound;
pub mod portal;
pub mod provider;
pub mod resolver;
pub mod sequencer;
pub mod store;

pub use chance::Chance;
pub use clock::Clock;
pub use files::{Files, ReadSeek};
pub use ledger::{LedgerBreak, verify_ledger};
pub use outbound::{HttpRequest, HttpResponse, Outbound, OutboundError};
pub use portal::{
    Difference, Page, Portal, PortalError, PropertyDefinition, Reading, Write, WriteKey, WriteOutcome, WriteResult,
};
pub use provider::Provider;
pub use resolver::Resolver;
pub use sequencer::{EnrollOutcome, Lead, Sequencer, SequencerError};
pub use store::{
    CallQuery, Ceilings, Claim, LedgerQuery, Reservation, ReserveRequest, Settlement, StepQuery, Store, StoreError,
    Transition,
};
