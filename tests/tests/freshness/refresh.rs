//! Running anew what is remembered, which is served until then; and forgetting in flight where
//! a context forgets by itself.
use crate::clocks::SECOND;
use crate::upstream::{Answer, Failed, fetch, with};
use runce::testing::ManualClock;
use runce::{Ctx, Error, ErrorKind, Retention};
use runce_tests::{App, BoxFuture, Gate, app_with, caller, finish, key, now, waiting};
use std::sync::Arc;
use std::sync::Mutex;

/// Each run waits at the gate that is up, and returns how many there were.
#[derive(Clone)]
pub(crate) struct Gates(Arc<Mutex<Arc<Gate>>>);

impl Gates {
    /// The next runs wait at this one.
    pub(crate) fn next(&self) -> Arc<Gate> {
        let gate = Gate::new();
        *self.0.lock().unwrap() = gate.clone();
        gate
    }

    /// Where runs wait that begin now.
    pub(crate) fn current(&self) -> Arc<Gate> {
        self.0.lock().unwrap().clone()
    }
}

pub(crate) fn counted() -> (App, Gates) {
    let open = Gate::new();
    open.open();
    let gates = Gates(Arc::new(Mutex::new(open)));
    let app = app_with(&gates, |ctx, k, gates| {
        Box::pin(async move {
            let number = ctx.state().runs(k) as u64;
            gates.current().wait().await;
            Ok(number)
        })
    });
    (app, gates)
}

pub(crate) fn refresh(ctx: &Ctx<App>, k: u32) -> BoxFuture<'static> {
    let ctx = ctx.clone();
    Box::pin(async move { ctx.refresh(key(k)).await })
}

/// Contexts that remember all, and one that forgets.
pub(crate) fn each(test: impl Fn(Ctx<App>, Gates)) {
    let (app, gates) = counted();
    test(Ctx::new(app), gates);
    let (app, gates) = counted();
    let builder = Ctx::builder(app).clock(ManualClock::new());
    test(builder.ttl(SECOND).capacity(10).build(), gates);
}

fn run(ctx: &Ctx<App>) -> u64 {
    now(ctx.run(key(1))).unwrap()
}

#[test]
fn what_was_remembered_is_served_until_the_refresh_is_over() {
    each(|ctx, gates| {
        assert_eq!(run(&ctx), 1);
        let gate = gates.next();
        let mut fresh = refresh(&ctx, 1);
        assert!(finish(&mut fresh).is_none());
        assert_eq!((run(&ctx), ctx.len()), (1, 1), "the old one");
        assert_eq!(ctx.peek(&key(1)).unwrap().unwrap(), 1);
        gate.open();
        assert_eq!(now(&mut fresh).unwrap(), 2);
        assert_eq!((run(&ctx), ctx.len(), ctx.state().runs(1)), (2, 1, 2));
    });
}

#[test]
fn law_once_refreshes_share_their_run() {
    each(|ctx, gates| {
        assert_eq!(run(&ctx), 1);
        let gate = gates.next();
        let mut fresh = [refresh(&ctx, 1), refresh(&ctx, 1), refresh(&ctx, 1)];
        fresh
            .iter_mut()
            .for_each(|fresh| assert!(finish(fresh).is_none()));
        gate.open();
        for fresh in &mut fresh {
            assert_eq!(now(fresh).unwrap(), 2);
        }
        assert_eq!((ctx.state().runs(1), ctx.stats().joins), (2, 2));
    });
}

/// Of what is not remembered: the first run is the refresh.
#[test]
fn law_once_a_refresh_joins_the_first_run() {
    each(|ctx, gates| {
        let gate = gates.next();
        let mut first = waiting(&ctx, 1);
        let mut fresh = refresh(&ctx, 1);
        assert!(finish(&mut fresh).is_none());
        gate.open();
        assert_eq!((first.outcome().unwrap(), now(&mut fresh).unwrap()), (1, 1));
        assert_eq!(now(ctx.refresh(key(2))).unwrap(), 1, "or begins it");
        assert_eq!((ctx.state().runs(1), ctx.state().runs(2)), (1, 1));
    });
}

#[test]
fn law_once_survives_its_caller_in_a_refresh_too() {
    each(|ctx, gates| {
        assert_eq!(run(&ctx), 1);
        let gate = gates.next();
        let (mut first, mut second) = (refresh(&ctx, 1), refresh(&ctx, 1));
        assert!(finish(&mut first).is_none() && finish(&mut second).is_none());
        drop(first);
        gate.open();
        assert_eq!(now(&mut second).unwrap(), 2);
        assert_eq!(ctx.state().runs(1), 2);
    });
}

#[test]
fn law_last_caller_out_of_a_refresh_leaves_what_was_there() {
    each(|ctx, gates| {
        assert_eq!(run(&ctx), 1);
        let _gate = gates.next();
        let mut fresh = refresh(&ctx, 1);
        assert!(finish(&mut fresh).is_none());
        drop(fresh);
        assert_eq!((ctx.state().live(), run(&ctx), ctx.len()), (0, 1, 1));
        gates.next().open();
        assert_eq!(now(ctx.refresh(key(1))).unwrap(), 3);
    });
}

/// Forgetting forgets both; who waits for the refresh still has its outcome.
fn forgotten(forget: impl Fn(&Ctx<App>), expected: Option<u64>) {
    each(|ctx, gates| {
        assert_eq!(run(&ctx), 1);
        let gate = gates.next();
        let mut fresh = refresh(&ctx, 1);
        assert!(finish(&mut fresh).is_none());
        forget(&ctx);
        gate.open();
        assert_eq!(now(&mut fresh).unwrap(), 2);
        let known = ctx.peek(&key(1)).map(Result::unwrap);
        assert_eq!(known, expected, "the refresh comes too late");
    });
}

#[test]
fn law_invalidate_in_flight_with_a_refresh() {
    forgotten(|ctx| assert!(ctx.invalidate(&key(1))), None);
    forgotten(Ctx::clear, None);
    forgotten(|ctx| ctx.insert(key(1), 9), Some(9));
}

#[test]
fn a_call_counts_once_with_its_refresh() {
    each(|ctx, gates| {
        assert_eq!(run(&ctx), 1);
        let _gate = gates.next();
        let mut fresh = refresh(&ctx, 1);
        assert!(finish(&mut fresh).is_none());
        assert_eq!(ctx.invalidate_all(key), 1);
    });
}

#[test]
fn law_cancelled_serves_nothing_to_a_refresh() {
    each(|ctx, gates| {
        assert_eq!(run(&ctx), 1);
        let _gate = gates.next();
        let mut fresh = refresh(&ctx, 1);
        assert!(finish(&mut fresh).is_none());
        ctx.cancel();
        assert_eq!(now(&mut fresh).unwrap_err().kind(), ErrorKind::Cancelled);
        assert_eq!(ctx.state().live(), 0);
        let late = now(ctx.refresh(key(1))).unwrap_err();
        assert_eq!(late.kind(), ErrorKind::Cancelled);
    });
}

/// What is over makes way for the refresh in flight: nobody starts another run.
#[test]
fn law_once_a_refresh_is_the_run_when_the_old_is_over() {
    let clock = ManualClock::new();
    let (app, gates) = counted();
    let ctx = Ctx::builder(app).clock(clock.clone()).ttl(SECOND).build();
    assert_eq!(run(&ctx), 1);
    let gate = gates.next();
    let mut fresh = refresh(&ctx, 1);
    assert!(finish(&mut fresh).is_none());
    clock.advance(SECOND);
    let mut late = waiting(&ctx, 1);
    assert!(ctx.peek(&key(1)).is_none());
    gate.open();
    assert_eq!((late.outcome().unwrap(), now(&mut fresh).unwrap()), (2, 2));
    assert_eq!((ctx.state().runs(1), ctx.len()), (2, 1));
    clock.advance(SECOND - crate::clocks::NANO);
    assert_eq!(run(&ctx), 2, "it lasts from its own completion");
}

/// The same if it was evicted, and then all was swept.
#[test]
fn law_once_a_refresh_is_the_run_when_the_old_is_evicted() {
    let clock = ManualClock::new();
    let (app, gates) = counted();
    let builder = Ctx::builder(app).clock(clock.clone());
    let ctx = builder.ttl(SECOND).capacity(1).build();
    assert_eq!(run(&ctx), 1);
    let gate = gates.next();
    let mut fresh = refresh(&ctx, 1);
    assert!(finish(&mut fresh).is_none());
    ctx.insert(key(2), 2);
    ctx.insert(key(3), 3);
    assert!(ctx.peek(&key(1)).is_none(), "evicted");
    clock.advance(10 * SECOND);
    ctx.insert(key(4), 4); // sweeps
    let mut late = waiting(&ctx, 1);
    gate.open();
    assert_eq!((late.outcome().unwrap(), now(&mut fresh).unwrap()), (2, 2));
    assert_eq!(ctx.state().runs(1), 2);
}

#[test]
fn an_error_never_takes_the_place_of_a_value_that_is_not_over() {
    let (ctx, clock) = with(Answer::Value(1), |builder| builder.ttl(SECOND));
    let run = || now(ctx.run(fetch()));
    assert_eq!(run().unwrap(), 1);
    for (answer, kind) in [
        (Answer::Failure("busy"), ErrorKind::Failed),
        (Answer::Panic, ErrorKind::Panicked),
    ] {
        ctx.state().says(answer);
        assert_eq!(now(ctx.refresh(fetch())).unwrap_err().kind(), kind);
        assert_eq!(run().unwrap(), 1, "nothing better is known");
    }
    clock.advance(SECOND);
    ctx.state().says(Answer::Failure("gone"));
    now(ctx.refresh(fetch())).unwrap_err();
    assert_eq!(run().unwrap_err().find(), Some(&Failed("gone")));
    ctx.state().says(Answer::Failure("back in a minute"));
    now(ctx.refresh(fetch())).unwrap_err();
    let found = run().unwrap_err();
    assert_eq!(found.find(), Some(&Failed("back in a minute")));
    assert_eq!((ctx.len(), ctx.state().asked()), (1, 5));
    let stats = ctx.stats();
    assert_eq!((stats.succeeded, stats.failed, stats.panicked), (1, 3, 1));
}

#[test]
fn a_refresh_for_callers_only_leaves_what_was_there() {
    let keep = Arc::new(Mutex::new(Retention::Forever));
    let rule = keep.clone();
    let (ctx, _) = with(Answer::Value(1), |builder| {
        builder.retention(move |_| Some(*rule.lock().unwrap()))
    });
    assert_eq!(now(ctx.run(fetch())).unwrap(), 1);
    *keep.lock().unwrap() = Retention::CallersOnly;
    ctx.state().says(Answer::Value(2));
    assert_eq!(now(ctx.refresh(fetch())).unwrap(), 2);
    assert_eq!(now(ctx.run(fetch())).unwrap(), 1);
}

/// A task that refreshes itself would wait for itself; one that refreshes what it needs
/// does not.
#[test]
fn law_no_deadlock_a_refresh_is_a_wait() {
    let ctx = Ctx::new(runce_tests::app(|ctx, k| {
        Box::pin(async move {
            match k {
                0 => Ok::<_, Error>(0),
                1 => ctx.refresh(key(1)).await,
                k => ctx.refresh(key(k - 2)).await,
            }
        })
    }));
    assert_eq!(now(ctx.run(key(1))).unwrap_err().kind(), ErrorKind::Cycle);
    ctx.insert(key(1), 1);
    assert_eq!(
        now(ctx.refresh(key(1))).unwrap_err().kind(),
        ErrorKind::Cycle
    );
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1, "and is not remembered");
    assert_eq!(now(caller(&ctx, 4)).unwrap(), 0);
}

#[test]
fn law_lazy_an_unpolled_refresh_is_nothing() {
    let (app, _) = counted();
    let ctx = Ctx::new(app);
    assert_eq!(run(&ctx), 1);
    drop(ctx.refresh(key(1)));
    assert_eq!((run(&ctx), ctx.stats().runs), (1, 1));
}
