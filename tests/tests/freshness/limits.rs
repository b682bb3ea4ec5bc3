//! Runs that take too long.
use crate::clocks::{NANO, SECOND};
use runce::testing::ManualClock;
use runce::{Call, Clock, Ctx, Error, ErrorKind, Outcome, Retention, Sleep, Task, Timer};
use runce_tests::{
    App, Gate, Hand, Hook, Live, OnDrop, Slot, app, app_with, gated, key, now, waiting, yields,
};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

/// Runs that take no longer than a second.
fn limited(app: App) -> (Ctx<App>, ManualClock) {
    let clock = ManualClock::new();
    let builder = Ctx::builder(app).timer(clock.clone());
    (builder.limit(SECOND).build(), clock)
}

#[test]
fn a_run_that_takes_too_long_is_dropped_and_its_callers_are_told() {
    let gate = Gate::new();
    let (ctx, clock) = limited(gated(&gate));
    let mut callers = [waiting(&ctx, 1), waiting(&ctx, 1), waiting(&ctx, 1)];
    clock.advance(SECOND - NANO);
    assert!(callers.iter().all(|caller| caller.woken() == 0));
    clock.advance(NANO);
    for caller in &mut callers {
        let error = caller.outcome().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(
            error.to_string(),
            "task `key(1)` took longer than its limit"
        );
    }
    assert_eq!((ctx.state().live(), ctx.len()), (0, 0));
    assert_eq!((ctx.stats().failed, ctx.stats().in_flight), (1, 0));
    gate.open();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1, "the key is not dead");
    assert_eq!(ctx.state().runs(1), 2);
}

/// The limit is the run's, from its beginning: newcomers do not give it more time.
#[test]
fn law_a_run_has_no_callers_deadline_and_a_limit_of_its_own() {
    let (ctx, clock) = limited(gated(&Gate::new()));
    let mut first = waiting(&ctx, 1);
    clock.advance(SECOND / 2);
    let mut second = waiting(&ctx, 1);
    drop(waiting(&ctx, 1));
    clock.advance(SECOND / 2);
    assert_eq!(second.outcome().unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!(first.outcome().unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!(ctx.state().runs(1), 1);
}

#[test]
fn a_run_within_its_limit_is_not_touched_by_it() {
    let gate = Gate::new();
    let (ctx, clock) = limited(gated(&gate));
    let mut caller = waiting(&ctx, 1);
    clock.advance(SECOND - NANO);
    gate.open();
    assert_eq!(caller.outcome().unwrap(), 1);
    clock.advance(SECOND);
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    assert_eq!(ctx.state().runs(1), 1);
}

/// Who waits for one that took too long fails with it, and that is not remembered either.
#[test]
fn law_cancellation_is_not_an_outcome_nor_is_a_limit_passed_on() {
    let clock = ManualClock::new();
    let gate = Gate::new();
    let app = app_with(&gate, |ctx, k, gate| {
        Box::pin(async move {
            if k > 0 {
                return ctx.run(key(k - 1)).await;
            }
            gate.wait().await;
            Ok(0)
        })
    });
    // Only what waits at the gate has a limit that matters.
    let ctx = Ctx::builder(app).timer(clock.clone()).limit(SECOND).build();
    let mut caller = waiting(&ctx, 3);
    clock.advance(SECOND);
    assert_eq!(
        caller.outcome().unwrap_err().root_kind(),
        ErrorKind::TimedOut
    );
    assert_eq!((ctx.state().live(), ctx.len()), (0, 0));
}

/// What goes on at once needs no timer.
#[test]
fn a_run_that_never_waits_asks_no_timer() {
    struct Unasked;
    impl Clock for Unasked {
        fn now(&self) -> Duration {
            unreachable!("nobody waits")
        }
    }
    impl Timer for Unasked {
        fn sleep(&self, _: Duration) -> Sleep {
            unreachable!("nobody waits")
        }
    }
    let ctx = Ctx::builder(app(|_, _| Box::pin(async { Ok(7) })));
    let ctx = ctx.timer(Unasked).limit(SECOND).build();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 7);
}

/// A timer that panics is as bad as a task that does.
#[test]
fn law_panics_are_outcomes_of_a_timer_too() {
    struct Broken;
    impl Clock for Broken {
        fn now(&self) -> Duration {
            Duration::ZERO
        }
    }
    impl Timer for Broken {
        fn sleep(&self, _: Duration) -> Sleep {
            panic!("no timer here")
        }
    }
    let ctx = Ctx::builder(gated(&Gate::new()))
        .timer(Broken)
        .limit(SECOND);
    let ctx = ctx.build();
    let error = now(ctx.run(key(1))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert_eq!(ctx.state().live(), 0);
}

#[test]
fn law_last_caller_out_what_is_finished_has_its_limit_all_the_same() {
    let (clock, hand) = (ManualClock::new(), Hand::default());
    let ctx = Ctx::builder(gated(&Gate::new()))
        .executor(hand.clone())
        .timer(clock.clone())
        .finish_abandoned()
        .limit(SECOND)
        .build();
    drop(waiting(&ctx, 1));
    hand.go();
    assert_eq!(
        (ctx.state().live(), ctx.len()),
        (1, 1),
        "it is being finished"
    );
    clock.advance(SECOND);
    hand.go();
    assert_eq!((ctx.state().live(), ctx.len(), hand.jobs()), (0, 0, 0));
}

/// A run that keeps itself busy is stopped where it yields.
#[test]
fn a_busy_run_is_stopped_where_it_yields() {
    let clock = ManualClock::new();
    let app = app_with(&clock, |_, _, clock| {
        Box::pin(async move {
            loop {
                clock.advance(SECOND / 10);
                yields(1).await;
            }
        })
    });
    let ctx = Ctx::builder(app).timer(clock.clone()).limit(SECOND).build();
    let error = now(ctx.run(key(1))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!(clock.now(), SECOND + SECOND / 10);
}

struct Hurried;

/// Has a limit of its own.
impl Task<Arc<AtomicUsize>> for Hurried {
    type Input = u64;
    type Output = ();
    type Error = String;

    async fn run(ctx: &Ctx<Arc<AtomicUsize>>, _: u64) -> Result<(), String> {
        let _live = Live::new(ctx.state());
        std::future::pending().await
    }

    fn limit() -> Option<Duration> {
        Some(SECOND / 2)
    }
}

#[test]
fn a_task_has_a_limit_before_its_context_has() {
    let clock = ManualClock::new();
    let live = Arc::new(AtomicUsize::new(0));
    let ctx = Ctx::builder(live.clone())
        .timer(clock.clone())
        .limit(SECOND)
        .build();
    let mut run = Box::pin(ctx.run(Call::<Hurried, _>::new(1)));
    assert!(runce_tests::finish(&mut run).is_none());
    clock.advance(SECOND / 2);
    assert_eq!(now(run).unwrap_err().kind(), ErrorKind::TimedOut);
}

#[test]
fn a_limit_that_nobody_can_keep_is_an_error_and_nothing_runs() {
    let ctx = Ctx::new(Arc::new(AtomicUsize::new(0)));
    let error = now(ctx.run(Call::<Hurried, _>::new(1))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(
        error.to_string(),
        "task `Hurried` has a limit: the context has no timer; build it with `.runtime(…)` or \
         `.timer(…)`"
    );
    assert_eq!((ctx.stats().runs, ctx.len()), (0, 0));
    ctx.insert(Call::<Hurried, _>::new(1), ());
    now(ctx.run(Call::<Hurried, _>::new(1))).unwrap();
}

/// Both at once: what is there by then is not thrown away.
#[test]
fn an_outcome_goes_before_a_limit() {
    let gate = Gate::new();
    let (ctx, clock) = limited(gated(&gate));
    let mut caller = waiting(&ctx, 1);
    gate.open();
    clock.advance(SECOND);
    assert_eq!(caller.outcome().unwrap(), 1);
    assert_eq!((ctx.stats().failed, ctx.len()), (0, 1));
}

/// While its destructor runs, nobody begins another.
#[test]
fn law_last_caller_out_a_run_that_took_too_long_is_gone_before_the_next() {
    let end = Hook::default();
    let app = app_with(&end, |_, k, end| {
        Box::pin(async move {
            let _end = end.take().map(OnDrop::new);
            std::future::pending::<()>().await;
            Ok(u64::from(k))
        })
    });
    let (ctx, clock) = limited(app);
    let (other, late) = (ctx.clone(), Slot::default());
    let place = late.clone();
    end.put(Box::new(move || {
        place.put((waiting(&other, 1), other.len()));
    }));
    let mut caller = waiting(&ctx, 1);
    clock.advance(SECOND);
    assert_eq!(caller.outcome().unwrap_err().kind(), ErrorKind::TimedOut);
    let (mut late, len) = late.take().unwrap();
    let error = late.outcome().unwrap_err();
    assert_eq!((error.kind(), len), (ErrorKind::TimedOut, 1), "it joined");
    assert_eq!(ctx.state().runs(1), 1);
}

/// A limit makes no difference to what becomes of a panic that comes before it is over.
#[test]
fn law_panics_are_outcomes_also_of_a_run_with_a_limit() {
    let (ctx, _) = limited(app(|_, _| Box::pin(async { panic!("unlucky") })));
    for _ in 0..2 {
        let error = now(ctx.run(key(1))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
    }
    assert_eq!(ctx.state().runs(1), 1, "it is remembered");
}

/// Lasts for an hour.
struct Lasting;

impl Task<App> for Lasting {
    type Input = ();
    type Output = usize;
    type Error = Error;

    async fn run(ctx: &Ctx<App>, (): ()) -> Result<usize, Error> {
        *ctx.state().runs.lock().unwrap().entry(1).or_default() += 1;
        Ok(ctx.state().runs(1))
    }

    fn retention(_: Outcome<'_, usize, Error>) -> Option<Retention> {
        Some(Retention::For(SECOND * 3600))
    }
}

/// Where nobody gave a clock there is one all the same.
#[test]
fn law_clock_is_injected_or_is_the_systems() {
    let ctx = Ctx::new(app(|_, _| Box::pin(async { Ok(0) })));
    for _ in 0..2 {
        assert_eq!(now(ctx.run(Call::<Lasting, _>::new(()))).unwrap(), 1);
    }
}
