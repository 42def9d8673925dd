//! The words of the product as types: records, evidence, verdicts, outcomes, money, plans.
//!
//! Nothing here reads a clock, draws a random number, opens a file or knows a vendor.

pub mod call;
pub mod country;
pub mod evidence;
pub mod field;
pub mod ledger;
pub mod list;
pub mod mailbox;
pub mod money;
pub mod plan;
pub mod portal;
pub mod problem;
pub mod record;
pub mod report;
pub mod review;
pub mod run;
pub mod suppression;
pub mod verdict;

pub use call::{Answer, AnswerOutcome, CallId, Charge, OperationCard, ProviderCard, Question};
pub use evidence::{Evidence, EvidenceId, Fields, Golden, GoldenValue, Source};
pub use ledger::{LedgerEntry, LedgerKind, NewLedgerEntry};
pub use list::{FileId, ListFile, Row, RowId, RowState};
pub use money::{Credits, Money};
pub use plan::{Action, Change, Kept, Plan, PlanId, PlanState, Protection, Step, StepId, StepState};
pub use portal::{Account, DailyUsage, HistoryEntry, Owner, PortalProperty, PortalRecord};
pub use problem::{Problem, Remedy};
pub use record::{Entity, Fit, Origin, Outcome, OwnerChoice, Reason, Record, RecordId, Stage};
pub use report::RunReport;
pub use review::{Review, ReviewAnswer, ReviewId, ReviewKind, ReviewState};
pub use run::{Purpose, Run, RunId, RunState};
pub use suppression::{Suppression, SuppressionReason};
pub use verdict::{DomainFacts, EmailVerdict, Gate, MailHost, PhoneVerdict, Truth, Verdicts};
