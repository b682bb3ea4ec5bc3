//! What is peculiar to threads of our own: where work is done, and that time passes.
#![allow(missing_docs, clippy::unwrap_used)]

use runce::{Clock, Ctx, Error, ErrorKind, Sleep, Timer, task};
use runce_threads::{Threads, block_on};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Barrier, Mutex};
use std::task::{Context, Poll, Waker};
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

fn begin(run: &mut Pin<Box<impl Future>>) {
    let poll = run.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(poll.is_pending());
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
fn a_sleep_may_be_endless() {
    let ctx = Ctx::builder(()).runtime(Threads::new()).build();
    begin(&mut Box::pin(ctx.run(never()).within(Duration::MAX)));
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

/// Tells when it is polled, and panics.
struct Broken(Sender<()>);

impl Clock for Broken {
    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

impl Timer for Broken {
    fn sleep(&self, _: Duration) -> Sleep {
        let polled = self.0.clone();
        Sleep::new(async move {
            polled.send(()).unwrap();
            panic!("broken");
        })
    }
}

#[test]
fn a_job_that_panics_stops_no_worker() {
    let threads = Threads::with_workers(1);
    let (polled, is_polled) = channel();
    let ctx = Ctx::builder(()).executor(threads.clone());
    let ctx = ctx
        .timer(Broken(polled))
        .deadline(Duration::from_secs(60))
        .build();
    begin(&mut Box::pin(ctx.run(never())));
    is_polled.recv().unwrap();

    #[derive(Default)]
    struct Asleep(Mutex<Option<Waker>>);
    #[task]
    async fn wakes(ctx: &Ctx<Asleep>) -> ThreadId {
        let mut asleep = false;
        poll_fn(|cx| {
            if std::mem::replace(&mut asleep, true) {
                return Poll::Ready(thread::current().id());
            }
            *ctx.state().0.lock().unwrap() = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }
    let ctx = Ctx::builder(Asleep::default()).runtime(threads).build();
    let mut runs = [0, 1].map(|_| Box::pin(ctx.run(wakes())));
    runs.iter_mut().for_each(begin); // a job drives it now
    let waker = ctx.state().0.lock().unwrap().take();
    waker.unwrap().wake();
    for run in runs {
        assert_ne!(block_on(run).unwrap(), thread::current().id());
    }
}
