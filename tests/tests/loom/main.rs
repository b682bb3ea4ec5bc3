//! The whole engine under loom: every order in which at most three threads take its
//! locks, with at most three preemptions. A hang is a deadlock that loom reports.
//!
//! ```text
//! RUSTFLAGS="--cfg runce_loom" cargo test --release -p runce-tests --test loom
//! ```
//!
//! Not modelled: the counts of `Arc`, which are std's, and the values of once-cells.
//! The number of runs is counted with std's atomics, since it orders nothing; who is in
//! being is counted with loom's, so that loom explores how two runs could overlap.
//!
//! Each of these lines was broken, and the model failed (a hang ends the test process):
//!
//! | model | line broken |
//! |---|---|
//! | `model_once` | `Table::insert` does not look again |
//! | `model_no_lost_wakeup` | `State::wake` leaves `Polling` as it is |
//! | `model_no_lost_wakeup` | `ready::Inner::stop` does not tell the caller itself |
//! | `model_no_deadlock` | search and join are two critical sections of the graph lock |
//! | `model_cancel_while_created` | `Table::insert` does not look for `closed` |
//! | `model_cancel_while_created` | `State::release` does not look for `killed` |
//! | `model_invalidate_while_dropped` | `Table::remove` goes by hash, not by identity |
//! | `model_job_is_dropped` | `ReadySet::job_lost` does not tell the callers |
//! | `model_job_is_refused` | `ready::Inner::arm` does not list the caller |
//! | `model_once` | `Books::look` asks twice whether a run has an outcome |
//! | `model_once_when_two_find_it_over` | `Books::expire` counts what it does not find |
//! | `model_once_the_newer_stays` | `Books::expire` goes by hash, not by identity |
//! | `model_insert_while_found_over` | the same |
//! | `model_invalidate_in_flight_with_ttl` | `Books::settle` remembers what was detached |
//! | `model_insert_in_flight_with_ttl` | the same |
//! | `model_once_refreshed_while_found_over` | `Managed::retire` drops the refresh with the old |
//! | `model_last_caller_out_of_a_refresh` | `Books::look` does not see the run beside the old |
//! | `model_last_caller_out_of_a_refresh` | `Books::remove` takes the old with its refresh |
//! | `model_once_evicted_while_hit_and_refreshed` | the victim is removed with its refresh |
//! | `model_limit_while_joined` | `Ticket::time_out` publishes before it removes |
//! | `model_limit_while_one_leaves` | the limit's sleep is not polled with the run's waker |
//! | `model_limit_while_the_last_leaves` | `Ticket::time_out` does not remove the entry |
#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(runce_loom)]

mod abandon;
mod bench;
mod blocked;
mod blocking;
mod counts;
mod deadline;
mod ends;
mod forget;
mod groups;
mod jobs;
mod limits;
mod links;
mod liveness;
mod once;
mod refresh;
mod revival;
mod scopes;
mod time;
mod world;
