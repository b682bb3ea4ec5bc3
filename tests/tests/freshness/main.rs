//! The laws **Time**, and all else that a context may be told about time and room: on a clock
//! that moves by hand. Nothing here sleeps.
//!
//! What was broken on purpose, and the tests that then failed:
//!
//! | broken | seen by |
//! |---|---|
//! | expiry counts from the start of a run | `law_ttl_from_completion` and others |
//! | it is not noted who renews; a renewal is not finished, is a run's, is not begun | `stale::law_once_without_an_executor_…`; most of `stale` |
//! | what is too stale is served, to who asks, to who looks, after a cancel; is counted as a hit | `stale::…too_old…`, `…too_stale…`, `law_cancelled_…`, `…where_a_run_failed` |
//! | a limit is no failure; there is no pause after one, or one of a second | `…takes_too_long`; `…where_a_run_failed` |
//! | an error takes the place of a value; is kept out by what is over, by an error | `refresh::an_error_never_…` |
//! | what the impatient wait for is not finished, or only if they leave last | `stale::patience::…_and_the_run_goes_on`, `…by_a_task…` |
//! | the impatient are served what is over, forgotten, an error; a refresh, what it is to replace | `stale::patience::…` |
//! | the soft bound is a hard one; a hard one serves nothing | `…waits_on_or_for_nothing`; `…is_served_what_is_stale_…` |
//! | who asks is not told that he ran, joined, of the age, of what is stale, of the failure | `detail::…` |
//! | who tries again does not vary | `jitter_also_of_who_tries_again` |
//! | errors are served when they are stale | `errors_get_no_older_than_they_may` |
//! | values are renewed at the TTL only; it does not vary | `refreshed_ahead_…`; `jitter_…` |
//! | `>` for `>=` | `law_ttl_from_completion`, `law_clock_is_injected_a_hit_…`, the laws of retention |
//! | what lies too far off wraps, or is cut | `law_clock_is_injected_zero_is_no_ttl_…` |
//! | zero is a TTL | `law_clock_is_injected_zero_is_no_ttl_…`, `law_errors_are_outcomes_with_a_ttl_…` |
//! | a hit, a peek, is not checked | `law_ttl_from_completion…`; `…_for_what_is_inserted`, `law_lazy_a_peek_…` |
//! | the clock is read twice; where nothing ages; before the lookup | `law_clock_is_injected_a_hit_…` |
//! | the clock, a counter, is read under a lock | `law_foreign_code_outside_locks_…`, each by hanging |
//! | the timer's clock goes before the clock, is not asked | `law_clock_is_injected_and_goes_before…`, `…_with_the_timer` |
//! | a clock that panics is not caught, or makes what it was asked about fresh | `law_clock_is_injected_one_that_panics_…` |
//! | an outcome is there before it is noted how long it lasts | `law_ttl_from_completion_is_noted_…` |
//! | what is over is taken out by key | `law_once_what_is_over_does_not_take_…` |
//! | what is over is counted as a hit, is not counted | `law_once_what_is_over_…`; `law_bounded_cleanup_…` |
//! | a peek takes out, and counts | `law_lazy_a_peek_…` |
//! | a late reading of a counter is a wrap; a wrap is none | `a_counter_that_wraps_goes_on` in the core; `law_ttl_from_completion_across_a_wrap…` |
//! | the coarse clock stands still; is ahead | `the_coarse_clock_moves_on_…` |
//! | an outcome does not sweep | `law_bounded_cleanup_keeps_up_with_traffic`, `…_of_a_million` |
//! | who finds something over does not sweep | `law_bounded_cleanup_needs_no_outcome` |
//! | nothing is ever due | `law_foreign_code_outside_locks_drops_of_what_is_over`, the wheel's own tests |
//! | all is swept at once; one entry at a time; nothing | `law_bounded_cleanup_…` |
//! | the wheel loses what it moves to finer buckets | `law_bounded_cleanup_…`, the wheel's own tests |
//! | memory is not given back: by a sweep; by `clear`; of each part | `law_bounded_cleanup_of_a_million`; `law_nothing_leaks_no_memory_of_what_was_cleared` |
//! | what moves together is lost: in the table, the wheel, the queues | `law_nothing_leaks_past_the_capacity_when_the_rest_has_moved` |
//! | values are dropped under the lock, whoever removes them | `law_foreign_code_outside_locks_drops_of_what_is_over`, by hanging |
//! | runs in flight are evicted | `law_once_runs_in_flight_are_never_evicted` |
//! | weight is ignored; is asked where there is no capacity | `law_nothing_leaks_past_the_capacity_by_weight`; `law_panics_are_outcomes_what_cannot_be_weighed_…` |
//! | only one entry makes room | `law_nothing_leaks_past_the_capacity_several_…` |
//! | a hit is not noted as a use | `a_scan_does_not_drive_out_what_is_in_use` |
//! | a context that begins to forget loses what it had, what is in flight | `a_context_that_begins_to_forget_…`; `a_task_decides_where_its_context_…` |
//! | a task's rule, `forget_errors`, `retention`, `error_ttl`, `ttl` in another order | `a_task_decides_…`, `what_is_never_remembered_goes_before_…`, `law_errors_are_outcomes_…` |
//! | panics are kept as values | `law_errors_are_outcomes_with_a_ttl_of_their_own` |
//! | a rule that panics keeps | `law_panics_are_outcomes_also_where_…` |
//! | a rule keeps what is never kept | `law_cancellation_is_not_an_outcome_whatever_…` |
//! | for no time at all is remembered | `law_ttl_from_completion_zero_is_not_remembered` |
//! | `insert` asks no rule; leaves what it does not keep | `a_task_decides_what_becomes_of_what_is_inserted`; `what_is_inserted_and_not_kept_…` |
//! | `insert` goes on after `cancel` | `law_cancelled_serves_nothing_that_is_inserted_later` |
//! | a refresh is served from memory; replaces at once; never | `what_was_remembered_is_served_until_…` |
//! | a refresh does not join; hits join it | `law_once_refreshes_share_…`; `what_was_remembered_is_served_…` |
//! | a refresh that is not remembered replaces; a panic does not | `an_error_takes_the_place_…` |
//! | a refresh outlives `invalidate`, `clear`, `insert` | `law_invalidate_in_flight_with_a_refresh` |
//! | a forgotten refresh is not found by `cancel`; a refresh not by the deadline | `law_cancelled_serves_nothing_to_a_refresh_…`; `a_context_past_its_deadline_…` |
//! | a refresh goes with the old: found over, swept, evicted | `law_once_a_refresh_is_the_run_when_…` |
//! | a dropped refresh takes the old with it | `law_last_caller_out_of_a_refresh_…` |
//! | a limit tells nobody; leaves the entry; is remembered | `a_run_that_takes_too_long_…` |
//! | a limit counts from each poll | `law_a_run_has_no_callers_deadline_and_a_limit_…` |
//! | a limit goes before an outcome that is there | `an_outcome_goes_before_a_limit` |
//! | a run that took too long is dropped after its place is free | `law_last_caller_out_a_run_that_took_too_long_…` |
//! | a context's limit goes before its task's; nobody asks for a timer | `a_task_has_a_limit_before_…`; `a_limit_that_nobody_can_keep_…` |
//! | runs are counted as something else, or not at all | `an_error_takes_the_place_…`, `a_run_that_takes_too_long_…` |
//!
//! Not seen here: the least time until something is due, when it is not lowered by an insertion
//! (each is followed by a sweep, which finds it); memory that is tidied too often.
//! | an error that panics when it is looked into is settled; no end is noted of it | `law_panics_are_outcomes_of_errors_that_panic_…`, `…_of_a_refresh_whose_error_panics` |
//! | what is swept is dropped while a comparison panics under the lock | `law_foreign_code_outside_locks_drops_while_…`, by hanging |
//! | a renewal is the executor's after its input's destructor; what was noted is dropped unguarded | `law_no_futurelock_of_a_renewal_…`; `law_panics_are_outcomes_and_what_was_noted_…` |
//! | whose input is the entry's finds nothing that was inserted | `…_served_what_was_inserted_meanwhile` |
//! | a panic drops what it drives out before it is an outcome | `law_panics_are_outcomes_before_what_they_drive_out_…` |
//! | a run that took too long is remembered if its destructor panics | `law_panics_are_outcomes_and_a_limit_is_not_remembered` |
#![allow(missing_docs, clippy::unwrap_used)]

mod capacity;
mod cleanup;
mod clocks;
#[path = "../deep/counting.rs"]
#[allow(dead_code)]
mod counting;
mod detail;
mod ending;
mod hostile;
mod limits;
mod refresh;
mod retention;
mod shipped;
mod simulation;
mod stale;
mod stress;
mod ttl;
mod upstream;
