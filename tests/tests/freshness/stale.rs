//! What is older than its TTL, or soon will be: whom a slow or failing upstream concerns.
use crate::clocks::{NANO, SECOND, Watched};
use crate::refresh::{Gates, counted, refresh};
use crate::upstream::{Answer, Clocked, Failed, fetch, with};
use runce::testing::{ManualClock, Seeded};
use runce::{Builder, Ctx, ErrorKind, WithExecutor, WithTimer};
use runce_tests::{App, Gate, OnDrop, Waiting, app_with, finish, key, now, waiting};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

#[runce::task]
async fn down() -> Result<u64, &'static str> {
    Err("down")
}

/// Fresh for a second, and on an executor.
struct Behind {
    ctx: Ctx<App>,
    runtime: Seeded,
    gates: Gates,
}

type Runtime = Builder<App, WithExecutor, WithTimer>;

impl Behind {
    fn new(more: impl FnOnce(Runtime) -> Runtime) -> Self {
        let (app, gates) = counted();
        let runtime = Seeded::new(1);
        let builder = Ctx::builder(app).runtime(runtime.clone()).ttl(SECOND);
        Self {
            ctx: more(builder).build(),
            runtime,
            gates,
        }
    }

    fn stale() -> Self {
        Self::new(|builder| builder.stale_while_revalidate(5 * SECOND))
    }

    /// What is served at once.
    fn ask(&self) -> u64 {
        now(self.ctx.run(key(1))).unwrap()
    }

    fn runs(&self) -> usize {
        self.ctx.state().runs(1)
    }

    fn pass(&self, time: std::time::Duration) {
        self.runtime.clock().advance(time);
    }
}

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
    let (app, gates) = counted();
    let clock = ManualClock::new();
    let builder = Ctx::builder(app).clock(clock.clone()).ttl(SECOND);
    let ctx = builder.stale_while_revalidate(5 * SECOND).build();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    clock.advance(SECOND);
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
    let (app, gates) = counted();
    let clock = ManualClock::new();
    let builder = Ctx::builder(app).clock(clock.clone()).ttl(SECOND);
    let ctx = builder.stale_while_revalidate(5 * SECOND).build();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    clock.advance(SECOND);
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

/// Fresh for a second, of use for five more if there is nothing newer.
fn robust(more: impl FnOnce(Clocked) -> Clocked) -> (Ctx<crate::upstream::Upstream>, ManualClock) {
    let (ctx, clock) = with(Answer::Value(1), |builder| {
        let builder = builder.ttl(SECOND).stale_if_error(5 * SECOND);
        more(builder.retry_after(2 * SECOND))
    });
    assert_eq!(now(ctx.run(fetch())).unwrap(), 1);
    (ctx, clock)
}

#[test]
fn what_is_stale_is_served_where_a_run_failed() {
    for failure in [Answer::Failure("down"), Answer::Panic] {
        let (ctx, clock) = robust(|builder| builder);
        ctx.state().says(failure);
        // Asked after so many seconds, by then for so many times.
        for (after, asked) in [(1, 2), (1, 2), (1, 3), (1, 3), (1, 4)] {
            clock.advance(after * SECOND);
            assert_eq!(now(ctx.run(fetch())).unwrap(), 1);
            assert_eq!(ctx.state().asked(), asked);
        }
        clock.advance(SECOND);
        let stats = ctx.stats();
        assert_eq!((stats.hits, stats.runs), (2, 4), "who tried was no hit");
        assert!(now(ctx.run(fetch())).is_err(), "there is an end");
        assert_eq!(ctx.len(), 1, "and the error is remembered from then on");
        ctx.state().says(Answer::Value(2));
        clock.advance(2 * SECOND);
        assert_eq!(now(ctx.run(fetch())).unwrap(), 2);
    }
}

/// It is served in need only.
#[test]
fn what_is_too_stale_is_not_seen_by_who_looks() {
    let (ctx, clock) = robust(|builder| builder);
    assert_eq!(ctx.peek(&fetch()).unwrap().unwrap(), 1);
    clock.advance(SECOND);
    assert!(ctx.peek(&fetch()).is_none());
    ctx.state().says(Answer::Failure("down"));
    now(ctx.run(fetch())).unwrap();
    assert_eq!(ctx.peek(&fetch()).unwrap().unwrap(), 1, "for a while");
}

#[test]
fn law_cancelled_serves_nothing_in_place_of_a_failure() {
    let (app, gates) = counted();
    let clock = ManualClock::new();
    let builder = Ctx::builder(app).clock(clock.clone()).ttl(SECOND);
    let ctx = builder.stale_if_error(5 * SECOND).build();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    clock.advance(SECOND);
    let _gate = gates.next();
    let mut waits = waiting(&ctx, 1);
    ctx.cancel();
    assert_eq!(waits.outcome().unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn what_is_stale_makes_way_for_what_is_newer() {
    let (ctx, clock) = robust(|builder| builder);
    ctx.state().says(Answer::Failure("down"));
    clock.advance(SECOND);
    assert_eq!(now(ctx.run(fetch())).unwrap(), 1);
    ctx.state().says(Answer::Value(2));
    clock.advance(2 * SECOND);
    assert_eq!(now(ctx.run(fetch())).unwrap(), 2);
    clock.advance(SECOND - NANO);
    assert_eq!(now(ctx.run(fetch())).unwrap(), 2);
    assert_eq!(ctx.state().asked(), 3);
}

/// A key whose first run succeeds, at once, and is stale by now; the others fail once the gate is
/// open.
fn failing() -> (Ctx<App>, ManualClock, Arc<Gate>) {
    let (gate, clock) = (Gate::new(), ManualClock::new());
    let app = app_with(&gate, |ctx, k, gate| {
        Box::pin(async move {
            match ctx.state().runs(k) {
                1 => Ok(1),
                _ => {
                    gate.wait().await;
                    ctx.run(down()).await
                }
            }
        })
    });
    let builder = Ctx::builder(app).clock(clock.clone()).ttl(SECOND);
    let ctx = builder.stale_if_error(SECOND).build();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    clock.advance(SECOND);
    (ctx, clock, gate)
}

/// Who waits with the first has what that has.
#[test]
fn all_who_wait_for_what_fails_are_served_what_is_stale() {
    let (ctx, _, gate) = failing();
    let mut callers: Vec<Waiting> = (0..4).map(|_| waiting(&ctx, 1)).collect();
    let mut asked = refresh(&ctx, 1);
    assert!(finish(&mut asked).is_none());
    gate.open();
    for caller in &mut callers {
        assert_eq!(caller.outcome().unwrap(), 1);
    }
    let error = now(&mut asked).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed, "who refreshes is told");
    assert_eq!((ctx.state().runs(1), ctx.stats().joins), (2, 4));
}

#[test]
fn what_is_stale_is_served_where_a_run_takes_too_long() {
    let (app, gates) = counted();
    let clock = ManualClock::new();
    let builder = Ctx::builder(app).timer(clock.clone()).limit(SECOND / 2);
    let ctx = builder.ttl(SECOND).stale_if_error(5 * SECOND).build();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    clock.advance(SECOND);
    let _gate = gates.next();
    let mut slow = waiting(&ctx, 1);
    clock.advance(SECOND / 2);
    assert_eq!(slow.outcome().unwrap(), 1);
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1, "for a while at once");
    assert_eq!((ctx.state().runs(1), ctx.state().live()), (2, 0));
}

/// While it waits, what it would be served gets too old, too.
#[test]
fn what_is_too_old_when_a_run_fails_is_served_to_nobody() {
    let (ctx, clock, gate) = failing();
    let mut slow = waiting(&ctx, 1);
    clock.advance(SECOND);
    gate.open();
    assert_eq!(slow.outcome().unwrap_err().kind(), ErrorKind::Failed);
}

/// Errors are no values: they are not served when they are stale.
#[test]
fn errors_get_no_older_than_they_may() {
    let (ctx, clock) = with(Answer::Failure("down"), |builder| {
        let builder = builder.ttl(9 * SECOND).error_ttl(SECOND);
        builder
            .stale_if_error(5 * SECOND)
            .stale_while_revalidate(5 * SECOND)
    });
    assert!(now(ctx.run(fetch())).is_err());
    ctx.state().says(Answer::Failure("gone"));
    clock.advance(SECOND);
    let error = now(ctx.run(fetch())).unwrap_err();
    assert_eq!(error.find(), Some(&Failed("gone")));
}

/// A cold start: there is nothing to be served, and it is tried again as soon.
#[test]
fn errors_last_as_long_as_nobody_tries_again() {
    let (ctx, clock) = with(Answer::Failure("down"), |builder| {
        builder.ttl(60 * SECOND).retry_after(SECOND)
    });
    assert!(now(ctx.run(fetch())).is_err());
    ctx.state().says(Answer::Value(1));
    clock.advance(SECOND - NANO);
    assert!(now(ctx.run(fetch())).is_err());
    clock.advance(NANO);
    assert_eq!(now(ctx.run(fetch())).unwrap(), 1);
}

/// By a whole half, or by nothing.
#[test]
fn jitter_takes_a_random_part_of_the_ttl() {
    for (random, lasts) in [(u64::MAX, 5), (u64::MAX / 2, 8), (0, 10)] {
        let (ctx, clock) = with(Answer::Value(1), |builder| {
            builder.ttl(10 * SECOND).jitter(0.5, move || random)
        });
        now(ctx.run(fetch())).unwrap();
        clock.advance(lasts * SECOND - SECOND);
        now(ctx.run(fetch())).unwrap();
        assert_eq!(ctx.state().asked(), 1, "{lasts}");
        clock.advance(SECOND + NANO);
        now(ctx.run(fetch())).unwrap();
        assert_eq!(ctx.state().asked(), 2, "{lasts}");
    }
}

#[test]
fn law_panics_are_outcomes_and_randomness_that_panics_is_none() {
    let (ctx, clock) = with(Answer::Value(1), |builder| {
        builder.ttl(SECOND).jitter(0.5, || panic!("no entropy"))
    });
    assert_eq!(now(ctx.run(fetch())).unwrap(), 1);
    clock.advance(SECOND - NANO);
    assert_eq!(now(ctx.run(fetch())).unwrap(), 1);
    assert_eq!(ctx.state().asked(), 1);
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
