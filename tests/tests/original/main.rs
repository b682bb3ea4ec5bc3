//! The behaviours that the tests of the original check, the Go package `kit/tasks` of the
//! Vorma framework, in the same order. Nothing here sleeps: what has to be concurrent
//! waits for gates.
//!
//! | behaviour | test |
//! |---|---|
//! | a task runs and returns its value | `a_task_runs` |
//! | different tasks run in parallel | `different_tasks_run_in_parallel` |
//! | a task runs another | `a_task_depends_on_another` |
//! | cancelling the context ends a call in progress | `cancelling_the_context_ends_a_call_in_progress` |
//! | an error reaches the caller, and no value | `an_error_reaches_the_caller` |
//! | concurrent callers share one run | `three_concurrent_callers_share_one_run` |
//! | a task sees the request it works for (early versions) | `a_task_sees_its_request` |
//! | parallel tasks share a dependency | `parallel_tasks_share_a_dependency` |
//! | a second handle shares what is remembered | `a_second_handle_shares_what_is_remembered` |
//! | a cancelled context runs nothing | `a_cancelled_context_runs_nothing` |
//! | a whole graph, in two contexts | `a_graph_runs_once_in_each_of_two_contexts` |
//! | the same input is run once | `the_same_input_is_run_once` |
//! | different inputs are run separately | `different_inputs_are_run_separately` |
//! | inputs of other types | `inputs_of_every_kind` |
//! | structs as inputs | `structs_as_inputs` |
//! | duplicates in a group are run once | `duplicates_in_a_group_are_run_once` |
//! | without a TTL nothing expires | `without_a_ttl_nothing_expires` |
//! | contexts remember independently | `contexts_remember_independently` |
//! | an error is remembered as a value is | `an_error_is_remembered` |
//! | an empty group, and a group of one (documented only) | `an_empty_group_and_a_group_of_one` |
//! | a nil member of a group is skipped | `an_absent_member_is_skipped` |
//! | a list mixes calls of different tasks | `a_list_mixes_calls_of_different_tasks` |
//! | a task runs with an input of a type not known in advance | `a_task_is_run_with_an_input_of_any_type` |
//! | an input of the wrong type is an error | `a_wrong_input_is_refused_and_runs_nothing`, `an_input_is_not_converted` |
//! | a missing input is an error | `a_missing_input_is_refused` |
//! | an empty input of the right type (a typed nil pointer there) is one like any other | `an_empty_input_of_the_right_type_is_an_input` |
//! | dynamic and typed calls are the same calls | `dynamic_and_typed_calls_share_what_is_remembered` |
//! | tasks of different types in one registry | `tasks_of_different_types_are_registered_at_run_time` |
//!
//! Its tests of a TTL are behaviours of `freshness`:
//!
//! | behaviour | test there |
//! |---|---|
//! | an outcome expires, and is fetched anew; each input by itself | `law_ttl_from_completion`, `…_of_each` |
//! | zero means none (a negative one cannot be written) | `law_clock_is_injected_zero_is_no_ttl…` |
//! | concurrent callers after the expiry share one run | `law_once_a_run_slower_than_its_ttl…`, `stress` |
//! | the expired are removed, and not in every call | `law_bounded_cleanup_…` |
//! | an error may be retried after it | `law_errors_are_outcomes_…` |
//!
//! # What differs on purpose
//!
//! | there | here | why | test |
//! |---|---|---|---|
//! | after a cancellation the function runs to its end, then its callers get the error | callers get it at once, the run is dropped | a request that is gone should cost nothing | `cancelling_the_context_ends_a_call_in_progress` |
//! | the cancellation is remembered as the outcome | never | a caller's fate says nothing about the work | `defect_cancellation_is_remembered` |
//! | a failed sibling cancels the group's context under the others | takes back the group's interest: who else waits gets the outcome | the same | `a_failed_sibling_does_not_stop_what_another_wants` |
//! | the caller gets the function's error as it was returned | one error type, which names the call and holds that error | many tasks have one name for it; `find` digs the original out | `an_error_reaches_the_caller` |
//! | a child handle has a cancellation of its own | a handle has none; whoever stops waiting drops the future. A context with a parent has one, and a memory of its own | one caller's deadline must not fail another's run | `a_second_handle_shares_what_is_remembered` |
//! | after a panic later callers get a zero value | all callers get an error | a zero value is a lie | `law_panics_are_outcomes` |
//! | a task that waits for itself never returns | gets an error with the path | | `law_no_deadlock_cycles` |
//! | in early versions a dynamic input of the wrong type is the zero value | is refused before anything runs, by an error that names both types | a zero value is a lie | `a_wrong_input_is_refused_and_runs_nothing` |
//! | in early versions a task is known by its address | by its type, or by an identity that is not used again | addresses are used again | `defect_a_task_is_its_address` |
//! | nil tasks and contexts are errors | cannot be written | | |
//!
//! `defects` holds what the original gets wrong.
#![allow(missing_docs, clippy::unwrap_used)]

mod defects;
mod dynamic;
mod groups;
mod inputs;
mod outcomes;
mod runs;

use runce::{Ctx, task};
use runce_tests::Gate;
use std::sync::Mutex;

/// What happened, in order, and a gate for tasks to wait at.
#[derive(Default)]
struct Log {
    events: Mutex<Vec<String>>,
    gate: Gate,
}

impl Log {
    fn note(&self, event: impl Into<String>) {
        self.events.lock().unwrap().push(event.into());
    }

    fn count(&self, event: &str) -> usize {
        let events = self.events.lock().unwrap();
        events.iter().filter(|other| *other == event).count()
    }

    fn is_before(&self, first: &str, second: &str) -> bool {
        let events = self.events.lock().unwrap();
        let place = |event| events.iter().position(|other| other == event).unwrap();
        place(first) < place(second)
    }
}

fn logged() -> Ctx<Log> {
    Ctx::new(Log::default())
}

/// Notes its run, waits for the gate.
#[task]
async fn gated(ctx: &Ctx<Log>, name: &str) -> String {
    ctx.state().note(name);
    ctx.state().gate.wait().await;
    format!("result-{name}")
}

/// Notes its run.
#[task]
async fn noted(ctx: &Ctx<Log>, name: &str) -> String {
    ctx.state().note(name);
    format!("result-{name}")
}

#[task]
async fn fails(ctx: &Ctx<Log>, name: &str) -> Result<String, String> {
    ctx.state().note(name);
    Err("task failed".into())
}
