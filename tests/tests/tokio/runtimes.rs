//! Runtimes that are missing, poor, or over: errors that are clear, and nothing lost.
use crate::runtimes;
use runce::{Ctx, ErrorKind, task};
use runce_tests::{Gate, block_on, caller, gated, key, poll};
use runce_tokio::{NoRuntime, Tokio};
use std::task::Waker;
use std::thread;
use std::time::Duration;
use tokio::runtime::Builder;

#[test]
fn a_missing_runtime_is_a_clear_error() {
    assert_eq!(Tokio::current().unwrap_err(), NoRuntime);
    let text = NoRuntime.to_string();
    assert!(text.starts_with("there is no tokio runtime here"));
}

/// The bounded wait fails, in tokio's words; the run goes on for the others.
#[test]
fn a_runtime_without_timers_is_a_clear_error_of_bounded_waits_alone() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let (gate, tokio) = (Gate::new(), Tokio::new(runtime.handle().clone()));
    let ctx = Ctx::builder(gated(&gate)).runtime(tokio).build();
    let mut other = caller(&ctx, 1);
    assert!(poll(&mut other, Waker::noop()).is_pending());
    let bounded = ctx.run(key(1)).within(Duration::from_secs(1));
    let error = runtime.block_on(bounded).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert!(error.to_string().contains("enable_time"), "{error}");
    gate.open();
    assert_eq!(runtime.block_on(other).unwrap(), 1);
    assert_eq!(ctx.state().runs(1), 1);
}

/// Begun after it was shut down: calls are driven by whoever asks, timers fail in tokio's words.
#[test]
fn a_runtime_that_is_over_serves_calls_and_no_timers() {
    for runtime in runtimes() {
        let (gate, tokio) = (Gate::new(), Tokio::new(runtime.handle().clone()));
        let ctx = Ctx::builder(gated(&gate)).runtime(tokio).build();
        drop(runtime);
        let bounded = ctx.run(key(1)).within(Duration::from_secs(1));
        let error = block_on(bounded).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        assert_eq!((ctx.state().live(), ctx.len()), (0, 0));
        gate.open();
        let all = [key(1), key(2), key(3)];
        assert_eq!(block_on(ctx.run_parallel(all)).unwrap(), [1, 2, 3]);
    }
}

/// Blocking work that nobody will do is done by whoever waits.
#[test]
fn a_runtime_that_is_over_leaves_blocking_work_to_the_caller() {
    #[task(blocking)]
    fn where_it_is_done() -> thread::ThreadId {
        thread::current().id()
    }
    for runtime in runtimes() {
        let tokio = Tokio::new(runtime.handle().clone());
        let ctx = Ctx::builder(()).runtime(tokio).build();
        drop(runtime);
        let done_by = ctx.run_blocking(where_it_is_done()).unwrap();
        assert_eq!(done_by, thread::current().id());
    }
}

/// A caller on a plain thread waits for a job of a current-thread runtime: it is driven when
/// somebody enters `block_on`, or dropped with the runtime, and the caller hears of both.
#[test]
fn a_current_thread_runtime_that_nobody_is_in_loses_nothing() {
    for entered in [true, false] {
        let [runtime, _] = runtimes();
        let (gate, tokio) = (Gate::new(), Tokio::new(runtime.handle().clone()));
        let ctx = Ctx::builder(gated(&gate)).runtime(tokio).build();
        let mut callers = [caller(&ctx, 1), caller(&ctx, 1)];
        for caller in &mut callers {
            assert!(poll(caller, Waker::noop()).is_pending());
        }
        let plain = callers.map(|caller| thread::spawn(move || block_on(caller).unwrap()));
        gate.open();
        if entered {
            runtime.block_on(caller(&ctx, 1)).unwrap();
        } else {
            drop(runtime);
        }
        assert_eq!(plain.map(|thread| thread.join().unwrap()), [1, 1]);
        assert_eq!(ctx.state().runs(1), 1);
    }
}
