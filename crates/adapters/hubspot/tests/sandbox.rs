//! The client against the sandbox portal over real HTTP: what a pipeline run needs, and what breaks in between.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod loopback;

use std::time::{Duration, Instant};

use evergreen_model::Entity;
use evergreen_ports::{Portal, PropertyDefinition, Write, WriteKey, WriteResult};
use evergreen_sandbox::Tier;
use loopback::{TOKEN, admin, client, sandbox};
use serde_json::json;

const SHORT: Duration = Duration::from_millis(50);

fn own_key() -> PropertyDefinition {
    PropertyDefinition {
        name: "evergreen_id".to_owned(),
        label: "Evergreen id".to_owned(),
        value_type: "string".to_owned(),
        field_type: "text".to_owned(),
        description: "Our key".to_owned(),
        options: Vec::new(),
        unique: true,
    }
}

fn create(number: usize, email: &str) -> Write {
    let values =
        [("evergreen_id", format!("eg-{number}")), ("email", email.to_owned()), ("firstname", "New".to_owned())];
    Write {
        trace: format!("t{number}"),
        key: WriteKey::EvergreenId(format!("eg-{number}")),
        properties: values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    }
}

fn done(result: &WriteResult) -> Option<(&str, bool)> {
    match result {
        WriteResult::Done { id, created, .. } => Some((id, *created)),
        _ => None,
    }
}

#[tokio::test]
async fn a_run_reads_defines_writes_and_links() {
    let sandbox = sandbox(Tier::Professional).await;
    let portal = client(&sandbox, TOKEN, 190, SHORT);
    assert!(!portal.account().await.unwrap().portal_id.is_empty());

    let owners = portal.owners().await.unwrap();
    assert_eq!(
        owners.iter().map(|owner| (owner.id.as_str(), owner.active)).collect::<Vec<_>>(),
        [("71", true), ("72", false)]
    );

    let names = ["email".to_owned(), "jobtitle".to_owned()];
    let first = portal.list(Entity::Contact, &names, &[], None).await.unwrap();
    let second = portal.list(Entity::Contact, &names, &[], first.after.as_deref()).await.unwrap();
    assert_eq!((first.records.len(), second.records.len(), second.after), (100, 30, None));

    portal.create_properties(Entity::Contact, "evergreen", &[own_key()]).await.unwrap();
    portal.create_properties(Entity::Contact, "evergreen", &[own_key()]).await.unwrap();
    portal.create_properties(Entity::Company, "evergreen", &[own_key()]).await.unwrap();
    let made = portal
        .properties(Entity::Contact)
        .await
        .unwrap()
        .into_iter()
        .find(|property| property.name == "evergreen_id")
        .unwrap();
    assert!(made.unique && made.group == "evergreen");

    let mut writes: Vec<Write> = (0..149).map(|number| create(number, &format!("new{number}@acme.example"))).collect();
    writes.push(create(149, "jane5@acme.example"));
    let outcome = portal.write(Entity::Contact, &writes).await.unwrap();
    assert_eq!(
        outcome.results.iter().filter(|(_, result)| done(result).is_some_and(|(_, created)| created)).count(),
        149
    );
    assert!(
        matches!(&outcome.results[149].1, WriteResult::Failed { existing: Some(id), .. } if id == "10006"),
        "{:?}",
        outcome.results[149]
    );
    let own = portal.own_source_id().await.unwrap().unwrap();

    let again = portal.write(Entity::Contact, &writes[..149]).await.unwrap();
    assert!(again.results.iter().all(|(_, result)| done(result).is_some_and(|(_, created)| !created)));

    let id = done(&outcome.results[0].1).unwrap().0.to_owned();
    let history = ["firstname".to_owned(), "jobtitle".to_owned()];
    let read = portal
        .read(Entity::Contact, None, &[id.clone(), "10001".to_owned(), "404".to_owned()], &history, &history)
        .await
        .unwrap();
    let read = read.records;
    assert_eq!(read.len(), 2);
    let ours = read.iter().find(|record| record.id == id).unwrap();
    assert_eq!(ours.newest("firstname").unwrap().source_id.as_deref(), Some(own.as_str()));
    let theirs = read.iter().find(|record| record.id == "10001").unwrap();
    assert_eq!(
        (theirs.newest("jobtitle").unwrap().source_type.as_str(), theirs.properties["jobtitle"].as_str()),
        ("CRM_UI", "CTO")
    );
    let by_email = portal
        .read(Entity::Contact, Some("email"), &["jane7@acme.example".to_owned()], &names, &[])
        .await
        .unwrap()
        .records;
    assert_eq!(by_email[0].id, "10008");

    let company = Write {
        trace: "c".to_owned(),
        key: WriteKey::EvergreenId("eg-c".to_owned()),
        properties: [("evergreen_id", "eg-c"), ("name", "Acme")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
    };
    let companies = portal.write(Entity::Company, &[company]).await.unwrap();
    let company = done(&companies.results[0].1).unwrap().0.to_owned();
    let links = portal.associate(&[(id.clone(), company.clone()), (id.clone(), "404".to_owned())]).await.unwrap();
    assert!(done(&links.results[0].1).is_some());
    assert!(matches!(links.results[1].1, WriteResult::Failed { .. }));
    sandbox.stop().await;
}

#[tokio::test]
async fn bad_rows_fail_alone_with_the_property_they_are_about() {
    let sandbox = sandbox(Tier::Professional).await;
    let portal = client(&sandbox, TOKEN, 190, SHORT);
    let set = |id: usize, name: &str, value: &str| Write {
        trace: format!("u{id}"),
        key: WriteKey::Id(format!("{}", 10_001 + id)),
        properties: [(name.to_owned(), value.to_owned())].into(),
    };
    let writes = [
        set(0, "city", "Berlin"),
        set(1, "lifecyclestage", "nonsense"),
        set(2, "no_such_property", "x"),
        set(3, "hs_object_id", "5"),
        set(9_000, "city", "Bonn"),
        set(4, "city", "Bremen"),
    ];
    let outcome = portal.write(Entity::Contact, &writes).await.unwrap();
    let words: Vec<&str> = outcome
        .results
        .iter()
        .map(|(_, result)| match result {
            WriteResult::Done { .. } => "done",
            WriteResult::Failed { code, .. } => code,
            WriteResult::Unaccounted => "unaccounted",
        })
        .collect();
    assert_eq!(
        words,
        ["done", "INVALID_OPTION", "PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE", "OBJECT_NOT_FOUND", "done"]
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn answers_lost_after_the_work_was_done_make_nothing_twice() {
    let sandbox = sandbox(Tier::Professional).await;
    let portal = client(&sandbox, TOKEN, 190, SHORT);
    portal.create_properties(Entity::Contact, "evergreen", &[own_key()]).await.unwrap();
    for (number, kind) in
        ["502-after-commit", "timeout-after-commit", "reset", "429", "500", "malformed"].into_iter().enumerate()
    {
        admin(
            &sandbox,
            "fault",
            json!({"kind": kind, "route_prefix": "/crm/objects/2026-09/contacts/batch/upsert", "count": 1}),
        )
        .await;
        let outcome =
            portal.write(Entity::Contact, &[create(number, &format!("lost{number}@acme.example"))]).await.unwrap();
        assert!(done(&outcome.results[0].1).is_some(), "{kind}: {:?}", outcome.results);
    }
    let mut after = None;
    let mut count = 0;
    loop {
        let page = portal.list(Entity::Contact, &["email".to_owned()], &[], after.as_deref()).await.unwrap();
        count += page.records.len();
        after = page.after;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(count, 136);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_wrong_token_is_told_as_such() {
    let sandbox = sandbox(Tier::Professional).await;
    let error = client(&sandbox, "pat-wrong", 190, SHORT).account().await.unwrap_err();
    assert_eq!(error.problem().code, "EG-PORTAL-001");
    sandbox.stop().await;
}

#[tokio::test]
async fn the_limit_is_used_and_never_broken() {
    let sandbox = sandbox(Tier::Starter).await;
    let portal = client(&sandbox, TOKEN, 100, Duration::from_secs(20));
    let begin = Instant::now();
    let calls: Vec<_> = (0..110).map(|_| portal.client().account()).collect();
    for answer in futures::future::join_all(calls).await {
        answer.unwrap();
    }
    // 110 calls and not one repetition: no 429 came. The last ten wait for the window.
    assert_eq!(portal.calls(), 110);
    let took = begin.elapsed().as_secs_f64();
    assert!((10.0..20.0).contains(&took), "took {took} s");
    sandbox.stop().await;
}
