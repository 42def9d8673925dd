//! A first look at a portal with the client alone: who we are, what the token may do, and the first contacts.
//!
//! `cargo run -p evergreen-hubspot --example quickstart`: it starts the sandbox portal in this process, so nothing real is touched.
//! To look at a real account, give a [`evergreen_ports::Outbound`] that speaks TLS (Evergreen's own is `evergreen-outbound`).

#[path = "../tests/loopback/mod.rs"]
mod loopback;

use std::time::Duration;

use evergreen_hubspot::{Capability, Filter, Lane, Search, Test, Want, missing_problem};
use evergreen_model::Entity;
use evergreen_sandbox::Tier;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), evergreen_hubspot::Error> {
    let sandbox = loopback::sandbox(Tier::Professional).await;
    let hubspot = loopback::client(&sandbox, loopback::TOKEN, 190, Duration::from_secs(10));
    // A first load is background work: handoffs and syncs of other clones go first.
    let client = hubspot.client().in_lane(Lane::Backfill);

    let account = client.account().await?;
    println!("account {} in {}", account.portal_id, account.time_zone);
    match client.token_info().await? {
        Some(told) => match missing_problem(&told.scopes, &[Capability::ReadContacts, Capability::ReadOwners]) {
            Some(problem) => println!("{problem}"),
            None => println!("the token may do what this needs"),
        },
        None => println!("HubSpot does not tell what this token may do"),
    }

    let contacts = client.objects(Entity::Contact);
    let page = contacts.page(&Want::values(&["email", "jobtitle"]), None).await?;
    for contact in page.records.iter().take(3) {
        println!("{} {} {}", contact.id, contact.value("email"), contact.value("jobtitle"));
    }
    let mut chiefs =
        contacts.search_all(Search::all_of(&[Filter::new("jobtitle", Test::Eq("CTO".into()))], &["email"]));
    let mut count = 0;
    while let Some(page) = chiefs.next().await? {
        count += page.len();
    }
    println!("{count} CTOs, in {} calls", client.calls());
    sandbox.stop().await;
    Ok(())
}
