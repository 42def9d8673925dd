//! Sequencers: Smartlead first.
