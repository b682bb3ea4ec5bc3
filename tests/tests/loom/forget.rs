//! **Time**: what is over is taken out while others look, run, insert and forget.
use crate::time::{TTL, forgetful};
use crate::world::{block_on, call, caller, model};
use loom::thread;
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
