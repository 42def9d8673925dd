//! Sequencers: where verified, owned contacts are enrolled. Smartlead first.

mod smartlead;

pub use smartlead::Smartlead;
