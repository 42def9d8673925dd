//! Records one by one and in batches, found by search and among the changes, merged and forgotten.

use std::time::Duration;

use evergreen_hubspot::{Filter, Parts, Row, RowKey, Search, Test, Want};
use evergreen_model::Entity;
use evergreen_ports::{Portal, Write, WriteKey, WriteResult};
use jiff::SignedDuration;

use crate::judged::{contact, fields, judged};

#[tokio::test]
async fn one_record_is_made_read_changed_and_archived() {
    let judged = judged().await;
    let contacts = judged.client.objects(Entity::Contact);
    let id = contact(&judged, "one").await;
    let email = judged.email("one");
    let again = contacts.create(&fields(&[("email", &email)]), &[], None).await.unwrap_err();
    assert_eq!(again.refusal().unwrap().existing.as_ref(), Some(&id), "{again}");

    let want = Want { history: vec!["firstname".to_owned()], ..Want::values(&["email", "firstname"]) };
    let read = contacts.get_by("email", &email.to_uppercase(), &want).await.unwrap().unwrap();
    assert_eq!((&read.id, read.value("firstname")), (&id, "one"));
    assert_eq!(read.history["firstname"][0].source_type, "INTEGRATION");

    let changed = contacts.update(&id, &fields(&[("firstname", "Ann"), ("city", "Bonn")])).await.unwrap();
    assert!(changed.differs.is_empty() && !changed.created, "{:?}", changed.differs);
    contacts.update_by("evergreen_id", &judged.key("one"), &fields(&[("city", "")])).await.unwrap();
    let read = contacts.get(&id, &Want::values(&["firstname", "city"])).await.unwrap().unwrap();
    assert_eq!((read.value("firstname"), read.value("city")), ("Ann", ""));

    let refused = contacts.update(&id, &fields(&[("no_such_property_here", "x")])).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().code, "PROPERTY_DOESNT_EXIST", "{refused}");
    contacts.archive(&id).await.unwrap();
    contacts.archive(&id).await.unwrap();
    assert_eq!(contacts.get(&id, &want).await.unwrap(), None);
    let binned = contacts.get(&id, &Want { archived: true, ..Want::default() }).await.unwrap().unwrap();
    assert!(binned.archived);
    judged.end().await;
}

#[tokio::test]
async fn batches_are_written_read_and_archived_with_every_row_accounted_for() {
    let judged = judged().await;
    let contacts = judged.client.objects(Entity::Contact);
    let row = |number: usize, key: RowKey| {
        let name = format!("b{number}");
        let (own, email) = (judged.key(&name), judged.email(&name));
        Row {
            trace: format!("t{number}"),
            key,
            properties: fields(&[("evergreen_id", &own), ("email", &email), ("firstname", &name)]),
            links: Vec::new(),
        }
    };
    let unique = |number: usize| RowKey::Unique {
        property: "evergreen_id".to_owned(),
        value: judged.key(&format!("b{number}")),
    };
    let made: Vec<Row> = (0..3).map(|number| row(number, RowKey::New)).collect();
    let made = contacts.create_all(&made, Some("evergreen_id")).await.complete().unwrap();
    assert_eq!(made.len(), 3);
    let id = made["t0"].record.id.clone();

    // Two that are there, 118 that are not, in two batches.
    let rows: Vec<Row> = (1..121).map(|number| row(number, unique(number))).collect();
    let written = contacts.upsert_all(&rows).await.complete().unwrap();
    assert_eq!(written.values().filter(|written| written.created).count(), 118);

    let mut rows = vec![row(0, RowKey::Id(id.clone())), row(900, RowKey::Id("999999999999".to_owned()))];
    rows.iter_mut().for_each(|row| row.properties = fields(&[("city", "Bonn")]));
    let bad = Row { properties: fields(&[("hs_object_id", "1")]), ..row(901, unique(1)) };
    let Parts { done, failed, unaccounted, stopped } = contacts.update_all(&rows).await.into_parts();
    assert!(done.contains_key("t0") && failed.contains_key("t900"), "{failed:?} {stopped:?}");
    assert!(unaccounted.is_empty());
    let Parts { failed, .. } = contacts.upsert_all(&[bad, row(2, unique(2))]).await.into_parts();
    assert_eq!(failed["t901"].code, "READ_ONLY_VALUE");

    let ids: Vec<String> = written.values().map(|written| written.record.id.clone()).collect();
    let asked: Vec<String> = ids.iter().cloned().chain(["999999999999".to_owned()]).collect();
    let want = Want { history: vec!["firstname".to_owned()], ..Want::values(&["firstname"]) };
    let found = contacts.read(&asked, &want).await.unwrap();
    assert_eq!((found.records.len(), found.missing), (120, vec!["999999999999".to_owned()]));
    let emails = [judged.email("b5"), judged.email("nobody")];
    let found = contacts.read_by("email", &emails, &Want::values(&["firstname"])).await.unwrap();
    assert_eq!((found.records[0].value("firstname"), &found.missing), ("b5", &vec![judged.email("nobody")]));

    let page = contacts.page(&Want { associations: vec!["companies".to_owned()], ..want }, None).await.unwrap();
    assert!(page.records.len() <= 50 && page.after.is_some());
    let archived = contacts.archive_all(&ids).await;
    assert!(archived.stopped.is_none() && archived.results.len() == ids.len(), "{archived:?}");
    assert!(contacts.read(&ids[..3], &Want::default()).await.unwrap().records.is_empty());
    judged.end().await;
}

#[tokio::test]
async fn what_was_written_is_found_by_search_and_among_the_changes_once_the_index_has_it() {
    let judged = judged().await;
    let contacts = judged.client.objects(Entity::Contact);
    let id = contact(&judged, "seek").await;
    let record = contacts.get(&id, &Want::default()).await.unwrap().unwrap();
    let search = Search::all_of(&[Filter::new("evergreen_id", Test::Eq(judged.key("seek")))], &["firstname"]);
    let mut found = Vec::new();
    for _ in 0..40 {
        found = contacts.search(&search, 0).await.unwrap().0.records;
        if !found.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert_eq!((found.len(), found[0].value("firstname")), (1, "seek"));
    let mut pages = contacts.search_all(search);
    assert_eq!(pages.next().await.unwrap().unwrap()[0].id, id);
    assert!(pages.next().await.unwrap().is_none());
    let mut changes = contacts.changed_since(record.updated_at, SignedDuration::ZERO, &["firstname".to_owned()]);
    let mut told = 0;
    while let Some(page) = changes.next().await.unwrap() {
        told += page.iter().filter(|record| record.id == id).count();
    }
    assert_eq!(told, 1);
    judged.end().await;
}

#[tokio::test]
async fn after_a_merge_both_ids_lead_to_the_survivor_and_a_write_to_an_old_one_says_so() {
    let judged = judged().await;
    let (ann, bob) = (contact(&judged, "ann").await, contact(&judged, "bob").await);
    let WriteResult::Done { id, .. } = judged.hubspot.merge(Entity::Contact, &ann, &bob).await.unwrap() else {
        panic!("the merge was refused")
    };
    let asked = [ann.clone(), bob.clone()];
    let reading = judged.hubspot.read(Entity::Contact, None, &asked, &["email".to_owned()], &[]).await.unwrap();
    assert!(reading.missing.is_empty());
    assert_eq!(reading.records.iter().map(|record| &record.id).collect::<Vec<_>>(), [&id]);
    assert!(reading.moved.values().all(|to| *to == id) && reading.moved.contains_key(&bob), "{:?}", reading.moved);
    let write = Write { trace: "t".to_owned(), key: WriteKey::Id(bob), properties: fields(&[("city", "Bonn")]) };
    let outcome = judged.hubspot.write(Entity::Contact, &[write]).await.unwrap();
    assert!(
        matches!(&outcome.results[0].1, WriteResult::Failed { code, existing: Some(to), .. } if code == "MERGED" && *to == id),
        "{outcome:?}"
    );
    judged.end().await;
}

#[tokio::test]
async fn a_person_who_wants_to_be_forgotten_is_gone_for_good() {
    let judged = judged().await;
    let contacts = judged.client.objects(Entity::Contact);
    let id = contact(&judged, "gone").await;
    contacts.forget(&id).await.unwrap();
    assert!(contacts.get(&id, &Want::default()).await.unwrap().is_none());
    contact(&judged, "too").await;
    contacts.forget_address(&judged.email("too")).await.unwrap();
    assert!(contacts.get_by("email", &judged.email("too"), &Want::default()).await.unwrap().is_none());
    judged.end().await;
}
