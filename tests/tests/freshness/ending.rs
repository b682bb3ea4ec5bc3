//! Refreshes in flight when a context ends, or when what they stand beside does.
use crate::clocks::SECOND;
use crate::refresh::{Gates, counted, each, refresh};
use runce::testing::{ManualClock, Seeded};
use runce::{Ctx, ErrorKind};
use runce_tests::{App, finish, key, now, waiting};

/// What is forgotten in flight is found all the same.
#[test]
fn law_cancelled_serves_nothing_to_a_refresh_that_was_forgotten() {
    let forget: [fn(&Ctx<App>); 3] = [
        |ctx| assert!(ctx.invalidate(&key(1))),
        Ctx::clear,
        |ctx| ctx.insert(key(1), 9),
    ];
    for forget in forget {
        let (app, gates) = counted();
        let ctx = Ctx::new(app);
        assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
        let _gate = gates.next();
        let mut fresh = refresh(&ctx, 1);
        assert!(finish(&mut fresh).is_none());
        forget(&ctx);
        assert_eq!(ctx.state().live(), 1, "it goes on");
        ctx.cancel();
        assert_eq!(ctx.state().live(), 0);
        assert_eq!(now(&mut fresh).unwrap_err().kind(), ErrorKind::Cancelled);
    }
}

fn with_deadline() -> (Ctx<App>, Gates, Seeded) {
    let ((app, gates), runtime) = (counted(), Seeded::new(1));
    let builder = Ctx::builder(app).runtime(runtime.clone());
    (builder.deadline(60 * SECOND).build(), gates, runtime)
}

/// It is dropped with the other runs, none begins, and what was remembered is served.
#[test]
fn a_context_past_its_deadline_refreshes_nothing() {
    let (ctx, gates, runtime) = with_deadline();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    let _gate = gates.next();
    let error = runtime.block_on(ctx.refresh(key(1))).unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    assert_eq!(runtime.clock().now(), 60 * SECOND);
    assert_eq!((ctx.state().live(), ctx.stats().in_flight), (0, 0));
    gates.next().open();
    let error = now(ctx.refresh(key(1))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded, "nothing begins");
    assert_eq!((now(ctx.run(key(1))).unwrap(), ctx.state().runs(1)), (1, 2));
}

/// The same while somebody else still holds on to the refresh.
#[test]
fn a_context_past_its_deadline_drops_refreshes_that_nobody_polls() {
    let (ctx, gates, runtime) = with_deadline();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    let _gate = gates.next();
    let mut fresh = refresh(&ctx, 1);
    assert!(finish(&mut fresh).is_none());
    runtime
        .block_on(runtime.clock().sleep(61 * SECOND))
        .unwrap();
    assert_eq!(ctx.state().live(), 0);
    let error = now(&mut fresh).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
}

/// A limit on a refresh ends that, and nothing else.
#[test]
fn a_refresh_that_takes_too_long_leaves_what_was_there() {
    let ((app, gates), clock) = (counted(), ManualClock::new());
    let builder = Ctx::builder(app).timer(clock.clone());
    let ctx = builder.limit(SECOND).build();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    let _gate = gates.next();
    let mut fresh = refresh(&ctx, 1);
    assert!(finish(&mut fresh).is_none());
    clock.advance(SECOND);
    assert_eq!(now(&mut fresh).unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!((ctx.state().live(), ctx.len()), (0, 1));
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    gates.next().open();
    assert_eq!(now(ctx.refresh(key(1))).unwrap(), 3);
}

#[test]
fn law_cancelled_serves_nothing_that_is_inserted_later() {
    each(|ctx, _| {
        ctx.cancel();
        ctx.insert(key(1), 9);
        assert!(ctx.is_empty() && ctx.peek(&key(1)).is_none());
    });
}

/// Somebody else's call removes the old, and the refresh has its place.
#[test]
fn law_once_a_refresh_is_the_run_when_the_old_is_swept() {
    let ((app, gates), clock) = (counted(), ManualClock::new());
    let builder = Ctx::builder(app).clock(clock.clone());
    let ctx = builder.ttl(SECOND).build();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    let gate = gates.next();
    let mut fresh = refresh(&ctx, 1);
    assert!(finish(&mut fresh).is_none());
    clock.advance(10 * SECOND);
    ctx.insert(key(2), 2);
    assert_eq!((ctx.len(), ctx.stats().expired), (2, 1));
    let mut late = waiting(&ctx, 1);
    gate.open();
    assert_eq!((late.outcome().unwrap(), now(&mut fresh).unwrap()), (2, 2));
    assert_eq!(ctx.state().runs(1), 2);
}
