//! What fails, panics, or would wait for itself: the first error, or every outcome.
use crate::{gated, gates, keys};
use runce::{Ctx, Error, ErrorKind, task};
use runce_tests::{Way, app, caller, key, now, poll};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

/// | calls, in order of position | gates opened, in order of time | error |
/// |---|---|---|
/// | 100, 101, 102 | 2, then 0, and only then it is polled | 102 |
#[test]
fn the_first_error_is_that_in_order_of_time() {
    for way in Way::all() {
        let gates = gates(3);
        let ctx = way.ctx(gated(&gates));
        let mut group = Box::pin(ctx.run_parallel([100, 101, 102].map(key)));
        assert!(way.finish(&mut group).is_none());
        gates[2].open();
        if let Some(hand) = &way.0 {
            hand.go();
        }
        gates[0].open();
        let error = way.finish(&mut group).unwrap().unwrap_err();
        assert_eq!(format!("{error:#}"), "task `failure(102)` failed: no 102");
    }
}

#[test]
fn law_cancellation_is_not_an_outcome_a_failure_takes_the_interest_in_its_siblings() {
    for way in Way::all() {
        let gates = gates(3);
        let ctx = way.ctx(gated(&gates));
        let mut wanted = caller(&ctx, 1);
        assert!(way.finish(&mut wanted).is_none());
        let mut group = Box::pin(ctx.run_parallel((key(0), key(1), key(102))));
        assert!(way.finish(&mut group).is_none());
        assert_eq!(ctx.state().live(), 3);
        gates[2].open();
        assert!(way.finish(&mut group).unwrap().is_err());
        // At once: the future of the group is still there.
        assert_eq!(ctx.state().live(), 1, "only what another wants is left");
        assert!(ctx.peek(&key(0)).is_none());
        assert_eq!(ctx.len(), 2, "the failure, and what another wants");
        gates[1].open();
        assert_eq!(way.finish(&mut wanted).unwrap().unwrap(), 1);
        gates[0].open();
        assert_eq!(way.now(ctx.run(key(0))).unwrap(), 0);
        assert_eq!((ctx.state().runs(0), ctx.state().runs(1)), (2, 1));
        drop(group);
    }
}

#[test]
fn settled_tells_every_outcome() {
    for way in Way::all() {
        let gates = gates(3);
        let ctx = way.ctx(gated(&gates));
        let calls = (key(0), key(101), Some(key(2)), Some(key(101)));
        let mut group = Box::pin(ctx.run_settled(calls));
        gates[1].open();
        assert!(way.finish(&mut group).is_none(), "a failure ends nothing");
        assert_eq!(ctx.state().live(), 2);
        gates[2].open();
        gates[0].open();
        let (zero, failed, two, again) = way.finish(&mut group).unwrap();
        assert_eq!((zero.unwrap(), two.unwrap()), (0, Some(2)));
        let text = "task `failure(101)` failed: no 101";
        assert_eq!(format!("{:#}", failed.unwrap_err()), text);
        assert_eq!(format!("{:#}", again.unwrap_err()), text);

        let [five, failed] = way.now(ctx.run_settled([key(5), key(101)]));
        assert_eq!((five.unwrap(), failed.is_err()), (5, true));
        let vec = way.now(ctx.run_settled(keys([7, 103])));
        assert_eq!(
            (vec.len(), vec[0].is_ok(), vec[1].is_ok()),
            (2, true, false)
        );
    }
}

#[test]
fn law_cancelled_serves_nothing_settled_says_so_for_each() {
    for way in Way::all() {
        let gates = gates(2);
        let ctx = way.ctx(gated(&gates));
        let mut group = Box::pin(ctx.run_settled((key(0), key(1), key(5))));
        assert!(way.finish(&mut group).is_none());
        ctx.cancel();
        let (zero, one, five) = way.finish(&mut group).unwrap();
        let cancelled = |outcome: Result<u64, Error>| outcome.unwrap_err().kind();
        assert_eq!(cancelled(zero), ErrorKind::Cancelled);
        assert_eq!(cancelled(one), ErrorKind::Cancelled);
        assert_eq!(five.unwrap(), 5, "it was over before");
        for outcome in way.now(ctx.run_settled([5, 6].map(key))) {
            assert_eq!(cancelled(outcome), ErrorKind::Cancelled);
        }
        let error = way.now(ctx.run_parallel([5, 6].map(key))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
    }
}

#[test]
fn law_no_deadlock_through_groups() {
    for way in Way::all() {
        let ctx = way.ctx(app(|ctx, k| {
            Box::pin(async move {
                match k {
                    0 => ctx.run_settled((key(1), key(2))).await.0,
                    1 => Ok(ctx.run_each([key(2)]).await?[0]),
                    _ => Ok(ctx.run_parallel([Some(key(0))]).await?[0].unwrap_or(0)),
                }
            })
        }));
        let error = way.now(ctx.run(key(0))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cycle);
        assert_eq!((ctx.len(), ctx.state().live()), (0, 0));
    }
}

/// What a failed group has of outputs is dropped by us, not by its caller.
#[test]
fn law_panics_are_outcomes_a_failed_group_drops_outputs_quietly() {
    #[derive(Clone)]
    struct Bad(bool);
    impl Drop for Bad {
        fn drop(&mut self) {
            assert!(!self.0, "bad drop");
        }
    }
    let ctx = Ctx::new(gated(&[]));
    let bad = || key(1).erase().map(|_| Bad(true));
    let group = ctx.run_parallel((bad(), key(101), key(2).erase().map(|_| Bad(false))));
    let error = now(group).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed);
}

/// Panics when it is dropped.
#[derive(Clone)]
struct Bad;

impl Drop for Bad {
    fn drop(&mut self) {
        panic!("bad drop")
    }
}

/// One is ready, the other never.
#[task]
async fn bad(ready: bool) -> Bad {
    if !ready {
        std::future::pending::<()>().await;
    }
    Bad
}

#[test]
fn law_panics_are_outcomes_and_do_not_come_out_of_a_group_that_is_dropped() {
    let ctx = Ctx::new(());
    let mut array = Box::pin(ctx.run_parallel([true, false].map(bad)));
    let mut vec = Box::pin(ctx.run_parallel(vec![bad(true), bad(false)]));
    let mut tuple = Box::pin(ctx.run_parallel((bad(true), bad(false))));
    let waker = Waker::noop();
    assert!(poll(&mut array, waker).is_pending());
    assert!(poll(&mut vec, waker).is_pending());
    assert!(poll(&mut tuple, waker).is_pending());
    let dropped = catch_unwind(AssertUnwindSafe(|| drop((array, vec, tuple))));
    assert!(dropped.is_ok());
}
