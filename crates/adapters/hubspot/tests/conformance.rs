//! The whole client against a server, one fact at a time: the sandbox in this process, or the server that a judge stands before.
//!
//! With `EVERGREEN_JUDGE_URL` set, that server is asked with the token `EVERGREEN_JUDGE_TOKEN`, and what the judge finds in our calls
//! and the server's answers (response header `sl-violations`) is appended to the file `EVERGREEN_JUDGE_LOG`, one line of JSON each.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

/// The facts, by what they are about.
mod judged;
mod loopback;
