//! Facts about evidence.

use std::sync::Arc;

use evergreen_model::record::RecordId;
use evergreen_ports::{Store, Transition};

use super::{commit, ok};
use crate::builders::evidence;

async fn numbers(store: &dyn Store, records: &[i64]) -> Vec<(i64, i64)> {
    let ids: Vec<RecordId> = records.iter().copied().map(RecordId).collect();
    ok(store.evidence(&ids).await).iter().map(|piece| (piece.record.0, piece.id.0)).collect()
}

/// So that survivorship sees it in the order it came.
pub async fn evidence_comes_in_order_of_record_and_number(store: Arc<dyn Store>) {
    let pieces = [(1, 2), (2, 1), (3, 2), (4, 3), (5, 1)].map(|(id, record)| evidence(id, record, &[("city", "Ulm")]));
    commit(&*store, Transition { evidence: pieces.to_vec(), ..Transition::default() }).await;
    assert_eq!(numbers(&*store, &[2, 1, 9, 2]).await, [(1, 2), (1, 5), (2, 1), (2, 3)]);
    assert!(numbers(&*store, &[]).await.is_empty());
}

/// What was said of the one is now said of the other, new pieces included.
pub async fn evidence_moves_with_a_merge(store: Arc<dyn Store>) {
    let first = vec![evidence(1, 1, &[]), evidence(2, 2, &[])];
    commit(&*store, Transition { evidence: first, ..Transition::default() }).await;
    let merge = Transition {
        evidence: vec![evidence(3, 2, &[])],
        moved: vec![(RecordId(2), RecordId(1))],
        ..Transition::default()
    };
    commit(&*store, merge).await;
    assert_eq!(numbers(&*store, &[1, 2]).await, [(1, 1), (1, 2), (1, 3)]);
}

/// It is a testimony, not a cell.
pub async fn evidence_is_never_replaced(store: Arc<dyn Store>) {
    commit(&*store, Transition { evidence: vec![evidence(1, 1, &[("city", "Ulm")])], ..Transition::default() }).await;
    let again =
        store.commit(Transition { evidence: vec![evidence(1, 1, &[("city", "Bonn")])], ..Transition::default() }).await;
    assert!(again.is_err());
    assert_eq!(ok(store.evidence(&[RecordId(1)]).await), [evidence(1, 1, &[("city", "Ulm")])]);
}
