//! What hangs together: links, lists, the timeline, and who may be written to.

use evergreen_hubspot::{
    Activity, Channel, Direction, EmailStatus, Link, LinkType, ObjectType, OnRecord, Person, Priority, TaskStatus,
    TaskType, Want, What,
};
use evergreen_model::Entity;
use evergreen_ports::WriteResult;

use crate::judged::{company, contact, fields, judged};

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
