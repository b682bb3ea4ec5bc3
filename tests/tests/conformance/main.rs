//! One suite for every runtime: what an adapter must hold, whatever it runs on. The tests are
//! written once against [`Platform`](platform::Platform), and run on each by the list below, so
//! that `tokio_multi_thread::law_once_…` names the adapter and what it breaks.
//!
//! | module | what it holds |
//! |---|---|
//! | `graphs` | the same program comes to the same, and runs each task once |
//! | `once` | a herd of 10,000, half of which leave; the first caller leaves |
//! | `parallel` | members of groups, and blocking tasks, meet; where blocking work is done |
//! | `blocking_calls` | `run_blocking` from plain threads and from blocking tasks |
//! | `abandoned` | what is finished for nobody, and what is dropped |
//! | `time` | bounded waits, deadlines, limits of runs, endless sleeps |
//! | `cancel` | cancellation, by hand, from afar, with a parent |
//! | `outcomes` | panics and errors are remembered and shared; panics of jobs stop no worker |
//! | `stop` | the runtime is shut down in mid-run |
//! | `deep` | a chain of 100,000 on 2 MiB |
//! | `spans` | a task's span is entered around each of its polls, whoever polls |
//!
//! Every test ends with [`Scene::end`](scene::Scene::end), which waits until the state is
//! dropped and no job is left. Every test runs on a thread of its own with 2 MiB of stack, and is
//! given up when it hangs.
//!
//! A new adapter: a file in `platforms`, a line in the list.
#![allow(missing_docs, clippy::unwrap_used)]

mod abandoned;
mod blocking_calls;
mod cancel;
mod deep;
mod graphs;
mod once;
mod outcomes;
mod parallel;
mod platform;
mod platforms;
mod scene;
mod spans;
mod stop;
mod time;

macro_rules! on_each_platform {
    ($($name:ident: $platform:ty;)*) => {
        $(mod $name {
            use crate::platforms::*;
            suite!($platform);
        })*
    };
}

macro_rules! suite {
    ($platform:ty) => {
        tests! { $platform:
            graphs {
                law_once_a_graph_comes_to_the_same_everywhere
                law_once_a_page_comes_to_the_same_everywhere
            }
            once {
                law_once_herd_of_10_000_half_of_which_leave
                law_once_survives_its_caller_who_was_first
            }
            parallel {
                members_of_a_group_meet
                members_of_a_group_that_a_worker_begins_meet
                blocking_tasks_meet_off_the_callers_thread
                blocking_tasks_hold_up_nobody
            }
            blocking_calls {
                plain_threads_block_on_one_run
                law_no_deadlock_blocking_tasks_block_on_others
            }
            abandoned {
                law_last_caller_out_is_finished_by_the_executor
                law_last_caller_out_is_finished_without_a_handle
                law_last_caller_out_is_dropped
            }
            time {
                law_a_run_has_no_callers_deadline
                law_last_caller_out_when_its_time_is_up
                a_sleep_may_be_endless
                a_context_past_its_deadline_serves_what_it_remembers
                a_run_that_takes_too_long_is_dropped_and_its_callers_are_told
            }
            cancel {
                law_cancelled_serves_nothing
                law_cancelled_serves_nothing_within_a_cancelled_parent
                law_cancelled_serves_nothing_whoever_cancels_from_afar
            }
            outcomes {
                law_panics_are_outcomes
                law_panics_are_outcomes_of_blocking_tasks
                law_errors_are_outcomes_shared_by_all
                a_job_that_panics_stops_no_worker
            }
            stop {
                law_no_lost_wakeup_runtime_stops_in_mid_run
                law_no_lost_wakeup_runtime_stops_during_blocking_work
                law_nothing_leaks_what_nobody_wants_goes_with_its_runtime
            }
            deep {
                law_stack_safe_completes
                law_stack_safe_fails
                law_stack_safe_is_dropped
            }
            spans {
                law_no_callers_context_spans_are_the_runs_own
            }
        }
    };
}

macro_rules! tests {
    ($platform:ty: $($module:ident { $($test:ident)* })*) => {
        $($(
            #[test]
            fn $test() {
                crate::scene::watched(crate::$module::$test::<$platform>);
            }
        )*)*
    };
}

on_each_platform! {
    tokio_current_thread: TokioCurrentThread;
    tokio_multi_thread: TokioMultiThread;
    seeded_1: BySeed<1>;
    seeded_2: BySeed<2>;
    seeded_3: BySeed<3>;
    hand_on_a_thread: HandOnAThread;
    threads_1: Workers<1>;
    threads_4: Workers<4>;
    smol_global: SmolGlobal;
    smol_own_2: SmolOwn;
    async_std: AsyncStdGlobal;
}
