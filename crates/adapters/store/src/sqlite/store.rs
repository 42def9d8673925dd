//! The store's door: each question and each change goes to its statement, on the right connection.

use std::collections::BTreeMap;

use async_trait::async_trait;
use evergreen_model::call::Call;
use evergreen_model::list::{FileId, ListFile, Row, RowId, RowState};
use evergreen_model::plan::{Plan, PlanId, Step};
use evergreen_model::review::{Review, ReviewId, ReviewState};
use evergreen_model::run::{Run, RunId};
use evergreen_model::{Entity, Evidence, LedgerEntry, Outcome, PortalRecord, Record, RecordId, Suppression};
use evergreen_ports::store::{IdKind, RowTally, StageTally};
use evergreen_ports::{
    CallQuery, Ceilings, Claim, LedgerQuery, Reservation, ReserveRequest, StepQuery, Store, StoreError, Transition,
};
use jiff::Timestamp;

use super::sql::numbers::Kind;
use super::{SqliteStore, finish, sql};

/// Asks one question on a reading connection.
macro_rules! ask {
    ($store:ident, $($question:ident)::+ ( $($argument:expr),* )) => {{
        let mut reader = $store.reader().await?;
        sql::$($question)::+(&mut reader, $($argument),*).await.map_err(|fault| $store.tell(fault))
    }};
}

/// Makes one change in one transaction on the writing connection.
macro_rules! change {
    ($store:ident, $($deed:ident)::+ ( $($argument:expr),* )) => {{
        let mut writer = $store.writer.lock().await;
        let outcome = match writer.begin().await {
            Err(fault) => Err(fault),
            Ok(mut transaction) => {
                let outcome = sql::$($deed)::+(&mut transaction, $($argument),*).await;
                finish(transaction, outcome).await
            }
        };
        writer.heal(outcome).map_err(|fault| $store.tell(fault))
    }};
}

#[async_trait]
impl Store for SqliteStore {
    fn instance(&self) -> &str {
        &self.instance
    }

    async fn allocate(&self, kind: IdKind, count: u64) -> Result<i64, StoreError> {
        change!(self, numbers::allocate(Kind::Public(kind), count))
    }

    async fn commit(&self, transition: Transition) -> Result<(), StoreError> {
        change!(self, transition::write(&transition))
    }

    async fn reserve(
        &self,
        run: RunId,
        at: Timestamp,
        requests: Vec<ReserveRequest>,
        ceilings: &Ceilings,
    ) -> Result<Vec<Reservation>, StoreError> {
        change!(self, reserve::reserve(run, at, &requests, ceilings))
    }

    async fn run(&self, id: RunId) -> Result<Option<Run>, StoreError> {
        ask!(self, lists::run(id))
    }

    async fn runs(&self) -> Result<Vec<Run>, StoreError> {
        ask!(self, lists::runs())
    }

    async fn file_by_hash(&self, hash: &str) -> Result<Option<ListFile>, StoreError> {
        ask!(self, lists::file_by_hash(hash))
    }

    async fn files(&self) -> Result<Vec<ListFile>, StoreError> {
        ask!(self, lists::files())
    }

    async fn last_line(&self, file: FileId) -> Result<u64, StoreError> {
        ask!(self, lists::last_line(file))
    }

    async fn rows(
        &self,
        run: Option<RunId>,
        state: RowState,
        after: Option<RowId>,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        ask!(self, lists::rows(run, state, after, limit))
    }

    async fn rows_of(&self, record: RecordId) -> Result<Vec<Row>, StoreError> {
        ask!(self, lists::rows_of(record))
    }

    async fn adopt_rows(&self, run: RunId, limit: Option<u64>) -> Result<u64, StoreError> {
        change!(self, lists::adopt_rows(run, limit))
    }

    async fn tally_rows(&self, run: RunId) -> Result<RowTally, StoreError> {
        ask!(self, tallies::rows(run))
    }

    async fn records(&self, ids: &[RecordId]) -> Result<Vec<Record>, StoreError> {
        ask!(self, records::by_number(ids))
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Record>, StoreError> {
        ask!(self, queue::claim(&claim))
    }

    async fn scan(
        &self,
        entity: Entity,
        run: Option<RunId>,
        after: Option<RecordId>,
        limit: u32,
    ) -> Result<Vec<Record>, StoreError> {
        ask!(self, queue::scan(entity, run, after, limit))
    }

    async fn by_portal_ids(&self, entity: Entity, ids: &[String]) -> Result<Vec<Record>, StoreError> {
        ask!(self, handles::by_portal_ids(entity, ids))
    }

    async fn find(&self, who: &str) -> Result<Vec<Record>, StoreError> {
        ask!(self, handles::find(who))
    }

    async fn candidates(
        &self,
        entity: Entity,
        keys: &[String],
        per_key: u32,
    ) -> Result<Vec<(String, RecordId)>, StoreError> {
        ask!(self, keys::candidates(entity, keys, per_key))
    }

    async fn evidence(&self, ids: &[RecordId]) -> Result<Vec<Evidence>, StoreError> {
        ask!(self, evidence::of(ids))
    }

    async fn tally_stages(&self) -> Result<StageTally, StoreError> {
        ask!(self, tallies::stages())
    }

    async fn tally_due(&self, run: RunId) -> Result<BTreeMap<(Entity, Option<Outcome>), u64>, StoreError> {
        ask!(self, tallies::due(run))
    }

    async fn calls(&self, query: CallQuery) -> Result<Vec<Call>, StoreError> {
        ask!(self, calls::find(&query))
    }

    async fn plan(&self, id: PlanId) -> Result<Option<Plan>, StoreError> {
        ask!(self, plans::plan(id))
    }

    async fn latest_plan(&self, run: Option<RunId>) -> Result<Option<Plan>, StoreError> {
        ask!(self, plans::latest(run))
    }

    async fn steps(&self, query: StepQuery) -> Result<Vec<Step>, StoreError> {
        ask!(self, plans::steps(&query))
    }

    async fn reviews(&self, state: Option<ReviewState>) -> Result<Vec<Review>, StoreError> {
        ask!(self, people::reviews(state))
    }

    async fn review(&self, id: ReviewId) -> Result<Option<Review>, StoreError> {
        ask!(self, people::review(id))
    }

    async fn suppressed(&self, keys: &[String]) -> Result<Vec<Suppression>, StoreError> {
        ask!(self, people::suppressed(keys))
    }

    async fn suppressions(&self) -> Result<Vec<Suppression>, StoreError> {
        ask!(self, people::suppressions())
    }

    async fn ledger(&self, query: LedgerQuery) -> Result<Vec<LedgerEntry>, StoreError> {
        ask!(self, ledger::find(&query))
    }

    async fn views(&self, entity: Entity, ids: &[String]) -> Result<Vec<PortalRecord>, StoreError> {
        ask!(self, views::read(entity, ids))
    }

    async fn remembered(&self, key: &str) -> Result<Option<String>, StoreError> {
        ask!(self, memory::recall(key))
    }

    async fn remembered_under(&self, prefix: &str) -> Result<Vec<(String, String)>, StoreError> {
        ask!(self, memory::recall_under(prefix))
    }
}
