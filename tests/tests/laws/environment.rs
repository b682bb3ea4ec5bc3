//! **Liveness**: `no_callers_context`. Every poll and every drop of a run happens in the
//! executor's environment.
//!
//! | polled by | dropped |
//! |---|---|
//! | its first caller, another one, a job, a group | by the last caller, by `cancel`, with the last handle, after a panic |
use runce::{Ctx, Error, Executor, Job, Work, task};
use runce_tests::*;
use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Waker;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Marks the thread while it works.
struct Marks(Hand);

impl Executor for Marks {
    fn spawn(&self, job: Job) {
        self.0.spawn(job);
    }

    fn enter(&self, work: &mut dyn FnMut()) {
        let before = INSIDE.replace(true);
        let _back = OnDrop::new(|| INSIDE.set(before)); // also after a panic
        work();
    }
}

/// How often it was inside and outside.
#[derive(Clone, Default)]
struct Seen {
    inside: Arc<AtomicUsize>,
    outside: Arc<AtomicUsize>,
}

impl Seen {
    fn look(&self) {
        let inside = INSIDE.get();
        let count = if inside { &self.inside } else { &self.outside };
        count.fetch_add(1, SeqCst);
    }
}

/// 0 asks for a group, 9 panics; the others wait at the gate.
async fn body(ctx: &Ctx<App>, k: u32, gate: &Gate, seen: &Seen) -> Result<u64, Error> {
    let _end = OnDrop::new(|| seen.look());
    let mut wait = pin!(gate.wait());
    poll_fn(|cx| {
        seen.look();
        wait.as_mut().poll(cx)
    })
    .await;
    match k {
        0 => Ok(ctx.run_parallel([key(1), key(2)]).await?.iter().sum()),
        9 => panic!("in the environment"),
        k => Ok(u64::from(k)),
    }
}

struct World {
    ctx: Ctx<App>,
    gate: Arc<Gate>,
    seen: Seen,
    hand: Hand,
}

fn world() -> World {
    let (gate, seen, hand) = (Gate::new(), Seen::default(), Hand::default());
    let state = app_with(&(gate.clone(), seen.clone()), |ctx, k, (gate, seen)| {
        Box::pin(async move { body(ctx, k, &gate, &seen).await })
    });
    let ctx = Ctx::builder(state).executor(Marks(hand.clone())).build();
    World {
        ctx,
        gate,
        seen,
        hand,
    }
}

impl Seen {
    /// So many polls and drops, all of them inside.
    fn assert_inside(&self, times: usize) {
        let (inside, outside) = (self.inside.load(SeqCst), self.outside.load(SeqCst));
        assert_eq!((inside, outside), (times, 0));
    }
}

#[test]
fn law_no_callers_context_polled_by_its_caller() {
    let world = world();
    let mut first = waiting(&world.ctx, 1);
    world.gate.open();
    assert_eq!(first.outcome().unwrap(), 1);
    world.seen.assert_inside(3);
}

#[test]
fn law_no_callers_context_polled_by_another() {
    let world = world();
    let first = waiting(&world.ctx, 1);
    let mut second = waiting(&world.ctx, 1);
    drop(first);
    world.hand.shut_down(); // or it would see to it
    world.gate.open();
    assert_eq!(second.outcome().unwrap(), 1);
    world.seen.assert_inside(3);
}

#[test]
fn law_no_callers_context_polled_by_a_job() {
    let world = world();
    let callers = [waiting(&world.ctx, 1), waiting(&world.ctx, 1)];
    world.hand.go();
    world.gate.open();
    world.hand.go();
    world.seen.assert_inside(3);
    drop(callers);
}

#[test]
fn law_no_callers_context_polled_in_a_group() {
    let world = world();
    let mut all = waiting(&world.ctx, 0);
    world.gate.open();
    assert!(all.poll().is_pending());
    world.hand.go();
    assert_eq!(all.outcome().unwrap(), 3);
    world.seen.assert_inside(3 + 2 + 2);
}

#[test]
fn law_no_callers_context_dropped_by_the_last_caller() {
    let world = world();
    drop(waiting(&world.ctx, 1));
    world.seen.assert_inside(2);
    assert_eq!(world.hand.spawned(), 0, "one caller alone needs no job");
}

#[test]
fn law_no_callers_context_dropped_by_cancel() {
    let world = world();
    let first = waiting(&world.ctx, 1);
    world.ctx.cancel();
    world.seen.assert_inside(2);
    drop(first);
}

#[test]
fn law_no_callers_context_dropped_with_the_last_handle() {
    let World { ctx, seen, .. } = world();
    let mut first = Box::pin(ctx.run(key(1)));
    assert!(finish(&mut first).is_none());
    std::mem::forget(first); // it would leave, and so drop the run
    drop(ctx);
    seen.assert_inside(2);
}

#[test]
fn law_no_callers_context_dropped_after_a_panic() {
    let world = world();
    world.gate.open();
    now(caller(&world.ctx, 9)).unwrap_err();
    world.seen.assert_inside(2);
}

/// What reaches an executor: jobs, work, polls and drops.
#[derive(Default)]
struct Counts([AtomicUsize; 3]);

impl Counts {
    fn add(&self, at: usize) {
        self.0[at].fetch_add(1, SeqCst);
    }

    fn get(&self) -> [usize; 3] {
        [0, 1, 2].map(|at| self.0[at].load(SeqCst))
    }
}

impl Executor for Counts {
    fn spawn(&self, job: Job) {
        self.add(0);
        drop(job);
    }

    fn spawn_blocking(&self, work: Work) {
        self.add(1);
        work.run();
    }

    fn enter(&self, work: &mut dyn FnMut()) {
        self.add(2);
        work();
    }
}

#[task(blocking)]
fn work() -> u64 {
    7
}

/// Behind an `Arc`, as it is.
#[test]
fn law_no_callers_context_an_executor_may_be_shared() {
    let counts = Arc::new(Counts::default());
    let ctx = Ctx::builder(()).executor(counts.clone()).build();
    let group = ctx.run_parallel([work(), work()]);
    assert_eq!(now(group).unwrap(), [7, 7]);
    let [jobs, works, entered] = counts.get();
    assert!(jobs > 0 && works > 0 && entered > 0, "{:?}", counts.get());
}

/// One that says nothing of work that blocks.
#[test]
fn blocking_work_is_done_at_once_by_an_executor_that_has_no_place_for_it() {
    let ctx = Ctx::builder(()).executor(Hand::default()).build();
    let mut run = ctx.run(work());
    assert!(poll(&mut run, Waker::noop()).is_ready());
}
