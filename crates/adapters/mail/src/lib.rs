//! DNS questions about mail domains: MX, addresses, SPF, DMARC.
//!
//! [`Dns`] stands behind `ports::Resolver`. It answers with facts and never fails: what the resolver could not say is named in
//! `failure`, so that a dead resolver is never mistaken for a dead domain.

mod cache;
mod dns;
mod records;

pub use dns::Dns;
