//! Facts about the review board and the suppression list.

use std::sync::Arc;

use evergreen_model::review::{Review, ReviewAnswer, ReviewId, ReviewState};
use evergreen_ports::{Store, Transition};

use super::{commit, ok};
use crate::builders::{day, review, suppression};

/// And leave the list when they are answered.
pub async fn open_reviews_come_oldest_first(store: Arc<dyn Store>) {
    commit(&*store, Transition { reviews: (1..=3).map(|id| review(id, id)).collect(), ..Transition::default() }).await;
    let answered = Review {
        state: ReviewState::Closed,
        answer: Some(ReviewAnswer::Approve),
        by: Some("kim".into()),
        closed_at: Some(day(1)),
        ..review(2, 2)
    };
    commit(&*store, Transition { reviews: vec![answered.clone()], ..Transition::default() }).await;
    assert_eq!(ok(store.reviews(Some(ReviewState::Open)).await), [review(1, 1), review(3, 3)]);
    assert_eq!(ok(store.reviews(Some(ReviewState::Closed)).await), std::slice::from_ref(&answered));
    assert_eq!(ok(store.reviews(None).await).len(), 3);
    assert_eq!(ok(store.review(ReviewId(2)).await), Some(answered));
    assert_eq!(ok(store.review(ReviewId(9)).await), None);
}

/// By key.
pub async fn suppressions_are_put_on_and_taken_off(store: Arc<dyn Store>) {
    let three = ["email:a@x.com", "domain:x.com", "hash:00"].map(suppression);
    commit(&*store, Transition { suppressions: three.to_vec(), ..Transition::default() }).await;
    let asked = ["domain:x.com", "email:b@x.com", "email:a@x.com", "email:a@x.com"].map(str::to_owned);
    let mut found: Vec<String> = ok(store.suppressed(&asked).await).into_iter().map(|entry| entry.key).collect();
    found.sort();
    assert_eq!(found, ["domain:x.com", "email:a@x.com"]);
    let mut changed = suppression("hash:00");
    changed.by = "kim".into();
    let change = Transition {
        unsuppress: vec!["domain:x.com".into()],
        suppressions: vec![changed.clone()],
        ..Transition::default()
    };
    commit(&*store, change).await;
    let mut left = ok(store.suppressions().await);
    left.sort_by(|one, other| one.key.cmp(&other.key));
    assert_eq!(left, [suppression("email:a@x.com"), changed]);
    assert!(ok(store.suppressed(&[]).await).is_empty());
}
