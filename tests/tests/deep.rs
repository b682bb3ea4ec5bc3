//! `stack_safe`: a chain of 100,000 tasks on a 2 MiB stack, at the same cost per level as
//! one of 1,000. Costs are counted: polls of bodies and allocations.
#![allow(missing_docs, clippy::unwrap_used)]

use runce::{Call, Ctx, ErrorKind, Task};
use runce_tests::{Gate, Live, finish, poll, yields};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Waker;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: the system's allocator, counted.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations() -> usize {
    ALLOCATIONS.with(Cell::get)
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Mode {
    Ready,
    Yields,
    Gated,
    Fails,
    /// Each level joins a run in flight that waits for another.
    Joins,
    /// Each level asks through a clone of its handle.
    Detached,
    DetachedGated,
}

struct Chain {
    mode: Mode,
    gate: Arc<Gate>,
    live: Arc<AtomicUsize>,
    polls: AtomicUsize,
}

struct Level;

const SHARED: u32 = u32::MAX;
const LEAF: u32 = u32::MAX - 1;

impl Task<Chain> for Level {
    type Input = u32;
    type Output = u64;
    type Error = Wrapped;

    async fn run(ctx: &Ctx<Chain>, n: u32) -> Result<u64, Wrapped> {
        let state = ctx.state();
        let _live = Live::new(&state.live);
        let body = std::pin::pin!(level(ctx, n));
        let mut body = body;
        std::future::poll_fn(|cx| {
            state.polls.fetch_add(1, SeqCst);
            body.as_mut().poll(cx)
        })
        .await
    }
}

async fn level(ctx: &Ctx<Chain>, n: u32) -> Result<u64, Wrapped> {
    let state = ctx.state();
    if n == LEAF {
        state.gate.wait().await;
        return Ok(0);
    }
    if n == SHARED {
        return Ok(Box::pin(ctx.run(Call::<Level, _>::new(LEAF))).await?);
    }
    if state.mode == Mode::Yields {
        yields(1).await;
    }
    if n == 0 {
        match state.mode {
            Mode::Fails => return Err(Wrapped("the root of it", None)),
            Mode::Gated | Mode::DetachedGated => state.gate.wait().await,
            _ => {}
        }
        return Ok(0);
    }
    if state.mode == Mode::Joins {
        let mut shared = Box::pin(ctx.run(Call::<Level, _>::new(SHARED)));
        std::future::poll_fn(|cx| {
            assert!(shared.as_mut().poll(cx).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
    }
    let below = Call::<Level, _>::new(n - 1);
    if matches!(state.mode, Mode::Detached | Mode::DetachedGated) {
        return Ok(Box::pin(ctx.clone().run(below)).await? + 1);
    }
    Ok(Box::pin(ctx.run(below)).await? + 1)
}

/// An error of the application's own, with a source.
#[derive(Debug)]
struct Wrapped(&'static str, Option<runce::Error>);

impl std::fmt::Display for Wrapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Wrapped {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.1.as_ref().map(|error| error as _)
    }
}

impl From<runce::Error> for Wrapped {
    fn from(error: runce::Error) -> Self {
        Self("the level below failed", Some(error))
    }
}

fn on_2_mib<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    thread.spawn(work).unwrap().join().unwrap()
}

fn chain(mode: Mode) -> Ctx<Chain> {
    Ctx::new(Chain {
        mode,
        gate: Gate::new(),
        live: Arc::default(),
        polls: AtomicUsize::new(0),
    })
}

/// Runs a chain to its end; polls and allocations per thousand levels.
fn cost(mode: Mode, n: u32) -> (usize, usize) {
    let ctx = chain(mode);
    let before = allocations();
    let mut keep = Box::pin(ctx.run(Call::<Level, _>::new(SHARED)));
    if mode == Mode::Joins {
        assert!(poll(&mut keep, Waker::noop()).is_pending());
    }
    let mut run = Box::pin(ctx.run(Call::<Level, _>::new(n)));
    if mode == Mode::Gated {
        assert!(finish(&mut run).is_none());
        assert_eq!(ctx.state().live.load(SeqCst), n as usize + 1);
        ctx.state().gate.open();
    }
    let outcome = finish(&mut run).expect("hangs").0;
    if mode == Mode::Fails {
        let error = outcome.unwrap_err();
        assert!(format!("{error:#}").ends_with("task `Level` failed: the root of it"));
        assert!(format!("{error:#}").len() < 10_000);
    } else {
        assert_eq!(outcome.unwrap(), u64::from(n));
    }
    drop((run, keep));
    assert_eq!(ctx.state().live.load(SeqCst), 0);
    let polls = ctx.state().polls.load(SeqCst);
    drop(ctx);
    let allocated = allocations() - before;
    (polls * 1000 / n as usize, allocated * 1000 / n as usize)
}

fn assert_linear(mode: Mode) {
    let (small, large) = on_2_mib(move || (cost(mode, 1_000), cost(mode, 100_000)));
    assert!(
        large.0 <= 2 * small.0,
        "{mode:?}: polls {small:?}, {large:?}"
    );
    assert!(
        large.1 <= 2 * small.1,
        "{mode:?}: allocations {small:?}, {large:?}"
    );
}

#[test]
fn law_stack_safe_ready_at_once() {
    assert_linear(Mode::Ready);
}

#[test]
fn law_stack_safe_each_yields() {
    assert_linear(Mode::Yields);
}

#[test]
fn law_stack_safe_woken_at_the_leaf() {
    assert_linear(Mode::Gated);
}

#[test]
fn law_stack_safe_fails() {
    assert_linear(Mode::Fails);
}

#[test]
fn law_stack_safe_joins_at_every_level() {
    assert_linear(Mode::Joins);
}

#[test]
fn law_stack_safe_through_detached_handles() {
    assert_linear(Mode::Detached);
}

#[test]
fn law_stack_safe_dropped_and_cancelled() {
    on_2_mib(|| {
        for (cancel, mode) in [
            (false, Mode::Gated),
            (true, Mode::Gated),
            (false, Mode::DetachedGated),
            (true, Mode::DetachedGated),
        ] {
            let ctx = chain(mode);
            let mut run = Box::pin(ctx.run(Call::<Level, _>::new(100_000)));
            assert!(finish(&mut run).is_none());
            if cancel {
                ctx.cancel();
                let error = finish(&mut run).unwrap().0.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Cancelled);
            }
            drop(run);
            assert_eq!((ctx.state().live.load(SeqCst), ctx.len()), (0, 0));
        }
    });
}

struct Trivial;

impl Task<()> for Trivial {
    type Input = u64;
    type Output = u64;
    type Error = std::convert::Infallible;

    async fn run(_: &Ctx, n: u64) -> Result<u64, Self::Error> {
        Ok(2 * n)
    }
}

fn run_now(ctx: &Ctx, n: u64) -> u64 {
    let mut run = std::pin::pin!(ctx.run(Call::<Trivial, _>::new(n)));
    match poll(&mut run.as_mut(), Waker::noop()) {
        std::task::Poll::Ready(outcome) => outcome.unwrap(),
        std::task::Poll::Pending => panic!("it waits for nothing"),
    }
}

#[test]
fn allocations_of_a_hit_a_context_and_further_tasks() {
    let before = allocations();
    let ctx = Ctx::new(());
    assert_eq!(run_now(&ctx, 1), 2);
    let first = allocations() - before;
    assert!(
        first <= 5,
        "{first} allocations for a context and its first task"
    );

    let before = allocations();
    assert_eq!(run_now(&ctx, 1), 2);
    assert_eq!(allocations() - before, 0, "a hit");

    let before = allocations();
    for n in 2..1_002 {
        run_now(&ctx, n);
    }
    let further = allocations() - before;
    // Two a task, and the growth of the table.
    assert!(
        further <= 2 * 1_000 + 12,
        "{further} allocations for 1,000 tasks"
    );
}
