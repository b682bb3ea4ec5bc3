//! Groups: all outputs, the first error, all outcomes; with and without an executor.
#![allow(missing_docs, clippy::unwrap_used)]

use runce::{Call, Ctx, Error, ErrorKind, task};
use runce_tests::{App, Gate, Hand, Way, app, app_with, caller, counter, key, now, poll};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Waker;

/// Key `k` waits for gate `k`, then gives `k`; from 100 on it fails instead.
fn gated(gates: &[Arc<Gate>]) -> App {
    let gates = gates.to_vec();
    app(move |_, k| {
        let gate = gates.get(k as usize % 100).cloned();
        Box::pin(async move {
            if let Some(gate) = gate {
                gate.wait().await;
            }
            match k {
                100.. => Err(fails(k)),
                _ => Ok(u64::from(k)),
            }
        })
    })
}

fn fails(k: u32) -> Error {
    let ctx = Ctx::new(());
    now(ctx.run(failure(k))).unwrap_err()
}

#[task]
async fn failure(k: u32) -> Result<(), String> {
    Err(format!("no {k}"))
}

fn gates(count: usize) -> Vec<Arc<Gate>> {
    (0..count).map(|_| Gate::new()).collect()
}

fn keys(keys: impl IntoIterator<Item = u32>) -> Vec<Call<runce_tests::Key, u32>> {
    keys.into_iter().map(key).collect()
}

#[test]
fn law_lazy_a_group_reserves_nothing_before_its_first_poll() {
    for way in Way::all() {
        let ctx = way.ctx(gated(&[]));
        let tuple = ctx.run_parallel((key(1), key(2)));
        let each = ctx.run_each([1, 2].map(key));
        let settled = ctx.run_settled([key(1), key(2)]);
        let erased = ctx.run_erased(key(1).erase());
        assert_eq!((ctx.len(), ctx.state().all_runs()), (0, 0));
        drop((tuple, each, settled, erased));
    }
}

#[test]
fn outputs_come_in_the_order_of_the_calls() {
    for way in Way::all() {
        let gates = gates(4);
        let ctx = way.ctx(gated(&gates));
        let mut tuple = Box::pin(ctx.run_parallel((key(0), key(1), key(2), key(3))));
        let mut array = Box::pin(ctx.run_parallel([key(3), key(1)]));
        let mut vec = Box::pin(ctx.run_parallel(keys([2, 3])));
        let mut each = Box::pin(ctx.run_each((0..4).rev().map(key)));
        for k in [3, 1, 2] {
            assert!(way.finish(&mut tuple).is_none());
            gates[k].open();
        }
        assert_eq!(way.finish(&mut array).unwrap().unwrap(), [3, 1]);
        assert_eq!(way.finish(&mut vec).unwrap().unwrap(), [2, 3]);
        assert!(way.finish(&mut each).is_none());
        gates[0].open();
        assert_eq!(way.finish(&mut tuple).unwrap().unwrap(), (0, 1, 2, 3));
        assert_eq!(way.finish(&mut each).unwrap().unwrap(), [3, 2, 1, 0]);
    }
}

#[test]
fn twelve_different_members() {
    let ctx = Ctx::new(gated(&[]));
    let none: Option<Call<runce_tests::Key, u32>> = None;
    let some = Some(key(10));
    let twelve = (
        key(1),
        key(2),
        key(3),
        key(4),
        key(5),
        key(6),
        key(7),
        key(8),
        key(9),
        some,
        none,
        key(12).erase().map(|twelve| twelve.to_string()),
    );
    let outputs = now(ctx.run_parallel(twelve)).unwrap();
    let all = (1, 2, 3, 4, 5, 6, 7, 8, 9, Some(10), None, "12".to_string());
    assert_eq!(outputs, all);
}

#[test]
fn law_once_equal_calls_of_a_group_run_once() {
    for way in Way::all() {
        let gates = gates(2);
        let ctx = way.ctx(gated(&gates));
        let mut group = Box::pin(ctx.run_parallel([1, 1, 0, 1].map(key)));
        assert!(way.finish(&mut group).is_none());
        gates[1].open();
        gates[0].open();
        assert_eq!(way.finish(&mut group).unwrap().unwrap(), [1, 1, 0, 1]);
        assert_eq!((ctx.state().runs(1), ctx.state().runs(0)), (1, 1));
    }
}

#[test]
fn an_empty_group_is_done_at_once() {
    for way in Way::all() {
        let ctx = way.ctx(gated(&[]));
        let (_, waker) = counter();
        let mut vec = Box::pin(ctx.run_parallel(keys([])));
        assert!(poll(&mut vec, &waker).map(Result::unwrap).is_ready());
        let mut array = Box::pin(ctx.run_parallel([0_u32; 0].map(key)));
        assert!(poll(&mut array, &waker).map(Result::unwrap).is_ready());
        let mut each = Box::pin(ctx.run_each((0..0).map(key)));
        assert!(poll(&mut each, &waker).map(Result::unwrap).is_ready());
        let mut settled = Box::pin(ctx.run_settled(keys([])));
        assert!(poll(&mut settled, &waker).is_ready());
    }
}

#[test]
fn a_member_that_is_none_is_done_at_once() {
    for way in Way::all() {
        let gates = gates(1);
        let ctx = way.ctx(gated(&gates));
        let mut group = Box::pin(ctx.run_parallel([None, Some(key(0)), None]));
        assert!(way.finish(&mut group).is_none());
        gates[0].open();
        let outputs = way.finish(&mut group).unwrap().unwrap();
        assert_eq!(outputs, [None, Some(0), None]);
        let none = now(ctx.run_parallel([None::<Call<runce_tests::Key, u32>>])).unwrap();
        assert_eq!(none, [None]);
        let error = way
            .now(ctx.run_parallel((None::<Call<runce_tests::Key, u32>>, Some(key(101)))))
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Failed);
    }
}

/// All but the first are the executor's to start; what runs nothing is not the first.
#[test]
fn the_first_member_that_runs_is_started_by_its_caller() {
    let hand = Hand::default();
    let ctx = Ctx::builder(gated(&[])).executor(hand.clone()).build();
    let (_, waker) = counter();
    let mut one = Box::pin(ctx.run_parallel([None, Some(key(1))]));
    assert!(poll(&mut one, &waker).is_ready());
    assert_eq!(hand.spawned(), 0);
    let mut two = Box::pin(ctx.run_parallel([Some(key(2)), Some(key(3))]));
    assert!(poll(&mut two, &waker).is_pending());
    assert_eq!((ctx.state().runs(2), ctx.state().runs(3)), (1, 0));
    hand.go();
    assert!(poll(&mut two, &waker).is_ready());
}

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
fn law_last_caller_out_dropping_a_group_drops_its_runs() {
    for way in Way::all() {
        let ctx = way.ctx(gated(&gates(3)));
        let mut group = Box::pin(ctx.run_settled([0, 1, 2].map(key)));
        assert!(way.finish(&mut group).is_none());
        assert_eq!(ctx.state().live(), 3);
        drop(group);
        assert_eq!((ctx.state().live(), ctx.len()), (0, 0));
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

/// Keys 2 and 3 are groups of 1 and 0, and of 1 and 2; key 4 is one of 2, 3 and 3.
#[test]
fn law_once_in_nested_groups() {
    for way in Way::all() {
        let gates = gates(2);
        let opened = gates.clone();
        let ctx = way.ctx(app(move |ctx, k| {
            let gates = gates.clone();
            Box::pin(async move {
                match k {
                    2 => Ok(ctx.run_each((0..2).map(key)).await?.iter().sum()),
                    3 => {
                        let (one, two) = ctx.run_parallel((key(1), Some(key(2)))).await?;
                        Ok(one + two.unwrap_or(0))
                    }
                    4 => {
                        let calls = [key(2).erase(), key(3).erase(), key(3).erase()];
                        let all = ctx.run_settled(calls).await;
                        all.into_iter().sum()
                    }
                    k => {
                        gates[k as usize].wait().await;
                        Ok(10 + u64::from(k))
                    }
                }
            })
        }));
        let mut top = caller(&ctx, 4);
        assert!(way.finish(&mut top).is_none());
        opened[1].open();
        assert!(way.finish(&mut top).is_none());
        opened[0].open();
        let two = 10 + 11;
        let three = 11 + two;
        assert_eq!(way.finish(&mut top).unwrap().unwrap(), two + 2 * three);
        assert_eq!(ctx.state().all_runs(), 5);
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

#[test]
fn futures_of_groups_are_send() {
    fn is_send<F: Future + Send>(_: F) {}
    let ctx = Ctx::new(gated(&[]));
    is_send(ctx.run_parallel((key(1), None::<Call<runce_tests::Key, u32>>)));
    is_send(ctx.run_each((0..2).map(key)));
    is_send(ctx.run_settled([key(1).erase()]));
    is_send(ctx.run_erased(key(1).erase().map(|n| n.to_string())));
    is_send(async {
        let ids = [1, 2];
        let calls = ids.iter().map(|id| key(*id));
        ctx.run_each(calls).await
    });
}

/// How many calls the context knows of as the body of the first member begins.
fn known_as_the_first_begins(begin: impl FnOnce(&Ctx<App>)) -> usize {
    let known = Arc::default();
    let state = app_with(&known, |ctx, k, known: Arc<AtomicUsize>| {
        Box::pin(async move {
            if k == 0 {
                known.store(ctx.len(), SeqCst);
            }
            Ok(u64::from(k))
        })
    });
    begin(&Way(Some(Hand::default())).ctx(state));
    known.load(SeqCst)
}

fn once<F: Future>(future: F) {
    let _ = poll(&mut Box::pin(future), Waker::noop());
}

/// The first is polled by the caller, and may block: the executor has the others by then.
#[test]
fn what_the_executor_starts_goes_before_what_the_caller_polls() {
    let known = [
        known_as_the_first_begins(|ctx| once(ctx.run_parallel((key(0), key(1))))),
        known_as_the_first_begins(|ctx| once(ctx.run_parallel([key(0), key(1)]))),
        known_as_the_first_begins(|ctx| once(ctx.run_parallel(keys([0, 1])))),
        known_as_the_first_begins(|ctx| once(ctx.run_each([0, 1].map(key)))),
        known_as_the_first_begins(|ctx| once(ctx.run_settled([0, 1].map(key)))),
        known_as_the_first_begins(|ctx| once(ctx.run_parallel([Some(key(0)), Some(key(1))]))),
        known_as_the_first_begins(|ctx| once(ctx.run_parallel([0, 1].map(|k| key(k).erase())))),
        known_as_the_first_begins(|ctx| {
            once(ctx.run_parallel([0, 1].map(|k| key(k).erase().map(|n| n + 1))));
        }),
    ];
    assert_eq!(known, [2; 8]);
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
