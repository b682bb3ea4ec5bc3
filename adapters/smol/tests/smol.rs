//! What is peculiar to smol: two kinds of executor, one of which can go away.
#![allow(missing_docs, clippy::unwrap_used)]

use runce::{Clock, Ctx, ErrorKind, Sleep, Timer, task};
use runce_smol::Smol;
use smol::channel::{Receiver, Sender, bounded};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
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
    smol::future::pending().await
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
fn an_executor_is_not_kept_alive_and_loses_nothing_when_it_goes() {
    let executor = Arc::new(smol::Executor::new());
    let (gate, open, _over) = gate();
    let ctx = Ctx::builder(gate).runtime(Smol::on(&executor)).build();
    let mut callers = [Box::pin(ctx.run(gated(7))), Box::pin(ctx.run(gated(7)))];
    callers.iter_mut().for_each(begin);
    assert!(!executor.is_empty(), "a job drives it");
    assert!(Arc::into_inner(executor).is_some(), "somebody else has it");
    open.try_send(()).unwrap();
    for caller in callers {
        assert_eq!(smol::block_on(caller).unwrap(), 7);
    }
    // Also what is begun later.
    open.try_send(()).unwrap();
    open.try_send(()).unwrap();
    let group = ctx.run_parallel((gated(8), gated(9)));
    assert_eq!(smol::block_on(group).unwrap(), (8, 9));
}

#[test]
fn what_is_abandoned_is_finished_by_detached_jobs() {
    let executor = Arc::new(smol::Executor::new());
    for smol in [Smol::new(), Smol::on(&executor)] {
        let (gate, open, over) = gate();
        let ctx = Ctx::builder(gate).runtime(smol).finish_abandoned().build();
        let mut caller = Box::pin(ctx.run(gated(7)));
        begin(&mut caller);
        drop(caller);
        drop(ctx);
        open.try_send(()).unwrap();
        assert_eq!(smol::block_on(executor.run(over.recv())), Ok(7));
    }
}

#[test]
fn a_deadline_is_kept_by_either_executor() {
    let executor = Arc::new(smol::Executor::new());
    for smol in [Smol::new(), Smol::on(&executor)] {
        let ctx = Ctx::builder(()).runtime(smol);
        let ctx = ctx.deadline(Duration::from_millis(1)).build();
        let outcome = smol::block_on(executor.run(ctx.run(never())));
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::DeadlineExceeded);
    }
}

#[test]
fn a_sleep_may_be_endless() {
    let ctx = Ctx::builder(()).runtime(Smol::new()).build();
    let run = ctx.run(never()).within(Duration::MAX);
    begin(&mut Box::pin(run));
}

#[test]
fn blocking_tasks_are_done_on_other_threads() {
    let executor = Arc::new(smol::Executor::new());
    for smol in [Smol::new(), Smol::on(&executor)] {
        let ctx = Ctx::builder(()).runtime(smol).build();
        let at = smol::block_on(executor.run(ctx.run(thread())));
        assert_ne!(at.unwrap(), thread::current().id());
    }
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
fn a_job_that_panics_stops_no_thread_of_the_global_executor() {
    let (polled, is_polled) = bounded(1);
    let ctx = Ctx::builder(()).executor(Smol::new()).timer(Broken(polled));
    let ctx = ctx.deadline(Duration::from_secs(60)).build();
    begin(&mut Box::pin(ctx.run(never())));
    smol::block_on(is_polled.recv()).unwrap();
    // There is one thread, if the environment does not say otherwise.
    assert_eq!(smol::block_on(smol::spawn(async { 7 })), 7);
}
