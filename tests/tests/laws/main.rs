//! The laws **Once**, **Liveness**, **Outcomes** and **Memory**, one test each or more.
//! Wakers, gates and the executor are driven by hand: nothing here sleeps or measures
//! time. Cases with several threads are bounded in number and cannot fail by luck.
//!
//! | laws | modules |
//! |---|---|
//! | Once | `once`, `last_caller`, `identity` |
//! | Liveness | `futurelock`, `wakeups`, `cycles`, `graphs`, `guests`, `environment`, `foreign` |
//! | Outcomes | `outcomes`, `transient` |
//! | Memory | `memory` |
//! | what others got wrong | `traps`, `traps_driving` |
//!
//! `editing` holds `invalidate_in_flight`, `deep` `stack_safe`, `loom` those that are a
//! matter of the order in which locks are taken.
//!
//! What was broken on purpose, and the tests that then failed (here, in `editing` and in
//! `deep`):
//!
//! | broken | seen by |
//! |---|---|
//! | tasks are not told apart | `law_identity_tasks_of_one_name_…` |
//! | inputs are not compared; are compared by address | `law_identity_inputs_are_compared…`; `law_identity_what_the_input_calls_equal…` |
//! | a hit calls the task function; an unpolled call, or group, is counted | `law_lazy_…` |
//! | an outcome is not kept | `law_once_a_later_caller_gets_the_outcome`, `law_errors_are_outcomes` |
//! | a wake during a poll is not noted | `law_last_caller_out_revived_during_a_poll`, `law_no_lost_wakeup_in_own_poll_…` and others |
//! | release keeps a run that nobody wants | `law_last_caller_out_dropped_by_who_polls_it` |
//! | a run is dropped when one caller is left | `law_once_survives_its_caller`, `law_a_run_has_no_callers_deadline…`, `trap_300_dropped_leaders_of_one_run` |
//! | who waits for a run that is dropped gets an error | `law_last_caller_out_newcomer_…`, `trap_300_dropped_leaders_each_with_a_run` |
//! | the last caller's run stays | `trap_run_holding_its_context`, `law_nothing_leaks_when_callers_are_dropped`, `…_after_10_000_…` |
//! | a finished run keeps its keeper | `law_last_caller_out_finishing_keeps_the_context_alive` |
//! | a job that is lost keeps its runs | `law_last_caller_out_not_finished_…`, `trap_lock_held_across_spawn` |
//! | links are not made; not armed, or not again | `law_no_futurelock_across_sets…`, `law_no_futurelock_combinators_across_sets`; `law_no_lost_wakeup_links_are_armed_again` |
//! | an outcome wakes nobody who waits for it | `law_no_futurelock_combinators_…` |
//! | a group's members are not apart | `law_once_parallel_group_on_the_executor` |
//! | a waker is kept, though it changed | `law_no_lost_wakeup_waker_changes…` |
//! | a waker's panic, a destructor's, is not caught | `law_no_lost_wakeup_waker_that_panics…`; `law_panics_are_outcomes_of_a_value_…` |
//! | the last handle does not cancel | `law_nothing_leaks_when_callers_are_forgotten` |
//! | only one caller is told | `trap_shared_polling_clone_dropped`, `law_no_lost_wakeup_told_and_dropped_…` |
//! | a drainer that stops does not tell itself | `law_no_futurelock_across_sets…`, `trap_shared_polling_clone_dropped_with_work_left` |
//! | a clone's panic is not caught; leaves the entry | `law_panics_are_outcomes_of_a_clone_of_the_input` |
//! | a panic wakes nobody | `law_panics_are_outcomes_for_all_who_wait`, `trap_shared_panic_…` |
//! | a panic frees its place in the table | `law_panics_are_outcomes_at_once`, `…_for_all_who_wait` |
//! | a job that is lost tells nobody | `law_no_lost_wakeup_executor_drops_its_job_…` |
//! | callers are told beside a job | `law_once_with_an_executor_only_the_outcome_wakes_callers` |
//! | a run at rest is queued | `law_once_a_wake_is_one_poll_and_…` |
//! | a run that woke itself is polled again at once | `trap_cooperative_budget_…` |
//! | circles are not looked for | `law_no_deadlock_…`, some by hanging |
//! | a search takes what it has seen for a circle | `law_no_deadlock_lattice_…`, `law_no_deadlock_blames_no_random_graph_…` |
//! | a clone of a task's handle knows its run | `law_no_deadlock_blames_no_handle_that_left_its_task` |
//! | a blocked thread polls nothing | `law_no_deadlock_block_on_inside_a_task` hangs |
//! | `enter` is left out of a poll; of a drop | `law_no_callers_context_polled_…`; `…_dropped_…` |
//! | a lock is held: over `Hash`, clones, drops, labels, bodies, wakers, `spawn`, `enter` | `law_foreign_code_outside_locks_…`, each by hanging |
//! | a lock is held over `spawn`; over a first poll | `trap_lock_held_across_spawn`; `trap_striped_locks` hang |
//! | a lock stays poisoned | `…_eq_that_panics_poisons_nothing` |
//! | a circle, a cancellation, one that is wrapped is kept | `law_cancellation_is_not_an_outcome_…`, each by its own |
//! | a dropped run is written to its entry | `law_cancellation_is_not_an_outcome_of_failed_siblings` |
//! | `cancel` neither empties nor closes the table for hits | `law_cancelled_serves_nothing_that_was_remembered` |
//! | `release` does not look whether it was cancelled | `law_cancelled_serves_nothing_during_its_own_poll` |
//! | removal by key | `trap_removal_by_identity`, `law_invalidate_in_flight_old_run_…` |
//! | `invalidate`, `clear` leave the entry | `law_invalidate_in_flight…`, `trap_old_result_…` |
//! | what is forgotten in flight is not found by `cancel` | `law_invalidate_in_flight…_is_found_by_cancel` |
//! | a run's caller keeps its books | `trap_result_published_and_bookkeeping_dropped` |
//! | the end of a run leaves its entry in the flight | `law_nothing_leaks_a_waker_keeps_no_outcome`, `law_invalidate_in_flight` |
//! | a job never ends | `law_nothing_leaks_into_an_executor_…`, `law_once_parallel_group_…` |
//! | flights are forgotten | `law_nothing_leaks_no_bytes_…` in `deep` |
//! | a call stores its task's future | `trap_future_sizes_…` |
//! | detached handles are driven on top of their run | `law_stack_safe_through_detached_handles` |
//! | no limit to nesting | `law_stack_safe_ready_at_once` |
//!
//! Not seen yet: a link that goes back to the wrong queue; a search that visits again;
//! orphans that are not left to their parent's burial (with `std` the thread's burial
//! takes them all the same).
#![allow(missing_docs, clippy::unwrap_used)]

mod cycles;
mod environment;
mod foreign;
mod futurelock;
mod graphs;
mod guests;
mod hooks;
mod identity;
mod last_caller;
mod memory;
mod once;
mod outcomes;
mod transient;
mod traps;
mod traps_driving;
mod wakeups;
