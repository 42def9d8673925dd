//! The real store, which answers at once and may be the moment at which the program dies.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use evergreen_model::call::Call;
use evergreen_model::list::{FileId, ListFile, Row, RowId, RowState};
use evergreen_model::plan::{Plan, PlanId, Step};
use evergreen_model::review::{Review, ReviewId, ReviewState};
use evergreen_model::run::{Run, RunId};
use evergreen_model::{Entity, Evidence, LedgerEntry, Outcome, PortalRecord, Record, RecordId, Suppression};
use evergreen_ports::store::{
    CallQuery, Ceilings, Claim, IdKind, LedgerQuery, Reservation, ReserveRequest, RowTally, StageTally, StepQuery,
    Store, StoreError, Transition,
};
use evergreen_store::SqliteStore;
use jiff::Timestamp;

use crate::fate::Fate;
use crate::machine::at_once;

type Done<T> = Result<T, StoreError>;

/// A store in memory that outlives the program.
pub struct MortalStore {
    pub inner: Arc<SqliteStore>,
    pub fate: Arc<Fate>,
}

#[async_trait]
impl Store for MortalStore {
    fn instance(&self) -> &str {
        self.inner.instance()
    }

    async fn commit(&self, transition: Transition) -> Done<()> {
        self.fate.store_moment("before a commit").await;
        at_once(self.inner.commit(transition))?;
        self.fate.store_moment("after a commit").await;
        Ok(())
    }

    async fn reserve(
        &self,
        run: RunId,
        at: Timestamp,
        requests: Vec<ReserveRequest>,
        ceilings: &Ceilings,
    ) -> Done<Vec<Reservation>> {
        at_once(self.inner.reserve(run, at, requests, ceilings))
    }

    async fn allocate(&self, kind: IdKind, count: u64) -> Done<i64> {
        at_once(self.inner.allocate(kind, count))
    }
    async fn run(&self, id: RunId) -> Done<Option<Run>> {
        at_once(self.inner.run(id))
    }
    async fn runs(&self) -> Done<Vec<Run>> {
        at_once(self.inner.runs())
    }
    async fn file_by_hash(&self, hash: &str) -> Done<Option<ListFile>> {
        at_once(self.inner.file_by_hash(hash))
    }
    async fn files(&self) -> Done<Vec<ListFile>> {
        at_once(self.inner.files())
    }
    async fn last_line(&self, file: FileId) -> Done<u64> {
        at_once(self.inner.last_line(file))
    }
    async fn rows(&self, run: Option<RunId>, state: RowState, after: Option<RowId>, limit: u32) -> Done<Vec<Row>> {
        at_once(self.inner.rows(run, state, after, limit))
    }
    async fn rows_of(&self, record: RecordId) -> Done<Vec<Row>> {
        at_once(self.inner.rows_of(record))
    }
    async fn adopt_rows(&self, run: RunId, limit: Option<u64>) -> Done<u64> {
        at_once(self.inner.adopt_rows(run, limit))
    }
    async fn tally_rows(&self, run: RunId) -> Done<RowTally> {
        at_once(self.inner.tally_rows(run))
    }
    async fn records(&self, ids: &[RecordId]) -> Done<Vec<Record>> {
        at_once(self.inner.records(ids))
    }
    async fn claim(&self, claim: Claim) -> Done<Vec<Record>> {
        at_once(self.inner.claim(claim))
    }
    async fn scan(&self, entity: Entity, run: Option<RunId>, after: Option<RecordId>, limit: u32) -> Done<Vec<Record>> {
        at_once(self.inner.scan(entity, run, after, limit))
    }
    async fn by_portal_ids(&self, entity: Entity, ids: &[String]) -> Done<Vec<Record>> {
        at_once(self.inner.by_portal_ids(entity, ids))
    }
    async fn find(&self, who: &str) -> Done<Vec<Record>> {
        at_once(self.inner.find(who))
    }
    async fn candidates(&self, entity: Entity, keys: &[String], per_key: u32) -> Done<Vec<(String, RecordId)>> {
        at_once(self.inner.candidates(entity, keys, per_key))
    }
    async fn evidence(&self, ids: &[RecordId]) -> Done<Vec<Evidence>> {
        at_once(self.inner.evidence(ids))
    }
    async fn tally_stages(&self) -> Done<StageTally> {
        at_once(self.inner.tally_stages())
    }
    async fn tally_due(&self, run: RunId) -> Done<BTreeMap<(Entity, Option<Outcome>), u64>> {
        at_once(self.inner.tally_due(run))
    }
    async fn calls(&self, query: CallQuery) -> Done<Vec<Call>> {
        at_once(self.inner.calls(query))
    }
    async fn plan(&self, id: PlanId) -> Done<Option<Plan>> {
        at_once(self.inner.plan(id))
    }
    async fn latest_plan(&self, run: Option<RunId>) -> Done<Option<Plan>> {
        at_once(self.inner.latest_plan(run))
    }
    async fn steps(&self, query: StepQuery) -> Done<Vec<Step>> {
        at_once(self.inner.steps(query))
    }
    async fn reviews(&self, state: Option<ReviewState>) -> Done<Vec<Review>> {
        at_once(self.inner.reviews(state))
    }
    async fn review(&self, id: ReviewId) -> Done<Option<Review>> {
        at_once(self.inner.review(id))
    }
    async fn suppressed(&self, keys: &[String]) -> Done<Vec<Suppression>> {
        at_once(self.inner.suppressed(keys))
    }
    async fn suppressions(&self) -> Done<Vec<Suppression>> {
        at_once(self.inner.suppressions())
    }
    async fn ledger(&self, query: LedgerQuery) -> Done<Vec<LedgerEntry>> {
        at_once(self.inner.ledger(query))
    }
    async fn views(&self, entity: Entity, ids: &[String]) -> Done<Vec<PortalRecord>> {
        at_once(self.inner.views(entity, ids))
    }
    async fn remembered(&self, key: &str) -> Done<Option<String>> {
        at_once(self.inner.remembered(key))
    }
    async fn remembered_under(&self, prefix: &str) -> Done<Vec<(String, String)>> {
        at_once(self.inner.remembered_under(prefix))
    }
}
