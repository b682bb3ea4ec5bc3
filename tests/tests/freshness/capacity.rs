//! A bound to what is remembered.
use crate::clocks::SECOND;
use crate::ttl::plain;
use runce::testing::ManualClock;
use runce::{Call, Ctx, Error, Task};
use runce_tests::{App, Gate, gated, key, now, waiting};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

fn bounded(app: App, capacity: usize) -> Ctx<App> {
    Ctx::builder(app).capacity(capacity).build()
}

#[test]
fn law_nothing_leaks_past_the_capacity() {
    for capacity in [0, 1, 2, 10, 100] {
        let ctx = bounded(plain(), capacity);
        for k in 0..1_000 {
            assert_eq!(now(ctx.run(key(k))).unwrap(), u64::from(k));
            assert!(ctx.len() <= capacity);
        }
        assert_eq!(ctx.len(), capacity);
        assert_eq!(ctx.stats().evicted, 1_000 - capacity);
    }
}

#[test]
fn a_capacity_that_is_never_reached_evicts_nothing() {
    let ctx = bounded(plain(), usize::MAX);
    for k in 0..1_000 {
        now(ctx.run(key(k))).unwrap();
    }
    assert_eq!((ctx.len(), ctx.stats().evicted), (1_000, 0));
}

/// What is in flight comes on top, and is joined as ever.
#[test]
fn law_once_runs_in_flight_are_never_evicted() {
    let gate = Gate::new();
    let ctx = bounded(gated(&gate), 2);
    ctx.insert(key(100), 100);
    ctx.insert(key(101), 101);
    let mut first: Vec<_> = (0..10).map(|k| waiting(&ctx, k)).collect();
    assert_eq!((ctx.len(), ctx.stats().evicted), (12, 0));
    (102..110).for_each(|k| ctx.insert(key(k), 0));
    assert_eq!((ctx.len(), ctx.stats().evicted), (12, 8));
    let mut second: Vec<_> = (0..10).map(|k| waiting(&ctx, k)).collect();
    gate.open();
    for (k, caller) in first.iter_mut().chain(&mut second).enumerate() {
        assert_eq!(caller.outcome().unwrap(), k as u64 % 10);
    }
    assert_eq!((ctx.state().all_runs(), ctx.len()), (10, 2));
}

/// What is asked for again and again stays, however much is asked for once.
#[test]
fn a_scan_does_not_drive_out_what_is_in_use() {
    let ctx = bounded(plain(), 100);
    let hot = || (0..50).for_each(|k| drop(now(ctx.run(key(k)))));
    (0..5).for_each(|_| hot());
    for k in 1_000..11_000 {
        now(ctx.run(key(k))).unwrap();
    }
    hot();
    let again = (0..50).filter(|k| ctx.state().runs(*k) > 1).count();
    assert_eq!(again, 0, "so many of 50 were driven out by 10,000");
}

/// Text weighs its length.
struct Text;

impl Task<App> for Text {
    type Input = usize;
    type Output = String;
    type Error = Error;

    async fn run(_: &Ctx<App>, length: usize) -> Result<String, Error> {
        Ok("x".repeat(length))
    }

    fn weight(length: &usize, text: &String) -> usize {
        assert_eq!(*length, text.len());
        *length
    }
}

fn text(length: usize) -> Call<Text, usize> {
    Call::new(length)
}

fn held(ctx: &Ctx<App>) -> usize {
    let kept = (0..1_000).filter(|length| ctx.peek(&text(*length)).is_some());
    kept.sum()
}

#[test]
fn law_nothing_leaks_past_the_capacity_by_weight() {
    let ctx = bounded(plain(), 1_000);
    for length in (0..200).rev() {
        now(ctx.run(text(length))).unwrap();
        assert!(held(&ctx) <= 1_000);
    }
    let held = held(&ctx);
    assert!(held > 800, "no more than needed had to go: {held}");
}

/// What is heavy and asked for often stays in the end: then several have to go for it.
#[test]
fn law_nothing_leaks_past_the_capacity_several_make_room_for_one() {
    let ctx = bounded(plain(), 1_000);
    for length in (10..30).chain([900; 20]) {
        now(ctx.run(text(length))).unwrap();
        assert!(held(&ctx) <= 1_000, "{}", held(&ctx));
    }
    assert!(ctx.peek(&text(900)).is_some());
    assert!(held(&ctx) > 900, "not all of them");
}

#[test]
fn what_is_too_heavy_goes_to_its_callers_and_drives_out_nothing() {
    let ctx = bounded(plain(), 100);
    (0..50).for_each(|k| drop(now(ctx.run(key(k)))));
    assert_eq!(now(ctx.run(text(101))).unwrap().len(), 101);
    assert!(ctx.peek(&text(101)).is_none());
    assert_eq!((ctx.len(), ctx.stats().evicted), (50, 1));
    assert_eq!(now(ctx.run(text(50))).unwrap().len(), 50);
    assert_eq!((ctx.len(), ctx.stats().evicted), (51, 1));
}

#[test]
fn law_nothing_leaks_what_is_replaced_makes_room() {
    let ctx = bounded(plain(), 2);
    for n in 0..100 {
        ctx.insert(key(1), n);
        ctx.insert(key(2), n);
    }
    assert_eq!((ctx.len(), ctx.stats().evicted), (2, 0));
    assert!(ctx.invalidate(&key(1)));
    ctx.insert(key(3), 3);
    assert_eq!((ctx.len(), ctx.stats().evicted), (2, 0));
}

/// When most of what there was is over, memory is given back, and the rest moves together.
#[test]
fn law_nothing_leaks_past_the_capacity_when_the_rest_has_moved() {
    let clock = ManualClock::new();
    let builder = Ctx::builder(plain()).clock(clock.clone());
    let ctx = builder.ttl(10 * SECOND).capacity(1_000).build();
    for k in 0..900 {
        ctx.insert(key(k), 0);
    }
    clock.advance(SECOND);
    for k in 900..1_000 {
        ctx.insert(key(k), 1);
    }
    clock.advance(9 * SECOND + SECOND / 10);
    for _ in 0..200 {
        ctx.insert(key(999), 1); // sweeps
    }
    assert_eq!((ctx.len(), ctx.stats().expired), (100, 900));
    assert!((900..1_000).all(|k| ctx.peek(&key(k)).is_some()));
    for k in 2_000..4_000 {
        now(ctx.run(key(k))).unwrap();
        assert_eq!(ctx.len(), (k as usize - 1_899).min(1_000));
    }
    assert_eq!(ctx.stats().evicted, 1_100);
}

/// Weighs nothing that can be said.
struct Weightless;

impl Task<App> for Weightless {
    type Input = u64;
    type Output = u64;
    type Error = Error;

    async fn run(_: &Ctx<App>, n: u64) -> Result<u64, Error> {
        Ok(n)
    }

    fn weight(_: &u64, _: &u64) -> usize {
        panic!("it cannot be weighed")
    }
}

/// Where there is room for all, nothing is weighed.
#[test]
fn law_panics_are_outcomes_what_cannot_be_weighed_is_not_remembered() {
    let call = || Call::<Weightless, _>::new(7);
    for (ctx, len) in [(bounded(plain(), 10), 0), (Ctx::new(plain()), 1)] {
        assert_eq!(now(ctx.run(call())).unwrap(), 7);
        assert_eq!(ctx.len(), len);
        ctx.insert(call(), 8);
        assert_eq!(ctx.len(), len);
    }
}

/// Each weighs a hundred more than the one before.
struct Grows;

impl Task<AtomicUsize> for Grows {
    type Input = ();
    type Output = usize;
    type Error = Error;

    async fn run(ctx: &Ctx<AtomicUsize>, (): ()) -> Result<usize, Error> {
        Ok(ctx.state().fetch_add(100, SeqCst))
    }

    fn weight((): &(), weight: &usize) -> usize {
        *weight
    }
}

#[test]
fn a_refresh_that_is_too_heavy_leaves_what_was_there() {
    let ctx = Ctx::builder(AtomicUsize::new(1)).capacity(10).build();
    let call = || Call::<Grows, _>::new(());
    assert_eq!(now(ctx.run(call())).unwrap(), 1);
    assert_eq!(now(ctx.refresh(call())).unwrap(), 101);
    assert_eq!(now(ctx.run(call())).unwrap(), 1);
    assert_eq!((ctx.len(), ctx.stats().evicted), (1, 1));
}
