//! Renewed behind those who ask, or by the first of them; and ahead of time.
use super::{Behind, alone, down};
use crate::clocks::{NANO, SECOND, Watched};
use crate::refresh::{counted, refresh};
use runce::testing::{ManualClock, Seeded};
use runce::{Call, Ctx, ErrorKind, Task};
use runce_tests::{App, Gate, Hook, Hooked, OnDrop, app_with, key, now, waiting};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

#[test]
fn law_once_what_is_stale_is_served_while_one_run_renews_it() {
    let it = Behind::stale();
    assert_eq!(it.ask(), 1);
    it.pass(SECOND - NANO);
    assert_eq!(it.ask(), 1);
    it.runtime.run_until_idle();
    assert_eq!(it.runs(), 1, "it is fresh");
    it.pass(NANO);
    let gate = it.gates.next();
    for _ in 0..10 {
        assert_eq!(it.ask(), 1, "at once");
        it.runtime.run_until_idle();
    }
    assert_eq!((it.runs(), it.ctx.stats().in_flight), (2, 1));
    gate.open();
    it.runtime.run_until_idle();
    assert_eq!(it.ask(), 2);
    it.pass(SECOND - NANO);
    assert_eq!(
        (it.ask(), it.runs()),
        (2, 2),
        "fresh from the end of its run"
    );
    assert_eq!((it.ctx.len(), it.ctx.stats().joins), (1, 0));
}

/// Without anybody behind, the first one does it.
#[test]
fn law_once_without_an_executor_the_first_renews_and_waits() {
    let (ctx, _, gates) = alone(|builder| builder.stale_while_revalidate(5 * SECOND));
    let gate = gates.next();
    let mut first = waiting(&ctx, 1);
    for _ in 0..3 {
        assert_eq!(now(ctx.run(key(1))).unwrap(), 1, "others do not wait");
    }
    assert_eq!(ctx.state().runs(1), 2);
    gate.open();
    assert_eq!(first.outcome().unwrap(), 2);
    assert_eq!(now(ctx.run(key(1))).unwrap(), 2);
    assert_eq!(ctx.state().runs(1), 2);
}

#[test]
fn law_last_caller_out_of_a_renewal_another_takes_it_over() {
    let (ctx, _, gates) = alone(|builder| builder.stale_while_revalidate(5 * SECOND));
    let gate = gates.next();
    drop(waiting(&ctx, 1));
    assert_eq!((ctx.state().live(), ctx.len()), (0, 1));
    let mut next = waiting(&ctx, 1);
    gate.open();
    assert_eq!((next.outcome().unwrap(), ctx.state().runs(1)), (3, 3));
}

/// Nobody is served what is older, and all wait for one run.
#[test]
fn what_is_too_stale_is_served_to_nobody() {
    let it = Behind::stale();
    assert_eq!(it.ask(), 1);
    it.pass(6 * SECOND - NANO);
    let gate = it.gates.next();
    assert_eq!(it.ask(), 1);
    it.pass(NANO);
    assert!(it.ctx.peek(&key(1)).is_none());
    let mut late = [waiting(&it.ctx, 1), waiting(&it.ctx, 1)];
    gate.open();
    it.runtime.run_until_idle();
    for late in &mut late {
        assert_eq!(late.outcome().unwrap(), 2);
    }
    assert_eq!((it.runs(), it.ctx.len()), (2, 1));
}

#[test]
fn law_invalidate_in_flight_of_what_is_renewed() {
    type Forget = fn(&Ctx<App>);
    let cases: [(Forget, Option<u64>); 3] = [
        (|ctx| assert!(ctx.invalidate(&key(1))), None),
        (Ctx::clear, None),
        (|ctx| ctx.insert(key(1), 77), Some(77)),
    ];
    for (forget, expected) in cases {
        let it = Behind::stale();
        assert_eq!(it.ask(), 1);
        it.pass(SECOND);
        let gate = it.gates.next();
        assert_eq!(it.ask(), 1);
        it.runtime.run_until_idle();
        forget(&it.ctx);
        gate.open();
        it.runtime.run_until_idle();
        let known = it.ctx.peek(&key(1)).map(Result::unwrap);
        assert_eq!((known, it.runs()), (expected, 2), "it comes too late");
        assert_eq!(it.ctx.stats().in_flight, 0);
    }
}

#[test]
fn law_cancelled_serves_nothing_stale_and_ends_what_renews_it() {
    let it = Behind::stale();
    assert_eq!(it.ask(), 1);
    it.pass(SECOND);
    let _gate = it.gates.next();
    assert_eq!(it.ask(), 1);
    it.runtime.run_until_idle();
    it.ctx.cancel();
    assert_eq!(it.ctx.state().live(), 0);
    let error = now(it.ctx.run(key(1))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

/// The renewal keeps its context until it is over, and no longer.
#[test]
fn law_nothing_leaks_a_renewal_lets_go_of_its_context() {
    let (dropped, gate) = (Arc::new(AtomicUsize::new(0)), Gate::new());
    let runtime = Seeded::new(1);
    let count = dropped.clone();
    let counted = OnDrop::new(move || {
        count.fetch_add(1, SeqCst);
    });
    let state = (counted, gate.clone());
    let app = app_with(&Arc::new(state), |ctx, k, state| {
        Box::pin(async move {
            if ctx.state().runs(k) > 1 {
                state.1.wait().await;
            }
            Ok(1)
        })
    });
    let builder = Ctx::builder(app).runtime(runtime.clone()).ttl(SECOND);
    let ctx = builder.stale_while_revalidate(SECOND).build();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    runtime.clock().advance(SECOND);
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    drop(ctx);
    runtime.run_until_idle();
    assert_eq!(dropped.load(SeqCst), 0, "it goes on");
    gate.open();
    runtime.run_until_idle();
    assert_eq!(dropped.load(SeqCst), 1);
}

/// Within a run as well: what renews is nobody's.
#[test]
fn law_last_caller_out_a_renewal_begun_by_a_run_outlives_it() {
    let runtime = Seeded::new(1);
    let gate = Gate::new();
    let app = app_with(&gate, |ctx, k, gate| {
        Box::pin(async move {
            match k {
                1 if ctx.state().runs(1) > 1 => gate.wait().await,
                1 => {}
                _ => return ctx.run(key(1)).await,
            }
            Ok(ctx.state().runs(1) as u64)
        })
    });
    let builder = Ctx::builder(app).runtime(runtime.clone()).ttl(SECOND);
    let ctx = builder.stale_while_revalidate(SECOND).build();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    runtime.clock().advance(SECOND);
    assert_eq!(now(ctx.run(key(2))).unwrap(), 1);
    gate.open();
    runtime.run_until_idle();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 2);
}

#[test]
fn law_clock_is_injected_one_look_at_it_for_what_is_stale() {
    let (app, _) = counted();
    let clock = Watched::default();
    let runtime = Seeded::new(1);
    let builder = Ctx::builder(app).executor(runtime.clone());
    let builder = builder.clock(clock.clone()).ttl(SECOND);
    let ctx = builder.stale_while_revalidate(9 * SECOND).build();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    clock.clock.advance(SECOND);
    clock.take_reads();
    for _ in 0..3 {
        assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
        assert_eq!(clock.take_reads(), 1);
    }
}

/// A hot key is renewed before it is stale, a cold one never.
#[test]
fn refreshed_ahead_nobody_waits() {
    let it = Behind::new(|builder| builder.refresh_ahead(0.5));
    assert_eq!(it.ask(), 1);
    for round in 0..20 {
        it.pass(SECOND / 4);
        let seen = it.ask();
        assert!(seen + 1 >= it.runs() as u64, "{seen} in round {round}");
        it.runtime.run_until_idle();
    }
    assert_eq!((it.runs(), it.ctx.stats().joins), (11, 0));
    it.pass(10 * SECOND);
    it.runtime.run_until_idle();
    assert_eq!(it.runs(), 11, "nobody asks");
}

#[test]
fn a_renewal_that_fails_costs_no_value_that_is_fresh() {
    let (failing, runtime) = (Arc::new(AtomicUsize::new(0)), Seeded::new(1));
    let app = app_with(&failing, |ctx, k, failing| {
        Box::pin(async move {
            match failing.load(SeqCst) {
                0 => Ok(ctx.state().runs(k) as u64),
                _ => ctx.run(down()).await,
            }
        })
    });
    let builder = Ctx::builder(app).runtime(runtime.clone()).ttl(4 * SECOND);
    let ctx = builder.refresh_ahead(0.5).retry_after(SECOND).build();
    let ask = || now(ctx.run(key(1)));
    assert_eq!(ask().unwrap(), 1);
    failing.store(1, SeqCst);
    for (after, runs) in [(2, 2), (0, 2), (1, 3)] {
        runtime.clock().advance(after * SECOND);
        assert_eq!(ask().unwrap(), 1);
        runtime.run_until_idle();
        assert_eq!(ctx.state().runs(1), runs, "tried once a second");
    }
    runtime.clock().advance(SECOND);
    assert_eq!(ask().unwrap_err().kind(), ErrorKind::Failed, "it is over");
}

/// An executor that takes nothing any more: what is stale is served all the same, and whoever
/// finds it too stale runs it.
#[test]
fn law_nothing_leaks_where_nobody_renews() {
    struct Gone;

    impl runce::Executor for Gone {
        fn spawn(&self, job: runce::Job) {
            drop(job);
        }
    }

    let (app, _) = counted();
    let clock = ManualClock::new();
    let builder = Ctx::builder(app).executor(Gone).clock(clock.clone());
    let builder = builder.ttl(SECOND).stale_while_revalidate(SECOND);
    let ctx = builder.build();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    clock.advance(SECOND);
    for _ in 0..3 {
        assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    }
    assert_eq!((ctx.stats().in_flight, ctx.state().live()), (0, 0));
    clock.advance(SECOND);
    let outcome = now(ctx.run(key(1))).unwrap();
    assert_eq!(outcome, ctx.state().runs(1) as u64, "a new one");
    assert_eq!(ctx.len(), 1);
}

/// A window without an end is no reason not to renew.
#[test]
fn law_once_what_may_be_stale_for_ever_is_renewed_all_the_same() {
    let it = Behind::new(|builder| builder.stale_while_revalidate(Duration::MAX));
    assert_eq!(it.ask(), 1);
    it.pass(SECOND);
    assert_eq!(it.ask(), 1);
    it.runtime.run_until_idle();
    assert_eq!(it.ask(), 2);
    let it = Behind::new(|builder| builder.stale_if_error(Duration::MAX));
    assert_eq!(it.ask(), 1);
    it.pass(SECOND);
    assert!(it.ctx.peek(&key(1)).is_none());
    assert_eq!(it.ask(), 2, "the first to ask runs it");
}

/// Somebody refreshed what is fresh, and failed: that makes it no older.
#[test]
fn law_once_a_refresh_that_fails_makes_nothing_due() {
    let runtime = Seeded::new(1);
    let app = app_with(&(), |ctx, k, ()| {
        Box::pin(async move {
            match ctx.state().runs(k) {
                1 => Ok(1),
                _ => ctx.run(down()).await,
            }
        })
    });
    let builder = Ctx::builder(app).runtime(runtime.clone()).ttl(60 * SECOND);
    let ctx = builder.stale_while_revalidate(60 * SECOND).build();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    assert!(now(refresh(&ctx, 1)).is_err());
    runtime.clock().advance(59 * SECOND);
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    runtime.run_until_idle();
    assert_eq!(ctx.state().runs(1), 2);
}

struct Held;

impl Task<()> for Held {
    type Input = Hooked;
    type Output = u64;
    type Error = Infallible;

    async fn run(_: &Ctx, _: Hooked) -> Result<u64, Infallible> {
        Ok(1)
    }
}

#[test]
fn law_panics_are_outcomes_and_cost_no_value_that_is_served() {
    let (hook, runtime) = (Hook::default(), Seeded::new(1));
    let builder = Ctx::builder(()).runtime(runtime.clone()).ttl(SECOND);
    let ctx = builder.stale_while_revalidate(SECOND).build();
    let ask = || now(ctx.run(Call::<Held, _>::new(Hooked((), hook.clone()))));
    assert_eq!(ask().unwrap(), 1);
    hook.put(Box::new(|| panic!("a clone")));
    runtime.clock().advance(SECOND);
    assert_eq!(ask().unwrap(), 1);
    assert!(hook.take().is_none(), "it was cloned");
    assert_eq!((ctx.stats().runs, ctx.stats().in_flight), (1, 0));
}

/// Whatever comes first: a TTL is told by the runtime, where no clock was given.
#[test]
fn law_clock_is_injected_with_a_runtime_after_the_ttl() {
    let (app, _) = counted();
    let runtime = Seeded::new(1);
    let ctx = Ctx::builder(app)
        .ttl(SECOND)
        .runtime(runtime.clone())
        .build();
    for run in 1..=2 {
        assert_eq!(now(ctx.run(key(1))).unwrap(), run);
        runtime.clock().advance(SECOND);
    }
}

/// Of nothing of a TTL nothing is renewed.
#[test]
fn nothing_is_renewed_ahead_by_a_share_of_none() {
    for share in [0.0, -1.0, f64::NAN] {
        let it = Behind::new(|builder| builder.refresh_ahead(share));
        for _ in 0..5 {
            it.ask();
            it.runtime.run_until_idle();
        }
        it.pass(SECOND - NANO);
        it.ask();
        it.runtime.run_until_idle();
        assert_eq!(it.runs(), 1);
    }
}
