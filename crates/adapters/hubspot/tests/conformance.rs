//! The whole client against a server, one fact at a time: the sandbox in this process, or the server that a judge stands before.
//!
//! With `EVERGREEN_JUDGE_URL` set, that server is asked with the token `EVERGREEN_JUDGE_TOKEN`, and what the judge finds in our calls
//! and the server's answers (response header `sl-violations`) is appended to the file `EVERGREEN_JUDGE_LOG`, one line of JSON each.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod judged;
mod loopback;

use std::time::Duration;

use evergreen_hubspot::{
    Activity, Capability, Channel, Direction, EmailStatus, Error, Filter, Lane, Link, LinkType, OAuthApp, ObjectType,
    OnRecord, Parts, Person, Priority, Row, RowKey, Search, TaskStatus, TaskType, Test, Want, What,
};
use evergreen_model::portal::PropertyOption;
use evergreen_model::{Entity, Fields};
use evergreen_ports::{Portal, PropertyDefinition, Write, WriteKey, WriteResult};
use jiff::SignedDuration;
use judged::{Judged, judged};

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn definition(name: &str, unique: bool) -> PropertyDefinition {
    PropertyDefinition {
        name: name.to_owned(),
        label: name.to_owned(),
        value_type: "string".to_owned(),
        field_type: "text".to_owned(),
        description: "Made by a conformance run".to_owned(),
        options: Vec::new(),
        unique,
    }
}

/// A contact of this run, found by our own key.
async fn contact(judged: &Judged, name: &str) -> String {
    let (key, email) = (judged.key(name), judged.email(name));
    let row = fields(&[("evergreen_id", &key), ("email", &email), ("firstname", name)]);
    let contacts = judged.client.objects(Entity::Contact);
    contacts.create(&row, &[], Some("evergreen_id")).await.unwrap().record.id
}

async fn company(judged: &Judged, name: &str) -> String {
    let row = fields(&[("evergreen_id", &judged.key(name)), ("name", name)]);
    judged.client.objects(Entity::Company).create(&row, &[], Some("evergreen_id")).await.unwrap().record.id
}

#[tokio::test]
async fn the_account_its_usage_and_its_owners_are_told() {
    let judged = judged().await;
    let account = judged.client.account().await.unwrap();
    assert!(!account.portal_id.is_empty() && !account.time_zone.is_empty() && !account.ui_domain.is_empty());
    if let Some(usage) = judged.client.usage().await.unwrap() {
        assert!(usage.limit > 0 && usage.used <= usage.limit);
    }
    for owner in judged.client.owners().await.unwrap() {
        assert!(!owner.id.is_empty());
    }
    judged.end().await;
}

#[tokio::test]
async fn properties_are_made_once_and_options_are_added_without_losing_any() {
    let judged = judged().await;
    let properties = judged.client.properties(Entity::Contact);
    let name = format!("eg_{}", judged.tag);
    let mut wanted = definition(&name, false);
    (wanted.value_type, wanted.field_type) = ("enumeration".to_owned(), "select".to_owned());
    let option = |value: &str| PropertyOption { value: value.to_owned(), label: value.to_uppercase() };
    wanted.options = vec![option("red"), option("blue")];
    for _ in 0..2 {
        properties.create_missing("evergreen", std::slice::from_ref(&wanted)).await.unwrap();
    }
    assert!(properties.groups().await.unwrap().iter().any(|group| group.name == "evergreen"));
    assert!(properties.add_options(&name, &[option("green"), option("red")]).await.unwrap());
    assert!(!properties.add_options(&name, &[option("green")]).await.unwrap());
    properties.relabel(&name, "Colour", "Which one").await.unwrap();
    let made = properties.get(&name).await.unwrap().unwrap();
    let values: Vec<&str> = made.options.iter().map(|option| option.value.as_str()).collect();
    assert_eq!((made.label.as_str(), values), ("Colour", vec!["red", "blue", "green"]));
    properties.archive(std::slice::from_ref(&name)).await.unwrap();
    assert!(!properties.all().await.unwrap().iter().any(|property| property.name == name));
    judged.end().await;
}

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
async fn records_are_linked_labelled_and_unlinked() {
    let judged = judged().await;
    let (ann, bob) = (contact(&judged, "ann").await, contact(&judged, "bob").await);
    let acme = company(&judged, "Acme").await;
    let links = judged.client.associations(Entity::Contact, Entity::Company);
    let pairs = [(ann.clone(), acme.clone()), (bob.clone(), acme.clone())];
    let done = |result: &WriteResult| matches!(result, WriteResult::Done { .. });
    let outcome = links.link(&pairs).await;
    assert!(outcome.results.iter().all(|(_, result)| done(result)), "{outcome:?}");
    let primary = [LinkType::hubspot(1)];
    let outcome = links.link_as(&pairs[..1], &primary).await;
    assert!(done(&outcome.results[0].1), "{outcome:?}");
    let of = links.of(&ann).await.unwrap();
    assert!(of.len() == 1 && of[0].to == acme && of[0].labels.iter().any(|label| label.kind.id == 1), "{of:?}");
    let all = links.of_all(&[ann.clone(), bob.clone(), acme.clone()]).await.unwrap();
    assert_eq!((all[&ann].len(), all[&bob].len()), (1, 1));
    assert!(links.labels().await.unwrap().iter().any(|label| label.kind.id == 279));

    let name = format!("eg_{}", judged.tag);
    let made = links.create_label(&name, "Judged").await.unwrap();
    let kinds: Vec<LinkType> = made.iter().map(|label| label.kind.clone()).take(1).collect();
    let outcome = links.link_as(&pairs[1..], &kinds).await;
    assert!(done(&outcome.results[0].1), "{outcome:?}");
    let outcome = links.unlabel(&pairs[1..], &kinds).await;
    assert!(done(&outcome.results[0].1), "{outcome:?}");
    links.delete_label(kinds[0].id).await.unwrap();

    let outcome = links.unlink(&pairs).await;
    assert!(outcome.results.iter().all(|(_, result)| done(result)), "{outcome:?}");
    assert!(links.of(&ann).await.unwrap().is_empty());
    let outcome = links.link(&[(ann, "999999999999".to_owned())]).await;
    assert!(matches!(outcome.results[0].1, WriteResult::Failed { .. }), "{outcome:?}");
    judged.end().await;
}

#[tokio::test]
async fn lists_are_made_filled_emptied_and_removed() {
    let judged = judged().await;
    let lists = judged.client.lists();
    let (ann, bob) = (contact(&judged, "ann").await, contact(&judged, "bob").await);
    let name = format!("Evergreen {}", judged.tag);
    let list = lists.create(&name, &ObjectType::Contacts).await.unwrap();
    assert_eq!(lists.create(&name, &ObjectType::Contacts).await.unwrap().id, list.id);
    assert_eq!(lists.get(&list.id).await.unwrap().unwrap().processing, "MANUAL");
    assert!(lists.by_name("no list has this name", &ObjectType::Contacts).await.unwrap().is_none());
    let change = lists.add(&list.id, &[ann.clone(), bob.clone(), "999999999999".to_owned()]).await.unwrap();
    assert_eq!((change.added.len(), change.missing), (2, vec!["999999999999".to_owned()]));
    assert_eq!(lists.remove(&list.id, std::slice::from_ref(&bob)).await.unwrap().removed, [bob]);
    assert_eq!(lists.members(&list.id).await.unwrap(), [ann]);
    let renamed = format!("{name} b");
    lists.rename(&list.id, &renamed).await.unwrap();
    assert!(lists.search(&renamed).await.unwrap().iter().any(|found| found.id == list.id));
    lists.delete(&list.id).await.unwrap();
    assert!(lists.get(&list.id).await.unwrap().is_none());
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

#[tokio::test]
async fn opting_out_of_one_kind_of_mail_and_of_all_is_recorded() {
    let judged = judged().await;
    let preferences = judged.client.preferences();
    contact(&judged, "quiet").await;
    let email = judged.email("quiet");
    let kind = preferences.types().await.unwrap().into_iter().find(|kind| kind.active).unwrap();
    preferences.opt_out(&email, &kind.id).await.unwrap();
    let choices = preferences.of(&email).await.unwrap();
    let choice = choices.iter().find(|choice| choice.subscription_id == kind.id).unwrap();
    assert_eq!(choice.status, "UNSUBSCRIBED");
    assert!(!preferences.is_opted_out_of_everything(&email).await.unwrap());
    preferences.opt_out_of_everything(&email).await.unwrap();
    assert!(preferences.is_opted_out_of_everything(&email).await.unwrap());
    judged.end().await;
}

#[tokio::test]
async fn every_kind_of_activity_is_logged_on_the_timeline_and_found_again() {
    let judged = judged().await;
    let id = contact(&judged, "ann").await;
    let at = judged.client.objects(Entity::Contact).get(&id, &Want::default()).await.unwrap().unwrap().updated_at;
    let person = |name: &str| Person { email: judged.email(name), first_name: name.to_owned(), ..Person::default() };
    let kinds = [
        What::Note { body: "A note".to_owned() },
        What::Email {
            direction: Direction::Received,
            status: EmailStatus::Sent,
            subject: "Re: hello".to_owned(),
            text: "Yes, please".to_owned(),
            from: person("ann"),
            to: vec![person("us")],
        },
        What::Task {
            subject: "Call Ann".to_owned(),
            body: String::new(),
            status: TaskStatus::Open,
            priority: Priority::High,
            kind: TaskType::Call,
        },
        What::Communication { channel: Channel::LinkedIn, body: "Hi".to_owned() },
    ];
    let on = [OnRecord { kind: ObjectType::Contacts, id }];
    for (number, what) in kinds.into_iter().enumerate() {
        let activity = Activity { at, owner: None, what };
        let key = judged.key(&format!("a{number}"));
        let activities = judged.client.activities();
        assert_eq!(activities.find(&key, &activity, &on).await.unwrap(), None);
        let logged = activities.log(&key, &activity, &on).await.unwrap();
        assert_eq!(activities.find(&key, &activity, &on).await.unwrap(), Some(logged.id), "{:?}", activity.what);
    }
    judged.end().await;
}

#[tokio::test]
async fn a_new_record_is_linked_from_the_start() {
    let judged = judged().await;
    let acme = company(&judged, "Acme").await;
    let link = Link { kind: ObjectType::Companies, to: acme.clone(), types: vec![LinkType::hubspot(279)] };
    let row = fields(&[("evergreen_id", &judged.key("in")), ("email", &judged.email("in"))]);
    let contacts = judged.client.objects(Entity::Contact);
    let id = contacts.create(&row, &[link], Some("evergreen_id")).await.unwrap().record.id;
    let want = Want { associations: vec!["companies".to_owned()], ..Want::default() };
    let read = contacts.get(&id, &want).await.unwrap().unwrap();
    assert!(read.associations["companies"].contains(&acme), "{:?}", read.associations);
    judged.end().await;
}

#[tokio::test]
async fn the_token_endpoint_refuses_an_app_nobody_knows() {
    let judged = judged().await;
    let app = OAuthApp {
        client_id: "00000000-0000-0000-0000-000000000000".to_owned(),
        client_secret: "nobody".into(),
        redirect_uri: "https://evergreen.example/back".to_owned(),
    };
    let old = evergreen_hubspot::Tokens::from_refresh("no-such-token".into());
    let error = app.refresh(&*judged.outbound, &judged.base_url, &*judged.clock, &old).await.unwrap_err();
    assert!(matches!(error.into_portal().problem().code.as_str(), "EG-PORTAL-013" | "EG-PORTAL-014"));
    judged.end().await;
}

#[tokio::test]
async fn a_wrong_token_is_denied_in_every_lane() {
    let judged = judged().await;
    for lane in [Lane::Handoff, Lane::Backfill] {
        let error = judged.with_token("pat-na1-wrong").in_lane(lane).account().await.unwrap_err();
        assert!(matches!(&error, Error::Portal(_)));
        assert_eq!(error.into_problem().code, "EG-PORTAL-001");
    }
    assert!(!Capability::all_scopes(&[Capability::ReadLists]).is_empty());
    judged.end().await;
}
