//! **Time**: what is over is taken out while others look, run, insert and forget.
use crate::time::{Hands, TTL, Watched, forgetful, numbered};
use crate::world::{App, assert_over, block_on, call, caller, model};
use loom::thread;
use runce::Ctx;
use std::sync::atomic::Ordering::SeqCst;

/// Two find the same to be over: it is taken out once, and one run is for both.
fn two_find_it_over(waits: usize) {
    model(move || {
        let (ctx, seen, hands) = forgetful(waits);
        assert_eq!(block_on(caller(&ctx, 1)).unwrap(), 0);
        hands.advance(TTL);
        let other = caller(&ctx, 1);
        let other = thread::spawn(move || block_on(other).unwrap());
        let ours = block_on(ctx.run(call(1))).unwrap();
        assert_eq!((ours, other.join().unwrap()), (1, 1));
        let stats = ctx.stats();
        assert_eq!((seen.runs.load(SeqCst), stats.expired), (2, 1));
        assert_eq!((ctx.len(), stats.in_flight), (1, 0));
        // What was found to be over is no hit.
        assert!(stats.hits <= 1, "{stats:?}");
        assert_eq!(ctx.peek(&call(1)).unwrap().unwrap(), 1);
    });
}

#[test]
fn model_once_when_two_find_it_over() {
    two_find_it_over(1);
}

/// The run is over before the slower of the two comes to take out what it found.
#[test]
fn model_once_the_newer_stays() {
    two_find_it_over(0);
}

/// One finds it to be over while something newer is inserted: that stays.
#[test]
fn model_insert_while_found_over() {
    model(|| {
        let (ctx, seen, hands) = forgetful(1);
        assert_eq!(block_on(caller(&ctx, 1)).unwrap(), 0);
        hands.advance(TTL);
        let other = caller(&ctx, 1);
        let other = thread::spawn(move || block_on(other).unwrap());
        ctx.insert(call(1), 7);
        assert_eq!(ctx.peek(&call(1)).unwrap().unwrap(), 7);
        let theirs = other.join().unwrap();
        assert_eq!(theirs, if seen.runs.load(SeqCst) == 2 { 1 } else { 7 });
        assert_eq!(ctx.peek(&call(1)).unwrap().unwrap(), 7);
        assert_eq!((ctx.len(), ctx.stats().in_flight), (1, 0));
    });
}

/// Forgotten while it completes with a TTL: it is remembered before, or not at all.
#[test]
fn model_invalidate_in_flight_with_ttl() {
    model(|| {
        let (ctx, seen, hands) = forgetful(1);
        let other = caller(&ctx, 1);
        let other = thread::spawn(move || block_on(other).unwrap());
        let forgot = ctx.invalidate(&call(1));
        let ours = block_on(ctx.run(call(1))).unwrap();
        let theirs = other.join().unwrap();
        assert_eq!(forgot, ours != theirs);
        assert_eq!(seen.runs.load(SeqCst), 1 + usize::from(forgot));
        assert_eq!(ctx.peek(&call(1)).unwrap().unwrap(), ours);
        assert_eq!((ctx.len(), ctx.stats().in_flight), (1, 0));
        // It is the one that has an end.
        hands.advance(TTL);
        assert!(ctx.peek(&call(1)).is_none());
    });
}

/// The same, with something newer in its place.
#[test]
fn model_insert_in_flight_with_ttl() {
    model(|| {
        let (ctx, seen, hands) = forgetful(1);
        let other = caller(&ctx, 1);
        let other = thread::spawn(move || block_on(other).unwrap());
        ctx.insert(call(1), 7);
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 7);
        let theirs = other.join().unwrap();
        assert_eq!(theirs, if seen.runs.load(SeqCst) == 1 { 0 } else { 7 });
        assert_eq!(ctx.peek(&call(1)).unwrap().unwrap(), 7);
        assert_eq!((ctx.len(), ctx.stats().in_flight), (1, 0));
        hands.advance(TTL);
        assert!(ctx.peek(&call(1)).is_none());
    });
}

/// Who sees an outcome sees when it is over: nothing is served that was over before.
#[test]
fn model_noted_before_it_is_published() {
    model(|| {
        let (clock, (app, seen)) = (Watched::default(), numbered(0));
        let ctx = Ctx::builder(app).clock(clock.clone()).ttl(TTL).build();
        let other = caller(&ctx, 1);
        let other = thread::spawn(move || block_on(other).unwrap());
        // Was its end known by then?
        if clock.advance(TTL) > 0 {
            assert!(ctx.peek(&call(1)).is_none());
        }
        assert_eq!(other.join().unwrap(), 0);
        assert_over(&ctx, &seen);
    });
}

/// It is over, and swept by another's end, before its outcome is there: its callers get it
/// all the same, and newcomers begin anew.
#[test]
fn model_swept_before_it_is_published() {
    model(|| {
        let (clock, (app, seen)) = (Watched::default(), numbered(0));
        let ctx = Ctx::builder(app).clock(clock.clone()).ttl(TTL).build();
        let other = caller(&ctx, 1);
        let other = thread::spawn(move || block_on(other).unwrap());
        let _ = clock.advance(TTL + TTL);
        let _ = block_on(ctx.run(call(2))).unwrap();
        let swept = ctx.stats().expired == 1;
        let ours = block_on(ctx.run(call(1))).unwrap();
        let theirs = other.join().unwrap();
        assert!(!swept || ours != theirs);
        assert_eq!(seen.runs.load(SeqCst), 2 + usize::from(ours != theirs));
        assert_over(&ctx, &seen);
    });
}

/// What is hit again and again is found without the lock: not by who asks after it was forgotten.
/// Then it is that.
fn forgotten_when_hot(ctx: Ctx<App>, forget: impl Fn(&Ctx<App>), then: u32) {
    for _ in 0..3 {
        assert_eq!(block_on(caller(&ctx, 1)).unwrap(), 0);
    }
    let other = caller(&ctx, 1);
    let other = thread::spawn(move || block_on(other).unwrap());
    forget(&ctx);
    assert_eq!(block_on(ctx.run(call(1))).unwrap(), then);
    let theirs = other.join().unwrap();
    assert!(theirs == 0 || theirs == then);
    // It is hot by now, where it was not.
    assert_eq!(block_on(ctx.run(call(1))).unwrap(), then);
    let stats = ctx.stats();
    let runs = 1 + usize::from(then == 1);
    assert_eq!((stats.runs, stats.in_flight), (runs, 0));
    assert!(stats.hits >= 3, "{stats:?}");
}

fn forgotten_for_ever_when_hot(forget: fn(&Ctx<App>), then: u32) {
    model(move || {
        let (app, _) = numbered(0);
        forgotten_when_hot(Ctx::new(app), forget, then);
    });
}

fn forgotten_with_ttl_when_hot(forget: fn(&Ctx<App>, &Hands), then: u32) {
    model(move || {
        let (ctx, _, hands) = forgetful(0);
        forgotten_when_hot(ctx, |ctx| forget(ctx, &hands), then);
    });
}

#[test]
fn model_invalidate_when_hot() {
    forgotten_for_ever_when_hot(|ctx| assert!(ctx.invalidate(&call(1))), 1);
}

#[test]
fn model_insert_when_hot() {
    forgotten_for_ever_when_hot(|ctx| ctx.insert(call(1), 7), 7);
}

#[test]
fn model_invalidate_when_hot_with_ttl() {
    forgotten_with_ttl_when_hot(|ctx, _| assert!(ctx.invalidate(&call(1))), 1);
}

#[test]
fn model_ttl_when_hot() {
    forgotten_with_ttl_when_hot(|_, hands| hands.advance(TTL), 1);
}

#[test]
fn model_refresh_when_hot() {
    let refresh = |ctx: &Ctx<App>, _: &Hands| {
        assert_eq!(block_on(ctx.refresh(call(1))).unwrap(), 1);
    };
    forgotten_with_ttl_when_hot(refresh, 1);
}

/// Two put the same there, while it grows.
#[test]
fn model_once_when_hot() {
    model(|| {
        let (app, seen) = numbered(0);
        let ctx = Ctx::new(app);
        for n in [1, 1, 2, 2] {
            assert_eq!(block_on(caller(&ctx, n)).unwrap(), u32::from(n > 1));
        }
        let calls = [1, 3].map(|n| caller(&ctx, n));
        let other = thread::spawn(move || calls.map(|call| block_on(call).unwrap()));
        assert_eq!(block_on(ctx.run(call(2))).unwrap(), 1);
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 0);
        assert_eq!(other.join().unwrap(), [0, 2]);
        assert_eq!((seen.runs.load(SeqCst), ctx.stats().hits), (3, 5));
    });
}
