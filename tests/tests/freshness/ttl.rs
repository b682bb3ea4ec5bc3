//! How long outcomes last, and who reads the clock.
use crate::clocks::{Broken, Late, Leaping, NANO, SECOND, Watched};
use runce::testing::ManualClock;
use runce::{Ctx, Error};
use runce_tests::{App, Gate, Slot, app, gated, key, now, waiting};
use std::sync::Arc;
use std::time::Duration;

/// Every key returns itself, at once.
pub(crate) fn plain() -> App {
    app(|_, k| Box::pin(async move { Ok(u64::from(k)) }))
}

fn lasting(app: App, ttl: Duration) -> (Ctx<App>, ManualClock) {
    let clock = ManualClock::new();
    clock.advance(7 * SECOND); // a clock starts anywhere
    let ctx = Ctx::builder(app).clock(clock.clone()).ttl(ttl).build();
    (ctx, clock)
}

/// What is remembered lasts for a second, by a clock that is watched.
fn watched() -> (Ctx<App>, Watched) {
    let clock = Watched::default();
    let builder = Ctx::builder(plain()).clock(clock.clone());
    (builder.ttl(SECOND).build(), clock)
}

fn runs(ctx: &Ctx<App>) -> usize {
    now(ctx.run(key(1))).unwrap();
    ctx.state().runs(1)
}

#[test]
fn law_ttl_from_completion() {
    let gate = Gate::new();
    let (ctx, clock) = lasting(gated(&gate), SECOND);
    let mut slow = waiting(&ctx, 1);
    clock.advance(10 * SECOND);
    let mut late = waiting(&ctx, 1);
    gate.open();
    assert_eq!((slow.outcome().unwrap(), late.outcome().unwrap()), (1, 1));
    clock.advance(SECOND - NANO);
    assert_eq!(runs(&ctx), 1, "it lasts from the end of its run");
    clock.advance(NANO);
    assert_eq!(runs(&ctx), 2, "the moment itself is past");
}

/// The time that one call read is used after another has run the key anew: that one stays, and
/// lasts from its own end.
#[test]
fn trap_clock_read_before_a_lock_and_used_after() {
    let clock = Late::default();
    let builder = Ctx::builder(plain()).clock(clock.clone());
    let ctx = builder.ttl(SECOND).build();
    assert_eq!(runs(&ctx), 1);
    clock.clock.advance(SECOND);
    let (other, time) = (ctx.clone(), clock.clock.clone());
    clock.hook.put(Box::new(move || {
        time.advance(SECOND / 2);
        assert_eq!(runs(&other), 2);
    }));
    assert_eq!(runs(&ctx), 2, "the other's is served, and not taken out");
    clock.clock.advance(SECOND - NANO);
    assert_eq!(runs(&ctx), 2);
    clock.clock.advance(NANO);
    assert_eq!(runs(&ctx), 3);
}

#[test]
fn law_once_a_run_slower_than_its_ttl_runs_once() {
    let gate = Gate::new();
    let (ctx, clock) = lasting(gated(&gate), SECOND);
    let mut callers = Vec::new();
    for _ in 0..10 {
        callers.push(waiting(&ctx, 1));
        clock.advance(SECOND);
    }
    gate.open();
    for caller in &mut callers {
        assert_eq!(caller.outcome().unwrap(), 1);
    }
    assert_eq!(ctx.state().runs(1), 1);
}

/// An outcome that nobody has fetched ages too.
#[test]
fn law_ttl_from_completion_and_not_from_the_first_hit() {
    let (ctx, clock) = lasting(plain(), SECOND);
    assert_eq!(runs(&ctx), 1);
    clock.advance(SECOND / 2);
    assert_eq!(runs(&ctx), 1);
    clock.advance(SECOND / 2);
    assert_eq!(runs(&ctx), 2, "a hit does not make it last longer");
}

#[test]
fn law_clock_is_injected_a_hit_reads_it_once_or_not_at_all() {
    let clock = Watched::default();
    let without = Ctx::builder(plain()).clock(clock.clone()).build();
    assert_eq!((runs(&without), runs(&without)), (1, 1));
    assert!(without.peek(&key(1)).is_some());
    assert_eq!(clock.take_reads(), 0, "nothing ages here");

    let with = Ctx::builder(plain())
        .clock(clock.clone())
        .ttl(SECOND)
        .build();
    assert_eq!(runs(&with), 1);
    assert_eq!(clock.take_reads(), 1, "when the run was over");
    assert_eq!(runs(&with), 1);
    assert_eq!(clock.take_reads(), 1, "a hit");
    clock.clock.advance(SECOND);
    assert_eq!(runs(&with), 2);
    assert_eq!(
        clock.take_reads(),
        2,
        "what was there is over, and a run is"
    );
}

#[test]
fn law_clock_is_injected_zero_is_no_ttl_and_the_longest_never_ends() {
    for ttl in [Duration::ZERO, Duration::from_secs(1 << 40), Duration::MAX] {
        let (ctx, clock) = lasting(plain(), ttl);
        assert_eq!(runs(&ctx), 1);
        clock.advance(Duration::from_secs(1 << 40));
        assert_eq!(runs(&ctx), 1, "{ttl:?}");
        clock.advance(Duration::MAX);
        assert_eq!(runs(&ctx), 1, "{ttl:?}");
    }
}

/// Back, forth, and standing still: every call ends, and a value is a value.
#[test]
fn law_clock_is_injected_one_that_leaps_blocks_nobody() {
    for times in [&[5][..], &[9, 0], &[0, 9], &[9, 8, 7, 6, 0], &[3, 3, 9, 1]] {
        let clock = Leaping::new(times);
        let ctx = Ctx::builder(plain()).clock(clock).ttl(2 * SECOND).build();
        for _ in 0..100 {
            assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
        }
        assert!(ctx.state().runs(1) <= 100);
        assert!(ctx.len() <= 1);
    }
}

/// Who cannot tell the time remembers nothing for a time.
#[test]
fn law_clock_is_injected_one_that_panics_costs_the_memory_and_no_call() {
    let ctx = Ctx::builder(plain()).clock(Broken).ttl(SECOND).build();
    assert_eq!((runs(&ctx), runs(&ctx)), (1, 2));
    assert!(ctx.is_empty());
    ctx.insert(key(1), 9);
    assert!(ctx.is_empty());
}

/// What is found to be over is removed by identity: by then another run may have its place.
#[test]
fn law_once_what_is_over_does_not_take_a_newer_one_with_it() {
    let (ctx, clock) = watched();
    assert_eq!(runs(&ctx), 1);
    clock.clock.advance(SECOND);
    let other = ctx.clone();
    clock
        .hook
        .put(Box::new(move || assert_eq!(runs(&other), 2)));
    assert_eq!(runs(&ctx), 2, "it found the other's");
    assert_eq!(ctx.len(), 1);
    assert_eq!((ctx.stats().expired, ctx.stats().hits), (1, 1));
}

#[test]
fn law_foreign_code_outside_locks_the_clock() {
    let (ctx, clock) = watched();
    let uses = |ctx: &Ctx<App>| {
        let ctx = ctx.clone();
        clock.hook.put(Box::new(move || {
            ctx.insert(key(2), 2);
            assert_eq!(now(ctx.run(key(2))).unwrap(), 2);
            assert!(ctx.invalidate(&key(2)));
        }));
    };
    uses(&ctx);
    assert_eq!(runs(&ctx), 1, "asked at the end of a run");
    uses(&ctx);
    assert_eq!(runs(&ctx), 1, "asked by a hit");
    uses(&ctx);
    assert!(ctx.peek(&key(1)).is_some());
    uses(&ctx);
    ctx.insert(key(1), 1);
}

#[test]
fn law_ttl_from_completion_for_what_is_inserted() {
    let (ctx, clock) = lasting(plain(), SECOND);
    ctx.insert(key(1), 9);
    clock.advance(SECOND - NANO);
    assert_eq!(now(ctx.run(key(1))).unwrap(), 9);
    clock.advance(NANO);
    assert!(ctx.peek(&key(1)).is_none());
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
}

/// Each has its own time, and goes by it.
#[test]
fn law_ttl_from_completion_of_each() {
    let (ctx, clock) = lasting(plain(), 10 * SECOND);
    for k in 0..10 {
        now(ctx.run(key(k))).unwrap();
        clock.advance(SECOND);
    }
    for k in 0..10 {
        assert!(ctx.peek(&key(k)).is_none() || k > 0);
        let kept = (0..10).filter(|other| ctx.peek(&key(*other)).is_some());
        assert_eq!(kept.collect::<Vec<_>>(), (k + 1..10).collect::<Vec<_>>());
        clock.advance(SECOND);
    }
}

/// A context that was given no clock has that of the machine.
#[test]
fn a_ttl_needs_no_clock_of_your_own() {
    let ctx = Ctx::builder(plain()).ttl(Duration::from_secs(3600)).build();
    assert_eq!((runs(&ctx), runs(&ctx)), (1, 1));
}

/// What a task returns lives no longer than its entry.
#[test]
fn law_nothing_leaks_of_what_is_over() {
    let value = Arc::new(7_u64);
    let clock = ManualClock::new();
    let ctx = Ctx::builder(value).clock(clock.clone()).ttl(SECOND).build();
    let call = || runce::Call::<Shared, _>::new(());
    let held = Arc::downgrade(&now(ctx.run(call())).unwrap());
    clock.advance(SECOND);
    assert_eq!(held.strong_count(), 1);
    assert_eq!(*now(ctx.run(call())).unwrap(), 7);
    assert_eq!(held.strong_count(), 0);
}

struct Shared;

impl runce::Task<Arc<u64>> for Shared {
    type Input = ();
    type Output = Arc<u64>;
    type Error = Error;

    async fn run(ctx: &Ctx<Arc<u64>>, (): ()) -> Result<Arc<u64>, Error> {
        Ok(Arc::new(**ctx.state()))
    }
}

/// Who only looks changes nothing, whatever it finds.
#[test]
fn law_lazy_a_peek_removes_and_counts_nothing() {
    let (ctx, clock) = lasting(plain(), SECOND);
    assert_eq!(runs(&ctx), 1);
    assert!(ctx.peek(&key(1)).is_some());
    clock.advance(SECOND);
    assert!(ctx.peek(&key(1)).is_none());
    let stats = ctx.stats();
    assert_eq!((ctx.len(), stats.hits, stats.expired), (1, 0, 0));
}

#[test]
fn law_clock_is_injected_with_the_timer() {
    let clock = ManualClock::new();
    let builder = Ctx::builder(plain()).timer(clock.clone());
    let ctx = builder.ttl(SECOND).build();
    assert_eq!(runs(&ctx), 1);
    clock.advance(SECOND - NANO);
    assert_eq!(runs(&ctx), 1);
    clock.advance(NANO);
    assert_eq!(runs(&ctx), 2);
}

/// Where there are both, the clock tells how old something is, and the timer how long it takes.
#[test]
fn law_clock_is_injected_and_goes_before_the_timers() {
    let (clock, timer) = (ManualClock::new(), ManualClock::new());
    let gate = Gate::new();
    let after = Ctx::builder(gated(&gate)).timer(timer.clone());
    let before = Ctx::builder(gated(&gate)).clock(clock.clone());
    for builder in [after.clock(clock.clone()), before.timer(timer.clone())] {
        let ctx = builder.ttl(SECOND).limit(SECOND).build();
        let mut caller = waiting(&ctx, 1);
        clock.advance(2 * SECOND);
        assert_eq!(caller.woken(), 0, "it takes no time");
        timer.advance(SECOND);
        let error = caller.outcome().unwrap_err();
        assert_eq!(error.kind(), runce::ErrorKind::TimedOut);
        ctx.insert(key(1), 9);
        timer.advance(2 * SECOND);
        assert_eq!(now(ctx.run(key(1))).unwrap(), 9, "it has not aged");
        clock.advance(SECOND);
        assert!(ctx.peek(&key(1)).is_none());
    }
}

/// Nobody has an outcome of which it is not known how long it lasts.
#[test]
fn law_ttl_from_completion_is_noted_before_the_outcome_is_there() {
    let (ctx, clock) = watched();
    let (other, seen) = (ctx.clone(), Slot::default());
    let place = seen.clone();
    clock.hook.put(Box::new(move || {
        place.put((other.peek(&key(1)).is_some(), other.len()));
    }));
    assert_eq!(runs(&ctx), 1);
    assert_eq!(seen.take().expect("it was asked"), (false, 1));
}

/// The same with one that breaks later: what may be over is over.
#[test]
fn law_clock_is_injected_one_that_panics_once_costs_what_it_was_asked_about() {
    let (ctx, clock) = watched();
    assert_eq!(runs(&ctx), 1);
    clock.hook.put(Box::new(|| panic!("it breaks")));
    assert!(ctx.peek(&key(1)).is_none());
    assert!(ctx.peek(&key(1)).is_some(), "who looks takes nothing out");
    clock.hook.put(Box::new(|| panic!("it breaks")));
    assert_eq!((runs(&ctx), ctx.len()), (2, 1));
    assert_eq!(runs(&ctx), 2, "it goes again");
}
