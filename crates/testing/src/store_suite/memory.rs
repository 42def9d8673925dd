//! Facts about memory.

use std::sync::Arc;

use evergreen_ports::{Store, Transition};

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
