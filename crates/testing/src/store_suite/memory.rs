//! Facts about memory.

use std::sync::Arc;

use evergreen_model::{Entity, PortalRecord};
use evergreen_ports::{Store, Transition};
use jiff::Timestamp;

use super::{commit, ok};

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// The last thing said counts.
pub async fn what_is_remembered_is_recalled(store: Arc<dyn Store>) {
    assert_eq!(ok(store.remembered("portal").await), None);
    commit(&*store, Transition { remember: pairs(&[("portal", "1")]), ..Transition::default() }).await;
    commit(&*store, Transition { remember: pairs(&[("portal", "2")]), ..Transition::default() }).await;
    assert_eq!(ok(store.remembered("portal").await).as_deref(), Some("2"));
}

/// In order of key; `%` and `_` are letters like others.
pub async fn memory_is_recalled_by_prefix(store: Arc<dyn Store>) {
    let all = [("dns:a.com", "1"), ("dns:ü.com", "2"), ("dnt:x", "3"), ("dn", "4"), ("d%:x", "5"), ("DNS:a", "6")];
    commit(&*store, Transition { remember: pairs(&all), ..Transition::default() }).await;
    assert_eq!(ok(store.remembered_under("dns:").await), pairs(&[("dns:a.com", "1"), ("dns:ü.com", "2")]));
    assert_eq!(ok(store.remembered_under("d%").await), pairs(&[("d%:x", "5")]));
    assert!(ok(store.remembered_under("zz").await).is_empty());
}

/// A contact and a company may have one id; unknown ids are left out.
pub async fn a_portal_view_is_kept_per_object_and_replaced_by_a_newer_one(store: Arc<dyn Store>) {
    let view = |entity: Entity, name: &str| PortalRecord {
        id: "101".to_owned(),
        entity,
        properties: [("name".to_owned(), name.to_owned())].into(),
        history: Default::default(),
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        archived: false,
    };
    let write = |views: Vec<PortalRecord>| Transition { views, ..Transition::default() };
    commit(&*store, write(vec![view(Entity::Contact, "Jane"), view(Entity::Company, "Acme")])).await;
    commit(&*store, write(vec![view(Entity::Contact, "Jo")])).await;
    let ids = ["101".to_owned(), "404".to_owned()];
    assert_eq!(ok(store.views(Entity::Contact, &ids).await), vec![view(Entity::Contact, "Jo")]);
    assert_eq!(ok(store.views(Entity::Company, &ids).await), vec![view(Entity::Company, "Acme")]);
    assert!(ok(store.views(Entity::Contact, &[]).await).is_empty());
    let anew = Transition { forget_views: true, ..write(vec![view(Entity::Company, "Acme")]) };
    commit(&*store, anew).await;
    assert!(ok(store.views(Entity::Contact, &ids).await).is_empty());
    assert_eq!(ok(store.views(Entity::Company, &ids).await).len(), 1);
}
