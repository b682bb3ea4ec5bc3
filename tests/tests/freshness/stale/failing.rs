//! Served where nothing newer can be had.
use super::{alone, down};
use crate::clocks::{NANO, SECOND};
use crate::refresh::{counted, refresh};
use crate::upstream::{Answer, Clocked, Failed, Upstream, fetch, with};
use runce::testing::ManualClock;
use runce::{Ctx, ErrorKind};
use runce_tests::{App, Gate, Waiting, app_with, finish, key, now, waiting};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Fresh for a second, of use for five more if there is nothing newer.
fn robust(more: impl FnOnce(Clocked) -> Clocked) -> (Ctx<Upstream>, ManualClock) {
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
    let (ctx, _, gates) = alone(|builder| builder.stale_if_error(5 * SECOND));
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

/// It was slow to look: by then another has tried again, and succeeded.
#[test]
fn who_waited_for_what_failed_is_served_what_is_newer() {
    let (gate, clock) = (Gate::new(), ManualClock::new());
    let app = app_with(&gate, |ctx, k, gate| {
        Box::pin(async move {
            match ctx.state().runs(k) {
                2 => {
                    gate.wait().await;
                    ctx.run(down()).await
                }
                runs => Ok(runs as u64),
            }
        })
    });
    let builder = Ctx::builder(app).clock(clock.clone()).ttl(SECOND);
    let builder = builder.stale_if_error(9 * SECOND).retry_after(SECOND);
    let ctx = builder.build();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    clock.advance(SECOND);
    let (mut slow, mut other) = (waiting(&ctx, 1), waiting(&ctx, 1));
    gate.open();
    assert_eq!(other.outcome().unwrap(), 1);
    clock.advance(SECOND);
    assert_eq!(now(ctx.run(key(1))).unwrap(), 3);
    assert_eq!(slow.outcome().unwrap(), 3);
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

/// What takes its place goes before it, and so does that nothing does.
#[test]
fn law_invalidate_in_flight_what_is_stale_is_served_no_more() {
    type Edit = fn(&Ctx<App>);
    let edits: [(Edit, Option<u64>); 3] = [
        (|ctx| assert!(ctx.invalidate(&key(1))), None),
        (Ctx::clear, None),
        (|ctx| ctx.insert(key(1), 77), Some(77)),
    ];
    for (edit, served) in edits {
        let (ctx, _, gate) = failing();
        let mut waits = waiting(&ctx, 1);
        edit(&ctx);
        gate.open();
        match (waits.outcome(), served) {
            (Ok(value), Some(served)) => assert_eq!(value, served),
            (Err(error), None) => assert_eq!(error.kind(), ErrorKind::Failed, "of its own run"),
            other => panic!("{other:?}"),
        }
    }
}

/// Another context, in which a run asked, was cancelled: that says nothing of the upstream.
#[test]
fn law_cancellation_is_not_an_outcome_and_begins_no_pause() {
    let (other, clock) = (Ctx::new(()), ManualClock::new());
    other.cancel();
    let app = app_with(&other, |ctx, k, other| {
        Box::pin(async move {
            match ctx.state().runs(k) {
                1 => Ok(1),
                _ => other.run(down()).await,
            }
        })
    });
    let builder = Ctx::builder(app).clock(clock.clone()).ttl(SECOND);
    let builder = builder.stale_if_error(SECOND).retry_after(SECOND);
    let ctx = builder.build();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    clock.advance(SECOND);
    for runs in 2..5 {
        assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
        assert_eq!(ctx.state().runs(1), runs, "tried each time");
    }
}

/// An error whose destructor panics.
#[derive(Debug)]
struct Bad;

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bad")
    }
}

impl std::error::Error for Bad {}

impl Drop for Bad {
    fn drop(&mut self) {
        panic!("bad drop");
    }
}

#[runce::task]
async fn breaks(ctx: &Ctx<()>) -> Result<u64, Bad> {
    match ctx.stats().runs {
        1 => Ok(1),
        _ => Err(Bad),
    }
}

/// What is not told goes, and does not unwind into who is served something else.
#[test]
fn law_panics_are_outcomes_and_a_failure_that_goes_does_not_unwind_into_a_caller() {
    let clock = ManualClock::new();
    let builder = Ctx::builder(()).clock(clock.clone()).ttl(SECOND);
    let ctx = builder.stale_if_error(5 * SECOND).build();
    assert_eq!(now(ctx.run(breaks())).unwrap(), 1);
    clock.advance(SECOND);
    let asked = AssertUnwindSafe(|| now(ctx.run(breaks())).unwrap());
    assert_eq!(catch_unwind(asked).expect("it unwinds"), 1);
}
