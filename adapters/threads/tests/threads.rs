//! What is peculiar to threads of our own: where work is done, and that time passes.
#![allow(missing_docs, clippy::unwrap_used)]

use runce::{Clock, Ctx, Error, ErrorKind, Timer, task};
use runce_threads::{Threads, block_on};
use std::sync::Barrier;
use std::thread::{self, ThreadId};
use std::time::Duration;

#[task]
async fn never() {
    std::future::pending().await
}

#[task(blocking)]
fn thread(_n: u64) -> ThreadId {
    thread::current().id()
}

/// The thread of this, and of the blocking task below it.
#[task(blocking)]
fn threads(ctx: &Ctx, n: u64) -> Result<[ThreadId; 2], Error> {
    Ok([thread::current().id(), ctx.run_blocking(thread(n))?])
}

/// Both are in their polls at the same time, or this never returns.
#[task]
async fn meet(ctx: &Ctx<Barrier>, _n: u64) -> ThreadId {
    ctx.state().wait();
    thread::current().id()
}

#[test]
fn a_group_runs_on_several_threads() {
    let ctx = Ctx::builder(Barrier::new(2));
    let ctx = ctx.runtime(Threads::with_workers(2)).build();
    let (one, other) = block_on(ctx.run_parallel((meet(1), meet(2)))).unwrap();
    assert_ne!(one, other);
}

#[test]
fn threads_of_a_scope_share_a_run() {
    let state = Barrier::new(1);
    let ctx = Ctx::builder(state).runtime(Threads::new()).build();
    thread::scope(|scope| {
        let asks = || scope.spawn(|| ctx.run_blocking(meet(1)).unwrap());
        let asking = [asks(), asks(), asks(), asks()];
        let ids = asking.map(|thread| thread.join().unwrap());
        assert!(ids.iter().all(|id| *id == ids[0]));
    });
    assert_eq!(ctx.stats().runs, 1);
}

#[test]
fn a_deadline_is_kept_without_a_runtime() {
    let ctx = Ctx::builder(()).runtime(Threads::new());
    let ctx = ctx.deadline(Duration::from_millis(1)).build();
    let error = ctx.run_blocking(never()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
}

#[test]
fn a_wait_is_bounded_without_a_runtime() {
    let ctx = Ctx::builder(()).runtime(Threads::new()).build();
    let error = block_on(ctx.run(never()).within(Duration::from_millis(1))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
}

#[test]
fn sleeps_are_over_when_the_clock_says_so() {
    let timer = Threads::new();
    let until = timer.now() + Duration::from_millis(1);
    block_on(timer.sleep(Duration::from_millis(1)));
    assert!(timer.now() >= until);
}

#[test]
fn blocking_tasks_are_done_on_other_threads() {
    let ctx = Ctx::builder(()).runtime(Threads::new()).build();
    let [above, below] = ctx.run_blocking(threads(1)).unwrap();
    let here = thread::current().id();
    assert!(above != here && below != here && above != below);
}

#[test]
fn blocking_work_that_finds_no_thread_is_done_by_the_one_that_waits_for_it() {
    let ctx = Ctx::builder(()).runtime(Threads::with_limits(1, 1)).build();
    let [above, below] = ctx.run_blocking(threads(1)).unwrap();
    assert_eq!(above, below);
    assert_ne!(above, thread::current().id());
    let ctx = Ctx::builder(()).runtime(Threads::with_limits(1, 0)).build();
    let here = thread::current().id();
    assert_eq!(ctx.run_blocking(threads(1)).unwrap(), [here, here]);
}
