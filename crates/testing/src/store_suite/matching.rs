//! Facts about finding a record: by match key, by portal id, by what a person types.

use std::sync::Arc;

use evergreen_model::record::{Entity, Record, RecordId};
use evergreen_ports::{Store, Transition};

use super::{commit, ok};
use crate::builders::{record, record_with};

fn keys(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

fn found(pairs: &[(&str, i64)]) -> Vec<(String, RecordId)> {
    pairs.iter().map(|(key, record)| ((*key).to_owned(), RecordId(*record))).collect()
}

async fn candidates(store: &dyn Store, entity: Entity, wanted: &[&str], per_key: u32) -> Vec<(String, RecordId)> {
    let mut found = ok(store.candidates(entity, &keys(wanted), per_key).await);
    found.sort();
    found
}

/// Contacts and companies do not meet under one key.
pub async fn a_record_is_found_under_each_of_its_keys(store: Arc<dyn Store>) {
    let written = vec![
        (RecordId(1), Entity::Contact, keys(&["email:a", "name:x", "name:x"])),
        (RecordId(2), Entity::Contact, keys(&["email:b", "name:x"])),
        (RecordId(3), Entity::Company, keys(&["name:x"])),
    ];
    commit(&*store, Transition { keys: written, ..Transition::default() }).await;
    assert_eq!(candidates(&*store, Entity::Contact, &["email:a"], 9).await, found(&[("email:a", 1)]));
    assert_eq!(
        candidates(&*store, Entity::Contact, &["name:x", "email:b", "email:none", "name:x"], 9).await,
        found(&[("email:b", 2), ("name:x", 1), ("name:x", 2)])
    );
    assert_eq!(candidates(&*store, Entity::Company, &["name:x"], 9).await, found(&[("name:x", 3)]));
    assert!(candidates(&*store, Entity::Company, &[], 9).await.is_empty());
}

/// All of them: a record that was corrected is no longer found under its mistake.
pub async fn new_keys_replace_the_old_ones(store: Arc<dyn Store>) {
    let first = vec![(RecordId(1), Entity::Contact, keys(&["a", "b"])), (RecordId(2), Entity::Contact, keys(&["a"]))];
    commit(&*store, Transition { keys: first, ..Transition::default() }).await;
    commit(
        &*store,
        Transition { keys: vec![(RecordId(1), Entity::Contact, keys(&["b", "c"]))], ..Transition::default() },
    )
    .await;
    assert_eq!(candidates(&*store, Entity::Contact, &["a", "b", "c"], 9).await, found(&[("a", 2), ("b", 1), ("c", 1)]));
    commit(&*store, Transition { keys: vec![(RecordId(1), Entity::Contact, Vec::new())], ..Transition::default() })
        .await;
    assert_eq!(candidates(&*store, Entity::Contact, &["a", "b", "c"], 9).await, found(&[("a", 2)]));
}

/// The first ones by number, so that the answer repeats.
pub async fn a_common_key_gives_only_so_many(store: Arc<dyn Store>) {
    let written = (1..=50).map(|id| (RecordId(id), Entity::Contact, keys(&["city:berlin"]))).collect();
    commit(&*store, Transition { keys: written, ..Transition::default() }).await;
    let some = candidates(&*store, Entity::Contact, &["city:berlin", "city:none"], 3).await;
    assert_eq!(some, found(&[("city:berlin", 1), ("city:berlin", 2), ("city:berlin", 3)]));
    assert_eq!(candidates(&*store, Entity::Contact, &["city:berlin"], 50).await.len(), 50);
    assert!(candidates(&*store, Entity::Contact, &["city:berlin"], 0).await.is_empty());
}

/// Batches are large.
pub async fn thousands_of_keys_are_one_question(store: Arc<dyn Store>) {
    let key = |id: i64| format!("email:person{id}@example.com");
    let written = (1..=3_000).map(|id| (RecordId(id), Entity::Contact, vec![key(id)])).collect();
    commit(&*store, Transition { keys: written, ..Transition::default() }).await;
    let wanted: Vec<String> = (1..=6_000).map(key).collect();
    let found = ok(store.candidates(Entity::Contact, &wanted, 2).await);
    assert_eq!(found.len(), 3_000);
    assert!(found.iter().all(|(found_key, record)| *found_key == key(record.0)));
}

/// Ids of contacts and companies may be the same number.
pub async fn records_are_found_by_portal_id(store: Arc<dyn Store>) {
    let with =
        |id: i64, entity: Entity, portal: &str| Record { portal_id: Some(portal.to_owned()), ..record(id, entity) };
    let records = vec![
        with(1, Entity::Contact, "100"),
        with(2, Entity::Company, "100"),
        with(3, Entity::Contact, "101"),
        record(4, Entity::Contact),
    ];
    commit(&*store, Transition { records, ..Transition::default() }).await;
    let ids = keys(&["101", "100", "999", "100"]);
    let mut numbers: Vec<i64> =
        ok(store.by_portal_ids(Entity::Contact, &ids).await).iter().map(|record| record.id.0).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 3]);
    assert_eq!(ok(store.by_portal_ids(Entity::Company, &ids).await)[0].id, RecordId(2));
}

async fn find(store: &dyn Store, who: &str) -> Vec<i64> {
    ok(store.find(who).await).iter().map(|record| record.id.0).collect()
}

/// Number, our id, the portal's id, address, profile, domain or name.
pub async fn a_person_finds_a_record_by_any_of_its_names(store: Arc<dyn Store>) {
    let mut jane = record_with(
        11,
        Entity::Contact,
        &[
            ("email", "Jane.Doe@Acme.com"),
            ("firstname", "Jane"),
            ("lastname", "Doe"),
            ("hs_linkedin_url", "https://www.linkedin.com/in/JaneDoe/"),
        ],
    );
    jane.portal_id = Some("90210".into());
    let acme = record_with(12, Entity::Company, &[("name", "Ácme 100% GmbH"), ("domain", "acme.com")]);
    let nameless = record(13, Entity::Contact);
    let keyed = vec![(RecordId(13), Entity::Contact, keys(&["phone:+4930123"]))];
    commit(&*store, Transition { records: vec![jane, acme, nameless], keys: keyed, ..Transition::default() }).await;
    for who in ["11", "test-11", "90210", "jane.doe@ACME.com", " linkedin.com/in/janedoe", "jane d", "DOE"] {
        assert_eq!(find(&*store, who).await, [11], "{who}");
    }
    for who in ["acme.com", "https://www.acme.com/", "ácme", "100%"] {
        assert_eq!(find(&*store, who).await, [12], "{who}");
    }
    assert_eq!(find(&*store, "phone:+4930123").await, [13]);
    for who in ["", "  ", "nobody", "contact", "jane%doe", "j_ne"] {
        assert!(find(&*store, who).await.is_empty(), "{who}");
    }
}

/// More would help nobody.
pub async fn a_part_of_a_name_finds_at_most_twenty(store: Arc<dyn Store>) {
    let records = (1..=30).map(|id| record_with(id, Entity::Contact, &[("firstname", "Ann")])).collect();
    commit(&*store, Transition { records, ..Transition::default() }).await;
    assert_eq!(find(&*store, "ann").await, (1..=20).collect::<Vec<_>>());
}

/// A changed address is found, the old one is not.
pub async fn a_record_is_found_under_its_new_name_only(store: Arc<dyn Store>) {
    commit(
        &*store,
        Transition {
            records: vec![record_with(1, Entity::Contact, &[("email", "old@acme.com")])],
            ..Transition::default()
        },
    )
    .await;
    commit(
        &*store,
        Transition {
            records: vec![record_with(1, Entity::Contact, &[("email", "new@acme.com")])],
            ..Transition::default()
        },
    )
    .await;
    assert_eq!(find(&*store, "new@acme.com").await, [1]);
    assert!(find(&*store, "old@acme.com").await.is_empty());
}
