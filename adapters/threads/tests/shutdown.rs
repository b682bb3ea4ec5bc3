//! A pool that stops: what is dropped, what is waited for, and that nobody hangs.
#![allow(missing_docs, clippy::unwrap_used)]

use runce::{Ctx, Error, task};
use runce_threads::{Threads, block_on};
use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::task::{Context, Poll, Waker};
use std::thread::{self, ThreadId};

/// Says that it is there, and stays until it is let go.
struct Door {
    begun: Sender<()>,
    go: Mutex<Receiver<()>>,
    stopped: AtomicBool,
}

impl Door {
    fn new() -> (Self, Receiver<()>, Sender<()>) {
        let ((begun, has_begun), (may_go, go)) = (channel(), channel());
        let door = Self {
            begun,
            go: Mutex::new(go),
            stopped: AtomicBool::new(false),
        };
        (door, has_begun, may_go)
    }

    fn pass(&self) {
        self.begun.send(()).unwrap();
        self.go.lock().unwrap().recv().unwrap();
    }

    /// Stays on, long enough for somebody who does not wait for it to be seen.
    fn pass_slowly(&self) {
        self.pass();
        for _ in 0..10_000 {
            thread::yield_now();
            assert!(!self.stopped.load(SeqCst), "it was not waited for");
        }
    }
}

#[task(blocking)]
fn blocks(ctx: &Ctx<Door>, n: u64) -> ThreadId {
    if n == 0 {
        ctx.state().pass_slowly();
    }
    thread::current().id()
}

/// Pending until it is opened.
#[derive(Default)]
struct Gate {
    open: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Gate {
    fn open(&self) {
        self.open.store(true, SeqCst);
        let waker = self.waker.lock().unwrap().take();
        waker.unwrap().wake();
    }

    async fn opened(&self) {
        poll_fn(|cx| {
            *self.waker.lock().unwrap() = Some(cx.waker().clone());
            if self.open.load(SeqCst) {
                return Poll::Ready(());
            }
            Poll::Pending
        })
        .await
    }
}

#[task]
async fn gated(ctx: &Ctx<Gate>) {
    ctx.state().opened().await
}

/// What wakes it comes to a job, if one drives it: it then holds a worker, as nobody should.
#[task]
async fn holds_a_worker(ctx: &Ctx<(Gate, Door)>) {
    ctx.state().0.opened().await;
    ctx.state().1.pass_slowly();
}

fn begin(run: &mut Pin<Box<impl Future>>) {
    let poll = run.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(poll.is_pending());
}

#[test]
fn jobs_are_dropped_and_callers_go_on() {
    let threads = Threads::new();
    let ctx = Ctx::builder(Gate::default()).runtime(threads.clone());
    let ctx = ctx.build();
    let mut runs = [0, 1].map(|_| Box::pin(ctx.run(gated())));
    runs.iter_mut().for_each(begin); // a job drives it now
    threads.shut_down();
    ctx.state().open();
    for run in runs {
        block_on(run).unwrap();
    }
}

#[test]
fn what_nobody_waits_for_is_dropped() {
    #[task]
    async fn keeps(ctx: &Ctx<Mutex<Option<Sender<()>>>>) {
        let _kept = ctx.state().lock().unwrap().take();
        std::future::pending().await
    }
    let threads = Threads::new();
    let (kept, dropped) = channel();
    let ctx = Ctx::builder(Mutex::new(Some(kept)));
    let ctx = ctx.runtime(threads.clone()).finish_abandoned().build();
    let mut run = Box::pin(ctx.run(keeps()));
    begin(&mut run);
    drop(run);
    assert_eq!(dropped.try_recv(), Err(TryRecvError::Empty));
    threads.shut_down();
    assert_eq!(dropped.try_recv(), Err(TryRecvError::Disconnected));
}

#[test]
fn workers_that_are_held_are_waited_for_while_jobs_are_dropped() {
    let threads = Threads::with_workers(1);
    let (door, has_begun, go) = Door::new();
    let held = Ctx::builder((Gate::default(), door));
    let held = held.runtime(threads.clone()).build();
    let mut holding = [0, 1].map(|_| Box::pin(held.run(holds_a_worker())));
    holding.iter_mut().for_each(begin);
    held.state().0.open();
    has_begun.recv().unwrap();

    let ctx = Ctx::builder(Gate::default()).runtime(threads.clone());
    let ctx = ctx.build();
    let mut runs = [0, 1].map(|_| Box::pin(ctx.run(gated())));
    runs.iter_mut().for_each(begin);
    ctx.state().open();
    let stopped = held.clone();
    let stopping = thread::spawn(move || {
        threads.shut_down();
        stopped.state().1.stopped.store(true, SeqCst);
    });
    for run in runs {
        block_on(run).unwrap();
    }
    go.send(()).unwrap();
    stopping.join().unwrap();
    for run in holding {
        block_on(run).unwrap();
    }
}

#[test]
fn blocking_work_that_was_begun_is_waited_for_the_rest_is_done_by_who_waits() {
    let threads = Threads::with_limits(1, 1);
    let (door, has_begun, go) = Door::new();
    let ctx = Ctx::builder(door).runtime(threads.clone()).build();
    let (mut one, mut other) = (Box::pin(ctx.run(blocks(0))), Box::pin(ctx.run(blocks(1))));
    begin(&mut one);
    has_begun.recv().unwrap();
    begin(&mut other); // in the queue
    let stopped = ctx.clone();
    let stopping = thread::spawn(move || {
        threads.shut_down();
        stopped.state().stopped.store(true, SeqCst);
    });
    assert_eq!(block_on(other).unwrap(), thread::current().id());
    go.send(()).unwrap();
    stopping.join().unwrap();
    assert_ne!(block_on(one).unwrap(), thread::current().id());
}

#[task]
async fn panics(n: u64) -> u64 {
    std::panic::resume_unwind(Box::new(n))
}

#[test]
fn a_thread_on_which_a_task_panicked_waits_as_any_other() {
    let threads = Threads::with_limits(1, 1);
    let (door, has_begun, go) = Door::new();
    let ctx = Ctx::builder(door).runtime(threads.clone()).build();
    let mut run = Box::pin(ctx.run(blocks(0)));
    begin(&mut run);
    has_begun.recv().unwrap();
    assert!(ctx.run_blocking(panics(1)).is_err());
    go.send(()).unwrap();
    threads.shut_down();
    ctx.state().stopped.store(true, SeqCst);
    assert_ne!(block_on(run).unwrap(), thread::current().id());
}

/// Where a pool is stopped from.
#[task]
async fn stops(ctx: &Ctx<Threads>, n: u64) -> u64 {
    ctx.state().shut_down();
    n
}

#[task(blocking)]
fn stops_on_a_blocking_thread(ctx: &Ctx<Threads>, n: u64) -> Result<u64, Error> {
    ctx.state().shut_down();
    ctx.run_blocking(stops(n))
}

fn stopped_from_within() -> Ctx<Threads> {
    let threads = Threads::with_workers(1);
    Ctx::builder(threads.clone()).runtime(threads).build()
}

#[test]
fn it_is_stopped_from_within_a_run_of_a_caller() {
    assert_eq!(stopped_from_within().run_blocking(stops(1)).unwrap(), 1);
}

#[test]
fn it_is_stopped_from_its_workers() {
    #[task]
    async fn stops_later(ctx: &Ctx<(Gate, Threads)>) {
        ctx.state().0.opened().await;
        ctx.state().1.shut_down();
    }
    let threads = Threads::with_workers(1);
    let ctx = Ctx::builder((Gate::default(), threads.clone())).runtime(threads);
    let ctx = ctx.build();
    let mut runs = [0, 1].map(|_| Box::pin(ctx.run(stops_later())));
    runs.iter_mut().for_each(begin);
    ctx.state().0.open(); // a worker goes on
    for run in runs {
        block_on(run).unwrap();
    }
}

#[test]
fn it_is_stopped_from_its_blocking_threads() {
    let run = stopped_from_within();
    assert_eq!(run.run_blocking(stops_on_a_blocking_thread(9)).unwrap(), 9);
}

/// The run that stops the pool is one that blocking work waits for.
#[test]
fn it_is_stopped_by_a_run_that_holds_up_blocking_work() {
    struct Both(Threads, Door, Sender<()>);
    #[task]
    async fn stops_in_time(ctx: &Ctx<Both>) {
        ctx.state().1.pass();
        ctx.state().0.shut_down();
    }
    #[task(blocking)]
    fn waits(ctx: &Ctx<Both>, n: u64) -> Result<u64, Error> {
        ctx.state().2.send(()).unwrap();
        ctx.run_blocking(stops_in_time())?;
        Ok(n)
    }
    let threads = Threads::with_workers(1);
    let (door, has_begun, go) = Door::new();
    let ctx = Ctx::builder(Both(threads.clone(), door, go)).runtime(threads);
    let ctx = ctx.build();
    thread::scope(|scope| {
        scope.spawn(|| ctx.run_blocking(stops_in_time()).unwrap());
        has_begun.recv().unwrap();
        ctx.run_blocking(waits(1)).unwrap();
    });
}

thread_local! {
    /// Tells when its thread ends.
    static END: RefCell<Option<Sender<()>>> = const { RefCell::new(None) };
}

#[test]
fn the_last_handle_goes_on_a_worker_and_the_worker_leaves() {
    struct State(Gate, Door, Sender<()>);
    #[task]
    async fn marks(ctx: &Ctx<State>) {
        ctx.state().0.opened().await;
        END.set(Some(ctx.state().2.clone()));
        ctx.state().1.pass();
    }
    let (door, has_begun, go) = Door::new();
    let (end, ended) = channel();
    let ctx = Ctx::builder(State(Gate::default(), door, end)).runtime(Threads::new());
    let ctx = ctx.finish_abandoned().build();
    let mut run = Box::pin(ctx.run(marks()));
    begin(&mut run);
    drop(run);
    ctx.state().0.open();
    has_begun.recv().unwrap(); // on a worker
    drop(ctx);
    go.send(()).unwrap();
    assert!(ended.recv().is_err(), "nobody sends");
}
