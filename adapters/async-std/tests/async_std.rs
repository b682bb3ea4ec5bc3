//! What is peculiar to async-std: its one runtime, whose jobs are detached.
#![allow(missing_docs, clippy::unwrap_used)]

use async_std::channel::{Receiver, Sender, bounded};
use async_std::task::{block_on, spawn};
use runce::{Clock, Ctx, ErrorKind, Sleep, Timer, task};
use runce_async_std::AsyncStd;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::thread::{self, ThreadId};
use std::time::Duration;

/// Goes on when the test says so, and tells it when it is over.
struct Gate {
    go: Receiver<()>,
    over: Sender<u64>,
}

#[task]
async fn gated(ctx: &Ctx<Gate>, n: u64) -> u64 {
    ctx.state().go.recv().await.unwrap();
    ctx.state().over.send(n).await.unwrap();
    n
}

#[task]
async fn never() {
    std::future::pending().await
}

#[task(blocking)]
fn thread() -> ThreadId {
    thread::current().id()
}

fn gate() -> (Gate, Sender<()>, Receiver<u64>) {
    let ((open, go), (over, is_over)) = (bounded(9), bounded(9));
    (Gate { go, over }, open, is_over)
}

fn begin(run: &mut Pin<Box<impl Future>>) {
    let poll = run.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(poll.is_pending());
}

#[test]
fn what_is_abandoned_is_finished_by_detached_jobs() {
    let (gate, open, over) = gate();
    let ctx = Ctx::builder(gate)
        .runtime(AsyncStd::new())
        .finish_abandoned()
        .build();
    let mut caller = Box::pin(ctx.run(gated(7)));
    begin(&mut caller);
    drop(caller);
    drop(ctx);
    open.try_send(()).unwrap();
    assert_eq!(block_on(over.recv()), Ok(7));
}

#[test]
fn a_deadline_is_kept() {
    let ctx = Ctx::builder(()).runtime(AsyncStd::new());
    let ctx = ctx.deadline(Duration::from_millis(1)).build();
    let outcome = block_on(ctx.run(never()));
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::DeadlineExceeded);
}

#[test]
fn a_sleep_may_be_endless() {
    let ctx = Ctx::builder(()).runtime(AsyncStd::new()).build();
    let run = ctx.run(never()).within(Duration::MAX);
    begin(&mut Box::pin(run));
}

#[test]
fn blocking_tasks_are_done_on_other_threads() {
    let ctx = Ctx::builder(()).runtime(AsyncStd::new()).build();
    let at = block_on(ctx.run(thread()));
    assert_ne!(at.unwrap(), thread::current().id());
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
            polled.send(()).await.unwrap();
            panic!("broken");
        })
    }
}

#[test]
fn a_job_that_panics_stops_no_thread() {
    let (polled, is_polled) = bounded(1);
    let ctx = Ctx::builder(())
        .executor(AsyncStd::new())
        .timer(Broken(polled));
    let ctx = ctx.deadline(Duration::from_secs(60)).build();
    begin(&mut Box::pin(ctx.run(never())));
    block_on(is_polled.recv()).unwrap();
    assert_eq!(block_on(spawn(async { 7 })), 7);
}
