//! `invalidate_in_flight`: forgetting one call, or all, while runs are in flight. And what
//! users rely on besides: statistics, auto traits, sizes.
#![allow(missing_docs, clippy::unwrap_used)]

use runce::{Ctx, ErrorKind, Stats};
use runce_tests::{App, Gate, caller, gated, key, now, waiting};

/// Two runs of a key, of which the first was forgotten in flight.
fn forgotten_in_flight(forget: fn(&Ctx<App>)) {
    let gate = Gate::new();
    let ctx = Ctx::new(gated(&gate));
    let mut old = waiting(&ctx, 1);
    forget(&ctx);
    assert_eq!(ctx.len(), 0);
    let mut new = waiting(&ctx, 1);
    gate.open();
    assert_eq!(old.outcome().unwrap(), 1);
    assert!(ctx.peek(&key(1)).is_none(), "the old outcome is not kept");
    assert_eq!(new.outcome().unwrap(), 1);
    assert_eq!(ctx.peek(&key(1)).unwrap().unwrap(), 1);
    assert_eq!((ctx.state().runs(1), ctx.len()), (2, 1));
}

#[test]
fn law_invalidate_in_flight() {
    forgotten_in_flight(|ctx| assert!(ctx.invalidate(&key(1))));
}

#[test]
fn law_invalidate_in_flight_by_clear() {
    forgotten_in_flight(Ctx::clear);
}

/// Also in a context that forgets by itself.
fn forgotten_and_cancelled(forget: fn(&Ctx<App>)) {
    let bounded = Ctx::builder(gated(&Gate::new())).capacity(100).build();
    for ctx in [Ctx::new(gated(&Gate::new())), bounded] {
        let mut old = waiting(&ctx, 1);
        forget(&ctx);
        ctx.cancel();
        assert_eq!(old.outcome().unwrap_err().kind(), ErrorKind::Cancelled);
        assert_eq!(ctx.state().live(), 0);
    }
}

#[test]
fn law_invalidate_in_flight_is_found_by_cancel() {
    forgotten_and_cancelled(|ctx| assert!(ctx.invalidate(&key(1))));
}

#[test]
fn law_invalidate_in_flight_by_clear_is_found_by_cancel() {
    forgotten_and_cancelled(Ctx::clear);
}

/// The list of those that were forgotten is tidied now and then: what is in flight stays in it.
#[test]
fn law_invalidate_in_flight_many_are_found_by_cancel() {
    let ctx = Ctx::new(gated(&Gate::new()));
    let mut old: Vec<_> = (0..50).map(|k| waiting(&ctx, k)).collect();
    (0..50).for_each(|k| assert!(ctx.invalidate(&key(k))));
    ctx.cancel();
    for caller in &mut old {
        assert_eq!(caller.outcome().unwrap_err().kind(), ErrorKind::Cancelled);
    }
    assert_eq!(ctx.state().live(), 0);
}

/// Removal is by identity: the old run, dropped late, leaves the new one its place.
#[test]
fn law_invalidate_in_flight_old_run_does_not_remove_the_new() {
    let ctx = Ctx::new(gated(&Gate::new()));
    let old = waiting(&ctx, 1);
    assert!(ctx.invalidate(&key(1)));
    let new = waiting(&ctx, 1);
    drop(old);
    assert_eq!((ctx.len(), ctx.state().live()), (1, 1));
    let third = waiting(&ctx, 1);
    assert_eq!(ctx.state().runs(1), 2, "the third joined the second");
    drop((new, third));
}

#[test]
fn stats_tell_what_happened() {
    let gate = Gate::new();
    let ctx = Ctx::new(gated(&gate));
    let (mut first, _second) = (waiting(&ctx, 1), waiting(&ctx, 1));
    let Stats {
        runs,
        joins,
        in_flight,
        ..
    } = ctx.stats();
    assert_eq!((runs, joins, in_flight), (1, 1, 1));
    gate.open();
    first.outcome().unwrap();
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
    assert_eq!(size_of::<Ctx<App>>(), 16);
    assert_eq!(size_of::<runce::Error>(), 8);
    let ctx = Ctx::new(gated(&Gate::new()));
    assert!(size_of_val(&ctx.run(key(1))) <= 48);
}
