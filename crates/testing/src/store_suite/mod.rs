//! What every store must do: one fact per test, run against each database by [`crate::store_suite!`].
//!
//! A store's own tests call the macro with a function that makes an empty store:
//!
//! ```text
//! async fn empty() -> Subject { … }
//! evergreen_testing::store_suite!(empty);
//! ```

pub mod evidence;
pub mod ledger;
pub mod lists;
pub mod matching;
pub mod memory;
pub mod money;
pub mod people;
pub mod plans;
pub mod queue;
pub mod spending;
pub mod transitions;

use std::any::Any;
use std::sync::Arc;

use evergreen_ports::{Store, StoreError, Transition};

/// A store to be tested, and what must live as long as it: a temporary folder, a database server.
pub struct Subject {
    /// The store; empty.
    pub store: Arc<dyn Store>,
    /// Kept until the test is over.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// Makes one test per fact, each with a store of its own from `$make`, an `async fn() -> Subject` of the calling module.
#[macro_export]
macro_rules! store_suite {
    ($make:ident) => {
        $crate::store_suite! { $make =>
            transitions::{
                numbers_are_never_handed_out_twice,
                an_empty_transition_is_fine,
                what_is_written_is_read_back,
                a_second_version_replaces_the_first,
                the_last_of_two_versions_in_one_transition_wins,
                a_transition_with_one_bad_part_writes_nothing,
                two_records_cannot_share_an_evergreen_id,
                a_store_has_a_name_of_eight_letters,
            },
            lists::{
                a_file_is_found_by_its_bytes,
                an_import_goes_on_after_the_last_line_staged,
                rows_come_in_pages_in_order,
                a_run_takes_in_the_first_rows,
                a_run_takes_in_all_rows_of_every_state,
                rows_are_counted_with_the_outcome_of_their_record,
                records_that_were_due_are_counted_apart,
                rows_of_a_record_are_found,
            },
            queue::{
                records_come_in_the_order_asked,
                a_claim_takes_what_is_due_in_its_stage,
                a_claim_can_be_narrowed,
                a_claim_goes_on_after_a_number,
                a_record_leaves_the_queue_with_its_stage,
                a_scan_sees_every_stage,
                stages_are_counted,
            },
            matching::{
                a_record_is_found_under_each_of_its_keys,
                new_keys_replace_the_old_ones,
                a_common_key_gives_only_so_many,
                thousands_of_keys_are_one_question,
                records_are_found_by_portal_id,
                a_person_finds_a_record_by_any_of_its_names,
                a_part_of_a_name_finds_at_most_twenty,
                a_record_is_found_under_its_new_name_only,
            },
            evidence::{
                evidence_comes_in_order_of_record_and_number,
                evidence_moves_with_a_merge,
                evidence_is_never_replaced,
            },
            money::{
                a_question_is_reserved_once,
                a_repeated_question_in_one_request_waits_for_the_first,
                a_fresh_final_answer_is_used_again,
                an_old_or_passing_answer_is_asked_again,
                a_released_question_can_be_asked_again,
                a_lost_answer_keeps_its_question_and_its_money,
                each_ceiling_is_named_when_it_would_break,
                earlier_items_count_for_later_ones,
                a_free_question_breaks_no_ceiling,
                the_real_charge_counts_once_settled,
                a_month_begins_anew,
                a_call_is_settled_only_once,
                settlement_and_answer_commit_together,
                reserving_and_settling_are_told_in_the_ledger,
                calls_are_found_by_run_record_and_state,
            },
            spending::{
                no_order_of_events_breaks_a_ceiling_or_asks_twice,
                workers_side_by_side_break_no_ceiling_and_ask_nothing_twice,
            },
            plans::{
                the_newest_plan_is_found,
                steps_are_found_by_what_they_are,
                steps_of_a_draft_can_be_dropped,
            },
            people::{
                open_reviews_come_oldest_first,
                suppressions_are_put_on_and_taken_off,
            },
            ledger::{
                lines_are_numbered_without_gaps_and_chained,
                lines_are_found_by_record_and_run,
                writers_side_by_side_leave_one_chain,
            },
            memory::{
                what_is_remembered_is_recalled,
                memory_is_recalled_by_prefix,
                a_portal_view_is_kept_per_object_and_replaced_by_a_newer_one,
            },
        }
    };
    ($make:ident => $( $part:ident :: { $( $fact:ident ),* $(,)? } ),* $(,)?) => {
        $(
            mod $part {
                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $fact() {
                        let subject = super::$make().await;
                        $crate::store_suite::$part::$fact(subject.store.clone()).await;
                    }
                )*
            }
        )*
    };
}

/// Commits what must go well.
pub(crate) async fn commit(store: &dyn Store, transition: Transition) {
    let done = store.commit(transition).await;
    assert!(done.is_ok(), "commit failed: {:?}", done.err());
}

/// The value of what must go well.
pub(crate) fn ok<T>(outcome: Result<T, StoreError>) -> T {
    match outcome {
        Ok(value) => value,
        Err(error) => panic!("the store failed: {}", error.0),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_fact_is_in_the_macro() {
        let list = include_str!("mod.rs");
        let parts = [
            include_str!("evidence.rs"),
            include_str!("ledger.rs"),
            include_str!("lists.rs"),
            include_str!("matching.rs"),
            include_str!("memory.rs"),
            include_str!("money.rs"),
            include_str!("people.rs"),
            include_str!("plans.rs"),
            include_str!("queue.rs"),
            include_str!("spending.rs"),
            include_str!("transitions.rs"),
        ];
        for part in parts {
            for line in part.lines().filter_map(|line| line.strip_prefix("pub async fn ")) {
                let name = line.split('(').next().unwrap_or_default();
                assert!(list.contains(&format!("{name},")), "{name} is missing in store_suite!");
            }
        }
    }
}
