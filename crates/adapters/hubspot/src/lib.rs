//! The HubSpot client: records, batches, search, changes, properties, owners, links, lists, timeline, preferences and webhooks,
//! within the portal's limits.
//!
//! Useful on its own: [`Client`] is the library, [`HubSpot`] makes it the portal of Evergreen's engine.
//!
//! What it does that is easily forgotten:
//!
//! - **No row vanishes.** A batch comes back in three parts ([`BatchOutcome`]): done, failed with HubSpot's reason, unaccounted.
//!   Ids that were merged away are told with where they went; values kept otherwise than sent are told with both.
//! - **Nothing is made twice.** A creation whose answer is lost is looked for before it is repeated, or told as [`Error::Lost`].
//! - **The limit is used, not broken.** All clones of a client share one exact rolling window, five searches a second, and the
//!   day's budget; [`Lane`]s decide who goes first.
//! - **Tokens renew themselves** before they expire, once for all tasks that wait ([`Credential`]).
//!
//! It sends through [`evergreen_ports::Outbound`] and tells time by [`evergreen_ports::Clock`], so that a test can script both:
//!
//! ```
//! use std::sync::Arc;
//! use evergreen_hubspot::{Client, Filter, Options, Parts, Row, RowKey, Search, Test, Want};
//! use evergreen_model::Entity;
//! use evergreen_ports::{Clock, Outbound};
//!
//! async fn tidy(outbound: Arc<dyn Outbound>, clock: Arc<dyn Clock>) -> Result<(), evergreen_hubspot::Error> {
//!     let key: secrecy::SecretString = "pat-na1-…".into();
//!     let client = Client::new(outbound, "https://api.hubapi.com", key, Options { tier_limit: 190, ..Options::default() }, clock);
//!     let contacts = client.objects(Entity::Contact);
//!
//!     let jane = contacts.get_by("email", "jane@acme.com", &Want::values(&["jobtitle"])).await?;
//!     println!("{:?}", jane.map(|record| record.value("jobtitle").to_owned()));
//!
//!     let row = Row {
//!         trace: "row 1".into(),
//!         key: RowKey::Unique { property: "evergreen_id".into(), value: "eg-1".into() },
//!         properties: [("evergreen_id".to_owned(), "eg-1".to_owned()), ("city".to_owned(), "Bonn".to_owned())].into(),
//!         links: Vec::new(),
//!     };
//!     let Parts { done, failed, unaccounted, stopped } = contacts.upsert_all(&[row]).await.into_parts();
//!     println!("{} done, {failed:?}, {unaccounted:?}, {stopped:?}", done.len());
//!
//!     let mut in_bonn = contacts.search_all(Search::all_of(&[Filter::new("city", Test::Eq("Bonn".into()))], &["email"]));
//!     while let Some(page) = in_bonn.next().await? {
//!         println!("{} more", page.len());
//!     }
//!     Ok(())
//! }
//! ```

mod account;
mod activities;
mod associations;
mod auth;
mod call;
mod client;
mod compare;
mod error;
mod judge;
mod lists;
mod object_type;
mod objects;
mod owners;
mod pace;
mod portal;
mod preferences;
mod problem;
mod properties;
mod record;
mod scopes;
mod versions;
pub mod webhook;
mod wire;

pub use account::TokenInfo;
pub use activities::{
    Activities, Activity, Channel, Direction, EmailStatus, Logged, OnRecord, Person, Priority, TaskStatus, TaskType, What,
};
pub use associations::{Associations, Label, LinkOutcome, Linked};
pub use auth::{Credential, ForgetfulKeeper, Introspection, OAuthApp, TokenError, TokenKeeper, Tokens, authorize_url};
pub use client::{Client, Options};
pub use compare::means_the_same;
pub use error::Error;
pub use lists::{List, Lists, Membership};
pub use object_type::ObjectType;
pub use objects::{
    BatchOutcome, Changes, Filter, Found, Link, LinkType, OWN_KEY, Objects, Parts, RecordPage, Row, RowKey, Search,
    SearchPager, Test, Want, Written,
};
pub use pace::Lane;
pub use portal::HubSpot;
pub use preferences::{Choice, Preferences, SubscriptionType};
pub use properties::{Group, Properties};
pub use record::{Record, Warning};
pub use scopes::{Capability, Missing, missing, missing_problem};
pub use versions::VERSION;
pub use wire::Refusal;
