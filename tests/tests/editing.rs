//! Editing and reading while runs are in flight; what is remembered and what is not;
//! abandoned runs; panics in users' values.
#![allow(missing_docs, clippy::unwrap_used)]

use runce::{Call, Ctx, ErrorKind, Stats, Task};
use runce_tests::{App, Gate, Hand, app, caller, counter, finish, key, now, poll};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;

fn gated(gate: &Arc<Gate>) -> App {
    let gate = gate.clone();
    app(move |_, k| {
        let gate = gate.clone();
        Box::pin(async move {
            gate.wait().await;
            Ok(u64::from(k))
        })
    })
}

#[test]
fn law_invalidate_in_flight() {
    for clear in [false, true] {
        let gate = Gate::new();
        let ctx = Ctx::new(gated(&gate));
        let mut old = caller(&ctx, 1);
        assert!(finish(&mut old).is_none());
        if clear {
            ctx.clear();
        } else {
            assert!(ctx.invalidate(&key(1)));
        }
        assert_eq!(ctx.len(), 0);
        let mut new = caller(&ctx, 1);
        assert!(finish(&mut new).is_none());
        gate.open();
        assert_eq!(now(&mut old).unwrap(), 1);
        assert!(ctx.peek(&key(1)).is_none(), "the old outcome is not kept");
        assert_eq!(now(&mut new).unwrap(), 1);
        assert_eq!(ctx.peek(&key(1)).unwrap().unwrap(), 1);
        assert_eq!((ctx.state().runs(1), ctx.len()), (2, 1));
    }
}

#[test]
fn law_invalidate_in_flight_is_found_by_cancel() {
    for clear in [false, true] {
        let ctx = Ctx::new(gated(&Gate::new()));
        let mut old = caller(&ctx, 1);
        assert!(finish(&mut old).is_none());
        if clear {
            ctx.clear();
        } else {
            assert!(ctx.invalidate(&key(1)));
        }
        ctx.cancel();
        assert_eq!(now(&mut old).unwrap_err().kind(), ErrorKind::Cancelled);
        assert_eq!(ctx.state().live(), 0);
    }
}

/// Removal is by identity: the old run, dropped late, leaves the new one its place.
#[test]
fn law_invalidate_in_flight_old_run_does_not_remove_the_new() {
    let ctx = Ctx::new(gated(&Gate::new()));
    let mut old = caller(&ctx, 1);
    assert!(finish(&mut old).is_none());
    assert!(ctx.invalidate(&key(1)));
    let mut new = caller(&ctx, 1);
    assert!(finish(&mut new).is_none());
    drop(old);
    assert_eq!((ctx.len(), ctx.state().live()), (1, 1));
    let mut third = caller(&ctx, 1);
    assert!(finish(&mut third).is_none());
    assert_eq!(ctx.state().runs(1), 2, "the third joined the second");
}

#[test]
fn law_errors_are_outcomes_and_cycles_are_not() {
    #[derive(Debug)]
    struct No;
    impl std::fmt::Display for No {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("no")
        }
    }
    impl std::error::Error for No {}
    struct Fails;
    impl Task<AtomicUsize> for Fails {
        type Input = ();
        type Output = ();
        type Error = No;
        async fn run(ctx: &Ctx<AtomicUsize>, (): ()) -> Result<(), No> {
            ctx.state().fetch_add(1, SeqCst);
            Err(No)
        }
    }
    let ctx = Ctx::new(AtomicUsize::new(0));
    for _ in 0..3 {
        let error = now(ctx.run(Call::<Fails, _>::new(()))).unwrap_err();
        assert_eq!(format!("{error:#}"), "task `Fails` failed: no");
        assert!(error.find::<No>().is_some());
    }
    assert_eq!(ctx.state().load(SeqCst), 1);

    let ctx = Ctx::new(app(|ctx, k| Box::pin(ctx.run(key(k)))));
    for _ in 0..3 {
        assert_eq!(now(caller(&ctx, 1)).unwrap_err().kind(), ErrorKind::Cycle);
    }
    assert_eq!((ctx.state().runs(1), ctx.len()), (3, 0));
}

#[test]
fn law_last_caller_out_finishes_on_the_executor() {
    let gate = Gate::new();
    let hand = Hand::default();
    let builder = Ctx::builder(gated(&gate)).executor(hand.clone());
    let ctx = builder.finish_abandoned().build();
    let live = ctx.state().live.clone();
    let mut first = caller(&ctx, 1);
    assert!(finish(&mut first).is_none());
    drop(first);
    assert_eq!((live.load(SeqCst), ctx.len()), (1, 1));
    hand.go();
    gate.open();
    hand.go();
    assert_eq!(ctx.peek(&key(1)).unwrap().unwrap(), 1);
    assert_eq!((ctx.state().runs(1), hand.jobs()), (1, 0));
}

#[test]
fn law_last_caller_out_finishing_keeps_the_context_alive() {
    for lost in [false, true] {
        let gate = Gate::new();
        let hand = Hand::default();
        let builder = Ctx::builder(gated(&gate)).executor(hand.clone());
        let ctx = builder.finish_abandoned().build();
        let live = ctx.state().live.clone();
        let mut first = caller(&ctx, 1);
        assert!(finish(&mut first).is_none());
        drop(first);
        drop(ctx);
        assert_eq!(live.load(SeqCst), 1, "it is finishing");
        if lost {
            hand.shut_down();
        } else {
            gate.open();
            hand.go();
        }
        assert_eq!((live.load(SeqCst), hand.jobs()), (0, 0));
        assert_eq!(Arc::strong_count(&live), 1, "the context is gone");
    }
}

#[test]
fn law_nothing_leaks_a_waker_keeps_no_outcome() {
    struct Keeps;
    type Kept = std::sync::Mutex<Option<std::task::Waker>>;
    impl Task<Arc<Kept>> for Keeps {
        type Input = ();
        type Output = Arc<u8>;
        type Error = std::convert::Infallible;
        async fn run(ctx: &Ctx<Arc<Kept>>, (): ()) -> Result<Arc<u8>, Self::Error> {
            std::future::poll_fn(|cx| {
                *ctx.state().lock().unwrap() = Some(cx.waker().clone());
                Poll::Ready(())
            })
            .await;
            Ok(Arc::new(7))
        }
    }
    let kept: Arc<Kept> = Arc::default();
    let ctx = Ctx::new(kept.clone());
    let outcome = now(ctx.run(Call::<Keeps, _>::new(()))).unwrap();
    drop(ctx);
    assert!(kept.lock().unwrap().is_some());
    assert_eq!(Arc::strong_count(&outcome), 1);
}

#[test]
fn law_nothing_leaks_after_10_000_started_and_dropped() {
    let ctx = Ctx::new(gated(&Gate::new()));
    let (_, waker) = counter();
    for k in 0..10_000 {
        assert!(poll(&mut caller(&ctx, k), &waker).is_pending());
    }
    assert_eq!((ctx.len(), ctx.state().live()), (0, 0));
    assert_eq!(ctx.stats().dropped, 10_000);
}

#[test]
fn law_no_callers_context_every_poll_and_drop_is_entered() {
    let gate = Gate::new();
    let hand = Hand::default();
    let ctx = Ctx::builder(gated(&gate)).executor(hand.clone()).build();
    let mut first = caller(&ctx, 1);
    assert!(finish(&mut first).is_none());
    assert_eq!(hand.entered(), 1, "the poll");
    drop(first);
    assert_eq!(hand.entered(), 2, "the drop");
    assert_eq!(hand.spawned(), 0, "one caller alone needs no job");
}

#[test]
fn law_panics_are_outcomes_in_users_values() {
    #[derive(Clone)]
    struct Bad(&'static str);
    impl Drop for Bad {
        fn drop(&mut self) {
            assert!(self.0 != "drop" || std::thread::panicking(), "bad drop");
        }
    }
    struct Makes;
    impl Task<()> for Makes {
        type Input = &'static str;
        type Output = Arc<Bad>;
        type Error = std::convert::Infallible;
        async fn run(_: &Ctx, what: &'static str) -> Result<Arc<Bad>, Self::Error> {
            Ok(Arc::new(Bad(what)))
        }
    }
    let ctx = Ctx::new(());
    drop(now(ctx.run(Call::<Makes, _>::new("drop"))).unwrap());
    assert!(
        ctx.invalidate(&Call::<Makes, _>::new("drop")),
        "and does not panic"
    );
    drop(now(ctx.run(Call::<Makes, _>::new("drop"))).unwrap());
    drop(ctx);
}

#[test]
fn stats_tell_what_happened() {
    let gate = Gate::new();
    let ctx = Ctx::new(gated(&gate));
    let (mut first, mut second) = (caller(&ctx, 1), caller(&ctx, 1));
    assert!(finish(&mut first).is_none());
    assert!(finish(&mut second).is_none());
    let Stats {
        runs,
        joins,
        in_flight,
        ..
    } = ctx.stats();
    assert_eq!((runs, joins, in_flight), (1, 1, 1));
    gate.open();
    now(first).unwrap();
    now(caller(&ctx, 1)).unwrap();
    let Stats {
        hits,
        succeeded,
        in_flight,
        ..
    } = ctx.stats();
    assert_eq!((hits, succeeded, in_flight), (1, 1, 0));
}

#[test]
fn handles_and_futures_are_send_and_small() {
    fn is<T: Send + Sync>() {}
    is::<Ctx<App>>();
    is::<runce::Error>();
    assert_eq!(size_of::<Ctx<App>>(), 24);
    assert_eq!(size_of::<runce::Error>(), 8);
    let ctx = Ctx::new(gated(&Gate::new()));
    assert!(size_of_val(&ctx.run(key(1))) <= 168);
}
