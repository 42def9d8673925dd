//! What the crash test needs: a demo that can be killed at a chosen moment, and everything it leaves behind.

pub mod demo;
pub mod outcome;
pub mod sandbox;
pub mod timeline;
