//! The laws **Once**, **Liveness**, **Outcomes** and **Memory**, one test each or more.
//! Wakers, gates and the executor are driven by hand: nothing here sleeps or measures
//! time. Cases with several threads are bounded in number and cannot fail by luck.
//!
//! | laws | modules |
//! |---|---|
//! | Once | `once`, `last_caller`, `identity` |
//! | Liveness | `futurelock`, `wakeups`, `cycles`, `graphs`, `environment`, `foreign` |
//! | Outcomes | `outcomes`, `transient` |
//! | Memory | `memory` |
//! | what others got wrong | `traps`, `traps_driving` |
//!
//! `editing` holds `invalidate_in_flight`, `deep` `stack_safe`, `loom` those that are a
//! matter of the order in which locks are taken.
//!
//! What was broken on purpose, and the tests that then failed (here, in `editing` and in
//! the core's own):
//!
//! | broken | seen by |
//! |---|---|
//! | a wake during a poll is not noted | `law_last_caller_out_revived_during_a_poll` and others, some by hanging |
//! | release keeps a run that nobody wants | `law_last_caller_out_revived_during_a_poll`, `law_once_every_sequence_of_events` |
//! | a link is not armed again | `law_no_lost_wakeup_links_are_armed_again` |
//! | a job that is lost tells nobody | `law_no_lost_wakeup_executor_drops_its_job` |
//! | a drainer that stops does not tell itself | `law_no_futurelock_across_sets` and others |
//! | a cancellation is remembered | `law_errors_are_outcomes_and_cycles_are_not` |
//! | a panic frees its place in the table | `law_panics_are_outcomes` |
//! | circles are not looked for | `law_errors_are_outcomes_and_cycles_are_not` |
//! | a finished run keeps its keeper | `law_last_caller_out_finishing_keeps_the_context_alive` |
//! | the end of a run leaves its entry in the flight | `law_invalidate_in_flight` and others |
//! | `enter` is left out | `law_no_callers_context_every_poll_and_drop_is_entered` |
//! | detached handles are driven on top of their run | `law_stack_safe_through_detached_handles` |
//! | no limit to nesting | `law_stack_safe_ready_at_once` |
//! | a blocked thread polls nothing; guests are not told | `law_no_deadlock_block_on_inside_a_task` hangs |
//! | removal by key | `law_invalidate_in_flight_old_run_does_not_remove_the_new` |
//! | a cleared run is not found by `cancel` | `law_invalidate_in_flight_is_found_by_cancel` |
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
