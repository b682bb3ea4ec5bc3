//! Blocking tasks: where they run, who waits, and that nobody interrupts them. The executor
//! gives each piece of work to a thread, or keeps it, or refuses it; threads meet at channels.
#![allow(missing_docs, clippy::unwrap_used)]

use runce::{Ctx, Error, ErrorKind, Executor, Job, Work, task};
use runce_tests::{Hand, finish, now};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// Jobs by hand, and work wherever the test puts it.
#[derive(Clone, Default)]
struct Desk {
    hand: Hand,
    work: Arc<Mutex<Vec<Work>>>,
}

impl Executor for Desk {
    fn spawn(&self, job: Job) {
        self.hand.spawn(job);
    }

    fn spawn_blocking(&self, work: Work) {
        self.work.lock().unwrap().push(work);
    }
}

impl Desk {
    /// Does what lies there, each on a thread of its own.
    fn start(&self) -> Vec<thread::JoinHandle<()>> {
        let work = std::mem::take(&mut *self.work.lock().unwrap());
        let start = |work: Work| thread::spawn(move || work.run());
        work.into_iter().map(start).collect()
    }

    fn finish(&self) {
        for thread in self.start() {
            thread.join().unwrap();
        }
    }

    fn lies(&self) -> usize {
        self.work.lock().unwrap().len()
    }
}

#[derive(Default)]
struct State {
    runs: AtomicUsize,
    at_once: AtomicUsize,
    /// Told when the work begins; waited for before it ends.
    door: Mutex<Option<(Sender<()>, Receiver<()>)>>,
}

/// Says that it has begun, and waits to be let go, if there is a door.
#[task(blocking)]
fn slow(ctx: &Ctx<State>, n: u64) -> Result<u64, Error> {
    let state = ctx.state();
    state.runs.fetch_add(1, SeqCst);
    assert_eq!(state.at_once.fetch_add(1, SeqCst), 0, "two at once");
    let door = state.door.lock().unwrap().take();
    if let Some((begun, go)) = door {
        begun.send(()).unwrap();
        go.recv().unwrap();
    }
    state.at_once.fetch_sub(1, SeqCst);
    if n == 13 {
        panic!("unlucky");
    }
    Ok(2 * n)
}

#[task]
async fn above(ctx: &Ctx<State>, n: u64) -> Result<u64, Error> {
    Ok(ctx.run(slow(n)).await? + 1)
}

#[task(blocking)]
fn below_blocks(ctx: &Ctx<State>, n: u64) -> Result<u64, Error> {
    Ok(ctx.run_blocking(above(n))? + ctx.run_blocking(quick(n))?)
}

#[task]
async fn quick(n: u64) -> u64 {
    runce_tests::yields(3).await;
    n
}

#[task(blocking)]
fn ping(ctx: &Ctx<State>, n: u64) -> Result<u64, Error> {
    ctx.run_blocking(pong(n))
}

#[task(blocking)]
fn pong(ctx: &Ctx<State>, n: u64) -> Result<u64, Error> {
    ctx.run_blocking(ping(n))
}

/// Without a context, and without `Result`.
#[task(blocking)]
fn plain(n: u64) -> u64 {
    n + 1
}

fn context(desk: &Desk) -> (Ctx<State>, Receiver<()>, Sender<()>) {
    let ((begun, has_begun), (go, may_go)) = (channel(), channel());
    let state = State {
        door: Mutex::new(Some((begun, may_go))),
        ..State::default()
    };
    let ctx = Ctx::builder(state).executor(desk.clone()).build();
    (ctx, has_begun, go)
}

/// Lets the work go on, to its end.
fn end(go: &Sender<()>, threads: Vec<thread::JoinHandle<()>>) {
    go.send(()).unwrap();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn blocking_work_is_done_where_the_executor_puts_it() {
    let desk = Desk::default();
    let ctx = Ctx::builder(State::default())
        .executor(desk.clone())
        .build();
    let mut caller = Box::pin(ctx.run(above(4)));
    assert!(finish(&mut caller).is_none());
    assert_eq!((desk.lies(), ctx.state().runs.load(SeqCst)), (1, 0));
    desk.finish();
    assert_eq!(finish(&mut caller).unwrap().0.unwrap(), 9);
}

#[test]
fn without_an_executor_the_caller_does_it() {
    let ctx = Ctx::new(State::default());
    assert_eq!(now(ctx.run(above(4))).unwrap(), 9);
    assert_eq!(now(ctx.run(plain(4))).unwrap(), 5);
    assert_eq!(ctx.run_blocking(below_blocks(3)).unwrap(), 10);
}

/// It cannot be interrupted: its run stays in flight, and a newcomer joins it.
#[test]
fn law_last_caller_out_of_blocking_work_newcomers_join() {
    let desk = Desk::default();
    let (ctx, has_begun, go) = context(&desk);
    let mut first = Box::pin(ctx.run(slow(4)));
    assert!(finish(&mut first).is_none());
    let threads = desk.start();
    has_begun.recv().unwrap();
    drop(first);
    assert_eq!((ctx.len(), ctx.stats().in_flight), (1, 1), "it goes on");
    let mut second = Box::pin(ctx.run(slow(4)));
    assert!(finish(&mut second).is_none());
    end(&go, threads);
    desk.hand.go(); // two callers, so the executor drives
    assert_eq!(finish(&mut second).unwrap().0.unwrap(), 8);
    assert_eq!(ctx.state().runs.load(SeqCst), 1);
}

/// Nobody comes: what was done for nothing is remembered all the same, since it is there.
#[test]
fn blocking_work_that_nobody_waits_for_ends_by_itself() {
    let desk = Desk::default();
    let (ctx, has_begun, go) = context(&desk);
    let mut first = Box::pin(ctx.run(slow(4)));
    assert!(finish(&mut first).is_none());
    let threads = desk.start();
    has_begun.recv().unwrap();
    drop(first);
    end(&go, threads);
    assert_eq!(ctx.stats().in_flight, 0);
    assert_eq!(ctx.peek(&slow(4)).unwrap().unwrap(), 8);
}

/// What was not begun can be dropped.
#[test]
fn law_last_caller_out_of_work_that_was_not_begun() {
    let desk = Desk::default();
    let (ctx, ..) = context(&desk);
    let mut first = Box::pin(ctx.run(slow(4)));
    assert!(finish(&mut first).is_none());
    drop(first);
    assert_eq!((ctx.len(), ctx.stats().in_flight), (0, 0));
    desk.finish();
    assert_eq!(ctx.state().runs.load(SeqCst), 0, "nothing is done");
}

#[test]
fn law_no_lost_wakeup_executor_drops_the_work() {
    let desk = Desk::default();
    let ctx = Ctx::builder(State::default())
        .executor(desk.clone())
        .build();
    let mut caller = Box::pin(ctx.run(above(4)));
    assert!(finish(&mut caller).is_none());
    desk.work.lock().unwrap().clear();
    assert_eq!(finish(&mut caller).unwrap().0.unwrap(), 9);
}

#[test]
fn law_panics_are_outcomes_of_blocking_work() {
    let desk = Desk::default();
    let ctx = Ctx::builder(State::default())
        .executor(desk.clone())
        .build();
    for _ in 0..2 {
        let mut caller = Box::pin(ctx.run(above(13)));
        let early = finish(&mut caller).map(|(outcome, _)| outcome);
        desk.finish();
        let outcome = early.unwrap_or_else(|| finish(&mut caller).unwrap().0);
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        assert_eq!(error.to_string(), "task `slow(13)` panicked: unlucky");
    }
    assert_eq!(ctx.state().runs.load(SeqCst), 1);
}

/// Cancelled in the middle: callers are told at once, what is done is lost.
#[test]
fn law_cancelled_serves_nothing_during_blocking_work() {
    let desk = Desk::default();
    let (ctx, has_begun, go) = context(&desk);
    let mut first = Box::pin(ctx.run(above(4)));
    assert!(finish(&mut first).is_none());
    let threads = desk.start();
    has_begun.recv().unwrap();
    ctx.cancel();
    let error = finish(&mut first).unwrap().0.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    end(&go, threads);
    assert_eq!((ctx.len(), ctx.stats().in_flight), (0, 0));
}

/// Blocking work runs other tasks, some of which block, from its own thread.
#[test]
fn law_no_deadlock_blocking_work_runs_others() {
    for _ in 0..100 {
        let ctx = Ctx::builder(State::default()).executor(Threads).build();
        assert_eq!(ctx.run_blocking(below_blocks(3)).unwrap(), 10);
        assert_eq!(ctx.stats().runs, 4);
    }
}

/// A circle of blocking tasks is found before anybody waits.
#[test]
fn law_no_deadlock_circle_of_blocking_tasks() {
    let ctx = Ctx::builder(State::default()).executor(Threads).build();
    let error = ctx.run_blocking(ping(1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "task `pong(1)` would wait for itself: pong(1) → ping(1) → pong(1)"
    );
}

/// A thread for each.
struct Threads;

impl Executor for Threads {
    fn spawn(&self, job: Job) {
        thread::spawn(|| pollster::block_on(job));
    }

    fn spawn_blocking(&self, work: Work) {
        thread::spawn(|| work.run());
    }
}

/// From within a task's poll, threads of a scope run calls with the task's own handle.
#[test]
fn law_no_deadlock_threads_of_a_scope() {
    #[task]
    async fn scoped(ctx: &Ctx<State>) -> Result<u64, Error> {
        thread::scope(|scope| {
            let calls = (0..2).map(|n| scope.spawn(move || ctx.run_blocking(quick(n % 2))));
            let calls: Vec<_> = calls.collect();
            calls.into_iter().map(|call| call.join().unwrap()).sum()
        })
    }
    for _ in 0..50 {
        let ctx = Ctx::new(State::default());
        assert_eq!(ctx.run_blocking(scoped()).unwrap(), 1);
    }
}

/// An executor that has no threads for such work, and one thread for all: what the work
/// waits for is queued for a job that cannot come.
#[test]
fn law_no_deadlock_blocking_work_on_the_only_thread() {
    #[task(blocking)]
    fn words(ctx: &Ctx<State>) -> Result<u64, Error> {
        ctx.run_blocking(quick(7))
    }
    #[task]
    async fn greeting(ctx: &Ctx<State>) -> Result<u64, Error> {
        ctx.run(quick(7)).await
    }
    for seed in 0..20 {
        let seeded = runce::testing::Seeded::new(seed);
        let ctx = Ctx::builder(State::default())
            .executor(seeded.clone())
            .build();
        let both = seeded.block_on(ctx.run_parallel((greeting(), words())));
        assert_eq!(both.expect("hangs").unwrap(), (7, 7));
    }
}
