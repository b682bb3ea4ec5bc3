//! **Memory**: `nothing_leaks`. `invalidate_in_flight` is in `editing`; the bytes held are
//! counted in `deep`.
//!
//! | who lets go | what is left |
//! |---|---|
//! | callers that borrow the handle, then the handle | nothing |
//! | callers that are forgotten, then the handle | nothing but them |
//! | the handle, then callers that own theirs, with an executor that never polls | its jobs |
use runce::{Call, Ctx, Outcome, Retention, Task};
use runce_tests::*;
use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

/// Each key asks for the one below; 0 waits for ever.
fn chain() -> (Ctx<App>, Arc<AtomicUsize>) {
    let ctx = Ctx::new(app_with(&Gate::new(), |ctx, k, gate| {
        Box::pin(async move {
            if k > 0 {
                return ctx.run(key(k - 1)).await;
            }
            gate.wait().await;
            Ok(0)
        })
    }));
    let live = ctx.state().live.clone();
    (ctx, live)
}

/// The state holds the count, so whoever is its only owner has outlived the context.
fn assert_gone(live: &Arc<AtomicUsize>) {
    assert_eq!((live.load(SeqCst), Arc::strong_count(live)), (0, 1));
}

#[test]
fn law_nothing_leaks_when_callers_are_dropped() {
    let (ctx, live) = chain();
    let mut callers = [50, 70].map(|k| Box::pin(ctx.run(key(k))));
    for caller in &mut callers {
        assert!(finish(caller).is_none());
    }
    assert_eq!(live.load(SeqCst), 71);
    drop(callers);
    assert_eq!(live.load(SeqCst), 0);
    drop(ctx);
    assert_gone(&live);
}

#[test]
fn law_nothing_leaks_when_callers_are_forgotten() {
    let (ctx, live) = chain();
    for k in [50, 70] {
        let mut caller = Box::pin(ctx.run(key(k)));
        assert!(finish(&mut caller).is_none());
        std::mem::forget(caller);
    }
    assert_eq!(live.load(SeqCst), 71);
    drop(ctx);
    assert_gone(&live);
}

#[test]
fn law_nothing_leaks_into_an_executor_that_never_polls() {
    let (ctx, hand) = driven(gated(&Gate::new()), true);
    let live = ctx.state().live.clone();
    let callers: Vec<_> = (0..20).map(|nth| waiting(&ctx, nth % 10)).collect();
    drop(ctx);
    assert_eq!(live.load(SeqCst), 10, "callers own handles");
    drop(callers);
    assert_gone(&live);
    assert_eq!(hand.jobs(), 10);
    hand.go();
    assert_eq!(hand.jobs(), 0);
}

#[test]
fn law_nothing_leaks_after_10_000_started_and_dropped() {
    let ctx = Ctx::new(gated(&Gate::new()));
    for k in 0..10_000 {
        drop(waiting(&ctx, k));
    }
    assert_eq!((ctx.len(), ctx.state().live()), (0, 0));
    assert_eq!(ctx.stats().dropped, 10_000);
}

type Kept = Arc<Mutex<Option<Waker>>>;

/// Leaves its run's waker to the state.
struct Keeps;

impl Task<Kept> for Keeps {
    type Input = ();
    type Output = Arc<u8>;
    type Error = Infallible;

    async fn run(ctx: &Ctx<Kept>, (): ()) -> Result<Arc<u8>, Infallible> {
        poll_fn(|cx| {
            *ctx.state().lock().unwrap() = Some(cx.waker().clone());
            Poll::Ready(())
        })
        .await;
        Ok(Arc::new(7))
    }
}

#[test]
fn law_nothing_leaks_a_waker_keeps_no_outcome() {
    let kept = Kept::default();
    let ctx = Ctx::new(kept.clone());
    let outcome = now(ctx.run(Call::<Keeps, _>::new(()))).unwrap();
    drop(ctx);
    assert!(kept.lock().unwrap().is_some());
    assert_eq!(Arc::strong_count(&outcome), 1);
}

struct One;

impl Task<()> for One {
    type Input = Hooked<Arc<()>>;
    type Output = u64;
    type Error = Infallible;

    async fn run(_: &Ctx, _: Hooked<Arc<()>>) -> Result<u64, Infallible> {
        Ok(1)
    }

    /// So its runs are made before it is known whether anybody is faster.
    fn retention(outcome: Outcome<'_, u64, Infallible>) -> Option<Retention> {
        matches!(outcome, Outcome::Panicked).then_some(Retention::Forever)
    }
}

/// While the first makes itself a run, another call of the same is faster.
#[test]
fn law_nothing_leaks_of_a_run_that_comes_too_late() {
    let (input, hook, ctx) = (Arc::new(()), Hook::default(), Ctx::new(()));
    let call = |hook| Call::<One, _>::new(Hooked(input.clone(), hook));
    let (faster, handle) = (call(Hook::default()), ctx.clone());
    hook.put(Box::new(move || {
        assert_eq!(now(handle.run(faster)).unwrap(), 1);
    }));
    assert_eq!(now(ctx.run(call(hook))).unwrap(), 1);
    assert_eq!((ctx.stats().runs, ctx.stats().hits), (1, 1));
    drop(ctx);
    assert_eq!(Arc::strong_count(&input), 1);
}

/// Flights are kept for the next context, but not what theirs ran on.
#[test]
fn law_nothing_leaks_of_an_executor() {
    struct Refuses;
    impl runce::Executor for Refuses {
        fn spawn(&self, job: runce::Job) {
            drop(job);
        }
    }
    #[runce::task]
    async fn seven() -> u64 {
        7
    }
    let executor = Arc::new(Refuses);
    let ctx = Ctx::builder(()).executor(executor.clone()).build();
    assert_eq!(now(ctx.run(seven())).unwrap(), 7);
    drop(ctx);
    assert_eq!(Arc::strong_count(&executor), 1);
}
