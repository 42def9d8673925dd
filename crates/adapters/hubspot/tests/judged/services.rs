//! The account, its properties, and who is let in.

use evergreen_hubspot::{Capability, Error, Lane, OAuthApp};
use evergreen_model::Entity;
use evergreen_model::portal::PropertyOption;

use crate::judged::{definition, judged};

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
