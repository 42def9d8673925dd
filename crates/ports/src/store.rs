//! The store: everything Evergreen knows, behind one door with one way to write.
//!
//! Reads are small pages. All writing goes through [`Store::commit`], which takes a whole [`Transition`] and writes it in
//! one transaction, and through [`Store::reserve`], which sets money aside. So "what commits together" is a value that can
//! be looked at, and a second database is a second implementation of about thirty methods.

use std::collections::BTreeMap;

use async_trait::async_trait;
use evergreen_model::call::{Call, CallId, CallState};
use evergreen_model::list::{FileId, ListFile, Row, RowId, RowState};
use evergreen_model::plan::{Plan, PlanId, Step, StepId, StepState};
use evergreen_model::review::{Review, ReviewId, ReviewState};
use evergreen_model::run::{Run, RunId};
use evergreen_model::{
    Answer, Charge, Entity, Evidence, LedgerEntry, Money, NewLedgerEntry, Outcome, PortalRecord, Problem, Question,
    Record, RecordId, Stage, Suppression,
};
use jiff::Timestamp;

/// The store could not do it: disk full, file locked, file damaged, or our own mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError(pub Problem);

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        error.0
    }
}

/// Kinds of numbers the store hands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdKind {
    /// [`FileId`]
    File,
    /// [`RowId`]
    Row,
    /// [`RecordId`]
    Record,
    /// `EvidenceId`
    Evidence,
    /// [`RunId`]
    Run,
    /// [`PlanId`]
    Plan,
    /// [`StepId`]
    Step,
    /// [`ReviewId`]
    Review,
}

/// Everything that commits together. Ids come from [`Store::allocate`]; existing ids are replaced, new ones inserted.
#[derive(Clone, Debug, Default)]
pub struct Transition {
    /// Runs, inserted or replaced.
    pub runs: Vec<Run>,
    /// Files, inserted or replaced.
    pub files: Vec<ListFile>,
    /// Rows, inserted or replaced.
    pub rows: Vec<Row>,
    /// Records, inserted or replaced.
    pub records: Vec<Record>,
    /// Evidence, inserted only.
    pub evidence: Vec<Evidence>,
    /// Evidence that now belongs to another record: every piece of the first moves to the second (a merge).
    pub moved: Vec<(RecordId, RecordId)>,
    /// Match keys per record: replace all keys of that record.
    pub keys: Vec<(RecordId, Entity, Vec<String>)>,
    /// Answers to reserved questions.
    pub settlements: Vec<Settlement>,
    /// Plans, inserted or replaced.
    pub plans: Vec<Plan>,
    /// Steps, inserted or replaced.
    pub steps: Vec<Step>,
    /// Drops every step of these plans first (a draft that is made anew after a crash).
    pub drop_steps_of: Vec<PlanId>,
    /// Review items, inserted or replaced.
    pub reviews: Vec<Review>,
    /// Suppressions, inserted or replaced by key.
    pub suppressions: Vec<Suppression>,
    /// Suppression keys to take off the list.
    pub unsuppress: Vec<String>,
    /// Small things to remember: mappings, portal facts, cached DNS. Key to value.
    pub remember: Vec<(String, String)>,
    /// Drops all portal views first: other properties are watched from now on, of which they tell nothing.
    pub forget_views: bool,
    /// Portal records as just read with their history, inserted or replaced by object and id.
    pub views: Vec<PortalRecord>,
    /// Lines for the ledger, in order.
    pub ledger: Vec<NewLedgerEntry>,
}

/// The answer to a reserved question, to be written with everything that follows from it.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The call.
    pub call: CallId,
    /// Settled, released or uncertain.
    pub state: CallState,
    /// The answer, unless released.
    pub answer: Option<Answer>,
    /// When.
    pub at: Timestamp,
}

/// Which records to take from a queue.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The queue.
    pub stage: Stage,
    /// Only this entity.
    pub entity: Option<Entity>,
    /// Only records of this run.
    pub run: Option<RunId>,
    /// Only records due by then.
    pub due_by: Timestamp,
    /// Only ids above this; for paging without a change of stage.
    pub after: Option<RecordId>,
    /// Most records to return, in order of id.
    pub limit: u32,
}

/// One question for which money is to be set aside.
#[derive(Clone, Debug)]
pub struct ReserveRequest {
    /// The record it is asked for.
    pub record: RecordId,
    /// The question.
    pub question: Question,
    /// The most it can cost.
    pub at_most: Charge,
    /// An answer younger than this is used instead of asking.
    pub fresh_since: Timestamp,
}

/// The most that may be spent; `None` is no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ceilings {
    /// Money in this run.
    pub run: Option<Money>,
    /// Money for one record in this run.
    pub record: Option<Money>,
    /// Money per provider in this run.
    pub provider: BTreeMap<String, Money>,
    /// Money in the calendar month (UTC) of the reservation.
    pub month: Option<Money>,
}

/// What became of a reservation.
#[derive(Clone, Debug, PartialEq)]
pub enum Reservation {
    /// Money is set aside: ask, then settle.
    Reserved(CallId),
    /// Somebody asked before and the answer is still good.
    Answered {
        /// That call.
        call: CallId,
        /// Its answer.
        answer: Answer,
    },
    /// The same question is reserved by a call that has not been settled (an earlier item of this request, or before a crash).
    InFlight(CallId),
    /// A ceiling would be broken; names it: `run`, `record`, `provider hunter`, `month`.
    OverBudget(String),
}

/// Which calls to read.
#[derive(Clone, Debug, Default)]
pub struct CallQuery {
    /// Of this run.
    pub run: Option<RunId>,
    /// For this record.
    pub record: Option<RecordId>,
    /// In this state.
    pub state: Option<CallState>,
    /// Only ids above this.
    pub after: Option<CallId>,
    /// Most calls to return, in order of id; 0 means 10,000.
    pub limit: u32,
}

/// Which steps to read.
#[derive(Clone, Debug)]
pub struct StepQuery {
    /// Of this plan.
    pub plan: PlanId,
    /// In one of these states; empty means all.
    pub states: Vec<StepState>,
    /// Only this entity.
    pub entity: Option<Entity>,
    /// Only this action word (`create`, `update`, `associate`, `enroll`, `nothing`).
    pub action: Option<String>,
    /// For this record.
    pub record: Option<RecordId>,
    /// Only ids above this.
    pub after: Option<StepId>,
    /// Most steps to return, in order of id.
    pub limit: u32,
}

/// Which ledger lines to read.
#[derive(Clone, Debug, Default)]
pub struct LedgerQuery {
    /// About this record.
    pub record: Option<RecordId>,
    /// In this run.
    pub run: Option<RunId>,
    /// Only numbers above this.
    pub after: i64,
    /// Most lines to return, in order; 0 means 10,000.
    pub limit: u32,
}

/// How many rows ended where: row state and, for resolved rows, the outcome of their record.
pub type RowTally = BTreeMap<(RowState, Option<Outcome>), u64>;

/// How many records stand in each stage.
pub type StageTally = BTreeMap<(Entity, Stage), u64>;

/// Everything Evergreen knows.
#[async_trait]
pub trait Store: Send + Sync {
    /// This store's own random name, drawn when it was made; part of every `evergreen_id`.
    fn instance(&self) -> &str;

    /// Hands out `count` consecutive numbers and returns the first. Numbers are never handed out twice, gaps are fine.
    async fn allocate(&self, kind: IdKind, count: u64) -> Result<i64, StoreError>;

    /// Writes everything in one transaction, or nothing.
    async fn commit(&self, transition: Transition) -> Result<(), StoreError>;

    /// Sets money aside for questions, in order, in one transaction; one reservation per request. Writes a ledger line each.
    async fn reserve(
        &self,
        run: RunId,
        at: Timestamp,
        requests: Vec<ReserveRequest>,
        ceilings: &Ceilings,
    ) -> Result<Vec<Reservation>, StoreError>;

    // Runs.

    /// The run of that number.
    async fn run(&self, id: RunId) -> Result<Option<Run>, StoreError>;
    /// All runs, newest first.
    async fn runs(&self) -> Result<Vec<Run>, StoreError>;

    // Lists.

    /// The file with these bytes, if it was imported.
    async fn file_by_hash(&self, hash: &str) -> Result<Option<ListFile>, StoreError>;
    /// All files, newest first.
    async fn files(&self) -> Result<Vec<ListFile>, StoreError>;
    /// The highest line staged of a file; 0 for none. A crashed import goes on after it.
    async fn last_line(&self, file: FileId) -> Result<u64, StoreError>;
    /// Rows in a state, of a run (or of none, `None`, for rows not yet taken in), above an id, in order of id.
    async fn rows(
        &self,
        run: Option<RunId>,
        state: RowState,
        after: Option<RowId>,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError>;
    /// Rows that were found to be about a record.
    async fn rows_of(&self, record: RecordId) -> Result<Vec<Row>, StoreError>;
    /// Gives the first `limit` rows (in order of id) that no run has taken in to the run; returns how many. All states.
    async fn adopt_rows(&self, run: RunId, limit: Option<u64>) -> Result<u64, StoreError>;
    /// Counts the rows of a run.
    async fn tally_rows(&self, run: RunId) -> Result<RowTally, StoreError>;

    // Records.

    /// Records by number; unknown numbers are left out, order as asked.
    async fn records(&self, ids: &[RecordId]) -> Result<Vec<Record>, StoreError>;
    /// Records of a queue.
    async fn claim(&self, claim: Claim) -> Result<Vec<Record>, StoreError>;
    /// Records of an entity in order of id above `after`, whatever their stage; of one run if given.
    async fn scan(
        &self,
        entity: Entity,
        run: Option<RunId>,
        after: Option<RecordId>,
        limit: u32,
    ) -> Result<Vec<Record>, StoreError>;
    /// Records with one of these HubSpot ids.
    async fn by_portal_ids(&self, entity: Entity, ids: &[String]) -> Result<Vec<Record>, StoreError>;
    /// Records that a person may mean: number, evergreen id, HubSpot id, email, LinkedIn URL, domain, or part of a name. At most 20.
    async fn find(&self, who: &str) -> Result<Vec<Record>, StoreError>;
    /// Records that have one of these match keys, with the key; at most `per_key` per key.
    async fn candidates(
        &self,
        entity: Entity,
        keys: &[String],
        per_key: u32,
    ) -> Result<Vec<(String, RecordId)>, StoreError>;
    /// All evidence of these records, in order of record and id.
    async fn evidence(&self, ids: &[RecordId]) -> Result<Vec<Evidence>, StoreError>;
    /// How many records stand where.
    async fn tally_stages(&self) -> Result<StageTally, StoreError>;
    /// Records of a run that no row of that run is about (taken in because they were due): outcome to count, per entity.
    async fn tally_due(&self, run: RunId) -> Result<BTreeMap<(Entity, Option<Outcome>), u64>, StoreError>;

    // Money.

    /// Calls, in order of id.
    async fn calls(&self, query: CallQuery) -> Result<Vec<Call>, StoreError>;

    // Plans.

    /// The plan of that number.
    async fn plan(&self, id: PlanId) -> Result<Option<Plan>, StoreError>;
    /// The newest plan, of a run if given.
    async fn latest_plan(&self, run: Option<RunId>) -> Result<Option<Plan>, StoreError>;
    /// Steps of a plan, in order of id.
    async fn steps(&self, query: StepQuery) -> Result<Vec<Step>, StoreError>;

    // People.

    /// Review items in a state, oldest first.
    async fn reviews(&self, state: Option<ReviewState>) -> Result<Vec<Review>, StoreError>;
    /// The review item of that number.
    async fn review(&self, id: ReviewId) -> Result<Option<Review>, StoreError>;
    /// Which of these keys are suppressed.
    async fn suppressed(&self, keys: &[String]) -> Result<Vec<Suppression>, StoreError>;
    /// The whole suppression list.
    async fn suppressions(&self) -> Result<Vec<Suppression>, StoreError>;

    // Ledger and memory.

    /// Ledger lines, in order.
    async fn ledger(&self, query: LedgerQuery) -> Result<Vec<LedgerEntry>, StoreError>;
    /// The portal's records as they were last read with their history, by HubSpot id; unknown ids are left out.
    async fn views(&self, entity: Entity, ids: &[String]) -> Result<Vec<PortalRecord>, StoreError>;
    /// Something remembered.
    async fn remembered(&self, key: &str) -> Result<Option<String>, StoreError>;
    /// Everything remembered under a prefix.
    async fn remembered_under(&self, prefix: &str) -> Result<Vec<(String, String)>, StoreError>;
}
